// Registering, signing in and out, refresh tokens, sessions, one's own account.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { fast } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let anonymous;

before(async () => {
  server = await startServer();
  anonymous = new Client(server);
});
after(() => server.stop());

const registration = (over = {}) => {
  const username = unique('reg');
  return { username, email: `${username}@example.com`, password: PASSWORD, organization_name: 'Loom', ...over };
};
const register = (over) => anonymous.post('/auth/register', registration(over));
const signIn = (username, password = PASSWORD) => anonymous.post('/auth/login', { username, password });
const refresh = (token) => anonymous.post('/auth/refresh', { refresh_token: token });
const isAlive = async (client) => (await client.get('/auth/me')).status === 200;

/** What an error says when the parts that differ every time are taken away. */
const said = (answer) => {
  const { request_id: _, timestamp: __, ...rest } = answer.body;
  return JSON.stringify([answer.status, rest]);
};

describe('registration', () => {
  test('opens an organization with the registrant as its administrator', async () => {
    const body = registration({ full_name: 'Ada Admin', organization_name: 'Loom & Sons' });
    const user = hasStatus(await anonymous.post('/api/v1/auth/register', body), 201);
    assert.equal(user.username, body.username);
    assert.equal(user.email, body.email);
    assert.equal(user.role, 'admin');
    assert.equal(user.organization_name, 'Loom & Sons');
    assert.ok(!JSON.stringify(user).includes('password'));
    const admin = await login(server, body.username);
    const { items } = await admin.ok(admin.get('/organizations'));
    assert.deepEqual(items.map((o) => [o.id, o.name]), [[user.organization_id, 'Loom & Sons']]);
    assert.equal(await admin.total('/users'), 1);
    assert.equal(await admin.total('/roles'), 8);
  });

  const wrong = [
    ['without a password', { password: undefined }, { password: 'required' }],
    ['a password of 7 characters', { password: '1234567' }, { password: 'min_length' }],
    ['a password of 256 characters', { password: 'x'.repeat(256) }, { password: 'max_length' }],
    ['a password that is no text', { password: 12345678 }, { password: 'type' }],
    ['no e-mail address', { email: 'nobody' }, { email: 'email' }],
    ['without a user name', { username: undefined }, { username: 'required' }],
    ['a user name of 2 characters', { username: 'ab' }, { username: 'min_length' }],
    ['a user name with a blank', { username: 'a b c' }, { username: 'format' }],
    ['a role of its own choice', { role: 'admin' }, { role: 'unknown_field' }],
    ['an organization of its own choice', { organization_id: 1 }, { organization_id: 'unknown_field' }],
  ];
  for (const [what, over, issues] of wrong)
    test(`${what} is refused, and nobody is registered`, async () => {
      const body = registration(over);
      isInvalid(await anonymous.post('/auth/register', body), issues);
      isProblem(await signIn(String(body.username ?? body.email), String(body.password ?? PASSWORD)), 401, 'invalid_credentials');
    });

  test('passwords may have 8 to 255 characters, whatever these are', async () => {
    for (const password of ['12345678', 'ÄÖÜäöüß€', ' spaces ', 'x'.repeat(255), '😀'.repeat(255)]) {
      const body = registration({ password });
      hasStatus(await anonymous.post('/auth/register', body), 201);
      hasStatus(await signIn(body.username, password), 200);
      hasStatus(await signIn(body.username, `x${password.slice(2)}`), 401);
    }
  });

  test('a name or address that is taken is a 409 naming it, in any case and in either role', async () => {
    const body = registration();
    hasStatus(await anonymous.post('/auth/register', body), 201);
    const taken = async (over, field) => {
      const { errors } = isProblem(await register(over), 409, 'duplicate');
      assert.deepEqual(errors.map((e) => e.field), [field]);
    };
    await taken({ username: body.username }, 'username');
    await taken({ username: body.username.toUpperCase() }, 'username');
    await taken({ email: body.email.toUpperCase() }, 'email');
    await taken({ username: body.email }, 'username');
  });

  test('of many who register one name at once one succeeds', async () => {
    const body = registration();
    const answers = await Promise.all(Array.from({ length: 8 }, () => anonymous.post('/auth/register', body)));
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array(7).fill(409)]);
  });
});

