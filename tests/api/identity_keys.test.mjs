// API keys and invitations: secrets that are shown once.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let anonymous;
let organization;
let admin;

before(async () => {
  server = await startServer();
  anonymous = new Client(server);
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.stop());

const LISTS = ['/api-keys', '/invitations', '/users', '/products', '/roles'];
const refused = (attempt, by = admin) => changesNothing(by, LISTS, attempt);
const makeKey = (over = {}, by = admin) => by.create('/api-keys', { name: unique('key'), ...over });
const withKey = ({ key }) => anonymous.withToken(key);
const soon = (seconds) => new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+/, '');
const product = () => ({ sku: unique('SKU'), name: 'Thread' });

/** Every byte that is on disk. */
function onDisk(text) {
  const files = readdirSync(server.data).map((name) => path.join(server.data, name));
  return files.filter((file) => readFileSync(file).includes(text));
}

describe('an API key', () => {
  test('is shown once, and afterwards neither by the API nor on disk', async () => {
    const made = await makeKey({ scopes: ['products:read'] });
    assert.match(made.key, new RegExp(`^mw_${made.id}_[A-Za-z0-9_-]{43}$`));
    const secret = made.key.split('_').slice(2).join('_');
    assert.ok(secret.startsWith(made.prefix) && made.prefix.length === 8);
    await admin.ok(admin.patch(`/api-keys/${made.id}`, { name: 'Renamed' }));
    for (const where of [`/api-keys/${made.id}`, '/api-keys', '/api-keys/export', '/audit-logs?page_size=200', '/audit-logs/export']) {
      const { status, text } = await admin.get(where);
      assert.equal(status, 200);
      assert.ok(!text.includes(secret), `${where} shows the key`);
      assert.ok(!/key_hash/.test(text), `${where} shows the hash`);
    }
    assert.deepEqual(onDisk(secret), []);
    hasStatus(await withKey(made).get('/products'), 200);
  });

  test('made under an Idempotency-Key is made once, and not kept either', async () => {
    const headers = { 'Idempotency-Key': unique('once') };
    const body = { name: unique('key') };
    const first = await admin.post('/api-keys', body, headers);
    hasStatus(first, 201);
    const again = await refused(() => admin.post('/api-keys', body, headers));
    isProblem(again, 409, 'conflict');
    assert.deepEqual(onDisk(first.body.key.split('_').slice(2).join('_')), []);
    hasStatus(await withKey(first.body).get('/products'), 200);
  });

  test('acts as its maker, and the journal says that it was the key', async () => {
    const made = await makeKey();
    const record = await withKey(made).create('/products', product());
    assert.equal(record.created_by, admin.login.user.id);
    const { items: [entry] } = await admin.ok(admin.get(`/audit-logs?resource=products&record_id=${record.id}`));
    assert.deepEqual([entry.origin, entry.username], ['key', admin.login.user.username]);
    hasStatus(await anonymous.with({ Authorization: `Token ${made.key}` }).get('/products'), 200);
    const { last_used_at: used } = await admin.ok(admin.get(`/api-keys/${made.id}`));
    assert.ok(used, 'when it was used is noted');
  });

  test('is limited to its scopes, on every route', async () => {
    const reader = withKey(await makeKey({ scopes: ['products:read', 'vendors:*'] }));
    hasStatus(await reader.get('/products'), 200);
    hasStatus(await reader.get('/items'), 200);
    hasStatus(await reader.post('/vendors', { name: 'Kiran' }), 201);
    const out = [['POST', '/products', product()], ['POST', '/items', product()], ['GET', '/products/export'], ['GET', '/customers'],
      ['GET', '/users'], ['GET', '/audit-logs'], ['POST', '/products/bulk', { items: [product()] }], ['DELETE', '/products/1'],
      ['GET', '/api-keys'], ['POST', '/api-keys', { name: 'x' }], ['PATCH', '/organizations/1', { name: 'x' }]];
    for (const [method, path_, body] of out)
      isProblem(await refused(() => reader.request(method, path_, { body })), 403, 'forbidden');
  });

  test('never outgrows its maker, also not later', async () => {
    const user = await organization.addUser('manager');
    const made = await makeKey({}, admin);
    const theirs = await admin.create('/roles', { name: unique('keeper'), permissions: [
      { resource: 'api-keys', action: '*' }, { resource: 'products', action: '*' }] });
    await admin.ok(admin.patch(`/users/${user.login.user.id}`, { role_id: theirs.id }));
    const key = await makeKey({ scopes: ['*'] }, user);
    hasStatus(await withKey(key).post('/products', product()), 201);
    isProblem(await withKey(key).get('/customers'), 403, 'forbidden');
    isProblem(await refused(() => user.post('/api-keys', { name: 'x', scopes: ['customers:read'] })), 403, 'forbidden');
    await admin.ok(admin.patch(`/users/${user.login.user.id}`, { role_id: 'viewer' }));
    isProblem(await refused(() => withKey(key).post('/products', product())), 403, 'forbidden');
    await admin.ok(admin.patch(`/users/${user.login.user.id}`, { is_active: false }));
    isProblem(await withKey(key).get('/products'), 401, 'unauthenticated');
    hasStatus(await withKey(made).get('/products'), 200);
  });

  test('makes no keys, which could do more than itself', async () => {
    const limited = withKey(await makeKey({ scopes: ['api-keys:*', 'products:read'] }));
    for (const over of [{}, { scopes: ['*'] }, { scopes: ['*:*'] }, { scopes: ['customers:read'] }, { scopes: ['products:*'] }]) {
      const answer = await refused(() => limited.post('/api-keys', { name: 'wider', ...over }));
      isProblem(answer, 403, 'forbidden');
    }
  });

  test('cannot raise itself through users, roles or invitations', async () => {
    const limited = withKey(await makeKey({ scopes: ['users:*', 'roles:*', 'invitations:*'] }));
    const person = unique('raise');
    const user = { username: person, email: `${person}@example.com`, password: PASSWORD, role_id: 'admin' };
    for (const [path_, body] of [['/users', user], ['/invitations', { email: user.email, role_id: 'admin' }],
      ['/roles', { name: unique('r'), permissions: [{ resource: 'products', action: 'delete' }] }]])
      isProblem(await refused(() => limited.post(path_, body)), 403, 'forbidden');
  });

  test('cannot touch the account of its maker', async () => {
    const key = withKey(await makeKey());
    const attempts = [['PATCH', '/auth/me', { full_name: 'x' }], ['POST', '/auth/logout'], ['GET', '/auth/sessions'], ['DELETE', '/auth/sessions'],
      ['POST', '/auth/change-password', { current_password: PASSWORD, new_password: 'changed 123' }],
      ['POST', '/auth/switch-organization', { organization_id: organization.id }], ['POST', '/auth/accept-invitation', { invitation: 'x' }]];
    for (const [method, path_, body] of attempts)
      isProblem(await refused(() => key.request(method, path_, { body })), 403, 'forbidden');
    const me = await key.ok(key.get('/auth/me'));
    assert.equal(me.id, admin.login.user.id);
    assert.ok(!('organizations' in me));
    hasStatus(await admin.get('/auth/me'), 200);
  });

  test('is worthless from the moment it is revoked or deleted', async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    for (const made of [one, two]) hasStatus(await withKey(made).get('/products'), 200);
    const revoked = hasStatus(await admin.post(`/api-keys/${one.id}/revoke`), 200);
    assert.ok(revoked.revoked_at);
    hasStatus(await admin.del(`/api-keys/${two.id}`), 200);
    for (const made of [one, two]) isProblem(await withKey(made).get('/products'), 401, 'unauthenticated');
  });

  test('with anything changed is none', async () => {
    const [one, two] = [await makeKey(), await makeKey()];
    const [id, secret] = [one.id, one.key.split('_').slice(2).join('_')];
    const bad = [`mw_${two.id}_${secret}`, `mw_${id}_`, `mw_${id}`, 'mw_', `mw__${secret}`, `mw_-${id}_${secret}`, `mw_0_${secret}`,
      `mw_99999999999999999999_${secret}`, `mw_${id}_${secret}x`, `mw_${id}_${secret.slice(0, -1)}`, `MW_${id}_${secret}`, `mw_${id}_${secret.toLowerCase()}`, secret];
    for (const token of bad) isProblem(await anonymous.withToken(token).get('/products'), 401, 'unauthenticated');
  });

  const wrong = [
    ['no list', { scopes: 'products:read' }, 'scopes'], ['an empty list', { scopes: [] }, 'scopes'], ['no text', { scopes: [7] }, 'scopes[0]'],
    ['an unknown resource', { scopes: ['looms:read'] }, 'scopes[0]'], ['an unknown action', { scopes: ['products:read', 'products:weave'] }, 'scopes[1]'],
    ['no action', { scopes: ['products'] }, 'scopes[0]'], ['an internal table', { scopes: ['sessions:read'] }, 'scopes[0]'],
    ['an end in the past', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'], ['no name', { name: null }, 'name'],
    ['a hash of one’s own', { key_hash: 'x' }, 'key_hash'], ['a prefix of one’s own', { prefix: 'x' }, 'prefix'],
  ];
  for (const [what, over, field] of wrong)
    test(`with ${what} is a 422 and not made`, async () => {
      const { errors } = isProblem(await refused(() => admin.post('/api-keys', { name: 'k', ...over })), 422, 'validation_failed');
      assert.deepEqual(errors.map((e) => e.field), [field]);
    });

  test('keeps its scopes: they cannot be changed afterwards', async () => {
    const made = await makeKey({ scopes: ['products:read'] });
    const path_ = `/api-keys/${made.id}`;
    isInvalid(await refused(() => admin.patch(path_, { scopes: ['*'] })), { scopes: 'read_only' });
    isInvalid(await refused(() => admin.patch(path_, { revoked_at: null })), { revoked_at: 'read_only' });
    hasStatus(await admin.put(path_, { name: 'Again' }), 200);
    assert.deepEqual((await admin.ok(admin.get(path_))).scopes, ['products:read']);
    isProblem(await withKey(made).get('/customers'), 403, 'forbidden');
  });
});

