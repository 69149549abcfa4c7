// Sales at the counter: sold, paid and handed over at once, and taken back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, newOrganization, unique } from '../lib/client.mjs';
import { random } from '../lib/samples.mjs';
import { Shop } from '../lib/shop.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/sales';
let server;
let organization;
let admin;
let shop;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server, 'Meridian & Sons');
  ({ admin } = organization);
  shop = new Shop(admin);
});
after(() => server.proveAndStop());

const refused = (attempt) => shop.unchanged(attempt);
const sell = (body, headers) => admin.post(PATH, body, headers);
const sold = (body) => admin.create(PATH, body);
const refund = (sale, body, headers) => admin.post(`${PATH}/${sale.id}/refund`, body, headers);
const line = (sale, i, quantity) => ({ line_id: sale.lines[i].id, quantity });
const amounts = (sale) => [sale.subtotal, sale.discount_amount, sale.tax_amount, sale.total_amount];
/** [in or out, method, amount] of a sale's payments. */
const payments = async (sale) => (await all(admin, `/payments?source=sales&source_id=${sale.id}`)).map((p) => [p.payment_type, p.payment_method, p.amount]);
const cents = (n) => Math.round(n * 100);

/** A shop of its own with settings of its own. */
async function shopWith(settings) {
  const own = await newOrganization(server);
  await own.admin.ok(own.admin.patch('/system-settings', settings));
  return Object.assign(new Shop(own.admin), { organization: own });
}

