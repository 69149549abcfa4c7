// A client's own record of what was sold, refunded and received, to hold
// against what is there: after a crowd, and after the server was killed.
import assert from 'node:assert/strict';
import { all } from './books.mjs';
import { Client } from './client.mjs';
import { random } from './samples.mjs';

/** Something that was asked for: found again by the text in its notes. */
class Deed {
  constructor(kind, tag, over) { Object.assign(this, { kind, tag, acked: null, refunded: {}, returned: 0, refunding: false }, over); }
}

export class Counter {
  constructor(products, seed) {
    this.products = products; // with what there was at the beginning: [{id, sku, quantity}]
    this.rng = random(seed);
    this.deeds = [];
    this.counts = { sold: 0, short: 0, refunded: 0, received: 0, returned: 0, ordered: 0, shipped: 0, cancelled: 0 };
    this.n = 0;
  }

  get acknowledged() { return Object.values(this.counts).reduce((a, b) => a + b, 0) - this.counts.short; }

  /** Does things until the server is gone or `over` is set. */
  async run(session, n) {
    this.over = false;
    await Promise.all(Array.from({ length: n }, async () => {
      const client = new Client(session.url, session.headers);
      while (!this.over) {
        try {
          await this.step(client);
        } catch (error) {
          const broke = !(error instanceof assert.AssertionError) && (error.code || error.message === 'aborted');
          this.over ||= !broke;
          if (!broke) throw error;
          break; // the connection broke: nobody knows what became of the request
        }
      }
      client.agent.destroy();
    }));
  }

  step(client) {
    const what = this.rng.next();
    if (what < 0.5) return this.#sell(client);
    if (what < 0.65) return this.#refund(client);
    if (what < 0.78) return this.#receive(client);
    if (what < 0.84) return this.#sendBack(client);
    return this.#order(client);
  }