describe('signing in', () => {
  test('works by user name and by e-mail address, in any case', async () => {
    const body = registration();
    hasStatus(await anonymous.post('/auth/register', body), 201);
    for (const name of [body.username, body.email, body.username.toUpperCase(), body.email.toUpperCase()]) {
      const answer = hasStatus(await signIn(name), 200);
      assert.deepEqual(Object.keys(answer), ['access_token', 'refresh_token', 'token_type', 'expires_in', 'user']);
      assert.deepEqual([answer.token_type, answer.expires_in, answer.user.username], ['bearer', 1800, body.username]);
    }
    hasStatus(await anonymous.post('/auth/login', { email: body.email, password: PASSWORD }), 200);
  });

  test('refuses unknown names, wrong passwords and disabled users in the same words', async () => {
    const { admin, addUser } = await newOrganization(server);
    const off = await addUser('viewer');
    const { username, id } = off.login.user;
    const wrong = await signIn(username, 'wrong password');
    isProblem(wrong, 401, 'invalid_credentials');
    await admin.ok(admin.patch(`/users/${id}`, { is_active: false }));
    const others = [await signIn(unique('nobody')), await signIn(username), await signIn(username, 'wrong password'),
      await signIn(`${unique('nobody')}@example.com`), await signIn('x'.repeat(255))];
    for (const answer of others) assert.equal(said(answer), said(wrong));
  });

  test('takes as long for an unknown name as for a known one', { skip: (!fast || !!process.env.MILLWRIGHT_TEST_DATABASE) && 'measures time' }, async () => {
    const { username } = registration();
    hasStatus(await register({ username, email: `${username}@example.com` }), 201);
    const times = { known: [], unknown: [] };
    for (let i = 0; i < 25; i++)
      for (const [which, name] of [['known', username], ['unknown', unique('nobody')]]) {
        const start = process.hrtime.bigint();
        await signIn(name, 'wrong password');
        times[which].push(Number(process.hrtime.bigint() - start));
      }
    // The shortest of each: what else the machine does makes them longer, and never shorter.
    const ratio = Math.min(...times.unknown) / Math.min(...times.known);
    assert.ok(ratio > 0.7 && ratio < 1.4, `an unknown name takes ${ratio.toFixed(2)} times as long`);
  });

  test('wants a name and a password', async () => {
    isInvalid(await anonymous.post('/auth/login', { password: PASSWORD }), { username: 'required' });
    isInvalid(await anonymous.post('/auth/login', { username: 'somebody' }), { password: 'required' });
    isInvalid(await anonymous.post('/auth/login', { username: ['a'], password: { $ne: '' } }), { username: 'type', password: 'type' });
  });

  test('gives a token that Bearer and Token take alike', async () => {
    const { admin } = await newOrganization(server);
    const token = admin.login.access_token;
    for (const header of [`Bearer ${token}`, `Token ${token}`, `bearer ${token}`, `TOKEN ${token}`])
      assert.ok(await isAlive(anonymous.with({ Authorization: header })), header);
    for (const header of [token, `Basic ${token}`, 'Bearer', 'Bearer ', '', `Bearer ${token} x`, `Bearer ${token},${token}`]) {
      const answer = await anonymous.with({ Authorization: header }).get('/auth/me');
      isProblem(answer, 401, 'unauthenticated');
      assert.match(answer.headers['www-authenticate'], /^Bearer/);
    }
  });
});