describe('a sale', () => {
  test('of one product: stock, payment and number in one request and one row of the journal', async () => {
    const sheet = await shop.goods(10, { price: 25 });
    const sequence = await admin.sequence();
    const answer = await sell({ product_id: sheet.id, quantity: 2, tendered_amount: 60 });
    const sale = hasStatus(answer, 201);
    assert.equal(answer.headers.location, `/api/v1/sales/${sale.id}`);
    assert.match(sale.sale_number, /^SAL-\d{4}-000001$/);
    assert.deepEqual([sale.status, sale.payment_method, sale.customer_id, sale.customer_name, sale.till_session_id, sale.assigned_to], ['completed', 'cash', null, null, null, admin.login.user.id]);
    assert.deepEqual([...amounts(sale), sale.tendered_amount, sale.change_amount, sale.refunded_amount], [50, 0, 0, 50, 60, 10, 0]);
    const [only] = sale.lines;
    assert.deepEqual([sale.lines.length, only.product_code, only.product_name, only.quantity, only.unit_price, only.amount], [1, sheet.sku, sheet.name, 2, 25, 50]);
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${sale.id}`)), sale);
    assert.deepEqual(await shop.stock(sheet), [8, 0, 8, 48]);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${sheet.id}&kind=delivery`));
    assert.deepEqual([move.quantity, move.value, move.source, move.source_id, move.source_line_id], [2, 12, 'sales', sale.id, only.id]);
    const [payment] = await all(admin, `/payments?source_id=${sale.id}`);
    assert.match(payment.payment_number, /^PAY-\d{4}-0001$/);
    assert.deepEqual([payment.payment_type, payment.payment_method, payment.amount, payment.currency, payment.customer_id, payment.source], ['incoming', 'cash', 50, 'USD', null, 'sales']);
    assert.equal(await admin.sequence(), sequence + 1);
    const next = await sold({ product_id: sheet.id });
    assert.match(next.sale_number, /-000002$/);
    assert.equal(next.lines[0].quantity, 1, 'one when nothing is said');
  });

  test('of many lines, by id or code, of goods, services and the same again', async () => {
    const [sheet, towel, advice] = [await shop.goods(10, { price: 25 }), await shop.goods(10, { price: 0.335 }), await shop.service({ price: 99.99 })];
    const sale = await sold({ payment_method: 'card', lines: [{ product_id: sheet.id, quantity: 2 }, { sku: towel.sku, quantity: 3 }, { product_code: advice.sku, quantity: 0.5 }, { product: sheet.id, quantity: 1 }] });
    assert.deepEqual(sale.lines.map((l) => [l.product_id, l.quantity, l.unit_price, l.amount]), [[sheet.id, 2, 25, 50], [towel.id, 3, 0.335, 1.01], [advice.id, 0.5, 99.99, 50], [sheet.id, 1, 25, 25]]);
    assert.deepEqual(amounts(sale), [126.01, 0, 0, 126.01]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 1), [7]);
    assert.deepEqual((await shop.stock(towel)).slice(0, 1), [7]);
    assert.deepEqual(await shop.moves(advice), []);
    assert.deepEqual(await payments(sale), [['incoming', 'card', 126.01]]);
    for (const name of ['line_items', 'items']) hasStatus(await sell({ [name]: [{ product_id: sheet.id, quantity: 1 }] }), 201);
  });

  test('has the product’s price and name of that moment, for good', async () => {
    const sheet = await shop.goods(10, { price: 25 });
    const sale = await sold({ product_id: sheet.id });
    await admin.ok(admin.patch(`/products/${sheet.id}`, { price: 30, name: 'Another name' }));
    assert.deepEqual(await shop.read('sales', sale.id), sale);
    assert.equal((await sold({ product_id: sheet.id })).total_amount, 30);
  });

  test('is to a customer that is there, by id, or to nobody', async () => {
    const sheet = await shop.goods(10);
    const customer = await admin.create('/customers', { name: unique('Meera ') });
    const sale = await sold({ product_id: sheet.id, customer_id: customer.id });
    assert.deepEqual([sale.customer_id, sale.customer_name], [customer.id, customer.name]);
    assert.equal((await all(admin, `/payments?source_id=${sale.id}`))[0].customer_id, customer.id);
    assert.equal((await sold({ product_id: sheet.id, customer: customer.id })).customer_id, customer.id);
    isInvalid(await refused(() => sell({ product_id: sheet.id, customer_id: 999999 })), { customer_id: 'unknown_reference' });
    isProblem(await refused(() => admin.del(`/customers/${customer.id}`)), 409, 'referenced');
    isProblem(await refused(() => admin.del(`/products/${sheet.id}`)), 409, 'referenced');
  });

  test('is paid by one of the known methods', async () => {
    const sheet = await shop.goods(20);
    for (const method of ['cash', 'card', 'credit_card', 'debit_card', 'bank_transfer', 'check', 'mobile_money', 'paypal', 'stripe', 'other'])
      assert.deepEqual(await payments(await sold({ product_id: sheet.id, payment_method: method })), [['incoming', method, 10]]);
    assert.equal((await sold({ product_id: sheet.id, payment_method: 'Cheque' })).payment_method, 'check');
    isInvalid(await refused(() => sell({ product_id: sheet.id, payment_method: 'shells' })), { payment_method: 'choice' });
  });

  test('that makes no sense is refused and names each problem', async () => {
    const [sheet, advice] = [await shop.goods(10), await shop.service()];
    const one = { product_id: sheet.id };
    const cases = [
      [{}, { lines: 'required' }], [{ lines: [] }, { lines: 'required' }], [{ quantity: 2 }, { quantity: 'kind' }],
      [{ ...one, lines: [{ product_id: sheet.id, quantity: 1 }] }, { product_id: 'duplicate' }],
      [{ quantity: 3, lines: [{ product_id: sheet.id, quantity: 1 }] }, { quantity: 'kind' }],
      [{ product_id: 999999 }, { product_id: 'unknown_reference' }], [{ product_id: 'no such sku' }, { product_id: 'unknown_reference' }],
      [{ ...one, quantity: 0 }, { quantity: 'min' }], [{ ...one, quantity: -1 }, { quantity: 'min' }], [{ ...one, quantity: 1.00001 }, { quantity: 'too_precise' }],
      [{ lines: [{ sku: 'nothing of ours', quantity: 1 }, { product_id: 999999, quantity: 1, sku: 'x' }] }, { 'lines[0].product_id': 'unknown_reference', 'lines[1].product_id': 'unknown_reference' }],
      [{ lines: [{ product_id: sheet.id, quantity: 0 }, { quantity: 1, colour: 'red' }] }, { 'lines[0].quantity': 'min', 'lines[1].colour': 'unknown_field', 'lines[1].product_code': 'required' }],
      [{ lines: [{ product_id: sheet.id, quantity: 1, unit_price: 0.01, amount: 5 }] }, { 'lines[0].unit_price': 'read_only', 'lines[0].amount': 'read_only' }],
      [{ ...one, total_amount: 5, tax_amount: 0, tax_rate: 0, change_amount: 9, refunded_amount: 1 }, { total_amount: 'read_only', tax_amount: 'read_only', tax_rate: 'read_only', change_amount: 'read_only', refunded_amount: 'read_only' }],
      [{ ...one, sale_number: 'SAL-1', sale_date: '2020-01-01', assigned_to: 1, till_session_id: 1 }, { sale_number: 'read_only', sale_date: 'read_only', assigned_to: 'read_only', till_session_id: 'read_only' }],
      [{ ...one, location_id: 999999 }, { location_id: 'unknown_reference' }], [{ ...one, register: 'Nowhere' }, { register: 'closed' }],
      [{ ...one, tendered_amount: 9.99 }, { tendered_amount: 'min' }], [{ ...one, tendered_amount: -1 }, { tendered_amount: 'min' }],
      [{ ...one, discount_amount: 10.01 }, { discount_amount: 'max' }], [{ ...one, discount_amount: -1 }, { discount_amount: 'min' }],
      [{ ...one, discount_percent: 100.01 }, { discount_percent: 'max' }], [{ ...one, discount_percent: 10, discount_amount: 1 }, { discount_percent: 'duplicate' }],
      [{ product_id: sheet.id, lot: 'A' }, { lot: 'unknown_field' }], [{ lines: [{ product_id: sheet.id, quantity: 1, lot: 'A' }] }, { 'lines[0].lot': 'unknown_reference' }],
      [{ product_id: advice.id, location_id: 'NOWHERE' }, { location_id: 'unknown_reference' }],
    ];
    for (const [body, issues] of cases) isInvalid(await refused(() => sell(body)), issues);
    const customers = (await admin.ok(admin.get('/locations?usage=customer'))).items[0];
    isInvalid(await refused(() => sell({ ...one, location_id: customers.id })), { location_id: 'usage' });
    assert.match(isProblem(await refused(() => sell({ product_id: advice.id, status: 'refunded' })), 409, 'invalid_state').detail, /made first/);
    isProblem(await refused(() => sell({ ...one, status: 'refunded' })), 409, 'invalid_state');
  });

  test('of more than there is names what there is, and sells none of its lines', async () => {
    const [sheet, towel] = [await shop.goods(3.5, { unit: 'm' }), await shop.goods(10)];
    const { detail } = isProblem(await refused(() => sell({ product_id: sheet.id, quantity: 3.5001 })), 409, 'conflict');
    assert.equal(detail, `only 3.5 m of ${sheet.sku} are available`);
    const lines = [{ product_id: towel.id, quantity: 1 }, { product_id: sheet.id, quantity: 2 }, { product_id: sheet.id, quantity: 2 }];
    assert.match(isProblem(await refused(() => sell({ lines })), 409).detail, /only 1\.5 m of/);
    await shop.salesOrder([[sheet, 1]]);
    assert.match(isProblem(await refused(() => sell({ product_id: sheet.id, quantity: 3 })), 409).detail, /only 2\.5 m of/);
    const last = await sold({ product_id: sheet.id, quantity: 2.5 });
    assert.equal(last.total_amount, 25);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 3), [1, 1, 0]);
  });

  test('of more than there is works where the settings allow it', async () => {
    const bold = await shopWith({ negative_stock: true });
    const sheet = await bold.goods(2, { cost: 6 });
    await bold.admin.create(PATH, { product_id: sheet.id, quantity: 5 });
    assert.deepEqual(await bold.stock(sheet), [-3, 0, -3, -18]);
    await bold.purchaseOrder([[sheet, 10, 6]], { status: 'received' });
    assert.deepEqual(await bold.stock(sheet), [7, 0, 7, 42]);
  });

  test('is taken from the named place first, then from others', async () => {
    const sheet = await shop.goods(5);
    const shelf = await shop.location();
    await admin.create('/stock-moves', { kind: 'receipt', product_id: sheet.id, quantity: 3, location_id: shelf.id, unit_cost: 1 });
    const [main] = Object.keys(await shop.places(sheet)).filter((id) => Number(id) !== shelf.id);
    await sold({ product_id: sheet.id, quantity: 2, location_id: shelf.id });
    assert.deepEqual(await shop.places(sheet), { [main]: 5, [shelf.id]: 1 });
    await sold({ product_id: sheet.id, quantity: 2, location_id: shelf.code });
    assert.deepEqual(await shop.places(sheet), { [main]: 4 });
  });

  test('of lots takes those that expire first, or the named one; serial numbers are pieces', async () => {
    const milk = await shop.goods(0, { tracking: 'lot' });
    const loom = await shop.goods(0, { tracking: 'serial' });
    const come = (product, lot, quantity, best_before) => admin.create('/stock-moves', { kind: 'receipt', product_id: product.id, quantity, lot, best_before, unit_cost: 1 });
    await come(milk, 'B', 5, '2028-02-01');
    await come(milk, 'A', 5, '2028-01-01');
    for (const serial of ['S1', 'S2']) await come(loom, serial, 1);
    const left = async (product) => Object.fromEntries((await all(admin, `/stock-levels?product_id=${product.id}&usage=internal`)).map((l) => [l.lot_name, l.on_hand]));
    await sold({ product_id: milk.id, quantity: 1 });
    const sale = await sold({ lines: [{ product_id: milk.id, quantity: 2, lot: 'B' }, { product_id: loom.id, quantity: 1, serial_number: 'S2' }] });
    assert.deepEqual(await left(milk), { A: 4, B: 3 });
    assert.deepEqual(await left(loom), { S1: 1, S2: 0 });
    isInvalid(await refused(() => sell({ lines: [{ product_id: loom.id, quantity: 1, lot: 'S9' }] })), { 'lines[0].lot': 'unknown_reference' });
    for (const [bad, pattern] of [[{ product_id: milk.id, quantity: 4, lot: 'B' }, /only 3 pcs/], [{ product_id: loom.id, quantity: 1, lot: 'S2' }, /only 0 pcs/], [{ product_id: loom.id, quantity: 0.5 }, /each move is of exactly 1/]])
      assert.match(isProblem(await refused(() => sell({ lines: [bad] })), 409).detail, pattern);
    hasStatus(await refund(sale), 200);
    assert.deepEqual([await left(milk), await left(loom)], [{ A: 4, B: 5 }, { S1: 1, S2: 1 }]);
    await sold({ product_id: loom.id, quantity: 2 });
    assert.deepEqual(await left(loom), { S1: 0, S2: 0 });
  });

  test('of a lot sells no more than there is, also where stock may be negative', async () => {
    const { admin: boss } = await newOrganization(server);
    const own = new Shop(boss);
    await boss.ok(boss.patch('/system-settings', { negative_stock: true }));
    const [milk, sheet] = [await own.goods(0, { tracking: 'lot' }), await own.goods(1)];
    await boss.create('/stock-moves', { kind: 'receipt', product_id: milk.id, quantity: 5, lot: 'A', unit_cost: 1 });
    for (const lot of ['A', undefined]) {
      const answer = await own.unchanged(() => boss.post(PATH, { lines: [{ product_id: milk.id, quantity: 6, lot }] }));
      assert.match(isProblem(answer, 409, 'conflict').detail, /only 5 pcs/);
    }
    await boss.create(PATH, { product_id: sheet.id, quantity: 3 });
    assert.deepEqual(await own.stock(sheet), [-2, 0, -2, -12]);
  });

  test('is never changed but for its notes, and never deleted', async () => {
    const sheet = await shop.goods(10);
    const sale = await sold({ product_id: sheet.id, notes: 'gift' });
    const path = `${PATH}/${sale.id}`;
    const changes = { payment_method: 'card', discount_amount: 1, customer_id: 1, customer_name: 'x', tendered_amount: 50, product_id: sheet.id, quantity: 5, register: 'A', location_id: 1, discount_percent: 1, total_amount: 0 };
    for (const [field, value] of Object.entries(changes)) isInvalid(await refused(() => admin.patch(path, { [field]: value })), { [field]: 'read_only' });
    for (const send of [admin.patch.bind(admin), admin.put.bind(admin)])
      isProblem(await refused(() => send(path, { lines: [{ product_id: sheet.id, quantity: 5 }] })), 409, 'invalid_state');
    isProblem(await refused(() => admin.del(path)), 405);
    const changed = await admin.ok(admin.patch(path, { notes: 'gift for Meera' }));
    assert.deepEqual(changed, { ...sale, notes: 'gift for Meera', version: 2, updated_at: changed.updated_at });
    assert.deepEqual(await payments(sale), [['incoming', 'cash', 10]]);
  });

  test('is numbered by its series, whose pattern may lose and regain the year', async () => {
    const { admin: boss } = await newOrganization(server);
    const service = await new Shop(boss).service();
    const number = async () => (await boss.create(PATH, { product_id: service.id })).sale_number;
    const year = (await number()).slice(4, 8);
    const series = (await boss.ok(boss.get('/number-series'))).items.find((s) => s.name === 'sales.sale_number');
    for (const [pattern, expected] of [['S{seq:4}', 'S0002'], ['{year}/{seq:3}', `${year}/003`], ['T{seq:4}', 'T0004']]) {
      await boss.ok(boss.patch(`/number-series/${series.id}`, { pattern }));
      assert.equal(await number(), expected);
    }
  });

  test('its payment stays as it is', async () => {
    const sale = await sold({ product_id: (await shop.service()).id });
    const [payment] = await all(admin, `/payments?source_id=${sale.id}`);
    hasStatus(await admin.get(`/payments/${payment.id}`), 200);
    const attempts = [['PATCH', `/payments/${payment.id}`, { amount: 5 }], ['PUT', `/payments/${payment.id}`, { amount: 5 }], ['DELETE', `/payments/${payment.id}`], ...['cancel', 'refund', 'process'].map((action) => ['POST', `/payments/${payment.id}/${action}`])];
    for (const [method, path, body] of attempts) isProblem(await refused(() => admin.request(method, path, { body })), 409, 'invalid_state');
  });

  test('in bulk: atomic, or each for itself', async () => {
    const sheet = await shop.goods(3);
    const items = [{ product_id: sheet.id }, { product_id: sheet.id, quantity: 3 }, { product_id: sheet.id }];
    assert.match(isProblem(await refused(() => admin.post(`${PATH}/bulk`, { items })), 409).detail, /items\[1\].*only 2 pcs/);
    const { created, failed, results } = await admin.ok(admin.post(`${PATH}/bulk`, { items, atomic: false }));
    assert.deepEqual([created, failed, results[1].code], [2, 1, 'conflict']);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 1), [1]);
  });
});

