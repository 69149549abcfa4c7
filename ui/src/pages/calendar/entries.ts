import { useQueries } from '@tanstack/react-query';
import type { RaRecord } from 'react-admin';
import { pathOf } from '../../api/data';
import { call } from '../../api/http';
import { isFrozen } from '../../generic/FormPage';
import { titleOf } from '../../generic/titles';
import { fieldOf } from '../../meta/store';
import type { Meta, Resource } from '../../meta/types';
import { addDays, dayIn, instantIn, moveInstant, timeIn } from './days';

/** What has days in a calendar: the field that says when. */
export type Source = { resource: Resource; field: string; instant: boolean };
/** `time` only of what has an hour; `change` is what moving it to another day writes, absent: it stays. */
export type Entry = { key: string; source: Source; record: RaRecord; title: string; note: string; day: string; time?: string; change?: (to: string) => Record<string, unknown> };
export type Loaded = { entries: Entry[]; more: Source[]; problem?: string; pending: boolean };

const MOST = 500;
/** Whose it is, or what it is about; beside a number. */
const NOTES = ['customer_name', 'supplier_name', 'payer_name', 'payee_name', 'product_name', 'title'];
/** Of an instant that the server works out: where it comes from. */
const WORKED_OUT = ['due_at', 'next_due'];

export function sourcesOf(meta: Meta): Source[] {
  const readable = meta.resources.filter((r) => r.may.list && !r.virtual);
  const names = new Set(readable.map((r) => r.name));
  const all: Source[] = [];
  for (const resource of readable) {
    // `orders` is sales and purchase orders together.
    if (resource.name === 'orders' && (names.has('sales-orders') || names.has('purchase-orders'))) continue;
    const field = resource.due ?? WORKED_OUT.find((n) => fieldOf(resource, n)?.filter?.includes('gte'));
    if (field && fieldOf(resource, field)?.filter?.includes('gte')) all.push({ resource, field, instant: fieldOf(resource, field)?.widget === 'datetime' });
  }
  return all.sort((a, b) => Number(b.resource.name === 'activities') - Number(a.resource.name === 'activities'));
}

/** The field of a record that moves with its day: it can be written, and the record's state lets it. */
function moving(s: Source, record: RaRecord): string | undefined {
  const { resource } = s;
  const candidates = s.instant ? ['scheduled_at', 'due_date'] : [s.field];
  const name = candidates.find((n) => record[n] && fieldOf(resource, n)?.update);
  const open = !isFrozen(resource, record) || !!fieldOf(resource, name)?.late;
  return resource.may.update && open ? name : undefined;
}

function entryOf(s: Source, record: RaRecord, zone: string): Entry {
  const value = String(record[s.field]);
  const name = moving(s, record);
  const day = s.instant ? dayIn(value, zone) : value;
  const before = name ? String(record[name]) : '';
  const change = name ? (to: string) => ({ [name]: fieldOf(s.resource, name)?.widget === 'datetime' ? moveInstant(before, to, zone) : to }) : undefined;
  const hour = s.instant && !(record['due_date'] && !record['scheduled_at']);
  return { key: `${s.resource.name}/${String(record.id)}`, source: s, record, title: titleOf(s.resource, record), note: NOTES.map((n) => (n === s.resource.title ? '' : String(record[n] ?? ''))).find(Boolean) ?? '', day, time: hour ? timeIn(value, zone) : undefined, change };
}

/** What is open and falls on the days from one to another, of all the sources; `owner` only what is theirs. */
export function useEntries(sources: Source[], from: string, to: string, zone: string, owner?: number): Loaded {
  const results = useQueries({
    queries: sources.map((s) => {
      const { resource: r, field } = s;
      const done = new Set([...(r.done ?? []), 'cancelled']);
      const open = fieldOf(r, r.status)?.choices?.map((c) => c.name).filter((c) => !done.has(c));
      const query = {
        [`${field}__gte`]: s.instant ? instantIn(from, '00:00:00', zone) : from,
        [`${field}__lt`]: s.instant ? instantIn(addDays(to, 1), '00:00:00', zone) : addDays(to, 1),
        ...(open && r.status ? { [`${r.status}__in`]: open } : {}),
        ...(owner !== undefined && r.owner ? { [r.owner]: owner } : {}),
        ordering: fieldOf(r, field)?.sort ? field : undefined,
        page_size: MOST,
      };
      return { queryKey: [r.name, 'calendar', query], queryFn: async ({ signal }: { signal: AbortSignal }) => (await call<{ items: RaRecord[]; total: number }>('GET', pathOf(r.name), { query, signal })).json, retry: false };
    }),
  });
  const entries = results.flatMap(({ data }, i) => (data?.items ?? []).map((record) => entryOf(sources[i] as Source, record, zone)));
  entries.sort((a, b) => a.day.localeCompare(b.day) || (a.time ?? '').localeCompare(b.time ?? '') || a.title.localeCompare(b.title));
  return {
    entries,
    more: sources.filter((_, i) => (results[i]?.data?.total ?? 0) > MOST),
    problem: results.find((r) => r.error)?.error?.message,
    pending: results.some((r) => r.isPending),
  };
}
