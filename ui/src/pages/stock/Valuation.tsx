import { Alert, Box, Link, Skeleton, TextField } from '@mui/material';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useGetOne, type RaRecord } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';
import { read } from '../../api/data';
import { EmptyState, Money, PageTitle, Quantity, useFormat, useT } from '../../shared';
import { Chart, Panel } from '../../shared/Chart';
import { RecordPicker } from '../../shared/RecordPicker';
import { ROWS_PER_PAGE, RowsPages, RowsTable, type Column } from '../../shared/RowsTable';
import { Figure, Figures } from '../home/figures';
import { useShort } from '../home/dates';

type Amount = number | string;
type Item = { product_id: number; sku: string; name: string; category: string | null; unit: string | null; quantity: Amount; value: Amount; cost: Amount | null };
type Place = { location_id: number; location: string; products: number; value: Amount };
type Report = { as_of: string; items: Item[]; total: number; total_value: Amount; by_category: { category: string | null; products: number; value: Amount }[]; by_location: Place[] };
type Filters = { as_of?: string; location_id?: string; category?: string };

/** A filter of the report, kept in the address. */
function useFilters(): [Filters, (change: Filters) => void] {
  const [params, setParams] = useSearchParams();
  const now = Object.fromEntries(['as_of', 'location_id', 'category'].map((n) => [n, params.get(n) ?? undefined])) as Filters;
  const set = (change: Filters) => setParams(Object.fromEntries(Object.entries({ ...now, ...change }).filter(([, v]) => v)) as Record<string, string>, { replace: true });
  return [now, set];
}

function Location({ id, onChange }: { id: string | undefined; onChange: (id: string | undefined) => void }) {
  const t = useT();
  const { data } = useGetOne<RaRecord>('locations', { id: id ?? 0 }, { enabled: !!id, retry: false });
  return <RecordPicker resource="locations" label={t('Location')} value={(id && data) || null} onChange={(l) => onChange(l ? String(l.id) : undefined)} filter={{ usage: 'internal' }} />;
}

function Groups({ report }: { report: Report }) {
  const t = useT();
  const f = useFormat();
  const short = useShort();
  const categories = useMemo(() => [...report.by_category].sort((a, b) => Number(b.value) - Number(a.value)), [report]);
  const labels = useMemo(() => categories.map((c) => c.category ?? t('without a category')), [categories, t]);
  const series = useMemo(() => [{ name: t('Value'), values: categories.map((c) => c.value) }], [categories, t]);
  const places: Column<Place>[] = [
    { id: 'location', label: t('Location'), value: (p) => p.location },
    { id: 'products', label: t('Products'), right: true, value: (p) => f.integer(p.products) },
    { id: 'value', label: t('Value'), right: true, value: (p) => <Money value={p.value} /> },
  ];
  const to = (i: number) => (categories[i]?.category ? `/stock/valuation?category=${encodeURIComponent(categories[i].category)}` : undefined);
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' }, gap: 2, mb: 2 }}>
      <Chart title={t('By category')} by={t('Category')} kind="bar" sideways labels={labels} series={series} format={f.money} short={short} to={to} />
      <Panel title={t('By location')}>
        <RowsTable label={t('By location')} columns={places} rows={report.by_location} keyOf={(p) => p.location_id} />
      </Panel>
    </Box>
  );
}

/** What the stock is worth, now or at a past moment. */
export default function Valuation() {
  const t = useT();
  const f = useFormat();
  const [filters, setFilters] = useFilters();
  const [page, setPage] = useState(0);
  const query = { ...filters, page: page + 1, page_size: ROWS_PER_PAGE };
  const { data, error, isPending } = useQuery({ queryKey: ['reports', 'read', 'stock-valuation', query], queryFn: ({ signal }) => read<Report>('reports', 'stock-valuation', query, signal), retry: false });
  const change = (c: Filters) => {
    setPage(0);
    setFilters(c);
  };
  const columns: Column<Item>[] = [
    { id: 'product', label: t('Product'), value: (p) => <Link component={RouterLink} to={`/products/${p.product_id}/show?tab=stock`}>{p.name}</Link> },
    { id: 'sku', label: t('SKU'), value: (p) => p.sku },
    { id: 'category', label: t('Category'), value: (p) => p.category ?? '' },
    { id: 'quantity', label: t('Quantity'), right: true, value: (p) => <Quantity value={p.quantity} unit={p.unit} /> },
    { id: 'cost', label: t('Cost'), right: true, value: (p) => (p.cost === null ? '' : <Money value={p.cost} />) },
    { id: 'value', label: t('Value'), right: true, value: (p) => <Money value={p.value} /> },
  ];
  return (
    <>
      <PageTitle title={t('Stock valuation')} subtitle={data ? t('As of %{moment}', { moment: f.datetime(data.as_of) }) : t('What the stock is worth, by product, category and location, now or at a past moment')} />
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', sm: 'repeat(3, minmax(0, 16rem))' }, gap: 1.5, mb: 2 }}>
        <TextField type="date" label={t('At the end of')} value={filters.as_of ?? ''} onChange={(e) => change({ as_of: e.target.value })} slotProps={{ inputLabel: { shrink: true } }} sx={{ my: 0 }} />
        <Location id={filters.location_id} onChange={(location_id) => change({ location_id })} />
        <TextField key={filters.category ?? ''} label={t('Category')} defaultValue={filters.category ?? ''} onBlur={(e) => e.target.value.trim() !== (filters.category ?? '') && change({ category: e.target.value.trim() })} onKeyDown={(e) => e.key === 'Enter' && (e.target as HTMLInputElement).blur()} sx={{ my: 0 }} />
      </Box>
      {error && (
        <Alert severity="error" role="alert" sx={{ mb: 2 }}>
          {error.message}
        </Alert>
      )}
      {isPending && <Skeleton variant="rectangular" height={240} />}
      {data && (
        <>
          <Figures>
            <Figure label={t('Value of the stock')} value={<Money value={data.total_value} />} />
            <Figure label={t('Products in stock')} value={f.integer(data.total)} />
          </Figures>
          {!data.total && <EmptyState title={t('No stock')} text={t('There was nothing of value at this moment and place.')} />}
          {!!data.total && (
            <>
              <Groups report={data} />
              <Panel title={t('By product')}>
                <RowsTable label={t('By product')} columns={columns} rows={data.items} keyOf={(p) => p.product_id} />
                <RowsPages total={data.total} page={page} onPage={setPage} />
              </Panel>
            </>
          )}
        </>
      )}
    </>
  );
}
