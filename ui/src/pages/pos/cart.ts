import { useCallback, useEffect, useReducer } from 'react';
import type { RaRecord } from 'react-admin';
import { decimalText, parseDecimal } from '../../api/decimal';
import { orderTotals, type Totals } from '../../api/totals';
import { newKey } from '../../shared/key';
import type { Lot, Product } from '../../shared/products';

/** What is about to be sold. A line of a product kept by lot names one. */
export type CartLine = { key: string; product: Product; quantity: string; lot: string };
export type Cart = { lines: CartLine[]; customer: RaRecord | null; discountBy: 'percent' | 'amount'; discount: string };
/** A sale that was sent, and whose answer is not here yet: it is asked for again with the same key. */
export type Attempt = { key: string; body: Record<string, unknown> };
export type State = { cart: Cart; attempt: Attempt | null };

type Change =
  | { do: 'add'; product: Product; lot?: Lot }
  | { do: 'quantity'; key: string; quantity: string }
  | { do: 'lot'; key: string; lot: string }
  | { do: 'remove'; key: string }
  | { do: 'set'; cart: Partial<Cart> }
  | { do: 'products'; products: Product[] }
  | { do: 'attempt'; attempt: Attempt | null }
  | { do: 'clear' };

const EMPTY: State = { cart: { lines: [], customer: null, discountBy: 'percent', discount: '' }, attempt: null };
const ONE = parseDecimal('1') ?? 0n;

const plus = (quantity: string, by: bigint) => decimalText((parseDecimal(quantity) ?? 0n) + by);

/** The same goods once more raise the quantity; each piece with a serial number has a line. */
function add(lines: CartLine[], product: Product, lot?: Lot): CartLine[] {
  const name = lot?.name ?? '';
  const same = (l: CartLine) => l.product.id === product.id && l.lot === name && (product.tracking === 'none' || !!name);
  if (lines.some(same) && product.tracking === 'serial') return lines;
  if (lines.some(same)) return lines.map((l) => (same(l) ? { ...l, product, quantity: plus(l.quantity, ONE) } : l));
  return [...lines, { key: newKey(), product, quantity: '1', lot: name }];
}

export const step = (quantity: string, by: 1 | -1): string => {
  const next = (parseDecimal(quantity) ?? 0n) + (by === 1 ? ONE : -ONE);
  return next > 0n ? decimalText(next) : quantity;
};

function change(state: State, c: Change): State {
  const { cart } = state;
  const lines = (next: CartLine[]): State => ({ ...state, cart: { ...cart, lines: next } });
  const patch = (key: string, over: Partial<CartLine>) => lines(cart.lines.map((l) => (l.key === key ? { ...l, ...over } : l)));
  switch (c.do) {
    case 'add':
      return lines(add(cart.lines, c.product, c.lot));
    case 'quantity':
      return patch(c.key, { quantity: c.quantity });
    case 'lot':
      return patch(c.key, { lot: c.lot });
    case 'remove':
      return lines(cart.lines.filter((l) => l.key !== c.key));
    case 'set':
      return { ...state, cart: { ...cart, ...c.cart } };
    case 'products':
      return lines(cart.lines.map((l) => ({ ...l, product: c.products.find((p) => p.id === l.product.id) ?? l.product })));
    case 'attempt':
      return { ...state, attempt: c.attempt };
    case 'clear':
      return EMPTY;
  }
}

/** A reload, or a telephone that throws the page away, loses nothing: not even that a sale was sent. */
export function useCart(owner: string) {
  const name = `millwright.pos.${owner}`;
  const [state, dispatch] = useReducer(change, EMPTY, (empty) => {
    try {
      return { ...empty, ...(JSON.parse(sessionStorage.getItem(name) ?? '{}') as Partial<State>) };
    } catch {
      return empty;
    }
  });
  useEffect(() => sessionStorage.setItem(name, JSON.stringify(state)), [name, state]);
  /** Written down before it is sent. */
  const attempting = useCallback(
    (attempt: Attempt | null) => {
      sessionStorage.setItem(name, JSON.stringify({ ...state, attempt }));
      dispatch({ do: 'attempt', attempt });
    },
    [name, state],
  );
  return { state, dispatch, attempting };
}

export type Terms = { taxRate: string | number; maxDiscount: string | number };

export const totalsOf = (cart: Cart, terms: Terms): Totals =>
  orderTotals(
    cart.lines.map((l) => ({ quantity: l.quantity, unit_price: l.product.price })),
    { taxRate: terms.taxRate, ...(cart.discountBy === 'percent' ? { discountPercent: cart.discount || null } : { discount: cart.discount || null }) },
  );

export function bodyOf(cart: Cart): Record<string, unknown> {
  return {
    lines: cart.lines.map((l) => ({ product_id: l.product.id, quantity: l.quantity, ...(l.lot ? { lot: l.lot } : {}) })),
    ...(cart.customer ? { customer_id: cart.customer.id } : {}),
    ...(cart.discount ? { [cart.discountBy === 'percent' ? 'discount_percent' : 'discount_amount']: cart.discount } : {}),
  };
}

/** How much of each product is wanted, over all its lines. */
export function wantedOf(cart: Cart, product: Product): bigint {
  return cart.lines.filter((l) => l.product.id === product.id).reduce((sum, l) => sum + (parseDecimal(l.quantity) ?? 0n), 0n);
}

export type Problem = { code: 'quantity' | 'short' | 'lot'; figure?: string };

/** What can be said of a line before the server says it. */
export function problemOf(cart: Cart, line: CartLine): Problem | null {
  const quantity = parseDecimal(line.quantity);
  if (quantity === null || quantity <= 0n) return { code: 'quantity' };
  if (line.product.tracking !== 'none' && !line.lot) return { code: 'lot' };
  const available = parseDecimal(line.product.available) ?? 0n;
  if (line.product.product_type === 'goods' && wantedOf(cart, line.product) > available) return { code: 'short', figure: decimalText(available > 0n ? available : 0n) };
  return null;
}
