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

const halfUp = (product: bigint, unit: bigint): bigint => (product < 0n ? -((-product + unit / 2n) / unit) : (product + unit / 2n) / unit);
const unitOf = (places: number) => 10n ** BigInt(PLACES - places);

/** a × b, rounded once, half up, to so many places. */
export const timesDecimal = (a: Decimal, b: Decimal, places = PLACES): Decimal => halfUp(a * b, ONE * unitOf(places)) * unitOf(places);

/** So many percent of a, rounded once, half up. */
export const percentDecimal = (a: Decimal, percent: Decimal, places = PLACES): Decimal => halfUp(a * percent, 100n * ONE * unitOf(places)) * unitOf(places);

/** Half up, away from zero, to so many places. */
export const roundDecimal = (value: Decimal, places: number): Decimal => halfUp(value, unitOf(places)) * unitOf(places);

export const sumDecimals = (values: (string | number | null | undefined)[]): Decimal =>
  values.reduce<Decimal>((sum, v) => sum + (parseDecimal(v) ?? 0n), 0n);
