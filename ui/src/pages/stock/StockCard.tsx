import { Box, Button, Table, TableBody, TableCell, TableHead, TablePagination, TableRow, Typography } from '@mui/material';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { useRefresh } from 'react-admin';
import type { TabProps } from '..';
import { call } from '../../api/http';
import type { Product } from '../../shared/products';
import { EmptyState, may, Money, Quantity, StatusChip, ToneChip, useFormat, useT } from '../../shared';
import { MoveDialog, TITLES, type Doing, type Level } from './MoveDialog';
import type { Point } from './BalanceChart';
import { Scrolling } from '../../shared/Scrolling';

const BalanceChart = lazy(() => import('./BalanceChart'));

type Posting = { id: number; kind: string; effective_at: string; location_name: string; lot_name: string | null; stock_status: string; quantity: string | number; value: string | number; product_quantity: string | number; product_value: string | number };
type Page<T> = { items: T[]; total?: number };

const PAGE = 25;
const CHARTED = 1000;
const NEWEST = '-effective_at,-order_id';

/** `turn` asks again. */
function useAnswer<T>(path: string, query: Record<string, unknown>, turn = 0): T | null {
  const [answer, setAnswer] = useState<T | null>(null);
  const text = JSON.stringify(query);
  useEffect(() => {
    const stop = new AbortController();
    call<T>('GET', path, { query: JSON.parse(text), signal: stop.signal }).then(
      ({ json }) => setAnswer(json),
      () => undefined,
    );
    return () => stop.abort();
  }, [path, text, turn]);
  return answer;
}

const Figure = ({ label, children, strong }: { label: string; children: ReactNode; strong?: boolean }) => (
  <Box>
    <Typography component="dt" variant="body2" color="text.secondary">
      {label}
    </Typography>
    <Box component="dd" sx={{ m: 0, fontSize: strong ? '1.5rem' : '1.125rem', fontWeight: 650 }}>
      {children}
    </Box>
  </Box>
);

function Figures({ product }: { product: Product }) {
  const t = useT();
  const out = Number(product.available) <= 0;
  return (
    <Box component="dl" sx={{ m: 0, display: 'flex', flexWrap: 'wrap', columnGap: 4, rowGap: 1.5, alignItems: 'end' }}>
      <Figure label={t('Available')} strong>
        <Quantity value={product.available} unit={product.unit} />
      </Figure>
      <Figure label={t('On hand')}>
        <Quantity value={product.quantity} />
      </Figure>
      <Figure label={t('Reserved')}>
        <Quantity value={product.reserved} />
      </Figure>
      <Figure label={t('Value')}>
        <Money value={product.stock_value} />
      </Figure>
      <Figure label={t('Cost of one')}>
        <Money value={product.cost} />
      </Figure>
      <Figure label={t('Stock state')}>
        {product.low_stock ? <ToneChip tone={out ? 'danger' : 'warning'} label={out ? t('Out of stock') : t('Low')} /> : <ToneChip tone="success" label={t('Enough')} />}
      </Figure>
    </Box>
  );
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <Box component="section" sx={{ mt: 3, minWidth: 0 }}>
    <Typography variant="h2" sx={{ mb: 1 }}>
      {title}
    </Typography>
    {children}
  </Box>
);

