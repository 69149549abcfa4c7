// Sales orders reserve what there is, ship what is reserved, and take it back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Shop } from '../lib/shop.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/sales-orders';
let server;
let organization;
let admin;
let shop;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  shop = new Shop(admin);
});
after(() => server.proveAndStop());

const act = (order, action, body, headers) => admin.post(`${PATH}/${order.id}/${action}`, body, headers);
const ship = (order, body, headers) => act(order, 'ship', body, headers);
const good = async (answer) => hasStatus(await answer, 200);
const line = (order, i, quantity, over = {}) => ({ line_id: order.line_items[i].id, quantity, ...over });
/** [status, delivery_status, [reserved, shipped, returned] of each line] */
const progress = (order) => [order.status, order.delivery_status, ...order.line_items.map((l) => [l.reserved_quantity, l.shipped_quantity, l.returned_quantity])];
const read = (order) => shop.read('sales-orders', order.id);
const refused = (attempt) => shop.unchanged(attempt);
async function isLimited(attempt, pattern) {
  const { detail } = isProblem(await refused(attempt), 409, 'conflict');
  assert.match(detail, pattern);
}
const reservations = async (order) => (await all(admin, `/stock-reservations?source=sales-orders&source_id=${order.id}`)).map((r) => [r.product_id, r.source_line_id, r.quantity]);

