import { Alert, Box, Button, MenuItem, Paper, TextField, Typography } from '@mui/material';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useNotify, type HttpError, type RaRecord } from 'react-admin';
import { call } from '../../api/http';
import { pathOf } from '../../api/data';
import { actionOf } from '../../meta/store';
import { RecordPicker } from '../../shared/RecordPicker';
import { productsById, type Lot, type Product } from '../../shared/products';
import { ScanBar } from '../../shared/scan/ScanBar';
import { newKey, RecordActions, StatusChip, useFormat, useResource, useT } from '../../shared';
import { LineCard } from './LineCard';
import { countIn, everything, linesOf, nameLot, refusedLine, type Kind, type Order, type Part, type Parts } from './work';

function useOrder(kind: Kind, id: number | string) {
  const [order, setOrder] = useState<Order | null>(null);
  const [products, setProducts] = useState<Map<number, Product>>(new Map());
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(async () => {
    try {
      const { json } = await call<Order>('GET', `${pathOf(kind.resource)}/${id}`);
      const ids = json.line_items.map((l) => l['product_id']).filter((x): x is number => typeof x === 'number');
      setProducts(new Map((await productsById([...new Set(ids)])).map((p) => [p.id, p])));
      setOrder(json);
    } catch (error) {
      setProblem((error as Error).message);
    }
  }, [kind, id]);
  useEffect(() => void load(), [load]);
  return { order, setOrder, products, problem, load };
}

type Where = { location: RaRecord | null; status: string };
type Refusal = { text: string; line: { lineId: string; text: string } | null };

/** Asks what would happen, and then does it; one that got no answer is asked for again with the same key. */
function useSending(kind: Kind, order: Order, parts: Parts, where: Where, onDone: (after: Order) => void) {
  const t = useT();
  const notify = useNotify();
  const [preview, setPreview] = useState<Order | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(() => newKey());
  const lines = linesOf(order, parts);
  const text = JSON.stringify([lines, where.location?.id, where.status]);
  useEffect(() => {
    setPreview(null);
    setRefusal(null);
    setKey(newKey());
  }, [text]);
  const send = async (dry: boolean) => {
    setBusy(true);
    setRefusal(null);
    const body = { lines, ...(where.location ? { location_id: where.location.id } : {}), ...(where.status ? { stock_status: where.status } : {}) };
    try {
      const path = `${pathOf(kind.resource)}/${order.id}/${kind.action}`;
      const { json } = await call<Order>('POST', path, { body, query: dry ? { dry_run: true } : {}, headers: dry ? {} : { 'Idempotency-Key': key } });
      if (dry) return setPreview(json);
      notify(kind.action === 'receive' ? t('Received') : t('Shipped'), { type: 'success' });
      onDone(json);
    } catch (error) {
      const { message, status, body: answer } = error as HttpError;
      const errors = (answer as { errors?: Record<string, string> } | null)?.errors;
      const unknown = !status || status >= 500;
      setRefusal({ text: unknown ? t('No answer came. Press it again: it is done once.') : errors ? Object.values(errors).join('; ') : message, line: refusedLine(order, lines, message, errors) });
    } finally {
      setBusy(false);
    }
  };
  return { preview, refusal, busy, send, ready: lines.length > 0 };
}

function Preview({ kind, before, after }: { kind: Kind; before: Order; after: Order }) {
  const t = useT();
  const f = useFormat();
  const moved = after.line_items.map((line, i) => ({ line, was: before.line_items[i] })).filter(({ line, was }) => line[kind.done] !== was?.[kind.done]);
  const progress = kind.action === 'receive' ? 'receipt_status' : 'delivery_status';
  return (
    <Alert severity="info" sx={{ '& .MuiAlert-message': { width: '100%' } }}>
      <Typography sx={{ fontWeight: 650, mb: 0.5 }}>{t('What will happen')}</Typography>
      <Box component="ul" sx={{ m: 0, pl: 2.5 }}>
        {moved.map(({ line, was }) => (
          <li key={String(line.id)}>
            {String(line[kind.name])}: {f.quantity(was?.[kind.done] as number)} → <b>{f.quantity(line[kind.done] as number)}</b> / {f.quantity(line['quantity'] as number)}
          </li>
        ))}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center', mt: 1 }}>
        {t('The order is then')} <StatusChip resource={kind.resource} value={after['status']} />
        <StatusChip resource={kind.resource} source={progress} value={after[progress]} />
      </Box>
    </Alert>
  );
}

function WhereTo({ kind, where, disabled, onChange }: { kind: Kind; where: Where; disabled: boolean; onChange: (w: Where) => void }) {
  const t = useT();
  const states = actionOf(useResource(kind.resource), kind.action)?.fields?.find((f) => f.name === 'stock_status')?.choices;
  if (!states) return null;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, gap: 1.5 }}>
      <RecordPicker resource="locations" label={t('Put where (may be left out)')} filter={{ usage: 'internal', is_active: true }} value={where.location} disabled={disabled} onChange={(location) => onChange({ ...where, location })} />
      <TextField select label={t('Stock status')} value={where.status || 'ok'} disabled={disabled} onChange={(e) => onChange({ ...where, status: e.target.value === 'ok' ? '' : e.target.value })} sx={{ my: 0 }}>
        {states.map((c) => (
          <MenuItem key={c.name} value={c.name}>
            {t(c.label)}
          </MenuItem>
        ))}
      </TextField>
    </Box>
  );
}