describe('refresh tokens', () => {
  test('work once and give new ones', async () => {
    const { admin } = await newOrganization(server);
    const first = admin.login;
    const second = hasStatus(await refresh(first.refresh_token), 200);
    assert.deepEqual(Object.keys(second), ['access_token', 'refresh_token', 'token_type', 'expires_in', 'user']);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.ok(await isAlive(anonymous.withToken(second.access_token)));
    hasStatus(await refresh(second.refresh_token), 200);
  });

  test('that come a second time end their whole session', async () => {
    const { admin } = await newOrganization(server);
    const elsewhere = await login(server, admin.login.user.username);
    const second = hasStatus(await refresh(admin.login.refresh_token), 200);
    const third = hasStatus(await refresh(second.refresh_token), 200); // all within one second
    const reused = await refresh(admin.login.refresh_token);
    isProblem(reused, 401, 'unauthenticated');
    assert.equal(said(await refresh(third.refresh_token)), said(reused));
    for (const { access_token: token } of [admin.login, second, third])
      assert.ok(!(await isAlive(anonymous.withToken(token))));
    assert.ok(await isAlive(elsewhere), 'other sessions go on');
    const { items } = await elsewhere.ok(elsewhere.get('/audit-logs?resource=auth&action=token_reuse'));
    assert.equal(items.length, 1);
  });

  test('redeemed by 64 at once succeed for exactly one', async () => {
    const { admin } = await newOrganization(server);
    for (let round = 0; round < 5; round++) {
      const { refresh_token: token } = (await login(server, admin.login.user.username)).login;
      const answers = await Promise.all(Array.from({ length: 64 }, () => refresh(token)));
      assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(63).fill(401)]);
      const won = answers.find((a) => a.status === 200).body;
      hasStatus(await refresh(won.refresh_token), 401);
    }
  });

  test('are not access tokens, nor the other way round', async () => {
    const { admin } = await newOrganization(server);
    const { access_token: access, refresh_token: token } = admin.login;
    isProblem(await refresh(access), 401, 'unauthenticated');
    isProblem(await anonymous.withToken(token).get('/work-orders'), 401, 'unauthenticated');
    for (const bad of ['', 'x', 'x'.repeat(4096), token.slice(1), token.toUpperCase()])
      assert.ok([401, 422].includes((await refresh(bad)).status), bad);
    isInvalid(await refresh(undefined), { refresh_token: 'required' });
    isInvalid(await refresh({ $gt: '' }), { refresh_token: 'type' });
    hasStatus(await refresh(token), 200);
  });
});

describe('what ends access takes effect at the next request', () => {
  test('logging out', async () => {
    const { admin } = await newOrganization(server);
    const other = await login(server, admin.login.user.username);
    hasStatus(await admin.post('/auth/logout'), 200);
    isProblem(await admin.get('/work-orders'), 401, 'unauthenticated');
    isProblem(await refresh(admin.login.refresh_token), 401, 'unauthenticated');
    assert.ok(await isAlive(other));
  });

  test('changing the password', async () => {
    const { admin } = await newOrganization(server);
    const { username } = admin.login.user;
    const other = await login(server, username);
    const change = (body) => admin.post('/auth/change-password', body);
    isProblem(await change({ current_password: 'not the one', new_password: 'another horse 2' }), 401, 'invalid_credentials');
    isInvalid(await change({ current_password: PASSWORD, new_password: 'short' }), { new_password: 'min_length' });
    assert.ok(await isAlive(other) && await isAlive(admin), 'a refused change ends nothing');
    const fresh = hasStatus(await change({ current_password: PASSWORD, new_password: 'another horse 2' }), 200);
    for (const client of [admin, other]) isProblem(await client.get('/auth/me'), 401, 'unauthenticated');
    isProblem(await refresh(other.login.refresh_token), 401, 'unauthenticated');
    hasStatus(await signIn(username), 401);
    hasStatus(await signIn(username, 'another horse 2'), 200);
    assert.ok(await isAlive(anonymous.withToken(fresh.access_token)), 'the caller goes on with new tokens');
    isProblem(await refresh(admin.login.refresh_token), 401, 'unauthenticated');
  });

  test('an administrator setting another password', async () => {
    const { admin, addUser } = await newOrganization(server);
    const staff = await addUser('staff');
    const path = `/users/${staff.login.user.id}`;
    isInvalid(await admin.patch(path, { password: '1234567' }), { password: 'min_length' });
    assert.ok(await isAlive(staff));
    hasStatus(await admin.patch(path, { password: 'given horse 3' }), 200);
    isProblem(await staff.get('/auth/me'), 401, 'unauthenticated');
    isProblem(await refresh(staff.login.refresh_token), 401, 'unauthenticated');
    hasStatus(await signIn(staff.login.user.username, 'given horse 3'), 200);
  });

  test('disabling a user; enabling does not bring the sessions back', async () => {
    const { admin, addUser } = await newOrganization(server);
    const staff = await addUser('staff');
    const path = `/users/${staff.login.user.id}`;
    hasStatus(await staff.get('/work-orders'), 200);
    await admin.ok(admin.patch(path, { is_active: false }));
    isProblem(await staff.get('/work-orders'), 401, 'unauthenticated');
    isProblem(await refresh(staff.login.refresh_token), 401, 'unauthenticated');
    hasStatus(await signIn(staff.login.user.username), 401);
    await admin.ok(admin.patch(path, { is_active: true }));
    isProblem(await staff.get('/work-orders'), 401, 'unauthenticated');
    assert.ok(await isAlive(await login(server, staff.login.user.username)));
  });

  test('changing a role, and what a role may do', async () => {
    const { admin, addUser } = await newOrganization(server);
    const user = await addUser('manager');
    const path = `/users/${user.login.user.id}`;
    hasStatus(await user.post('/products', { sku: 'ROLE-1', name: 'x' }), 201);
    await admin.ok(admin.patch(path, { role_id: 'viewer' }));
    isProblem(await user.post('/products', { sku: 'ROLE-2', name: 'x' }), 403, 'forbidden');
    const role = await admin.create('/roles', { name: 'packer', permissions: [{ resource: 'products', action: 'create' }] });
    await admin.ok(admin.patch(path, { role_id: role.id }));
    hasStatus(await user.post('/products', { sku: 'ROLE-3', name: 'x' }), 201);
    isProblem(await user.get('/products'), 403, 'forbidden');
    await admin.ok(admin.patch(`/roles/${role.id}`, { permissions: [{ resource: 'products', action: 'read' }] }));
    isProblem(await user.post('/products', { sku: 'ROLE-4', name: 'x' }), 403, 'forbidden');
    hasStatus(await user.get('/products'), 200);
    assert.equal(await admin.total('/products'), 2);
  });
});