describe('tax and discount', () => {
  test('tax is the settings’ of that day, on what is left after the discount', async () => {
    const taxed = await shopWith({ tax_rate: 18, currency_code: 'INR' });
    const sheet = await taxed.goods(10, { price: 25 });
    const sale = await taxed.admin.create(PATH, { product_id: sheet.id, quantity: 4, discount_amount: 10 });
    assert.deepEqual([sale.tax_rate, ...amounts(sale)], [18, 100, 10, 16.2, 106.2]);
    await taxed.admin.ok(taxed.admin.patch('/system-settings', { tax_rate: 5 }));
    assert.deepEqual(await taxed.read('sales', sale.id), sale);
    const percent = await taxed.admin.create(PATH, { product_id: sheet.id, quantity: 4, discount_percent: 12.5 });
    assert.deepEqual([percent.tax_rate, ...amounts(percent)], [5, 100, 12.5, 4.38, 91.88]);
    assert.equal((await all(taxed.admin, '/payments'))[0].currency, 'INR');
  });

  test('a discount keeps within the settings’ limit, by the figure', async () => {
    const strict = await shopWith({ max_discount_percent: 12.5 });
    const sheet = await strict.goods(10, { price: 10 });
    const attempt = (body) => strict.unchanged(() => strict.admin.post(PATH, { product_id: sheet.id, ...body }));
    const [amount] = isInvalid(await attempt({ discount_amount: 1.26 }), { discount_amount: 'max' });
    assert.match(amount.message, /at most 1\.25,/);
    const [percent] = isInvalid(await attempt({ discount_percent: 12.51 }), { discount_percent: 'max' });
    assert.match(percent.message, /at most 12\.5,/);
    for (const body of [{ discount_amount: 1.25 }, { discount_percent: 12.5 }])
      assert.equal((await strict.admin.create(PATH, { product_id: sheet.id, ...body })).total_amount, 8.75);
  });

  test('a discount of everything is a sale without payment', async () => {
    const sheet = await shop.goods(10);
    const sale = await sold({ product_id: sheet.id, discount_percent: 100, tendered_amount: 0 });
    assert.deepEqual([...amounts(sale), sale.change_amount], [10, 10, 0, 0, 0]);
    assert.deepEqual(await payments(sale), []);
    const back = hasStatus(await refund(sale), 200);
    assert.deepEqual([back.status, back.refunded_amount], ['refunded', 0]);
    assert.deepEqual(await payments(sale), []);
  });

  test('each line is rounded by itself, the discount half-up', async () => {
    const thread = await shop.goods(10, { price: 0.335 });
    const sale = await sold({ lines: [{ product_id: thread.id, quantity: 1 }, { product_id: thread.id, quantity: 1 }], discount_percent: 5 });
    assert.deepEqual([sale.lines.map((l) => l.amount), ...amounts(sale)], [[0.34, 0.34], 0.68, 0.03, 0, 0.65]);
  });
});

