import { Alert, Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, MenuItem, TextField, ToggleButton, ToggleButtonGroup, Typography } from '@mui/material';
import { useState } from 'react';
import { decimalText, parseDecimal, type Decimal } from '../../api/decimal';
import { DecimalInput } from '../../shared/DecimalInput';
import { fieldOf, Money, useFormat, useResource, useT } from '../../shared';

export type Payment = { payment_method: string; tendered_amount?: string };
type Props = { total: Decimal; busy: boolean; onPay: (payment: Payment) => void; onClose: () => void };

const UP_FRONT = 3;
const UNIT = parseDecimal('1') ?? 1n;
const STEPS = [10n, 50n, 100n, 500n, 1000n].map((n) => n * UNIT);

/** What a customer may hand over for this: the next round amounts. */
export function roundAmounts(total: Decimal): Decimal[] {
  const next = STEPS.map((unit) => ((total + unit - 1n) / unit) * unit).filter((d) => d > total);
  return [...new Set(next)].slice(0, 3);
}

function Method({ value, onChange }: { value: string; onChange: (v: string) => void }) {
  const t = useT();
  const choices = fieldOf(useResource('sales'), 'payment_method')?.choices ?? [];
  const [first, others] = [choices.slice(0, UP_FRONT), choices.slice(UP_FRONT)];
  const other = others.some((c) => c.name === value);
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <ToggleButtonGroup exclusive fullWidth value={other ? '' : value} onChange={(_, v: string | null) => v && onChange(v)} aria-label={t('Payment method')}>
        {first.map((c) => (
          <ToggleButton key={c.name} value={c.name} sx={{ textTransform: 'none', fontWeight: 600, minHeight: 44, lineHeight: 1.2 }}>
            {t(c.label)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <TextField select label={t('Another method')} value={other ? value : ''} onChange={(e) => onChange(e.target.value)} sx={{ my: 0 }}>
        {others.map((c) => (
          <MenuItem key={c.name} value={c.name}>
            {t(c.label)}
          </MenuItem>
        ))}
      </TextField>
    </Box>
  );
}

function Cash({ total, given, onChange }: { total: Decimal; given: string; onChange: (v: string) => void }) {
  const t = useT();
  const f = useFormat();
  const handed = parseDecimal(given);
  const problem = given && handed === null ? t('must be a number with at most four decimals') : handed !== null && handed < total ? t('is less than the total') : '';
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      <DecimalInput label={t('Handed over')} value={given} onChange={onChange} error={!!problem} helperText={problem || t('may be left out')} autoFocus sx={{ my: 0, '& input': { fontSize: '1.25rem' } }} />
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1 }}>
        {[total, ...roundAmounts(total)].map((d) => (
          <Button key={String(d)} variant="outlined" onClick={() => onChange(decimalText(d))}>
            {d === total ? t('Exactly') : f.money(decimalText(d))}
          </Button>
        ))}
      </Box>
      <Box role="status" sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', minHeight: '2.25rem', mt: 0.5 }}>
        <Typography component="span">{t('Change')}</Typography>
        <Typography component="span" sx={{ fontSize: '1.5rem', fontWeight: 650 }}>
          {handed !== null && handed >= total ? <Money value={decimalText(handed - total)} /> : '–'}
        </Typography>
      </Box>
    </Box>
  );
}

/** How it is paid, and what goes back. Enter pays. */
export function PayDialog({ total, busy, onPay, onClose }: Props) {
  const t = useT();
  const f = useFormat();
  const [method, setMethod] = useState('cash');
  const [given, setGiven] = useState('');
  const handed = parseDecimal(given);
  const cash = method === 'cash';
  const wrong = cash && given !== '' && (handed === null || handed < total);
  const submit = () => {
    if (wrong || busy) return;
    onPay({ payment_method: method, ...(cash && given ? { tendered_amount: given } : {}) });
  };
  return (
    <Dialog open fullWidth maxWidth="xs" onClose={() => !busy && onClose()} aria-labelledby="pay-title">
      <form
        onSubmit={(e) => {
          e.preventDefault();
          submit();
        }}
      >
        <DialogTitle id="pay-title" sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'baseline', gap: 2 }}>
          {t('To pay')}
          <Box component="span" sx={{ fontSize: '1.75rem' }}>
            <Money value={decimalText(total)} />
          </Box>
        </DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2, pt: '8px !important' }}>
          <Method value={method} onChange={setMethod} />
          {cash ? <Cash total={total} given={given} onChange={setGiven} /> : <Alert severity="info">{t('Take the payment first, then confirm it here.')}</Alert>}
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button onClick={onClose} disabled={busy}>
            {t('Back to the cart')}
          </Button>
          <Button type="submit" variant="contained" size="large" disabled={wrong || busy}>
            {t('Paid: %{amount}', { amount: f.money(decimalText(total)) })}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
