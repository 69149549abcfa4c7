import { Button, Dialog, DialogActions, DialogContent, DialogTitle, MenuItem, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useGetList, type RaRecord } from 'react-admin';
import { dataProvider } from '../../api/data';
import { decimalText, sumDecimals } from '../../api/decimal';
import { useT } from '../../i18n';
import { useFormat } from '../../i18n/format';
import { may, useResource } from '../../meta/store';
import { EmptyState, Money, PageTitle } from '../../shared';
import { StatusChip } from '../../shared/StatusChip';
import { listPath } from '../../shared/useRead';
import { Board, type Column } from './Board';
import { BoardActions, useBoardFilters } from './filters';

const SHOWN = 200;
type Asked = { deal: RaRecord; done: (reason: string | null) => void };

function AskReason({ asked }: { asked: Asked }) {
  const t = useT();
  const [reason, setReason] = useState('');
  return (
    <Dialog open fullWidth maxWidth="xs" onClose={() => asked.done(null)} aria-labelledby="lost-title">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (reason.trim()) asked.done(reason.trim());
        }}
      >
        <DialogTitle id="lost-title">{t('Why was it lost?')}</DialogTitle>
        <DialogContent>
          <Typography sx={{ mb: 1 }}>{String(asked.deal['title'])}</Typography>
          <TextField label={t('Reason')} value={reason} onChange={(e) => setReason(e.target.value)} required fullWidth autoFocus slotProps={{ htmlInput: { maxLength: 255 } }} />
        </DialogContent>
        <DialogActions>
          <Button onClick={() => asked.done(null)}>{t('Not now')}</Button>
          <Button type="submit" variant="contained" color="error" disabled={!reason.trim()}>
            {t('Lost')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** A pipeline's stages, its open deals, and those closed last. */
function usePipeline(filter: Record<string, unknown>, chosen: number | null) {
  const pipelines = useGetList<RaRecord>('pipelines', { pagination: { page: 1, perPage: 100 }, sort: { field: 'id', order: 'ASC' }, filter: { is_active: true } }, { retry: false });
  const id = chosen ?? ((pipelines.data?.find((p) => p['is_default']) ?? pipelines.data?.[0])?.id as number | undefined);
  const options = { enabled: id !== undefined, retry: false, placeholderData: (d: never) => d } as object;
  const deals = (states: string[], perPage: number, sort: { field: string; order: 'ASC' | 'DESC' }) => ({ filter: { ...filter, pipeline_id: id, status__in: states }, pagination: { page: 1, perPage }, sort });
  const stages = useGetList<RaRecord>('pipeline-stages', { filter: { pipeline_id: id }, pagination: { page: 1, perPage: 100 }, sort: { field: 'position', order: 'ASC' } }, options);
  const open = useGetList<RaRecord>('deals', deals(['open'], SHOWN, { field: 'expected_close_date', order: 'ASC' }), options);
  const closed = useGetList<RaRecord>('deals', deals(['won', 'lost'], 20, { field: 'closed_at', order: 'DESC' }), options);
  const refresh = () => Promise.all([open.refetch(), closed.refetch(), stages.refetch()]);
  return { pipelines, id, stages, open, closed, refresh };
}

/** The deals of a pipeline by stage. */
export default function DealsBoard() {
  const t = useT();
  const f = useFormat();
  const resource = useResource('deals');
  const { filter, bar } = useBoardFilters('deals');
  const [chosen, setChosen] = useState<number | null>(null);
  const { pipelines, id, stages, open, closed, refresh } = usePipeline(filter, chosen);
  const [asked, setAsked] = useState<Asked | null>(null);

  const all = [...(open.data ?? []), ...(closed.data ?? [])];
  const whole = !Object.keys(filter).length;
  const columns: Column[] = (stages.data ?? []).map((s) => {
    const cards = all.filter((d) => d['stage_id'] === s.id);
    const value = whole ? (s['deals_value'] as string) : decimalText(sumDecimals(cards.map((d) => d['value'] as string)));
    return {
      id: String(s.id),
      label: t(String(s['name'])),
      cards,
      count: whole ? Number(s['deals_count'] ?? cards.length) : cards.length,
      total: (
        <>
          <Money value={value} />
          {!s['is_won'] && !s['is_lost'] && ` · ${f.percent(s['probability'] as number)}`}
        </>
      ),
      more: listPath('deals', { stage_id: s.id }),
    };
  });
  const ends = (c: Column, how: 'is_won' | 'is_lost') => !!stages.data?.find((s) => String(s.id) === c.id)?.[how];
  const targets = (deal: RaRecord, from: Column) => {
    if (!may('deals', 'move_stage') || (deal['status'] !== 'open' && !may('deals', 'reopen'))) return [];
    return columns.filter((c) => c.id !== from.id && (deal['status'] === 'open' || (!ends(c, 'is_won') && !ends(c, 'is_lost'))));
  };
  const move = async (deal: RaRecord, to: Column): Promise<string | null> => {
    const body: Record<string, unknown> = { stage_id: Number(to.id) };
    if (ends(to, 'is_lost')) {
      const reason = await new Promise<string | null>((done) => setAsked({ deal, done }));
      setAsked(null);
      if (reason === null) return t('Not moved: a lost deal needs a reason.');
      body['lost_reason'] = reason;
    }
    try {
      let version = deal['version'] as number;
      if (deal['status'] !== 'open') version = (await dataProvider.act('deals', deal.id as number, 'reopen', { version })).version as number;
      await dataProvider.act('deals', deal.id as number, 'move_stage', { body, version });
      return null;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await refresh();
    }
  };
  return (
    <>
      <PageTitle title={t('Deals board')} actions={resource && <BoardActions resource={resource} />} />
      {(pipelines.data?.length ?? 0) > 1 && (
        <TextField select label={t('Pipeline')} value={id ?? ''} onChange={(e) => setChosen(Number(e.target.value))} sx={{ mb: 1, minWidth: '14rem' }}>
          {pipelines.data?.map((p) => (
            <MenuItem key={String(p.id)} value={p.id}>
              {String(p['name'])}
            </MenuItem>
          ))}
        </TextField>
      )}
      {bar}
      {!pipelines.isPending && !pipelines.data?.length && <EmptyState title={t('There is no pipeline yet')} />}
      {(open.total ?? 0) > SHOWN && <Typography color="text.secondary">{t('The %{n} that close first are shown; filter for others.', { n: SHOWN })}</Typography>}
      <Board
        resource="deals"
        label={t('Deals by stage')}
        columns={columns}
        titleOf={(d) => String(d['title'])}
        targets={targets}
        move={move}
        body={(d) => (
          <>
            {d['customer_name'] && <div>{String(d['customer_name'])}</div>}
            <div>
              <Money value={d['value'] as string} color="text.primary" />
              {d['expected_close_date'] && ` · ${f.date(d['expected_close_date'] as string)}`}
            </div>
            {d['assigned_to_name'] && <div>{String(d['assigned_to_name'])}</div>}
            {d['priority'] && d['priority'] !== 'medium' && <StatusChip resource="deals" source="priority" value={d['priority']} />}
          </>
        )}
      />
      {asked && <AskReason asked={asked} />}
    </>
  );
}
