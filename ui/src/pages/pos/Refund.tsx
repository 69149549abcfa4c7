import { Alert, Box, Button, Link as MuiLink, MenuItem, Paper, Table, TableBody, TableCell, TableHead, TableRow, TextField, Typography } from '@mui/material';
import { useCallback, useEffect, useState } from 'react';
import { useNotify, type HttpError } from 'react-admin';
import { Link, useSearchParams } from 'react-router-dom';
import { decimalText, parseDecimal } from '../../api/decimal';
import { call } from '../../api/http';
import { DecimalInput } from '../../shared/DecimalInput';
import { EmptyState, fieldOf, may, Money, newKey, PageTitle, Quantity, StatusChip, useFormat, useResource, useT } from '../../shared';
import { useWedge } from '../../shared/scan/useWedge';
import { ReceiptText, type Sale } from './Receipt';

type SaleLine = Sale['lines'][number];
const leftOf = (l: SaleLine) => (parseDecimal(l.quantity) ?? 0n) - (parseDecimal(l.returned_quantity) ?? 0n);

/** Past sales, the newest first; a number or a customer finds others. */
function Finder({ onPick }: { onPick: (id: number) => void }) {
  const t = useT();
  const f = useFormat();
  const [text, setText] = useState('');
  const [sales, setSales] = useState<Sale[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call<{ items: Sale[] }>('GET', '/sales', { query: { search: text.trim(), ordering: '-id', page_size: 20, count: 'none' }, signal: stop.signal }).then(
        ({ json }) => setSales(json.items),
        () => undefined,
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  useWedge(setText);
  return (
    <Paper sx={{ border: 1, borderColor: 'divider' }}>
      <Box sx={{ p: { xs: 1.5, sm: 2 } }}>
        <TextField label={t('Number of the sale, or customer')} value={text} onChange={(e) => setText(e.target.value)} fullWidth autoFocus sx={{ my: 0, maxWidth: 420 }} slotProps={{ htmlInput: { 'data-takes-codes': '' } }} />
      </Box>
      {sales?.length === 0 && <EmptyState title={t('No sale found')} />}
      {!!sales?.length && (
        <Box component="ul" aria-label={t('Past sales')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
          {sales.map((sale) => (
            <Box component="li" key={sale.id} sx={{ px: { xs: 1.5, sm: 2 }, py: 1.25, borderTop: 1, borderColor: 'divider', display: 'grid', gridTemplateColumns: { xs: '1fr auto', sm: '12rem 1fr auto 8rem' }, gap: 1, alignItems: 'center' }}>
              <MuiLink component="button" type="button" onClick={() => onPick(sale.id)} sx={{ fontWeight: 650, textAlign: 'left', fontSize: '1rem' }}>
                {sale.sale_number}
              </MuiLink>
              <Typography variant="body2" color="text.secondary" sx={{ gridRow: { xs: 2, sm: 'auto' } }}>
                {f.datetime(sale.created_at)}
                {sale.customer_name ? ` · ${sale.customer_name}` : ''}
              </Typography>
              <Box sx={{ justifySelf: 'end', gridRow: { xs: 2, sm: 'auto' }, gridColumn: { xs: 2, sm: 'auto' } }}>
                <StatusChip resource="sales" value={sale.status} />
              </Box>
              <Money value={sale.total_amount} sx={{ fontWeight: 600, textAlign: 'right', gridRow: { xs: 1, sm: 'auto' }, gridColumn: { xs: 2, sm: 'auto' } }} />
            </Box>
          ))}
        </Box>
      )}
    </Paper>
  );
}

type Form = { quantities: Record<number, string>; method: string; reason: string };

const bodyOf = (sale: Sale, form: Form) => ({
  lines: sale.lines.filter((l) => form.quantities[l.id]).map((l) => ({ line_id: l.id, quantity: form.quantities[l.id] })),
  ...(form.method ? { payment_method: form.method } : {}),
  ...(form.reason ? { reason: form.reason } : {}),
});

function useRefund(sale: Sale, onDone: (sale: Sale) => void) {
  const t = useT();
  const notify = useNotify();
  const [form, setForm] = useState<Form>({ quantities: {}, method: '', reason: '' });
  const [due, setDue] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(() => newKey());
  const change = useCallback((over: Partial<Form>) => {
    setForm((old) => ({ ...old, ...over }));
    setDue(null);
    setProblem(null);
    setKey(newKey());
  }, []);
  const body = bodyOf(sale, form);
  const wrong = (l: SaleLine) => {
    const given = form.quantities[l.id];
    const d = parseDecimal(given);
    return !!given && (d === null || d <= 0n || d > leftOf(l));
  };
  const send = async (dry: boolean) => {
    setBusy(true);
    setProblem(null);
    try {
      const { json } = await call<Sale>('POST', `/sales/${sale.id}/refund`, { body, query: dry ? { dry_run: true } : {}, headers: dry ? {} : { 'Idempotency-Key': key } });
      const back = (parseDecimal(json.refunded_amount) ?? 0n) - (parseDecimal(sale.refunded_amount) ?? 0n);
      if (dry) return setDue(decimalText(back));
      notify(t('Taken back'), { type: 'success' });
      onDone(json);
    } catch (error) {
      const { message, status, body: answer } = error as HttpError;
      const errors = (answer as { errors?: Record<string, string> } | null)?.errors;
      setProblem(!status || status >= 500 ? t('No answer came. Press it again: it is taken back once.') : errors ? Object.values(errors).join('; ') : message);
    } finally {
      setBusy(false);
    }
  };
  return { form, change, due, problem, busy, send, wrong, ready: !!body.lines.length && !sale.lines.some(wrong) };
}

function RefundForm({ sale, onDone }: { sale: Sale; onDone: (sale: Sale) => void }) {
  const t = useT();
  const f = useFormat();
  const methods = fieldOf(useResource('sales'), 'payment_method')?.choices ?? [];
  const { form, change, due, problem, busy, send, wrong, ready } = useRefund(sale, onDone);
  const set = (id: number, quantity: string) => change({ quantities: { ...form.quantities, [id]: quantity } });
  const everything = () => change({ quantities: Object.fromEntries(sale.lines.filter((l) => leftOf(l) > 0n).map((l) => [l.id, decimalText(leftOf(l))])) });
  return (
    <Box component="form" onSubmit={(e) => (e.preventDefault(), void send(due === null))}>
      <Box sx={{ overflowX: 'auto' }}>
        <Table size="small" aria-label={t('What comes back')}>
          <TableHead>
            <TableRow>
              <TableCell>{t('Product')}</TableCell>
              <TableCell align="right" sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
                {t('Amount')}
              </TableCell>
              <TableCell align="right">{t('Sold')}</TableCell>
              <TableCell align="right" sx={{ minWidth: 110 }}>
                {t('Comes back')}
              </TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {sale.lines.map((l) => (
              <TableRow key={l.id}>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>
                  {l.product_name}
                  <Typography variant="body2" color="text.secondary">
                    {l.product_code}
                  </Typography>
                </TableCell>
                <TableCell align="right" sx={{ display: { xs: 'none', sm: 'table-cell' } }}>
                  <Money value={l.amount} />
                </TableCell>
                <TableCell align="right">
                  <Quantity value={l.quantity} />
                  {leftOf(l) !== parseDecimal(l.quantity) && (
                    <Typography variant="body2" color="text.secondary">
                      {t('%{n} left', { n: f.quantity(decimalText(leftOf(l))) })}
                    </Typography>
                  )}
                </TableCell>
                <TableCell align="right">
                  <DecimalInput
                    value={form.quantities[l.id] ?? ''}
                    onChange={(q) => set(l.id, q)}
                    disabled={leftOf(l) <= 0n}
                    error={wrong(l)}
                    helperText={wrong(l) ? t('at most %{n}', { n: f.quantity(decimalText(leftOf(l))) }) : undefined}
                    sx={{ width: 96, my: 0 }}
                    slotProps={{ htmlInput: { 'aria-label': t('How much of %{name} comes back', { name: l.product_name }) } }}
                  />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
      <Box sx={{ p: { xs: 1.5, sm: 2 }, display: 'grid', gap: 1.5 }}>
        <Box>
          <Button size="small" variant="outlined" onClick={everything}>
            {t('All of it')}
          </Button>
        </Box>
        <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, gap: 1.5 }}>
          <TextField select label={t('How the money goes back')} value={form.method} onChange={(e) => change({ method: e.target.value })} sx={{ my: 0 }} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
            <MenuItem value="">{t('As it came: %{method}', { method: t(methods.find((m) => m.name === sale.payment_method)?.label ?? sale.payment_method) })}</MenuItem>
            {methods.map((m) => (
              <MenuItem key={m.name} value={m.name}>
                {t(m.label)}
              </MenuItem>
            ))}
          </TextField>
          <TextField label={t('Reason')} value={form.reason} onChange={(e) => change({ reason: e.target.value })} sx={{ my: 0 }} slotProps={{ htmlInput: { maxLength: 255 } }} />
        </Box>
        {problem && (
          <Alert severity="error" role="alert">
            {problem}
          </Alert>
        )}
        <Box role="status">{due !== null && <Alert severity="info">{t('%{amount} go back to the customer, and the goods to stock.', { amount: f.money(due) })}</Alert>}</Box>
        <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
          <Button type="submit" variant="contained" color={due === null ? 'primary' : 'error'} disabled={!ready || busy}>
            {due === null ? t('What will happen?') : t('Take back and pay %{amount}', { amount: f.money(due) })}
          </Button>
        </Box>
      </Box>
    </Box>
  );
}

function OneSale({ id, onBack }: { id: string; onBack: () => void }) {
  const t = useT();
  const f = useFormat();
  const [sale, setSale] = useState<Sale | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    call<Sale>('GET', `/sales/${id}`).then(
      ({ json }) => setSale(json),
      (error: Error) => setProblem(error.message),
    );
  }, [id]);
  if (problem) return <Alert severity="error">{problem}</Alert>;
  if (!sale) return null;
  const open = sale.lines.some((l) => leftOf(l) > 0n) && may('sales', 'refund');
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1fr) 25rem' }, alignItems: 'start' }}>
      <Paper sx={{ border: 1, borderColor: 'divider' }}>
        <Box sx={{ p: { xs: 1.5, sm: 2 }, display: 'flex', flexWrap: 'wrap', gap: 1.5, alignItems: 'center' }}>
          <Typography variant="h2">{sale.sale_number}</Typography>
          <StatusChip resource="sales" value={sale.status} />
          <Typography variant="body2" color="text.secondary">
            {f.datetime(sale.created_at)}
            {sale.customer_name ? ` · ${sale.customer_name}` : ''} · <Money value={sale.total_amount} />
          </Typography>
        </Box>
        {open ? <RefundForm key={sale.version} sale={sale} onDone={setSale} /> : <Typography sx={{ p: 2, pt: 0 }}>{t('Nothing of it is left to take back.')}</Typography>}
      </Paper>
      <Box>
        <ReceiptText key={sale.version} sale={sale.id} copy />
        <Button onClick={onBack}>{t('Other sales')}</Button>
      </Box>
    </Box>
  );
}

/** Past sales: their receipts, and taking back all or some of one. */
export default function Refund() {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const id = params.get('sale');
  return (
    <>
      <PageTitle
        title={t('Past sales')}
        actions={
          <Button component={Link} to="/pos" variant="outlined" size="small">
            {t('Point of sale')}
          </Button>
        }
      />
      {id ? <OneSale key={id} id={id} onBack={() => setParams({})} /> : <Finder onPick={(sale) => setParams({ sale: String(sale) })} />}
    </>
  );
}
