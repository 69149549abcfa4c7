// Roles and users: nobody gives what they do not have, built-in roles stay as
// they are, and an organization keeps an administrator.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { changesNothing, hasStatus, isProblem } from '../lib/check.mjs';
import { PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let organization;
let admin;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.stop());

const refused = (attempt, by = admin) => changesNothing(by, ['/users', '/roles', '/invitations'], attempt);
const may = (resource, ...actions) => actions.map((action) => ({ resource, action }));
const makeRole = (permissions, name = unique('role')) => admin.create('/roles', { name, permissions });
const person = (over = {}) => {
  const username = unique('person');
  return { username, email: `${username}@example.com`, password: PASSWORD, role_id: 'viewer', ...over };
};

describe('the built-in roles', () => {
  test('are there, and nobody changes, renames or deletes them', async () => {
    const { items } = await admin.ok(admin.get('/roles?builtin=true&ordering=name'));
    assert.deepEqual(items.map((r) => r.name), ['admin', 'customer', 'inventory_manager', 'manager', 'operator', 'salesperson', 'staff', 'viewer']);
    for (const role of items) {
      const path = `/roles/${role.id}`;
      const attempts = [['PATCH', path, { name: 'boss' }], ['PATCH', path, { permissions: may('*', '*') }], ['PATCH', path, { description: 'x' }],
        ['PUT', path, { name: role.name, permissions: [] }], ['DELETE', path], ['POST', '/roles/bulk', { items: [{ id: role.id, name: 'boss' }] }]];
      for (const [method, where, body] of attempts)
        isProblem(await refused(() => admin.request(method, where, { body })), 409, 'conflict');
    }
    for (const body of [{ name: 'x', builtin: true }, { name: 'x', organization_id: 1 }])
      isProblem(await refused(() => admin.post('/roles', body)), 422, 'validation_failed');
    isProblem(await refused(() => admin.post('/roles', { name: 'admin' })), 409, 'duplicate');
  });

  test('with wrong permissions no role is made', async () => {
    const wrong = [[{ resource: 'looms', action: 'read' }, 'permissions[0].resource'], [{ resource: 'products', action: 'weave' }, 'permissions[0].action'],
      [{ resource: 'sessions', action: 'read' }, 'permissions[0].resource'], [{ resource: 'products' }, 'permissions[0].action'],
      [{ resource: 'products', action: 'read', scope: 'some' }, 'permissions[0].scope']];
    for (const [permission, field] of wrong) {
      const { errors } = isProblem(await refused(() => admin.post('/roles', { name: unique('r'), permissions: [permission] })), 422);
      assert.deepEqual(errors.map((e) => e.field), [field]);
    }
  });
});

