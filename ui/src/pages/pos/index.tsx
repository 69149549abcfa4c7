import { Box, Button, Paper, Typography } from '@mui/material';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useGetOne, type HttpError, type RaRecord } from 'react-admin';
import { Link } from 'react-router-dom';
import { decimalText } from '../../api/decimal';
import { call } from '../../api/http';
import { Money, newKey, PageTitle, useMeta, useT } from '../../shared';
import { productsById, type Lot, type Product } from '../../shared/products';
import { ScanBar } from '../../shared/scan/ScanBar';
import { bodyOf, problemOf, totalsOf, useCart, type Attempt, type Cart, type Terms } from './cart';
import { CartLines } from './CartLines';
import { PayDialog, type Payment } from './PayDialog';
import { Sold, type Sale } from './Receipt';
import { Summary, useDiscountProblem } from './Summary';
import { TillBar, useTill } from './Till';

function useTerms(): Terms {
  const { data } = useGetOne<RaRecord>('system-settings', { id: 1 });
  return useMemo(() => ({ taxRate: (data?.['tax_rate'] as number) ?? 0, maxDiscount: (data?.['max_discount_percent'] as number) ?? 100 }), [data]);
}

/** Nobody knows what became of it: the connection broke, or something on the way gave up. */
const isUnknown = (status: number | undefined) => !status || status >= 500;

type Refusal = { text: string; line: { key: string; text: string } | null };

/** The line that a refusal speaks of. */
function refusalOf(cart: Cart, error: HttpError): Refusal {
  const errors = (error.body as { errors?: Record<string, string> } | null)?.errors ?? {};
  const [first] = Object.entries(errors);
  const at = first ? /^lines\.(\d+)\./.exec(first[0]) : null;
  const line = at ? cart.lines[Number(at[1])] : cart.lines.find((l) => ` ${error.message} `.includes(` ${l.product.sku} `));
  const text = first ? Object.values(errors).join('; ') : error.message;
  return { text, line: line ? { key: line.key, text } : null };
}

