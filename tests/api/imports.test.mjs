// Imports behind the request: jobs, what is wrong with which row, and the command line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, journalIsWhole } from '../lib/books.mjs';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, newOrganization, unique } from '../lib/client.mjs';
import { root, startServer } from '../lib/server.mjs';

const WORKING = ['--jobs-every', '3600', '--import-max', '8'];
const CSV = { 'Content-Type': 'text/csv' };
const FOREVER_MS = 120_000;

let server;
let organization;
let admin;
before(async () => { server = await startServer({ flags: WORKING }); });
beforeEach(async () => { organization = await newOrganization(server); ({ admin } = organization); });
after(() => server.proveAndStop());

const cell = (value) => (/[",;\r\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value);
const csv = (...rows) => rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
const customers = (n, from = 0) => csv(['name', 'email', 'phone', 'city'], ...Array.from({ length: n }, (_, i) => [`Customer ${from + i}`, `c${from + i}@example.com`, `+91 ${10_000_000 + from + i}`, 'Pune']));
const send = (client, text, parameters = '', resource = 'customers', headers = {}) => client.post(`/${resource}/import-jobs${parameters}`, text, { ...CSV, ...headers });
const ENDED = ['done', 'failed', 'cancelled'];

async function ended(client, id) {
  for (const end = Date.now() + FOREVER_MS; Date.now() < end; await sleep(20)) {
    const job = await client.ok(client.get(`/jobs/${id}`));
    if (ENDED.includes(job.status)) return job;
  }
  throw new Error(`job ${id} does not end`);
}

async function imported(text, parameters, resource, client = admin) {
  const { id } = hasStatus(await send(client, text, parameters, resource), 202);
  return ended(client, id);
}

const counts = ({ status, rows, done, created, updated, failed, percent }) => ({ status, rows, done, created, updated, failed, percent });
const uploads = (it) => readdirSync(path.join(it.data, 'imports')).filter((name) => !name.endsWith('.errors.csv'));

describe('a file', () => {
  test('becomes a job that is accepted, and its rows become records of whoever sent it', async () => {
    const answer = await send(admin, customers(3));
    const job = hasStatus(answer, 202);
    assert.equal(answer.headers.location, `/api/v1/jobs/${job.id}`);
    assert.deepEqual([job.resource, job.status, job.rows, job.dry_run], ['customers', 'queued', null, false]);
    assert.deepEqual(counts(await ended(admin, job.id)), { status: 'done', rows: 3, done: 3, created: 3, updated: 0, failed: 0, percent: 100 });
    const made = await all(admin, '/customers');
    assert.deepEqual(made.map((c) => c.name).sort(), ['Customer 0', 'Customer 1', 'Customer 2']);
    assert.ok(made.every((c) => c.created_by === admin.login.user.id && c.version === 1));
    const entries = await all(admin, '/audit-logs?resource=customers');
    assert.deepEqual(entries.map((e) => [e.action, e.origin, e.user_id]), Array(3).fill(['create', 'import', admin.login.user.id]));
    assert.equal((await admin.get('/customers?search=c1@exam')).body.total, 1);
    assert.deepEqual((await all(admin, '/audit-logs?resource=jobs')).map((e) => e.action).sort(), ['create', 'finish']);
    assert.deepEqual(uploads(server), []);
  });

  test('may be of any resource, with commas, semicolons or tabs, a byte order mark, and titles as people write them', async () => {
    const done = async (text, resource, parameters) => assert.equal((await imported(text, parameters, resource)).status, 'done');
    await done('\ufeff"Name";Contact-Person;E-mail\r\nAcme;"Ada; Lovelace";ada@example.com\r\n', 'vendors', '?map=E-mail:email');
    await done('SKU\tName\tPrice\nA-1\tYarn\t12.5\n\nB-2\tDye\t\n', 'products');
    const [vendor] = await all(admin, '/vendors');
    assert.deepEqual([vendor.name, vendor.contact_person, vendor.email], ['Acme', 'Ada; Lovelace', 'ada@example.com']);
    assert.deepEqual((await all(admin, '/products?ordering=sku')).map((p) => [p.sku, p.name, p.price]), [['A-1', 'Yarn', 12.5], ['B-2', 'Dye', 0]]);
  });

  test('with columns that are called otherwise is mapped, and a column may be left out', async () => {
    const text = csv(['Company', 'Mail', 'Remark'], ['Acme', 'a@example.com', 'unwanted']);
    const job = await imported(text, '?map=Company:name,Mail:email,Remark:-&key=Mail'.replace('key=Mail', 'key=email'));
    assert.deepEqual([job.status, job.created, job.map, job.key], ['done', 1, 'Company:name,Mail:email,Remark:-', 'email']);
    assert.equal((await all(admin, '/customers'))[0].email, 'a@example.com');
  });

  test('that cannot be imported is told before anything happens, with what to do', async () => {
    await changesNothing(admin, ['/customers', '/jobs'], async () => {
      const { errors } = isProblem(await send(admin, csv(['name', 'colour', 'Mail'], ['A', 'red', 'x'])), 422, 'validation_failed');
      assert.deepEqual(errors.map((e) => [e.field, e.code]), [['colour', 'unknown_field'], ['Mail', 'unknown_field']]);
      assert.match(errors[0].message, /map it \("colour:name"\)/);
      isInvalid(await send(admin, csv(['name', 'Name'], ['A', 'B'])), { Name: 'duplicate' });
      isInvalid(await send(admin, csv(['name'], ['A']), '?map=Firma:name,name:nom'), { name: 'unknown_field', map: 'unknown_column' });
      for (const key of ['colour', 'city_', 'notes', 'customer_type', '']) isProblem(await send(admin, customers(1), `?key=${key}`), 400, 'bad_query');
      isProblem(await send(admin, customers(1), '?colour=red'), 400, 'unknown_field');
      isProblem(await send(admin, customers(1), '?dry_run=perhaps'), 400, 'bad_query');
      for (const text of ['', '\r\n\r\n', '"name\r\nA\r\n', 'na"me\r\n']) isProblem(await send(admin, text), 400, 'bad_request');
      isProblem(await admin.post('/customers/import-jobs', { items: [] }), 415, 'unsupported_media_type');
      isProblem(await send(admin, customers(1), '', 'nothing'), 404);
      const { detail } = isProblem(await send(admin, Buffer.alloc((8 << 20) + 1, 'a')), 413, 'body_too_large');
      assert.match(detail, /8 MiB/);
    });
    assert.deepEqual(uploads(server), []);
  });
});

describe('rows', () => {
  test('stand for themselves: those that are wrong are told with their place in the sheet, the others are kept', async () => {
    const text = csv(['name', 'email', 'credit_limit'], ['Good', 'g@example.com', '5'], ['', '', '7'], ['Bad', 'nonsense', '-1'], ['Also good', '', '']) + 'short\r\n"un"quoted,x,1\r\n';
    const job = await imported(text);
    assert.deepEqual(counts(job), { status: 'done', rows: 6, done: 6, created: 2, updated: 0, failed: 4, percent: 100 });
    assert.deepEqual(job.errors.map((e) => [e.row, e.field, e.code]), [[3, 'name', 'required'], [4, 'email', job.errors[1].code], [4, 'credit_limit', 'min'], [6, 'row', 'columns'], [7, 'row', 'csv']]);
    assert.deepEqual((await all(admin, '/customers')).map((c) => c.name).sort(), ['Also good', 'Good']);
  });

  test('that are wrong come back as a file to correct and import again', async () => {
    const job = await imported(csv(['Company', 'email'], ['=Acme, "old"', 'nonsense'], ['Good', '']), '?map=Company:name');
    const answer = await admin.get(`/jobs/${job.id}/errors.csv`);
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
    const [head, row] = answer.text.split('\r\n');
    assert.equal(head, 'import_row,import_error,Company,email');
    assert.match(row, /^2,email [^,]+,"'=Acme, ""old""",nonsense$/);
    const again = await imported(answer.text.replace('nonsense', 'a@example.com'), '?map=Company:name');
    assert.deepEqual([again.created, again.failed], [1, 0]);
    assert.deepEqual((await all(admin, '/customers')).map((c) => c.name).sort(), ['=Acme, "old"', 'Good']);
    assert.equal((await admin.get(`/jobs/${again.id}/errors.csv`)).text, 'import_row,import_error\r\n');
  });

  test('of which more than a thousand are wrong are all in the file, the first thousand in the record', async () => {
    const job = await imported(csv(['name', 'email'], ...Array.from({ length: 2500 }, (_, i) => [`N${i}`, i % 2 ? 'nonsense' : ''])));
    assert.deepEqual([job.created, job.failed, job.errors.length], [1250, 1250, 1000]);
    const lines = (await admin.get(`/jobs/${job.id}/errors.csv`)).text.trimEnd().split('\r\n');
    assert.deepEqual([lines.length, lines.at(-1).split(',')[0]], [1251, '2501']);
  });

  test('update what their key finds, and are new otherwise; a key that finds several is refused', async () => {
    const old = await admin.create('/customers', { name: 'Old', email: 'a@example.com', city: 'Pune' });
    for (const name of ['Twin 1', 'Twin 2']) await admin.create('/customers', { name, email: 'twin@example.com' });
    const job = await imported(csv(['name', 'email'], ['New', 'A@example.com'], ['Fresh', 'b@example.com'], ['Fresh again', 'b@example.com'], ['Twin', 'twin@example.com'], ['No key', '']), '?key=email');
    assert.deepEqual(counts(job), { status: 'done', rows: 5, done: 5, created: 2, updated: 2, failed: 1, percent: 100 });
    assert.deepEqual(job.errors.map((e) => [e.row, e.field, e.code]), [[5, 'email', 'ambiguous']]);
    const now = await admin.ok(admin.get(`/customers/${old.id}`));
    assert.deepEqual([now.name, now.city, now.version], ['New', 'Pune', 2]);
    assert.deepEqual((await all(admin, '/customers')).map((c) => c.name).sort(), ['Fresh again', 'New', 'No key', 'Twin 1', 'Twin 2']);
  });

  test('that a rule refuses behind the first write are taken back alone, and so is what is taken already', async () => {
    await admin.create('/products', { sku: 'A', name: 'there' });
    // What is kept by lot has no quantity of its own: stock says so when the product is stored.
    const kinds = [['', ''], ['', '2'], ['lot', '5'], ['lot', '']];
    const rows = Array.from({ length: 300 }, (_, i) => [i % 50 === 7 ? 'A' : `S${i}`, `Product ${i}`, ...kinds[i % 13 === 2 ? 2 : i % 2]]);
    const job = await imported(csv(['sku', 'name', 'tracking', 'quantity'], ...rows), '', 'products');
    const taken = rows.filter(([sku]) => sku === 'A').length;
    const untold = rows.filter(([sku, , tracking]) => sku !== 'A' && tracking === 'lot').length;
    assert.ok(taken > 3 && untold > 20);
    assert.deepEqual([job.status, job.created, job.failed], ['done', 300 - taken - untold, taken + untold]);
    assert.equal(job.errors.filter((e) => e.field === 'sku' && e.code === 'duplicate').length, taken);
    const made = await all(admin, '/products');
    assert.equal(made.length, 301 - taken - untold);
    const kept = rows.filter(([sku, , tracking]) => sku !== 'A' && !tracking);
    assert.equal(made.reduce((sum, p) => sum + p.quantity, 0), kept.filter((r) => r[3]).length * 2);
    assert.deepEqual(made.map((p) => p.sku).sort(), ['A', ...kept.map(([sku]) => sku)].sort());
    await journalIsWhole(admin);
  });

  test('are tried by a dry run, which tells every one that is wrong and keeps nothing', async () => {
    await admin.create('/products', { sku: 'THERE', name: 'x' });
    const rows = Array.from({ length: 5000 }, (_, i) => [`S${i}`, `Product ${i}`, '1']);
    const text = csv(['sku', 'name', 'price'], ['THERE', 'a', '1'], ...rows, ['S0', 'twice', '1'], ['N', '', 'dear']);
    const before = await admin.total('/audit-logs?resource=products');
    const job = await imported(text, '?dry_run=true', 'products');
    assert.deepEqual(counts(job), { status: 'done', rows: 5003, done: 5003, created: 5000, updated: 0, failed: 3, percent: 100 });
    assert.deepEqual(job.errors.map((e) => [e.row, e.field, e.code]), [[2, 'sku', 'duplicate'], [5003, 'sku', 'duplicate'], [5004, 'price', 'type'], [5004, 'name', 'required']]);
    assert.deepEqual([await admin.total('/products'), await admin.total('/audit-logs?resource=products')], [1, before]);
    const upsert = await imported(csv(['sku', 'name'], ['THERE', 'new'], ['Z', 'z'], ['Z', 'zz']), '?dry_run=true&key=sku', 'products');
    assert.deepEqual([upsert.created, upsert.updated, upsert.failed], [1, 2, 0]);
    assert.equal((await all(admin, '/products'))[0].name, 'x');
  });
});

describe('a job', () => {
  test('is, for another organization, one that never was', async () => {
    const { id } = await imported(customers(1));
    const { admin: other } = await newOrganization(server);
    for (const call of [() => other.get(`/jobs/${id}`), () => other.get(`/jobs/${id}/errors.csv`), () => other.post(`/jobs/${id}/cancel`)])
      await changesNothing(other, ['/jobs', '/customers'], async () => isProblem(await call(), 404, 'not_found'));
    assert.equal((await admin.ok(admin.get(`/jobs/${id}`))).status, 'done');
  });

  test('is its owner’s, but for managers; who may not import has none', async () => {
    const [operator, manager, viewer] = await Promise.all(['operator', 'manager', 'viewer'].map((role) => organization.addUser(role)));
    const mine = await imported(customers(1), '', 'customers', operator);
    const other = await imported(customers(1, 5));
    assert.deepEqual((await all(operator, '/jobs')).map((j) => j.id), [mine.id]);
    isProblem(await operator.get(`/jobs/${other.id}`), 404);
    isProblem(await operator.get(`/jobs/${other.id}/errors.csv`), 404);
    assert.equal(await manager.total('/jobs'), 2);
    await changesNothing(admin, ['/jobs', '/customers'], async () => isProblem(await send(viewer, customers(1)), 403, 'forbidden'));
  });

  test('does for each row only what its owner, and the scopes of their key, may', async () => {
    await admin.create('/customers', { name: 'Old', email: 'a@example.com' });
    const { key } = await admin.create('/api-keys', { name: 'importer', scopes: ['customers:import', 'customers:create', 'customers:read', 'jobs:read'] });
    const client = new Client(server).withToken(key);
    const job = await imported(csv(['name', 'email'], ['Changed', 'a@example.com'], ['New', 'b@example.com']), '?key=email', 'customers', client);
    assert.deepEqual([job.created, job.failed, job.errors[0].code], [1, 1, 'forbidden']);
    assert.deepEqual((await all(admin, '/customers')).map((c) => c.name).sort(), ['New', 'Old']);
  });

  test('asked for again with the same Idempotency-Key is the same job; with another file it is refused', async () => {
    const key = { 'Idempotency-Key': unique('import') };
    const first = hasStatus(await send(admin, customers(2), '', 'customers', key), 202);
    const again = await send(admin, customers(2), '', 'customers', key);
    assert.deepEqual([hasStatus(again, 202).id, again.headers['idempotency-replayed']], [first.id, 'true']);
    await ended(admin, first.id);
    await changesNothing(admin, ['/customers', '/jobs'], async () => isProblem(await send(admin, customers(3), '', 'customers', key), 422, 'idempotency_key_reused'));
    assert.equal(await admin.total('/customers'), 2);
    assert.deepEqual(uploads(server), []);
  });

  test('is no record to be written', async () => {
    const { id } = await imported(customers(1));
    for (const [method, where] of [['POST', '/jobs'], ['PATCH', `/jobs/${id}`], ['PUT', `/jobs/${id}`], ['DELETE', `/jobs/${id}`], ['POST', '/jobs/import'], ['POST', '/jobs/import-jobs'], ['POST', '/jobs/bulk']])
      assert.ok([404, 405].includes((await admin.request(method, where, { body: {} })).status), `${method} ${where}`);
    isProblem(await admin.post(`/jobs/${id}/cancel`), 409, 'invalid_state');
  });

  test('lets others write while it works', async () => {
    const { id } = hasStatus(await send(admin, customers(20_000)), 202);
    let status = 'queued', n = 0;
    while (!ENDED.includes(status)) {
      await admin.create('/vendors', { name: `Vendor ${n++}` });
      ({ status } = await admin.ok(admin.get(`/jobs/${id}`)));
    }
    assert.deepEqual([status, await admin.total('/customers'), await admin.total('/vendors')], ['done', 20_000, n]);
    await journalIsWhole(admin);
  });
});

describe('an interrupted job', () => {
  let own;
  before(async () => { own = await startServer(); }); // imports wait
  after(() => own.stop());
  const working = async () => { own.flags = WORKING; await own.start(); };
  const waiting = async () => { own.flags = []; await own.start(); };

  test('that waits, and one that runs, can be cancelled: what is stored is what is counted', async () => {
    const { admin: client } = await newOrganization(own);
    const { id } = hasStatus(await send(client, customers(5)), 202);
    assert.equal(uploads(own).length, 1);
    assert.equal(hasStatus(await client.post(`/jobs/${id}/cancel`), 200).status, 'cancelled');
    assert.deepEqual([uploads(own).length, await client.total('/customers')], [0, 0]);
    isProblem(await client.post(`/jobs/${id}/cancel`), 409, 'invalid_state');
    const large = hasStatus(await send(client, customers(60_000)), 202);
    await own.kill();
    await working();
    const again = new Client(own, client.headers);
    for (let job = large; job.done === 0; job = await again.ok(again.get(`/jobs/${large.id}`))) await sleep(10);
    const job = hasStatus(await again.post(`/jobs/${large.id}/cancel`), 200);
    await sleep(100); // a step that was under way has ended
    assert.equal(await again.total('/customers'), (await again.ok(again.get(`/jobs/${large.id}`))).created);
    assert.ok(job.done < 60_000);
    await own.kill();
    await waiting();
  });

  test('goes on after kill -9 where it was, and imports nothing twice', async () => {
    const { admin: client } = await newOrganization(own);
    const N = 40_000;
    const text = customers(N).replace('c39000@example.com', 'nonsense');
    const { id } = hasStatus(await send(client, text), 202);
    await own.kill();
    const seen = [];
    for (let kills = 0; kills < 4; kills++) {
      await working();
      const now = new Client(own, client.headers);
      const before = seen.at(-1) ?? 0;
      for (let done = 0; done <= before && done < N;) ({ done } = await now.ok(now.get(`/jobs/${id}`)));
      seen.push((await now.ok(now.get(`/jobs/${id}`))).done);
      await own.kill();
    }
    await working();
    const now = new Client(own, client.headers);
    const job = await ended(now, id);
    assert.deepEqual(counts(job), { status: 'done', rows: N, done: N, created: N - 1, updated: 0, failed: 1, percent: 100 });
    assert.deepEqual([await now.total('/customers'), await now.total('/audit-logs?resource=customers')], [N - 1, N - 1]);
    assert.equal((await now.get(`/jobs/${id}/errors.csv`)).text.split('\r\n').length, 3);
    await journalIsWhole(now);
    assert.equal((await own.run('verify')).code, 0);
    await own.kill();
    await waiting();
  });

  test('of somebody who may not sign in any more fails, and says so', async () => {
    const it = await newOrganization(own);
    const operator = await it.addUser('operator');
    const { id } = hasStatus(await send(operator, customers(5)), 202);
    await it.admin.ok(it.admin.patch(`/users/${operator.login.user.id}`, { is_active: false }));
    await own.kill();
    await working();
    const now = new Client(own, it.admin.headers);
    const job = await ended(now, id);
    assert.deepEqual([job.status, job.created], ['failed', 0]);
    assert.match(job.message, /may not sign in any more/);
    assert.deepEqual([await now.total('/customers'), uploads(own).length], [0, 0]);
    await own.kill();
    await waiting();
  });
});

describe('millwright import', () => {
  let folder, it;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'millwright-import-'));
    it = await startServer();
    await newOrganization(it, 'Acme');
    await it.kill();
  });
  after(() => { it.clean(); rmSync(folder, { recursive: true, force: true }); });
  const file = (name, text) => { const at = path.join(folder, name); writeFileSync(at, text); return at; };
  const run = (...args) => it.run('import', ['--resource', 'customers', ...args]);

  test('explains itself', async () => {
    const { code, stdout } = await it.run('import', ['--help']);
    assert.equal(code, 0);
    for (const word of ['--dry-run', '--key', '--map', '--errors', 'Examples']) assert.ok(stdout.includes(word), word);
  });

  test('tries, then imports, then updates, and tells how far it is', async () => {
    const at = file('good.csv', customers(2000));
    const tried = await run('--key', 'email', '--dry-run', at);
    assert.deepEqual([tried.code, tried.stdout], [0, 'dry run, nothing is kept: 2000 created, 0 updated, 0 wrong\n'], tried.stderr);
    const done = await run('--key', 'email', at);
    assert.deepEqual([done.code, done.stdout], [0, '2000 created, 0 updated, 0 wrong\n'], done.stderr);
    assert.match(done.stderr, /100 % {2}2000 of 2000 rows/);
    assert.equal((await run('--key', 'email', at)).stdout, '0 created, 2000 updated, 0 wrong\n');
    assert.equal(readFileSync(at, 'utf8'), customers(2000), 'the file stays');
    assert.equal((await it.run('verify')).code, 0);
  });

  test('says what is wrong, where, and keeps the rest', async () => {
    const wrong = path.join(folder, 'wrong.csv');
    const { code, stdout, stderr } = await run('--errors', wrong, file('bad.csv', csv(['name', 'email'], ['X', 'nonsense'], ['Y', 'y@example.com'])));
    assert.deepEqual([code, stdout], [1, '1 created, 0 updated, 1 wrong\n']);
    assert.match(stderr, /row 2: email /);
    assert.match(readFileSync(wrong, 'utf8'), /^import_row,import_error,name,email\r\n2,/);
  });

  test('refuses what it cannot do', async () => {
    const at = file('some.csv', customers(1));
    for (const [args, what] of [[['--user', 'nobody', at], /no user/], [['--organization', 'None', at], /no organization/], [['--key', 'colour', at], /key must name/],
      [[path.join(folder, 'absent.csv')], /absent\.csv/], [[file('odd.csv', 'name,colour\r\n')], /colour is not a field/], [[], /which file/]]) {
      const { code, stderr } = await run(...args);
      assert.ok(code > 0, stderr);
      assert.match(stderr, what);
    }
    assert.match((await it.run('import', ['--resource', 'jobs', at])).stderr, /nothing called "jobs"/);
  });

  test('waits for nobody: beside a server it says who has the database, unless they may share it', async () => {
    it.flags = WORKING;
    await it.start();
    const { code, stdout, stderr } = await run(file('some.csv', customers(3000, 5000)));
    if (it.database) assert.deepEqual([code, stdout], [0, '3000 created, 0 updated, 0 wrong\n'], stderr);
    else assert.match(`${code} ${stderr}`, /^1 .*another millwright/);
    await it.kill();
  });
});

