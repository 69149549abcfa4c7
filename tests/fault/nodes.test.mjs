// Two servers on one PostgreSQL: what is changed at one holds at the other, and
// what runs by itself runs once, also when the one that ran it is killed.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Client, login, newOrganization, PASSWORD, unique } from '../lib/client.mjs';
import { at, makeDatabase, startNode } from '../lib/nodes.mjs';
import { startCluster } from '../lib/postgres.mjs';
import { until } from '../lib/until.mjs';

/** Who asks is looked up again after an hour, or each second, unless it is heard that something changed. */
const TRUSTING = { env: { MILLWRIGHT_IDENTITY_AGE: '3600' } };
const FORGETFUL = { env: { MILLWRIGHT_IDENTITY_AGE: '1' } };

let cluster;
before(async () => { cluster = await startCluster(); });
after(() => cluster?.remove());

describe('what is changed at one node', () => {
  let a;
  let b;
  let admin;
  let database;
  before(async () => {
    database = makeDatabase(cluster, 'changes');
    a = await startNode(database, FORGETFUL);
    b = await startNode(database, TRUSTING);
    ({ admin } = await newOrganization(a));
  });
  after(async () => {
    await a?.stop();
    await b?.stop();
  });

  async function member(role_id, node = b) {
    const username = unique('user');
    const user = await admin.create('/users', { username, email: `${username}@example.com`, password: PASSWORD, role_id });
    return { user, client: await login(node, username) };
  }
  /** B remembers them: it answers without asking the database who they are. */
  async function remembered(client, path = '/customers') {
    assert.equal((await client.get(path)).status, 200);
    const answer = await client.get(path);
    assert.equal(answer.status, 200);
  }
  const becomes = (status, ask) => until(`it is ${status}`, async () => (await ask()).status === status);

  test('that a user may not sign in any more, refuses them at the other', async () => {
    const { user, client } = await member('viewer');
    await remembered(client);
    await admin.ok(admin.patch(`/users/${user.id}`, { is_active: false }));
    await becomes(401, () => client.get('/customers'));
  });

  test('of a role, narrows it at the other', async () => {
    const role = await admin.create('/roles', { name: unique('role'), permissions: [{ resource: 'customers', action: 'read' }, { resource: 'vendors', action: 'read' }] });
    const { client } = await member(role.id);
    await remembered(client, '/vendors');
    await admin.ok(admin.put(`/roles/${role.id}`, { name: role.name, permissions: [{ resource: 'customers', action: 'read' }] }));
    await becomes(403, () => client.get('/vendors'));
    assert.equal((await client.get('/customers')).status, 200);
  });

  test('of an API key, that it is revoked, refuses it at the other', async () => {
    const key = await admin.create('/api-keys', { name: unique('key') });
    const client = new Client(b, { Authorization: `Bearer ${key.key}` });
    await remembered(client);
    await admin.ok(admin.del(`/api-keys/${key.id}`));
    await becomes(401, () => client.get('/customers'));
  });

  test('by signing out, ends the session at the other', async () => {
    const { client } = await member('viewer');
    await remembered(client);
    assert.ok((await at(a, client).post('/api/v1/auth/logout', {})).status < 300);
    await becomes(401, () => client.get('/customers'));
  });

  test('of the settings, is read at the other', async () => {
    const other = at(b, admin);
    await other.ok(other.get('/system-settings'));
    await admin.ok(admin.patch('/system-settings', { tax_rate: 7 }));
    assert.equal((await other.ok(other.get('/system-settings'))).tax_rate, 7);
  });

  test('counts at the other, whoever asked before', async () => {
    const other = at(b, admin);
    for (let n = await other.total('/customers'), end = n + 5; n < end;) {
      await (n % 2 ? admin : other).create('/customers', { name: unique('Customer ') });
      n++;
      assert.equal(await other.total('/customers'), n);
      assert.equal(await admin.total('/customers'), n);
    }
    const stats = (client) => client.ok(client.get('/customers/stats'));
    assert.deepEqual(await stats(other), await stats(admin));
  });

  test('gives numbers that the other goes on from', async () => {
    const numbers = [];
    for (let i = 0; i < 6; i++) {
      const order = await at(i % 2 ? a : b, admin).create('/work-orders', { product_name: 'Bracket', quantity: 1, priority: 'low' });
      numbers.push(Number(order.wo_number.match(/\d+$/)[0]));
    }
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
  });

  test('counts also if nothing said so, where totals are counted each time', async () => {
    const c = await startNode(database, { env: { MILLWRIGHT_LIVE_COUNTS: 'off' } });
    const client = at(c, admin);
    const total = await client.total('/vendors');
    await admin.create('/vendors', { name: unique('Vendor ') });
    assert.equal(await client.total('/vendors'), total + 1);
    cluster.sql("INSERT INTO vendors SELECT (json_populate_record(v, json_build_object('id', 1000000))).* FROM vendors v LIMIT 1", 'changes');
    assert.equal(await client.total('/vendors'), total + 2);
    assert.equal((await client.ok(client.get('/vendors/stats'))).total, total + 2);
    cluster.sql('DELETE FROM vendors WHERE id = 1000000', 'changes');
    assert.equal(await client.total('/vendors'), total + 1);
    await c.stop();
  });

  /** The servers' connections that hear: pids of PostgreSQL. */
  const ears = () => cluster.sql("SELECT pid FROM pg_stat_activity WHERE datname = 'changes' AND query LIKE 'LISTEN%'").split('\n').filter(Boolean).map(Number);
  const deactivate = (user) => admin.ok(admin.patch(`/users/${user.id}`, { is_active: false }));

  /** Until `work` is done the servers hear nothing, and do not know that. */
  async function deaf(work) {
    const pids = ears();
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await work();
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
  }

  test('is heard, and not only found when it is looked for', async () => {
    const { user, client } = await member('viewer');
    await remembered(client);
    await deaf(async () => {
      await deactivate(user);
      assert.equal((await client.get('/customers')).status, 200, 'nothing said so yet');
    });
    await becomes(401, () => client.get('/customers'));
  });

  test('is found by looking where it is not heard', async () => {
    const { user, client } = await member('viewer', a);
    await remembered(client);
    await deaf(async () => {
      await at(b, admin).ok(at(b, admin).patch(`/users/${user.id}`, { is_active: false }));
      await becomes(401, () => client.get('/customers'));
    });
  });

  test('holds also when the connection is lost that it would have been heard by', async () => {
    const { user, client } = await member('viewer');
    await remembered(client);
    const lost = ears();
    assert.equal(lost.length, 2);
    await deaf(async () => {
      cluster.sql(`SELECT ${lost.map((pid) => `pg_terminate_backend(${pid})`).join()}`);
      await deactivate(user);
      assert.equal((await client.get('/customers')).status, 200, 'nothing said so yet');
    });
    await becomes(401, () => client.get('/customers'));
    await until('both listen again', () => ears().length === 2 && !ears().some((pid) => lost.includes(pid)));
    const second = await member('viewer');
    await remembered(second.client);
    await deactivate(second.user);
    await becomes(401, () => second.client.get('/customers'));
  });
});

