import type { RaRecord } from 'react-admin';
import { decimalText, parseDecimal, type Decimal } from '../../api/decimal';
import type { Product } from '../../shared/products';

/** What receiving and shipping have in common, and what each calls it. */
export type Kind = {
  resource: string;
  action: 'receive' | 'ship';
  status: string;
  number: string;
  party: string;
  code: string;
  name: string;
  done: string;
  reserved?: string;
};

export const RECEIVE: Kind = {
  resource: 'purchase-orders',
  action: 'receive',
  status: 'approved',
  number: 'po_number',
  party: 'supplier_name',
  code: 'material_code',
  name: 'material_name',
  done: 'received_quantity',
};
export const SHIP: Kind = {
  resource: 'sales-orders',
  action: 'ship',
  status: 'confirmed',
  number: 'so_number',
  party: 'customer_name',
  code: 'product_code',
  name: 'product_name',
  done: 'shipped_quantity',
  reserved: 'reserved_quantity',
};

export type Order = RaRecord & { line_items: RaRecord[] };
/** So much of a line, of one lot where the product is kept by lots. */
export type Part = { quantity: string; lot: string; bestBefore: string };
export type Parts = Record<string, Part[]>;

const d = (v: unknown): Decimal => parseDecimal(v as string) ?? 0n;
const ONE = d('1');

export const outstanding = (kind: Kind, line: RaRecord): Decimal => d(line['quantity']) - d(line[kind.done]);
export const given = (parts: Part[] | undefined): Decimal => (parts ?? []).reduce((sum, p) => sum + d(p.quantity), 0n);
export const blank = (tracking: string | undefined): Part => ({ quantity: tracking === 'serial' ? '1' : '', lot: '', bestBefore: '' });

/** One more of a product: to the line that still waits for it, else to its last one. Null when the order has none. */
export function countIn(kind: Kind, order: Order, parts: Parts, product: Product, lot: string | undefined): { parts: Parts; line: RaRecord } | null {
  const lines = order.line_items.filter((l) => l['product_id'] === product.id || l[kind.code] === product.sku);
  const line = lines.find((l) => given(parts[String(l.id)]) < outstanding(kind, l)) ?? lines.at(-1);
  if (!line) return null;
  const key = String(line.id);
  const own = parts[key] ?? [];
  const once = (p: Part): Part => ({ ...p, quantity: decimalText(d(p.quantity) + ONE) });
  if (product.tracking === 'none') return { line, parts: { ...parts, [key]: [once(own[0] ?? blank('none'))] } };
  const at = own.findIndex((p) => (lot ? p.lot === lot : !p.lot && product.tracking !== 'serial'));
  if (at >= 0 && product.tracking === 'serial') return { line, parts };
  const next = at >= 0 ? own.map((p, i) => (i === at ? once(p) : p)) : [...own, { quantity: '1', lot: lot ?? '', bestBefore: '' }];
  return { line, parts: { ...parts, [key]: next } };
}

/** The lot that was scanned behind its product. */
export function nameLot(parts: Parts, lineId: string, lot: string): Parts | null {
  const own = parts[lineId] ?? [];
  const at = own.findIndex((p) => !p.lot);
  if (at < 0 || own.some((p) => p.lot === lot)) return null;
  return { ...parts, [lineId]: own.map((p, i) => (i === at ? { ...p, lot } : p)) };
}

/** All that is open; of what is kept by lot only the quantity is known. */
export function everything(kind: Kind, order: Order, products: Map<number, Product>): Parts {
  const all: Parts = {};
  for (const line of order.line_items) {
    const open = kind.reserved && products.get(line['product_id'] as number)?.product_type === 'goods' ? d(line[kind.reserved]) : outstanding(kind, line);
    if (open > 0n && products.get(line['product_id'] as number)?.tracking !== 'serial') all[String(line.id)] = [{ quantity: decimalText(open), lot: '', bestBefore: '' }];
  }
  return all;
}

export type BodyLine = { line_id: number; quantity: string; lot?: string; best_before?: string };

export function linesOf(order: Order, parts: Parts): BodyLine[] {
  return order.line_items.flatMap((line) =>
    (parts[String(line.id)] ?? [])
      .filter((p) => p.quantity)
      .map((p) => ({ line_id: line.id as number, quantity: p.quantity, ...(p.lot ? { lot: p.lot } : {}), ...(p.bestBefore ? { best_before: p.bestBefore } : {}) })),
  );
}

/** What a refusal says, by the line that it speaks of: "line 2 (SUGAR): at most 0 can be received". */
export function refusedLine(order: Order, body: BodyLine[], message: string, errors: Record<string, string> | undefined): { lineId: string; text: string } | null {
  const named = /^line (\d+) \([^)]*\): (.*)$/.exec(message);
  const line = named ? order.line_items[Number(named[1]) - 1] : undefined;
  if (named && line) return { lineId: String(line.id), text: named[2] as string };
  for (const [field, text] of Object.entries(errors ?? {})) {
    const at = /^lines\.(\d+)\./.exec(field);
    const of = at ? body[Number(at[1])] : undefined;
    if (of) return { lineId: String(of.line_id), text };
  }
  return null;
}
