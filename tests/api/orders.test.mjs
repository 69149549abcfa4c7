// /orders: every order of whatever type in one list, and those made here.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { changesNothing, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Shop } from '../lib/shop.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const LISTS = ['/orders', '/sales-orders', '/purchase-orders'];

/** One order of each type. */
async function oneOfEach() {
  const organization = await newOrganization(server);
  const { admin } = organization;
  const shop = new Shop(admin);
  const thing = await shop.goods(5);
  const [so, po] = [await shop.salesOrder([['S', 1, 100]], { status: 'draft' }), await shop.purchaseOrder([['M', 1, 80]])];
  const pos = await admin.create('/sales', { lines: [{ product_id: thing.id, quantity: 1 }] });
  const own = await admin.create('/orders', { title: 'Yearly service', customer_id: so.customer_id, tax_rate: 10, discount_amount: 5,
    items: [{ item_name: 'Belt', sku: thing.sku, quantity: 2, unit_price: 25 }, { product_name: 'Travel', quantity: 1, unit_price: 5.5 }] });
  return { ...organization, shop, so, po, pos, own };
}

describe('orders of every type of a customer', () => {
  test('are in its timeline once, and go with it into another customer', async () => {
    const { admin, so, own, shop } = await oneOfEach();
    const from = so.customer_id, into = (await admin.create('/customers', { name: 'Kept' })).id;
    const thing = await shop.goods(5);
    const pos = await admin.create('/sales', { customer_id: from, lines: [{ product_id: thing.id, quantity: 1 }] });
    const issue = await admin.create('/issues', { title: 'Wet', customer_id: from, order_id: own.id });
    const { id: comment } = await admin.create(`/issues/${issue.id}/comment`, { content: 'A word' });
    const payment = await admin.create('/payments', { amount: 5, order_id: own.id });
    assert.equal(payment.customer_id, from);
    const { items } = await admin.ok(admin.get(`/customers/${from}/timeline`));
    const told = (resource) => items.filter((i) => i.resource === resource).map((i) => i.record_id);
    assert.deepEqual(['orders', 'sales-orders', 'sales', 'issues'].map(told), [[own.id], [so.id], [pos.id], [issue.id]]);
    const ofIssue = (await admin.ok(admin.get(`/issues/${issue.id}/timeline`))).items.map((i) => i.resource);
    assert.deepEqual(ofIssue.filter((r) => r !== 'audit-logs'), ['issue-comments']);
    await admin.ok(admin.post(`/customers/${into}/merge`, { from }));
    for (const path of [`/orders/${own.id}`, `/sales-orders/${so.id}`, `/sales/${pos.id}`, `/issues/${issue.id}`, `/issue-comments/${comment}`, `/payments/${payment.id}`])
      assert.equal((await admin.ok(admin.get(path))).customer_id, into, path);
    assert.equal((await admin.ok(admin.get(`/orders?customer_id=${into}`))).total, 3);
    assert.equal((await admin.get(`/customers/${from}`)).status, 404);
  });
});

