import { Alert, Box, Button, Link, Paper, Skeleton, ToggleButton, ToggleButtonGroup } from '@mui/material';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';
import { EmptyState, PageTitle, Quantity, ToneChip, may, useFormat, useT } from '../../shared';
import type { Tone } from '../../meta/types';
import { RowsTable, type Column } from '../../shared/RowsTable';
import { useRead } from '../../shared/useRead';

type Amount = number | string;
type Row = { product_id: number; item_id: string; item_name: string; available: Amount; reorder_level: Amount; unit: string | null; status: string; lot: string | null; best_before: string | null };
/** As many as the server tells at once. */
const MOST = 1000;
const TONES: Record<string, Tone> = { out_of_stock: 'danger', expired: 'danger', low_stock: 'warning', expiring: 'warning' };

/** Stock that is out, low, expired or expiring. */
export default function Alerts() {
  const t = useT();
  const f = useFormat();
  const [params, setParams] = useSearchParams();
  const words: Record<string, string> = { out_of_stock: t('out of stock'), low_stock: t('low'), expired: t('expired'), expiring: t('expires soon') };
  const { data, error, isPending } = useRead<Row[]>('dashboard', 'inventory/alerts', { page_size: MOST });
  const kind = params.get('kind') ?? 'all';
  const rows = (data ?? []).filter((r) => kind === 'all' || r.status === kind);
  const count = (name: string) => (data ?? []).filter((r) => name === 'all' || r.status === name).length;
  const columns: Column<Row>[] = [
    { id: 'product', label: t('Product'), value: (r) => <Link component={RouterLink} to={`/products/${r.product_id}/show?tab=stock`}>{r.item_name}</Link> },
    { id: 'status', label: t('Status'), value: (r) => <ToneChip tone={TONES[r.status] ?? 'neutral'} label={words[r.status] ?? r.status} /> },
    { id: 'sku', label: t('SKU'), value: (r) => r.item_id },
    { id: 'lot', label: t('Lot'), value: (r) => r.lot ?? '' },
    { id: 'available', label: t('Available'), right: true, value: (r) => <Quantity value={r.available} unit={r.unit} /> },
    { id: 'level', label: t('Low stock threshold'), right: true, value: (r) => <Quantity value={r.reorder_level} unit={r.unit} /> },
    { id: 'until', label: t('Best before'), right: true, value: (r) => f.date(r.best_before) },
  ];
  const reorder = may('reorder-proposals', '') && (
    <Button component={RouterLink} to="/stock/reorder" variant="outlined">
      {t('Reorder proposals')}
    </Button>
  );
  return (
    <>
      <PageTitle title={t('Inventory alerts')} subtitle={t('Stock that is low, out, expiring or expired, the worst first')} actions={reorder} />
      {error && (
        <Alert severity="error" role="alert" sx={{ mb: 2 }}>
          {error.message}
        </Alert>
      )}
      <Box sx={{ overflowX: 'auto', mb: 1.5 }}>
        <ToggleButtonGroup exclusive size="small" value={kind} aria-label={t('Status')} onChange={(_, v: string | null) => v && setParams(v === 'all' ? {} : { kind: v }, { replace: true })}>
          {['all', ...Object.keys(TONES)].map((name) => (
            <ToggleButton key={name} value={name} sx={{ px: 1.5, textTransform: 'none', whiteSpace: 'nowrap' }}>
              {name === 'all' ? t('all') : words[name]} ({count(name)})
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      </Box>
      <Paper sx={{ border: 1, borderColor: 'divider', overflow: 'hidden' }}>
        {isPending && <Box sx={{ p: 2 }}>{[1, 2, 3].map((i) => <Skeleton key={i} height={44} />)}</Box>}
        {data && !rows.length && <EmptyState title={t('Nothing to look at')} text={t('Nothing is low, out of stock or about to expire.')} />}
        {!!rows.length && <RowsTable label={t('Inventory alerts')} columns={columns} rows={rows} keyOf={(r) => `${r.product_id} ${r.lot ?? ''} ${r.status}`} />}
      </Paper>
      {data?.length === MOST && <Alert severity="info" sx={{ mt: 2 }}>{t('These are the worst %{n}; there may be more.', { n: MOST })}</Alert>}
    </>
  );
}