describe('a role', () => {
  test('in use is not deleted; a new one of an old name gives old holders nothing', async () => {
    const role = await makeRole(may('products', 'create'), 'sewer');
    const user = await organization.addUser(role.id, unique('sewer'));
    isProblem(await refused(() => admin.del(`/roles/${role.id}`)), 409, 'referenced');
    const empty = await makeRole([]);
    await admin.ok(admin.patch(`/users/${user.login.user.id}`, { role_id: empty.id }));
    hasStatus(await admin.del(`/roles/${role.id}`), 200);
    await makeRole(may('products', 'create'), 'sewer');
    isProblem(await user.post('/products', { sku: 'S', name: 's' }), 403, 'forbidden');
  });

  test('without permissions may do nothing but see who it is', async () => {
    const role = await makeRole([]);
    const user = await organization.addUser(role.id, unique('idle'));
    hasStatus(await user.get('/auth/me'), 200);
    for (const path of ['/products', '/users', '/roles', '/audit-logs', '/work-orders/stats', '/organizations', '/vendors/export'])
      isProblem(await user.get(path), 403, 'forbidden');
  });

  test('with own scope reaches its own records only', async () => {
    const role = await makeRole([...may('work-orders', 'create'), { resource: 'work-orders', action: '*', scope: 'own' }]);
    const user = await organization.addUser(role.id, unique('own'));
    const mine = await user.create('/work-orders', { product_name: 'Mine' });
    const given = await admin.create('/work-orders', { product_name: 'Given', assigned_to: user.login.user.id });
    const other = await admin.create('/work-orders', { product_name: 'Other' });
    const seen = async (query = '') => (await user.ok(user.get(`/work-orders?ordering=id${query}`))).items.map((w) => w.id);
    assert.deepEqual(await seen(), [mine.id, given.id]);
    assert.deepEqual(await seen(`&id__in=${other.id},${mine.id}`), [mine.id]);
    assert.equal((await user.ok(user.get('/work-orders?page_size=1'))).total, 2);
    assert.equal((await user.ok(user.get('/work-orders/stats'))).total, 2);
    assert.ok(!(await user.get('/work-orders/export')).text.includes('Other'));
    assert.deepEqual(await seen('&search=other'), []);
    for (const id of [mine.id, given.id]) {
      hasStatus(await user.get(`/work-orders/${id}`), 200);
      hasStatus(await user.patch(`/work-orders/${id}`, { notes: 'x' }), 200);
      hasStatus(await user.post(`/work-orders/${id}/start`), 200);
    }
    hasStatus(await user.del(`/work-orders/${mine.id}`), 200);
  });

  test('that sees only its own cannot tell others from what is not there', async () => {
    const role = await makeRole([{ resource: 'work-orders', action: '*', scope: 'own' }]);
    const user = await organization.addUser(role.id, unique('own'));
    const other = await admin.create('/work-orders', { product_name: 'Other' });
    const attempts = (id) => [['GET', `/work-orders/${id}`], ['PATCH', `/work-orders/${id}`, { notes: 'x' }], ['PUT', `/work-orders/${id}`, { product_name: 'x' }],
      ['DELETE', `/work-orders/${id}`], ['POST', `/work-orders/${id}/start`], ['POST', '/work-orders/bulk', { items: [{ id, notes: 'x' }] }],
      ['POST', '/work-orders/bulk', { items: [{ id, notes: 'x' }], atomic: false }], ['PATCH', `/work-orders/${id}?dry_run=true`, { notes: 'x' }]];
    const said = ({ status, body: { request_id: _, timestamp: __, ...rest } }) => JSON.stringify([status, rest]);
    for (const [i, [method, path, body]] of attempts(other.id).entries()) {
      const answer = await user.request(method, path, { body, headers: { 'If-Match': '"v7"' } });
      const [, nowhere, nothing] = attempts(999999999)[i];
      const missing = await user.request(method, nowhere, { body: nothing, headers: { 'If-Match': '"v7"' } });
      assert.equal(said(answer), said(missing), `${method} ${path}`);
    }
    assert.equal((await admin.ok(admin.get(`/work-orders/${other.id}`))).version, 1);
  });
});

