// The first start: nobody gets in but by the link that the program printed,
// once; and what is told to who is not signed in.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login } from '../lib/client.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

const CLOSED = { MILLWRIGHT_REGISTRATION: 'closed' };
const founder = (over = {}) => ({ organization: 'Loom & Sons', name: 'Ada Loom', email: 'ada@loom.example', password: PASSWORD,
  currency: 'EUR', time_zone: 'Europe/Berlin', ...over });

describe('a program that was started for the first time', () => {
  const data = tempFolder();
  let server;
  let anybody;
  before(async () => {
    server = await startServer({ data, env: CLOSED });
    anybody = new Client(server);
  });
  after(async () => {
    await server.proveAndStop();
    rmSync(data, { recursive: true, force: true });
  });
  const set = (body) => anybody.post('/api/v1/setup', body);
  const state = async () => hasStatus(await anybody.get('/api/v1/setup'), 200);

  test('says that it is open, and no more', async () => {
    assert.deepEqual(await state(), { open: true, registration_open: false, encrypted: false, session: false, demo: false });
    assert.ok(!JSON.stringify(await state()).includes(await server.setupToken()));
  });

  test('prints a link for a browser', async () => {
    const token = await server.setupToken();
    assert.match(token, /^[\w-]{43}$/);
    assert.ok(server.stdout.includes(`${server.url}/#/setup?token=${token}\n`));
    assert.ok(!server.stderr.includes(token), 'not in the log');
  });

  test('lets nobody in without its token', async () => {
    for (const token of ['x', 'A'.repeat(43), `${await server.setupToken()}x`]) isProblem(await set(founder({ token })), 403, 'forbidden');
    isInvalid(await set(founder()), { token: 'required' });
    isInvalid(await set(founder({ token: '' })), { token: 'required' });
    const person = { email: 'eve@evil.example', username: 'eve', password: PASSWORD, organization_name: 'Evil' };
    isProblem(await anybody.post('/auth/register', person), 403, 'forbidden');
    isProblem(await anybody.post('/admin/register', person), 403, 'forbidden');
    assert.equal((await state()).open, true);
  });

  test('an earlier start’s link is no use, the last one’s is', async () => {
    const old = await server.setupToken();
    await server.stop();
    server = await startServer({ data, env: CLOSED });
    anybody = new Client(server);
    assert.notEqual(await server.setupToken(), old);
    isProblem(await set(founder({ token: old })), 403, 'forbidden');
  });

  test('says at the field what is wrong, and stays open', async () => {
    const token = await server.setupToken();
    isInvalid(await set(founder({ token, password: 'short' })), { password: 'min_length' });
    isInvalid(await set(founder({ token, email: 'nobody' })), { email: 'email' });
    assert.equal((await set(founder({ token, currency: 'EURO' }))).status, 422);
    assert.equal((await set(founder({ token, time_zone: 'Mars/Base' }))).status, 422);
    assert.equal((await state()).open, true);
  });

  test('makes one organization and its administrator, whoever else has the link', async () => {
    const token = await server.setupToken();
    const all = await Promise.all(Array.from({ length: 5 }, (_, i) => set(founder({ token, email: `ada${i}@loom.example` }))));
    assert.deepEqual(all.map((answer) => answer.status).sort(), [201, 409, 409, 409, 409]);
    const user = all.find((answer) => answer.status === 201).body;
    assert.deepEqual([user.role, user.organization_name, user.full_name, user.username], ['admin', 'Loom & Sons', 'Ada Loom', user.email]);
    const admin = await login(server, user.email);
    const me = await admin.ok(admin.get('/auth/me'));
    assert.deepEqual([me.organization.currency, me.organization.time_zone], ['EUR', 'Europe/Berlin']);
    assert.equal(await admin.total('/users'), 1);
    assert.equal((await state()).open, false);
  });

  test('is closed from then on, also when it starts again', async () => {
    isProblem(await set(founder({ token: await server.setupToken(), email: 'late@loom.example' })), 409, 'conflict');
    await server.stop();
    server = await startServer({ data, env: CLOSED });
    anybody = new Client(server);
    assert.equal((await state()).open, false);
    assert.ok(!server.stdout.includes('token='));
    isProblem(await set(founder({ token: 'x' })), 403, 'forbidden');
    isProblem(await anybody.post('/auth/register', { email: 'e@e.example', username: 'eve', password: PASSWORD }), 403, 'forbidden');
  });
});

describe('what is told to who is not signed in', () => {
  test('a demo’s logins, each of which works', async () => {
    const server = await startServer({ flags: ['--demo'] });
    try {
      const body = hasStatus(await new Client(server).get('/setup'), 200);
      assert.deepEqual([body.open, body.demo, body.registration_open], [false, true, true]);
      const roles = body.demo_logins.map(({ role }) => role);
      for (const role of ['admin', 'manager', 'salesperson', 'inventory_manager', 'staff', 'operator', 'viewer']) assert.ok(roles.includes(role), role);
      for (const { username, role, full_name } of body.demo_logins) {
        const { login: { user } } = await login(server, username, body.demo_password);
        assert.deepEqual([user.role, user.full_name], [role, full_name]);
      }
    } finally {
      await server.stop();
    }
  });

  test('no logins where --demo found a company of somebody’s own', async () => {
    const data = tempFolder();
    let server = await startServer({ data, env: CLOSED });
    try {
      hasStatus(await new Client(server).post('/setup', founder({ token: await server.setupToken() })), 201);
      await server.stop();
      server = await startServer({ data, flags: ['--demo'] });
      const body = hasStatus(await new Client(server).get('/setup'), 200);
      assert.deepEqual([body.demo, body.demo_logins], [false, undefined]);
    } finally {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    }
  });

  test('whether the connection is encrypted, and whether it has a cookie', async () => {
    const server = await startServer({ env: { MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1' } });
    try {
      const ask = async (headers) => { const { encrypted, session } = (await new Client(server).get('/setup', headers)).body; return [encrypted, session]; };
      assert.deepEqual(await ask({}), [false, false]);
      assert.deepEqual(await ask({ 'X-Forwarded-Proto': 'https' }), [true, false]);
      assert.deepEqual(await ask({ Cookie: 'millwright=abc' }), [false, true]);
      assert.deepEqual(await ask({ 'X-Forwarded-Proto': 'https', Cookie: 'millwright=abc' }), [true, false]);
    } finally {
      await server.stop();
    }
  });
});
