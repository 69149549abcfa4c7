// Products and their stock: a quantity that is given is posted, low stock is
// told once, many at a time take exactly what there is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Store, sumsToZero } from '../lib/stock.mjs';

let server;
let store;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  store = new Store(admin);
});
after(() => server.proveAndStop());

const refused = (attempt) => changesNothing(admin, ['/stock-moves', '/stock-ledger', '/stock-levels', '/products'], attempt);

describe('a quantity given for a product', () => {
  test('when it is made opens its ledger at its cost', async () => {
    const p = await store.product({ quantity: 250, cost: 9.8 });
    assert.deepEqual([p.quantity, p.available, p.stock_value, p.cost], [250, 250, 2450, 9.8]);
    const [move] = (await admin.ok(admin.get(`/stock-moves?product_id=${p.id}`))).items;
    assert.deepEqual([move.kind, move.quantity, move.value, move.from_location_name], ['adjustment', 250, 2450, 'Inventory loss']);
    await sumsToZero(store, p);
  });

  test('by PATCH and PUT is a count: the difference is posted', async () => {
    const p = await store.product({ quantity: 10, cost: 2 });
    const patched = await admin.ok(admin.patch(`/products/${p.id}`, { quantity: 7.5 }));
    assert.deepEqual([patched.quantity, patched.stock_value, patched.version], [7.5, 15, 2]);
    const put = await admin.ok(admin.put(`/products/${p.id}`, { sku: p.sku, name: 'Renamed', quantity: 8 }));
    assert.deepEqual([put.name, put.quantity, put.stock_value], ['Renamed', 8, 16]);
    const without = await admin.ok(admin.put(`/products/${p.id}`, { sku: p.sku, name: 'Again' }));
    assert.deepEqual([without.quantity, without.stock_value, without.cost], [8, 16, 2]);
    await admin.ok(admin.patch(`/products/${p.id}`, { quantity: 8 }));
    assert.equal(await admin.total(`/stock-moves?product_id=${p.id}`), 3); // the same is no move
    assert.equal((await admin.ok(admin.patch(`/products/${p.id}`, { quantity: 0 }))).stock_value, 0);
    await sumsToZero(store, p);
  });

  test('of a stock client is what its /items say', async () => {
    const made = await admin.create('/items', { item_id: unique('I'), item_name: 'Thread', quantity: 5, reorder_level: 2, price: 3 });
    assert.deepEqual([made.quantity, made.reorder_level, made.low_stock], [5, 2, false]);
    const changed = await admin.ok(admin.put(`/items/${made.id}`, { item_id: made.item_id, item_name: 'Thread', quantity: 2, reorder_level: 2 }));
    assert.deepEqual([changed.quantity, changed.low_stock], [2, true]);
    assert.equal(await admin.total(`/items?low_stock=true&item_id=${made.item_id}`), 1);
  });

  test('in bulk and from a file is posted for each', async () => {
    const [a, b] = [unique('B'), unique('B')];
    const { results } = await admin.ok(admin.post('/products/bulk', { items: [{ sku: a, name: 'A', quantity: 3 }, { sku: b, name: 'B', quantity: 4, cost: 2 }] }));
    assert.deepEqual(await store.figures(results[1]), [4, 4, 8, 2]);
    await admin.ok(admin.post('/products/import?key=sku', `sku,name,quantity\r\n${a},A,9\r\n`, { 'Content-Type': 'text/csv' }));
    assert.equal((await store.read(results[0])).quantity, 9);
    await sumsToZero(store, results[0]);
  });

  test('that cannot be is refused and changes nothing', async () => {
    const p = await store.product({ quantity: 10, cost: 2 });
    const lotted = await store.product({ tracking: 'lot' });
    const service = await store.product({ product_type: 'service' });
    const patch = (product, body) => refused(() => admin.patch(`/products/${product.id}`, body));
    isInvalid(await patch(p, { quantity: -1 }), { quantity: 'min' });
    isInvalid(await patch(p, { cost: 3 }), { cost: 'read_only' });
    isInvalid(await patch(lotted, { quantity: 5 }), { quantity: 'tracked' });
    isInvalid(await patch(service, { quantity: 5 }), { quantity: 'service' });
    isInvalid(await patch(p, { available: 5 }), { available: 'read_only' });
    isInvalid(await patch(p, { low_stock: false }), { low_stock: 'read_only' });
    isInvalid(await patch(p, { tracking: 'lot' }), { tracking: 'read_only' });
    isInvalid(await refused(() => admin.post('/products', { sku: unique('N'), name: 'x', quantity: -1 })), { quantity: 'min' });
    isProblem(await refused(() => admin.patch(`/products/${p.id}`, { quantity: 5 }, { 'If-Match': '"v9"' })), 412);
    hasStatus(await refused(() => admin.patch(`/products/${p.id}?dry_run=true`, { quantity: 5 })), 200);
    // What has stock or a history stays.
    isProblem(await refused(() => admin.del(`/products/${p.id}`)), 409);
  });
});

