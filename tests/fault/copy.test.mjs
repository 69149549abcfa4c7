// `millwright copy`: from SQLite to a real PostgreSQL and back, broken off and
// gone on with, and what it refuses.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startCluster } from '../lib/postgres.mjs';
import { login, newOrganization } from '../lib/client.mjs';
import { binary, environment, startServer, tempFolder } from '../lib/server.mjs';

let folder;
let cluster;
let source;
let username;
let databases = 0;

const file = (name) => `sqlite:${path.join(folder, name)}`;
const newDatabase = () => {
  const name = `copy_${++databases}`;
  cluster.sql(`CREATE DATABASE ${name} OWNER millwright`);
  return cluster.url.replace(/[^/]*$/, name);
};

/** Runs a verb; `until(stderr)` true: killed then. */
const run = (verb, args, until) => new Promise((resolve) => {
  const child = spawn(binary, [verb, ...args], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => { stdout += text; });
  child.stderr.on('data', (text) => {
    stderr += text;
    if (until?.(stderr)) child.kill('SIGKILL');
  });
  child.on('close', (code) => resolve({ code, stdout, stderr }));
});
const copy = (from, to, until) => run('copy', ['--from', from, '--to', to], until);
const copied = async (from, to) => {
  const { code, stdout, stderr } = await copy(from, to);
  assert.equal(code, 0, stderr);
  return Number(/^copied and compared: (\d+) rows/m.exec(stdout)[1]);
};

before(async () => {
  folder = tempFolder();
  cluster = await startCluster();
  mkdirSync(path.join(folder, 'source'));
  const server = await startServer({ data: path.join(folder, 'source'), database: null });
  const { admin, user } = await newOrganization(server);
  username = user.username;
  await newOrganization(server);
  const names = Array.from({ length: 3000 }, (_, i) => ({ name: `Müller & Söhne "\\N" \\ ${i}`, notes: `one\n\ttwo\\n ${i}`, credit_limit: `${i}.0125`, tags: i % 1000 ? [] : ['weiß', 'roh'] }));
  for (let i = 0; i < names.length; i += 1000) await admin.ok(admin.post('/customers/bulk', { items: names.slice(i, i + 1000) }));
  const product = await admin.create('/products', { name: 'Baumwolle ½', sku: 'COT-1', price: '99999999.9999', quantity: '12.5' });
  await admin.ok(admin.post('/sales', { product_id: product.id, quantity: '0.25', payment_method: 'cash' }));
  const gone = await admin.create('/vendors', { name: 'Gone' });
  await admin.ok(admin.del(`/vendors/${gone.id}`));
  await server.stop();
  source = `sqlite:${path.join(folder, 'source', 'millwright.db')}`;
});
after(async () => {
  await cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What a user sees of a database, by starting a server on it. */
async function seen(url) {
  const server = await startServer({ database: { url, drop: () => {} } });
  const admin = await login(server, username);
  const ask = async (where) => (await admin.ok(admin.get(where)));
  const result = {};
  for (const where of ['/customers?page_size=1000&page=2&sort_by=name', '/products', '/sales?expand=lines', '/stock-levels', '/payments',
    '/audit-logs?page_size=1000&action=create', '/customers?search=sohne+2999', '/customers?tag=roh'])
    result[where] = await ask(where);
  result.next = (await admin.create('/vendors', { name: 'Next' })).id;
  await server.proveAndStop();
  return result;
}

describe('copy', () => {
  test('to PostgreSQL and back, nothing is different', async () => {
    const there = newDatabase();
    const rows = await copied(source, there);
    assert.ok(rows > 6000, `${rows} rows`);
    assert.equal(await copied(there, file('back.db')), rows);
    const { code, stderr } = await run('verify', ['--database', file('back.db')]);
    assert.equal(code, 0, stderr);
    const back = await seen(file('back.db'));
    assert.deepEqual(back, await seen(source));
    assert.equal(back['/customers?search=sohne+2999'].items.length, 1);
    assert.ok(back.next > 1, 'the id of the deleted vendor is not given again');
  });

  test('in PostgreSQL everything is as the migrations make it', async () => {
    const [made, filled] = [newDatabase(), newDatabase()];
    assert.equal((await run('migrate', ['up', '--database', made])).code, 0);
    await copied(file('back.db'), filled);
    const shape = (url) => cluster.sql(`SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text !~ '^pg_' ORDER BY 1;
      SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2;
      SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1`, url.split('/').at(-1));
    assert.equal(shape(filled), shape(made));
  });

  test('broken off, the same command goes on', async () => {
    const there = newDatabase();
    const half = await copy(source, there, (text) => /customers/.test(text) || /indexes/.test(text));
    assert.notEqual(half.code, 0);
    const rows = await copied(source, there);
    assert.ok(rows > 6000);
    assert.equal(cluster.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'copy%'", there.split('/').at(-1)), '0');
  });
});

describe('copy refuses', () => {
  test('a target with rows in it', async () => {
    const { code, stderr } = await copy(source, file('back.db'));
    assert.notEqual(code, 0);
    assert.match(stderr, /it has to be an empty database/);
  });

  test('a source that is being served', async () => {
    const server = await startServer({ database: null });
    const { code, stderr } = await copy(`sqlite:${server.data}/millwright.db`, file('other.db'));
    assert.notEqual(code, 0);
    assert.match(stderr, /is in use|already|another/i);
    await server.stop();
  });

  test('a source that is not there, a server that does not answer, and one database twice', async () => {
    for (const [from, to, why] of [
      [file('nowhere.db'), file('new.db'), /cannot open .*nowhere/],
      [source, 'postgres://millwright@127.0.0.1:1/none', /cannot open the database/],
      [source, source, /the same/],
    ]) {
      const { code, stderr } = await copy(from, to);
      assert.notEqual(code, 0);
      assert.match(stderr, why);
    }
  });
});