function Levels({ levels, unit }: { levels: Level[]; unit: string }) {
  const t = useT();
  const title = t('Where it is');
  return (
    <Section title={title}>
      {!levels.length && <EmptyState title={t('Nothing of it is in stock')} />}
      {!!levels.length && (
        <Scrolling label={title} framed role="region">
          <Table size="small">
            <TableHead>
              <TableRow>
                <TableCell>{t('Location')}</TableCell>
                <TableCell>{t('Lot')}</TableCell>
                <TableCell>{t('Stock status')}</TableCell>
                <TableCell align="right">{t('On hand')}</TableCell>
                <TableCell align="right">{t('Reserved')}</TableCell>
                <TableCell align="right">{t('Available')}</TableCell>
                <TableCell align="right">{t('Value')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {levels.map((l) => (
                <TableRow key={l.id}>
                  <TableCell>{l.location_name}</TableCell>
                  <TableCell>{l.lot_name ?? ''}</TableCell>
                  <TableCell>
                    <StatusChip resource="stock-levels" source="stock_status" value={l.stock_status} />
                  </TableCell>
                  <TableCell align="right">
                    <Quantity value={l.on_hand} unit={unit} />
                  </TableCell>
                  <TableCell align="right">
                    <Quantity value={l.reserved} />
                  </TableCell>
                  <TableCell align="right">
                    <Quantity value={l.available} />
                  </TableCell>
                  <TableCell align="right">
                    <Money value={l.value} />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Scrolling>
      )}
    </Section>
  );
}

function Ledger({ product }: { product: Product }) {
  const t = useT();
  const f = useFormat();
  const [page, setPage] = useState(0);
  const title = t('Ledger');
  const answer = useAnswer<Page<Posting>>(`/products/${product.id}/ledger`, { usage: 'internal', ordering: NEWEST, page: page + 1, page_size: PAGE });
  return (
    <Section title={title}>
      <Scrolling label={title} framed role="region">
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>{t('When')}</TableCell>
              <TableCell>{t('Kind')}</TableCell>
              <TableCell>{t('Location')}</TableCell>
              <TableCell>{t('Lot')}</TableCell>
              <TableCell align="right">{t('Quantity')}</TableCell>
              <TableCell align="right">{t('Value')}</TableCell>
              <TableCell align="right">{t('Balance')}</TableCell>
              <TableCell align="right">{t('Value of the balance')}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {(answer?.items ?? []).map((p) => (
              <TableRow key={p.id}>
                <TableCell sx={{ whiteSpace: 'nowrap' }}>{f.datetime(p.effective_at)}</TableCell>
                <TableCell>
                  <StatusChip resource="stock-ledger" source="kind" value={p.kind} />
                </TableCell>
                <TableCell>{p.location_name}</TableCell>
                <TableCell>{p.lot_name ?? ''}</TableCell>
                <TableCell align="right" sx={{ fontWeight: 600 }}>
                  <Quantity value={p.quantity} />
                </TableCell>
                <TableCell align="right">
                  <Money value={p.value} />
                </TableCell>
                <TableCell align="right" sx={{ fontWeight: 600 }}>
                  <Quantity value={p.product_quantity} />
                </TableCell>
                <TableCell align="right">
                  <Money value={p.product_value} />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Scrolling>
      <TablePagination component="div" count={answer?.total ?? 0} page={page} rowsPerPage={PAGE} rowsPerPageOptions={[PAGE]} onPageChange={(_, p) => setPage(p)} />
    </Section>
  );
}

function Chart({ product }: { product: Product }) {
  const t = useT();
  const answer = useAnswer<Page<Posting>>(`/products/${product.id}/ledger`, { usage: 'internal', ordering: NEWEST, page_size: CHARTED });
  if (!answer?.items.length) return null;
  const points: Point[] = answer.items.map((p) => ({ at: p.effective_at, balance: p.product_quantity })).reverse();
  const more = (answer.total ?? 0) > CHARTED;
  return (
    <Section title={t('Balance over time')}>
      <Suspense fallback={<Box sx={{ height: 240 }} />}>
        <BalanceChart points={points} unit={product.unit} label={t('Balance of %{name} over time; the ledger below has the figures', { name: product.name })} />
      </Suspense>
      {more && (
        <Typography variant="body2" color="text.secondary">
          {t('The last %{n} postings', { n: CHARTED })}
        </Typography>
      )}
    </Section>
  );
}

/** All about the stock of a product: how much is where, how it came there, and what to do about it. */
export default function StockCard({ record }: TabProps) {
  const t = useT();
  const refresh = useRefresh();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [turn, setTurn] = useState(0);
  const product = record as unknown as Product;
  const answer = useAnswer<Page<Level>>('/stock-levels', { product_id: product.id, usage: 'internal', on_hand__ne: 0, ordering: 'id', page_size: 500 }, turn);
  const levels = answer?.items ?? [];
  if (product.product_type === 'service') return <EmptyState title={t('A service is never in stock')} />;
  return (
    <>
      <Figures product={product} />
      {may('stock-moves', 'create') && !!levels.length && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 2 }}>
          {(Object.keys(TITLES) as Doing[]).map((d) => (
            <Button key={d} variant="outlined" size="small" color={d === 'scrap' ? 'error' : 'primary'} onClick={() => setDoing(d)}>
              {t(TITLES[d])}
            </Button>
          ))}
        </Box>
      )}
      <Chart key={`chart${turn}`} product={product} />
      <Levels levels={levels} unit={product.unit} />
      {may('stock-ledger', 'list') && <Ledger key={`ledger${turn}`} product={product} />}
      {doing && (
        <MoveDialog
          doing={doing}
          product={product}
          levels={levels}
          onClose={(done) => {
            setDoing(null);
            if (!done) return;
            setTurn(turn + 1);
            refresh();
          }}
        />
      )}
    </>
  );
}
