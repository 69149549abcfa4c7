import { AutocompleteInput, BooleanInput, DateInput, DateTimeInput, PasswordInput, ReferenceInput, SelectInput, TextInput, type Validator } from 'react-admin';
import { useT, type T } from '../i18n';
import { fieldOf, resourceNow, useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { parseDecimal } from '../api/decimal';
import { titleOf } from './titles';

export type Side = 'create' | 'update';

const empty = (v: unknown) => v === null || v === undefined || v === '';

/** What can be said before the server says it; it has the last word. */
function checks(field: Field, t: T): Validator[] {
  const all: Validator[] = [];
  if (field.required) all.push((v) => (empty(v) ? t('is required') : undefined));
  if (field.max_length)
    all.push((v) => (typeof v === 'string' && [...v].length > (field.max_length as number) ? t('has at most %{n} characters', { n: field.max_length }) : undefined));
  if (['money', 'quantity', 'percent'].includes(field.widget)) {
    const [min, max] = [parseDecimal(field.min), parseDecimal(field.max)];
    all.push((v) => {
      if (empty(v)) return undefined;
      const d = parseDecimal(v as string);
      if (d === null) return t('must be a number with at most four decimals');
      if (min !== null && d < min) return t('must be at least %{n}', { n: field.min });
      if (max !== null && d > max) return t('must be at most %{n}', { n: field.max });
      return undefined;
    });
  }
  if (field.widget === 'integer')
    all.push((v) => {
      if (empty(v)) return undefined;
      if (!/^-?\d+$/.test(String(v))) return t('must be a whole number');
      if (field.min !== undefined && Number(v) < field.min) return t('must be at least %{n}', { n: field.min });
      if (field.max !== undefined && Number(v) > field.max) return t('must be at most %{n}', { n: field.max });
      return undefined;
    });
  if (field.widget === 'json')
    all.push((v) => (typeof v === 'string' ? t('is not valid JSON') : undefined));
  return all;
}

type Common = { source: string; label: string; helperText: string | false; validate: Validator[]; disabled?: boolean; fullWidth: true };

/** Decimals stay the text that was typed, with a point for a comma. */
const asDecimal = (v: string) => (v === '' ? null : v.trim().replace(',', '.'));
const asInteger = (v: string) => (v === '' ? null : /^-?\d+$/.test(v.trim()) ? Number(v) : v);
const asText = (v: string) => (v === '' ? null : v);
const shown = (v: unknown) => (empty(v) ? '' : String(v));

const rightAligned = { '& input': { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } };

/** How a list of a resource is searched for one record while somebody types. */
export function searchOf(r: Resource | undefined) {
  return (text: string) => (r?.searchable ? { q: text } : r?.title && fieldOf(r, r.title)?.filter?.includes('contains') ? { [`${r.title}__contains`]: text } : {});
}

export function ReferenceField({ field, common }: { field: Field; common: Common }) {
  const r = useResource(field.resource);
  const t = useT();
  if (!r || !r.may.list) return <TextInput {...common} format={shown} parse={asText} />;
  return (
    <ReferenceInput source={common.source} reference={r.name} perPage={20} sort={{ field: r.title ?? 'id', order: 'ASC' }}>
      <AutocompleteInput
        {...common}
        optionText={(record: Record<string, unknown>) => titleOf(resourceNow(r.name), record)}
        filterToQuery={searchOf(r)}
        noOptionsText={t('Nothing found')}
        emptyText=""
        parse={(v) => (v === '' ? null : v)}
      />
    </ReferenceInput>
  );
}

/** The server's help names fields as programs do; people know them by their labels. */
export function helpText(field: Field, t: T): string {
  if (!field.help) return '';
  const text = t(field.help).replace(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => `“${t(nameLabel(name))}”`);
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

const nameLabel = (name: string) => {
  const words = name.replace(/_id$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

type Props = { field: Field; side: Side; source?: string; disabled?: boolean; dense?: boolean };

/** Whatever widget a field has, its input. */
export function FieldInput({ field, source = field.name, disabled, dense }: Props) {
  const t = useT();
  const label = `${t(field.label)}${field.required && !dense ? ' *' : ''}`;
  const help = helpText(field, t);
  const common: Common = { source, label, helperText: dense || !help ? false : help, validate: checks(field, t), disabled, fullWidth: true };
  switch (field.widget) {
    case 'select':
      return <SelectInput {...common} choices={(field.choices ?? []).map((c) => ({ id: c.name, name: t(c.label) }))} translateChoice={false} emptyText="" parse={(v) => (v === '' ? null : v)} />;
    case 'reference':
      return <ReferenceField field={field} common={common} />;
    case 'checkbox':
      return <BooleanInput source={source} label={t(field.label)} helperText={common.helperText} disabled={disabled} />;
    case 'date':
      return <DateInput {...common} parse={(v: string) => v || null} />;
    case 'datetime':
      return <DateTimeInput {...common} parse={(v: string) => (v ? new Date(v).toISOString().replace(/\.\d+Z$/, 'Z') : null)} />;
    case 'money':
    case 'quantity':
    case 'percent':
      return <TextInput {...common} format={shown} parse={asDecimal} sx={rightAligned} slotProps={{ htmlInput: { inputMode: 'decimal' } }} />;
    case 'integer':
      return <TextInput {...common} format={shown} parse={asInteger} sx={rightAligned} slotProps={{ htmlInput: { inputMode: 'numeric' } }} />;
    case 'textarea':
      return <TextInput {...common} multiline minRows={2} format={shown} parse={asText} />;
    case 'password':
      return <PasswordInput {...common} autoComplete="new-password" />;
    case 'tags':
      return <TextInput {...common} helperText={dense ? false : t('several, with commas between them')} format={(v: unknown) => (Array.isArray(v) ? v.join(', ') : shown(v))} parse={(v: string) => v.split(',').map((x) => x.trimStart())} />;
    case 'json':
      return <TextInput {...common} multiline minRows={2} format={(v: unknown) => (typeof v === 'string' ? v : empty(v) ? '' : JSON.stringify(v, null, 2))} parse={parseJsonText} />;
    default:
      return <TextInput {...common} type={field.widget === 'email' ? 'email' : 'text'} format={shown} parse={asText} />;
  }
}

function parseJsonText(v: string): unknown {
  try {
    return v.trim() === '' ? null : JSON.parse(v);
  } catch {
    return v;
  }
}
