import { Box, IconButton, TextField, Typography } from '@mui/material';
import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import Remove from '@mui/icons-material/Remove';
import { decimalText } from '../../api/decimal';
import type { Totals } from '../../api/totals';
import { DecimalInput } from '../../shared/DecimalInput';
import { EmptyState, Money, useFormat, useT } from '../../shared';
import { problemOf, step, type Cart, type CartLine, type Problem } from './cart';

type Props = {
  cart: Cart;
  totals: Totals;
  disabled: boolean;
  /** What the server said of a line. */
  refused: { key: string; text: string } | null;
  onQuantity: (key: string, quantity: string) => void;
  onLot: (key: string, lot: string) => void;
  onRemove: (key: string) => void;
};

function useProblemText(line: CartLine) {
  const t = useT();
  const f = useFormat();
  return (p: Problem | null): string => {
    if (!p) return '';
    if (p.code === 'quantity') return t('must be a number above zero');
    if (p.code === 'lot') return line.product.tracking === 'serial' ? t('needs a serial number') : t('needs a lot');
    return t('only %{n} %{unit} are available', { n: f.quantity(p.figure), unit: line.product.unit });
  };
}

function Line({ line, at, ...props }: Props & { line: CartLine; at: number }) {
  const { cart, totals, disabled, refused, onQuantity, onLot, onRemove } = props;
  const t = useT();
  const problem = problemOf(cart, line);
  const told = useProblemText(line)(problem) || (refused?.key === line.key ? refused.text : '');
  const id = `problem-${line.key}`;
  const name = line.product.name;
  const { tracking } = line.product;
  return (
    <Box component="li" sx={{ px: { xs: 1.5, sm: 2 }, py: 1.25, borderBottom: 1, borderColor: 'divider', display: 'grid', gap: 0.5, columnGap: 1.5, alignItems: 'center', gridTemplateColumns: { xs: '1fr auto', sm: 'minmax(0, 1fr) auto 7.5rem auto' } }}>
      <Box sx={{ minWidth: 0, gridColumn: { xs: '1', sm: 'auto' } }}>
        <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{name}</Typography>
        <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
          {line.product.sku} · <Money value={line.product.price} /> / {line.product.unit}
        </Typography>
      </Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 0.25, gridRow: { xs: 2, sm: 'auto' }, gridColumn: { xs: '1', sm: 'auto' } }}>
        <IconButton size="small" aria-label={t('One less of %{name}', { name })} disabled={disabled} onClick={() => onQuantity(line.key, step(line.quantity, -1))}>
          <Remove fontSize="small" />
        </IconButton>
        <DecimalInput
          value={line.quantity}
          onChange={(quantity) => onQuantity(line.key, quantity)}
          disabled={disabled}
          error={!!told}
          sx={{ width: 84, my: 0 }}
          onFocus={(e) => (e.target as HTMLInputElement).select()}
          slotProps={{ htmlInput: { 'aria-label': t('Quantity of %{name}', { name }), 'aria-describedby': told ? id : undefined, 'data-line': at } }}
        />
        <IconButton size="small" aria-label={t('One more of %{name}', { name })} disabled={disabled} onClick={() => onQuantity(line.key, step(line.quantity, 1))}>
          <Add fontSize="small" />
        </IconButton>
      </Box>
      <Money value={decimalText(totals.amounts[at] ?? 0n)} sx={{ fontWeight: 600, textAlign: 'right', gridRow: { xs: 2, sm: 'auto' } }} />
      <IconButton size="small" aria-label={t('Take %{name} out', { name })} disabled={disabled} onClick={() => onRemove(line.key)} sx={{ gridRow: { xs: 1, sm: 'auto' }, gridColumn: { xs: 2, sm: 'auto' }, justifySelf: 'end' }}>
        <Close fontSize="small" />
      </IconButton>
      {tracking !== 'none' && (
        <TextField
          label={tracking === 'serial' ? t('Serial number') : t('Lot')}
          value={line.lot}
          disabled={disabled}
          error={problem?.code === 'lot'}
          onChange={(e) => onLot(line.key, e.target.value.trim())}
          sx={{ gridColumn: '1 / -1', maxWidth: 260 }}
        />
      )}
      {told && (
        <Typography id={id} role="alert" variant="body2" color="error" sx={{ gridColumn: '1 / -1', fontWeight: 600 }}>
          {told}
        </Typography>
      )}
    </Box>
  );
}

export function CartLines(props: Props) {
  const t = useT();
  if (!props.cart.lines.length) return <EmptyState title={t('Nothing in the cart')} text={t('Scan a product, or type its name or code.')} />;
  return (
    <Box component="ul" aria-label={t('Cart')} sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {props.cart.lines.map((line, at) => (
        <Line key={line.key} {...props} line={line} at={at} />
      ))}
    </Box>
  );
}