describe('confirming', () => {
  test('reserves what is available; reserved stock is not available to others', async () => {
    const sheet = await shop.goods(10);
    const first = await shop.salesOrder([[sheet, 7]], { status: 'draft' });
    assert.deepEqual(await shop.stock(sheet), [10, 0, 10, 60], 'a draft promises nothing');
    assert.deepEqual(progress(await good(act(first, 'confirm'))), ['confirmed', 'none', [7, 0, 0]]);
    assert.deepEqual(await shop.stock(sheet), [10, 7, 3, 60]);
    assert.deepEqual(await reservations(first), [[sheet.id, first.line_items[0].id, 7]]);
    const second = await shop.salesOrder([[sheet, 5]]);
    assert.deepEqual(progress(second), ['confirmed', 'none', [3, 0, 0]]);
    await isLimited(() => admin.post('/sales', { product_id: sheet.id }), /only 0 pcs of SKU-\w+ are available/);
  });

  test('of two lines of one product the first comes first', async () => {
    const sheet = await shop.goods(5);
    const order = await shop.salesOrder([[sheet, 3], [sheet, 4]]);
    assert.deepEqual(progress(order), ['confirmed', 'none', [3, 0, 0], [2, 0, 0]]);
    assert.deepEqual(await shop.stock(sheet), [5, 5, 0, 30]);
  });

  test('services and lines without a product reserve nothing', async () => {
    const order = await shop.salesOrder([[await shop.service(), 3], ['FREE', 4]]);
    assert.deepEqual(progress(order), ['confirmed', 'none', [0, 0, 0], [0, 0, 0]]);
    assert.deepEqual(await reservations(order), []);
  });

  test('only stock that is ok and ours', async () => {
    const sheet = await shop.goods();
    const transit = (await admin.ok(admin.get('/locations?usage=transit'))).items[0];
    const damaged = await shop.purchaseOrder([[sheet, 4]]);
    await admin.ok(admin.post(`/purchase-orders/${damaged.id}/receive`, { stock_status: 'damaged', lines: [{ line_id: damaged.line_items[0].id, quantity: 3 }] }));
    await admin.ok(admin.post(`/purchase-orders/${damaged.id}/receive`, { location_id: transit.id }));
    const order = await shop.salesOrder([[sheet, 4]]);
    assert.deepEqual(progress(order), ['confirmed', 'none', [0, 0, 0]]);
  });

  test('reserve tries again when more has come, and only then changes anything', async () => {
    const sheet = await shop.goods(2);
    const order = await shop.salesOrder([[sheet, 6]]);
    assert.deepEqual(progress(order), ['confirmed', 'none', [2, 0, 0]]);
    hasStatus(await refused(() => act(order, 'reserve')), 200);
    await shop.purchaseOrder([[sheet, 10]], { status: 'received' });
    assert.deepEqual(progress(await good(act(order, 'reserve'))), ['confirmed', 'none', [6, 0, 0]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [12, 6, 6]);
    const draft = await shop.salesOrder([[sheet, 1]], { status: 'draft' });
    isProblem(await refused(() => act(draft, 'reserve')), 409, 'invalid_state');
  });
});

describe('shipping', () => {
  test('everything at once', async () => {
    const [sheet, towel, advice] = [await shop.goods(10), await shop.goods(10, { cost: 2 }), await shop.service()];
    const order = await shop.salesOrder([[sheet, 4], [towel, 1.5], [advice, 2], ['FREE', 1]]);
    const sequence = await admin.sequence();
    const shipped = await good(ship(order));
    assert.deepEqual(progress(shipped), ['shipped', 'full', [0, 4, 0], [0, 1.5, 0], [0, 2, 0], [0, 1, 0]]);
    assert.equal(await admin.sequence(), sequence + 1);
    assert.deepEqual(await read(order), shipped);
    assert.deepEqual(await shop.stock(sheet), [6, 0, 6, 36]);
    assert.deepEqual(await shop.stock(towel), [8.5, 0, 8.5, 17]);
    assert.deepEqual(await reservations(order), []);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${sheet.id}&kind=delivery`));
    assert.deepEqual([move.quantity, move.value, move.source, move.source_id, move.source_line_id], [4, 24, 'sales-orders', order.id, order.line_items[0].id]);
    isProblem(await refused(() => ship(order)), 409, 'invalid_state');
    assert.equal((await good(act(order, 'deliver'))).status, 'delivered');
  });

  test('in parts: it stays confirmed until every line is full', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 4], [sheet, 2]]);
    assert.deepEqual(progress(await good(ship(order, { lines: [line(order, 1, 1)] }))), ['confirmed', 'partial', [4, 0, 0], [1, 1, 0]]);
    assert.deepEqual(progress(await good(ship(order, { lines: [line(order, 0, 4)] }))), ['confirmed', 'partial', [0, 4, 0], [1, 1, 0]]);
    assert.deepEqual(progress(await good(ship(order))), ['shipped', 'full', [0, 4, 0], [0, 2, 0]]);
    assert.deepEqual(await shop.stock(sheet), [4, 0, 4, 24]);
  });

  test('not more than is reserved, nor more than was ordered, by the figure', async () => {
    const sheet = await shop.goods(3);
    const order = await shop.salesOrder([[sheet, 5], ['FREE', 2]]);
    await isLimited(() => ship(order), /^line 1 \(SKU-\w+\): at most 3 can be shipped: no more is reserved$/);
    await isLimited(() => ship(order, { lines: [line(order, 0, 3.0001)] }), /at most 3 can be shipped: no more is reserved$/);
    await isLimited(() => ship(order, { lines: [line(order, 0, 5.0001)] }), /^line 1 \(SKU-\w+\): at most 5 can be shipped$/);
    await isLimited(() => ship(order, { lines: [line(order, 1, 2.5)] }), /^line 2 \(FREE\): at most 2 can be shipped$/);
    await isLimited(() => ship(order, { lines: [line(order, 1, 2), line(order, 0, 4)] }), /^line 1/);
    assert.deepEqual(progress(await good(ship(order, { lines: [line(order, 0, 3), line(order, 1, 2)] }))), ['confirmed', 'partial', [0, 3, 0], [0, 2, 0]]);
    await isLimited(() => ship(order), /^line 1 \(SKU-\w+\): at most 0 can be shipped: no more is reserved$/);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [0, 0, 0]);
  });

  test('what does not say which line, or how much, changes nothing', async () => {
    const [order, other] = [await shop.salesOrder([['A', 3]]), await shop.salesOrder([['B', 3]])];
    const cases = [
      [{ lines: [line(other, 0, 1)] }, { 'lines[0].line_id': 'unknown_reference' }],
      [{ lines: [{ quantity: 1 }, {}] }, { 'lines[0].line_id': 'required', 'lines[1].line_id': 'required', 'lines[1].quantity': 'required' }],
      [{ lines: [line(order, 0, 0)] }, { 'lines[0].quantity': 'min' }],
      [{ lines: [line(order, 0, 1), line(order, 0, 1)] }, { 'lines[1].line_id': 'duplicate' }],
      [{ location_id: 1 }, { location_id: 'unknown_field' }],
      [{ effective_at: '2026-13-01' }, { effective_at: 'type' }],
    ];
    for (const [body, issues] of cases) isInvalid(await refused(() => ship(order, body)), issues);
    isProblem(await refused(() => ship(order, { lines: [] })), 409, 'invalid_state');
    for (const status of ['draft', 'pending', 'cancelled', 'shipped', 'delivered'])
      isProblem(await refused(() => ship(made[status])), 409, 'invalid_state');
  });
  const made = {};
  before(async () => { for (const status of ['draft', 'pending', 'cancelled', 'shipped', 'delivered']) made[status] = await shop.salesOrder([['A', 3]], { status }); });

  test('it is taken from where it is reserved', async () => {
    const sheet = await shop.goods();
    const [a, b] = [await shop.location(), await shop.location()];
    for (const [place, quantity] of [[a, 3], [b, 4]]) {
      const order = await shop.purchaseOrder([[sheet, quantity]]);
      await admin.ok(admin.post(`/purchase-orders/${order.id}/receive`, { location_id: place.id }));
    }
    const order = await shop.salesOrder([[sheet, 5]]);
    assert.deepEqual((await reservations(order)).map((r) => r[2]), [3, 2]);
    await good(ship(order, { lines: [line(order, 0, 4)] }));
    assert.deepEqual(await shop.places(sheet), { [b.id]: 3 });
    await good(ship(order));
    assert.deepEqual(await shop.places(sheet), { [b.id]: 2 });
  });

  test('it may have left earlier, when it was there already', async () => {
    const sheet = await shop.goods();
    await admin.create('/stock-moves', { kind: 'receipt', product_id: sheet.id, quantity: 5, unit_cost: 2, effective_at: '2026-02-01T00:00:00Z' });
    const order = await shop.salesOrder([[sheet, 3]]);
    isInvalid(await refused(() => ship(order, { effective_at: '2099-01-01T00:00:00Z' })), { effective_at: 'max' });
    await good(ship(order, { effective_at: '2026-02-02T00:00:00Z' }));
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${sheet.id}&kind=delivery`));
    assert.equal(move.effective_at, '2026-02-02T00:00:00Z');
  });
});

