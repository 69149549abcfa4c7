import { useQuery } from '@tanstack/react-query';
import { read } from '../api/data';

/** An answer of its own, kept for a minute: useRead<Stats>('deals', 'stats', {status: 'open'}). */
export function useRead<T>(resource: string, what: string, query: Record<string, unknown> = {}, enabled = true) {
  return useQuery({ queryKey: [resource, 'read', what, query], queryFn: ({ signal }) => read<T>(resource, what, query, signal), enabled, retry: false, staleTime: 60_000 });
}

/** Where a list shows what a filter leaves. */
export const listPath = (resource: string, filter: Record<string, unknown> = {}) =>
  Object.keys(filter).length ? `/${resource}?filter=${encodeURIComponent(JSON.stringify(filter))}` : `/${resource}`;
