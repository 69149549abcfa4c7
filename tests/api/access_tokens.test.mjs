// Salespeople by invitation: tokens that open one session each.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

let server;
let data;
let anonymous;
let organization;
let admin;

before(async () => {
  data = tempFolder();
  server = await startServer({ data });
  anonymous = new Client(server);
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(async () => {
  const { code, stdout } = await server.run('verify');
  await server.stop();
  rmSync(data, { recursive: true, force: true });
  assert.equal(code, 0, stdout);
});

const LISTS = ['/access-tokens', '/users', '/roles', '/api-keys'];
const REFUSED = 'wrong e-mail address, password or token, or the token was used or has expired';
const make = (over = {}, by = admin) => by.create('/access-tokens', over);
const email = () => `${unique('sam.')}@example.com`;
const come = (body) => anonymous.post('/salesperson/auth', { email: email(), password: PASSWORD, ...body });
const refused = (attempt) => changesNothing(admin, LISTS, attempt);
const asUser = (answer) => anonymous.withToken(answer.access_token);
const isOpen = async ({ id }) => (await admin.ok(admin.get(`/access-tokens/${id}`))).used_at === null;

/** A 401 in the one text, after which the token can still be used. */
async function isRefused(body, token) {
  const { detail } = isProblem(await refused(() => come(body)), 401, 'invalid_credentials');
  assert.equal(detail, REFUSED);
  if (token) assert.ok(await isOpen(token), 'the token is not spent');
}

describe('a token', () => {
  test('is ten characters that cannot be misread, shown once, for seven days', async () => {
    const made = await make();
    assert.match(made.token, /^[34679ACDEFGHJKMNPQRTUVWXY]{10}$/);
    assert.deepEqual([made.email, made.max_amount, made.used_at, made.used_by, made.role_name], [null, null, null, null, 'salesperson']);
    const days = (Date.parse(made.expires_at) - Date.parse(made.created_at)) / 86_400_000;
    assert.equal(days, 7);
    for (const where of [`/access-tokens/${made.id}`, '/access-tokens', '/access-tokens/export', '/audit-logs?page_size=200', '/audit-logs/timeline']) {
      const { status, text } = await admin.get(where);
      assert.equal(status, 200);
      assert.ok(!text.includes(made.token) && !text.includes('token_hash'), where);
    }
    const files = readdirSync(data).map((name) => path.join(data, name));
    assert.deepEqual(files.filter((file) => readFileSync(file).includes(made.token)), []);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => make()));
    assert.equal(new Set(tokens.map((t) => t.token)).size, 50);
  });

  test('is made at /generate-token too, with nothing said', async () => {
    const answer = hasStatus(await admin.request('POST', '/api/generate-token/'), 201);
    assert.equal(answer.token.length, 10);
    assert.equal((await admin.ok(admin.get(`/access-tokens/${answer.id}`))).role_name, 'salesperson');
  });

  test('is for a role, an address, an amount and a time that make sense', async () => {
    const later = (days) => new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+/, '');
    hasStatus(await admin.post('/access-tokens', { role_id: 'viewer', email: email(), max_amount: '99.95', expires_at: later(89) }), 201);
    const wrong = [[{ expires_at: later(91) }, { expires_at: 'range' }], [{ expires_at: later(-1) }, { expires_at: 'range' }],
      [{ max_amount: 0 }, { max_amount: 'min' }], [{ max_amount: -5 }, { max_amount: 'min' }], [{ max_amount: 'much' }, { max_amount: 'type' }],
      [{ email: 'sam' }, { email: 'email' }], [{ role_id: 'captain' }, { role_id: 'unknown_reference' }], [{ used_at: later(1) }, { used_at: 'unknown_field' }],
      [{ token: 'AAAAAAAAAA' }, { token: 'unknown_field' }]];
    for (const [body, issues] of wrong) isInvalid(await refused(() => admin.post('/access-tokens', body)), issues);
    const made = await make();
    for (const field of ['max_amount', 'role_id', 'email', 'expires_at', 'used_at'])
      isInvalid(await refused(() => admin.patch(`/access-tokens/${made.id}`, { [field]: 1 })), { [field]: 'read_only' });
  });

  test('is made by who may, and for nothing wider than they may do', async () => {
    const user = await organization.addUser('manager');
    isProblem(await refused(() => user.post('/access-tokens', {})), 403, 'forbidden');
    isProblem(await refused(() => user.get('/generate-token')), 403, 'forbidden');
    isProblem(await refused(() => anonymous.post('/access-tokens', {})), 401, 'unauthenticated');
    const { id } = await admin.create('/roles', { name: unique('hirer'), permissions: [{ resource: 'access-tokens', action: '*' }, { resource: 'customers', action: 'read' }] });
    const narrow = await admin.create('/roles', { name: unique('narrow'), permissions: [{ resource: 'customers', action: 'read' }] });
    const hirer = await organization.addUser(id, unique('hirer'));
    for (const body of [{}, { role_id: 'salesperson' }, { role_id: 'admin' }])
      isProblem(await refused(() => hirer.post('/access-tokens', body)), 403, 'forbidden');
    hasStatus(await hirer.post('/access-tokens', { role_id: narrow.id }), 201);
  });
});

