// What needs a storekeeper's attention.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';

let server;
let organization;
let admin;
let store;

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  store = new Store(admin);
  const product = (sku, over) => store.product({ sku, low_stock_threshold: 10, ...over });
  await product('PLENTY', { quantity: 100 });
  await product('HALF', { quantity: 5, unit: 'kg' });
  await product('LITTLE', { quantity: 1 });
  await product('OUT');
  await product('GONE', { discontinued: true });
  await product('SERVICE', { product_type: 'service' });
  await product('MILK', { quantity: 50, best_before: day(10), low_stock_threshold: 0 });
  await product('OLD', { quantity: 50, best_before: day(-1), low_stock_threshold: 0 });
  await product('TODAY', { quantity: 50, best_before: day(0), low_stock_threshold: 0 });
  await product('LATER', { quantity: 50, best_before: day(31), low_stock_threshold: 0 });
  const lotted = await product('LOTTED', { tracking: 'lot', low_stock_threshold: 0 });
  await store.receive(lotted, 7, 1, { lot: 'L-EXPIRED', best_before: day(-20) });
  await store.receive(lotted, 8, 1, { lot: 'L-SOON', best_before: day(20) });
  await store.receive(lotted, 9, 1, { lot: 'L-LATER', best_before: day(300) });
  await store.receive(lotted, 4, 1, { lot: 'L-SOLD', best_before: day(-30) });
  await store.move('delivery', lotted, 4, { lot: 'L-SOLD' });
});
after(() => server.proveAndStop());

const alerts = (query = '', client = admin) => client.ok(client.get(`/dashboard/inventory/alerts${query}`));

describe('inventory alerts', () => {
  test('tell what is out, expired, low and expiring, the worst first', async () => {
    assert.deepEqual((await alerts()).map((a) => [a.item_id, a.status, a.lot, a.quantity]), [
      ['OUT', 'out_of_stock', null, 0],
      ['LOTTED', 'expired', 'L-EXPIRED', 7], ['OLD', 'expired', null, 50],
      ['LITTLE', 'low_stock', null, 1], ['HALF', 'low_stock', null, 5],
      ['TODAY', 'expiring', null, 50], ['MILK', 'expiring', null, 50], ['LOTTED', 'expiring', 'L-SOON', 8],
    ]);
  });

  test('say of each what a stock client needs', async () => {
    const half = (await alerts()).find((a) => a.item_id === 'HALF');
    const { items: [product] } = await admin.ok(admin.get('/items?item_id=HALF'));
    assert.deepEqual(half, { item_id: 'HALF', item_name: 'Cotton yarn', quantity: 5, available: 5, reorder_level: 10, unit: 'kg', status: 'low_stock', product_id: product.id, lot: null, best_before: null });
  });

  test('look as far ahead as the settings say', async () => {
    await admin.ok(admin.patch('/system-settings', { expiry_warning_days: 15 }));
    assert.deepEqual((await alerts()).filter((a) => a.status === 'expiring').map((a) => a.item_id), ['TODAY', 'MILK']);
    await admin.ok(admin.patch('/system-settings', { expiry_warning_days: 30 }));
  });

  test('are bounded', async () => {
    assert.deepEqual((await alerts('?page_size=2')).map((a) => a.item_id), ['OUT', 'LOTTED']);
    for (const query of ['page_size=0', 'page_size=1001', 'page_size=x', 'page=1', 'page_size=1&page_size=2'])
      isProblem(await admin.get(`/dashboard/inventory/alerts?${query}`), 400);
    assert.equal((await admin.get('/dashboard/inventory/alerts')).statements, 2);
  });

  test('are for those who may read, and about their own organization', async () => {
    assert.equal((await alerts('', await organization.addUser('viewer'))).length, 8);
    isProblem(await (await organization.addUser('salesperson')).get('/dashboard/inventory/alerts'), 403, 'forbidden');
    assert.deepEqual(await alerts('', (await newOrganization(server)).admin), []);
  });

  test('are at that path only', async () => {
    for (const path of ['/dashboard', '/dashboard/inventory', '/dashboard/alerts', '/dashboard/inventory/alerts/7', '/dashboard/1/inventory/alerts', '/dashboard/inventory/alert'])
      isProblem(await admin.get(path), 404);
    const post = await admin.post('/dashboard/inventory/alerts', {});
    isProblem(post, 405);
    assert.equal(post.headers.allow, 'GET');
    assert.equal((await admin.get('/api/v1/dashboard/inventory/alerts/')).status, 200);
  });
});

test('low stock is a filter of products', async () => {
  const { items } = await admin.ok(admin.get('/products?low_stock=true&ordering=id'));
  assert.deepEqual(items.map((p) => p.sku), ['HALF', 'LITTLE', 'OUT']);
});