describe('who may less cannot make more', () => {
  let deputy;
  let role;
  let target;
  beforeEach(async () => {
    role = await makeRole([...may('users', 'read', 'create', 'update', 'import'), ...may('roles', 'read', 'create', 'update', 'import'), ...may('products', 'read', 'update'),
      { resource: 'work-orders', action: 'update', scope: 'own' }]);
    deputy = await organization.addUser(role.id, unique('deputy'));
    target = await organization.addUser('viewer');
  });

  test('a role with a right the author lacks', async () => {
    const wider = [may('products', 'create'), may('products', '*'), may('*', 'read'), may('*', '*'), may('audit-logs', 'read'), may('roles', 'delete'),
      may('work-orders', 'update'), may('api-keys', 'create'), may('purchase-orders', 'approve')];
    for (const permissions of wider) {
      const name = unique('wide');
      isProblem(await refused(() => deputy.post('/roles', { name, permissions })), 403, 'forbidden');
      isProblem(await refused(() => deputy.patch(`/roles/${role.id}`, { permissions })), 403, 'forbidden');
      isProblem(await refused(() => deputy.put(`/roles/${role.id}`, { name, permissions })), 403, 'forbidden');
      isProblem(await refused(() => deputy.post('/roles/bulk', { items: [{ name, permissions }] })), 403, 'forbidden');
      isProblem(await refused(() => deputy.post('/roles?dry_run=true', { name, permissions })), 403, 'forbidden');
    }
    hasStatus(await deputy.post('/roles', { name: unique('fine'), permissions: may('products', 'read') }), 201);
  });

  test('a user with such a role, or such a role for a user', async () => {
    for (const above of ['admin', 'manager', 'viewer', 'operator']) {
      isProblem(await refused(() => deputy.post('/users', person({ role_id: above }))), 403, 'forbidden');
      isProblem(await refused(() => deputy.patch(`/users/${deputy.login.user.id}`, { role_id: above })), 403, 'forbidden');
      isProblem(await refused(() => deputy.post('/users/bulk', { items: [person({ role_id: above })] })), 403, 'forbidden');
      isProblem(await refused(() => deputy.post('/users/bulk', { items: [{ id: deputy.login.user.id, role_id: above }] })), 403, 'forbidden');
      const csv = `username,email,password,role_id\r\n${unique('csv')},${unique('csv')}@example.com,${PASSWORD},${above}\r\n`;
      isProblem(await refused(() => deputy.post('/users/import', csv, { 'Content-Type': 'text/csv' })), 403, 'forbidden');
    }
    hasStatus(await deputy.post('/users', person({ role_id: role.id })), 201);
  });

  test('a change to somebody who may more', async () => {
    for (const id of [admin.login.user.id, target.login.user.id])
      for (const body of [{ password: 'stolen horse 1' }, { email: `${unique('x')}@example.com` }, { is_active: false }, { role_id: role.id }, { full_name: 'x' }])
        isProblem(await refused(() => deputy.patch(`/users/${id}`, body)), 403, 'forbidden');
    assert.ok(await login(server, admin.login.user.username));
  });

  test('one’s own password through the users: only knowing the old one', async () => {
    isProblem(await refused(() => admin.patch(`/users/${admin.login.user.id}`, { password: 'another 1234' })), 403, 'forbidden');
    assert.ok(await login(server, admin.login.user.username));
  });
});

describe('the last administrator', () => {
  let own;
  beforeEach(async () => { own = await newOrganization(server); });

  test('cannot be demoted or disabled, by any way', async () => {
    const { admin: boss } = own;
    const { id, email, username } = boss.login.user;
    const attempts = [['PATCH', `/users/${id}`, { role_id: 'viewer' }], ['PATCH', `/users/${id}`, { is_active: false }],
      ['PUT', `/users/${id}`, { email, username, role_id: 'manager' }], ['POST', '/users/bulk', { items: [{ id, is_active: false }] }]];
    for (const [method, path, body] of attempts)
      isProblem(await refused(() => boss.request(method, path, { body }), boss), 409, 'last_admin');
    isProblem(await refused(() => boss.del(`/users/${id}`), boss), 405, 'method_not_allowed');
  });

  test('is whoever remains: with two, one may go, also when both go at once', async () => {
    const { admin: boss } = own;
    const second = await own.addUser('admin');
    const ids = [boss.login.user.id, second.login.user.id];
    const answers = await Promise.all([boss.patch(`/users/${ids[1]}`, { role_id: 'viewer' }), second.patch(`/users/${ids[0]}`, { role_id: 'viewer' }),
      boss.patch(`/users/${ids[0]}`, { is_active: false }), second.patch(`/users/${ids[1]}`, { is_active: false })]);
    assert.ok(answers.some((a) => a.status === 409 || a.status === 401 || a.status === 403), 'not all may go');
    const rest = (await boss.get('/users')).status === 200 ? boss : second;
    const { items } = await rest.ok(rest.get('/users?is_active=true'));
    assert.ok(items.filter((u) => u.role_name === 'admin').length >= 1);
  });

  test('a disabled administrator does not count', async () => {
    const { admin: boss } = own;
    const second = await own.addUser('admin');
    hasStatus(await boss.patch(`/users/${second.login.user.id}`, { is_active: false }), 200);
    isProblem(await refused(() => boss.patch(`/users/${boss.login.user.id}`, { role_id: 'viewer' }), boss), 409, 'last_admin');
  });
});
