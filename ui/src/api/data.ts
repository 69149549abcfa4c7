import type { DataProvider, GetListParams, GetManyReferenceParams, Identifier, RaRecord } from 'react-admin';
import { fieldOf, resourceNow } from '../meta/store';
import { call } from './http';

export type Row = RaRecord & { version?: number };
type List = { items: Row[]; total?: number; total_at_least?: boolean; next_cursor?: string | null };

export const pathOf = (resource: string) => `/${resourceNow(resource)?.path ?? resource}`;
const isSingle = (resource: string) => resourceNow(resource)?.singleton === true;
const recordPath = (resource: string, id: Identifier) => (isSingle(resource) ? pathOf(resource) : `${pathOf(resource)}/${id}`);

/** Filters are the API's own parameters (`status__in`, `due_date__gte`); `q` is what is searched for. */
export function filterQuery({ q, ...filter }: Record<string, unknown>): Record<string, unknown> {
  return { ...filter, ...(q ? { search: q } : {}) };
}

/** Nothing for what no list can be sorted by: then the server's own order holds. */
export function ordering(resource: string, sort: { field: string; order: string } | undefined): Record<string, string> {
  if (!sort || !fieldOf(resourceNow(resource), sort.field)?.sort) return {};
  return { ordering: `${sort.order === 'DESC' ? '-' : ''}${sort.field}` };
}

const ifMatch = (record: Row | undefined): Record<string, string> => (record?.version === undefined ? {} : { 'If-Match': `"v${record.version}"` });

/** What a search finds is not counted to its end: then only whether there is more is known. */
function counted({ items, total, total_at_least, next_cursor }: List, page: number) {
  if (total_at_least) return { data: items, pageInfo: { hasNextPage: Boolean(next_cursor), hasPreviousPage: page > 1 } };
  return { data: items, total: total ?? items.length };
}

type ListParams = Partial<GetListParams & GetManyReferenceParams>;
async function list(resource: string, params: ListParams, more: Record<string, unknown> = {}) {
  const { page = 1, perPage = 25 } = params.pagination ?? {};
  const query = { page, page_size: perPage, ...ordering(resource, params.sort), ...filterQuery(params.filter ?? {}), ...more, ...(params.meta?.query as object | undefined) };
  const { json } = await call<List>('GET', pathOf(resource), { query, signal: params.signal });
  return counted(json, page);
}

/** What differs, and may be given: a PATCH names nothing else. */
export function changed(resource: string, data: Record<string, unknown>, before: Record<string, unknown> | undefined): Record<string, unknown> {
  const r = resourceNow(resource);
  const names = new Set(r?.fields?.filter((f) => f.update).map((f) => f.name));
  if (r?.lines) names.add(r.lines.name);
  return Object.fromEntries(Object.entries(data).filter(([k, v]) => names.has(k) && JSON.stringify(v) !== JSON.stringify(before?.[k])));
}

/** The lines with what may be given of them, without those in which nothing was entered: a grid has an empty one at its end. */
export function cleanLines<T extends Record<string, unknown>>(resource: string, data: T): T {
  const lines = resourceNow(resource)?.lines;
  const rows = lines ? data[lines.name] : undefined;
  if (!lines || !Array.isArray(rows)) return data;
  const given = new Set(lines.fields.filter((f) => f.create || f.update).map((f) => f.name));
  const own = (row: Record<string, unknown>) => Object.fromEntries(Object.entries(row).filter(([k, v]) => given.has(k) && v !== undefined && v !== null && v !== ''));
  return { ...data, [lines.name]: (rows as Record<string, unknown>[]).map(own).filter((row) => Object.keys(row).length) };
}

export const dataProvider = {
  supportAbortSignal: true,
  getList: (resource: string, params: GetListParams) => list(resource, params),
  getManyReference: (resource: string, params: GetManyReferenceParams) => list(resource, params, { [params.target]: params.id }),
  async getOne(resource: string, { id, signal }: { id: Identifier; signal?: AbortSignal }) {
    const { json } = await call<Row>('GET', recordPath(resource, id), { signal });
    return { data: isSingle(resource) ? { ...json, id } : json };
  },
  async getMany(resource: string, { ids, signal }: { ids: Identifier[]; signal?: AbortSignal }) {
    const { json } = await call<List>('GET', pathOf(resource), { query: { id__in: ids, page_size: Math.min(ids.length, 1000), count: 'none' }, signal });
    return { data: json.items };
  },
  async create(resource: string, { data, meta }: { data: Partial<Row>; meta?: { query?: Record<string, unknown> } }) {
    const { json } = await call<Row>('POST', pathOf(resource), { body: cleanLines(resource, data), query: meta?.query });
    return { data: json };
  },
  async update(resource: string, { id, data, previousData }: { id: Identifier; data: Partial<Row>; previousData?: Row }) {
    const { json } = await call<Row>('PATCH', recordPath(resource, id), { body: changed(resource, cleanLines(resource, data), previousData && cleanLines(resource, previousData)), headers: ifMatch(previousData) });
    return { data: isSingle(resource) ? { ...json, id } : json };
  },
  async updateMany(resource: string, { ids, data }: { ids: Identifier[]; data: Partial<Row> }) {
    await call('POST', `${pathOf(resource)}/bulk`, { body: { items: ids.map((id) => ({ id, ...data })), atomic: true } });
    return { data: ids };
  },
  async delete(resource: string, { id, previousData }: { id: Identifier; previousData?: Row }) {
    await call('DELETE', recordPath(resource, id), { headers: ifMatch(previousData) });
    return { data: { ...previousData, id } as Row };
  },
  async deleteMany(resource: string, { ids }: { ids: Identifier[] }) {
    for (const id of ids) await call('DELETE', recordPath(resource, id));
    return { data: ids };
  },

  /** A record's or (without an id) a resource's action. With `dryRun` it says what would result, and nothing changes. */
  async act(resource: string, id: Identifier | null, action: string, options: { body?: unknown; dryRun?: boolean; version?: number; method?: string } = {}) {
    const path = `${pathOf(resource)}${id === null ? '' : `/${id}`}${action ? `/${action}` : ''}`;
    const { json } = await call<Row>((options.method ?? 'post').toUpperCase(), path, {
      body: options.body ?? {},
      query: options.dryRun ? { dry_run: true } : {},
      headers: options.version === undefined ? {} : { 'If-Match': `"v${options.version}"` },
    });
    return json;
  },
};

/** Reads an answer of its own: read('reports', 'stock-valuation', {as_of}). */
export async function read<T>(resource: string, what: string, query: Record<string, unknown> = {}, signal?: AbortSignal): Promise<T> {
  return (await call<T>('GET', `${pathOf(resource)}${what ? `/${what}` : ''}`, { query, signal })).json;
}

export const adminDataProvider = dataProvider as unknown as DataProvider;
