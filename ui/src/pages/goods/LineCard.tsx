import { Box, Button, IconButton, TextField, Typography } from '@mui/material';
import Close from '@mui/icons-material/Close';
import type { RaRecord } from 'react-admin';
import { decimalText, parseDecimal } from '../../api/decimal';
import { DecimalInput } from '../../shared/DecimalInput';
import type { Product } from '../../shared/products';
import { ToneChip, useFormat, useT } from '../../shared';
import { blank, given, outstanding, type Kind, type Part } from './work';

type Props = { kind: Kind; line: RaRecord; product: Product | undefined; parts: Part[]; refused: string | null; disabled: boolean; onChange: (parts: Part[]) => void };

function Figures({ kind, line, parts }: Pick<Props, 'kind' | 'line' | 'parts'>) {
  const t = useT();
  const f = useFormat();
  const open = outstanding(kind, line);
  const now = given(parts);
  const figures: [string, string | number][] = [
    [t('Ordered'), line['quantity'] as number],
    [kind.action === 'receive' ? t('Received') : t('Shipped'), line[kind.done] as number],
    [t('Outstanding'), decimalText(open > 0n ? open : 0n)],
    ...(kind.reserved ? [[t('Reserved'), line[kind.reserved] as number] as [string, number]] : []),
  ];
  return (
    <Box component="dl" sx={{ display: 'flex', flexWrap: 'wrap', columnGap: 2.5, rowGap: 0.25, m: 0, fontSize: '0.875rem', '& dt': { color: 'text.secondary' }, '& dd': { m: 0, fontWeight: 600 }, alignItems: 'center' }}>
      {figures.map(([label, value]) => (
        <Box key={label} sx={{ display: 'flex', gap: 0.75 }}>
          <dt>{label}</dt>
          <dd>{f.quantity(value)}</dd>
        </Box>
      ))}
      {open <= 0n && now === 0n && (
        <Box sx={{ display: 'flex' }}>
          <dt style={{ display: 'none' }}>{t('Stock state')}</dt>
          <dd>
            <ToneChip tone="success" label={t('All there')} />
          </dd>
        </Box>
      )}
    </Box>
  );
}

function PartRow({ props, part, at }: { props: Props; part: Part; at: number }) {
  const { kind, line, product, parts, disabled, onChange } = props;
  const t = useT();
  const tracking = product?.tracking ?? 'none';
  const name = String(line[kind.name]);
  const set = (over: Partial<Part>) => onChange(parts.length ? parts.map((p, i) => (i === at ? { ...p, ...over } : p)) : [{ ...part, ...over }]);
  const bad = part.quantity !== '' && (parseDecimal(part.quantity) ?? -1n) <= 0n;
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: tracking === 'none' ? '8rem' : { xs: '1fr 1fr auto', sm: '8rem 12rem 11rem auto' }, gap: 1, alignItems: 'start' }}>
      {tracking !== 'none' && (
        <TextField
          label={tracking === 'serial' ? t('Serial number') : t('Lot')}
          value={part.lot}
          disabled={disabled}
          onChange={(e) => set({ lot: e.target.value.trim() })}
          slotProps={{ htmlInput: { maxLength: 64, 'data-takes-codes': '' } }}
          sx={{ my: 0, gridColumn: { xs: '1 / 3', sm: 'auto' }, order: { sm: 2 } }}
        />
      )}
      <DecimalInput
        label={t('Now')}
        value={part.quantity}
        disabled={disabled || tracking === 'serial'}
        error={bad}
        helperText={bad ? t('must be above zero') : undefined}
        onChange={(quantity) => set({ quantity })}
        sx={{ my: 0, order: { sm: 1 } }}
        slotProps={{ htmlInput: { 'aria-label': t('Quantity of %{name}', { name }) } }}
      />
      {tracking !== 'none' && kind.action === 'receive' && (
        <TextField type="date" label={t('Best before')} value={part.bestBefore} disabled={disabled} onChange={(e) => set({ bestBefore: e.target.value })} slotProps={{ inputLabel: { shrink: true } }} sx={{ my: 0, order: { sm: 3 } }} />
      )}
      {tracking !== 'none' && (
        <IconButton aria-label={t('Take lot %{n} of %{name} out', { n: at + 1, name })} disabled={disabled} onClick={() => onChange(parts.filter((_, i) => i !== at))} sx={{ order: { sm: 4 } }}>
          <Close fontSize="small" />
        </IconButton>
      )}
    </Box>
  );
}

/** One line of the order: what is open, and what comes or goes now. */
export function LineCard(props: Props) {
  const { kind, line, product, parts, refused, disabled, onChange } = props;
  const t = useT();
  const f = useFormat();
  const open = outstanding(kind, line);
  const tracking = product?.tracking ?? 'none';
  const over = given(parts) > open;
  const shown = parts.length ? parts : tracking === 'none' ? [blank('none')] : [];
  return (
    <Box component="li" sx={{ px: { xs: 1.5, sm: 2 }, py: 1.5, borderTop: 1, borderColor: 'divider', display: 'grid', gap: 1, gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: tracking === 'none' ? 'minmax(0, 1fr) 8rem' : 'minmax(0, 1fr)' }, alignItems: 'center' }}>
      <Box sx={{ minWidth: 0 }}>
        <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>
          {String(line[kind.name])}{' '}
          <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>
            {String(line[kind.code])}
          </Box>
        </Typography>
        <Figures kind={kind} line={line} parts={parts} />
      </Box>
      {(open > 0n || parts.length > 0 || kind.action === 'receive') && (
        <Box sx={{ display: 'grid', gap: 1 }}>
          {shown.map((part, at) => (
            <PartRow key={at} props={props} part={part} at={at} />
          ))}
          {tracking !== 'none' && (
            <Box>
              <Button size="small" disabled={disabled} onClick={() => onChange([...parts, blank(tracking)])}>
                {tracking === 'serial' ? t('Add a serial number') : t('Add a lot')}
              </Button>
            </Box>
          )}
        </Box>
      )}
      {refused ? (
        <Typography role="alert" variant="body2" color="error" sx={{ fontWeight: 600, gridColumn: '1 / -1' }}>
          {refused}
        </Typography>
      ) : (
        over && (
          <Typography variant="body2" sx={{ color: 'warning.main', fontWeight: 600, gridColumn: '1 / -1' }}>
            {t('%{n} more than is outstanding', { n: f.quantity(decimalText(given(parts) - open)) })}
          </Typography>
        )
      )}
    </Box>
  );
}
