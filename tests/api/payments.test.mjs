// Payments: made, processed, given back; and what orders have of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Database, databaseFile } from '../lib/database.mjs';
import { startServer } from '../lib/server.mjs';
import { Shop } from '../lib/shop.mjs';

let server;
let admin;
let shop;
let customer;
let vendor;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  shop = new Shop(admin);
  customer = await admin.create('/customers', { name: 'Meridian' });
  vendor = await admin.create('/vendors', { name: 'Kiran' });
});
after(() => server.proveAndStop());

const sale = (amount, over = {}) => shop.salesOrder([['S', 1, amount]], { customer_name: undefined, customer_id: customer.id, status: 'pending', ...over });
const purchase = (amount) => shop.purchaseOrder([['M', 1, amount]], { supplier_name: undefined, supplier_id: vendor.id });
const pay = (over, client = admin) => client.create('/payments', { amount: 100, ...over });
const done = (id, action, body) => admin.ok(admin.post(`/payments/${id}/${action}`, body));
const state = async (resource, { id }) => {
  const { paid_amount, outstanding_amount, payment_status } = await shop.read(resource, id);
  return [paid_amount, outstanding_amount, payment_status];
};
const refused = (attempt) => shop.unchanged(attempt);

describe('a payment', () => {
  test('of an order is as the order needs it', async () => {
    const [so, po] = [await sale(100), await purchase(80)];
    const made = await pay({ order_id: so.so_number, amount: 60 });
    assert.match(made.payment_number, /^PAY-\d{4}-\d{4}$/);
    assert.deepEqual([made.payment_type, made.status, made.currency, made.customer_id, made.customer_name, made.allocated_amount, made.processed_at],
      ['incoming', 'pending', 'USD', customer.id, 'Meridian', 60, null]);
    assert.deepEqual(made.allocations.map((a) => [a.order_id, a.order_name, a.amount]), [[so.id, so.so_number, 60]]);
    assert.deepEqual(await state('sales-orders', so), [0, 40, 'none'], 'on its way: less is outstanding, nothing is paid');
    const processed = await done(made.id, 'process', { transaction_id: 'TX-1' });
    assert.deepEqual([processed.status, processed.transaction_id, processed.processed_by], ['completed', 'TX-1', admin.login.user.id]);
    assert.ok(processed.processed_at);
    assert.deepEqual(await state('sales-orders', so), [60, 40, 'partial']);
    await pay({ order_id: so.id, amount: 40, status: 'completed' });
    assert.deepEqual(await state('sales-orders', so), [100, 0, 'paid']);
    const out = await pay({ order_id: po.id, amount: 80, status: 'completed' });
    assert.deepEqual([out.payment_type, out.vendor_id], ['outgoing', vendor.id]);
    assert.deepEqual(await state('purchase-orders', po), [80, 0, 'paid']);
  });

  test('may be for several orders, or for none', async () => {
    const [a, b] = [await sale(30), await sale(50)];
    const made = await pay({ amount: 100, status: 'completed', allocations: [{ order_id: a.id, amount: 30 }, { order_id: b.id, amount: 20 }] });
    assert.equal(made.allocated_amount, 50);
    assert.deepEqual([await state('sales-orders', a), await state('sales-orders', b)], [[30, 0, 'paid'], [20, 30, 'partial']]);
    assert.equal((await pay({})).payment_type, 'outgoing');
    assert.deepEqual((await all(admin, `/payments?order_id=${b.id}`)).map((p) => p.id), [made.id]);
  });

  test('that fails or is cancelled gives back what it took', async () => {
    const so = await sale(100);
    const [a, b] = [await pay({ order_id: so.id, amount: 60 }), await pay({ order_id: so.id, amount: 40 })];
    await done(a.id, 'start');
    const failed = await done(a.id, 'mark_failed', { reason: 'declined' });
    assert.deepEqual([failed.status, failed.failure_reason], ['failed', 'declined']);
    await done(b.id, 'cancel');
    assert.deepEqual(await state('sales-orders', so), [0, 100, 'none']);
    for (const action of ['process', 'refund', 'cancel']) isProblem(await refused(() => admin.post(`/payments/${a.id}/${action}`)), 409, 'invalid_state');
  });

  test('changes while it is pending, and not after', async () => {
    const [a, b] = [await sale(100), await sale(100)];
    const { id } = await pay({ order_id: a.id, amount: 60 });
    await admin.ok(admin.patch(`/payments/${id}`, { amount: 90, allocations: [{ order_id: b.id, amount: 90 }] }));
    assert.deepEqual([await state('sales-orders', a), await state('sales-orders', b)], [[0, 100, 'none'], [0, 10, 'none']]);
    await done(id, 'process');
    isProblem(await refused(() => admin.patch(`/payments/${id}`, { amount: 10 })), 409, 'invalid_state');
    isProblem(await refused(() => admin.patch(`/payments/${id}`, { allocations: [] })), 409, 'invalid_state');
    isProblem(await refused(() => admin.del(`/payments/${id}`)), 409, 'invalid_state');
    assert.equal((await admin.ok(admin.patch(`/payments/${id}`, { notes: 'late' }))).notes, 'late');
    const gone = await pay({ order_id: a.id });
    await admin.ok(admin.del(`/payments/${gone.id}`));
    assert.deepEqual(await state('sales-orders', a), [0, 100, 'none']);
  });

  test('is made once with the same idempotency key, and not in a dry run', async () => {
    const so = await sale(100);
    const key = { 'Idempotency-Key': unique('k') };
    const [a, b] = [await admin.post('/payments', { amount: 60, order_id: so.id }, key), await admin.post('/payments', { amount: 60, order_id: so.id }, key)];
    assert.deepEqual([a.status, b.status, a.body.id === b.body.id], [201, 201, true]);
    assert.equal((await refused(() => admin.post('/payments?dry_run=true', { amount: 40, order_id: so.id }))).status, 201);
    assert.deepEqual(await state('sales-orders', so), [0, 40, 'none']);
  });
});

