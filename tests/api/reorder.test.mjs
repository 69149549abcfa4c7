// What should be ordered, and ordering it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { line } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

async function company() {
  const organization = await newOrganization(server);
  const { admin } = organization;
  const store = new Store(admin);
  const [kiran, asha] = [await admin.create('/vendors', { name: 'Kiran Yarns', lead_time_days: 14 }), await admin.create('/vendors', { name: 'Asha Dyes' })];
  const product = (sku, quantity, over = {}) => store.product({ sku, quantity, cost: 2.5, reorder_minimum: 10, preferred_vendor_id: kiran.id, ...over });
  return { organization, admin, store, kiran, asha, product, proposals: async (query = '') => (await admin.ok(admin.get(`/reorder-proposals?${query}`))).items };
}

const orderLines = (product, quantity) => [line({ material_code: product.sku, material_name: product.name, quantity, unit_price: 2 })];

describe('a reorder proposal', () => {
  test('is for goods below their minimum, and says how much to order from whom until when', async () => {
    const { admin, product, kiran, proposals } = await company();
    const p = await product('LOW', 4, { reorder_maximum: 50, reorder_multiple: 12, unit: 'kg' });
    await product('AT-MINIMUM', 10);
    await product('GONE', 4, { discontinued: true });
    await product('NO-MINIMUM', 0, { reorder_minimum: undefined });
    await product('SERVICE', undefined, { product_type: 'service' });
    assert.deepEqual(await proposals(), [{
      product_id: p.id, sku: 'LOW', name: 'Cotton yarn', unit: 'kg', available: 4, on_order: 0, in_draft: 0, reorder_minimum: 10, reorder_maximum: 50,
      reorder_multiple: 12, proposed_quantity: 48, last_cost: 2.5, vendor_id: kiran.id, vendor_name: 'Kiran Yarns', lead_time_days: 14, order_by_date: day(0), expected_date: day(14),
    }]);
    assert.equal(await admin.total('/products?below_minimum=true'), 1);
  });

  test('fills up to the maximum, else the minimum, in whole multiples', async () => {
    const { product, proposals } = await company();
    await product('A', 4);
    await product('B', 4, { reorder_maximum: 30 });
    await product('C', 4, { reorder_multiple: 5 });
    await product('D', 4, { reorder_maximum: 30, reorder_multiple: 13 });
    await product('E', 0.5, { reorder_multiple: '0.0003' });
    assert.deepEqual((await proposals()).map((p) => [p.sku, p.proposed_quantity]), [['A', 6], ['B', 26], ['C', 10], ['D', 26], ['E', 9.5001]]);
  });

  test('appears and goes with stock, minimum and what is ordered', async () => {
    const { admin, store, product, kiran, proposals } = await company();
    const p = await product('P', 12);
    const there = async () => (await proposals()).length;
    assert.equal(await there(), 0);
    await store.move('delivery', p, 3);
    assert.equal(await there(), 1);
    await admin.ok(admin.patch(`/products/${p.id}`, { reorder_minimum: 9 }));
    assert.equal(await there(), 0);
    await admin.ok(admin.patch(`/products/${p.id}`, { reorder_minimum: 20, reorder_maximum: 30 }));
    const order = await admin.create('/purchase-orders', { supplier_id: kiran.id, line_items: orderLines(p, 8) });
    const [draft] = await proposals();
    assert.deepEqual([draft.on_order, draft.in_draft, draft.proposed_quantity], [0, 8, 21]);
    await admin.ok(admin.post(`/purchase-orders/${order.id}/approve`));
    const [approved] = await proposals();
    assert.deepEqual([approved.on_order, approved.in_draft, approved.proposed_quantity], [8, 0, 13]);
    const { line_items: [{ id: line_id }] } = await admin.ok(admin.get(`/purchase-orders/${order.id}`));
    await admin.ok(admin.post(`/purchase-orders/${order.id}/receive`, { lines: [{ line_id, quantity: 5 }] }));
    const [received] = await proposals();
    assert.deepEqual([received.available, received.on_order, received.proposed_quantity], [14, 3, 13]);
    const more = await admin.create('/purchase-orders', { supplier_id: kiran.id, line_items: orderLines(p, 3) });
    await admin.ok(admin.post(`/purchase-orders/${more.id}/approve`));
    assert.equal(await there(), 0);
    await admin.ok(admin.post(`/purchase-orders/${more.id}/cancel`));
    assert.equal(await there(), 1);
  });

  test('has its own lead time, else the vendor’s, else none', async () => {
    const { product, asha, proposals } = await company();
    await product('OWN', 1, { lead_time_days: 3 });
    await product('VENDOR', 1);
    await product('UNKNOWN', 1, { preferred_vendor_id: asha.id });
    await product('NOBODY', 1, { preferred_vendor_id: undefined });
    assert.deepEqual((await proposals()).map((p) => [p.sku, p.vendor_name, p.lead_time_days, p.expected_date]),
      [['UNKNOWN', 'Asha Dyes', null, null], ['OWN', 'Kiran Yarns', 3, day(3)], ['VENDOR', 'Kiran Yarns', 14, day(14)], ['NOBODY', null, null, null]]);
  });

  test('is in pages and by vendor', async () => {
    const { admin, product, asha } = await company();
    for (const sku of ['A', 'B', 'C']) await product(sku, 1);
    await product('D', 1, { preferred_vendor_id: asha.id });
    const page = await admin.ok(admin.get('/reorder-proposals?page=2&page_size=3'));
    assert.deepEqual([page.items.map((p) => p.sku), page.total, page.page, page.page_size, page.pages], [['C'], 4, 2, 3, 2]);
    assert.equal((await admin.ok(admin.get('/reorder-proposals?page=9'))).total, 4);
    assert.deepEqual((await admin.ok(admin.get(`/reorder-proposals?vendor_id=${asha.id}`))).items.map((p) => p.sku), ['D']);
    assert.equal((await admin.get('/reorder-proposals')).statements, 2);
    for (const query of ['page=0', 'page_size=0', 'page_size=1001', 'vendor_id=x', 'sku=A']) isProblem(await admin.get(`/reorder-proposals?${query}`), 400);
  });
});

