import { useEffect, useState } from 'react';
import { call } from '../api/http';

/** What the pages of goods use of a product. */
export type Product = {
  id: number;
  sku: string;
  name: string;
  product_type: 'goods' | 'service';
  unit: string;
  price: string | number;
  cost: string | number;
  barcode: string | null;
  tracking: 'none' | 'lot' | 'serial';
  quantity: string | number;
  reserved: string | number;
  available: string | number;
  stock_value: string | number;
  low_stock_threshold: string | number;
  low_stock: boolean;
  below_minimum: boolean;
  discontinued: boolean;
  reorder_minimum: string | number | null;
};
export type Lot = { id: number; name: string; product_id: number; product_name: string; best_before: string | null };

type Items<T> = { items: T[] };
const REST_MS = 150;

export async function searchProducts(text: string, signal?: AbortSignal): Promise<Product[]> {
  const query = { search: text.trim(), discontinued: false, page_size: 12, count: 'none' };
  return (await call<Items<Product>>('GET', '/products', { query, signal })).json.items;
}

export async function productsById(ids: number[]): Promise<Product[]> {
  if (!ids.length) return [];
  return (await call<Items<Product>>('GET', '/products', { query: { id__in: ids, page_size: 1000, count: 'none' } })).json.items;
}

/** Products that match what is typed, once the typing rests. */
export function useProductSearch(text: string): { found: Product[]; busy: boolean } {
  const [state, setState] = useState<{ of: string; found: Product[] }>({ of: '', found: [] });
  const wanted = text.trim();
  useEffect(() => {
    if (!wanted) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      searchProducts(wanted, stop.signal).then(
        (found) => setState({ of: wanted, found }),
        () => undefined,
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [wanted]);
  if (!wanted) return { found: [], busy: false };
  return { found: state.found, busy: state.of !== wanted };
}

type Match = { resource: string; id: number; display: string; record: Record<string, unknown>; actions: string[] };
export type Scanned = { product?: Product; lot?: Lot; matches: Match[] };

/** What a code is: a product by SKU or bar code, or one of its lots; null when nobody has it. */
export async function lookUp(code: string): Promise<Scanned | null> {
  try {
    const { matches } = (await call<{ matches: Match[] }>('GET', `/scan/${encodeURIComponent(code)}`)).json;
    const product = matches.find((m) => m.resource === 'products')?.record as Product | undefined;
    const lot = matches.find((m) => m.resource === 'lots')?.record as Lot | undefined;
    if (!product && lot) return { product: (await productsById([lot.product_id]))[0], lot, matches };
    return { product, lot: undefined, matches };
  } catch (error) {
    if ((error as { status?: number }).status === 404) return null;
    throw error;
  }
}
