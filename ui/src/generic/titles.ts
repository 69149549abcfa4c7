import { fieldOf } from '../meta/store';
import type { Resource } from '../meta/types';

/** What a record is called: its title, and its name where the title is a number. */
export function titleOf(r: Resource | undefined, record: Record<string, unknown> | undefined): string {
  if (!record) return '';
  const title = r?.title ? (record[r.title] as string | null) : null;
  const more = r?.title !== 'name' && fieldOf(r, 'name') ? (record['name'] as string | null) : null;
  const text = [title, more].filter(Boolean).join(' · ');
  return text || (record['id'] === undefined ? '' : `#${record['id'] as number}`);
}