  #lines() {
    return Array.from({ length: 1 + this.rng.below(3) }, () => ({ product_id: this.rng.pick(this.products).id, quantity: 1 + this.rng.below(3) }));
  }

  #note(kind, over) {
    const deed = new Deed(kind, `${kind}-${++this.n}`, over);
    this.deeds.push(deed);
    return deed;
  }

  async #sell(client) {
    const deed = this.#note('sale', { lines: this.#lines(), payment_method: this.rng.pick(['cash', 'card']) });
    const answer = await saleOf(client, deed);
    if (answer.status === 409) { deed.refused = true; this.counts.short++; return; }
    assert.equal(answer.status, 201, answer.text);
    deed.acked = answer.body;
    this.counts.sold++;
  }

  async #refund(client) {
    const deed = this.rng.pick(this.deeds.filter((d) => d.kind === 'sale' && d.acked && !d.refunding).slice(-100));
    if (!deed) return;
    deed.refunding = true; // one at a time: what is known of a sale stays exact
    const line = this.rng.pick(deed.acked.lines);
    const body = this.rng.chance(0.5) ? undefined : { lines: [{ line_id: line.id, quantity: 1 }] };
    const answer = await client.post(`/sales/${deed.acked.id}/refund`, body);
    assert.ok([200, 409].includes(answer.status), answer.text);
    deed.refunding = false;
    if (answer.status === 409) return;
    for (const l of answer.body.lines) deed.refunded[l.id] = l.returned_quantity;
    this.counts.refunded++;
  }

  async #receive(client) {
    const deed = this.#note('receipt', { product: this.rng.pick(this.products), quantity: 1 + this.rng.below(12) });
    const line = { material_code: deed.product.sku, material_name: deed.tag, quantity: deed.quantity, unit_price: (100 + this.rng.below(900)) / 100 };
    const answer = await client.post('/purchase-orders', { supplier_name: 'Kiran Yarns', status: 'received', notes: deed.tag, line_items: [line] }, { 'Idempotency-Key': deed.tag });
    assert.equal(answer.status, 201, answer.text);
    deed.acked = answer.body;
    this.counts.received++;
  }

  async #sendBack(client) {
    const deed = this.rng.pick(this.deeds.filter((d) => d.kind === 'receipt' && d.acked && !d.refunding && d.returned < d.quantity).slice(-50));
    if (!deed) return;
    deed.refunding = true;
    const answer = await client.post(`/purchase-orders/${deed.acked.id}/return`, { lines: [{ line_id: deed.acked.line_items[0].id, quantity: 1 }] });
    assert.ok([200, 409].includes(answer.status), answer.text);
    deed.refunding = false;
    if (answer.status === 409) return; // sold or promised meanwhile
    deed.returned++;
    this.counts.returned++;
  }

  /** A sales order that is confirmed, and then shipped, cancelled or left open. */
  async #order(client) {
    const deed = this.#note('order', { product: this.rng.pick(this.products), quantity: 1 + this.rng.below(6) });
    const line = { product_code: deed.product.sku, product_name: deed.tag, quantity: deed.quantity, unit_price: 10 };
    const made = await client.post('/sales-orders', { customer_name: 'Meridian Garments Ltd', status: 'confirmed', notes: deed.tag, line_items: [line] }, { 'Idempotency-Key': deed.tag });
    assert.equal(made.status, 201, made.text);
    deed.acked = made.body;
    this.counts.ordered++;
    const action = this.rng.pick(['ship', 'cancel', 'reserve', 'ship']);
    const held = made.body.line_items[0];
    if (action === 'ship' && held.reserved_quantity === 0) return;
    const body = action === 'ship' ? { lines: [{ line_id: held.id, quantity: held.reserved_quantity }] } : undefined;
    const answer = await client.post(`/sales-orders/${deed.acked.id}/${action}`, body);
    assert.equal(answer.status, 200, answer.text);
    deed.acked = answer.body;
    if (action === 'ship') this.counts.shipped++;
    if (action === 'cancel') this.counts.cancelled++;
  }

  /** Sends what was not answered again: it happens once, whether it had happened or not. */
  async replay(client) {
    const open = this.deeds.filter((d) => d.kind === 'sale' && !d.acked && !d.refused);
    for (const deed of open) {
      const answer = await saleOf(client, deed);
      assert.ok([201, 409].includes(answer.status), answer.text);
      if (answer.status === 201) deed.acked = answer.body;
      else deed.refused = true;
    }
    for (const deed of this.deeds) deed.refunding = false;
    return open.length;
  }

  /** What was acknowledged is there once, with its moves and payments, and everything adds up. */
  async check(client) {
    const [sales, purchases, orders] = await Promise.all(['sales', 'purchase-orders', 'sales-orders'].map((name) => allWithLines(client, name)));
    const byTag = new Map();
    for (const record of [...sales, ...purchases, ...orders]) byTag.set(record.notes, [...(byTag.get(record.notes) ?? []), record]);
    for (const deed of this.deeds) this.#checkDeed(deed, byTag.get(deed.tag) ?? []);
    const moves = await all(client, '/stock-moves');
    const payments = await all(client, '/payments');
    for (const sale of sales) checkSale(sale, moves, payments);
    assert.equal(payments.length, payments.filter((p) => sales.some((s) => s.id === p.source_id)).length, 'a payment of no sale');
    for (const product of this.products) await this.#checkProduct(client, product, { sales, purchases, orders, moves });
    return { sales, payments };
  }

  #checkDeed(deed, records) {
    assert.ok(records.length <= 1, `${deed.tag} is there ${records.length} times`);
    if (deed.refused) return assert.equal(records.length, 0, `${deed.tag} was refused and is there`);
    if (!deed.acked) return undefined;
    const [record] = records;
    assert.ok(record, `${deed.tag} was acknowledged and is lost`);
    assert.equal(record.id, deed.acked.id);
    if (deed.kind === 'sale') for (const l of record.lines) assert.ok(l.returned_quantity >= (deed.refunded[l.id] ?? 0), `a refund of ${deed.tag} is lost`);
    if (deed.kind === 'receipt') assert.ok(record.line_items[0].returned_quantity >= deed.returned, `a return of ${deed.tag} is lost`);
    if (deed.kind === 'order') assert.ok(record.version >= deed.acked.version, `${deed.tag} went back`);
    return undefined;
  }

  /** There is what was there + received − sent back − sold + refunded − shipped. */
  async #checkProduct(client, product, { sales, purchases, orders, moves }) {
    const sum = (records, lines, what) => records.flatMap((r) => r[lines]).filter((l) => l.product_id === product.id).reduce((n, l) => n + what(l), 0);
    const expected = product.quantity + sum(purchases, 'line_items', (l) => l.received_quantity) -
      sum(sales, 'lines', (l) => l.quantity - l.returned_quantity) - sum(orders, 'line_items', (l) => l.shipped_quantity);
    const now = await client.ok(client.get(`/products/${product.id}`));
    assert.equal(now.quantity, expected, product.sku);
    assert.equal(now.reserved, sum(orders, 'line_items', (l) => l.reserved_quantity), product.sku);
    assert.equal(now.available, now.quantity - now.reserved);
    assert.ok(now.available >= 0 && now.stock_value >= 0);
    if (now.quantity === 0) assert.equal(now.stock_value, 0);
    const levels = await all(client, `/stock-levels?product_id=${product.id}&usage=internal`);
    assert.equal(levels.reduce((n, l) => n + l.on_hand, 0), now.quantity);
    const worth = (kind) => moves.filter((m) => m.product_id === product.id && m.kind === kind).reduce((n, m) => n + Math.round(m.value * 10000), 0);
    const value = worth('adjustment') + worth('receipt') + worth('return') - worth('delivery') - worth('vendor_return');
    assert.equal(Math.round(now.stock_value * 10000), value, `the value of ${product.sku}`);
  }
}

function saleOf(client, { lines, payment_method, tag }) {
  return client.post('/sales', { lines, payment_method, notes: tag }, { 'Idempotency-Key': tag });
}

async function allWithLines(client, name) {
  const records = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const body = await client.ok(client.get(`/${name}?expand=lines&ordering=id&page_size=500&page=${page}`));
    records.push(...body.items);
    ({ pages } = body);
  }
  return records;
}

function checkSale(sale, moves, payments) {
  for (const line of sale.lines) {
    const of = (kind) => moves.filter((m) => m.source === 'sales' && m.source_line_id === line.id && m.kind === kind).reduce((n, m) => n + m.quantity, 0);
    assert.deepEqual([of('delivery'), of('return')], [line.quantity, line.returned_quantity], `moves of ${sale.sale_number}`);
  }
  const paid = payments.filter((p) => p.source_id === sale.id).reduce((n, p) => n + (p.payment_type === 'incoming' ? 1 : -1) * Math.round(p.amount * 100), 0);
  assert.equal(paid, Math.round((sale.total_amount - sale.refunded_amount) * 100), `payments of ${sale.sale_number}`);
}