describe('a refund', () => {
  test('of everything: goods and money go back', async () => {
    const sheet = await shop.goods(10, { price: 25 });
    const sale = await sold({ product_id: sheet.id, quantity: 4, payment_method: 'card' });
    const back = hasStatus(await refund(sale, { reason: 'wrong size' }), 200);
    assert.deepEqual([back.status, back.refunded_amount, back.lines[0].returned_quantity, back.version], ['refunded', 100, 4, 2]);
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${sale.id}`)), back);
    assert.deepEqual(await shop.stock(sheet), [10, 0, 10, 60]);
    assert.deepEqual(await payments(sale), [['incoming', 'card', 100], ['outgoing', 'card', 100]]);
    const { items: [move] } = await admin.ok(admin.get(`/stock-moves?product_id=${sheet.id}&kind=return`));
    assert.deepEqual([move.quantity, move.value, move.reason, move.source_id], [4, 24, 'wrong size', sale.id]);
    const { detail } = isProblem(await refused(() => refund(sale)), 409, 'invalid_state');
    assert.equal(detail, 'cannot refund a sale that is refunded; possible: nothing');
    isProblem(await refused(() => refund(sale, { lines: [line(sale, 0, 1)] })), 409, 'invalid_state');
  });

  test('of some pieces, until all are back', async () => {
    const [sheet, advice] = [await shop.goods(10, { price: 25 }), await shop.service({ price: 50 })];
    const sale = await sold({ lines: [{ product_id: sheet.id, quantity: 2 }, { product_id: advice.id, quantity: 1 }] });
    const one = hasStatus(await refund(sale, { lines: [line(sale, 0, 1)] }), 200);
    assert.deepEqual([one.status, one.refunded_amount, one.lines.map((l) => l.returned_quantity)], ['completed', 25, [1, 0]]);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 1), [9]);
    const { detail } = isProblem(await refused(() => refund(sale, { lines: [line(sale, 0, 1.0001)] })), 409, 'conflict');
    assert.equal(detail, `line 1 (${sheet.sku}): at most 1 can be refunded`);
    const service = hasStatus(await refund(sale, { lines: [line(sale, 1, 1)] }), 200);
    assert.deepEqual([service.status, service.refunded_amount], ['completed', 75]);
    assert.match(isProblem(await refused(() => refund(sale, { lines: [line(sale, 1, 1)] })), 409).detail, /at most 0 can be refunded/);
    const rest = hasStatus(await refund(sale), 200);
    assert.deepEqual([rest.status, rest.refunded_amount], ['refunded', 100]);
    assert.deepEqual(await payments(sale), [['incoming', 'cash', 100], ['outgoing', 'cash', 25], ['outgoing', 'cash', 50], ['outgoing', 'cash', 25]]);
  });

  test('may go back another way than it came', async () => {
    const sale = await sold({ product_id: (await shop.goods(1)).id });
    hasStatus(await refund(sale, { payment_method: 'bank_transfer' }), 200);
    assert.deepEqual(await payments(sale), [['incoming', 'cash', 10], ['outgoing', 'bank_transfer', 10]]);
  });

  test('that says no line of the sale, or no quantity, is refused', async () => {
    const sheet = await shop.goods(10);
    const [sale, other] = [await sold({ product_id: sheet.id, quantity: 2 }), await sold({ product_id: sheet.id })];
    const cases = [
      [{ lines: [line(other, 0, 1)] }, { 'lines[0].line_id': 'unknown_reference' }], [{ lines: [{ quantity: 1 }] }, { 'lines[0].line_id': 'required' }],
      [{ lines: [{ line_id: sale.lines[0].id }] }, { 'lines[0].quantity': 'required' }], [{ lines: [line(sale, 0, 0)] }, { 'lines[0].quantity': 'min' }],
      [{ lines: [line(sale, 0, 1), line(sale, 0, 1)] }, { 'lines[1].line_id': 'duplicate' }], [{ amount: 5 }, { amount: 'unknown_field' }],
      [{ payment_method: 'shells' }, { payment_method: 'choice' }],
    ];
    for (const [body, issues] of cases) isInvalid(await refused(() => refund(sale, body)), issues);
    isProblem(await refused(() => refund(sale, { lines: [] })), 409, 'invalid_state');
    isProblem(await refused(() => admin.post(`${PATH}/999999/refund`)), 404, 'not_found');
  });

  test('is also what the status refunded means', async () => {
    const sheet = await shop.goods(10);
    const sale = await sold({ product_id: sheet.id, quantity: 3 });
    const back = await admin.ok(admin.patch(`${PATH}/${sale.id}`, { status: 'refunded', notes: 'all wrong' }));
    assert.deepEqual([back.status, back.refunded_amount, back.notes], ['refunded', 30, 'all wrong']);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 1), [10]);
    isProblem(await refused(() => admin.patch(`${PATH}/${sale.id}`, { status: 'completed' })), 409, 'invalid_state');
  });

  test('comes back at the value at which it left, whatever it costs by now', async () => {
    const sheet = await shop.goods(10, { cost: 6 });
    const sale = await sold({ product_id: sheet.id, quantity: 2 });
    await shop.purchaseOrder([[sheet, 8, 16]], { status: 'received' });
    hasStatus(await refund(sale, { lines: [line(sale, 0, 1)] }), 200);
    assert.deepEqual((await shop.moves(sheet)).at(-1), ['return', 1, 6]);
  });

  test('in parts sums to the total exactly, with discount and tax in it (random sales)', async () => {
    const rng = random(11);
    const taxed = await shopWith({ tax_rate: 7.3125 });
    const prices = [0.335, 0.01, 0.005, 19.99, 33.3333, 0.0001, 7, 1.15];
    const products = [];
    for (const price of prices) products.push(await taxed.goods(1000, { price, cost: 0.1 }));
    for (let round = 0; round < 12; round++) {
      const lines = Array.from({ length: 1 + rng.below(5) }, () => ({ product_id: rng.pick(products).id, quantity: rng.chance(0.3) ? (1 + rng.below(50)) / 8 : 1 + rng.below(7) }));
      const sale = await taxed.admin.create(PATH, { lines, discount_percent: rng.pick([0, 0, 10, 33.33, 99]) });
      const left = sale.lines.map((l) => l.quantity);
      let now = sale;
      while (left.some((q) => q > 0)) {
        const some = sale.lines.map((l, i) => ({ line_id: l.id, quantity: rng.chance(0.5) ? left[i] : Math.min(left[i], Math.ceil(left[i] * 4) / 8) })).filter((l) => l.quantity > 0 && rng.chance(0.7));
        if (!some.length) continue;
        const next = await taxed.admin.ok(taxed.admin.post(`${PATH}/${sale.id}/refund`, { lines: some }));
        for (const l of some) left[sale.lines.findIndex((s) => s.id === l.line_id)] -= l.quantity;
        assert.ok(cents(next.refunded_amount) >= cents(now.refunded_amount) && cents(next.refunded_amount) <= cents(sale.total_amount));
        now = next;
      }
      assert.deepEqual([now.status, now.refunded_amount], ['refunded', sale.total_amount]);
      const paid = await all(taxed.admin, `/payments?source_id=${sale.id}`);
      assert.equal(paid.reduce((sum, p) => sum + (p.payment_type === 'incoming' ? 1 : -1) * cents(p.amount), 0), 0);
      assert.ok(paid.every((p) => p.amount > 0));
    }
    for (const product of products) assert.deepEqual((await taxed.stock(product)).slice(0, 1), [1000]);
  });

  test('of the last piece is what is left, also where each line was rounded up', async () => {
    const thread = await shop.goods(10, { price: 0.005 });
    const sale = await sold({ lines: [1, 1, 1].map((quantity) => ({ product_id: thread.id, quantity })) });
    assert.equal(sale.total_amount, 0.03);
    const refunded = [];
    for (let i = 0; i < 3; i++) refunded.push(hasStatus(await refund(sale, { lines: [line(sale, i, 1)] }), 200).refunded_amount);
    assert.deepEqual(refunded, [0.01, 0.01, 0.03]);
    const whole = await sold({ lines: [1, 1, 1].map((quantity) => ({ product_id: thread.id, quantity })) });
    assert.equal(hasStatus(await refund(whole), 200).refunded_amount, 0.03);
  });

  test('a share is rounded once, half-up', async () => {
    const [a, b] = [await shop.goods(10, { price: 1 }), await shop.goods(10, { price: 2 })];
    const sale = await sold({ lines: [{ product_id: a.id, quantity: 1 }, { product_id: b.id, quantity: 1 }], discount_amount: 1 });
    assert.equal(hasStatus(await refund(sale, { lines: [line(sale, 0, 1)] }), 200).refunded_amount, 0.67);
    assert.equal(hasStatus(await refund(sale), 200).refunded_amount, 2);
    // 0.01 of 0.99 is 0.0099…; half of it is 0.00495, which is nothing.
    const dear = await shop.goods(10, { price: 1 });
    const cheap = await sold({ product_id: dear.id, quantity: 1, discount_amount: 0.01 });
    assert.equal(hasStatus(await refund(cheap, { lines: [line(cheap, 0, 0.005)] }), 200).refunded_amount, 0);
  });
});

describe('a receipt', () => {
  const receipt = (sale, query = '') => admin.get(`${PATH}/${sale.id}/receipt${query}`);

  test('as text has 42 columns, whatever the names', async () => {
    const taxed = await shopWith({ tax_rate: 18, currency_code: 'INR' });
    const names = ['Sheet', 'Ein sehr langer Name für ein einfaches Bettlaken aus Baumwolle', '棉布床单'.repeat(20), 'x'.repeat(42)];
    const lines = [];
    for (const name of names) lines.push({ product_id: (await taxed.goods(100000, { name, price: 98765.4321 })).id, quantity: 1234.5678 });
    const sale = await taxed.admin.create(PATH, { lines, discount_amount: 1, customer_id: (await taxed.admin.create('/customers', { name: 'Meera '.repeat(20) })).id });
    await taxed.admin.ok(taxed.admin.post(`${PATH}/${sale.id}/refund`, { lines: [line(sale, 0, 1233.4321)] }));
    const answer = await taxed.admin.get(`${PATH}/${sale.id}/receipt`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    for (const text of answer.text.split('\n')) assert.ok([...text].length <= 42, `${[...text].length} columns: ${text}`);
    for (const text of [`Receipt ${sale.sale_number}`, 'Tax 18 %', 'TOTAL INR', 'Discount', 'Refunded']) assert.ok(answer.text.includes(text), `${text} in\n${answer.text}`);
  });

  test('says what was sold, to the cent', async () => {
    const sheet = await shop.goods(10, { price: 2.5, name: 'Bed sheet' });
    const sale = await sold({ product_id: sheet.id, quantity: 3, tendered_amount: 10 });
    const rows = (await receipt(sale)).text.split('\n').map((l) => l.trim());
    const right = (label) => rows.find((r) => r.startsWith(label)).split(/\s{2,}/).at(-1);
    assert.equal(rows[0], 'Meridian & Sons');
    assert.deepEqual(['Bed sheet', 'Subtotal', 'TOTAL USD', 'Paid by', 'Handed over', 'Change'].map(right), ['7.50', '7.50', '7.50', 'cash', '10.00', '2.50']);
    assert.ok(rows.includes('3 × 2.50'));
    assert.ok(!rows.includes('COPY'));
    assert.ok((await receipt(sale, '?copy=true')).text.includes('COPY'));
    assert.equal((await receipt(sale, '?format=text')).text, (await receipt(sale)).text);
  });

  test('as a page runs nothing of what a name says', async () => {
    const evil = '<script>alert("1")</script>&lt;<img src=x onerror=alert(1)>\'';
    const sheet = await shop.goods(10, { name: evil });
    const customer = await admin.create('/customers', { name: '<b onclick="x">Meera</b>' });
    const answer = await receipt(await sold({ product_id: sheet.id, customer_id: customer.id }), '?format=html');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    const policy = answer.headers['content-security-policy'];
    assert.match(policy, /default-src 'none'/);
    assert.ok(!/script-src/.test(policy) && !/unsafe-eval/.test(policy));
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.ok(!/<script|<img|<b /i.test(answer.text), answer.text);
    assert.ok(answer.text.includes('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;lt;&lt;img'));
    assert.ok(answer.text.includes('Meridian &amp; Sons'));
    const open = [...answer.text.matchAll(/<(\w+)/g)].map((m) => m[1]);
    const allowed = ['html', 'head', 'meta', 'title', 'style', 'body', 'h1', 'p', 'table', 'tbody', 'tr', 'td', 'small'];
    assert.deepEqual(open.filter((tag) => !allowed.includes(tag)), []);
    for (const tag of ['table', 'tbody', 'tr', 'td', 'small', 'p', 'body', 'html'])
      assert.equal(answer.text.split(`<${tag}`).length, answer.text.split(`</${tag}>`).length, `${tag} is closed`);
  });

  test('of nothing, in another format, or with more parameters is refused', async () => {
    const sale = await sold({ product_id: (await shop.service()).id });
    for (const query of ['?format=pdf', '?format=', '?copy=perhaps', '?lang=de']) isProblem(await receipt(sale, query), 400);
    isProblem(await receipt({ id: 999999 }), 404, 'not_found');
    isProblem(await new Client(server).get(`${PATH}/${sale.id}/receipt`), 401);
    const { admin: stranger } = await newOrganization(server);
    isProblem(await stranger.get(`${PATH}/${sale.id}/receipt`), 404, 'not_found');
  });
});

describe('finding sales', () => {
  test('by a product of their lines, together with other conditions', async () => {
    const [sheet, towel] = [await shop.goods(10), await shop.goods(10)];
    const [a, b, c] = [await sold({ product_id: sheet.id }), await sold({ lines: [{ product_id: towel.id, quantity: 1 }, { product_id: sheet.id, quantity: 1 }, { product_id: sheet.id, quantity: 1 }] }), await sold({ product_id: towel.id, payment_method: 'card' })];
    const ids = async (query) => {
      const { items, total } = await admin.ok(admin.get(`${PATH}?ordering=id&${query}`));
      assert.equal(total, items.length);
      return items.map((s) => s.id);
    };
    for (const name of ['product_id', 'product', 'lines.product_id']) {
      assert.deepEqual(await ids(`${name}=${sheet.id}`), [a.id, b.id], name);
      assert.deepEqual(await ids(`${name}=${towel.id}&payment_method=card`), [c.id], name);
      assert.deepEqual(await ids(`${name}=999999`), [], name);
    }
    hasStatus(await refund(a), 200);
    assert.deepEqual(await ids(`product_id=${sheet.id}&status=refunded`), [a.id]);
    const sum = (await admin.ok(admin.get(`${PATH}/stats?product_id=${towel.id}`)));
    assert.equal(sum.total, 2);
  });
});

describe('carefully', () => {
  test('a dry run shows the sale, and nothing happened', async () => {
    const sheet = await shop.goods(10);
    const sale = hasStatus(await refused(() => admin.post(`${PATH}?dry_run=true`, { product_id: sheet.id, quantity: 2 })), 201);
    assert.equal(sale.total_amount, 20);
    isProblem(await refused(() => admin.post(`${PATH}?dry_run=true`, { product_id: sheet.id, quantity: 11 })), 409);
    const made = await sold({ product_id: sheet.id, quantity: 2 });
    const back = hasStatus(await refused(() => admin.post(`${PATH}/${made.id}/refund?dry_run=true`)), 200);
    assert.deepEqual([back.status, back.refunded_amount], ['refunded', 20]);
    const number = (s) => Number(s.sale_number.slice(-6));
    assert.equal(number(await sold({ product_id: sheet.id })), number(made) + 1, 'dry runs take no number');
  });

  test('under one Idempotency-Key it is sold once', async () => {
    const sheet = await shop.goods(10);
    const headers = { 'Idempotency-Key': unique('sale') };
    const first = await sell({ product_id: sheet.id, quantity: 2 }, headers);
    hasStatus(first, 201);
    const again = await refused(() => sell({ product_id: sheet.id, quantity: 2 }, headers));
    assert.deepEqual([again.status, again.text, again.headers['idempotency-replayed']], [201, first.text, 'true']);
    isProblem(await refused(() => sell({ product_id: sheet.id, quantity: 3 }, headers)), 422);
    const answers = await Promise.all(Array.from({ length: 20 }, () => sell({ product_id: sheet.id }, { 'Idempotency-Key': 'crowd' })));
    assert.equal(new Set(answers.map((a) => a.text)).size, 1);
    assert.deepEqual((await shop.stock(sheet)).slice(0, 1), [7]);
  });

  test('a sale that was refused under a key can be made under it when there is stock', async () => {
    const sheet = await shop.goods(1);
    const headers = { 'Idempotency-Key': unique('sale') };
    isProblem(await refused(() => sell({ product_id: sheet.id, quantity: 2 }, headers)), 409, 'conflict');
    await admin.create('/stock-moves', { kind: 'receipt', product_id: sheet.id, quantity: 1 });
    const answer = await sell({ product_id: sheet.id, quantity: 2 }, headers);
    assert.ok([201, 409].includes(answer.status), answer.text);
    assert.equal((await shop.stock(sheet))[0], answer.status === 201 ? 0 : 2);
  });

  test('a refund of another version than expected is a 412', async () => {
    const sale = await sold({ product_id: (await shop.goods(5)).id, quantity: 2 });
    hasStatus(await refund(sale, { lines: [line(sale, 0, 1)] }, { 'If-Match': '"v1"' }), 200);
    const stale = await refused(() => refund(sale, { lines: [line(sale, 0, 1)] }, { 'If-Match': '"v1"' }));
    isProblem(stale, 412);
    assert.equal(stale.headers.etag, '"v2"');
  });

  test('nothing is sold in a period that is closed', async () => {
    const closed = await shopWith({ period_close_date: '2099-01-01' }).catch(() => null);
    if (!closed) return;
    const service = await closed.service();
    hasStatus(await closed.admin.post(PATH, { product_id: service.id }), 201);
    const sheet = await closed.product();
    isProblem(await closed.unchanged(() => closed.admin.post(PATH, { product_id: sheet.id })), 409);
  });
});

describe('who may sell', () => {
  test('a salesperson sells, and sees and takes back their own sales only', async () => {
    const sheet = await shop.goods(50);
    const [sam, tim] = [await organization.addUser('salesperson'), await organization.addUser('salesperson')];
    const mine = await sam.create(PATH, { product_id: sheet.id, quantity: 2 });
    assert.equal(mine.assigned_to, sam.login.user.id);
    const theirs = await tim.create(PATH, { product_id: sheet.id });
    const list = await sam.ok(sam.get(PATH));
    assert.deepEqual([list.total, list.items.map((s) => s.id)], [1, [mine.id]]);
    for (const path of [`${PATH}/${theirs.id}`, `${PATH}/${theirs.id}/receipt`]) isProblem(await sam.get(path), 404, 'not_found');
    isProblem(await refused(() => sam.post(`${PATH}/${theirs.id}/refund`)), 404, 'not_found');
    isProblem(await refused(() => sam.patch(`${PATH}/${theirs.id}`, { notes: 'x' })), 404, 'not_found');
    hasStatus(await sam.get(`${PATH}/${mine.id}/receipt`), 200);
    hasStatus(await sam.post(`${PATH}/${mine.id}/refund`, { lines: [line(mine, 0, 1)] }), 200);
    for (const path of ['/products', '/stock-levels', '/customers']) hasStatus(await sam.get(path), 200);
    for (const path of ['/payments', '/stock-moves', '/stock-ledger', '/purchase-orders', '/vendors']) isProblem(await sam.get(path), 403, 'forbidden');
    isProblem(await refused(() => sam.post('/stock-moves', { kind: 'receipt', product_id: sheet.id, quantity: 5 })), 403, 'forbidden');
    isProblem(await refused(() => sam.patch(`/products/${sheet.id}`, { price: 1 })), 403, 'forbidden');
  });

  test('a manager takes back anybody’s; staff sell and take back their own; a viewer and the stockroom look', async () => {
    const sheet = await shop.goods(50);
    const [manager, staff, viewer, keeper] = await Promise.all(['manager', 'staff', 'viewer', 'inventory_manager'].map((role) => organization.addUser(role)));
    const sale = await sold({ product_id: sheet.id, quantity: 3 });
    const own = await staff.create(PATH, { product_id: sheet.id });
    hasStatus(await staff.post(`${PATH}/${own.id}/refund`), 200);
    isProblem(await refused(() => staff.post(`${PATH}/${sale.id}/refund`)), 403, 'forbidden');
    for (const client of [viewer, keeper]) {
      hasStatus(await client.get(`${PATH}/${sale.id}`), 200);
      hasStatus(await client.get(`${PATH}/${sale.id}/receipt`), 200);
      isProblem(await refused(() => client.post(PATH, { product_id: sheet.id })), 403, 'forbidden');
      isProblem(await refused(() => client.post(`${PATH}/${sale.id}/refund`)), 403, 'forbidden');
    }
    hasStatus(await manager.post(`${PATH}/${sale.id}/refund`), 200);
    isProblem(await refused(() => new Client(server).post(PATH, { product_id: sheet.id })), 401);
  });

  test('a session sells for no more than its token says, tax and discount included, by the figure', async () => {
    const capped = await shopWith({ tax_rate: 10 });
    const sheet = await capped.goods(50, { price: 100 });
    const { token } = await capped.admin.create('/access-tokens', { max_amount: '220.5' });
    const guest = new Client(server);
    const { access_token: access } = hasStatus(await guest.post('/salesperson/auth', { email: `${unique('sam')}@example.com`, password: PASSWORD, token }), 200);
    const sam = guest.withToken(access);
    const attempt = (body) => capped.unchanged(() => sam.post(PATH, body));
    const { detail } = isProblem(await attempt({ product_id: sheet.id, quantity: 3 }), 409, 'conflict');
    assert.equal(detail, 'this session may sell for at most 220.5 at a time');
    isProblem(await attempt({ product_id: sheet.id, quantity: 2.0046 }), 409, 'conflict');
    assert.equal(hasStatus(await sam.post(PATH, { product_id: sheet.id, quantity: 2.0045 }), 201).total_amount, 220.5);
    assert.equal(hasStatus(await sam.post(PATH, { product_id: sheet.id, quantity: 3, discount_amount: 100 }), 201).total_amount, 220);
    isProblem(await attempt({ product_id: sheet.id, quantity: 3, discount_amount: 99 }), 409, 'conflict');
    isProblem(await capped.unchanged(() => sam.post(`${PATH}/bulk`, { items: [{ product_id: sheet.id }, { product_id: sheet.id, quantity: 3 }] })), 409);
    hasStatus(await capped.admin.post(PATH, { product_id: sheet.id, quantity: 10 }), 201);
  });
});