function Work({ kind, order, products, onDone }: { kind: Kind; order: Order; products: Map<number, Product>; onDone: (after: Order) => void }) {
  const t = useT();
  const [parts, setParts] = useState<Parts>({});
  const [where, setWhere] = useState<Where>({ location: null, status: '' });
  const [last, setLast] = useState<string | null>(null);
  const { preview, refusal, busy, send, ready } = useSending(kind, order, parts, where, onDone);
  const nameOf = (line: RaRecord) => String(line[kind.name]);
  const onProduct = (product: Product, lot: Lot | undefined) => {
    const next = countIn(kind, order, parts, product, lot?.name);
    if (!next) return t('%{name} is not on this order.', { name: product.name });
    setParts(next.parts);
    setLast(product.tracking === 'none' ? null : String(next.line.id));
    const wantsLot = product.tracking !== 'none' && !lot;
    return wantsLot ? t('%{name}: now scan its lot or serial number.', { name: nameOf(next.line) }) : t('One more of %{name}', { name: nameOf(next.line) });
  };
  const onUnknown = (code: string) => {
    const next = last ? nameLot(parts, last, code) : null;
    if (!next) return null;
    setParts(next);
    return t('Lot %{code} noted', { code });
  };
  return (
    <Box component="form" onSubmit={(e) => (e.preventDefault(), void send(!preview))}>
      <Box sx={{ px: { xs: 1.5, sm: 2 }, pb: 0.5 }}>
        <ScanBar label={t('Scan, or type a name or code')} onProduct={onProduct} onUnknown={onUnknown} disabled={busy} price={false} />
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mb: 1 }}>
          <Button size="small" variant="outlined" disabled={busy} onClick={() => setParts(everything(kind, order, products))}>
            {kind.action === 'receive' ? t('Everything has come') : t('All that is reserved')}
          </Button>
          <Button size="small" disabled={busy || !ready} onClick={() => setParts({})}>
            {t('Start again')}
          </Button>
        </Box>
      </Box>
      <Box component="ul" aria-label={t('Lines of the order')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
        {order.line_items.map((line) => {
          const key = String(line.id);
          return (
            <LineCard
              key={key}
              kind={kind}
              line={line}
              product={products.get(line['product_id'] as number)}
              parts={parts[key] ?? []}
              refused={refusal?.line?.lineId === key ? refusal.line.text : null}
              disabled={busy}
              onChange={(own: Part[]) => setParts({ ...parts, [key]: own })}
            />
          );
        })}
      </Box>
      <Box sx={{ p: { xs: 1.5, sm: 2 }, borderTop: 1, borderColor: 'divider', display: 'grid', gap: 1.5 }}>
        <WhereTo kind={kind} where={where} disabled={busy} onChange={setWhere} />
        {refusal && (
          <Alert severity="error" role="alert">
            {refusal.text}
          </Alert>
        )}
        <Box role="status">{preview && <Preview kind={kind} before={order} after={preview} />}</Box>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
          <Button type="submit" variant="contained" size="large" disabled={!ready || busy}>
            {!preview ? t('What will happen?') : kind.action === 'receive' ? t('Receive') : t('Ship')}
          </Button>
        </Box>
      </Box>
    </Box>
  );
}

/** Receiving or shipping one order. */
export function OrderWork({ kind, id }: { kind: Kind; id: number | string }) {
  const t = useT();
  const f = useFormat();
  const { order, setOrder, products, problem, load } = useOrder(kind, id);
  const due = order?.['due_date'] as string | null | undefined;
  const head = useMemo(() => (order ? [String(order[kind.party] ?? ''), due ? t('due %{date}', { date: f.date(due) }) : ''].filter(Boolean).join(' · ') : ''), [order, kind, due, t, f]);
  if (problem) return <Alert severity="error">{problem}</Alert>;
  if (!order) return null;
  return (
    <Paper sx={{ border: 1, borderColor: 'divider' }}>
      <Box sx={{ p: { xs: 1.5, sm: 2 }, display: 'flex', flexWrap: 'wrap', gap: 1.25, alignItems: 'center' }}>
        <Typography variant="h2">{String(order[kind.number])}</Typography>
        <StatusChip resource={kind.resource} value={order['status']} />
        <Typography variant="body2" color="text.secondary" sx={{ flex: 1 }}>
          {head}
        </Typography>
      </Box>
      {order['status'] === kind.status ? (
        <Work key={order['version'] as number} kind={kind} order={order} products={products} onDone={setOrder} />
      ) : (
        <Box sx={{ p: { xs: 1.5, sm: 2 }, pt: 0 }}>
          <Typography sx={{ mb: 1.5 }}>{kind.action === 'receive' ? t('In its present state nothing of it can be received.') : t('In its present state nothing of it can be shipped.')}</Typography>
          <RecordActions resource={kind.resource} record={order} onDone={() => void load()} />
        </Box>
      )}
    </Paper>
  );
}