describe('lots', () => {
  /** Goods kept by lot: [[lot, quantity, best before]] are there. */
  async function stocked(lots, tracking = 'lot') {
    const product = await shop.goods(0, { tracking });
    for (const [lot, quantity, best_before] of lots)
      await admin.create('/stock-moves', { kind: 'receipt', product_id: product.id, quantity, lot, best_before, unit_cost: 1 });
    return product;
  }
  const left = async (product) => Object.fromEntries((await all(admin, `/stock-levels?product_id=${product.id}&usage=internal`)).map((l) => [l.lot_name, l.on_hand]));

  test('those that expire first are reserved first', async () => {
    const milk = await stocked([['C', 5, '2028-03-01'], ['A', 5, '2028-01-01'], ['N', 5], ['B', 5, '2028-02-01']]);
    const order = await shop.salesOrder([[milk, 12]]);
    await good(ship(order));
    assert.deepEqual(await left(milk), { A: 0, B: 0, C: 3, N: 5 });
  });

  test('a named one is shipped where it is reserved, and not where it is not', async () => {
    const milk = await stocked([['A', 5, '2028-01-01'], ['B', 5, '2028-02-01'], ['C', 5, '2028-03-01']]);
    const order = await shop.salesOrder([[milk, 8]]);
    isInvalid(await refused(() => ship(order, { lines: [line(order, 0, 1, { lot: 'Z' })] })), { 'lines[0].lot': 'unknown_reference' });
    await isLimited(() => ship(order, { lines: [line(order, 0, 1, { lot: 'C' })] }), /only 0 pcs of SKU-\w+ are reserved for it/);
    await isLimited(() => ship(order, { lines: [line(order, 0, 4, { lot: 'B' })] }), /only 3 pcs of SKU-\w+ are reserved for it/);
    const part = await good(ship(order, { lines: [line(order, 0, 3, { lot: 'B' }), line(order, 0, 1, { lot: 'A' })] }));
    assert.deepEqual(progress(part), ['confirmed', 'partial', [4, 4, 0]]);
    await good(ship(order));
    assert.deepEqual(await left(milk), { A: 0, B: 2, C: 5 });
  });

  test('serial numbers leave piece by piece, and come back as what they were', async () => {
    const loom = await stocked([['S1', 1], ['S2', 1], ['S3', 1]], 'serial');
    const order = await shop.salesOrder([[loom, 2]]);
    await good(ship(order));
    assert.deepEqual(await left(loom), { S1: 0, S2: 0, S3: 1 });
    await good(act(order, 'return', { lines: [line(order, 0, 1, { serial_number: 'S1' })] }));
    assert.deepEqual(await left(loom), { S1: 1, S2: 0, S3: 1 });
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 1, { lot: 'S1' })] }), /only 0 can still be taken back/);
    await good(act(order, 'return'));
    assert.deepEqual(await left(loom), { S1: 1, S2: 1, S3: 1 });
  });
});

