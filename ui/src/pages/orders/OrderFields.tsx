import { Box } from '@mui/material';
import { useFormContext, useWatch } from 'react-hook-form';
import { decimalText } from '../../api/decimal';
import { orderTotals, type TotalsLine } from '../../api/totals';
import { Frozen, isFrozen, type FieldsProps } from '../../generic/FormPage';
import { FieldInput } from '../../generic/inputs';
import type { Field, Resource } from '../../meta/types';
import { Money, useFormat, useT } from '../../shared';
import { LineGrid } from './LineGrid';

const AMOUNTS = ['discount_amount', 'tax_rate'];
const isText = (f: Field) => f.widget === 'textarea';

/** A party's name is its own; only where the party may not be read it is typed. */
const isCopy = (r: Resource, f: Field) => !!f.snapshot_of && !!r.fields?.find((x) => x.name === f.snapshot_of)?.resource;

function useTotals(r: Resource) {
  const { control } = useFormContext();
  const [lines, discount, taxRate] = useWatch({ control, name: [r.lines?.name ?? 'lines', 'discount_amount', 'tax_rate'] }) as [TotalsLine[] | undefined, string, string];
  return orderTotals(lines ?? [], { discount, taxRate });
}

function Totals({ resource, frozen, side }: { resource: Resource; frozen: boolean; side: FieldsProps['side'] }) {
  const t = useT();
  const f = useFormat();
  const { control } = useFormContext();
  const rate = useWatch({ control, name: 'tax_rate' }) as string;
  const totals = useTotals(resource);
  const rows: [string, bigint][] = [
    [t('Subtotal'), totals.subtotal],
    [t('Discount'), -totals.discount],
    [t('Tax %{rate}', { rate: f.percent(rate || 0) }), totals.tax],
  ];
  return (
    <Box sx={{ p: 2, border: 1, borderColor: 'divider', borderRadius: 1, alignSelf: 'start' }}>
      <Box sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', columnGap: 1.5 }}>
        {(resource.fields ?? [])
          .filter((x) => AMOUNTS.includes(x.name))
          .map((x) => (
            <FieldInput key={x.name} field={{ ...x, help: undefined }} side={side} disabled={frozen && !x.late} />
          ))}
      </Box>
      <Box component="dl" aria-label={t('Totals')} sx={{ m: 0, mt: 1, display: 'grid', gridTemplateColumns: '1fr auto', gap: 0.75, '& dd': { m: 0, textAlign: 'right' } }}>
        {rows.map(([label, value]) => (
          <Box key={label} sx={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>
              <Money value={decimalText(value)} />
            </dd>
          </Box>
        ))}
        <Box component="dt" sx={{ fontWeight: 650, fontSize: '1.25rem' }}>
          {t('Total')}
        </Box>
        <Box component="dd" sx={{ fontWeight: 650, fontSize: '1.25rem' }}>
          <Money value={decimalText(totals.total)} />
        </Box>
      </Box>
    </Box>
  );
}

/** An order's form: who and when, the lines as a grid, and what it comes to. */
export function OrderFields({ resource, side, record }: FieldsProps) {
  const sells = resource.area === 'sales';
  const frozen = isFrozen(resource, record);
  const { lines } = resource;
  const all = (resource.fields ?? []).filter((f) => (side === 'create' ? f.create : f.update) && !(side === 'create' && f.numbered) && !AMOUNTS.includes(f.name) && !isCopy(resource, f));
  const input = (f: Field) => <FieldInput key={f.name} field={{ ...f, help: f.resource ? undefined : f.help }} side={side} disabled={frozen && !f.late} />;
  return (
    <>
      {frozen && <Frozen />}
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr', lg: '1fr 1fr 1fr 1fr' }, columnGap: 2, alignItems: 'start' }}>{all.filter((f) => !isText(f)).map(input)}</Box>
      {lines && (side === 'create' || lines.update) && <LineGrid resource={resource.name} lines={lines} disabled={frozen} sells={sells} />}
      <Box sx={{ display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1fr) 22rem' }, gap: 2, mt: 2 }}>
        <Box>{all.filter(isText).map(input)}</Box>
        <Totals resource={resource} frozen={frozen} side={side} />
      </Box>
    </>
  );
}
