import { Box, type BoxProps } from '@mui/material';
import { useFormat } from '../i18n/format';

type Amount = { value: string | number | null | undefined };

const number = { fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' } as const;

/** An amount in the organization's currency, or in another one. Exact: never give it a computed double. */
export function Money({ value, currency, ...rest }: Amount & { currency?: string } & Omit<BoxProps, 'component'>) {
  const f = useFormat();
  return (
    <Box component="span" sx={number} {...rest}>
      {f.money(value, currency)}
    </Box>
  );
}

export function Quantity({ value, unit, ...rest }: Amount & { unit?: string | null } & Omit<BoxProps, 'component'>) {
  const f = useFormat();
  return (
    <Box component="span" sx={number} {...rest}>
      {f.quantity(value)}
      {unit && value !== null && value !== undefined ? ` ${unit}` : ''}
    </Box>
  );
}
