import { Box, Chip, Link } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';
import { useGetManyAggregate, type RaRecord } from 'react-admin';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { Money, Quantity } from '../shared/Money';
import { titleOf } from './titles';
import { ChoiceChip } from '../shared/StatusChip';

export const NUMERIC = new Set(['money', 'quantity', 'percent', 'integer']);
export const isNumeric = (f: Field) => NUMERIC.has(f.widget);

type Props = { field: Field; record: RaRecord; plain?: boolean };

/** The name of a record of which only the id is known; asked for together with others. */
function RecordName({ resource, id }: { resource: Resource; id: number }) {
  const { data } = useGetManyAggregate<RaRecord>(resource.name, { ids: [id] });
  return <>{titleOf(resource, data?.[0]) || `#${id}`}</>;
}

function Reference({ field, record, plain }: Props) {
  const r = useResource(field.resource);
  const id = record[field.name] as number | null;
  const name = (field.name_field ? record[field.name_field] : null) as string | null;
  if (id === null || id === undefined) return null;
  const text = name || (r?.may.list && !r.singleton ? <RecordName resource={r} id={id} /> : `#${id}`);
  if (plain || !r || r.singleton) return <>{text}</>;
  return (
    <Link component={RouterLink} to={`/${r.name}/${id}/show`} onClick={(e) => e.stopPropagation()}>
      {text}
    </Link>
  );
}

function Json({ value }: { value: unknown }) {
  if (value === null || value === undefined) return null;
  const text = JSON.stringify(value, null, 1);
  if (text === '{}' || text === '[]') return <>–</>;
  return (
    <Box component="code" sx={{ fontSize: '0.8125rem', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {text.length > 400 ? `${text.slice(0, 400)} …` : text}
    </Box>
  );
}

const Tags = ({ value }: { value: unknown }) =>
  Array.isArray(value) && value.length ? (
    <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', gap: 0.5 }}>
      {value.map((tag: unknown) => (
        <Chip key={String(tag)} size="small" variant="outlined" label={String(tag)} />
      ))}
    </Box>
  ) : null;

/** Whatever widget a field has, its value for reading. */
export function FieldValue({ field, record, plain }: Props) {
  const t = useT();
  const f = useFormat();
  const value = record[field.name] as never;
  if (field.widget === 'reference') return <Reference field={field} record={record} plain={plain} />;
  if (value === null || value === undefined || value === '') return null;
  if (field.choices) return <ChoiceChip field={field} value={value} />;
  switch (field.widget) {
    case 'money':
      return <Money value={value} />;
    case 'quantity':
      return <Quantity value={value} />;
    case 'percent':
      return <>{f.percent(value)}</>;
    case 'integer':
      return <>{field.common ? String(value) : f.integer(value)}</>;
    case 'checkbox':
      return <>{value ? t('Yes') : t('No')}</>;
    case 'date':
      return <span style={{ whiteSpace: 'nowrap' }}>{f.date(value)}</span>;
    case 'datetime':
      return <span style={{ whiteSpace: 'nowrap' }}>{f.datetime(value)}</span>;
    case 'email':
      return plain ? <>{value}</> : <Link href={`mailto:${value}`}>{value}</Link>;
    case 'phone':
      return plain ? <>{value}</> : <Link href={`tel:${value}`}>{value}</Link>;
    case 'url':
      return plain || !/^https?:\/\//.test(value) ? <>{value}</> : <Link href={value} target="_blank" rel="noreferrer">{value}</Link>;
    case 'textarea':
      return <span style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{value}</span>;
    case 'tags':
      return <Tags value={value} />;
    case 'json':
      return <Json value={value} />;
    default:
      return <span style={{ overflowWrap: 'anywhere' }}>{String(value)}</span>;
  }
}
