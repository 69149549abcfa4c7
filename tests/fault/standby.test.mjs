// Reads that a hot standby answers (MILLWRIGHT_DATABASE_READ): what was written is
// read, whoever wrote it and at whichever server, also while the standby is behind,
// away, or follows a history that is no more.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { verifies } from '../lib/books.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { at, makeDatabase, startNode } from '../lib/nodes.mjs';
import { Cluster, startCluster } from '../lib/postgres.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const urlOf = (cluster, database) => `postgres://millwright@127.0.0.1:${cluster.port}/${database}`;
const readingFrom = (url) => ({ env: { MILLWRIGHT_DATABASE_READ: url } });

/** How many reads a server has sent to its standby. */
async function sent(client) {
  const { text } = await client.get('/metrics');
  return Number(/^millwright_standby_reads_total (\d+)$/m.exec(text)[1]);
}

/** Whether the standby was asked for it. */
async function atStandby(client, read) {
  const was = await sent(client);
  await read();
  return await sent(client) > was;
}

/** Somebody else's, at the database: psql that stays. */
function session(cluster) {
  const child = spawn('psql', ['-h', cluster.folder, '-p', `${cluster.port}`, '-U', 'postgres', '-d', 'reads', '-qXAt'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  return {
    say(sql) {
      const done = new Promise((resolve) => child.stdout.once('data', resolve));
      child.stdin.write(`${sql}; SELECT 'done';\n`);
      return done;
    },
    end(sql) {
      child.stdin.end(`${sql};\n`);
      return closed;
    },
  };
}

const names = async (client, query = '') => (await client.ok(client.get(`/customers?page_size=1000&ordering=id${query}`))).items.map((c) => c.name);

describe('two servers with a standby', () => {
  let primary;
  let standby;
  let database;
  let nodes = [];
  let a;
  let b;
  before(async () => {
    primary = await startCluster();
    standby = await primary.synchronous();
    database = makeDatabase(primary, 'reads');
    nodes = [await startNode(database, readingFrom(urlOf(standby, 'reads'))), await startNode(database, readingFrom(urlOf(standby, 'reads')))];
    const { admin } = await newOrganization(nodes[0]);
    a = at(nodes[0], admin);
    b = at(nodes[1], admin);
    await a.create('/customers', { name: 'First' });
  });
  after(async () => {
    for (const node of nodes) await node.stop();
    await standby?.remove();
    await primary?.remove();
  });

  const list = () => names(b);

  test('ask it for lists, statistics, exports and reports, and the primary for one record', async () => {
    const { id } = (await a.ok(a.get('/customers?page_size=1'))).items[0];
    for (const path of ['/customers', '/customers/stats', '/customers/export', '/customers/duplicates', '/reports/stock-valuation'])
      await until(`${path} is read there`, () => atStandby(b, () => b.ok(b.get(path))));
    for (const path of [`/customers/${id}`, '/audit-logs', '/auth/me'])
      assert.equal(await atStandby(b, () => b.ok(b.get(path))), false, path);
  });

  test('read what was written at the other one before, or at the same', async () => {
    const was = await sent(a) + await sent(b);
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = 0; i < scaled(25); i++) {
        const [writer, reader] = i % 2 ? [a, b] : [b, i % 4 ? b : a];
        const name = unique('Written ');
        const { id } = await writer.create('/customers', { name });
        assert.deepEqual(await names(reader, `&id=${id}`), [name]);
        assert.equal(await reader.total(`/customers?id=${id}`), 1);
        await writer.ok(writer.patch(`/customers/${id}`, { name: `${name}!` }));
        assert.deepEqual(await names(reader, `&id=${id}`), [`${name}!`]);
        await writer.ok(writer.del(`/customers/${id}`));
        assert.deepEqual(await names(reader, `&id=${id}`), []);
      }
    }));
    assert.ok(await sent(a) + await sent(b) > was, 'the standby was asked');
    assert.deepEqual(await list(), ['First']);
  });

  test('do not wait for it while it is behind', async () => {
    standby.sql('SELECT pg_wal_replay_pause()');
    try {
      for (let i = 0; i < 10; i++) {
        const [writer, reader] = i % 2 ? [a, b] : [b, a];
        const total = await reader.total('/customers');
        const { id } = await writer.create('/customers', { name: 'Behind' });
        assert.equal((await names(reader, '&name=Behind')).length, i + 1);
        assert.equal(await reader.total('/customers'), total + 1);
        assert.equal((await reader.ok(reader.get('/customers/stats'))).total, total + 1);
        assert.equal(standby.sql(`SELECT count(*) FROM customers WHERE id = ${id}`, 'reads'), '0', 'the standby does not have it');
      }
    } finally {
      standby.sql('SELECT pg_wal_replay_resume()');
    }
    await until('it is asked again', () => atStandby(b, list));
    assert.equal((await list()).length, 11);
  });

  test('count again what a transaction adds that was open when it was counted', async () => {
    const total = await b.total('/customers');
    const open = session(primary);
    await open.say(`BEGIN; INSERT INTO customers SELECT (json_populate_record(c, json_build_object('id', 1000000))).* FROM customers c LIMIT 1;
      INSERT INTO touched (organization_id, resource) SELECT organization_id, 'customers' FROM customers LIMIT 1`);
    await a.create('/vendors', { name: 'A later transaction' });
    await until('it is counted at the standby', () => atStandby(b, async () => assert.equal(await b.total('/customers'), total)));
    await open.end('COMMIT');
    await until('it is counted at the standby', () => atStandby(b, async () => assert.equal(await b.total('/customers'), total + 1)));
    primary.sql('DELETE FROM customers WHERE id = 1000000; INSERT INTO touched (organization_id, resource) SELECT organization_id, \'customers\' FROM customers LIMIT 1', 'reads');
    assert.equal(await a.total('/customers'), total);
  });

  test('ask the primary when it hangs up in the middle of a read', async () => {
    await until('it is asked', () => atStandby(b, list));
    const lock = session(primary);
    const waiting = "FROM pg_stat_activity WHERE usename = 'millwright' AND wait_event_type = 'Lock'";
    let reads;
    try {
      await lock.say('BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE');
      await until('it is locked there', () => standby.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL") === '1');
      reads = [list(), b.ok(b.get('/customers/export?fields=name'))];
      await until('they are being read there', () => standby.sql(`SELECT count(*) ${waiting}`) === '2');
      standby.sql(`SELECT count(pg_terminate_backend(pid)) ${waiting}`);
    } finally {
      await lock.end('ROLLBACK');
    }
    const [found, exported] = await Promise.all(reads);
    assert.equal(found.length, 11);
    assert.equal(exported.trim().split('\n').length, 12);
  });

  test('go on while it is stopped, and ask it again when it is back', async () => {
    let over = false;
    const readers = Promise.all(Array.from({ length: 8 }, async (_, i) => {
      for (const client = i % 2 ? a : b; !over;) assert.equal((await names(client)).length, 11);
    }));
    try {
      await until('it is asked', () => atStandby(b, list));
      await standby.stop('QUIT');
      for (let i = 0; i < 10; i++) await list();
    } finally {
      over = true;
      await readers;
    }
    await standby.start();
    await until('it is asked again', () => atStandby(b, list));
  });

  test('keep books that are right', () => verifies(nodes[1]));

  test('leave alone what is no standby of their database', async () => {
    makeDatabase(primary, 'other', 'none');
    await until('the standby has it', () => standby.sql("SELECT count(*) FROM pg_database WHERE datname = 'other'") === '1');
    for (const url of [urlOf(standby, 'other'), urlOf(primary, 'reads')]) {
      const node = await startNode(database, readingFrom(url));
      assert.equal((await names(at(node, a))).length, 11);
      assert.equal(await sent(at(node, a)), 0, url);
      await node.stop();
    }
  });

  test('do not start with what cannot be one', async () => {
    await assert.rejects(startNode(database, readingFrom('postgres://[')), /cannot read from the standby: .*cannot be read/);
    await assert.rejects(startServer({ database: null, ...readingFrom(urlOf(standby, 'reads')) }), /reads go to a standby of PostgreSQL only/);
  });
});