describe('what nodes do by themselves', () => {
  let database;
  let nodes = [];
  const shared = mkdtempSync(path.join(os.tmpdir(), 'millwright-nodes-'));
  const start = async (env = {}) => {
    const node = await startNode(database, { data: shared, env: { MILLWRIGHT_JOBS_EVERY: '1', ...env } });
    nodes.push(node);
    return node;
  };
  before(() => { database = makeDatabase(cluster, 'alone'); });
  after(async () => {
    for (const node of nodes) await node.kill();
    rmSync(shared, { recursive: true, force: true });
  });
  /** Who runs the jobs: the connection that holds the claim. */
  const claims = () => cluster.sql("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1 << 24 AND granted AND mode = 'ExclusiveLock'");
  const overdue = async (client) => (await client.ok(client.get('/notifications?kind=overdue&page_size=200'))).items;
  const late = (client, n) => Promise.all(Array.from({ length: n }, () => client.create('/work-orders', {
    product_name: 'Bracket', quantity: 1, priority: 'low', due_date: new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10),
  })));

  test('jobs run at one of them, and at the other once that one is killed', async () => {
    const first = await start();
    const { admin } = await newOrganization(first);
    await until('the first runs them', () => claims() === '1');
    const second = await start();
    await late(admin, 8);
    await until('all are told of', async () => (await overdue(at(second, admin))).length >= 8);
    assert.equal(claims(), '1');
    await first.kill();
    const other = at(second, admin);
    await late(other, 8);
    await until('the second tells of the rest', async () => (await overdue(other)).length >= 16);
    const told = await overdue(other);
    assert.equal(new Set(told.map((n) => n.record_id ?? n.resource_id ?? n.id)).size, 16);
    assert.equal(told.length, 16);
    assert.equal(claims(), '1');
    await second.kill();
    nodes = [];
  });

  test('an import goes on at another node when the one that ran it is killed, each row once', async () => {
    const first = await start();
    const { admin } = await newOrganization(first);
    const n = 5_000;
    const file = `name\r\n${Array.from({ length: n }, (_, i) => `Imported ${i}`).join('\r\n')}\r\n`;
    const job = await admin.create('/customers/import-jobs', file, { 'Content-Type': 'text/csv' });
    const second = await start();
    const other = at(second, admin);
    const state = () => other.ok(other.get(`/jobs/${job.id}`));
    await until('it is on its way', async () => (await state()).done > 200);
    assert.notEqual((await state()).status, 'done');
    await first.kill();
    await until('it is done', async () => (await state()).status === 'done');
    const { created, failed } = await state();
    assert.deepEqual([created, failed], [n, 0]);
    assert.equal(await other.total('/customers'), n);
    await second.kill();
    nodes = [];
  });
});
