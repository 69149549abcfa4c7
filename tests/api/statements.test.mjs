// Little back-and-forth: how many SQL statements each operation takes. The
// figures are budgets; a change that needs more says here why. Transactions
// and savepoints are not counted. On PostgreSQL, where several programs write,
// an operation takes some more, which lib/budget.mjs names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KNOWN, TOLD, WORDS } from '../lib/budget.mjs';
import { newOrganization } from '../lib/client.mjs';
import { line, purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;
let product;
let customer;
let vendor;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  product = await admin.create('/products', { sku: 'YARN-40S', name: 'Yarn' });
  customer = await admin.create('/customers', { name: 'Acme' });
  vendor = await admin.create('/vendors', { name: 'Kiran Yarns' });
  await admin.create('/work-orders', workOrder()); // the series and the journal's head are known from here on
  for (let i = 0; i < 5; i++) await admin.create('/purchase-orders', purchaseOrder({ supplier_id: vendor.id }));
});
after(() => server.proveAndStop());

async function takes(statements, answerPromise) {
  const answer = await answerPromise;
  assert.ok(answer.status < 300 || answer.status === 304, answer.text);
  assert.equal(answer.statements, statements, answer.text.slice(0, 200));
  return answer.body;
}

test('reading one record takes one, and one more for its lines', async () => {
  const order = await admin.create('/work-orders', workOrder({ product_id: product.id, customer_id: customer.id }));
  await takes(1, admin.get(`/work-orders/${order.id}`)); // with the names of product, customer and users
  await takes(1, admin.get(`/work-orders/${order.id}?fields=id,status`));
  const { items: [purchase] } = await admin.ok(admin.get('/purchase-orders?page_size=1'));
  await takes(2, admin.get(`/purchase-orders/${purchase.id}`));
  await takes(1, admin.get(`/purchase-orders/${purchase.id}?fields=id`));
});

test('a list takes one when its total is known, and one more for each relation', async () => {
  await admin.get('/work-orders');
  await takes(1 + KNOWN, admin.get('/work-orders'));
  await takes(1 + KNOWN, admin.get('/work-orders?page=2&page_size=1'));
  await takes(2, admin.get('/work-orders?status=draft&priority=medium')); // counted for the first time
  await takes(1 + KNOWN, admin.get('/work-orders?priority=medium&status=draft&sort_by=due_date'));
  await takes(1, admin.get('/work-orders?client=never-asked&count=none'));
  await takes(2 + KNOWN, admin.get('/work-orders?expand=customer'));
  await takes(3 + KNOWN, admin.get('/work-orders?expand=customer,product'));
  await admin.get('/purchase-orders');
  await takes(2 + KNOWN, admin.get('/purchase-orders?expand=lines'));
  await takes(4 + KNOWN, admin.get('/purchase-orders?expand=lines.product,supplier'));
  await takes(2, admin.get('/work-orders?search=sheet')); // what a search finds is always counted
});

test('totals stay known while records change', async () => {
  await admin.get('/work-orders?status=draft');
  await admin.create('/work-orders', workOrder());
  await takes(1 + 2 * KNOWN, admin.get('/work-orders?status=draft')); // on PostgreSQL it is counted again
});

test('statistics take none once they are known', async () => {
  for (let i = 0; i < 3; i++) await admin.get('/work-orders/stats');
  await takes(KNOWN, admin.get('/work-orders/stats'));
  await admin.create('/work-orders', workOrder());
  await takes(4 * KNOWN, admin.get('/work-orders/stats')); // on PostgreSQL in all, by status and by priority are counted again
});

test('creating', async () => {
  const MADE = WORDS + TOLD;
  await takes(2 + MADE, admin.post('/customers', { name: 'B' })); // the record, the journal; words for search are the batch's
  await takes(4 + MADE, admin.post('/work-orders', workOrder())); // and the number, read and written
  await takes(2 + MADE, admin.post('/work-orders', workOrder({ wo_number: 'OWN-1' })));
  await takes(6 + MADE, admin.post('/work-orders', workOrder({ product_id: product.id, customer_id: customer.id }))); // a look-up per reference
  // Number twice, order, journal, the vendor, and per line its product and itself.
  await takes(5 + 3 * 2 + MADE, admin.post('/purchase-orders', purchaseOrder({ supplier_id: vendor.id })));
  await takes(5 + MADE, admin.post('/purchase-orders', purchaseOrder({ supplier_id: vendor.id, line_items: [] })));
  // The vendor made on the way: looked for, made, its journal row.
  await takes(7 + WORDS + MADE, admin.post('/purchase-orders', purchaseOrder({ supplier_name: 'New one', line_items: [] })));
  await takes(5 + MADE, admin.post('/purchase-orders', purchaseOrder({ supplier_name: 'New one', line_items: [] })));
});

test('a transition that moves no stock takes at most four, and one for each line it changes', async () => {
  const work = await admin.create('/work-orders', workOrder());
  await takes(3 + TOLD, admin.post(`/work-orders/${work.id}/start`)); // read, change, journal
  await takes(3 + TOLD, admin.post(`/work-orders/${work.id}/complete`));
  const order = await admin.create('/purchase-orders', purchaseOrder({ supplier_id: vendor.id }));
  await takes(4 + TOLD, admin.post(`/purchase-orders/${order.id}/approve`)); // and its lines, for the guard and the totals
  const empty = await admin.create('/sales-orders', salesOrder({ line_items: [{ product_code: 'FREE', product_name: 'x', quantity: 1, unit_price: 1 }] }));
  await takes(4 + TOLD, admin.post(`/sales-orders/${empty.id}/confirm`)); // nothing to reserve
  await takes(5 + TOLD, admin.post(`/sales-orders/${empty.id}/ship`)); // and how far the line is
});

