import { Alert, Box, IconButton, Link, ListSubheader, Menu, MenuItem, Paper, Typography } from '@mui/material';
import MoveIcon from '@mui/icons-material/OpenWith';
import { useRef, useState, type DragEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { RaRecord } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { useT } from '../../i18n';

/** `count` is how many there are: more than `cards` when not all are shown; `more` is where they all are. */
export type Column = { id: string; label: string; cards: RaRecord[]; count: number; total?: ReactNode; more?: string };
/** Null: moved. Else why not. */
export type Move = (card: RaRecord, to: Column) => Promise<string | null>;

type Props = {
  resource: string;
  label: string;
  columns: Column[];
  titleOf: (card: RaRecord) => string;
  body: (card: RaRecord) => ReactNode;
  /** The columns a card may be moved to. */
  targets: (card: RaRecord, from: Column) => Column[];
  move: Move;
};
type Held = { card: RaRecord; from: Column };
type Refused = { id: unknown; why: string } | null;

type CardProps = Pick<Props, 'resource' | 'titleOf' | 'body'> & {
  card: RaRecord;
  movable: boolean;
  busy: boolean;
  refused: Refused;
  onKey: (e: KeyboardEvent) => void;
  onMenu: (anchor: HTMLElement) => void;
  onHold: () => void;
  onRelease: () => void;
  onRead: () => void;
};

function Card({ resource, card, titleOf, body, movable, busy, refused, onKey, onMenu, onHold, onRelease, onRead }: CardProps) {
  const t = useT();
  const why = refused?.id === card.id ? refused.why : null;
  return (
    <Box
      component="li"
      data-card={String(card.id)}
      draggable={movable}
      onDragStart={(e: DragEvent) => {
        e.dataTransfer.effectAllowed = 'move';
        e.dataTransfer.setData('text/plain', String(card.id));
        onHold();
      }}
      onDragEnd={onRelease}
      sx={{ p: 1, border: 1, borderColor: why ? 'error.main' : 'divider', borderRadius: 1, backgroundColor: 'background.paper', opacity: busy ? 0.5 : 1, cursor: movable ? 'grab' : 'default' }}
    >
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 0.5, alignItems: 'flex-start' }}>
        <Link component={RouterLink} to={`/${resource}/${String(card.id)}/show`} draggable={false} onKeyDown={onKey} sx={{ fontWeight: 600, overflowWrap: 'anywhere', fontSize: '0.875rem' }}>
          {titleOf(card)}
        </Link>
        {movable && (
          <IconButton size="small" aria-label={t('Move %{card}', { card: titleOf(card) })} aria-haspopup="menu" onClick={(e) => onMenu(e.currentTarget)} sx={{ mt: -0.5, mr: -0.5 }}>
            <MoveIcon fontSize="small" />
          </IconButton>
        )}
      </Box>
      <Box sx={{ fontSize: '0.8125rem', color: 'text.secondary' }}>{body(card)}</Box>
      {why && (
        <Alert severity="error" role="alert" onClose={onRead} closeText={t('Close')} sx={{ mt: 1, py: 0, px: 1, fontSize: '0.8125rem' }}>
          {why}
        </Alert>
      )}
    </Box>
  );
}

/**
 * Records as cards in columns. A card is dragged, or moved by its menu; with a
 * card's title focused, the arrows go from card to card, and Shift with an arrow
 * moves the card. What the server refuses stays where it was, and says why.
 */
