import { Box, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { useGetList, type RaRecord } from 'react-admin';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { fieldOf } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { FieldValue } from './values';
import { Scrolling } from '../shared/Scrolling';

export type Entry = RaRecord & { at: string; username: string | null; origin: string; action: string; changes: Record<string, unknown> | null };
/** A change is [before, after]; a new record just has its values. */
const isPair = (v: unknown): v is [unknown, unknown] => Array.isArray(v) && v.length === 2;

function Value({ field, value }: { field: Field | undefined; value: unknown }) {
  if (value === null || value === undefined) return <>–</>;
  if (field && typeof value !== 'object') return <FieldValue field={field} record={{ id: 0, [field.name]: value }} plain />;
  return <>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</>;
}

/** What a change did, field by field, before and after. */
export function Changes({ resource, entry }: { resource: Resource | undefined; entry: Entry }) {
  const t = useT();
  const list = Object.entries(entry.changes ?? {}).filter(([name, v]) => !['version', 'updated_at'].includes(name) && v !== null);
  if (!list.length) return null;
  const pairs = entry.action !== 'create' && list.some(([, v]) => isPair(v));
  return (
    <Scrolling label={t('Journal')}>
      <Table size="small" sx={{ '& td, & th': { verticalAlign: 'top', overflowWrap: 'anywhere' } }}>
        <TableHead>
          <TableRow>
            <TableCell>{t('Field')}</TableCell>
            {pairs && <TableCell>{t('Before')}</TableCell>}
            <TableCell>{t('After')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {list.map(([name, v]) => {
            const field = fieldOf(resource, name);
            const [from, to] = pairs && isPair(v) ? v : [undefined, v];
            return (
              <TableRow key={name}>
                <TableCell>{field ? t(field.label) : name}</TableCell>
                {pairs && (
                  <TableCell>
                    <Value field={field} value={from} />
                  </TableCell>
                )}
                <TableCell>
                  <Value field={field} value={to} />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </Scrolling>
  );
}

const labelOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replace(/[_-]/g, ' ');

/** The changes of a record, newest first. */
export function Journal({ resource, record }: { resource: Resource; record: RaRecord }) {
  const t = useT();
  const f = useFormat();
  const { data, isPending } = useGetList<Entry>('audit-logs', {
    filter: { resource: resource.name, record_id: record.id },
    sort: { field: 'sequence', order: 'DESC' },
    pagination: { page: 1, perPage: 100 },
  });
  if (isPending) return null;
  if (!data?.length) return <Typography color="text.secondary">{t('There are none.')}</Typography>;
  return (
    <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0, display: 'grid', gap: 2 }}>
      {data.map((entry) => (
        <Box component="li" key={String(entry.id)} sx={{ borderLeft: 3, borderColor: 'divider', pl: 2 }}>
          <Typography component="div">
            <b>{t(labelOf(entry.action))}</b> · {entry.username ?? t('the program')} · {f.datetime(entry.at)}
          </Typography>
          <Changes resource={resource} entry={entry} />
        </Box>
      ))}
    </Box>
  );
}