describe('docs/importing.md', () => {
  test('works as it is written', async () => {
    const text = readFileSync(path.join(root, 'docs/importing.md'), 'utf8');
    const blocks = (language) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((m) => m[1]);
    const it = await startServer({ flags: WORKING });
    const { admin: client } = await newOrganization(it);
    const folder = mkdtempSync(path.join(tmpdir(), 'millwright-docs-'));
    const shell = (script) => execFileSync('bash', ['-ec', script.replaceAll('http://127.0.0.1:8000', it.url).replaceAll(/^millwright import/gm, `"${it.program}" import --data "${it.data}"`)],
      { cwd: folder, env: { ...process.env, ...(it.database && { MILLWRIGHT_DATABASE: it.database.url }), TOKEN: client.login.access_token }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    writeFileSync(path.join(folder, 'customers.csv'), blocks('csv')[0]);
    const [send, look, offline] = blocks('sh');
    assert.equal(JSON.parse(shell(send)).status, 'queued');
    await ended(client, 1);
    const job = JSON.parse(shell(look));
    assert.deepEqual([job.status, job.created, job.failed], ['done', 2, 1]);
    const [shown] = blocks('json').map(JSON.parse);
    assert.deepEqual(job.errors.map((e) => ({ ...e, id: undefined, message: undefined })), [{ ...shown, id: undefined, message: undefined, code: job.errors[0].code }]);
    assert.equal(shown.code, job.errors[0].code);
    assert.equal(shown.message, job.errors[0].message);
    assert.equal(await client.total('/customers'), 0);
    const { id } = JSON.parse(shell(send.replace('&dry_run=true', '')));
    assert.equal((await ended(client, id)).created, 2);
    await it.kill();
    for (const line of offline.trim().split('\n')) assert.throws(() => shell(line), { status: 1 }, 'a wrong row is told by the exit status');
    assert.equal(readFileSync(path.join(folder, 'wrong.csv'), 'utf8').split('\n').length, 3);
    it.clean();
    rmSync(folder, { recursive: true, force: true });
  });
});