describe('at /salesperson/auth', () => {
  test('somebody new gets an account, the token’s role and the usual tokens', async () => {
    const made = await make({ max_amount: 250 });
    const who = email();
    const answer = hasStatus(await come({ email: who, token: made.token }), 200);
    assert.equal(answer.token, answer.access_token);
    assert.ok(answer.refresh_token && answer.token_type === 'bearer' && answer.expires_in === 1800);
    assert.deepEqual([answer.user.email, answer.user.username, answer.user.role, answer.user.organization_id], [who, who, 'salesperson', organization.id]);
    hasStatus(await asUser(answer).get('/customers'), 200);
    isProblem(await refused(() => asUser(answer).get('/users')), 403, 'forbidden');
    const used = await admin.ok(admin.get(`/access-tokens/${made.id}`));
    assert.deepEqual([used.used_by, used.used_by_name, used.version], [answer.user.id, who, 2]);
    assert.ok(used.used_at);
    const log = async (query) => (await admin.ok(admin.get(`/audit-logs?${query}&ordering=-sequence`))).items[0];
    const entry = await log(`resource=access-tokens&record_id=${made.id}`);
    assert.deepEqual([entry.action, entry.user_id, entry.username, entry.changes], ['use', answer.user.id, who, { used_at: [null, used.used_at], used_by: [null, answer.user.id] }]);
    assert.equal((await log('resource=auth')).action, 'login');
    assert.equal((await log(`resource=users&record_id=${answer.user.id}`)).action, 'create');
    hasStatus(await anonymous.post('/auth/login', { email: who, password: PASSWORD }), 200);
  });

  test('a token works once, however it is typed', async () => {
    const typed = [(t) => t.toLowerCase(), (t) => `${t.slice(0, 5)}-${t.slice(5)}`, (t) => ` ${t.slice(0, 3)} ${t.slice(3).toLowerCase()} `];
    for (const spelling of typed) {
      const made = await make();
      hasStatus(await come({ token: spelling(made.token) }), 200);
      await isRefused({ token: made.token });
    }
  });

  test('of 64 uses at once exactly one gets in', async () => {
    const made = await make();
    const users = await admin.total('/users');
    const answers = await Promise.all(Array.from({ length: 64 }, () => come({ token: made.token })));
    const [good, bad] = [answers.filter((a) => a.status === 200), answers.filter((a) => a.status !== 200)];
    assert.equal(good.length, 1);
    for (const answer of bad) assert.equal(isProblem(answer, 401, 'invalid_credentials').detail, REFUSED);
    assert.equal(await admin.total('/users'), users + 1);
    assert.equal((await admin.ok(admin.get(`/access-tokens/${made.id}`))).used_by, good[0].body.user.id);
    assert.equal(await admin.total(`/audit-logs?resource=access-tokens&record_id=${made.id}&action=use`), 1);
  });

  test('an account that exists needs its password, and a wrong one spends nothing', async () => {
    const { admin: stranger } = await newOrganization(server);
    const who = stranger.login.user;
    const made = await make();
    await isRefused({ email: who.email, password: 'wrong horse 1', token: made.token }, made);
    const answer = hasStatus(await come({ email: who.email, token: made.token }), 200);
    assert.deepEqual([answer.user.role, answer.user.organization_id, answer.user.username], ['salesperson', organization.id, who.username]);
    const { organizations } = await asUser(answer).ok(asUser(answer).get('/auth/me'));
    assert.deepEqual(organizations.map((o) => o.role).sort(), ['admin', 'salesperson']);
  });

  test('a member keeps the role there is, and one who was shut out stays out', async () => {
    const user = await organization.addUser('manager');
    const { user: { id, email: address } } = user.login;
    const users = await admin.total('/users');
    const answer = hasStatus(await come({ email: address, token: (await make()).token }), 200);
    assert.deepEqual([answer.user.id, answer.user.role], [id, 'manager']);
    assert.equal(await admin.total('/users'), users);
    await admin.ok(admin.patch(`/users/${id}`, { active: false }));
    const made = await make();
    await isRefused({ email: address, token: made.token }, made);
  });

  test('a token that is bound, withdrawn, unknown or cut is refused in the one text', async () => {
    const who = email();
    const bound = await make({ email: who });
    await isRefused({ token: bound.token }, bound);
    hasStatus(await come({ email: who.toUpperCase(), token: bound.token }), 200);
    const gone = await make();
    await admin.ok(admin.del(`/access-tokens/${gone.id}`));
    await isRefused({ token: gone.token });
    const made = await make();
    for (const token of [made.token.slice(1), `${made.token}A`, 'AAAAAAAAAA', '-', made.token.replace(/.$/, '0'), admin.login.access_token.slice(0, 60)])
      await isRefused({ token }, made);
    const { email: known } = admin.login.user;
    await isRefused({ email: known, token: 'AAAAAAAAAA' });
    await isRefused({ email: known, password: 'wrong horse 1', token: 'AAAAAAAAAA' });
  });

  test('what is missing or malformed is named, and spends nothing', async () => {
    const made = await make();
    isInvalid(await refused(() => anonymous.post('/salesperson/auth', {})), { email: 'required', password: 'required', token: 'required' });
    isInvalid(await refused(() => come({ token: made.token, password: 'short' })), { password: 'min_length' });
    isInvalid(await refused(() => come({ token: made.token, email: 'sam' })), { email: 'email' });
    isInvalid(await refused(() => come({ token: made.token, role: 'admin' })), { role: 'unknown_field' });
    isProblem(await refused(() => anonymous.post('/salesperson/auth?dry_run=true', { email: email(), password: PASSWORD, token: made.token })), 400);
    assert.ok(await isOpen(made));
  });

  test('an address that is no user name gets one like it', async () => {
    const word = unique('oneil');
    const names = [];
    for (const mail of [`${word}'a@example.com`, `${word}!a@example.com`]) names.push(hasStatus(await come({ email: mail, token: (await make()).token }), 200).user.username);
    assert.deepEqual(names, [`${word}-a@example.com`, `${word}-a@example.com-2`]);
  });
});