describe('coming back', () => {
  test('a part, then the rest, at the value at which it left', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 4], ['FREE', 1]], { status: 'delivered' });
    await admin.create('/stock-moves', { kind: 'receipt', product_id: sheet.id, quantity: 6, unit_cost: 12 });
    const part = await good(act(order, 'return', { reason: 'too small', lines: [line(order, 0, 1)] }));
    assert.deepEqual(progress(part), ['confirmed', 'partial', [0, 3, 1], [0, 1, 0]]);
    assert.deepEqual((await shop.moves(sheet)).at(-1), ['return', 1, 6]);
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 4)] }), /^line 1 \(SKU-\w+\): at most 3 can be returned$/);
    assert.deepEqual(progress(await good(act(order, 'return'))), ['confirmed', 'none', [0, 0, 4], [0, 0, 1]]);
    assert.deepEqual(await shop.stock(sheet), [16, 0, 16, 132]);
    isProblem(await refused(() => act(order, 'return')), 409, 'invalid_state');
  });

  test('nothing that never left', async () => {
    const order = await shop.salesOrder([[await shop.goods(10), 4]]);
    isProblem(await refused(() => act(order, 'return')), 409, 'invalid_state');
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 1)] }), /at most 0 can be returned/);
  });

  test('what came back is reserved and shipped again', async () => {
    const sheet = await shop.goods(4);
    const order = await shop.salesOrder([[sheet, 4], ['FREE', 2]], { status: 'delivered' });
    await good(act(order, 'return', { lines: [line(order, 0, 3), line(order, 1, 1)] }));
    await isLimited(() => ship(order, { lines: [line(order, 0, 3)] }), /at most 0 can be shipped: no more is reserved/);
    assert.deepEqual(progress(await good(act(order, 'reserve'))), ['confirmed', 'partial', [3, 1, 3], [0, 1, 1]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [3, 3, 0]);
    await isLimited(() => ship(order, { lines: [line(order, 0, 4)] }), /at most 3 can be shipped/);
    assert.deepEqual(progress(await good(ship(order))), ['shipped', 'full', [0, 4, 3], [0, 2, 1]]);
    assert.deepEqual(progress(await good(act(order, 'deliver'))), ['delivered', 'full', [0, 4, 3], [0, 2, 1]]);
    assert.deepEqual(await shop.stock(sheet), [0, 0, 0, 0]);
  });

  test('an order that nothing is shipped for instead stays as it is; one that waits may be closed', async () => {
    const order = await shop.salesOrder([[await shop.goods(10), 4]], { status: 'delivered' });
    const one = { lines: [line(order, 0, 1)] };
    assert.deepEqual(progress(await good(act(order, 'return', { ...one, replacement: false }))), ['delivered', 'partial', [0, 3, 1]]);
    assert.deepEqual(progress(await good(act(order, 'return', { ...one, replacement: true }))), ['confirmed', 'partial', [0, 2, 2]]);
    await good(act(order, 'reserve'));
    assert.deepEqual(progress(await good(act(order, 'close'))), ['shipped', 'partial', [0, 2, 2]]);
  });

  test('it comes to where the body says, as it is by now', async () => {
    const sheet = await shop.goods(10);
    const shelf = await shop.location();
    const order = await shop.salesOrder([[sheet, 4]], { status: 'shipped' });
    isInvalid(await refused(() => act(order, 'return', { stock_status: 'lost' })), { stock_status: 'choice' });
    await good(act(order, 'return', { stock_status: 'damaged', location_id: shelf.id, lines: [line(order, 0, 3)] }));
    const levels = (await admin.ok(admin.get(`/stock-levels?product_id=${sheet.id}&usage=internal&ordering=id`))).items;
    assert.deepEqual(levels.map((l) => [l.location_id === shelf.id, l.stock_status, l.on_hand, l.available, l.value]), [[false, 'ok', 6, 6, 36], [true, 'damaged', 3, 0, 18]]);
    assert.deepEqual(await shop.stock(sheet), [9, 0, 6, 54]);
    const sale = await admin.create('/sales', { product_id: sheet.id, quantity: 2 });
    await admin.ok(admin.post(`/sales/${sale.id}/refund`, { stock_status: 'damaged', location_id: shelf.id }));
    assert.deepEqual(await shop.stock(sheet), [9, 0, 4, 54]);
  });
});

