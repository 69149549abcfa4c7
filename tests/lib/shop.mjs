// What tests of stock, orders and sales share: goods, what there is of them,
// and that a refused request left all of it alone.
import assert from 'node:assert/strict';
import { all } from './books.mjs';
import { unique } from './client.mjs';

/** A shop of one organization. */
export class Shop {
  constructor(admin) { this.admin = admin; }

  product(over = {}) {
    const sku = unique('SKU-');
    return this.admin.create('/products', { sku, name: `Thing ${sku}`, price: 10, ...over });
  }

  /** Goods of which there are so many, each worth `cost`. */
  goods(quantity, over = {}) {
    return this.product({ cost: 6, ...over, ...(quantity && { quantity }) });
  }

  service(over = {}) { return this.product({ product_type: 'service', ...over }); }

  read(resource, id) { return this.admin.ok(this.admin.get(`/${resource}/${id}`)); }

  /** [on hand, reserved, available, value] of a product. */
  async stock(product) {
    const p = await this.read('products', product.id);
    return [p.quantity, p.reserved, p.available, p.stock_value];
  }

  /** Its moves, the oldest first: [kind, quantity, value]. */
  async moves(product) {
    const list = await all(this.admin, `/stock-moves?product_id=${product.id}`);
    return list.map((m) => [m.kind, m.quantity, m.value]);
  }

  async location(over = {}) {
    return this.admin.create('/locations', { name: unique('Shelf '), code: unique('S-'), ...over });
  }

  /** What there is at each internal location: {location_id: on hand}. */
  async places(product) {
    const levels = await all(this.admin, `/stock-levels?product_id=${product.id}&usage=internal`);
    return Object.fromEntries(levels.filter((l) => l.on_hand !== 0).map((l) => [l.location_id, l.on_hand]));
  }

  /** An order for a vendor's goods; lines are [product or code, quantity, price]. */
  purchaseOrder(lines, over = {}) {
    return this.admin.create('/purchase-orders', {
      supplier_name: 'Kiran Yarns', po_date: '2026-01-15', status: 'approved', ...over,
      line_items: lines.map(([what, quantity, unit_price = 4]) => ({ material_code: what.sku ?? what, material_name: what.name ?? what, quantity, unit_price })),
    });
  }

  salesOrder(lines, over = {}) {
    return this.admin.create('/sales-orders', {
      customer_name: 'Meridian Garments Ltd', order_date: '2026-01-15', status: 'confirmed', ...over,
      line_items: lines.map(([what, quantity, unit_price = 10]) => ({ product_code: what.sku ?? what, product_name: what.name ?? what, quantity, unit_price })),
    });
  }

  /** Everything that a request about stock or money could change. */
  async state() {
    const found = { sequence: await this.admin.sequence() };
    for (const name of ['products', 'lots', 'stock-moves', 'stock-levels', 'stock-ledger', 'stock-reservations', 'purchase-orders', 'sales-orders', 'sales', 'payments', 'till-sessions', 'customers', 'vendors', 'notifications'])
      found[name] = await all(this.admin, `/${name}`);
    for (const name of ['purchase-orders', 'sales-orders', 'sales'])
      found[`${name} with lines`] = (await this.admin.get(`/${name}?expand=lines&page_size=1000&ordering=id`)).body.items;
    return found;
  }

  /** Runs `attempt` and insists that it changed nothing at all. */
  async unchanged(attempt) {
    const before = await this.state();
    const result = await attempt();
    assert.deepEqual(await this.state(), before, 'a refused request changed something');
    return result;
  }
}
