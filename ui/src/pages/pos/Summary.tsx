import { Alert, Box, Button, Divider, ToggleButton, ToggleButtonGroup, Typography } from '@mui/material';
import { decimalText, parseDecimal, percentDecimal } from '../../api/decimal';
import { MINOR_PLACES, type Totals } from '../../api/totals';
import { DecimalInput } from '../../shared/DecimalInput';
import { RecordPicker } from '../../shared/RecordPicker';
import { Money, useFormat, useT } from '../../shared';
import type { Cart, Terms } from './cart';

/** What is wrong with the discount, or null. */
export function useDiscountProblem(cart: Cart, totals: Totals, terms: Terms): string | null {
  const t = useT();
  const f = useFormat();
  if (!cart.discount) return null;
  const [given, most] = [parseDecimal(cart.discount), parseDecimal(terms.maxDiscount) ?? 0n];
  if (given === null || given < 0n) return t('must be a number with at most four decimals');
  if (cart.discountBy === 'percent') return given > most ? t('at most %{n}', { n: f.percent(decimalText(most)) }) : null;
  const limit = percentDecimal(totals.subtotal, most, MINOR_PLACES);
  return given > limit ? t('at most %{n}', { n: f.money(decimalText(limit)) }) : null;
}

export const SumRow = ({ label, value, strong }: { label: string; value: bigint; strong?: boolean }) => (
  <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 2, alignItems: 'baseline', fontWeight: strong ? 650 : undefined, fontSize: strong ? '1.5rem' : undefined, lineHeight: 1.3 }}>
    <dt>{label}</dt>
    <Box component="dd" sx={{ m: 0 }}>
      <Money value={decimalText(value)} />
    </Box>
  </Box>
);

type Props = {
  cart: Cart;
  totals: Totals;
  terms: Terms;
  disabled: boolean;
  ready: boolean;
  problem: string | null;
  waiting: boolean;
  onSet: (over: Partial<Cart>) => void;
  onPay: () => void;
  onAgain: () => void;
  onClear: () => void;
};

function Discount({ cart, totals, terms, disabled, onSet }: Props) {
  const t = useT();
  const f = useFormat();
  const problem = useDiscountProblem(cart, totals, terms);
  return (
    <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
      <DecimalInput label={t('Discount')} value={cart.discount} disabled={disabled} error={!!problem} helperText={problem} onChange={(discount) => onSet({ discount })} fullWidth sx={{ my: 0 }} />
      <ToggleButtonGroup exclusive size="small" value={cart.discountBy} disabled={disabled} onChange={(_, discountBy: Cart['discountBy'] | null) => discountBy && onSet({ discountBy })} aria-label={t('The discount is')} sx={{ height: 40 }}>
        <ToggleButton value="percent" aria-label={t('in percent')} sx={{ px: 1.5 }}>
          %
        </ToggleButton>
        <ToggleButton value="amount" aria-label={t('an amount in %{currency}', { currency: f.currency })} sx={{ px: 1.5 }}>
          {f.currency}
        </ToggleButton>
      </ToggleButtonGroup>
    </Box>
  );
}

/** Customer, discount, totals and the way to pay. */
export function Summary(props: Props) {
  const { cart, totals, terms, disabled, ready, problem, waiting, onSet, onPay, onAgain, onClear } = props;
  const t = useT();
  const f = useFormat();
  return (
    <Box sx={{ p: { xs: 1.5, sm: 2 }, display: 'grid', gap: 1.75 }}>
      <RecordPicker resource="customers" label={t('Customer (may be left out)')} value={cart.customer} disabled={disabled} onChange={(customer) => onSet({ customer })} />
      <Discount {...props} />
      <Divider />
      <Box component="dl" aria-label={t('Totals')} sx={{ m: 0, display: 'grid', gap: 0.75 }}>
        <SumRow label={t('Subtotal')} value={totals.subtotal} />
        {totals.discount !== 0n && <SumRow label={t('Discount')} value={-totals.discount} />}
        <SumRow label={t('Tax %{rate}', { rate: f.percent(terms.taxRate) })} value={totals.tax} />
        <SumRow label={t('Total')} value={totals.total} strong />
      </Box>
      {problem && (
        <Alert severity={waiting ? 'warning' : 'error'} role="alert" action={waiting ? <Button color="inherit" size="small" onClick={onAgain}>{t('Ask again')}</Button> : undefined}>
          {problem}
        </Alert>
      )}
      <Button variant="contained" size="large" disabled={!ready || disabled} onClick={onPay} aria-keyshortcuts="F8" sx={{ display: { xs: 'none', md: 'inline-flex' }, minHeight: 52, fontSize: '1.0625rem' }}>
        {t('Pay %{amount}', { amount: f.money(decimalText(totals.total)) })}
      </Button>
      {!!cart.lines.length && (
        <Button color="error" size="small" disabled={disabled} onClick={onClear}>
          {t('Empty the cart')}
        </Button>
      )}
      <Typography variant="body2" color="text.secondary" sx={{ display: { xs: 'none', md: 'block' } }}>
        {t('F2 goes to the search, F8 pays.')}
      </Typography>
    </Box>
  );
}
