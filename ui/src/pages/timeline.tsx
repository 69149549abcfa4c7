import { Box, Button, Link, Skeleton, Typography } from '@mui/material';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { RaRecord } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { read } from '../api/data';
import { Changes, type Entry } from '../generic/Journal';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { fieldOf, resourceNow } from '../meta/store';
import type { Resource } from '../meta/types';
import { ChoiceChip } from '../shared';

type Item = { at: string; resource: string; record_id: number; title: string | null; record: RaRecord };
type Page = { items: Item[]; next_cursor: string | null };

function TimelineItem({ item, of }: { item: Item; of: Resource }) {
  const t = useT();
  const f = useFormat();
  const r = resourceNow(item.resource);
  const own = item.resource === 'audit-logs';
  const entry = item.record as unknown as Entry;
  const status = fieldOf(r, r?.status);
  const text = (item.record['description'] ?? item.record['content'] ?? item.record['outcome'] ?? item.record['notes']) as string | null | undefined;
  return (
    <Box component="li" sx={{ borderLeft: 3, borderColor: own ? 'divider' : 'primary.main', pl: 2, pb: 2 }}>
      <Typography variant="body2" color="text.secondary">
        {f.datetime(item.at)} · {own ? (entry.username ?? t('the program')) : ((item.record['created_by_name'] as string | null) ?? '')}
      </Typography>
      {own ? (
        <>
          <Typography sx={{ fontWeight: 600 }}>{t(entry.action)}</Typography>
          {entry.action !== 'create' && <Changes resource={of} entry={entry} />}
        </>
      ) : (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          <Typography component="span" color="text.secondary">
            {t(r?.label ?? item.resource)}
          </Typography>
          <Link component={RouterLink} to={`/${item.resource}/${item.record_id}/show`} sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
            {item.title ?? `#${item.record_id}`}
          </Link>
          {status && <ChoiceChip field={status} value={item.record[status.name]} />}
        </Box>
      )}
      {!own && text && (
        <Typography variant="body2" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Typography>
      )}
    </Box>
  );
}

/** What happened with a record: what refers to it, and its own changes, newest first. */
export default function Timeline({ record, resource }: { record: RaRecord; resource: Resource }) {
  const t = useT();
  const { data, isPending, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [resource.name, 'timeline', record.id, record['version']],
    queryFn: ({ pageParam, signal }) => read<Page>(resource.name, `${String(record.id)}/timeline`, { page_size: 20, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    retry: false,
  });
  if (isPending) return <>{[1, 2, 3].map((i) => <Skeleton key={i} height={56} />)}</>;
  if (error) return <Typography color="error">{error.message}</Typography>;
  const items = data.pages.flatMap((p) => p.items);
  return (
    <>
      {!items.length && <Typography color="text.secondary">{t('There are none.')}</Typography>}
      <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {items.map((i) => (
          <TimelineItem key={`${i.resource} ${i.record_id}`} item={i} of={resource} />
        ))}
      </Box>
      {hasNextPage && (
        <Button size="small" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('Show earlier ones')}
        </Button>
      )}
    </>
  );
}
