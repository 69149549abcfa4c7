// /admin: the first administrator, further ones, and signing in as one.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, newOrganization, unique } from '../lib/client.mjs';
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
after(() => server.proveAndStop());

const person = (over = {}) => ({ email: `${unique('boss.')}@example.com`, password: PASSWORD, ...over });
const register = (body, by = anonymous) => by.post('/admin/register', body);
const refused = (attempt) => changesNothing(admin, ['/users', '/roles', '/organizations'], attempt);

describe('registering', () => {
  test('opens no organization while registration is closed, not even the first', async () => {
    const closed = await startServer({ env: { MILLWRIGHT_REGISTRATION: 'closed' } });
    try {
      const guest = new Client(closed);
      isProblem(await register(person(), guest), 403, 'forbidden');
      const founder = person({ organization: 'Mill', name: 'Ada' });
      hasStatus(await guest.post('/setup', { token: await closed.setupToken(), ...founder }), 201);
      const first = hasStatus(await guest.post('/admin/login', { email: founder.email, password: PASSWORD }), 200);
      assert.deepEqual([first.user.role, first.user.organization_name, first.user.full_name, first.user.username], ['admin', 'Mill', 'Ada', first.user.email]);
      assert.equal(first.token, first.access_token);
      const boss = guest.withToken(first.token);
      const answer = await changesNothing(boss, ['/users'], () => register(person({ organization_name: 'Second' }), guest));
      isProblem(answer, 403, 'forbidden');
      const second = hasStatus(await register(person(), boss), 200);
      assert.deepEqual([second.user.organization_id, second.user.role], [first.user.organization_id, 'admin']);
    } finally {
      await closed.stop();
    }
  });

  test('opens a further one where registration is open, named after its administrator when nothing is said', async () => {
    const body = person();
    const { user } = hasStatus(await register(body), 200);
    assert.deepEqual([user.organization_name, user.role, user.username], [body.email, 'admin', body.email]);
    assert.notEqual(user.organization_id, organization.id);
    assert.equal((await register(person({ username: 'grace' }))).body.user.username, 'grace');
  });

  test('signed in as an administrator adds another to one’s own organization', async () => {
    const { user, token } = hasStatus(await register(person({ full_name: 'Grace' }), admin), 200);
    assert.deepEqual([user.organization_id, user.role, user.full_name], [organization.id, 'admin', 'Grace']);
    hasStatus(await anonymous.withToken(token).get('/users'), 200);
    const record = await admin.ok(admin.get(`/users/${user.id}`));
    assert.equal(record.created_by, admin.login.user.id);
    const { items: [entry] } = await admin.ok(admin.get(`/audit-logs?resource=users&record_id=${user.id}`));
    assert.deepEqual([entry.action, entry.user_id], ['create', admin.login.user.id]);
  });

  test('signed in as somebody else, or with a bad token, adds nobody', async () => {
    for (const role of ['manager', 'viewer']) {
      const user = await organization.addUser(role);
      isProblem(await refused(() => register(person(), user)), 403, 'forbidden');
    }
    const { id } = await admin.create('/roles', { name: unique('hirer'), permissions: [{ resource: 'users', action: '*' }] });
    const hirer = await organization.addUser(id, unique('hirer'));
    isProblem(await refused(() => register(person(), hirer)), 403, 'forbidden');
    for (const header of ['Bearer x', 'Bearer', '', `Bearer ${admin.login.refresh_token}`, 'Basic YTpi'])
      isProblem(await refused(() => register(person(), anonymous.with({ Authorization: header }))), 401, 'unauthenticated');
  });

  test('what is wrong is named, and nothing is made', async () => {
    isInvalid(await refused(() => register({})), { email: 'required', password: 'required' });
    isInvalid(await refused(() => register(person({ password: 'short' }))), { password: 'min_length' });
    isInvalid(await refused(() => register(person({ email: 'x' }), admin)), { email: 'email' });
    isInvalid(await refused(() => register(person({ organization_name: 'Other' }), admin)), { organization_name: 'read_only' });
    isInvalid(await refused(() => register(person({ role: 'admin' }), admin)), { role: 'unknown_field' });
    for (const by of [anonymous, admin]) {
      isProblem(await refused(() => register(person({ email: admin.login.user.email }), by)), 409, 'duplicate');
      isProblem(await refused(() => register(person({ username: admin.login.user.username }), by)), 409, 'duplicate');
    }
  });
});

describe('signing in as an administrator', () => {
  const signIn = (body) => anonymous.post('/admin/login', body);

  test('takes the e-mail address or the user name, and answers a token', async () => {
    const { email, username } = admin.login.user;
    for (const body of [{ email }, { username }, { login: email.toUpperCase() }]) {
      const answer = hasStatus(await signIn({ ...body, password: PASSWORD }), 200);
      assert.equal(answer.token, answer.access_token);
      assert.equal(answer.user.role, 'admin');
      hasStatus(await anonymous.with({ Authorization: `Token ${answer.token}` }).get('/users'), 200);
    }
  });

  test('is a 401 in one text for everybody else', async () => {
    const manager = await organization.addUser('manager');
    const wrong = [{ username: manager.login.user.username, password: PASSWORD }, { email: admin.login.user.email, password: 'wrong horse 1' },
      { email: 'nobody@example.com', password: PASSWORD }];
    const texts = new Set();
    for (const body of wrong) texts.add(isProblem(await refused(() => signIn(body)), 401, 'invalid_credentials').detail);
    assert.equal(texts.size, 1);
    isInvalid(await refused(() => signIn({ password: PASSWORD })), { username: 'required' });
  });

  test('goes where one is an administrator, and nowhere else', async () => {
    const { admin: other, id: elsewhere } = await newOrganization(server);
    const { token } = await admin.create('/invitations', { email: other.login.user.email, role_id: 'viewer' });
    await other.ok(other.post('/auth/accept-invitation', { invitation: token }));
    await other.ok(other.post('/auth/switch-organization', { organization_id: organization.id }));
    const body = { email: other.login.user.email, password: PASSWORD };
    assert.equal(hasStatus(await anonymous.post('/auth/login', body), 200).user.organization_id, organization.id);
    assert.equal(hasStatus(await signIn(body), 200).user.organization_id, elsewhere);
    isProblem(await refused(() => signIn({ ...body, organization_id: organization.id })), 401, 'invalid_credentials');
  });
});

test('a user’s role and state are accepted under their short names', async () => {
  const body = { ...person(), username: unique('short'), role: 'viewer', active: false };
  const made = await admin.create('/users', body);
  assert.deepEqual([made.role_name, made.is_active], ['viewer', false]);
  const changed = await admin.ok(admin.patch(`/users/${made.id}`, { role: 'operator', active: true }));
  assert.deepEqual([changed.role_name, changed.is_active], ['operator', true]);
  assert.equal((await admin.ok(admin.get('/users?active=false'))).total, 0);
  isInvalid(await refused(() => admin.patch(`/users/${made.id}`, { role: 'captain' })), { role_id: 'unknown_reference' });
});
