// The figures that a home page begins with, month by month.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Shop } from '../lib/shop.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const monthsAgo = (n) => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - n, 1)).toISOString().slice(0, 7);
};
const figures = async (client) => (await client.ok(client.get('/dashboard-stats'))).revenueByMonth;

test('revenue is told for twelve months: confirmed orders, and counter sales less what came back', async () => {
  const organization = await newOrganization(server);
  const { admin } = organization;
  const shop = new Shop(admin);
  const thing = await shop.goods(100, { price: 10 });
  const of = (month) => ({ order_date: `${month}-01` });
  await shop.salesOrder([[thing, 2, 10]], of(monthsAgo(0)));
  await shop.salesOrder([[thing, 3, 10]], of(monthsAgo(11)));
  await shop.salesOrder([[thing, 4, 10]], of(monthsAgo(12)));
  await shop.salesOrder([[thing, 5, 10]], { ...of(monthsAgo(0)), status: 'draft' });
  const cancelled = await shop.salesOrder([[thing, 6, 10]], of(monthsAgo(0)));
  await admin.ok(admin.post(`/sales-orders/${cancelled.id}/cancel`));
  const sale = await admin.create('/sales', { product_id: thing.id, quantity: 7 });
  await admin.ok(admin.post(`/sales/${sale.id}/refund`, { lines: [{ line_id: sale.lines[0].id, quantity: 3 }] }));
  const months = await figures(admin);
  assert.deepEqual(months.map((m) => m.month), Array.from({ length: 12 }, (_, i) => monthsAgo(11 - i)));
  assert.deepEqual(months[0], { month: monthsAgo(11), sales: 0, orders: 30 });
  assert.deepEqual(months.at(-1), { month: monthsAgo(0), sales: 40, orders: 20 });
  assert.ok(months.slice(1, -1).every((m) => m.sales === 0 && m.orders === 0));
  await shop.salesOrder([[thing, 1, 10]], of(monthsAgo(0)));
  assert.equal((await figures(admin)).at(-1).orders, 30);
});

test('revenue is null to those who may not see what it is made of', async () => {
  const { admin, addUser } = await newOrganization(server);
  const role = await admin.create('/roles', { name: 'buyer', permissions: [{ resource: 'products', action: 'read' }] });
  const months = await figures(await addUser(role.id, 'buyer.one'));
  assert.deepEqual([...new Set(months.map((m) => `${m.sales} ${m.orders}`))], ['null null']);
});
