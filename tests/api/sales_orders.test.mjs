import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { purchaseOrder, salesLine, salesOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/sales-orders';
let server;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const make = (over) => admin.create(PATH, salesOrder(over));
const refused = (attempt) => changesNothing(admin, [PATH, '/customers'], attempt);

test('a sales order from quote to delivery', async () => {
  const order = await make({ tax_rate: 5 });
  assert.equal(order.so_number, 'SO-000001');
  assert.deepEqual([order.subtotal, order.tax_amount, order.total_amount], [50, 2.5, 52.5]);
  let version = 1;
  for (const [action, status] of [['submit', 'pending'], ['confirm', 'confirmed'], ['ship', 'shipped'], ['deliver', 'delivered']]) {
    const now = hasStatus(await admin.post(`${PATH}/${order.id}/${action}`), 200);
    assert.deepEqual([now.status, now.version], [status, ++version]);
  }
  const { items } = await admin.ok(admin.get(`/audit-logs?resource=sales-orders&record_id=${order.id}&ordering=sequence`));
  assert.deepEqual(items.map((e) => e.action), ['create', 'submit', 'confirm', 'ship', 'deliver']);
});

test('the customer is found or made as a vendor is', async () => {
  const name = unique('Meridian ');
  const customers = await admin.total('/customers');
  const first = await make({ customer_name: name, customer_id: 987654 });
  const second = await make({ customer_name: name });
  assert.equal(second.customer_id, first.customer_id);
  assert.equal(await admin.total('/customers'), customers + 1);
  await refused(async () => isInvalid(
    await admin.post(PATH, salesOrder({ customer_name: undefined, customer_id: 987654 })), { customer_id: 'unknown_reference' }));
  await refused(async () => isInvalid(await admin.post(PATH, salesOrder({ customer_name: undefined })), { customer_id: 'required' }));
});

test('customer is accepted for customer_id', async () => {
  const customer = await admin.create('/customers', { name: unique('By id ') });
  const order = await make({ customer: customer.id, customer_name: undefined });
  assert.deepEqual([order.customer_id, order.customer_name], [customer.id, customer.name]);
  const list = await admin.ok(admin.get(`${PATH}?customer=${customer.id}`));
  assert.deepEqual(list.items.map((o) => o.id), [order.id]);
  await refused(async () => isInvalid(
    await admin.post(PATH, salesOrder({ customer: customer.id, customer_id: customer.id })), { customer_id: 'duplicate' }));
});

test('its lines are called product_code and product_name, and no other way', async () => {
  await refused(async () => isInvalid(
    await admin.post(PATH, salesOrder({ line_items: [{ material_code: 'A', material_name: 'A', quantity: 1, unit_price: 1 }] })), {
      'line_items[0].material_code': 'unknown_field',
      'line_items[0].material_name': 'unknown_field',
      'line_items[0].product_code': 'required',
      'line_items[0].product_name': 'required',
    }));
});

test('a line whose code is a SKU is linked to the product, under its own name', async () => {
  const sheet = await admin.create('/products', { sku: unique('SHEET-'), name: 'Bed sheet, double' });
  const order = await make({ line_items: [salesLine({ product_code: sheet.sku, product_name: 'Sheet as quoted' })] });
  assert.equal(order.line_items[0].product_id, sheet.id);
  assert.equal(order.line_items[0].product_name, 'Sheet as quoted');
  assert.deepEqual(await admin.ok(admin.get(`${PATH}/${order.id}`)), order);
});

test('due before ordered is refused', async () => {
  await refused(async () => isInvalid(await admin.post(PATH, salesOrder({ due_date: '2026-01-14' })), { due_date: 'min' }));
});

test('nothing without lines is confirmed', async () => {
  const order = await make({ line_items: [] });
  await refused(async () => isProblem(await admin.post(`${PATH}/${order.id}/confirm`), 409, 'invalid_state'));
  await refused(async () => isProblem(await admin.patch(`${PATH}/${order.id}`, { status: 'delivered' }), 409, 'invalid_state'));
});

test('a status is reached by the shortest path, or refused naming what is possible', async () => {
  assert.equal((await make({ status: 'Delivered' })).status, 'delivered');
  const shipped = await make({ status: 'shipped' });
  const problem = await refused(async () => isProblem(
    await admin.patch(`${PATH}/${shipped.id}`, { status: 'cancelled' }), 409, 'invalid_state'));
  assert.match(problem.detail, /deliver/);
});

test('once confirmed only notes, dates due and the salesperson change', async () => {
  const order = await make({ status: 'confirmed' });
  const changed = await admin.ok(admin.patch(`${PATH}/${order.id}`,
    { notes: 'call first', due_date: '2026-05-01', assigned_to: admin.login.user.username }));
  assert.equal(changed.assigned_to, admin.login.user.id);
  for (const change of [{ tax_rate: 1 }, { line_items: [] }, { customer_name: 'Else' }, { order_date: '2026-01-16' }])
    await refused(async () => isProblem(await admin.patch(`${PATH}/${order.id}`, change), 409, 'invalid_state'));
  await refused(async () => isProblem(await admin.del(`${PATH}/${order.id}`), 409, 'invalid_state'));
});

test('purchase and sales orders are one table, and never each other\'s records', async () => {
  const sale = await make();
  const purchase = await admin.create('/purchase-orders', purchaseOrder());
  assert.notEqual(sale.id, purchase.id);
  isProblem(await admin.get(`/purchase-orders/${sale.id}`), 404, 'not_found');
  isProblem(await admin.get(`${PATH}/${purchase.id}`), 404, 'not_found');
  for (const [method, path, body] of [['PATCH', `${PATH}/${purchase.id}`, { notes: 'x' }], ['PUT', `${PATH}/${purchase.id}`, salesOrder()],
    ['DELETE', `${PATH}/${purchase.id}`], ['POST', `${PATH}/${purchase.id}/confirm`], ['POST', `/purchase-orders/${sale.id}/approve`]])
    await changesNothing(admin, [PATH, '/purchase-orders'], async () => isProblem(
      await admin.request(method, path, { body }), 404, 'not_found'));
  const { items } = await admin.ok(admin.get(`${PATH}?page_size=1000`));
  assert.ok(!items.some((o) => o.id === purchase.id));
  assert.equal((await admin.create('/purchase-orders', purchaseOrder({ po_number: sale.so_number }))).po_number, sale.so_number);
});
