import { Accordion, AccordionDetails, AccordionSummary, Box, Button, Link, MenuItem, Pagination, Paper, Skeleton, TextField, Typography } from '@mui/material';
import ExpandMore from '@mui/icons-material/ExpandMore';
import { useGetList, type RaRecord } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';
import { Changes, type Entry } from '../generic/Journal';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { may, resourceNow, useMeta } from '../meta/store';
import { EmptyState, PageTitle } from '../shared';

const SIZE = 25;

type AuditEntry = Entry & { resource: string; record_id: number; ip: string | null; sequence: number };

function One({ entry }: { entry: AuditEntry }) {
  const t = useT();
  const f = useFormat();
  const r = resourceNow(entry.resource);
  const changes = Object.keys(entry.changes ?? {}).length;
  return (
    <Accordion disableGutters square sx={{ border: 0, borderTop: 1, borderColor: 'divider', '&:before': { display: 'none' } }} slotProps={{ transition: { unmountOnExit: true, timeout: 0 }, heading: { component: 'h2' } }}>
      <AccordionSummary expandIcon={<ExpandMore />} sx={{ '& .MuiAccordionSummary-content': { flexWrap: 'wrap', columnGap: 2, my: 1, minWidth: 0 } }}>
        <Typography variant="body2" component="span" sx={{ flex: '0 0 11.5rem', color: 'text.secondary' }}>
          {f.datetime(entry.at)}
        </Typography>
        <Typography variant="body2" component="span" sx={{ flex: '0 1 9rem', fontWeight: 600, overflowWrap: 'anywhere' }}>
          {entry.username ?? t('the program')}
        </Typography>
        <Typography variant="body2" component="span" sx={{ flex: '1 1 10rem' }}>
          <b>{t(entry.action)}</b> {t(r?.label ?? entry.resource)} {entry.record_id !== null && `#${entry.record_id}`}
        </Typography>
      </AccordionSummary>
      <AccordionDetails>
        {changes ? <Changes resource={r} entry={entry} /> : <Typography color="text.secondary">{t('Nothing of the record itself changed.')}</Typography>}
        <Typography variant="body2" color="text.secondary" sx={{ mt: 1 }}>
          {[`#${entry.sequence}`, t(entry.origin), entry.ip].filter(Boolean).join(' · ')}
          {r?.may.get && entry.record_id !== null && !r.singleton && (
            <>
              {' · '}
              <Link component={RouterLink} to={`/${entry.resource}/${entry.record_id}/show`}>
                {t('Open the record')}
              </Link>
            </>
          )}
        </Typography>
      </AccordionDetails>
    </Accordion>
  );
}

/** Every change there was, with what it was before; filters are in the address. */
export default function Audit() {
  const t = useT();
  const { resources } = useMeta();
  const [params, setParams] = useSearchParams();
  const of = (name: string) => params.get(name) ?? '';
  const page = Number(of('page')) || 1;
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    if (name !== 'page') next.delete('page');
    setParams(next, { replace: true });
  };
  const { data: users } = useGetList<RaRecord>('users', { pagination: { page: 1, perPage: 200 }, sort: { field: 'username', order: 'ASC' } }, { enabled: may('users', 'list'), retry: false });
  const filter = {
    ...(of('resource') && { resource: of('resource') }),
    ...(of('action').trim() && { action__contains: of('action').trim() }),
    ...(/^\d+$/.test(of('user')) && { user_id: of('user') }),
    ...(/^\d+$/.test(of('record')) && { record_id: of('record') }),
    ...(of('from') && { at__gte: of('from') }),
    ...(of('to') && { at__lte: of('to') }),
  };
  const { data, total, isPending, error } = useGetList<RaRecord>('audit-logs', { filter, sort: { field: 'sequence', order: 'DESC' }, pagination: { page, perPage: SIZE } }, { retry: false, placeholderData: (d) => d });
  const text = (name: string, label: string, type = 'text') => <TextField key={name} label={label} type={type} value={of(name)} onChange={(e) => set(name, e.target.value)} slotProps={type === 'date' ? { inputLabel: { shrink: true } } : {}} />;
  const choose = (name: string, label: string, choices: [string, string][]) => (
    <TextField select label={label} value={choices.some(([v]) => v === of(name)) ? of(name) : ''} onChange={(e) => set(name, e.target.value)}>
      <MenuItem value="">{t('all')}</MenuItem>
      {choices.map(([value, shown]) => (
        <MenuItem key={value} value={value}>
          {shown}
        </MenuItem>
      ))}
    </TextField>
  );
  return (
    <>
      <PageTitle title={t('Audit logs')} subtitle={t('Who changed what, with what it was before. Nothing here can be edited or deleted.')} />
      <Box role="search" sx={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(9.5rem, 1fr))', columnGap: 1.5, mb: 1 }}>
        {choose('resource', t('What'), resources.filter((r) => !r.virtual).map((r): [string, string] => [r.name, t(r.label_plural)]).sort((a, b) => a[1].localeCompare(b[1])))}
        {text('record', t('Record'))}
        {text('action', t('Action'))}
        {choose('user', t('Who'), (users ?? []).map((u): [string, string] => [String(u.id), String(u['full_name'] ?? u['username'])]))}
        {text('from', t('From'), 'date')}
        {text('to', t('Until'), 'date')}
      </Box>
      <Paper sx={{ border: 1, borderColor: 'divider', borderTop: 0 }}>
        {isPending && [1, 2, 3, 4].map((i) => <Skeleton key={i} height={48} sx={{ mx: 2 }} />)}
        {error && <Typography color="error" sx={{ p: 2 }}>{(error as Error).message}</Typography>}
        {data && !data.length && (
          <EmptyState
            title={t('Nothing matches')}
            action={
              <Button variant="outlined" onClick={() => setParams({}, { replace: true })}>
                {t('Clear the filters')}
              </Button>
            }
          />
        )}
        {(data ?? []).map((e) => (
          <One key={String(e.id)} entry={e as AuditEntry} />
        ))}
      </Paper>
      {(total ?? 0) > SIZE && <Pagination page={page} count={Math.ceil((total ?? 0) / SIZE)} onChange={(_, n) => set('page', n > 1 ? String(n) : '')} sx={{ mt: 1.5 }} />}
    </>
  );
}
