// Jobs that the server runs by itself: telling what is overdue.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, journalIsWhole } from '../lib/books.mjs';
import { login, newOrganization } from '../lib/client.mjs';
import { purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const EVERY_SECOND = ['--jobs-every', '1'];

let server;

before(async () => { server = await startServer({ flags: EVERY_SECOND }); });
after(() => server.proveAndStop());

const DAY = 86_400_000;
/** The date so many days from now, in UTC. */
const day = (n, now = Date.now()) => new Date(now + n * DAY).toISOString().slice(0, 10);
const overdue = (client, query = '') => all(client, `/notifications?kind=overdue${query}`);
const about = (n) => `${n.resource} ${n.record_id} ${n.about_date}`;

/** Two more rounds are over when something that became overdue in between was told. */
async function roundsPass(client) {
  for (let i = 0; i < 2; i++) {
    const { id } = await client.create('/work-orders', workOrder({ due_date: day(-3), description: 'a mark' }));
    await until('the mark is told', async () => (await overdue(client, `&resource=work-orders&record_id=${id}`)).length);
  }
}

describe('what is overdue', () => {
  test('is told once: to its owner, or to everybody', async () => {
    const { admin, addUser } = await newOrganization(server);
    const bob = await addUser('operator');
    const work = await admin.create('/work-orders', workOrder({ due_date: day(-1), assigned_to: bob.login.user.id }));
    const sale = await admin.create('/sales-orders', salesOrder({ order_date: day(-20), due_date: day(-5) }));
    const buy = await admin.create('/purchase-orders', purchaseOrder({ po_date: day(-29), due_date: day(-29) }));
    for (const quiet of [{ due_date: day(1) }, { due_date: day(0) }, { due_date: day(-40) }, {}, { due_date: day(-2), status: 'completed' }, { due_date: day(-2), status: 'cancelled' }])
      await admin.create('/work-orders', workOrder(quiet));
    const shared = await until('two are told', async () => { const n = await overdue(admin); return n.length >= 2 && n; });
    assert.deepEqual(shared.map(about).sort(), [`purchase-orders ${buy.id} ${day(-29)}`, `sales-orders ${sale.id} ${day(-5)}`]);
    const [own] = await until('Bob is told', async () => { const n = await overdue(bob, `&user_id=${bob.login.user.id}`); return n.length && n; });
    assert.deepEqual([own.message, own.type, own.user_id, own.read, own.created_by, own.resource, own.record_id], [`Work order ${work.wo_number} was due on ${day(-1)}`, 'warning', bob.login.user.id, false, null, 'work-orders', work.id]);
    await roundsPass(admin);
    assert.equal((await overdue(admin, '&resource__ne=work-orders')).length, 2);
    assert.equal((await overdue(bob, `&user_id=${bob.login.user.id}`)).length, 1);
    assert.equal((await overdue(admin, '&resource=work-orders')).length, 2, 'the two marks, and none of the quiet ones');
  });

  test('is told again when it gets another due date and misses that too, and not because it was read or changed', async () => {
    const { admin } = await newOrganization(server);
    const { id } = await admin.create('/work-orders', workOrder({ due_date: day(-6) }));
    const of = () => overdue(admin, `&resource=work-orders&record_id=${id}`);
    const [first] = await until('it is told', async () => { const n = await of(); return n.length && n; });
    await admin.ok(admin.post(`/notifications/${first.id}/read`));
    await admin.ok(admin.patch(`/work-orders/${id}`, { priority: 'high' }));
    await roundsPass(admin);
    assert.equal((await of()).length, 1);
    await admin.ok(admin.patch(`/work-orders/${id}`, { due_date: day(-2) }));
    const both = await until('it is told again', async () => { const n = await of(); return n.length > 1 && n; });
    assert.deepEqual(both.map((n) => n.about_date), [day(-6), day(-2)]);
    await admin.ok(admin.patch(`/work-orders/${id}`, { due_date: day(-6) }));
    await roundsPass(admin);
    assert.equal((await of()).length, 2);
  });

  test('of one who has left is everybody’s', async () => {
    const { admin, addUser } = await newOrganization(server);
    const gone = await addUser('operator');
    await admin.ok(admin.patch(`/users/${gone.login.user.id}`, { is_active: false }));
    const { id } = await admin.create('/work-orders', workOrder({ due_date: day(-1), assigned_to: gone.login.user.id }));
    const [n] = await until('it is told', async () => { const list = await overdue(admin); return list.length && list; });
    assert.deepEqual([n.record_id, n.user_id], [id, null]);
  });

  test('is counted by the organization’s own day', async () => {
    const [east, west] = [await newOrganization(server), await newOrganization(server)];
    await east.admin.ok(east.admin.patch('/system-settings', { time_zone: 'Pacific/Kiritimati' }));
    await west.admin.ok(west.admin.patch('/system-settings', { time_zone: 'Pacific/Pago_Pago' }));
    // It is tomorrow in the east, always: what is due today in the west is late there.
    const due_date = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Pago_Pago' }).format(new Date(Date.now() + 60_000));
    for (const { admin } of [west, east]) await admin.create('/work-orders', workOrder({ due_date, description: 'here' }));
    const [n] = await until('the east is told', async () => { const list = await overdue(east.admin); return list.length && list; });
    assert.equal(n.about_date, due_date);
    await roundsPass(west.admin);
    assert.equal((await overdue(west.admin, `&about_date=${due_date}`)).length, 0);
  });

  test('stays in its organization, is journaled as the job’s work, and reaches the counts', async () => {
    const [a, b] = [await newOrganization(server), await newOrganization(server)];
    assert.equal(await a.admin.total('/notifications'), 0); // from here on a live count
    const { id } = await a.admin.create('/work-orders', workOrder({ due_date: day(-1) }));
    await until('it is counted', async () => (await a.admin.total('/notifications')) === 1);
    await roundsPass(b.admin);
    assert.ok((await overdue(b.admin)).every((n) => n.record_id !== id));
    const { items: [entry] } = await a.admin.ok(a.admin.get('/audit-logs?resource=notifications'));
    assert.deepEqual([entry.origin, entry.username, entry.user_id, entry.request_id, entry.action], ['job', 'system', null, 'overdue', 'create']);
    await journalIsWhole(a.admin);
  });

  test('in great number is all told, while others write', async () => {
    const { admin } = await newOrganization(server);
    const n = scaled(1500);
    for (let i = 0; i < n; i += 500)
      await admin.ok(admin.post('/work-orders/bulk', { items: Array.from({ length: Math.min(500, n - i) }, () => workOrder({ due_date: day(-1 - (i % 7)) })) }));
    let writing = true;
    const writer = (async () => { while (writing) await admin.create('/customers', { name: 'In between' }); })();
    await until('all are told', async () => (await admin.total('/notifications?kind=overdue')) >= n);
    writing = false;
    await writer;
    await roundsPass(admin);
    const told = await overdue(admin);
    assert.equal(new Set(told.map(about)).size, told.length);
    assert.equal(told.length, n + 2);
  });
});

describe('the server', () => {
  test('runs no jobs when told so', async () => {
    const quiet = await startServer({ flags: ['--jobs-every', '0'] });
    const { admin } = await newOrganization(quiet);
    await admin.create('/work-orders', workOrder({ due_date: day(-1) }));
    await sleep(2500);
    assert.equal(await admin.total('/notifications'), 0);
    await quiet.proveAndStop();
  });

  test('goes by its own clock', async () => {
    const later = await startServer({ flags: [...EVERY_SECOND, '--clock-offset', String(10 * 86_400)] });
    const { admin } = await newOrganization(later);
    await admin.create('/work-orders', workOrder({ due_date: day(5) }));
    await until('it is told', async () => (await overdue(admin)).length === 1);
    await later.proveAndStop();
  });

  test('stops cleanly in the middle of a job, and goes on where it was', async () => {
    const busy = await startServer({ flags: ['--jobs-every', '0'] });
    const { admin } = await newOrganization(busy);
    const n = scaled(3000);
    for (let i = 0; i < n; i += 500)
      await admin.ok(admin.post('/work-orders/bulk', { items: Array.from({ length: Math.min(500, n - i) }, () => workOrder({ due_date: day(-1) })) }));
    await busy.kill();
    busy.flags = EVERY_SECOND;
    await busy.start();
    const again = await login(busy, admin.login.user.username);
    await until('it has begun', async () => (await again.total('/notifications')) > 0);
    busy.ownsData = false; // stop() keeps it for the second start
    await busy.stop();
    await busy.start();
    busy.ownsData = true;
    const last = await login(busy, admin.login.user.username);
    await until('all are told', async () => (await last.total('/notifications')) >= n);
    assert.equal(await last.total('/notifications'), n);
    await busy.proveAndStop();
  });

  test('refuses a pace that is none', async () => {
    const { code, stderr } = await server.run('serve', ['--jobs-every', 'often']);
    assert.equal(code, 2);
    assert.match(stderr, /jobs-every/);
  });
});
