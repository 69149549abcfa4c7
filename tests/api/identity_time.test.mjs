// What must outlive a restart, and what ends with time: the clock is set
// forward by starting again with another offset.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

let server;
let data;
before(() => { data = tempFolder(); });
after(() => rmSync(data, { recursive: true, force: true }));

/** The same server, so many seconds later; by a clean stop or a kill. */
async function later(seconds, { kill = false } = {}) {
  await (kill ? server.kill() : server.stop());
  server.flags = ['--clock-offset', String(seconds)];
  await server.start();
  return new Client(server);
}
const anonymous = () => new Client(server);
const refresh = (token) => anonymous().post('/auth/refresh', { refresh_token: token });
const me = (token) => anonymous().withToken(token).get('/auth/me');

describe('after a restart', () => {
  beforeEach(async () => { server = await startServer({ data }); });

  for (const kill of [false, true])
    test(`a used refresh token is still known to be used (${kill ? 'kill -9' : 'clean stop'})`, async (t) => {
      t.after(() => server.stop());
      const { admin } = await newOrganization(server);
      const second = hasStatus(await refresh(admin.login.refresh_token), 200);
      await later(0, { kill });
      isProblem(await refresh(admin.login.refresh_token), 401, 'unauthenticated');
      isProblem(await refresh(second.refresh_token), 401, 'unauthenticated');
      isProblem(await me(second.access_token), 401, 'unauthenticated');
    });

  test('sessions go on, and what was ended stays ended', async (t) => {
    t.after(() => server.stop());
    const { admin, addUser } = await newOrganization(server);
    const [out, disabled, demoted] = [await login(server, admin.login.user.username), await addUser('staff'), await addUser('manager')];
    const { key, id } = await admin.create('/api-keys', { name: 'k' });
    await out.ok(out.post('/auth/logout'));
    await admin.ok(admin.patch(`/users/${disabled.login.user.id}`, { is_active: false }));
    await admin.ok(admin.patch(`/users/${demoted.login.user.id}`, { role_id: 'viewer' }));
    await admin.ok(admin.post(`/api-keys/${id}/revoke`));
    await later(0, { kill: true });
    hasStatus(await me(admin.login.access_token), 200);
    for (const token of [out.login.access_token, disabled.login.access_token, key]) isProblem(await me(token), 401, 'unauthenticated');
    const viewer = anonymous().withToken(demoted.login.access_token);
    hasStatus(await viewer.get('/products'), 200);
    isProblem(await viewer.post('/products', { sku: 'X', name: 'x' }), 403, 'forbidden');
    hasStatus(await refresh(admin.login.refresh_token), 200);
  });

  test('with another secret every access token is worthless, refresh tokens go on', async (t) => {
    t.after(() => { delete server.extra.MILLWRIGHT_SECRET; return server.stop(); });
    const { admin } = await newOrganization(server);
    server.extra = { MILLWRIGHT_SECRET: 'another secret of at least 32 characters' };
    await later(0);
    isProblem(await me(admin.login.access_token), 401, 'unauthenticated');
    hasStatus(await refresh(admin.login.refresh_token), 200);
  });
});

describe('with time', () => {
  beforeEach(async () => { server = await startServer({ data }); });

  test('an access token ends after 30 minutes, a refresh token after 7 days', async (t) => {
    t.after(() => server.stop());
    const { admin } = await newOrganization(server);
    const other = await login(server, admin.login.user.username);
    await later(1790);
    hasStatus(await me(admin.login.access_token), 200);
    await later(1801);
    isProblem(await me(admin.login.access_token), 401, 'unauthenticated');
    const next = hasStatus(await refresh(admin.login.refresh_token), 200);
    hasStatus(await me(next.access_token), 200);
    await later(7 * 86400 + 60);
    isProblem(await refresh(other.login.refresh_token), 401, 'unauthenticated');
    hasStatus(await refresh(next.refresh_token), 200);
  });

  test('a key ends when it says so, an invitation after 7 days', async (t) => {
    t.after(() => server.stop());
    const { admin } = await newOrganization(server);
    const inAnHour = new Date(Date.now() + 3600e3).toISOString().replace(/\.\d+/, '');
    const { key } = await admin.create('/api-keys', { name: 'k', expires_at: inAnHour });
    const email = `${unique('late')}@example.com`;
    const { token } = await admin.create('/invitations', { email, role_id: 'viewer' });
    hasStatus(await me(key), 200);
    await later(3700);
    isProblem(await me(key), 401, 'unauthenticated');
    await later(7 * 86400 + 60);
    const joining = { username: unique('late'), email, password: PASSWORD, invitation: token };
    isProblem(await anonymous().post('/auth/register', joining), 404, 'not_found');
    isProblem(await anonymous().post('/auth/login', { username: joining.username, password: PASSWORD }), 401, 'invalid_credentials');
  });

  test('tokens of the future are no use after the clock was set back', async (t) => {
    t.after(() => server.stop());
    await later(86400);
    const { admin } = await newOrganization(server);
    await later(0);
    assert.ok([200, 401].includes((await me(admin.login.access_token)).status));
    assert.ok([200, 401].includes((await refresh(admin.login.refresh_token)).status));
  });
});

describe('registration that is not open', () => {
  let closed;
  before(async () => { closed = await startServer({ env: { MILLWRIGHT_REGISTRATION: 'closed' } }); });
  after(() => closed.stop());
  const register = (over = {}) => {
    const username = unique('first');
    return new Client(closed).post('/auth/register', { username, email: `${username}@example.com`, password: PASSWORD, ...over });
  };

  test('takes nobody but by an invitation', async () => {
    isProblem(await register(), 403, 'forbidden');
    const username = unique('first');
    hasStatus(await new Client(closed).post('/setup', { token: await closed.setupToken(), organization: 'First', username,
      email: `${username}@example.com`, password: PASSWORD }), 201);
    const admin = await login(closed, username);
    isProblem(await register(), 403, 'forbidden');
    isProblem(await register({ organization_name: 'Another' }), 403, 'forbidden');
    const email = `${unique('guest')}@example.com`;
    const { token } = await admin.create('/invitations', { email, role_id: 'viewer' });
    hasStatus(await register({ email, invitation: token }), 201);
    assert.equal(await admin.total('/users'), 2);
  });
});
