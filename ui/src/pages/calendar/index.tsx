import { Alert, Box, Button, Chip, Dialog, DialogActions, DialogContent, DialogTitle, IconButton, Link, TextField, ToggleButton, ToggleButtonGroup, useMediaQuery, type Theme } from '@mui/material';
import Before from '@mui/icons-material/ChevronLeft';
import After from '@mui/icons-material/ChevronRight';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNotify, type RaRecord } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';
import { dataProvider } from '../../api/data';
import { EmptyState, PageTitle, useFormat, useMeta, useT } from '../../shared';
import { Undoable } from '../../shared/RecordActions';
import { Agenda, Grid } from './Days';
import { addDays, addMonths, dayIn, firstWeekday, isDay, shownDays, type View } from './days';
import { sourcesOf, useEntries, type Entry } from './entries';

/** Which day, month or week, what of it: in the address. */
function usePlace(zone: string) {
  const [params, setParams] = useSearchParams();
  const today = dayIn(new Date().toISOString(), zone);
  const given = params.get('day');
  const view: View = params.get('view') === 'week' ? 'week' : 'month';
  const set = (change: Record<string, string | undefined>) =>
    setParams((old) => {
      const next = new URLSearchParams(old);
      for (const [name, value] of Object.entries(change)) value ? next.set(name, value) : next.delete(name);
      return next;
    });
  return { today, day: isDay(given) ? given : today, view, hidden: new Set((params.get('without') ?? '').split(',').filter(Boolean)), mine: params.get('mine') === '1', set };
}

