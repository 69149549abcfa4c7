import { Box, Button, Paper, Tab, Table, TableBody, TableCell, TableHead, TableRow, Tabs, Typography } from '@mui/material';
import Edit from '@mui/icons-material/Edit';
import { ShowBase, useShowContext, type RaRecord } from 'react-admin';
import { Link, useSearchParams } from 'react-router-dom';
import { Suspense, type ReactNode } from 'react';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { fieldOf, resourceNow, statusOf, useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { nextOf, tabsOf } from '../pages';
import { PageTitle } from '../shared/PageTitle';
import { actionsFor, onwardOf, RecordActions } from '../shared/RecordActions';
import { ChoiceChip } from '../shared/StatusChip';
import { DeleteButton } from './DeleteButton';
import { titleOf } from './titles';
import { Journal } from './Journal';
import { Related } from './Related';
import { FieldValue, isNumeric } from './values';
import { Scrolling } from '../shared/Scrolling';

const wide = (f: Field) => ['textarea', 'json'].includes(f.widget);
const isEmpty = (v: unknown) => v === null || v === undefined || v === '' || (Array.isArray(v) && !v.length);

/** Of a document: its sums stand below its lines. */
const isTotal = (r: Resource, f: Field) => !!r.lines && (f.widget === 'money' || f.name === 'tax_rate') && !f.common;

function Totals({ resource, record }: { resource: Resource; record: RaRecord }) {
  const t = useT();
  const list = (resource.fields ?? []).filter((f) => !f.hidden && isTotal(resource, f) && !isEmpty(record[f.name]) && (f.sum || Number(record[f.name]) !== 0));
  if (!list.length) return null;
  return (
    <Box component="dl" sx={{ m: 0, mt: 2, ml: 'auto', width: 'fit-content', minWidth: { xs: '100%', sm: '20rem' }, display: 'grid', gridTemplateColumns: '1fr auto', columnGap: 4, rowGap: 0.5 }}>
      {list.map((f) => (
        <Box key={f.name} sx={{ display: 'contents', fontWeight: f.sum ? 650 : undefined }}>
          <Box component="dt" sx={{ color: f.sum ? 'text.primary' : 'text.secondary', fontWeight: 'inherit' }}>
            {t(f.label)}
          </Box>
          <Box component="dd" sx={{ m: 0, textAlign: 'right', fontWeight: 'inherit' }}>
            <FieldValue field={f} record={record} />
          </Box>
        </Box>
      ))}
    </Box>
  );
}

/** Who made a record and when, in a line. */
function Made({ record }: { record: RaRecord }) {
  const t = useT();
  const f = useFormat();
  const { created_at: created, updated_at: updated, created_by_name: by } = record as Record<string, string | null | undefined> & RaRecord;
  if (!created) return null;
  return (
    <Typography variant="body2" color="text.secondary" sx={{ mt: 2.5, pt: 1.5, borderTop: 1, borderColor: 'divider' }}>
      {by ? t('Made by %{name} on %{at}', { name: by, at: f.datetime(created) }) : t('Made on %{at}', { at: f.datetime(created) })}
      {updated && updated !== created ? ` · ${t('changed on %{at}', { at: f.datetime(updated) })}` : ''}
    </Typography>
  );
}

/** Every field of a record: amounts at the right of their row, empty ones left out. */
export function Details({ resource, record }: { resource: Resource; record: RaRecord }) {
  const t = useT();
  const status = statusOf(resource);
  const shown = (resource.fields ?? []).filter((f) => !f.hidden && !f.common && f.name !== resource.title && f.name !== status?.name && !isTotal(resource, f) && !isEmpty(record[f.name]));
  const names = new Set(shown.filter((f) => f.widget === 'reference').map((f) => f.name_field));
  const own = shown.filter((f) => !names.has(f.name));
  const item = (f: Field) => (
    <Box key={f.name} sx={{ gridColumn: wide(f) ? '1 / -1' : undefined, minWidth: 0 }}>
      <Typography component="dt" variant="body2" color="text.secondary" title={f.help ? t(f.help) : undefined}>
        {t(f.label)}
      </Typography>
      <Box component="dd" sx={{ m: 0, minHeight: '1.5em', overflowWrap: 'anywhere' }}>
        <FieldValue field={f} record={record} />
      </Box>
    </Box>
  );
  const grid = { m: 0, display: 'grid', gridTemplateColumns: { xs: '1fr 1fr', md: 'repeat(3, 1fr)', lg: 'repeat(4, 1fr)' }, gap: 2 };
  return (
    <Box component="dl" sx={grid}>
      {own.map(item)}
    </Box>
  );
}

const lineOrder = (f: Field) => (f.widget === 'reference' ? 0 : isNumeric(f) ? 2 : 1);

/** The lines of a document. */
export function LinesTable({ resource, record }: { resource: Resource; record: RaRecord }) {
  const t = useT();
  if (!resource.lines) return null;
  const lines = (record[resource.lines.name] as RaRecord[] | undefined) ?? [];
  const filled = resource.lines.fields.filter((f) => !f.hidden && !f.common && lines.some((l) => !isEmpty(l[f.name]) && (f.required || !isNumeric(f) || Number(l[f.name]) !== 0)));
  const names = new Set(filled.filter((f) => f.widget === 'reference').map((f) => f.name_field));
  const columns = filled.filter((f) => !names.has(f.name)).sort((a, b) => lineOrder(a) - lineOrder(b));
  return (
    <Box component="section" sx={{ mt: 3 }}>
      <Typography variant="h2" sx={{ mb: 1 }}>
        {t(resource.lines.label)}
      </Typography>
      {!lines.length && <Typography color="text.secondary">{t('There are none.')}</Typography>}
      {!!lines.length && (
        <Scrolling label={t(resource.lines.label)} framed role="region">
          <Table size="small">
            <TableHead>
              <TableRow>
                {columns.map((f) => (
                  <TableCell key={f.name} align={isNumeric(f) ? 'right' : 'left'}>
                    {t(f.label)}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {lines.map((line) => (
                <TableRow key={String(line.id)}>
                  {columns.map((f) => (
                    <TableCell key={f.name} align={isNumeric(f) ? 'right' : 'left'}>
                      <FieldValue field={f} record={line} />
                    </TableCell>
                  ))}
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Scrolling>
      )}
    </Box>
  );
}

type Page = { id: string; label: string; body: () => ReactNode };

function pagesOf(resource: Resource, record: RaRecord, t: (s: string) => string): Page[] {
  const details: Page = {
    id: 'details',
    label: t('Details'),
    body: () => (
      <>
        <Details resource={resource} record={record} />
        <LinesTable resource={resource} record={record} />
        <Totals resource={resource} record={record} />
        <Made record={record} />
      </>
    ),
  };
  const own = tabsOf(resource.name).map(({ id, label, component: Body }): Page => ({ id, label: t(label), body: () => <Body record={record} resource={resource} /> }));
  const many = (name: string) => (resource.related ?? []).filter((r) => r.resource === name).length > 1;
  const related = (resource.related ?? []).flatMap(({ resource: name, field }): Page[] => {
    const r = resourceNow(name);
    if (!r?.may.list) return [];
    const by = many(name) ? ` (${t(fieldOf(r, field)?.label ?? field)})` : '';
    return [{ id: `${name}.${field}`, label: t(r.label_plural) + by, body: () => <Related resource={r} field={field} record={record} /> }];
  });
  const journal: Page[] = resourceNow('audit-logs')?.may.list && resource.name !== 'audit-logs' ? [{ id: 'journal', label: t('Journal'), body: () => <Journal resource={resource} record={record} /> }] : [];
  return [details, ...own, ...related, ...journal];
}

function Content({ resource }: { resource: Resource }) {
  const t = useT();
  const { record } = useShowContext();
  const [params, setParams] = useSearchParams();
  if (!record) return null;
  const pages = pagesOf(resource, record, t);
  const at = pages.find((p) => p.id === params.get('tab')) ?? (pages[0] as Page);
  const status = statusOf(resource);
  const onward = onwardOf(actionsFor(resource, record));
  return (
    <>
      <PageTitle
        title={resource.singleton ? t(resource.label) : titleOf(resource, record)}
        subtitle={resource.singleton ? undefined : t(resource.label)}
        chip={status && <ChoiceChip field={status} value={record[status.name]} state />}
        actions={
          <>
            {onward && <RecordActions resource={resource.name} record={record} />}
            {nextOf(resource.name, record).map((n) => (
              <Button key={n.label} component={Link} to={`/${n.resource}/create?source=${encodeURIComponent(JSON.stringify(n.given(record)))}`} size="small" variant={onward ? 'outlined' : 'contained'}>
                {t(n.label)}
              </Button>
            ))}
            {!onward && <RecordActions resource={resource.name} record={record} />}
            {resource.may.update && (
              <Button component={Link} to={`/${resource.name}/${record.id}`} size="small" variant="outlined" startIcon={<Edit />}>
                {t('Edit')}
              </Button>
            )}
            {resource.may.delete && <DeleteButton resource={resource} record={record} />}
          </>
        }
      />
      <Paper sx={{ border: 1, borderColor: 'divider' }}>
        {pages.length > 1 && (
          <Tabs value={at.id} onChange={(_, id: string) => setParams(id === 'details' ? {} : { tab: id }, { replace: true })} variant="scrollable" scrollButtons="auto" allowScrollButtonsMobile aria-label={t('Parts of this record')} sx={{ borderBottom: 1, borderColor: 'divider' }}>
            {pages.map((p) => (
              <Tab key={p.id} value={p.id} label={p.label} id={`tab-${p.id}`} aria-controls={`panel-${p.id}`} />
            ))}
          </Tabs>
        )}
        <Box role={pages.length > 1 ? 'tabpanel' : undefined} id={`panel-${at.id}`} aria-labelledby={pages.length > 1 ? `tab-${at.id}` : undefined} sx={{ p: { xs: 1.5, sm: 2.5 } }}>
          <Suspense fallback={null}>{at.body()}</Suspense>
        </Box>
      </Paper>
    </>
  );
}

/** One record of any resource. */
export function ShowPage({ resource: name, id }: { resource: string; id?: string }) {
  const resource = useResource(name);
  if (!resource) return null;
  return (
    <ShowBase resource={name} id={id} key={id} queryOptions={{ retry: false }}>
      <Content resource={resource} />
    </ShowBase>
  );
}