describe('ending', () => {
  test('cancel gives back what was reserved', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 4], [sheet, 20]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [10, 10, 0]);
    assert.deepEqual(progress(await good(act(order, 'cancel'))), ['cancelled', 'none', [0, 0, 0], [0, 0, 0]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [10, 0, 10]);
    assert.deepEqual(await reservations(order), []);
    await good(act(order, 'reopen'));
    assert.deepEqual(progress(await good(act(order, 'confirm'))), ['confirmed', 'none', [4, 0, 0], [6, 0, 0]]);
    await admin.ok(admin.patch(`${PATH}/${order.id}`, { status: 'cancelled' }));
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [10, 0, 10]);
  });

  test('cancel is refused once something has left, until it is back; then it is not reopened', async () => {
    const order = await shop.salesOrder([[await shop.goods(10), 4]]);
    await good(ship(order, { lines: [line(order, 0, 1)] }));
    assert.match(isProblem(await refused(() => act(order, 'cancel')), 409, 'invalid_state').detail, /take that back first, or close/);
    await good(act(order, 'return'));
    assert.deepEqual(progress(await good(act(order, 'cancel'))), ['cancelled', 'none', [0, 0, 1]]);
    assert.match(isProblem(await refused(() => act(order, 'reopen')), 409, 'invalid_state').detail, /make a new order/);
  });

  test('close ships no more, once something has left, and gives back the rest', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 4]]);
    assert.match(isProblem(await refused(() => act(order, 'close')), 409, 'invalid_state').detail, /nothing has left yet/);
    await good(ship(order, { lines: [line(order, 0, 1)] }));
    assert.deepEqual(progress(await good(act(order, 'close'))), ['shipped', 'partial', [0, 1, 0]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [9, 0, 9]);
  });
});