/** To which day something is moved, for who does not drag. */
function MoveDialog({ entry, onMove, onClose }: { entry: Entry; onMove: (entry: Entry, to: string) => void; onClose: () => void }) {
  const t = useT();
  const [day, setDay] = useState(entry.day);
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="move-title">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          onClose();
          if (isDay(day) && day !== entry.day) onMove(entry, day);
        }}
      >
        <DialogTitle id="move-title">{entry.title}</DialogTitle>
        <DialogContent>
          <TextField type="date" label={t('Move to')} value={day} onChange={(e) => setDay(e.target.value)} required autoFocus fullWidth slotProps={{ inputLabel: { shrink: true } }} />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" variant="contained" disabled={!isDay(day)}>
            {t('Move')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function useMove(name: (day: string) => string) {
  const t = useT();
  const notify = useNotify();
  const client = useQueryClient();
  const write = async (e: Entry, record: RaRecord, change: Record<string, unknown>) => {
    const { data } = await dataProvider.update(e.source.resource.name, { id: record.id, data: { ...record, ...change }, previousData: record });
    await client.invalidateQueries();
    return data;
  };
  const fails = async (error: unknown) => {
    notify((error as Error).message, { type: 'error' });
    await client.invalidateQueries();
  };
  return async (e: Entry, to: string) => {
    const change = e.change?.(to);
    if (!change) return;
    const before = Object.fromEntries(Object.keys(change).map((n) => [n, e.record[n]]));
    try {
      const after = await write(e, e.record, change);
      notify(<Undoable text={t('%{name} is now on %{day}', { name: e.title, day: name(to) })} undo={() => void write(e, after, before).catch(fails)} />, { autoHideDuration: 8000 });
    } catch (error) {
      await fails(error);
    }
  };
}

/** Activities and whatever is due, by day. */
export default function Calendar() {
  const t = useT();
  const f = useFormat();
  const meta = useMeta();
  const zone = f.zone;
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('md'));
  const { today, day, view, hidden, mine, set } = usePlace(zone);
  const sources = useMemo(() => sourcesOf(meta), [meta]);
  const shown = sources.filter((s) => !hidden.has(s.resource.name));
  const days = shownDays(view, day, firstWeekday(f.locale));
  const { entries, more, problem, pending } = useEntries(shown, days[0] as string, days[days.length - 1] as string, zone, mine ? meta.caller.id : undefined);
  const [asked, setAsked] = useState<Entry | null>(null);
  const { name, title } = useMemo(() => {
    const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(f.locale, { ...options, timeZone: 'UTC' });
    const [long, month] = [make({ weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' }), make({ month: 'long', year: 'numeric' })];
    return { name: (d: string) => long.format(new Date(`${d}T00:00:00Z`)).replace(/^(\S+?)[.,]* /, '$1 '), title: (d: string) => month.format(new Date(`${d}T00:00:00Z`)) };
  }, [f.locale]);
  const move = useMove(name);
  const step = (by: number) => set({ day: view === 'week' ? addDays(day, 7 * by) : addMonths(day, by) });
  const toggle = (resource: string) => set({ without: sources.map((s) => s.resource.name).filter((n) => hidden.has(n) !== (n === resource)).join(',') || undefined });
  const common = { days, entries, today, name, onAsk: setAsked, onMove: (e: Entry, to: string) => void move(e, to) };
  return (
    <Box onKeyDown={(e) => e.target instanceof HTMLElement && !e.target.closest('input, [role=dialog]') && (e.key === 'PageUp' ? step(-1) : e.key === 'PageDown' && step(1))}>
      <PageTitle
        title={t('Calendar')}
        subtitle={view === 'week' ? `${f.date(days[0])} – ${f.date(days[6])}` : title(day)}
        actions={
          <>
            <IconButton aria-label={t('Earlier')} onClick={() => step(-1)}>
              <Before />
            </IconButton>
            <Button variant="outlined" onClick={() => set({ day: undefined })}>
              {t('Today')}
            </Button>
            <IconButton aria-label={t('Later')} onClick={() => step(1)}>
              <After />
            </IconButton>
            <ToggleButtonGroup exclusive size="small" value={view} aria-label={t('View')} onChange={(_, v: View | null) => v && set({ view: v === 'week' ? v : undefined })}>
              {(['month', 'week'] as const).map((v) => (
                <ToggleButton key={v} value={v} sx={{ px: 1.5, textTransform: 'none' }}>
                  {v === 'month' ? t('Month') : t('Week')}
                </ToggleButton>
              ))}
            </ToggleButtonGroup>
          </>
        }
      />
      <Box role="group" aria-label={t('Shown')} sx={{ display: 'flex', flexWrap: 'wrap', gap: 0.75, mb: 1.5 }}>
        <Chip component="button" clickable label={t('Mine only')} aria-pressed={mine} color={mine ? 'primary' : 'default'} variant={mine ? 'filled' : 'outlined'} onClick={() => set({ mine: mine ? undefined : '1' })} />
        {sources.map(({ resource: r }) => (
          <Chip key={r.name} component="button" clickable label={t(r.label_plural)} aria-pressed={!hidden.has(r.name)} color={hidden.has(r.name) ? 'default' : 'primary'} variant={hidden.has(r.name) ? 'outlined' : 'filled'} onClick={() => toggle(r.name)} />
        ))}
      </Box>
      {problem && (
        <Alert severity="error" role="alert" sx={{ mb: 1.5 }}>
          {problem}
        </Alert>
      )}
      {more.map((s) => (
        <Alert key={s.resource.name} severity="info" sx={{ mb: 1.5 }}>
          {t('There are more than are shown here:')}{' '}
          <Link component={RouterLink} to={`/${s.resource.name}`}>
            {t(s.resource.label_plural)}
          </Link>
        </Alert>
      ))}
      {small ? <Agenda {...common} /> : <Grid {...common} compact={view === 'month'} month={view === 'month' ? day.slice(0, 7) : undefined} onDay={(d) => set({ day: d, view: 'week' })} />}
      {small && !pending && !entries.length && <EmptyState title={t('Nothing in these days')} text={t('What you plan and what is due appears here.')} />}
      {asked && <MoveDialog entry={asked} onMove={(e, to) => void move(e, to)} onClose={() => setAsked(null)} />}
    </Box>
  );
}