describe('an invitation', () => {
  const invite = (over = {}, by = admin) => by.create('/invitations', { email: `${unique('guest')}@example.com`, role_id: 'operator', ...over });
  const accept = ({ token, email }, over = {}) => {
    const username = unique('guest');
    return anonymous.post('/auth/register', { username, email, password: PASSWORD, invitation: token, ...over });
  };

  test('lets one person join, once, with its role', async () => {
    const made = await invite();
    const joined = hasStatus(await accept(made), 201);
    assert.deepEqual([joined.organization_id, joined.role, joined.email], [organization.id, 'operator', made.email]);
    const person = await login(server, joined.username);
    hasStatus(await person.get('/work-orders'), 200);
    const again = await refused(() => accept(made, { email: undefined }));
    isProblem(again, 404, 'not_found');
    assert.ok((await admin.ok(admin.get(`/invitations/${made.id}`))).accepted_at);
    assert.equal((await refused(() => accept({ token: 'never given' }))).body.detail, again.body.detail);
  });

  test('is shown once, and afterwards neither by the API nor on disk', async () => {
    const headers = { 'Idempotency-Key': unique('invite') };
    const made = await admin.create('/invitations', { email: `${unique('guest')}@example.com`, role_id: 'viewer' }, headers);
    assert.match(made.token, /^[A-Za-z0-9_-]{43}$/);
    for (const where of [`/invitations/${made.id}`, '/invitations', '/invitations/export', '/audit-logs?page_size=500'])
      assert.ok(!(await admin.get(where)).text.includes(made.token), where);
    assert.deepEqual(onDisk(made.token), []);
    hasStatus(await accept(made), 201);
  });

  test('is for its address only; a wrong one does not use it up', async () => {
    const made = await invite();
    isProblem(await refused(() => accept(made, { email: `${unique('other')}@example.com` })), 404, 'not_found');
    isInvalid(await refused(() => accept(made, { password: 'short' })), { password: 'min_length' });
    isProblem(await refused(() => accept(made, { username: admin.login.user.username })), 409, 'duplicate');
    hasStatus(await accept(made, { email: made.email.toUpperCase() }), 201);
  });

  test('redeemed by many at once lets one in', async () => {
    const made = await invite();
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept(made)));
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array(7).fill(404)]);
  });

  test('that was withdrawn is as one that never was', async () => {
    const made = await invite();
    hasStatus(await admin.del(`/invitations/${made.id}`), 200);
    isProblem(await refused(() => accept(made)), 404, 'not_found');
  });

  test('is nothing else: no access token, no refresh token, no key', async () => {
    const made = await invite();
    isProblem(await anonymous.withToken(made.token).get('/work-orders'), 401, 'unauthenticated');
    isProblem(await anonymous.post('/auth/refresh', { refresh_token: made.token }), 401, 'unauthenticated');
    const { refresh_token: token } = (await login(server, admin.login.user.username)).login;
    isProblem(await refused(() => accept({ token, email: `${unique('x')}@example.com` })), 404, 'not_found');
    hasStatus(await accept(made), 201);
  });

  test('of another organization cannot be seen, withdrawn or given its roles', async () => {
    const made = await invite();
    const stranger = await newOrganization(server);
    const { items: [foreign] } = await stranger.admin.ok(stranger.admin.get('/roles?name=viewer'));
    isProblem(await refused(() => stranger.admin.get(`/invitations/${made.id}`)), 404, 'not_found');
    isProblem(await refused(() => stranger.admin.del(`/invitations/${made.id}`)), 404, 'not_found');
    isInvalid(await refused(() => admin.post('/invitations', { email: 'a@example.com', role_id: foreign.id })), { role_id: 'unknown_reference' });
    hasStatus(await accept(made), 201);
  });

  test('cannot be given by those who may not, nor to a role above one’s own', async () => {
    const operator = await organization.addUser('operator');
    isProblem(await refused(() => operator.post('/invitations', { email: 'a@example.com', role_id: 'viewer' })), 403, 'forbidden');
    const role = await admin.create('/roles', { name: unique('host'), permissions: [
      { resource: 'invitations', action: 'create' }, { resource: 'products', action: 'read' }] });
    const host = await organization.addUser(role.id, unique('host'));
    for (const above of ['admin', 'manager', 'viewer', 'operator'])
      isProblem(await refused(() => host.post('/invitations', { email: 'a@example.com', role_id: above })), 403, 'forbidden');
    hasStatus(await host.post('/invitations', { email: `${unique('g')}@example.com`, role_id: role.id }), 201);
  });

  const wrong = [
    [{ email: 'nobody' }, 'email'], [{ role_id: 'no such role' }, 'role_id'], [{ role_id: undefined }, 'role_id'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'], [{ expires_at: soon(31 * 86400) }, 'expires_at'],
    [{ token_hash: 'x' }, 'token_hash'], [{ accepted_at: soon(60) }, 'accepted_at'],
  ];
  for (const [over, field] of wrong)
    test(`with a wrong ${field} (${JSON.stringify(over)}) is a 422`, async () => {
      const { errors } = isProblem(await refused(() => admin.post('/invitations', { email: 'a@example.com', role_id: 'viewer', ...over })), 422, 'validation_failed');
      assert.deepEqual(errors.map((e) => e.field), [field]);
    });

  test('to somebody who belongs already is a 409', async () => {
    isProblem(await refused(() => admin.post('/invitations', { email: admin.login.user.email, role_id: 'viewer' })), 409, 'duplicate');
    const made = await invite({ email: `${unique('twice')}@example.com` });
    const second = await invite({ email: made.email });
    hasStatus(await accept(made), 201);
    isProblem(await refused(() => accept(second)), 409, 'duplicate');
  });
});