export function Board({ resource, label, columns, titleOf, body, targets, move }: Props) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const [busy, setBusy] = useState<unknown>(null);
  const [refused, setRefused] = useState<Refused>(null);
  const [menu, setMenu] = useState<(Held & { anchor: HTMLElement }) | null>(null);
  const [said, setSaid] = useState('');
  const focus = (card: RaRecord | undefined) => card && box.current?.querySelector<HTMLElement>(`[data-card="${String(card.id)}"] a`)?.focus();

  const go = async (card: RaRecord, to: Column) => {
    setBusy(card.id);
    setRefused(null);
    const why = await move(card, to);
    setBusy(null);
    setSaid(why ?? t('%{card} is now in %{column}', { card: titleOf(card), column: to.label }));
    if (why) setRefused({ id: card.id, why });
    setTimeout(() => focus(card), 50);
  };
  const drop = (event: DragEvent, to: Column) => {
    event.preventDefault();
    setOver(null);
    setHeld(null);
    if (held && held.from.id !== to.id) void go(held.card, to);
  };
  const step = (at: number, by: number, fits: (c: Column) => boolean): Column | undefined => {
    let next = at + by;
    while (columns[next] && !fits(columns[next] as Column)) next += by;
    return columns[next];
  };
  const keys = (event: KeyboardEvent, card: RaRecord, at: number, row: number) => {
    const from = columns[at] as Column;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by && !down) return;
    event.preventDefault();
    if (down) focus(from.cards[row + down]);
    if (by && !event.shiftKey) {
      const next = step(at, by, (c) => c.cards.length > 0);
      focus(next?.cards[Math.min(row, next.cards.length - 1)]);
    }
    if (by && event.shiftKey) {
      const allowed = new Set(targets(card, from).map((c) => c.id));
      const to = step(at, by, (c) => allowed.has(c.id));
      if (to) void go(card, to);
      else setSaid(t('%{card} cannot be moved in this direction', { card: titleOf(card) }));
    }
  };
  return (
    <>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1, display: { xs: 'none', md: 'block' } }}>
        {t('Drag a card, or use its menu. With the keyboard: arrows go from card to card, Shift with an arrow moves one.')}
      </Typography>
      <Box aria-live="polite" sx={{ position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' }}>
        {said}
      </Box>
      <Box ref={box} role="region" aria-label={label} tabIndex={0} sx={{ display: 'flex', gap: 1.5, overflowX: 'auto', pb: 1.5, alignItems: 'stretch' }}>
        {columns.map((column, at) => {
          const other = held && held.from.id !== column.id;
          const fits = other && targets(held.card, held.from).some((c) => c.id === column.id);
          return (
            <Paper
              key={column.id}
              component="section"
              aria-label={column.label}
              data-column={column.id}
              onDragOver={(e: DragEvent) => {
                if (!other) return;
                e.preventDefault();
                setOver(column.id);
              }}
              onDragLeave={() => setOver((o) => (o === column.id ? null : o))}
              onDrop={(e: DragEvent) => drop(e, column)}
              sx={{ flex: '1 0 14.5rem', maxWidth: '22rem', minHeight: '16rem', p: 1, border: 1, borderColor: over === column.id ? 'primary.main' : 'divider', borderStyle: fits ? 'dashed' : 'solid', opacity: other && !fits ? 0.55 : 1, backgroundColor: 'background.default' }}
            >
              <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', gap: 1, px: 0.5 }}>
                <Typography variant="h3" component="h2">
                  {column.label}
                </Typography>
                <Typography variant="body2" color="text.secondary">
                  {column.count}
                </Typography>
              </Box>
              <Typography variant="body2" color="text.secondary" component="div" sx={{ px: 0.5, mb: 1, minHeight: '1.4em' }}>
                {column.total}
              </Typography>
              <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 1 }}>
                {column.cards.map((card, row) => (
                  <Card
                    key={String(card.id)}
                    {...{ resource, card, titleOf, body, refused }}
                    movable={targets(card, column).length > 0}
                    busy={busy === card.id}
                    onKey={(e) => keys(e, card, at, row)}
                    onMenu={(anchor) => setMenu({ card, from: column, anchor })}
                    onHold={() => {
                      setRefused(null);
                      setHeld({ card, from: column });
                    }}
                    onRelease={() => {
                      setHeld(null);
                      setOver(null);
                    }}
                    onRead={() => setRefused(null)}
                  />
                ))}
              </Box>
              {column.count > column.cards.length && (
                <Typography variant="body2" color="text.secondary" sx={{ mt: 1, px: 0.5 }}>
                  {t('%{n} more', { n: column.count - column.cards.length })}
                  {column.more && ' · '}
                  {column.more && (
                    <Link component={RouterLink} to={column.more} aria-label={t('Open the list: %{name}', { name: column.label })}>
                      {t('Open the list')}
                    </Link>
                  )}
                </Typography>
              )}
            </Paper>
          );
        })}
      </Box>
      <Menu anchorEl={menu?.anchor} open={!!menu} onClose={() => setMenu(null)}>
        <ListSubheader sx={{ lineHeight: 2 }} role="presentation">
          {t('Move to')}
        </ListSubheader>
        {(menu ? targets(menu.card, menu.from) : []).map((c) => (
          <MenuItem
            key={c.id}
            onClick={() => {
              if (menu) void go(menu.card, c);
              setMenu(null);
            }}
          >
            {c.label}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}
