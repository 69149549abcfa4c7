/**
 * Exact decimals as the server keeps them: integers scaled by 10,000. Numbers
 * of the API come as numbers where a double holds them, else as text (http.ts).
 */
export type Decimal = bigint;
export const PLACES = 4;
const ONE = 10n ** BigInt(PLACES);

const pattern = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** null when the text is no decimal with at most four places. */
export function parseDecimal(value: string | number | null | undefined): Decimal | null {
  if (value === null || value === undefined) return null;
  const match = pattern.exec(String(value).trim());
  if (!match) return null;
  const [, sign, whole = '', part = ''] = match;
  if ((!whole && !part) || part.length > PLACES) return null;
  const scaled = BigInt(whole || '0') * ONE + BigInt(part.padEnd(PLACES, '0') || '0');
  return sign === '-' ? -scaled : scaled;
}

/** The shortest text: 12.5, 100, -0.25. */
export function decimalText(value: Decimal): string {
  const digits = (value < 0n ? -value : value).toString().padStart(PLACES + 1, '0');
  const part = digits.slice(-PLACES).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${part ? `.${part}` : ''}`;
}

/** Half up, away from zero, to so many places. */
export function roundDecimal(value: Decimal, places: number): Decimal {
  const unit = 10n ** BigInt(PLACES - places);
  const half = unit / 2n;
  return value < 0n ? -((-value + half) / unit) * unit : ((value + half) / unit) * unit;
}

/** a × b, rounded half up to four places. */
export function timesDecimal(a: Decimal, b: Decimal): Decimal {
  const product = a * b;
  const half = ONE / 2n;
  return product < 0n ? -((-product + half) / ONE) : (product + half) / ONE;
}

export const sumDecimals = (values: (string | number | null | undefined)[]): Decimal =>
  values.reduce<Decimal>((sum, v) => sum + (parseDecimal(v) ?? 0n), 0n);
