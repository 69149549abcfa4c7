import { Chip, useTheme, type ChipProps } from '@mui/material';
import type { Field, Tone } from '../meta/types';
import { fieldOf, statusOf, useResource } from '../meta/store';
import { toneColours } from '../theme';
import { useT } from '../i18n';

/** A shape for each tone, so that colour is never the only sign. */
const shapes: Record<Tone, string> = {
  neutral: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Zm0 1.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8Z',
  info: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3Zm0 1.6v6.8a3.4 3.4 0 0 1 0-6.8Z',
  warning: 'M8 2.5 14 13H2L8 2.5Zm0 3.4L4.8 11.4h6.4L8 5.9Z',
  success: 'm13.3 4.6-6.7 7.6-4-3.9 1.2-1.2 2.7 2.6 5.6-6.3 1.2 1.2Z',
  danger: 'm4 2.8 4 4 4-4L13.2 4l-4 4 4 4-1.2 1.2-4-4-4 4L2.8 12l4-4-4-4L4 2.8Z',
};

export const ToneIcon = ({ tone }: { tone: Tone }) => (
  <svg width="12" height="12" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true" style={{ marginLeft: 6, marginRight: -4, flex: 'none' }}>
    <path d={shapes[tone]} />
  </svg>
);

export function ToneChip({ tone, label, ...rest }: { tone: Tone; label: string } & Omit<ChipProps, 'label' | 'color'>) {
  const colours = toneColours(useTheme(), tone);
  return (
    <Chip
      size="small"
      variant="outlined"
      icon={<ToneIcon tone={tone} />}
      label={label}
      {...rest}
      sx={{ borderRadius: 1, fontWeight: 600, color: colours.text, backgroundColor: colours.fill, borderColor: colours.line, '& .MuiChip-icon': { color: colours.text }, ...rest.sx }}
    />
  );
}

/** The value of a field with choices. A neutral one is plain text, unless it is the record's state. */
export function ChoiceChip({ field, value, state }: { field: Field; value: unknown; state?: boolean }) {
  const t = useT();
  if (value === null || value === undefined || value === '') return null;
  const choice = field.choices?.find((c) => c.name === value);
  if (!choice) return <>{String(value)}</>;
  if (choice.tone === 'neutral' && !state && field.name !== 'status') return <>{t(choice.label)}</>;
  return <ToneChip tone={choice.tone} label={t(choice.label)} />;
}

/** The status of a record: <StatusChip resource="sales-orders" value="pending" />; `source` is another field with choices. */
export function StatusChip({ resource, value, source }: { resource: string; value: unknown; source?: string }) {
  const r = useResource(resource);
  const field = source ? fieldOf(r, source) : statusOf(r);
  return field ? <ChoiceChip field={field} value={value} state /> : <>{String(value ?? '')}</>;
}
