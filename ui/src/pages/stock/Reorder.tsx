import { Alert, Box, Button, Link, Paper, Skeleton } from '@mui/material';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RaRecord } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';
import { dataProvider, read } from '../../api/data';
import { EmptyState, Money, PageTitle, Quantity, may, useFormat, useT } from '../../shared';
import { RecordPicker } from '../../shared/RecordPicker';
import { ROWS_PER_PAGE, RowsPages, RowsTable, type Column } from '../../shared/RowsTable';

type Amount = number | string;
type Proposal = { product_id: number; sku: string; name: string; unit: string | null; available: Amount; on_order: Amount; in_draft: Amount; reorder_minimum: Amount; reorder_maximum: Amount | null; proposed_quantity: Amount; last_cost: Amount | null; vendor_id: number | null; vendor_name: string | null; order_by_date: string | null; expected_date: string | null };
type Ordered = { orders: (RaRecord & { po_number: string; supplier_name: string })[]; skipped: { product_id: number; sku: string; reason: string }[]; more?: boolean };

function useColumns(): Column<Proposal>[] {
  const t = useT();
  const f = useFormat();
  return [
    { id: 'product', label: t('Product'), value: (p) => <Link component={RouterLink} to={`/products/${p.product_id}/show`}>{p.name}</Link> },
    { id: 'sku', label: t('SKU'), value: (p) => p.sku },
    { id: 'vendor', label: t('Vendor'), value: (p) => p.vendor_name ?? <i>{t('none is preferred')}</i> },
    { id: 'available', label: t('Available'), right: true, value: (p) => <Quantity value={p.available} unit={p.unit} /> },
    { id: 'coming', label: t('On order'), right: true, value: (p) => <Quantity value={p.on_order} unit={p.unit} /> },
    { id: 'draft', label: t('In drafts'), right: true, value: (p) => <Quantity value={p.in_draft} unit={p.unit} /> },
    { id: 'minimum', label: t('Reorder minimum'), right: true, value: (p) => <Quantity value={p.reorder_minimum} unit={p.unit} /> },
    { id: 'proposed', label: t('To order'), right: true, value: (p) => <b><Quantity value={p.proposed_quantity} unit={p.unit} /></b> },
    { id: 'cost', label: t('Last cost'), right: true, value: (p) => (p.last_cost === null ? '' : <Money value={p.last_cost} />) },
    { id: 'by', label: t('Order by'), right: true, value: (p) => f.date(p.order_by_date) },
  ];
}

function Result({ done, onClose }: { done: Ordered; onClose: () => void }) {
  const t = useT();
  const why: Record<string, string> = { no_vendor: t('has no preferred vendor'), vendor_not_active: t('its vendor is not active'), in_draft: t('is in a draft already') };
  return (
    <Alert severity={done.orders.length ? 'success' : 'info'} role="status" onClose={onClose} closeText={t('Close')} sx={{ mb: 2 }}>
      {done.orders.length ? t('Drafts were made; look them over and approve them:') : t('No order was made.')}
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {done.orders.map((o) => (
          <li key={String(o.id)}>
            <Link component={RouterLink} to={`/purchase-orders/${o.id}/show`}>
              {o.po_number}
            </Link>{' '}
            {o.supplier_name}
          </li>
        ))}
        {done.skipped.map((s) => (
          <li key={`s${s.product_id}`}>
            {s.sku}: {why[s.reason] ?? s.reason}
          </li>
        ))}
        {done.more && <li>{t('There is more than fits into one go: do it once more.')}</li>}
      </Box>
    </Alert>
  );
}

/** What is below its minimum, and drafts of purchase orders for it in one go. */
export default function Reorder() {
  const t = useT();
  const columns = useColumns();
  const client = useQueryClient();
  const [vendor, setVendor] = useState<RaRecord | null>(null);
  const [page, setPage] = useState(0);
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set()); // not to be ordered
  const [done, setDone] = useState<Ordered | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const query = { vendor_id: vendor?.id, page: page + 1, page_size: ROWS_PER_PAGE };
  const { data, error, isPending } = useQuery({ queryKey: ['reorder-proposals', query], queryFn: ({ signal }) => read<{ items: Proposal[]; total: number }>('reorder-proposals', '', query, signal), retry: false });
  const rows = data?.items ?? [];
  const chosen = rows.filter((p) => !left.has(p.product_id));
  const setAll = (on: boolean) => setLeft(new Set(on ? [] : rows.map((p) => p.product_id)));
  const order = async () => {
    setBusy(true);
    setProblem(null);
    try {
      setDone((await dataProvider.act('reorder-proposals', null, 'order', { body: { product_ids: chosen.map((p) => p.product_id) } })) as unknown as Ordered);
    } catch (e) {
      setProblem((e as Error).message);
    }
    await client.invalidateQueries();
    setBusy(false);
  };
  return (
    <>
      <PageTitle
        title={t('Reorder proposals')}
        subtitle={t('What is below its reorder minimum, and how much of it to order from whom.')}
        actions={
          may('reorder-proposals', 'order') && (
            <Button variant="contained" disabled={busy || !chosen.length} onClick={() => void order()}>
              {t('Make draft orders (%{n})', { n: chosen.length })}
            </Button>
          )
        }
      />
      {done && <Result done={done} onClose={() => setDone(null)} />}
      {(problem ?? error) && (
        <Alert severity="error" role="alert" sx={{ mb: 2 }}>
          {problem ?? error?.message}
        </Alert>
      )}
      <Box sx={{ maxWidth: 320, mb: 1.5 }}>
        <RecordPicker resource="vendors" label={t('Vendor')} value={vendor} onChange={(v) => { setVendor(v); setPage(0); }} />
      </Box>
      <Paper sx={{ border: 1, borderColor: 'divider', overflow: 'hidden' }}>
        {isPending && <Box sx={{ p: 2 }}>{[1, 2, 3].map((i) => <Skeleton key={i} height={44} />)}</Box>}
        {data && !rows.length && <EmptyState title={t('Nothing needs to be ordered')} text={t('Products appear here when what is available and on order falls below their reorder minimum.')} />}
        {!!rows.length && (
          <RowsTable
            label={t('Reorder proposals')}
            columns={columns}
            rows={rows}
            keyOf={(p) => p.product_id}
            selection={{
              has: (id) => !left.has(id),
              toggle: (id) => setLeft(new Set(left.has(id) ? [...left].filter((x) => x !== id) : [...left, id])),
              all: chosen.length === rows.length,
              some: chosen.length > 0,
              toggleAll: () => setAll(chosen.length < rows.length),
              nameOf: (id) => t('Order: %{name}', { name: rows.find((p) => p.product_id === id)?.name ?? id }),
            }}
          />
        )}
        {!!data && <RowsPages total={data.total} page={page} onPage={(p) => { setPage(p); setLeft(new Set()); }} />}
      </Paper>
    </>
  );
}