describe('ordering proposals', () => {
  test('makes a draft for each vendor, and tells what nobody supplies', async () => {
    const { admin, product, kiran, asha, proposals } = await company();
    const [a, b, c, nobody] = [await product('A', 4), await product('B', 5, { lead_time_days: 30 }), await product('C', 1, { preferred_vendor_id: asha.id }), await product('N', 1, { preferred_vendor_id: undefined })];
    const answer = await admin.post('/reorder-proposals/order');
    assert.equal(answer.status, 200, answer.text);
    const { orders, skipped, more } = answer.body;
    assert.deepEqual(orders.map((o) => [o.supplier_id, o.status, o.due_date, o.line_items.map((l) => [l.material_code, l.product_id, l.quantity, l.unit_price]), o.total_amount]), [
      [asha.id, 'draft', null, [['C', c.id, 9, 2.5]], 22.5],
      [kiran.id, 'draft', day(30), [['A', a.id, 6, 2.5], ['B', b.id, 5, 2.5]], 27.5],
    ]);
    assert.deepEqual([skipped, more], [[{ product_id: nobody.id, sku: 'N', reason: 'no_vendor' }], false]);
    assert.deepEqual(await admin.ok(admin.get(`/purchase-orders/${orders[0].id}`)), orders[0]);
    assert.deepEqual((await proposals()).map((p) => [p.sku, p.in_draft]), [['C', 9], ['A', 6], ['B', 5], ['N', 0]]);
  });

  test('twice does not order twice, unless products are named', async () => {
    const { admin, product } = await company();
    const p = await product('P', 4);
    await admin.create('/reorder-proposals/order', {});
    const again = await admin.post('/reorder-proposals/order', {});
    assert.deepEqual([again.status, again.body.orders.length], [200, 0]);
    assert.equal((await admin.create('/reorder-proposals/order', { product_ids: [p.id] })).orders.length, 1);
    assert.equal(await admin.total('/purchase-orders'), 2);
  });

  test('orders only what is named, and from whom it is told', async () => {
    const { admin, product, asha } = await company();
    const [a, , n] = [await product('A', 4), await product('B', 4), await product('N', 4, { preferred_vendor_id: undefined })];
    const { orders, skipped } = await admin.create('/reorder-proposals/order', { product_ids: [a.id, n.id, 987654321], vendor_id: asha.id });
    assert.deepEqual([orders.map((o) => [o.supplier_name, o.line_items.map((l) => l.material_code)]), skipped], [[['Asha Dyes', ['A', 'N']]], []]);
  });

  test('orders nothing from a vendor who is not active', async () => {
    const { admin, product, kiran } = await company();
    const p = await product('P', 4);
    await admin.ok(admin.patch(`/vendors/${kiran.id}`, { status: 'blacklisted' }));
    const { orders, skipped } = await admin.ok(admin.post('/reorder-proposals/order'));
    assert.deepEqual([orders, skipped], [[], [{ product_id: p.id, sku: 'P', reason: 'vendor_not_active' }]]);
  });

  test('splits what is more than an order holds', async () => {
    const { admin, kiran } = await company();
    const items = Array.from({ length: 501 }, (_, i) => ({ sku: unique(`S${i}-`), name: 'Small', reorder_minimum: 1, preferred_vendor_id: kiran.id }));
    await admin.ok(admin.post('/products/bulk', { items }));
    const { orders } = await admin.create('/reorder-proposals/order');
    assert.deepEqual(orders.map((o) => o.line_items.length), [500, 1]);
  });

  test('as a dry run or with wrong values leaves everything as it was', async () => {
    const { admin, organization, product } = await company();
    const p = await product('P', 4);
    const refused = (client, body, query = '') => changesNothing(admin, ['/purchase-orders'], () => client.post(`/reorder-proposals/order${query}`, body));
    assert.equal((await refused(admin, {}, '?dry_run=true')).body.orders.length, 1);
    for (const product_ids of [{}, ['1'], [1.5], [null], [[1]]]) isInvalid(await refused(admin, { product_ids }), { product_ids: 'type' });
    const other = await newOrganization(server);
    const theirs = await other.admin.create('/vendors', { name: 'Theirs' });
    isInvalid(await refused(admin, { vendor_id: theirs.id }), { vendor_id: 'unknown_reference' });
    for (const role of ['viewer', 'operator', 'salesperson']) isProblem(await refused(await organization.addUser(role), {}), 403, 'forbidden');
    const foreign = await other.admin.post('/reorder-proposals/order', { product_ids: [p.id] });
    assert.deepEqual([foreign.status, foreign.body.orders], [200, []]);
    const manager = await organization.addUser('inventory_manager');
    assert.equal((await manager.create('/reorder-proposals/order', {}, { 'Idempotency-Key': 'k' })).orders.length, 1);
    assert.equal((await manager.create('/reorder-proposals/order', {}, { 'Idempotency-Key': 'k' })).orders.length, 1);
    assert.equal(await admin.total('/purchase-orders'), 1);
  });
});
