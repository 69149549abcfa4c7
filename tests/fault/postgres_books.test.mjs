// Books on a real PostgreSQL: sums, counts and what is taken back in part are as in
// SQLite, and `verify` names what is changed behind the program's back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verifies } from '../lib/books.mjs';
import { newOrganization } from '../lib/client.mjs';
import { makeDatabase, startNode } from '../lib/nodes.mjs';
import { startCluster } from '../lib/postgres.mjs';
import { Shop } from '../lib/shop.mjs';

const DATABASE = 'books';
let cluster;
let server;
let admin;
let shop;
let order;
before(async () => {
  cluster = await startCluster();
  server = await startNode(makeDatabase(cluster, DATABASE));
  ({ admin } = await newOrganization(server));
  shop = new Shop(admin);
});
after(async () => {
  await server?.stop();
  await cluster?.remove();
});

const tea = { name: 'Tea', cost: 6 };

test('goods are received and sold; statistics and the stock’s value add up to the last digit', async () => {
  const goods = await shop.goods(10, tea);
  order = await shop.purchaseOrder([[goods, 5, 4.25]]);
  await admin.ok(admin.post(`/purchase-orders/${order.id}/receive`, {}));
  await admin.create('/sales', { product_id: goods.id, quantity: 2, payment_method: 'cash' });
  const [quantity, , , value] = await shop.stock(goods);
  assert.equal(quantity, 13);
  const report = await admin.ok(admin.get('/reports/stock-valuation'));
  assert.deepEqual([report.total, report.total_value, report.items[0].quantity], [1, value, 13]);
  const { total_amount_by_status: sums } = await admin.ok(admin.get('/purchase-orders/stats'));
  assert.equal(sums.received, 21.25);
  await verifies(server);
});

test('of a bulk call the good ones stay, and counts that were asked for before follow', async () => {
  const was = await admin.total('/customers');
  const answer = await admin.ok(admin.post('/customers/bulk', { atomic: false, items: [{ name: 'Kept' }, { name: '' }, { name: 'Kept, too' }] }));
  assert.deepEqual([answer.created, answer.failed], [2, 1]);
  assert.equal(await admin.total('/customers'), was + 2);
  await verifies(server);
});

const tampered = [
  ['an order’s total', () => `UPDATE orders SET total_amount = total_amount + 1, subtotal = subtotal + 1 WHERE id = ${order.id}`,
    () => `UPDATE orders SET total_amount = total_amount - 1, subtotal = subtotal - 1 WHERE id = ${order.id}`, /purchase-orders \d+ of organization 1: subtotal/],
  ['stock', () => 'UPDATE stock_levels SET on_hand = on_hand + 1 WHERE on_hand > 0', () => 'UPDATE stock_levels SET on_hand = on_hand - 1 WHERE on_hand > 1', /stock level \d+ is not the sum/],
  ['a reference', () => 'SET session_replication_role = replica; UPDATE orders SET vendor_id = 99 WHERE vendor_id = 1', () => 'UPDATE orders SET vendor_id = 1 WHERE vendor_id = 99', /orders \d+: vendor_id refers to no row of vendors/],
  ['a trigger that is off', () => 'ALTER TABLE journal DISABLE TRIGGER journal_no_delete', () => 'ALTER TABLE journal ENABLE TRIGGER journal_no_delete', /journal_no_delete is missing or not in force/],
  ['row-level security that is off', () => 'ALTER TABLE customers NO FORCE ROW LEVEL SECURITY', () => 'ALTER TABLE customers FORCE ROW LEVEL SECURITY', /customers_organization is missing or not in force/],
  ['a journal row', () => "SET session_replication_role = replica; UPDATE journal SET username = 'x' || username WHERE sequence = 2",
    () => "SET session_replication_role = replica; UPDATE journal SET username = substr(username, 2) WHERE sequence = 2", /sequence 2 .* was changed/],
];
for (const [what, change, back, named] of tampered)
  test(`verify names ${what}`, async () => {
    cluster.sql(change(), DATABASE);
    const { code, stdout } = await server.run('verify', ['--quiet']);
    cluster.sql(back(), DATABASE);
    assert.equal(code, 1, what);
    assert.match(stdout, named);
    await verifies(server);
  });
