// Stock in the words of a storekeeper, for tests: products, moves of each kind
// and what they leave behind.
import assert from 'node:assert/strict';
import { unique } from './client.mjs';

export class Store {
  constructor(admin) { this.admin = admin; }

  /** A product of which there is nothing yet. */
  product(over = {}) {
    return this.admin.create('/products', { sku: unique('P'), name: 'Cotton yarn', ...over });
  }

  location(over = {}) {
    return this.admin.create('/locations', { name: unique('Shelf '), code: unique('L'), ...over });
  }

  /** The answer to a move, whatever it is. */
  try(kind, product, quantity, over = {}) {
    return this.admin.post('/stock-moves', { kind, product_id: product.id, quantity, ...over });
  }

  move(kind, product, quantity, over = {}) {
    return this.admin.ok(this.try(kind, product, quantity, over));
  }

  receive(product, quantity, unit_cost, over = {}) {
    return this.move('receipt', product, quantity, { unit_cost, ...over });
  }

  async levels(query) {
    return (await this.admin.ok(this.admin.get(`/stock-levels?page_size=1000&ordering=id&${query}`))).items;
  }

  /** What of a product is ours: {place: on hand}, by the last part of the path. */
  async places(product, query = '') {
    const levels = await this.levels(`product_id=${product.id}&usage=internal&${query}`);
    return Object.fromEntries(levels.map((l) => [l.location_name.split(' / ').at(-1), l.on_hand]));
  }

  read(product) {
    return this.admin.ok(this.admin.get(`/products/${product.id}`));
  }

  async ledger(product) {
    return (await this.admin.ok(this.admin.get(`/products/${product.id}/ledger?page_size=1000`))).items;
  }

  /** Quantity, available, value and cost of a product as one list. */
  async figures(product) {
    const { quantity, available, stock_value, cost } = await this.read(product);
    return [quantity, available, stock_value, cost];
  }
}

const sum = (list, of) => list.reduce((total, item) => total + BigInt(Math.round(of(item) * 10_000)), 0n);

/** Over all locations, those of vendors, customers and losses included, nothing came from nowhere. */
export async function sumsToZero(store, product) {
  const ledger = await store.ledger(product);
  assert.equal(sum(ledger, (p) => p.quantity), 0n, 'quantities of the ledger');
  assert.equal(sum(ledger, (p) => p.value), 0n, 'values of the ledger');
  const levels = await store.levels(`product_id=${product.id}`);
  assert.equal(sum(levels, (l) => l.on_hand), 0n, 'levels');
  assert.equal(sum(levels, (l) => l.value), 0n, 'values of levels');
  const ours = levels.filter((l) => l.usage === 'internal');
  const { quantity, stock_value } = await store.read(product);
  assert.equal(sum(ours, (l) => l.on_hand), BigInt(Math.round(quantity * 10_000)));
  assert.equal(sum(ours, (l) => l.value), BigInt(Math.round(stock_value * 10_000)));
}