describe('no payment is made', () => {
  test('above what is outstanding, and of two that together are too much one is', async () => {
    const so = await sale(100);
    const { detail } = isProblem(await refused(() => admin.post('/payments', { amount: 100.01, order_id: so.id })), 409, 'conflict');
    assert.match(detail, new RegExp(`${so.so_number}.*100`));
    const answers = await Promise.all(Array.from({ length: 8 }, () => admin.post('/payments', { amount: 60, order_id: so.id, status: 'completed' })));
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
    assert.match(answers.find((a) => a.status === 409).body.detail, /at most 40 is outstanding/);
    assert.deepEqual(await state('sales-orders', so), [60, 40, 'partial']);
  });

  test('in another currency, in the wrong direction, by another party', async () => {
    const [so, po] = [await sale(100), await purchase(100)];
    const other = await admin.create('/customers', { name: 'Another' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 10, currency: 'EUR', order_id: so.id })), { currency: 'currency' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 10, payment_type: 'outgoing', order_id: so.id })), { 'allocations[0].order_id': 'direction' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 10, payment_type: 'in', order_id: po.id })), { 'allocations[0].order_id': 'direction' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 10, customer_id: other.id, order_id: so.id })), { 'allocations[0].order_id': 'party' });
  });

  test('for a cancelled order, a counter sale or an order of another organization', async () => {
    const gone = await sale(100, { status: 'cancelled' });
    isProblem(await refused(() => admin.post('/payments', { amount: 10, order_id: gone.id })), 409, 'conflict');
    const thing = await shop.goods(5);
    const counter = await admin.create('/sales', { lines: [{ product_id: thing.id, quantity: 1 }] });
    isInvalid(await refused(() => admin.post('/payments', { amount: 1, order_id: counter.id })), { 'allocations[0].order_id': 'paid' });
    const theirs = await new Shop((await newOrganization(server)).admin).salesOrder([['S', 1, 10]], { status: 'draft' });
    const [a, b] = [await refused(() => admin.post('/payments', { amount: 1, allocations: [{ order_id: theirs.id, amount: 1 }] })), await refused(() => admin.post('/payments', { amount: 1, allocations: [{ order_id: 987654321, amount: 1 }] }))];
    isInvalid(a, { 'allocations[0].order_id': 'unknown_reference' });
    assert.deepEqual(a.body.errors, b.body.errors);
  });

  test('with allocations that do not fit it', async () => {
    const so = await sale(100);
    const line = (amount) => ({ order_id: so.id, amount });
    isInvalid(await refused(() => admin.post('/payments', { amount: 50, allocations: [line(60)] })), { allocations: 'max' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 50, allocations: [line(10), line(10)] })), { 'allocations[1].order_id': 'duplicate' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 50, order_id: so.id, allocations: [line(10)] })), { order_id: 'duplicate' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 0 })), { amount: 'min' });
    isInvalid(await refused(() => admin.post('/payments', { amount: 5, allocations: [line(-1)] })), { 'allocations[0].amount': 'min' });
  });
});