test('moving stock', async () => {
  const goods = [];
  for (let i = 0; i < 3; i++) goods.push(await admin.create('/products', { sku: `GOODS-${i}`, name: 'Goods', cost: 6, price: 10, quantity: 100 }));
  const bought = (n) => admin.create('/purchase-orders', purchaseOrder({ supplier_id: vendor.id, status: 'approved', line_items: goods.slice(0, n).map((g) => line({ material_code: g.sku })) }));
  const ordered = (n) => admin.create('/sales-orders', salesOrder({ customer_id: customer.id, status: 'confirmed', line_items: goods.slice(0, n).map((g) => ({ product_code: g.sku, product_name: 'x', quantity: 1, unit_price: 1 })) }));
  const lines = goods.map((g) => ({ product_id: g.id, quantity: 1 }));
  const post = (path, body) => admin.post(path, body);
  await admin.create('/sales', { lines }); // the series are known and the levels there from here on
  await admin.ok(post(`/purchase-orders/${(await bought(3)).id}/receive`));

  // The order, its lines, the change, the journal; and per line the line and its product read and written (3), the
  // settings for the tolerance and for stock (2), two places, two levels read and written, the move, two postings (9).
  await takes(4 + 14 + TOLD, post(`/purchase-orders/${(await bought(1)).id}/receive`));
  await takes(4 + 14 * 3 + TOLD, post(`/purchase-orders/${(await bought(3)).id}/receive`));

  // Per line: its product twice, settings, what is reserved, what is available, a place, a level, the reservation,
  // its level and place again, level, product and line written.
  const draft = await admin.create('/sales-orders', salesOrder({ customer_id: customer.id, line_items: [{ product_code: goods[0].sku, product_name: 'x', quantity: 1, unit_price: 1 }] }));
  await takes(4 + 13 + TOLD, post(`/sales-orders/${draft.id}/confirm`));
  await takes(2, post(`/sales-orders/${draft.id}/reserve`)); // nothing is missing: the order and its lines
  await takes(4 + 12 + TOLD, post(`/sales-orders/${draft.id}/cancel`));
  // Per line as a receipt without the tolerance (13), and its reservation (7): found twice, read, thrown away, its level and place, the level.
  const one = await ordered(1);
  await takes(4 + 20 + TOLD, post(`/sales-orders/${one.id}/ship`));
  await takes(4 + 20 * 3 + TOLD, post(`/sales-orders/${(await ordered(3)).id}/ship`));
  // As a receipt without the tolerance (13), and the move that is taken back (3) and the product once more.
  await takes(4 + 17 + TOLD, post(`/sales-orders/${one.id}/return`));

  // Number twice, sale, journal, seller, settings for the sale and for stock, till, payment, its number twice, the two
  // places; per line the line, its product read and written (3), two levels read and written (4), the move, two
  // postings (3). A product that is named beside no lines is looked up once more.
  const [, sale] = [await takes(13 + 10 + 1 + 2 * WORDS + TOLD, post('/sales', { product_id: goods[0].id })), await takes(13 + 10 * 3 + 2 * WORDS + TOLD, post('/sales', { lines }))];
  // As taking back of an order; settings, till, payment, its number twice.
  await takes(4 + 5 + 17 + WORDS + TOLD, post(`/sales/${sale.id}/refund`, { lines: [{ line_id: sale.lines[0].id, quantity: 1 }] }));
  await takes(4 + 5 + 17 * 2 + WORDS + TOLD, post(`/sales/${sale.id}/refund`));
  await takes(5, admin.get(`/sales/${sale.id}/receipt`)); // may one see it; the sale, its lines, the organization, the settings
});

test('changing and deleting', async () => {
  const work = await admin.create('/work-orders', workOrder());
  await takes(3 + TOLD, admin.patch(`/work-orders/${work.id}`, { priority: 'high' })); // read, change, journal
  await takes(3 + WORDS + TOLD, admin.patch(`/work-orders/${work.id}`, { description: 'other words' })); // the words are the batch's
  await takes(1, admin.patch(`/work-orders/${work.id}`, { priority: 'high' })); // nothing to do
  await takes(4 + WORDS + TOLD, admin.patch(`/work-orders/${work.id}`, { status: 'completed', customer_id: customer.id })); // read, look-up, change, journal
  await takes(4 + WORDS + TOLD, admin.del(`/work-orders/${work.id}`)); // read, whether an activity is about it, delete, journal
  const order = await admin.create('/purchase-orders', purchaseOrder({ supplier_id: vendor.id }));
  // Read twice (order, lines), change, lines deleted, two times look-up and line, journal.
  await takes(5 + 2 * 2 + TOLD, admin.patch(`/purchase-orders/${order.id}`, { line_items: [line(), line()] }));
});

test('a bulk call takes what its items take', async () => {
  await takes(40 + 10 * WORDS + TOLD, admin.post('/work-orders/bulk', { items: Array.from({ length: 10 }, () => workOrder()) }));
});

test('an idempotency key costs three: looked for, kept, two old ones thrown away', async () => {
  await takes(7 + WORDS + TOLD, admin.post('/work-orders', workOrder(), { 'Idempotency-Key': 'budget-1' }));
  await takes(1, admin.post('/work-orders', workOrder(), { 'Idempotency-Key': 'budget-1' }));
});