describe('sessions', () => {
  test('are listed with where they are, and ended one by one', async () => {
    const { admin } = await newOrganization(server);
    const browser = new Client(server, { 'User-Agent': 'Loom/1.0 \u00e9' });
    const { access_token: token } = await browser.ok(browser.post('/auth/login', { username: admin.login.user.username, password: PASSWORD }));
    const { items, total } = await admin.ok(admin.get('/auth/sessions'));
    assert.equal(total, 2);
    assert.deepEqual(items.map((s) => s.current).sort(), [false, true]);
    const other = items.find((s) => !s.current);
    assert.match(other.user_agent, /^Loom\/1\.0 /);
    assert.equal(other.ip, '127.0.0.1');
    hasStatus(await admin.del(`/auth/sessions/${other.id}`), 200);
    assert.ok(!(await isAlive(browser.withToken(token))));
    isProblem(await admin.del(`/auth/sessions/${other.id}`), 404, 'not_found');
    assert.ok(await isAlive(admin));
  });

  test('of others cannot be seen or ended', async () => {
    const [mine, theirs] = [await newOrganization(server), await newOrganization(server)];
    const [session] = (await theirs.admin.ok(theirs.admin.get('/auth/sessions'))).items;
    const refused = await mine.admin.del(`/auth/sessions/${session.id}`);
    isProblem(refused, 404, 'not_found');
    assert.equal(said(await mine.admin.del('/auth/sessions/999999999')), said(refused));
    for (const id of ['x', '-1', '1e3', '99999999999999999999'])
      isProblem(await mine.admin.del(`/auth/sessions/${id}`), 404, 'not_found');
    assert.ok(await isAlive(theirs.admin));
    assert.ok(!(await mine.admin.ok(mine.admin.get('/auth/sessions'))).items.some((s) => s.id === session.id));
  });

  test('all others end at once', async () => {
    const { admin } = await newOrganization(server);
    const others = [await login(server, admin.login.user.username), await login(server, admin.login.user.username)];
    hasStatus(await admin.del('/auth/sessions'), 200);
    for (const other of others) isProblem(await other.get('/auth/me'), 401, 'unauthenticated');
    assert.equal((await admin.ok(admin.get('/auth/sessions'))).total, 1);
  });
});