describe('giving back', () => {
  test('a part, and then all, is an opposite payment that names this one', async () => {
    const so = await sale(100);
    const { id } = await pay({ order_id: so.id, amount: 100, status: 'completed' });
    const part = await done(id, 'refund', { amount: 30, reason: 'late' });
    assert.deepEqual([part.status, part.refunded_amount, part.allocations[0].refunded_amount], ['completed', 30, 30]);
    const [back] = await all(admin, `/payments?refund_of=${id}`);
    assert.deepEqual([back.payment_type, back.amount, back.status, back.notes, back.customer_id], ['outgoing', 30, 'completed', 'late', customer.id]);
    assert.deepEqual(await state('sales-orders', so), [70, 30, 'partial']);
    assert.match(isProblem(await refused(() => admin.post(`/payments/${id}/refund`, { amount: 70.01 })), 409).detail, /at most 70/);
    isProblem(await refused(() => admin.post(`/payments/${back.id}/refund`)), 409, 'invalid_state');
    const all_ = await done(id, 'refund');
    assert.deepEqual([all_.status, all_.refunded_amount], ['refunded', 100]);
    assert.deepEqual(await state('sales-orders', so), [0, 100, 'none']);
    await pay({ order_id: so.id, amount: 100, status: 'completed' });
    assert.deepEqual(await state('sales-orders', so), [100, 0, 'paid']);
  });

  test('takes what was for no order first, then the last order', async () => {
    const [a, b] = [await sale(30), await sale(50)];
    const { id } = await pay({ amount: 100, status: 'completed', allocations: [{ order_id: a.id, amount: 30 }, { order_id: b.id, amount: 50 }] });
    await done(id, 'refund', { amount: 20 });
    assert.deepEqual([await state('sales-orders', a), await state('sales-orders', b)], [[30, 0, 'paid'], [50, 0, 'paid']]);
    await done(id, 'refund', { amount: 60 });
    assert.deepEqual([await state('sales-orders', a), await state('sales-orders', b)], [[20, 10, 'partial'], [0, 50, 'none']]);
  });

  test('what was paid at the counter goes by the sale', async () => {
    const thing = await shop.goods(5);
    const { id } = await admin.create('/sales', { lines: [{ product_id: thing.id, quantity: 2 }] });
    const [payment] = await all(admin, `/payments?source=sales&source_id=${id}`);
    assert.deepEqual([payment.status, payment.payment_type, payment.payment_method], ['completed', 'incoming', 'cash']);
    isProblem(await refused(() => admin.post(`/payments/${payment.id}/refund`)), 409, 'invalid_state');
    await admin.ok(admin.post(`/sales/${id}/refund`));
    assert.equal((await all(admin, `/payments?source=sales&source_id=${id}`)).length, 2);
  });
});

