// The demo company: a year that could have been, made through the real actions,
// so that its books are right and its lists and charts show something.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { login } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const PASSWORD = 'millwright';
let server;
let admin;
let ready;

before(async () => {
  const from = performance.now();
  server = await startServer({ flags: ['--demo'] });
  ready = performance.now() - from;
  admin = await login(server, 'admin', PASSWORD);
});
after(() => server.proveAndStop());

const stats = (resource, filter = '') => admin.ok(admin.get(`/${resource}/stats${filter}`));
const day = (text) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86_400_000;

test('is there', (t) => {
  t.diagnostic(`ready in ${Math.round(ready)} ms`);
  assert.match(server.stdout, /log in as admin, /);
});

test('no list of the business is empty', async () => {
  const least = { customers: 20, vendors: 10, contacts: 10, employees: 10, products: 30, lots: 10, locations: 5, 'units-of-measure': 5, 'stock-moves': 1000,
    'stock-levels': 40, 'stock-ledger': 2000, 'stock-reservations': 1, 'purchase-orders': 50, 'sales-orders': 100, sales: 500, 'till-sessions': 250,
    payments: 500, leads: 40, deals: 20, 'deal-stage-entries': 40, activities: 100, issues: 30, 'issue-comments': 20, 'work-orders': 60, orders: 700,
    warehouses: 1, pipelines: 1, 'pipeline-stages': 5, users: 7, roles: 7, 'audit-logs': 3000 };
  for (const [resource, n] of Object.entries(least)) {
    const total = await admin.total(`/${resource}`);
    assert.ok(total >= n, `${total} ${resource}`);
  }
});

test('open deals are expected to close on days that the calendar has', async () => {
  const { items } = await admin.ok(admin.get('/deals?status=open'));
  assert.ok(items.length > 3);
  assert.deepEqual(items.filter((d) => !d.expected_close_date).map((d) => d.title), []);
  const today = day(new Date().toISOString());
  assert.ok(items.some((d) => day(d.expected_close_date) >= today), 'some are still to come');
});

test('every state has somebody in it who looks for it', async () => {
  const open = { 'purchase-orders': ['approved', 'received', 'cancelled'], 'sales-orders': ['pending', 'confirmed', 'delivered', 'cancelled'],
    deals: ['open', 'won', 'lost'], leads: ['qualified', 'converted', 'unqualified', 'lost'], activities: ['scheduled', 'completed', 'cancelled'],
    issues: ['in_progress', 'closed'], 'work-orders': ['in_progress', 'paused', 'completed', 'cancelled'] };
  for (const [resource, states] of Object.entries(open)) {
    const { by_status: counts } = await stats(resource);
    for (const state of states) assert.ok(counts[state] > 0, `${resource}: none is ${state} in ${JSON.stringify(counts)}`);
  }
  assert.ok((await stats('sales-orders')).overdue > 0, 'something is overdue');
  assert.ok(await admin.total('/activities/overdue') > 0 && await admin.total('/activities/upcoming') > 0);
  assert.ok(await admin.total('/products?low_stock=true') > 0);
  assert.ok(await admin.total('/sales?status=refunded') > 0);
  assert.equal(await admin.total('/till-sessions?status=open'), 1, 'the counter is open today');
});

test('it is a year that ends today, in the order in which it happened', async () => {
  const { items: entries } = await admin.ok(admin.get('/audit-logs?page_size=1000&ordering=sequence&count=none'));
  const times = entries.map(({ timestamp, created_at }) => timestamp ?? created_at);
  assert.deepEqual(times, [...times].sort());
  const { items: [first] } = await admin.ok(admin.get('/sales?page_size=1&ordering=id'));
  const { items: [last] } = await admin.ok(admin.get('/sales?page_size=1&ordering=-id'));
  assert.ok(day(last.sale_date) - day(first.sale_date) > 350);
  const now = Date.now() / 86_400_000;
  assert.ok(now - day(last.sale_date) < 3 && Date.parse(last.created_at) <= Date.now());
  assert.equal(first.sale_date.slice(0, 4), /\d{4}/.exec(first.sale_number)?.[0] ?? first.sale_date.slice(0, 4), 'numbers are of their year');
  const months = (await stats('payments')).by_month;
  assert.ok(months.length >= 12 && months.every(({ incoming }) => incoming > 0), JSON.stringify(months));
});

test('it is not made a second time', async () => {
  const before = await admin.total('/orders');
  await server.kill();
  await server.start();
  admin = await login(server, 'admin', PASSWORD);
  assert.equal(await admin.total('/orders'), before);
});
