import { Box, IconButton, Link, Typography } from '@mui/material';
import MoveIcon from '@mui/icons-material/OpenWith';
import { useState, type DragEvent, type KeyboardEvent } from 'react';
import { Link as RouterLink } from 'react-router-dom';
import { ChoiceChip, statusOf, useT } from '../../shared';
import type { Entry } from './entries';
import { addDays } from './days';

type Deeds = {
  /** Opens the question to which day. */
  onAsk: (entry: Entry) => void;
  onMove: (entry: Entry, to: string) => void;
};
type Props = Deeds & { days: string[]; entries: Entry[]; today: string; name: (day: string) => string };

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function Item({ entry, today, compact, onAsk, onMove, onHold }: Deeds & { entry: Entry; today: string; compact?: boolean; onHold?: (entry: Entry | null) => void }) {
  const t = useT();
  const { resource } = entry.source;
  const status = statusOf(resource);
  const keys = (e: KeyboardEvent) => {
    const by = e.shiftKey ? STEPS[e.key] : undefined;
    if (!by || !entry.change) return;
    e.preventDefault();
    onMove(entry, addDays(entry.day, by));
  };
  const late = entry.day < today;
  return (
    <Box
      component="li"
      data-entry={entry.key}
      draggable={!!entry.change && !!onHold}
      onDragStart={(e: DragEvent) => {
        e.dataTransfer.effectAllowed = 'move';
        e.dataTransfer.setData('text/plain', entry.key);
        onHold?.(entry);
      }}
      onDragEnd={() => onHold?.(null)}
      sx={{ display: 'flex', gap: 0.5, alignItems: 'flex-start', px: 0.75, py: 0.25, mb: 0.5, borderLeft: 3, borderColor: late ? 'error.main' : 'primary.main', borderRadius: 0.5, backgroundColor: 'action.hover', minWidth: 0, cursor: entry.change && onHold ? 'grab' : 'default' }}
    >
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <Link component={RouterLink} to={`/${resource.name}/${String(entry.record.id)}/show`} draggable={false} onKeyDown={keys} sx={{ fontWeight: 600, fontSize: '0.8125rem', display: 'block', py: 0.25, overflowWrap: 'anywhere' }}>
          {entry.time && <span style={{ fontVariantNumeric: 'tabular-nums' }}>{entry.time} </span>}
          {entry.title}
        </Link>
        {entry.note && (
          <Typography variant="body2" color="text.secondary" sx={{ fontSize: '0.8125rem', ...(compact ? { whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' } : { overflowWrap: 'anywhere' }) }}>
            {entry.note}
          </Typography>
        )}
        {!compact && (
          <Typography variant="body2" color="text.secondary" component="div" sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, alignItems: 'center' }}>
            {t(resource.label)}
            {status && <ChoiceChip field={status} value={entry.record[status.name]} state />}
            {late && <b>{t('late')}</b>}
          </Typography>
        )}
      </Box>
      {entry.change && (
        <IconButton size="small" aria-label={t('Move to another day: %{name}', { name: entry.title })} onClick={() => onAsk(entry)} sx={{ p: 0.375 }}>
          <MoveIcon sx={{ fontSize: 16 }} />
        </IconButton>
      )}
    </Box>
  );
}

const list = { listStyle: 'none', m: 0, p: 0 } as const;

/** A month or a week as a table; what can be moved is dragged, or moved with Shift and the arrows. */
export function Grid({ days, entries, today, month, compact, name, onDay, ...deeds }: Props & { month?: string; compact: boolean; onDay: (day: string) => void }) {
  const t = useT();
  const [held, setHeld] = useState<Entry | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const weeks = Array.from({ length: days.length / 7 }, (_, i) => days.slice(i * 7, i * 7 + 7));
  const weekday = (day: string) => name(day).split(' ')[0];
  const most = compact ? 3 : Infinity;
  return (
    <Box component="table" aria-label={t('Calendar')} sx={{ width: '100%', tableLayout: 'fixed', borderCollapse: 'collapse', backgroundColor: 'background.paper', border: 1, borderColor: 'divider', '& td, & th': { border: 1, borderColor: 'divider', verticalAlign: 'top' } }}>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <Box component="th" key={day} scope="col" sx={{ p: 0.75, fontSize: '0.8125rem', color: 'text.secondary', textAlign: 'left' }}>
              {weekday(day)}
            </Box>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => {
              const here = entries.filter((e) => e.day === day);
              return (
                <Box
                  component="td"
                  key={day}
                  data-day={day}
                  onDragOver={(e: DragEvent) => {
                    if (!held || held.day === day) return;
                    e.preventDefault();
                    setOver(day);
                  }}
                  onDragLeave={() => setOver(null)}
                  onDrop={(e: DragEvent) => {
                    e.preventDefault();
                    setOver(null);
                    if (held) deeds.onMove(held, day);
                    setHeld(null);
                  }}
                  sx={{ p: 0.5, height: compact ? 116 : 360, backgroundColor: over === day ? 'action.selected' : month && day.slice(0, 7) !== month ? 'background.default' : undefined }}
                >
                  <Link component="button" type="button" onClick={() => onDay(day)} aria-label={name(day)} aria-current={day === today ? 'date' : undefined} underline="hover" color="text.primary" sx={{ fontSize: '0.8125rem', minWidth: 24, minHeight: 24, mb: 0.25, fontWeight: day === today ? 700 : 400, ...(day === today && { backgroundColor: 'primary.main', color: 'primary.contrastText', borderRadius: 1 }) }}>
                    {Number(day.slice(8))}
                  </Link>
                  <Box component="ul" sx={list}>
                    {here.slice(0, most).map((e) => (
                      <Item key={e.key} entry={e} today={today} compact={compact} onHold={setHeld} {...deeds} />
                    ))}
                  </Box>
                  {here.length > most && (
                    <Link component="button" type="button" onClick={() => onDay(day)} sx={{ fontSize: '0.8125rem', minHeight: 24 }}>
                      {t('%{n} more', { n: here.length - most })}
                    </Link>
                  )}
                </Box>
              );
            })}
          </tr>
        ))}
      </tbody>
    </Box>
  );
}

/** The same on a telephone: the days that have something, one below the other. */
export function Agenda({ days, entries, today, name, ...deeds }: Props) {
  const shown = days.filter((day) => entries.some((e) => e.day === day));
  return (
    <Box>
      {shown.map((day) => (
        <Box component="section" key={day} aria-label={name(day)} data-day={day} sx={{ backgroundColor: 'background.paper', border: 1, borderColor: day === today ? 'primary.main' : 'divider', borderRadius: 1, p: 1.25, mb: 1 }}>
          <Typography variant="h2" sx={{ fontSize: '1rem', mb: 0.75 }}>
            {name(day)}
          </Typography>
          <Box component="ul" sx={list}>
            {entries.filter((e) => e.day === day).map((e) => (
              <Item key={e.key} entry={e} today={today} {...deeds} />
            ))}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
