// Purchase orders receive: by line, in parts, into lots and places, and back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Shop } from '../lib/shop.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/purchase-orders';
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
const receive = (order, body, headers) => act(order, 'receive', body, headers);
const good = async (answer) => hasStatus(await answer, 200);
const line = (order, i, quantity, over = {}) => ({ line_id: order.line_items[i].id, quantity, ...over });
const progress = (order) => [order.status, order.receipt_status, ...order.line_items.map((l) => l.received_quantity)];
const refused = (attempt) => shop.unchanged(attempt);
/** A 409 that names the line and the figure. */
async function isLimited(attempt, pattern) {
  const { detail } = isProblem(await refused(attempt), 409, 'conflict');
  assert.match(detail, pattern);
}

describe('receiving', () => {
  test('everything at once: an empty body means all that is open', async () => {
    const [yarn, dye] = [await shop.goods(), await shop.goods()];
    const order = await shop.purchaseOrder([[yarn, 10, 2.5], [dye, 4, 3]]);
    assert.deepEqual(progress(order), ['approved', 'none', 0, 0]);
    const sequence = await admin.sequence();
    const received = await good(receive(order));
    assert.deepEqual(progress(received), ['received', 'full', 10, 4]);
    assert.equal(received.version, 2);
    assert.deepEqual(await shop.stock(yarn), [10, 0, 10, 25]);
    assert.deepEqual(await shop.stock(dye), [4, 0, 4, 12]);
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${order.id}`)), received);
    assert.equal(await admin.sequence(), sequence + 1, 'one change, one row of the journal');
    const { items: [entry] } = await admin.ok(admin.get(`/audit-logs?resource=purchase-orders&record_id=${order.id}`));
    assert.equal(entry.action, 'receive');
    assert.deepEqual(entry.changes.status, ['approved', 'received']);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${yarn.id}`));
    assert.deepEqual([move.kind, move.source, move.source_id, move.source_line_id], ['receipt', 'purchase-orders', order.id, order.line_items[0].id]);
  });

  test('in parts: it stays approved until every line is full', async () => {
    const [yarn, dye] = [await shop.goods(), await shop.goods()];
    const order = await shop.purchaseOrder([[yarn, 10], [dye, 4]]);
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 3)] }))), ['approved', 'partial', 3, 0]);
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 7)] }))), ['approved', 'partial', 10, 0]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 1)] }), /^line 1 \(SKU-\w+\): at most 0 can be received$/);
    assert.deepEqual(progress(await good(receive(order))), ['received', 'full', 10, 4]);
    assert.deepEqual(await shop.moves(yarn), [['receipt', 3, 12], ['receipt', 7, 28]]);
    isProblem(await refused(() => receive(order)), 409, 'invalid_state');
  });

  test('two lines of one product add up', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10, 1], [yarn, 5, 2]]);
    assert.deepEqual(progress(await good(receive(order))), ['received', 'full', 10, 5]);
    assert.deepEqual(await shop.stock(yarn), [15, 0, 15, 20]);
    assert.equal((await shop.read('products', yarn.id)).cost, 1.3333);
  });

  test('lines without a product and services arrive, and are no stock', async () => {
    const advice = await shop.service();
    const order = await shop.purchaseOrder([['FREE-TEXT', 3], [advice, 2]]);
    const moves = await admin.total('/stock-moves');
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 1)] }))), ['approved', 'partial', 1, 0]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 2.0001)] }), /^line 1 \(FREE-TEXT\): at most 2 can be received$/);
    assert.deepEqual(progress(await good(receive(order))), ['received', 'full', 3, 2]);
    assert.equal(await admin.total('/stock-moves'), moves);
    assert.deepEqual(await shop.stock(advice), [0, 0, 0, 0]);
  });

  test('what does not say which line, or how much, changes nothing', async () => {
    const [order, other] = [await shop.purchaseOrder([['A', 3], ['B', 3]]), await shop.purchaseOrder([['C', 3]])];
    const [a] = order.line_items;
    const cases = [
      [{ lines: [{ line_id: other.line_items[0].id, quantity: 1 }] }, { 'lines[0].line_id': 'unknown_reference' }],
      [{ lines: [{ line_id: 999999, quantity: 1 }] }, { 'lines[0].line_id': 'unknown_reference' }],
      [{ lines: [{ quantity: 1 }] }, { 'lines[0].line_id': 'required' }],
      [{ lines: [{ line_id: a.id }] }, { 'lines[0].quantity': 'required' }],
      [{ lines: [line(order, 0, 0)] }, { 'lines[0].quantity': 'min' }],
      [{ lines: [line(order, 0, -1)] }, { 'lines[0].quantity': 'min' }],
      [{ lines: [line(order, 0, 1.00001)] }, { 'lines[0].quantity': 'too_precise' }],
      [{ lines: [line(order, 0, 1), line(order, 1, 1), line(order, 0, 1)] }, { 'lines[2].line_id': 'duplicate' }],
      [{ lines: [line(order, 0, 1, { price: 5 })] }, { 'lines[0].price': 'unknown_field' }],
      [{ location_id: 999999 }, { location_id: 'unknown_reference' }],
      [{ stock_status: 'lost' }, { stock_status: 'choice' }],
      [{ effective_at: 'yesterday' }, { effective_at: 'type' }],
    ];
    for (const [body, issues] of cases) isInvalid(await refused(() => receive(order, body)), issues);
    isProblem(await refused(() => receive(order, { lines: [] })), 409, 'invalid_state');
    assert.deepEqual(progress(await good(receive(order, { line_items: [{ id: a.id, quantity: 1 }] }))), ['approved', 'partial', 1, 0]);
  });

  test('one line of several that cannot be is none', async () => {
    const [yarn, dye] = [await shop.goods(), await shop.goods()];
    const order = await shop.purchaseOrder([[yarn, 3], [dye, 3]]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 3), line(order, 1, 4)] }), /^line 2 \(SKU-\w+\): at most 3 can be received$/);
    assert.deepEqual(progress(await good(receive(order))), ['received', 'full', 3, 3]);
  });

  test('only what is approved is received', async () => {
    for (const [status, possible] of [['draft', 'submit, approve, cancel'], ['cancelled', 'reopen'], ['received', 'return']]) {
      const order = await shop.purchaseOrder([['A', 3]], { status });
      const { detail } = isProblem(await refused(() => receive(order)), 409, 'invalid_state');
      assert.equal(detail, `cannot receive a purchase order that is ${status}; possible: ${possible}`);
    }
  });

  test('the price of the order is what it is worth, to four places', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 3, 0.335]]);
    await good(receive(order, { lines: [line(order, 0, 1)] }));
    assert.deepEqual(await shop.stock(yarn), [1, 0, 1, 0.335]);
    await good(receive(order));
    assert.deepEqual(await shop.stock(yarn), [3, 0, 3, 1.005]);
  });
});