describe('an order made here', () => {
  test('has a number of the year and totals like any other', async () => {
    const { own } = await oneOfEach();
    assert.match(own.order_number, /^ORD-\d{4}-0001$/);
    assert.deepEqual([own.order_type, own.status, own.party_name], ['service', 'draft', 'Meridian Garments Ltd']);
    assert.deepEqual([own.subtotal, own.tax_amount, own.total_amount, own.outstanding_amount, own.payment_status], [55.5, 5.05, 55.55, 55.55, 'none']);
    assert.deepEqual(own.items.map((i) => [i.product_name, i.amount, i.product_id !== null]), [['Belt', 50, true], ['Travel', 5.5, false]]);
  });

  test('keeps the number it has when the series is changed, also to one without years', async () => {
    const { admin, own } = await oneOfEach();
    const [series] = (await admin.ok(admin.get('/number-series?page_size=100'))).items.filter((s) => s.name === 'orders.order_number');
    await admin.ok(admin.patch(`/number-series/${series.id}`, { pattern: 'O-{seq:5}' }));
    assert.equal((await admin.create('/orders', { title: 'x' })).order_number, 'O-00002');
    await admin.ok(admin.del(`/orders/${own.id}`)); // the books are proved in the end
  });

  test('is completed or cancelled, and reopened', async () => {
    const { admin, own } = await oneOfEach();
    const done = (action) => admin.ok(admin.post(`/orders/${own.id}/${action}`));
    assert.equal((await done('cancel')).status, 'cancelled');
    assert.equal((await done('reopen')).status, 'draft');
    const complete = await done('complete');
    assert.deepEqual([complete.status, complete.delivered_date !== null], ['completed', true]);
    isProblem(await changesNothing(admin, LISTS, () => admin.post(`/orders/${own.id}/cancel`)), 409, 'invalid_state');
    isProblem(await changesNothing(admin, LISTS, () => admin.patch(`/orders/${own.id}`, { title: 'x' })), 409, 'invalid_state');
  });

  test('wants a title, one party, and a type that is not made elsewhere', async () => {
    const { admin, so, po } = await oneOfEach();
    const refused = (body) => changesNothing(admin, LISTS, () => admin.post('/orders', body));
    isInvalid(await refused({}), { title: 'required' });
    isInvalid(await refused({ title: 'x', customer_id: so.customer_id, vendor_id: po.supplier_id }), { vendor_id: 'duplicate' });
    for (const order_type of ['purchase', 'sale', 'pos', 'counter_sale']) {
      const [issue] = isInvalid(await refused({ title: 'x', order_type }), { order_type: 'choice' });
      assert.match(issue.message, /made at \//);
    }
    isProblem(await refused({ title: 'x', order_number: 'MINE' }), 422);
    isProblem(await refused({ title: 'x', due_date: '2020-01-01' }), 422);
  });
});

describe('the list of all orders', () => {
  test('shows each with its own number, and where it is at home', async () => {
    const { admin, so, po, pos, own } = await oneOfEach();
    const list = await all(admin, '/orders?ordering=id');
    assert.deepEqual(list.map((o) => [o.order_type, o.order_number]),
      [['sale', so.so_number], ['purchase', po.po_number], ['pos', pos.sale_number], ['service', own.order_number]]);
    assert.deepEqual(list.map((o) => o.payment_status), ['none', 'none', null, 'none']);
    const read = await admin.ok(admin.get(`/orders/${so.id}`));
    assert.deepEqual([read.items[0].sku, read.items[0].amount, read.customer_id, read.total_amount], ['S', 100, so.customer_id, 100]);
    for (const resource of ['sales-orders', 'purchase-orders', 'sales']) isProblem(await admin.get(`/${resource}/${own.id}`), 404);
  });

  test('filters by type, status, party, date, person and payment, and searches', async () => {
    const { admin, so, po, own } = await oneOfEach();
    const ids = async (query) => (await all(admin, `/orders?ordering=id&${query}`)).map((o) => o.id);
    assert.deepEqual(await ids('order_type=sale'), [so.id]);
    assert.deepEqual(await ids('order_type=service&order_type=purchase'), [po.id, own.id]);
    assert.deepEqual(await ids('status=approved'), [po.id]);
    assert.deepEqual(await ids(`customer=${so.customer_id}`), [so.id, own.id]);
    assert.deepEqual(await ids(`vendor_id=${po.supplier_id}`), [po.id]);
    assert.deepEqual(await ids(`number=${own.order_number}`), [own.id]);
    assert.deepEqual(await ids('order_date__lte=2026-01-15&order_date__gte=2026-01-15'), [so.id, po.id]);
    assert.deepEqual(await ids('payment_status=none'), [so.id, po.id, own.id]);
    assert.deepEqual(await ids('search=yearly'), [own.id]);
    assert.deepEqual(await ids(`search=${so.so_number}`), [so.id]);
    assert.deepEqual(await ids(`assigned_to=${admin.login.user.id}&order_type=sale`), []);
  });

  test('changes nothing of another type', async () => {
    const { admin, so, po, pos } = await oneOfEach();
    for (const [order, at] of [[so, `/sales-orders/${so.id}`], [po, `/purchase-orders/${po.id}`], [pos, `/sales/${pos.id}`]])
      for (const attempt of [() => admin.patch(`/orders/${order.id}`, { title: 'x' }), () => admin.put(`/orders/${order.id}`, { title: 'x', items: [] }), () => admin.del(`/orders/${order.id}`),
        ...['complete', 'cancel', 'submit'].map((action) => () => admin.post(`/orders/${order.id}/${action}`))]) {
        const { detail } = isProblem(await changesNothing(admin, LISTS, attempt), 409, 'invalid_state');
        assert.ok(detail.includes(at), detail);
      }
    const bulk = await admin.post('/orders/bulk', { atomic: false, items: [{ id: so.id, title: 'x' }] });
    assert.equal(bulk.body.failed, 1);
  });

  test('counts what changes elsewhere', async () => {
    const { admin, shop, so, own } = await oneOfEach();
    const total = (query) => admin.total(`/orders?${query}`);
    const look = async () => [await total('status=draft'), await total('status=pending'), await total('order_type=sale'), await total('payment_status=paid'), await total('')];
    assert.deepEqual(await look(), [2, 0, 1, 0, 4]);
    await admin.ok(admin.post(`/sales-orders/${so.id}/submit`));
    assert.deepEqual(await look(), [1, 1, 1, 0, 4]);
    await admin.create('/payments', { order_id: so.id, amount: 100, status: 'completed' });
    assert.deepEqual(await look(), [1, 1, 1, 1, 4]);
    assert.equal(await admin.total('/sales-orders?payment_status=paid'), 1);
    const more = await shop.salesOrder([['S', 1, 7]], { status: 'draft' });
    assert.deepEqual(await look(), [2, 1, 2, 1, 5]);
    await admin.ok(admin.del(`/sales-orders/${more.id}`));
    await admin.ok(admin.del(`/orders/${own.id}`));
    assert.deepEqual(await look(), [0, 1, 1, 1, 3]);
  });

  test('is of one’s own for a role that may no more, and of one organization', async () => {
    const { admin, addUser, own } = await oneOfEach();
    const role = await admin.create('/roles', { name: 'own orders', permissions: [{ resource: 'orders', action: 'read', scope: 'own' }] });
    const bob = await addUser(role.id);
    assert.equal(await bob.total('/orders'), 0);
    await admin.ok(admin.patch(`/orders/${own.id}`, { assigned_to: bob.login.user.id }));
    assert.deepEqual((await all(bob, '/orders')).map((o) => o.id), [own.id]);
    const { admin: stranger } = await newOrganization(server);
    assert.equal(await stranger.total('/orders'), 0);
    isProblem(await stranger.get(`/orders/${own.id}`), 404);
  });

  test('has statistics of all types', async () => {
    const { admin, so } = await oneOfEach();
    const stats = (query = '') => admin.ok(admin.get(`/orders/stats${query}`));
    const s = await stats();
    assert.deepEqual([s.total, s.by_type.sale, s.by_type.purchase, s.by_type.pos, s.by_type.service], [4, 1, 1, 1, 1]);
    assert.deepEqual([s.by_status.draft, s.by_status.approved, s.by_status.completed, s.by_status.processing], [2, 1, 1, 0]);
    assert.equal(s.total_revenue, 100 + 10 + 55.55);
    await admin.ok(admin.post(`/sales-orders/${so.id}/cancel`));
    assert.equal((await stats()).total_revenue, 10 + 55.55);
    assert.equal((await stats('?order_type=purchase')).total_amount, 80);
  });

  test('goes out as a file, and in', async () => {
    const { admin, so } = await oneOfEach();
    assert.ok((await admin.get('/orders/export')).text.includes(so.so_number));
    const file = await admin.post('/orders/import', 'title,order_type\r\nA,maintenance\r\nB,other\r\n', { 'Content-Type': 'text/csv' });
    assert.deepEqual([file.status, file.body.created], [200, 2], file.text);
  });
});
