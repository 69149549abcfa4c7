import { Box, Checkbox, Table, TableBody, TableCell, TableHead, TablePagination, TableRow, useMediaQuery, type Theme } from '@mui/material';
import type { ReactNode } from 'react';
import { useT } from '../i18n';
import { partly } from './partly';
import { Scrolling } from './Scrolling';

export type Column<T> = { id: string; label: string; right?: boolean; value: (row: T) => ReactNode };
type Selection<K> = { has: (key: K) => boolean; toggle: (key: K) => void; all: boolean; some: boolean; toggleAll: () => void; nameOf: (key: K) => string };
type Props<T, K> = {
  /** What the table is of, for who cannot see it. */
  label: string;
  /** The first one names the row. */
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => K;
  selection?: Selection<K>;
};

function Wide<T, K extends string | number>({ label, columns, rows, keyOf, selection: s }: Props<T, K>) {
  const t = useT();
  const side = (c: Column<T>) => (c.right ? 'right' : 'left');
  return (
    <Scrolling label={label}>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            {s && (
              <TableCell padding="checkbox">
                <Checkbox size="small" checked={s.all} indeterminate={s.some && !s.all} onChange={s.toggleAll} slotProps={{ input: { 'aria-label': t('Select all'), ref: partly(s.some && !s.all) } }} />
              </TableCell>
            )}
            {columns.map((c) => (
              <TableCell key={c.id} align={side(c)}>
                {c.label}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} hover>
              {s && (
                <TableCell padding="checkbox">
                  <Checkbox size="small" checked={s.has(keyOf(row))} onChange={() => s.toggle(keyOf(row))} slotProps={{ input: { 'aria-label': s.nameOf(keyOf(row)) } }} />
                </TableCell>
              )}
              {columns.map((c) => (
                <TableCell key={c.id} align={side(c)}>
                  {c.value(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Scrolling>
  );
}

function Narrow<T, K extends string | number>({ label, columns: [first, ...others], rows, keyOf, selection: s }: Props<T, K>) {
  return (
    <Box component="ul" aria-label={label} sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {rows.map((row) => (
        <Box component="li" key={keyOf(row)} sx={{ px: 1.5, py: 1.25, borderBottom: 1, borderColor: 'divider', display: 'flex', gap: 1, alignItems: 'flex-start' }}>
          {s && <Checkbox size="small" checked={s.has(keyOf(row))} onChange={() => s.toggle(keyOf(row))} sx={{ ml: -1, mt: -0.75 }} slotProps={{ input: { 'aria-label': s.nameOf(keyOf(row)) } }} />}
          <Box sx={{ flex: 1, minWidth: 0 }}>
            <Box sx={{ fontWeight: 650, overflowWrap: 'anywhere' }}>{first?.value(row)}</Box>
            <Box component="dl" sx={{ m: 0, mt: 0.5, display: 'grid', gridTemplateColumns: 'auto 1fr', columnGap: 1.5, fontSize: '0.875rem' }}>
              {others.map((c) => {
                const value = c.value(row);
                if (value === null || value === undefined || value === '') return null;
                return (
                  <Box key={c.id} sx={{ display: 'contents' }}>
                    <Box component="dt" sx={{ color: 'text.secondary' }}>
                      {c.label}
                    </Box>
                    <Box component="dd" sx={{ m: 0, textAlign: 'right', overflowWrap: 'anywhere' }}>
                      {value}
                    </Box>
                  </Box>
                );
              })}
            </Box>
          </Box>
        </Box>
      ))}
    </Box>
  );
}

/** Rows that are no records: a table, and on a telephone a card for each. */
export function RowsTable<T, K extends string | number>(props: Props<T, K>) {
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  return small ? <Narrow {...props} /> : <Wide {...props} />;
}

export const ROWS_PER_PAGE = 50;

/** The pages of rows that are no records; nothing when one holds them all. */
export function RowsPages({ total, page, onPage }: { total: number; page: number; onPage: (page: number) => void }) {
  const t = useT();
  if (total <= ROWS_PER_PAGE) return null;
  return (
    <TablePagination
      component="div"
      count={total}
      page={page}
      rowsPerPage={ROWS_PER_PAGE}
      rowsPerPageOptions={[]}
      onPageChange={(_, p) => onPage(p)}
      labelDisplayedRows={({ from, to, count }) => t('%{from}–%{to} of %{count}', { from, to, count })}
      getItemAriaLabel={(type) => (type === 'next' ? t('Next page') : t('Previous page'))}
    />
  );
}