describe('the limit of a sale', () => {
  const limit = async (client) => (await client.ok(client.get('/auth/me'))).max_amount;

  test('is the session’s: kept when it is refreshed and moved, and in no other', async () => {
    const { admin: stranger, id: elsewhere } = await newOrganization(server);
    const { email: who } = stranger.login.user;
    const made = await make({ max_amount: '250.5' });
    const answer = hasStatus(await come({ email: who, token: made.token }), 200);
    assert.equal(await limit(asUser(answer)), 250.5);
    const next = await anonymous.ok(anonymous.post('/auth/refresh', { refresh_token: answer.refresh_token }));
    assert.equal(await limit(asUser(next)), 250.5);
    const moved = await asUser(next).ok(asUser(next).post('/auth/switch-organization', { organization_id: elsewhere }));
    assert.equal(await limit(asUser(moved)), 250.5);
    const changed = await asUser(moved).ok(asUser(moved).post('/auth/change-password', { current_password: PASSWORD, new_password: 'changed horse 1' }));
    assert.equal(await limit(asUser(changed)), 250.5);
    assert.equal(await limit(await login(server, who, 'changed horse 1')), null);
    assert.equal(await limit(admin), null);
  });

  test('is the person’s, however they sign in: until another token, another role, or none', async () => {
    const mail = email();
    const made = await make({ max_amount: 100 });
    hasStatus(await come({ email: mail, token: made.token }), 200);
    const signed = await login(server, mail, PASSWORD);
    assert.equal(await limit(signed), 100);
    isProblem(await refused(() => signed.post('/api-keys', { name: 'x' })), 403, 'forbidden');
    // A higher one is for sessions from then on; a lower one also for those there are.
    const higher = hasStatus(await come({ email: mail, token: (await make({ max_amount: 300 })).token }), 200);
    assert.deepEqual([await limit(asUser(higher)), await limit(signed), await limit(await login(server, mail, PASSWORD))], [300, 100, 300]);
    const low = await make({ max_amount: 50 });
    hasStatus(await come({ email: mail, token: low.token }), 200);
    assert.deepEqual([await limit(asUser(higher)), await limit(await login(server, mail, PASSWORD))], [50, 50]);
    await admin.ok(admin.patch(`/users/${signed.login.user.id}`, { role_id: 'manager' }));
    assert.equal(await limit(await login(server, mail, PASSWORD)), null);
    await admin.ok(admin.patch(`/users/${signed.login.user.id}`, { role_id: 'salesperson' }));
    assert.equal(await limit(await login(server, mail, PASSWORD)), 50);
    hasStatus(await come({ email: mail, token: (await make()).token }), 200);
    assert.equal(await limit(await login(server, mail, PASSWORD)), null);
  });

  test('comes with the person from another organization, and holds for keys made before', async () => {
    const { admin: stranger, id: elsewhere } = await newOrganization(server);
    const { email: who } = stranger.login.user;
    const here = (await admin.ok(admin.get('/auth/me'))).organization_id;
    hasStatus(await come({ email: who, token: (await make({ role_id: 'admin' })).token }), 200);
    const free = await login(server, who, PASSWORD);
    const key = await free.create('/api-keys', { name: 'till' });
    const keyed = anonymous.withToken(key.key);
    assert.deepEqual([await limit(free), await limit(keyed)], [null, null]);
    hasStatus(await come({ email: who, token: (await make({ role_id: 'admin', max_amount: 75 })).token }), 200);
    assert.deepEqual([await limit(free), await limit(keyed)], [75, 75]);
    const own = asUser(await anonymous.ok(anonymous.post('/auth/login', { email: who, password: PASSWORD, organization_id: elsewhere })));
    assert.equal(await limit(own), null);
    const moved = await own.ok(own.post('/auth/switch-organization', { organization_id: here }));
    assert.equal(await limit(asUser(moved)), 75);
  });

  test('cannot be left behind by a key, or by a token of one’s own', async () => {
    const made = await make({ role_id: 'admin', max_amount: 100 });
    const boss = asUser(hasStatus(await come({ token: made.token }), 200));
    isProblem(await refused(() => boss.post('/api-keys', { name: 'x' })), 403, 'forbidden');
    for (const body of [{}, { max_amount: 100.01 }]) isProblem(await refused(() => boss.post('/access-tokens', body)), 403, 'forbidden');
    hasStatus(await boss.post('/access-tokens', { max_amount: 100 }), 201);
  });
});

test('guesses are throttled like wrong passwords', async () => {
  const strict = await startServer({ env: { MILLWRIGHT_RATE_LIMIT: 'on' } });
  try {
    const { admin: boss } = await newOrganization(strict);
    const guest = new Client(strict);
    const { token } = await boss.create('/access-tokens', {});
    const who = email();
    for (let i = 0; i < 5; i++)
      isProblem(await guest.post('/salesperson/auth', { email: who, password: PASSWORD, token: 'AAAAAAAAAA' }), 401, 'invalid_credentials');
    isProblem(await guest.post('/salesperson/auth', { email: who, password: PASSWORD, token }), 429, 'rate_limited');
    hasStatus(await guest.post('/salesperson/auth', { email: email(), password: PASSWORD, token }), 200);
  } finally {
    await strict.stop();
  }
});

test('an expired token is refused as any other', async () => {
  const made = await make();
  await server.stop();
  server.flags = ['--clock-offset', String(8 * 86_400)];
  await server.start();
  anonymous = new Client(server);
  admin = await login(server, admin.login.user.username);
  await isRefused({ token: made.token }, made);
});
