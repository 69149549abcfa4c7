import { TextField, type SxProps, type TextFieldProps } from '@mui/material';
import { useFormat } from './index';

type Props = Omit<TextFieldProps, 'value' | 'onChange'> & { value: string | null | undefined; onChange: (value: string) => void; whole?: boolean };

const separators = new Map<string, string>();
export function decimalSeparator(locale: string): string {
  if (!separators.has(locale)) separators.set(locale, (1.5).toLocaleString(locale).charAt(1));
  return separators.get(locale) as string;
}

/** A decimal as text: point and comma both separate its places; it is shown as the language writes it. */
export function DecimalInput({ value, onChange, whole, slotProps, sx, ...rest }: Props) {
  const { locale } = useFormat();
  const shown = (value ?? '').replace('.', decimalSeparator(locale));
  const html = { inputMode: whole ? 'numeric' : 'decimal', autoComplete: 'off', ...(slotProps?.htmlInput as object | undefined) } as const;
  return (
    <TextField
      {...rest}
      value={shown}
      onChange={(e) => onChange(e.target.value.trim().replace(',', '.'))}
      slotProps={{ ...slotProps, htmlInput: html }}
      sx={[{ '& input': { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } }, ...(Array.isArray(sx) ? (sx as SxProps[]) : [sx as SxProps])] as SxProps}
    />
  );
}