describe('in one request', () => {
  test('an order made as shipped or delivered has left', async () => {
    const sheet = await shop.goods(10);
    for (const status of ['shipped', 'delivered']) {
      const order = await shop.salesOrder([[sheet, 2], [sheet, 1]], { status });
      assert.deepEqual([...progress(order), order.version], [status, 'full', [0, 2, 0], [0, 1, 0], 1]);
      assert.deepEqual(await read(order), order);
    }
    assert.deepEqual(await shop.stock(sheet), [4, 0, 4, 24]);
  });

  test('a change goes the whole way too', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([['OTHER', 1]], { status: 'draft' });
    const now = await admin.ok(admin.patch(`${PATH}/${order.id}`, { status: 'shipped', line_items: [{ product_code: sheet.sku, product_name: 'Sheet', quantity: 3, unit_price: 2 }] }));
    assert.deepEqual([...progress(now), now.version], ['shipped', 'full', [0, 3, 0], 2]);
    assert.deepEqual(await shop.stock(sheet), [7, 0, 7, 42]);
  });

  test('what is not there cannot leave, and the order is not made', async () => {
    const sheet = await shop.goods(2);
    const body = { customer_name: unique('New customer '), line_items: [{ product_code: sheet.sku, product_name: 'Sheet', quantity: 3, unit_price: 2 }] };
    await isLimited(() => admin.post(PATH, { ...body, status: 'shipped' }), /at most 2 can be shipped: no more is reserved/);
    hasStatus(await admin.post(PATH, { ...body, status: 'confirmed' }), 201);
  });
});

describe('carefully', () => {
  test('a dry run shows what would be, and is not', async () => {
    const order = await shop.salesOrder([[await shop.goods(10), 4]]);
    const answer = await refused(() => admin.post(`${PATH}/${order.id}/ship?dry_run=true`));
    assert.deepEqual(progress(hasStatus(answer, 200)), ['shipped', 'full', [0, 4, 0]]);
    assert.deepEqual(progress(await good(ship(order))), ['shipped', 'full', [0, 4, 0]]);
  });

  test('another version than expected is a 412, and one Idempotency-Key ships once', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 4]]);
    const headers = { 'If-Match': '"v1"', 'Idempotency-Key': unique('ship') };
    const first = await ship(order, { lines: [line(order, 0, 1)] }, headers);
    hasStatus(first, 200);
    const again = await refused(() => ship(order, { lines: [line(order, 0, 1)] }, headers));
    assert.equal(again.text, first.text);
    isProblem(await refused(() => ship(order, undefined, { 'If-Match': '"v1"' })), 412);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [9, 3, 6]);
  });

  test('who may: manager and inventory manager; a salesperson their own; not a viewer', async () => {
    const sheet = await shop.goods(50);
    for (const role of ['manager', 'inventory_manager']) {
      const client = await organization.addUser(role);
      const order = await shop.salesOrder([[sheet, 1]]);
      for (const action of ['reserve', 'ship', 'return']) hasStatus(await client.post(`${PATH}/${order.id}/${action}`), 200);
    }
    const order = await shop.salesOrder([[sheet, 1]]);
    for (const [role, status] of [['viewer', 403], ['staff', 403], ['salesperson', 404]]) {
      const client = await organization.addUser(role);
      isProblem(await refused(() => client.post(`${PATH}/${order.id}/ship`)), status);
    }
    const manager = await organization.addUser('inventory_manager');
    for (const [action, on] of [['cancel', order], ['close', order], ['submit', order]])
      isProblem(await refused(() => manager.post(`${PATH}/${on.id}/${action}`)), 403, 'forbidden');
    isProblem(await refused(() => manager.patch(`${PATH}/${order.id}`, { notes: 'x' })), 403, 'forbidden');
    const sam = await organization.addUser('salesperson');
    const own = await sam.create(PATH, { customer_name: 'Meridian Garments Ltd', status: 'confirmed', line_items: [{ product_code: sheet.sku, product_name: 'x', quantity: 1, unit_price: 1 }] });
    hasStatus(await sam.post(`${PATH}/${own.id}/ship`), 200);
    const given = await shop.salesOrder([[sheet, 1]], { assigned_to: sam.login.user.id });
    hasStatus(await sam.post(`${PATH}/${given.id}/ship`), 200);
  });
});

test('orders are found by a product of their lines', async () => {
  const sheet = await shop.goods(1);
  const [a, b] = [await shop.salesOrder([[sheet, 1], [sheet, 2]]), await shop.salesOrder([['X', 1], [sheet, 2]])];
  for (const name of ['product_id', 'product', 'lines.product_id', 'line_items.product_id']) {
    const { items, total } = await admin.ok(admin.get(`${PATH}?ordering=id&${name}=${sheet.id}`));
    assert.deepEqual([items.map((o) => o.id), total], [[a.id, b.id], 2], name);
  }
});