describe('where and when', () => {
  test('it is put where the body says, as the body says', async () => {
    const yarn = await shop.goods();
    const shelf = await shop.location();
    const order = await shop.purchaseOrder([[yarn, 10]]);
    await good(receive(order, { location_id: shelf.id, lines: [line(order, 0, 4)] }));
    assert.deepEqual(await shop.places(yarn), { [shelf.id]: 4 });
    await good(receive(order, { location_id: shelf.code, stock_status: 'quarantined' }));
    const { items } = await admin.ok(admin.get(`/stock-levels?product_id=${yarn.id}&usage=internal&ordering=id`));
    assert.deepEqual(items.map((l) => [l.location_id, l.stock_status, l.on_hand, l.available]), [[shelf.id, 'ok', 4, 4], [shelf.id, 'quarantined', 6, 0]]);
    assert.deepEqual(await shop.stock(yarn), [10, 0, 4, 40]);
  });

  test('a place that is not ours is refused', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10]]);
    for (const usage of ['vendor', 'customer', 'production', 'inventory_loss']) {
      const { items: [place] } = await admin.ok(admin.get(`/locations?usage=${usage}`));
      const [issue] = isInvalid(await refused(() => receive(order, { location_id: place.id })), { location_id: 'usage' });
      assert.match(issue.message, /internal/);
    }
    const transit = (await admin.ok(admin.get('/locations?usage=transit'))).items[0];
    hasStatus(await receive(order, { location_id: transit.id }), 200);
  });

  test('it may have arrived earlier, but not later than now', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10]]);
    isInvalid(await refused(() => receive(order, { effective_at: '2099-01-01T00:00:00Z' })), { effective_at: 'max' });
    await good(receive(order, { effective_at: '2026-02-01T08:00:00Z' }));
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${yarn.id}`));
    assert.equal(move.effective_at, '2026-02-01T08:00:00Z');
  });

  test('nothing arrives in a period that is closed', async () => {
    const { admin: boss } = await newOrganization(server);
    const own = new Shop(boss);
    const order = await own.purchaseOrder([[await own.goods(), 10]]);
    await boss.ok(boss.patch('/system-settings', { period_close_date: '2026-03-31' }));
    const answer = await own.unchanged(() => boss.post(`${PATH}/${order.id}/receive`, { effective_at: '2026-03-31T23:59:59Z' }));
    assert.match(isProblem(answer, 409).detail, /2026-03-31/);
    hasStatus(await boss.post(`${PATH}/${order.id}/receive`, { effective_at: '2026-04-01T00:00:00Z' }), 200);
  });
});

describe('more than was ordered', () => {
  let boss;
  let own;
  before(async () => {
    ({ admin: boss } = await newOrganization(server));
    own = new Shop(boss);
  });
  const try_ = (order, quantity) => boss.post(`${PATH}/${order.id}/receive`, { lines: [line(order, 0, quantity)] });
  const over = async (order, quantity, most) => {
    const answer = await own.unchanged(() => try_(order, quantity));
    assert.match(isProblem(answer, 409, 'conflict').detail, new RegExp(`at most ${most} can be received$`));
  };

  test('is refused unless the settings have a tolerance', async () => {
    const order = await own.purchaseOrder([[await own.goods(), 100], ['FREE', 10]]);
    await over(order, 100.0001, 100);
    await boss.ok(boss.patch('/system-settings', { over_receipt_tolerance: 2.5 }));
    await over(order, 102.5001, '102\\.5');
    hasStatus(await try_(order, 60), 200);
    await over(order, 42.5001, '42\\.5');
    const received = hasStatus(await try_(order, 42.5), 200);
    assert.deepEqual(progress(received), ['approved', 'partial', 102.5, 0]);
    const free = await own.unchanged(() => boss.post(`${PATH}/${order.id}/receive`, { lines: [line(order, 1, 10.2501)] }));
    assert.match(isProblem(free, 409).detail, /^line 2 \(FREE\): at most 10\.25 can be received$/);
    assert.deepEqual(progress(hasStatus(await boss.post(`${PATH}/${order.id}/receive`), 200)), ['received', 'full', 102.5, 10]);
  });

  test('a product’s own tolerance goes before the settings’, also when it is none', async () => {
    await boss.ok(boss.patch('/system-settings', { over_receipt_tolerance: 5 }));
    const strict = await own.purchaseOrder([[await own.goods(0, { over_receipt_tolerance: 0 }), 10]]);
    await over(strict, 10.0001, 10);
    const loose = await own.purchaseOrder([[await own.goods(0, { over_receipt_tolerance: 100 }), 10]]);
    await over(loose, 20.0001, 20);
    assert.deepEqual(progress(hasStatus(await try_(loose, 20), 200)), ['received', 'full', 20]);
  });

  test('what went back makes room again', async () => {
    await boss.ok(boss.patch('/system-settings', { over_receipt_tolerance: 0 }));
    const order = await own.purchaseOrder([[await own.goods(), 10]]);
    hasStatus(await try_(order, 8), 200);
    hasStatus(await boss.post(`${PATH}/${order.id}/return`, { lines: [line(order, 0, 3)] }), 200);
    await over(order, 5.0001, 5);
    assert.deepEqual(progress(hasStatus(await boss.post(`${PATH}/${order.id}/receive`), 200)), ['received', 'full', 10]);
  });
});

describe('lots', () => {
  const lots = async (product) => (await admin.ok(admin.get(`/lots?product_id=${product.id}&ordering=id`))).items.map((l) => [l.name, l.best_before]);

  test('a line may come as several; a new one is made, a known one is used', async () => {
    const milk = await shop.goods(0, { tracking: 'lot' });
    const order = await shop.purchaseOrder([[milk, 10]]);
    const parts = [line(order, 0, 4, { lot: 'A', best_before: '2027-01-31' }), line(order, 0, 3, { lot: 'B' })];
    assert.deepEqual(progress(await good(receive(order, { lines: parts }))), ['approved', 'partial', 7]);
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 3, { lot: 'A' })] }))), ['received', 'full', 10]);
    assert.deepEqual(await lots(milk), [['A', '2027-01-31'], ['B', null]]);
    const { items } = await admin.ok(admin.get(`/stock-levels?product_id=${milk.id}&usage=internal&ordering=id`));
    assert.deepEqual(items.map((l) => [l.lot_name, l.on_hand]), [['A', 7], ['B', 3]]);
  });

  test('several lots of one line cannot be more than the line together', async () => {
    const milk = await shop.goods(0, { tracking: 'lot' });
    const order = await shop.purchaseOrder([[milk, 10]]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 6, { lot: 'A' }), line(order, 0, 5, { lot: 'B' })] }), /at most 4 can be received$/);
    assert.deepEqual(await lots(milk), []);
  });

  test('a product kept by lot is not received without one, nor another with one', async () => {
    const [milk, yarn] = [await shop.goods(0, { tracking: 'lot' }), await shop.goods()];
    const order = await shop.purchaseOrder([[milk, 10], [yarn, 10]]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 1)] }), /is kept by lot: name the lot/);
    await isLimited(() => receive(order), /is kept by lot: name the lot/);
    isInvalid(await refused(() => receive(order, { lines: [line(order, 1, 1, { lot: 'A' })] })), { 'lines[0].lot': 'untracked' });
  });

  test('a serial number is one piece, once', async () => {
    const loom = await shop.goods(0, { tracking: 'serial' });
    const order = await shop.purchaseOrder([[loom, 3]]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 2, { serial_number: 'S1' })] }), /each move is of exactly 1/);
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 1, { serial_number: 'S1' }), line(order, 0, 1, { lot: 'S2' })] }))), ['approved', 'partial', 2]);
    await isLimited(() => receive(order, { lines: [line(order, 0, 1, { lot: 'S1' })] }), /in stock already/);
    assert.deepEqual(await lots(loom), [['S1', null], ['S2', null]]);
  });
});

describe('sending back', () => {
  test('some of it, then the rest, at the value it came with', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10, 3], ['FREE', 2]], { status: 'received' });
    const part = await good(act(order, 'return', { reason: 'wrong shade', lines: [line(order, 0, 4)] }));
    assert.deepEqual(progress(part), ['approved', 'partial', 6, 2]);
    assert.equal(part.line_items[0].returned_quantity, 4);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${yarn.id}&kind=vendor_return`));
    assert.deepEqual([move.quantity, move.value, move.reason, move.source_id], [4, 12, 'wrong shade', order.id]);
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 6.0001)] }), /^line 1 \(SKU-\w+\): at most 6 can be returned$/);
    assert.deepEqual(progress(await good(act(order, 'return'))), ['approved', 'none', 0, 0]);
    assert.deepEqual(await shop.stock(yarn), [0, 0, 0, 0]);
    const { detail } = isProblem(await refused(() => act(order, 'return')), 409, 'invalid_state');
    assert.match(detail, /nothing is left to be returned/);
  });

  test('is refused when it was sold or promised meanwhile', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10]], { status: 'received' });
    await admin.create('/sales', { product_id: yarn.id, quantity: 7 });
    await isLimited(() => act(order, 'return'), /only 3 pcs/);
    await shop.salesOrder([[yarn, 2]]);
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 2)] }), /only 1 pcs.*2 pcs there are reserved/);
    assert.deepEqual(progress(await good(act(order, 'return', { lines: [line(order, 0, 1)] }))), ['approved', 'partial', 9]);
  });

  test('the replacement is received, and may go back again', async () => {
    const [yarn, advice] = [await shop.goods(), await shop.service()];
    const order = await shop.purchaseOrder([[yarn, 10, 3], [advice, 2]], { status: 'received' });
    await good(act(order, 'return', { lines: [line(order, 0, 4), line(order, 1, 1)] }));
    await isLimited(() => receive(order, { lines: [line(order, 0, 4.0001)] }), /^line 1 \(SKU-\w+\): at most 4 can be received$/);
    assert.deepEqual(progress(await good(receive(order, { lines: [line(order, 0, 4)] }))), ['approved', 'partial', 10, 1]);
    assert.deepEqual(progress(await good(receive(order))), ['received', 'full', 10, 2]);
    const back = await good(act(order, 'return'));
    assert.deepEqual(progress(back), ['approved', 'none', 0, 0]);
    assert.deepEqual(back.line_items.map((l) => l.returned_quantity), [14, 3]);
    assert.deepEqual(await shop.stock(yarn), [0, 0, 0, 0]);
    assert.deepEqual(progress(await good(act(order, 'cancel'))), ['cancelled', 'none', 0, 0]);
    isProblem(await refused(() => act(order, 'reopen')), 409, 'invalid_state');
  });

  test('none is waited for when the body says so, or when more than was ordered had come', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10], ['FREE', 1]], { status: 'received' });
    const part = await good(act(order, 'return', { replacement: false, lines: [line(order, 0, 4)] }));
    assert.deepEqual(progress(part), ['received', 'partial', 6, 1]);
    isProblem(await refused(() => receive(order)), 409, 'invalid_state');
    const over = await shop.purchaseOrder([[await shop.goods(0, { over_receipt_tolerance: 20 }), 10]]);
    await good(receive(over, { lines: [line(over, 0, 12)] }));
    assert.deepEqual(progress(await good(act(over, 'return', { lines: [line(over, 0, 2)] }))), ['received', 'full', 10]);
  });

  test('of the lot that the line names, and of no other', async () => {
    const milk = await shop.goods(0, { tracking: 'lot' });
    const order = await shop.purchaseOrder([[milk, 10]]);
    await good(receive(order, { lines: [line(order, 0, 6, { lot: 'A' }), line(order, 0, 4, { lot: 'B' })] }));
    const lot = (quantity, name) => ({ lines: [line(order, 0, quantity, { lot: name })] });
    isInvalid(await refused(() => act(order, 'return', lot(1, 'Z'))), { 'lines[0].lot': 'unknown_reference' });
    await isLimited(() => act(order, 'return', lot(7, 'A')), /only 6 can still be taken back/);
    await good(act(order, 'return', { lines: [line(order, 0, 5, { lot: 'A' }), line(order, 0, 1, { serial_number: 'B' })] }));
    const { items } = await admin.ok(admin.get(`/stock-levels?product_id=${milk.id}&usage=internal&ordering=id`));
    assert.deepEqual(items.map((l) => [l.lot_name, l.on_hand]), [['A', 1], ['B', 3]]);
    await good(receive(order, { lines: [line(order, 0, 6, { lot: 'C' })] }));
    assert.deepEqual((await shop.stock(milk))[0], 10);
    const free = await shop.purchaseOrder([['FREE', 1]], { status: 'received' });
    isInvalid(await refused(() => act(free, 'return', { lines: [line(free, 0, 1, { lot: 'A' })] })), { 'lines[0].lot': 'unknown_reference' });
  });

  test('from where it is by now, as it is by now', async () => {
    const yarn = await shop.goods();
    const shelf = await shop.location();
    const order = await shop.purchaseOrder([[yarn, 10, 3]]);
    await good(receive(order, { stock_status: 'quarantined' }));
    await admin.create('/stock-moves', { kind: 'transfer', product_id: yarn.id, quantity: 4, stock_status: 'quarantined', to_stock_status: 'rejected', from_location_id: 'STOCK', to_location_id: shelf.id });
    await admin.create('/stock-moves', { kind: 'transfer', product_id: yarn.id, quantity: 6, stock_status: 'quarantined', to_stock_status: 'ok' });
    const all4 = { lines: [line(order, 0, 4)] };
    await isLimited(() => act(order, 'return', all4), /only 0 pcs/);
    await isLimited(() => act(order, 'return', { ...all4, stock_status: 'rejected' }), /only 0 pcs/);
    isInvalid(await refused(() => act(order, 'return', { ...all4, location_id: 'NOWHERE' })), { location_id: 'unknown_reference' });
    const outside = (await admin.ok(admin.get('/locations?usage=customer'))).items[0];
    isInvalid(await refused(() => act(order, 'return', { ...all4, location_id: outside.id })), { location_id: 'usage' });
    await good(act(order, 'return', { ...all4, stock_status: 'rejected', location_id: shelf.code }));
    const levels = (await admin.ok(admin.get(`/stock-levels?product_id=${yarn.id}`))).items.filter((l) => l.on_hand !== 0);
    assert.deepEqual(levels.map((l) => [l.usage, l.stock_status, l.on_hand, l.value]).sort(), [['internal', 'ok', 6, 18], ['vendor', 'quarantined', -6, -18]]);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${yarn.id}&kind=vendor_return`));
    assert.deepEqual([move.from_location_id, move.stock_status, move.to_stock_status], [shelf.id, 'rejected', 'quarantined']);
  });

  test('nothing that never came', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10]]);
    isProblem(await refused(() => act(order, 'return')), 409, 'invalid_state');
    await isLimited(() => act(order, 'return', { lines: [line(order, 0, 1)] }), /at most 0 can be returned/);
  });
});

describe('closing and cancelling', () => {
  test('close is being content with less, once something came', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10]]);
    const { detail } = isProblem(await refused(() => act(order, 'close')), 409, 'invalid_state');
    assert.match(detail, /nothing has arrived yet/);
    await good(receive(order, { lines: [line(order, 0, 9)] }));
    assert.deepEqual(progress(await good(act(order, 'close'))), ['received', 'partial', 9]);
    isProblem(await refused(() => receive(order)), 409, 'invalid_state');
  });

  test('cancel only while nothing of it is here; afterwards it is not reopened', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10]]);
    await good(receive(order, { lines: [line(order, 0, 1)] }));
    const here = isProblem(await refused(() => act(order, 'cancel')), 409, 'invalid_state');
    assert.match(here.detail, /return that first, or close/);
    isProblem(await refused(() => admin.patch(`${PATH}/${order.id}`, { status: 'cancelled' })), 409, 'invalid_state');
    await good(act(order, 'return'));
    assert.deepEqual(progress(await good(act(order, 'cancel'))), ['cancelled', 'none', 0]);
    const { detail } = isProblem(await refused(() => act(order, 'reopen')), 409, 'invalid_state');
    assert.match(detail, /make a new order/);
    isProblem(await refused(() => admin.del(`${PATH}/${order.id}`)), 409, 'invalid_state');
  });
});

describe('in one request', () => {
  test('an order made as received is here', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10, 2], [yarn, 1, 2]], { status: 'received' });
    assert.deepEqual([...progress(order), order.version], ['received', 'full', 10, 1, 1]);
    assert.deepEqual(await shop.stock(yarn), [11, 0, 11, 22]);
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${order.id}`)), order);
    const { items } = await admin.ok(admin.get(`/audit-logs?resource=purchase-orders&record_id=${order.id}`));
    assert.deepEqual(items.map((e) => e.action), ['create']);
  });

  test('a draft that gets its lines and its status together is here too', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([['OTHER', 1]], { status: 'draft' });
    const now = await admin.ok(admin.patch(`${PATH}/${order.id}`, { status: 'received',
      line_items: [{ material_code: yarn.sku, material_name: 'Yarn', quantity: 3, unit_price: 2 }, { material_code: yarn.sku, material_name: 'Yarn', quantity: 2, unit_price: 2 }] }));
    assert.deepEqual([...progress(now), now.version, now.total_amount], ['received', 'full', 3, 2, 2, 10]);
    assert.deepEqual(await shop.stock(yarn), [5, 0, 5, 10]);
    const lines = (await admin.ok(admin.get(`/stock-moves?product_id=${yarn.id}&ordering=id`))).items.map((m) => m.source_line_id);
    assert.deepEqual(lines, now.line_items.map((l) => l.id));
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${order.id}`)), now);
  });

  test('what cannot be received is not made', async () => {
    const milk = await shop.goods(0, { tracking: 'lot' });
    const answer = await refused(() => admin.post(PATH, { supplier_name: 'Kiran Yarns', status: 'received',
      line_items: [{ material_code: milk.sku, material_name: 'Milk', quantity: 1, unit_price: 1 }] }));
    assert.match(isProblem(answer, 409, 'conflict').detail, /is kept by lot/);
  });

  test('in bulk each order moves its own', async () => {
    const yarn = await shop.goods();
    const item = { supplier_name: 'Kiran Yarns', status: 'received', line_items: [{ material_code: yarn.sku, material_name: 'Yarn', quantity: 3, unit_price: 2 }] };
    const { created } = await admin.ok(admin.post(`${PATH}/bulk`, { items: [item, item, item] }));
    assert.equal(created, 3);
    assert.deepEqual(await shop.stock(yarn), [9, 0, 9, 18]);
  });
});

describe('carefully', () => {
  test('a dry run shows what would be, and is not', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10]]);
    const answer = await refused(() => admin.post(`${PATH}/${order.id}/receive?dry_run=true`, { lines: [line(order, 0, 4)] }));
    assert.deepEqual(progress(hasStatus(answer, 200)), ['approved', 'partial', 4]);
    const over = await refused(() => admin.post(`${PATH}/${order.id}/receive?dry_run=true`, { lines: [line(order, 0, 11)] }));
    isProblem(over, 409, 'conflict');
  });

  test('another version than expected is a 412', async () => {
    const order = await shop.purchaseOrder([[await shop.goods(), 10]]);
    await good(receive(order, { lines: [line(order, 0, 4)] }, { 'If-Match': '"v1"' }));
    const stale = await refused(() => receive(order, { lines: [line(order, 0, 4)] }, { 'If-Match': '"v1"' }));
    isProblem(stale, 412);
    assert.equal(stale.headers.etag, '"v2"');
  });

  test('under one Idempotency-Key it arrives once', async () => {
    const yarn = await shop.goods();
    const order = await shop.purchaseOrder([[yarn, 10]]);
    const headers = { 'Idempotency-Key': unique('receive') };
    const body = { lines: [line(order, 0, 4)] };
    const first = await receive(order, body, headers);
    hasStatus(first, 200);
    const again = await refused(() => receive(order, body, headers));
    assert.equal(again.text, first.text);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    isProblem(await refused(() => receive(order, { lines: [line(order, 0, 5)] }, headers)), 422);
    assert.deepEqual(await shop.stock(yarn), [4, 0, 4, 16]);
  });

  test('who may: the inventory manager and the manager; not a salesperson, not a viewer, staff their own', async () => {
    const yarn = await shop.goods();
    for (const role of ['manager', 'inventory_manager']) {
      const client = await organization.addUser(role);
      const order = await shop.purchaseOrder([[yarn, 1]]);
      hasStatus(await client.post(`${PATH}/${order.id}/receive`), 200);
      hasStatus(await client.post(`${PATH}/${order.id}/return`), 200);
    }
    const order = await shop.purchaseOrder([[yarn, 1]]);
    for (const [role, code] of [['salesperson', [403, 404]], ['viewer', [403]], ['staff', [403]]]) {
      const client = await organization.addUser(role);
      const answer = await refused(() => client.post(`${PATH}/${order.id}/receive`));
      assert.ok(code.includes(answer.status), `${role}: ${answer.text}`);
    }
    const staff = await organization.addUser('staff');
    const own = await staff.create(PATH, { supplier_name: 'Kiran Yarns', line_items: [{ material_code: yarn.sku, material_name: 'x', quantity: 1, unit_price: 1 }] });
    await staff.ok(staff.post(`${PATH}/${own.id}/approve`));
    hasStatus(await staff.post(`${PATH}/${own.id}/receive`), 200);
  });
});

test('orders are found by a product of their lines', async () => {
  const [yarn, dye] = [await shop.goods(), await shop.goods()];
  const [a, b] = [await shop.purchaseOrder([[yarn, 1], [yarn, 2]]), await shop.purchaseOrder([[dye, 1], [yarn, 2]])];
  const ids = async (query) => (await admin.ok(admin.get(`${PATH}?ordering=id&${query}`))).items.map((o) => o.id);
  for (const name of ['product_id', 'product', 'lines.product_id', 'line_items.product_id']) {
    assert.deepEqual(await ids(`${name}=${yarn.id}`), [a.id, b.id], name);
    assert.equal(await admin.total(`${PATH}?${name}=${yarn.id}`), 2);
    assert.deepEqual(await ids(`${name}=${dye.id}`), [b.id]);
    assert.deepEqual(await ids(`${name}=${yarn.id}&status=draft`), []);
    assert.deepEqual(await ids(`${name}=999999`), []);
  }
  assert.deepEqual(await ids('receipt_status=full'), (await admin.ok(admin.get(`${PATH}?ordering=id&page_size=1000`))).items.filter((o) => o.receipt_status === 'full').map((o) => o.id).slice(0, 50));
});
