import { parseDecimal, percentDecimal, timesDecimal, type Decimal } from './decimal';

/**
 * The totals of an order or a sale, as the server makes them (domain/orders):
 * amount = quantity × price, subtotal = Σ amount, tax = tax rate of subtotal
 * less discount; each rounded half up to the minor unit.
 */
export const MINOR_PLACES = 2;
type Text = string | number | null | undefined;
export type TotalsLine = { quantity?: Text; unit_price?: Text };
export type Terms = { taxRate?: Text; discount?: Text; discountPercent?: Text };
export type Totals = { amounts: Decimal[]; subtotal: Decimal; discount: Decimal; tax: Decimal; total: Decimal };

export function lineAmount(line: TotalsLine): Decimal {
  const [q, p] = [parseDecimal(line.quantity), parseDecimal(line.unit_price)];
  return q === null || p === null ? 0n : timesDecimal(q, p, MINOR_PLACES);
}

export function orderTotals(lines: TotalsLine[], { taxRate, discount: given, discountPercent }: Terms): Totals {
  const amounts = lines.map(lineAmount);
  const subtotal = amounts.reduce((sum, a) => sum + a, 0n);
  const percent = parseDecimal(discountPercent);
  const discount = percent === null ? (parseDecimal(given) ?? 0n) : percentDecimal(subtotal, percent, MINOR_PLACES);
  const net = subtotal - discount;
  const tax = percentDecimal(net, parseDecimal(taxRate) ?? 0n, MINOR_PLACES);
  return { amounts, subtotal, discount, tax, total: net + tax };
}