test('a standby that has what its new primary never had is not believed', async () => {
  const lost = await startCluster();
  const heir = await new Cluster(lost).start();
  const stray = await new Cluster(lost).start();
  const hosts = [lost, heir].map((c) => `127.0.0.1:${c.port}`).join(',');
  const database = makeDatabase(lost, 'history', `postgres://millwright@${hosts}/history?target_session_attrs=read-write`);
  const node = await startNode(database, readingFrom(urlOf(stray, 'history')));
  try {
    const { admin } = await newOrganization(node);
    await admin.create('/customers', { name: 'Kept' });
    await until('all have it', () => [heir, stray].every((c) => c.sql("SELECT to_regclass('customers') IS NOT NULL", 'history') === 't' && c.sql('SELECT count(*) FROM customers', 'history') === '1'));
    heir.sql("ALTER SYSTEM SET primary_conninfo = ''");
    heir.sql('SELECT pg_reload_conf()');
    await until('the heir hears no more', () => lost.sql('SELECT count(*) FROM pg_stat_replication') === '1');
    for (let i = 0; i < 50; i++) await admin.create('/customers', { name: 'Lost' });
    await until('it is read at the other', () => atStandby(admin, async () => assert.equal(await admin.total('/customers?name=Lost'), 50)));
    await lost.stop('KILL');
    heir.promote();
    await until('it goes on', async () => (await admin.post('/customers', { name: 'After' })).status === 201);
    assert.equal(stray.sql("SELECT count(*) FROM customers WHERE name = 'Lost'", 'history'), '50');
    const was = await sent(admin);
    for (let i = 0; i < 20; i++) assert.deepEqual(await names(admin), ['Kept', 'After']);
    assert.equal(await sent(admin), was);
  } finally {
    await node.kill();
    for (const cluster of [stray, heir, lost]) await cluster.remove();
  }
});