describe('an order', () => {
  test('is not cancelled or made smaller than what payments are for', async () => {
    const so = await sale(100);
    const { id } = await pay({ order_id: so.id, amount: 60, status: 'completed' });
    assert.match(isProblem(await refused(() => admin.post(`/sales-orders/${so.id}/cancel`)), 409, 'invalid_state').detail, /60/);
    const smaller = [{ product_code: 'S', product_name: 'S', quantity: 1, unit_price: 59 }];
    assert.match(isProblem(await refused(() => admin.patch(`/sales-orders/${so.id}`, { line_items: smaller })), 409, 'conflict').detail, /59.*60/);
    isProblem(await refused(() => admin.del(`/sales-orders/${so.id}`)), 409);
    await admin.ok(admin.patch(`/sales-orders/${so.id}`, { line_items: [{ ...smaller[0], unit_price: 60 }] }));
    assert.deepEqual(await state('sales-orders', so), [60, 0, 'paid']);
    await done(id, 'refund');
    await admin.ok(admin.post(`/sales-orders/${so.id}/cancel`));
  });

  test('takes no payment fields from a client', async () => {
    const so = await sale(100);
    for (const field of ['paid_amount', 'outstanding_amount', 'payment_status'])
      isProblem(await refused(() => admin.patch(`/sales-orders/${so.id}`, { [field]: field === 'payment_status' ? 'paid' : 1 })), 422);
  });

  test('made here is paid like the others', async () => {
    const order = await admin.create('/orders', { title: 'Service', customer_id: customer.id, items: [{ product_name: 'Belt', quantity: 2, unit_price: 25 }] });
    await pay({ order_id: order.order_number, amount: 50, status: 'completed' });
    assert.deepEqual(await state('orders', order), [50, 0, 'paid']);
    isProblem(await admin.post(`/orders/${order.id}/cancel`), 409, 'invalid_state');
  });
});

test('statistics are sums by type, counts by status and method, and the last twelve months', async () => {
  const { admin: theirs } = await newOrganization(server);
  const stats = () => theirs.ok(theirs.get('/payments/stats'));
  assert.deepEqual([(await stats()).total, (await stats()).by_month.length], [0, 12]);
  await pay({ amount: 10, payment_type: 'incoming', payment_method: 'online' }, theirs);
  const { id } = await pay({ amount: 25, payment_method: 'cash' }, theirs);
  await theirs.ok(theirs.post(`/payments/${id}/process`));
  const s = await stats();
  assert.deepEqual([s.total, s.total_amount, s.by_payment_type], [2, 35, { incoming: 10, outgoing: 25 }]);
  assert.deepEqual([s.by_status.pending, s.by_status.completed, s.by_payment_method.cash, s.by_payment_method.online], [1, 1, 1, 1]);
  assert.deepEqual(s.by_month.map((m) => m.outgoing).filter(Boolean), [25]);
  assert.equal((await theirs.ok(theirs.get('/payments/stats?status=pending'))).total_amount, 10);
});

test('verify names an order whose payments say something else', async (t) => {
  if (!databaseFile(server)) return t.skip('edits the file');
  const so = await sale(100);
  await pay({ order_id: so.id, amount: 60, status: 'completed' });
  const db = new Database(databaseFile(server));
  for (const [column, wrong, right, said] of [['paid_amount', 610000, 600000, /paid_amount is not 60/], ['outstanding_amount', 0, 400000, /outstanding_amount is not 40/], ['payment_status', "'paid'", "'partial'", /payment_status is not partial/]]) {
    db.run(`UPDATE orders SET ${column} = ${wrong} WHERE id = ${so.id}`);
    const { code, stdout, stderr } = await server.run('verify');
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout + stderr, new RegExp(`sales-orders ${so.id}`));
    assert.match(stdout + stderr, said);
    db.run(`UPDATE orders SET ${column} = ${right} WHERE id = ${so.id}`);
  }
});