/** Sends a sale; one that got no answer is sent again as it was, and is sold once. */
function useSelling(owner: string, onSold: (sale: Sale) => void) {
  const t = useT();
  const { state, dispatch, attempting } = useCart(owner);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const sending = useRef(false);
  const { cart } = state;

  const send = async (attempt: Attempt) => {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setRefusal(null);
    attempting(attempt);
    try {
      const { json } = await call<Sale>('POST', '/sales', { body: attempt.body, headers: { 'Idempotency-Key': attempt.key } });
      dispatch({ do: 'clear' });
      onSold(json);
    } catch (error) {
      const unknown = isUnknown((error as HttpError).status);
      if (!unknown) {
        attempting(null);
        void productsById(cart.lines.map((l) => l.product.id)).then((products) => dispatch({ do: 'products', products }));
      }
      setRefusal(unknown ? null : refusalOf(cart, error as HttpError));
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  const waiting = !!state.attempt && !busy;
  const problem = waiting ? t('No answer came: it is not known whether this was sold. Ask again; it is sold once.') : (refusal?.text ?? null);
  return { cart, dispatch, busy, waiting, problem, refused: refusal?.line ?? null, setRefusal, send, attempt: state.attempt };
}

/** F2 to the search, F8 to pay, wherever the focus is. */
function useKeys(keys: Record<string, () => void>) {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      const run = latest.current[e.key];
      if (!run) return;
      e.preventDefault();
      run();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

const frame = { border: 1, borderColor: 'divider' } as const;

function PayBar({ total, ready, onPay }: { total: bigint; ready: boolean; onPay: () => void }) {
  const t = useT();
  return (
    <Box sx={{ display: { xs: 'flex', md: 'none' }, position: 'sticky', bottom: 0, zIndex: 3, mx: -1, mt: 1.5, px: 1.5, py: 1, gap: 2, alignItems: 'center', justifyContent: 'space-between', backgroundColor: 'background.paper', borderTop: 1, borderColor: 'divider' }}>
      <Typography component="span" sx={{ fontSize: '1.375rem', fontWeight: 650 }}>
        <Money value={decimalText(total)} />
      </Typography>
      <Button variant="contained" size="large" disabled={!ready} onClick={onPay} sx={{ minHeight: 48, minWidth: 120 }}>
        {t('Pay')}
      </Button>
    </Box>
  );
}

/** The counter: scan, take the money, hand over the receipt. */
export default function PointOfSale() {
  const t = useT();
  const { caller } = useMeta();
  const terms = useTerms();
  const till = useTill();
  const search = useRef<HTMLInputElement>(null);
  const [sold, setSold] = useState<Sale | null>(null);
  const [paying, setPaying] = useState(false);
  const onSold = useCallback((sale: Sale) => {
    setPaying(false);
    setSold(sale);
  }, []);
  const selling = useSelling(`${caller.organization.id}.${caller.id}`, onSold);
  const { cart, dispatch, busy, waiting, setRefusal } = selling;
  const totals = useMemo(() => totalsOf(cart, terms), [cart, terms]);
  const wrongDiscount = useDiscountProblem(cart, totals, terms);
  const problems = cart.lines.map((l) => problemOf(cart, l)?.code);
  const ready = !!cart.lines.length && !wrongDiscount && problems.every((p) => !p || p === 'short') && !waiting;
  const pay = () => ready && setPaying(true);
  useKeys({ F2: () => search.current?.focus(), F8: pay });
  useEffect(() => {
    if (!sold) search.current?.focus();
  }, [sold]);

  const addProduct = useCallback(
    (product: Product, lot: Lot | undefined) => {
      setSold(null);
      setRefusal(null);
      dispatch({ do: 'add', product, lot });
      return t('Added: %{name}', { name: product.name });
    },
    [dispatch, setRefusal, t],
  );
  const confirm = async (payment: Payment) => {
    await selling.send({ key: newKey(), body: { ...bodyOf(cart), ...payment } });
    setPaying(false);
  };
  const locked = busy || waiting;
  return (
    <>
      <PageTitle
        title={t('Point of sale')}
        subtitle={undefined}
        actions={
          <>
            <TillBar {...till} />
            <Button component={Link} to="/pos/refund" size="small">
              {t('Past sales')}
            </Button>
          </>
        }
      />
      {sold ? (
        <Sold sale={sold} onNext={() => setSold(null)} />
      ) : (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1fr) 22rem' }, alignItems: 'start' }}>
          <Paper sx={frame}>
            <Box sx={{ p: { xs: 1.5, sm: 2 }, pb: { xs: 0.5, sm: 0.5 }, borderBottom: 1, borderColor: 'divider' }}>
              <ScanBar label={t('Scan, or type a name or code')} onProduct={addProduct} inputRef={search} disabled={locked} listening={!paying} />
            </Box>
            <CartLines
              cart={cart}
              totals={totals}
              disabled={locked}
              refused={selling.refused}
              onQuantity={(key, quantity) => dispatch({ do: 'quantity', key, quantity })}
              onLot={(key, lot) => dispatch({ do: 'lot', key, lot })}
              onRemove={(key) => dispatch({ do: 'remove', key })}
            />
          </Paper>
          <Paper sx={{ ...frame, position: { md: 'sticky' }, top: { md: 64 } }}>
            <Summary
              cart={cart}
              totals={totals}
              terms={terms}
              disabled={locked}
              ready={ready}
              problem={selling.problem}
              waiting={waiting}
              onSet={(over) => dispatch({ do: 'set', cart: over })}
              onPay={pay}
              onAgain={() => selling.attempt && void selling.send(selling.attempt)}
              onClear={() => {
                setRefusal(null);
                dispatch({ do: 'clear' });
              }}
            />
          </Paper>
        </Box>
      )}
      {!sold && <PayBar total={totals.total} ready={ready && !busy} onPay={pay} />}
      {paying && <PayDialog total={totals.total} busy={busy} onPay={(payment) => void confirm(payment)} onClose={() => setPaying(false)} />}
    </>
  );
}