describe('one’s own account', () => {
  test('tells who one is, and takes a new name and address', async () => {
    const { admin, name } = await newOrganization(server);
    const me = await admin.ok(admin.get('/auth/me'));
    assert.equal(me.organization.name, name);
    assert.deepEqual(me.organizations.map((o) => [o.name, o.role]), [[name, 'admin']]);
    const email = `${unique('new')}@example.com`;
    const changed = await admin.ok(admin.patch('/auth/me', { full_name: 'Ada B.', email }));
    assert.deepEqual([changed.full_name, changed.email], ['Ada B.', email]);
    hasStatus(await signIn(email), 200);
    hasStatus(await signIn(me.email), 401);
  });

  test('cannot be given rights, another organization or somebody’s name by oneself', async () => {
    const { admin, addUser } = await newOrganization(server);
    const viewer = await addUser('viewer');
    const before = await admin.ok(admin.get(`/users/${viewer.login.user.id}`));
    for (const body of [{ role: 'admin' }, { role_id: 1 }, { is_active: true }, { organization_id: 1 }, { password: 'new password 1' }, { epoch: 9 }])
      isInvalid(await viewer.patch('/auth/me', body), { [Object.keys(body)[0]]: 'unknown_field' });
    isProblem(await viewer.patch('/auth/me', { username: admin.login.user.username }), 409, 'duplicate');
    isInvalid(await viewer.patch('/auth/me', { email: null }), { email: 'required' });
    isProblem(await viewer.patch(`/users/${viewer.login.user.id}`, { role_id: 'admin' }), 403, 'forbidden');
    assert.deepEqual(await admin.ok(admin.get(`/users/${viewer.login.user.id}`)), before);
  });
});

describe('belonging to several organizations', () => {
  let home, away, person;
  before(async () => {
    home = await newOrganization(server);
    away = await newOrganization(server);
    person = await home.addUser('manager');
    const { token } = await away.admin.create('/invitations', { email: person.login.user.email, role_id: 'viewer' });
    hasStatus(await person.post('/auth/accept-invitation', { invitation: token }), 200);
    await home.admin.create('/products', { sku: 'HOME', name: 'x' });
    await away.admin.create('/products', { sku: 'AWAY', name: 'x' });
  });
  const skus = async (client) => (await client.ok(client.get('/products'))).items.map((p) => p.sku);

  test('a token sees one of them; switching gives tokens for another', async () => {
    assert.deepEqual(await skus(person), ['HOME']);
    const me = await person.ok(person.get('/auth/me'));
    assert.deepEqual(me.organizations.map((o) => o.id).sort((a, b) => a - b), [home.id, away.id]);
    const there = hasStatus(await person.post('/auth/switch-organization', { organization_id: away.id }), 200);
    const visitor = anonymous.withToken(there.access_token);
    assert.deepEqual(await skus(visitor), ['AWAY']);
    isProblem(await visitor.post('/products', { sku: 'NO', name: 'x' }), 403, 'forbidden');
    const refreshed = hasStatus(await refresh(there.refresh_token), 200);
    assert.deepEqual(await skus(anonymous.withToken(refreshed.access_token)), ['AWAY']);
  });

  test('no switching to where one does not belong: the same as to nowhere', async () => {
    const stranger = await newOrganization(server);
    const refused = await home.admin.post('/auth/switch-organization', { organization_id: stranger.id });
    isProblem(refused, 404, 'not_found');
    for (const id of [999999999, 0, -1])
      assert.equal(said(await home.admin.post('/auth/switch-organization', { organization_id: id })), said(refused));
    assert.ok(await isAlive(home.admin));
  });

  test('one administrator cannot rename the person or set the password', async () => {
    const { items: [member] } = await away.admin.ok(away.admin.get(`/users?email=${person.login.user.email}`));
    for (const body of [{ password: 'stolen horse 1' }, { email: `${unique('x')}@example.com` }, { username: unique('x') }])
      isProblem(await away.admin.patch(`/users/${member.id}`, body), 403, 'forbidden');
    hasStatus(await signIn(person.login.user.username), 200);
  });

  test('being disabled in one leaves the other', async () => {
    const { items: [member] } = await away.admin.ok(away.admin.get(`/users?email=${person.login.user.email}`));
    const here = await anonymous.ok(anonymous.post('/auth/login', { username: person.login.user.username, password: PASSWORD, organization_id: home.id }));
    await away.admin.ok(away.admin.patch(`/users/${member.id}`, { is_active: false }));
    assert.deepEqual(await skus(anonymous.withToken(here.access_token)), ['HOME']);
    const refused = await anonymous.post('/auth/login', { username: person.login.user.username, password: PASSWORD, organization_id: away.id });
    isProblem(refused, 401, 'invalid_credentials');
  });
});
