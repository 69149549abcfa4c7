import { DateInput, NullableBooleanInput, SearchInput, SelectArrayInput, TextInput } from 'react-admin';
import type { ReactElement } from 'react';
import type { T } from '../i18n';
import type { Field, Resource } from '../meta/types';
import { ReferenceField } from './inputs';

/** What a filter shows when it is switched on, by the widget of its field: sources are the API's parameters. */
function filtersOf(f: Field, t: T): ReactElement[] {
  const label = t(f.label);
  const has = (o: string) => f.filter?.includes(o as never);
  if (!f.filter || f.widget === 'json') return [];
  if (f.choices)
    return [
      <SelectArrayInput key={f.name} source={`${f.name}__in`} label={label} choices={f.choices.map((c) => ({ id: c.name, name: t(c.label) }))} translateChoice={false} />,
    ];
  switch (f.widget) {
    case 'reference':
      return f.resource ? [<FilterReference key={f.name} source={f.name} label={label} field={f} />] : [];
    case 'checkbox':
      return [<NullableBooleanInput key={f.name} source={f.name} label={label} trueLabel={t('Yes')} falseLabel={t('No')} nullLabel="" />];
    case 'date':
    case 'datetime':
      return [
        <DateInput key={`${f.name}>`} source={`${f.name}__gte`} label={t('%{field} from', { field: label })} />,
        <DateInput key={`${f.name}<`} source={`${f.name}__lte`} label={t('%{field} until', { field: label })} />,
      ];
    case 'money':
    case 'quantity':
    case 'percent':
    case 'integer':
      return [
        <TextInput key={`${f.name}>`} source={`${f.name}__gte`} label={t('%{field} at least', { field: label })} />,
        <TextInput key={`${f.name}<`} source={`${f.name}__lte`} label={t('%{field} at most', { field: label })} />,
      ];
    default:
      return [<TextInput key={f.name} source={has('contains') ? `${f.name}__contains` : f.name} label={label} />];
  }
}

const FilterReference = ({ source, label, field }: { source: string; label: string; field: Field; alwaysOn?: boolean }) => (
  <ReferenceField field={field} common={{ source, label, helperText: false, validate: [], fullWidth: true }} />
);

export function listFilters(r: Resource, t: T): ReactElement[] {
  const search = r.searchable ? [<SearchInput key="q" source="q" alwaysOn placeholder={t('Search')} slotProps={{ htmlInput: { 'aria-label': t('Search') } }} />] : [];
  const id = (f: Field) => f.name === 'id' || f.name === 'version';
  return [...search, ...(r.fields ?? []).filter((f) => !id(f)).flatMap((f) => filtersOf(f, t))];
}
