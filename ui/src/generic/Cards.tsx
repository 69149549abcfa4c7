import { Box, Link, Skeleton } from '@mui/material';
import type { ReactNode } from 'react';
import { useListContext, type RaRecord } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { useT } from '../i18n';
import { statusOf } from '../meta/store';
import type { Resource } from '../meta/types';
import { titleOf } from './titles';
import { FieldValue, isNumeric } from './values';

/** A list on a telephone: a card for each record, with what its columns say. */
export function Cards({ resource, empty }: { resource: Resource; empty: ReactNode }) {
  const t = useT();
  const { data, isPending } = useListContext<RaRecord>();
  if (isPending) return <Box sx={{ p: 2 }}>{[1, 2, 3, 4].map((i) => <Skeleton key={i} height={64} />)}</Box>;
  if (!data?.length) return <>{empty}</>;
  const status = statusOf(resource);
  const others = (resource.fields ?? []).filter((f) => f.column && f.name !== resource.title && f.name !== status?.name && f.name !== 'name').slice(0, 4);
  return (
    <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {data.map((record) => (
        <Box component="li" key={String(record.id)} sx={{ px: 1.5, py: 1.25, borderBottom: 1, borderColor: 'divider' }}>
          <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, alignItems: 'flex-start' }}>
            <Link component={RouterLink} to={`/${resource.name}/${record.id}/show`} sx={{ fontWeight: 650, overflowWrap: 'anywhere', py: 0.25 }}>
              {titleOf(resource, record)}
            </Link>
            {status && <FieldValue field={status} record={record} plain />}
          </Box>
          <Box component="dl" sx={{ m: 0, mt: 0.5, display: 'grid', gridTemplateColumns: 'auto 1fr', columnGap: 1.5, fontSize: '0.875rem' }}>
            {others.map((f) =>
              record[f.name] === null || record[f.name] === undefined || record[f.name] === '' ? null : (
                <Box key={f.name} sx={{ display: 'contents' }}>
                  <Box component="dt" sx={{ color: 'text.secondary' }}>
                    {t(f.label)}
                  </Box>
                  <Box component="dd" sx={{ m: 0, textAlign: isNumeric(f) ? 'right' : 'left', overflowWrap: 'anywhere' }}>
                    <FieldValue field={f} record={record} plain />
                  </Box>
                </Box>
              ),
            )}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