describe('low stock', () => {
  const told = async (p) => (await admin.ok(admin.get('/notifications?page_size=200&kind=low_stock'))).items.filter((n) => n.message.includes(p.sku)).map((n) => n.message);

  test('is told when it is crossed, once, and again when it was above in between', async () => {
    const p = await store.product({ quantity: 10, unit: 'kg', low_stock_threshold: 4 });
    await store.move('delivery', p, 5);
    assert.deepEqual([await told(p), (await store.read(p)).low_stock], [[], false]);
    await store.move('delivery', p, 1);
    assert.deepEqual([(await told(p)).length, (await store.read(p)).low_stock], [1, true]);
    assert.match((await told(p))[0], /is low: 4 kg available, threshold 4/);
    await store.move('delivery', p, 1);
    assert.equal((await told(p)).length, 1);
    await store.receive(p, 10, 1);
    assert.equal((await store.read(p)).low_stock, false);
    await store.move('scrap', p, 10);
    assert.equal((await told(p)).length, 2);
  });

  test('follows the threshold and what is discontinued', async () => {
    const p = await store.product({ quantity: 10, low_stock_threshold: 4 });
    const low = async (body) => (await admin.ok(admin.patch(`/products/${p.id}`, body))).low_stock;
    assert.deepEqual([await low({ low_stock_threshold: 10 }), await low({ discontinued: true }), await low({ discontinued: false }), await low({ low_stock_threshold: 9.9999 })],
      [true, false, true, false]);
    const service = await store.product({ product_type: 'service' });
    assert.equal(service.low_stock, false);
  });
});

describe('many at a time', () => {
  test('take exactly what there is', async () => {
    const p = await store.product({ quantity: 100, cost: 3.33 });
    const answers = [];
    let left = 500;
    const worker = async () => { while (left-- > 0) answers.push(await store.try('delivery', p, 1)); };
    await Promise.all(Array.from({ length: 64 }, worker));
    const by = (status) => answers.filter((a) => a.status === status);
    assert.deepEqual([by(201).length, by(409).length], [100, 400]);
    for (const a of by(409)) assert.match(a.body.detail, /^only 0 pcs of /);
    assert.deepEqual((await store.figures(p)).slice(0, 3), [0, 0, 0]);
    const taken = by(201).reduce((sum, a) => sum + Math.round(a.body.value * 10_000), 0);
    assert.equal(taken, 3_330_000);
    await sumsToZero(store, p);
    const { code, stdout, stderr } = await server.run('verify');
    assert.equal(code, 0, stdout + stderr);
  });

  test('and in any order keep the books right', async () => {
    const products = await Promise.all([1, 2, 3].map(() => store.product({ quantity: 20, cost: 1.01 })));
    const shelf = await store.location();
    let left = 300;
    const worker = async (n) => {
      for (let i = n; left-- > 0; i++) {
        const p = products[i % 3];
        const q = 1 + (i % 4);
        const answer = await [
          () => store.try('receipt', p, q, { unit_cost: 1 + (i % 7) / 3 > 2 ? 2.5 : 1.3333 }),
          () => store.try('delivery', p, q),
          () => store.try('transfer', p, q, { from_location_id: 'STOCK', to_location_id: shelf.id }),
          () => store.try('transfer', p, q, { from_location_id: shelf.id, to_location_id: 'STOCK' }),
          () => store.try('receipt', p, q, { unit_cost: 2, effective_at: '2026-05-01T00:00:00Z' }),
          () => admin.patch(`/products/${p.id}`, { quantity: 20 + q }),
        ][i % 6]();
        assert.ok([200, 201, 409].includes(answer.status), answer.text);
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, n) => worker(n)));
    for (const p of products) await sumsToZero(store, p);
  });
});
