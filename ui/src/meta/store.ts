import { useSyncExternalStore } from 'react';
import { call } from '../api/http';
import type { Action, Field, Meta, Resource, Verb } from './types';

/** The metadata of who is signed in; read once after signing in, and again when the role may have changed. */
let current: Meta | null = null;
let byName = new Map<string, Resource>();
let loading: Promise<Meta> | null = null;
const listeners = new Set<() => void>();

function set(meta: Meta | null) {
  current = meta;
  byName = new Map(meta?.resources.map((r) => [r.name, r]));
  for (const listener of listeners) listener();
}

export function loadMeta(): Promise<Meta> {
  if (current) return Promise.resolve(current);
  loading ??= call<Meta>('GET', '/meta')
    .then(({ json }) => {
      set(json);
      return json;
    })
    .finally(() => {
      loading = null;
    });
  return loading;
}

export const forgetMeta = () => set(null);
export const metaNow = () => current;
export const resourceNow = (name: string): Resource | undefined => byName.get(name);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The metadata; only below the pages that need a signed-in user. */
export function useMeta(): Meta {
  const meta = useSyncExternalStore(subscribe, metaNow);
  if (!meta) throw new Error('nobody is signed in');
  return meta;
}

export const useMaybeMeta = () => useSyncExternalStore(subscribe, metaNow);

/** A resource the caller may read, or undefined. */
export function useResource(name: string | undefined): Resource | undefined {
  useMaybeMeta();
  return name ? byName.get(name) : undefined;
}

/** Whether the caller may use a verb or an action of a resource: may('sales-orders', 'create'). */
export function may(resource: string, what: Verb | string): boolean {
  const r = byName.get(resource);
  return !!r && (what in r.may || r.actions.some((a) => a.name === what));
}

export const fieldOf = (r: Resource | undefined, name: string | undefined): Field | undefined =>
  name ? r?.fields?.find((f) => f.name === name) : undefined;

/** An action asks for an id: the reference that records have by that name, so that it is chosen and not typed. */
export function asReference(r: Resource, field: Field): Field {
  if (field.widget !== 'id') return field;
  const same = [r, ...byName.values()].map((x) => fieldOf(x, field.name)).find((f) => f?.resource);
  return same ? { ...field, widget: 'reference', resource: same.resource, label: same.label } : field;
}

/** What tells the state of a record: what its actions change, or just a field of that name. */
export const statusOf = (r: Resource | undefined): Field | undefined => {
  const field = fieldOf(r, r?.status ?? 'status');
  return field?.choices ? field : undefined;
};

export const actionOf = (r: Resource | undefined, name: string): Action | undefined =>
  r?.actions.find((a) => a.name === name && a.kind !== 'read');
