// What a user interface is made of: everything the caller may use and nothing
// else, from the same tables as the routes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const ROLES = ['manager', 'operator', 'staff', 'salesperson', 'inventory_manager', 'viewer'];
const NOBODY = 999_999_999;

let server;
let organization;
let admin;
let document;
const people = new Map();
const metas = new Map();

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  document = (await new Client(server).get('/openapi.json')).body;
  people.set('admin', admin);
  for (const role of ROLES) people.set(role, await organization.addUser(role));
  for (const [role, person] of people) metas.set(role, await person.ok(person.get('/api/v1/meta')));
});
after(() => server.proveAndStop());

const resource = (meta, name) => meta.resources.find((r) => r.name === name);
const field = (meta, name, of) => resource(meta, name).fields.find((f) => f.name === of);

test('a caller is told who they are, and an anonymous one nothing', async () => {
  const { caller, demo, version } = metas.get('viewer');
  assert.equal(caller.role, 'viewer');
  assert.equal(caller.organization.name, organization.name);
  assert.match(caller.organization.currency, /^[A-Z]{3}$/);
  assert.ok(caller.organization.time_zone);
  assert.equal(demo, false);
  assert.match(version, /^\d+\.\d+/);
  assert.equal((await new Client(server).get('/meta')).status, 401);
});

test('each role has exactly the resources that it may read', async () => {
  for (const [role, person] of people) {
    const { matrix } = await person.ok(person.get('/me/permissions'));
    const readable = Object.keys(matrix).filter((name) => matrix[name].read !== 'no').sort();
    assert.deepEqual(metas.get(role).resources.filter((r) => !r.virtual).map((r) => r.name).sort(), readable, role);
    for (const r of metas.get(role).resources.filter((x) => !x.virtual)) {
      const answer = await person.get(`/api/v1/${r.path}${r.singleton ? '' : '?page_size=1'}`);
      assert.equal(answer.status, 200, `${role} ${r.path}: ${answer.text}`);
      const of = { list: 'read', get: 'read', stats: 'read', create: 'create', bulk: 'create', update: 'update', replace: 'update', delete: 'delete', export: 'export', import: 'import', 'import-jobs': 'import' };
      for (const [verb, scope] of Object.entries(r.may)) assert.equal(scope, matrix[r.name][of[verb]], `${role} ${r.name} ${verb}`);
    }
  }
});

test('no action is named that the caller may not use, and none is left out', async () => {
  for (const [role, person] of people) {
    const meta = metas.get(role);
    for (const [path, item] of Object.entries(document.paths)) {
      const [, name, id, action, more] = path.split('/');
      if (!item.post || item.post['x-client'] || !/^\{id\}$/.test(id ?? '') || !action || more) continue;
      const r = meta.resources.find((x) => x.path === name);
      if (!r && document.tags.some((tag) => tag.name === name && / as \//.test(tag.description))) continue; // another name of a resource
      const named = r?.actions.some((a) => a.name === action && a.method === 'post' && !a.collection) ?? false;
      const { status, text } = await person.post(`/api/v1/${name}/${NOBODY}/${action}?dry_run=true`, {});
      assert.equal(status !== 403, named, `${role} ${path}: ${status} ${text}`);
    }
  }
});

test('nothing forbidden is named anywhere: references, related lists', () => {
  for (const [role, meta] of metas) {
    const names = new Set(meta.resources.map((r) => r.name));
    for (const r of meta.resources) {
      for (const f of [...(r.fields ?? []), ...(r.lines?.fields ?? [])]) if (f.resource) assert.ok(names.has(f.resource), `${role} ${r.name}.${f.name}`);
      for (const other of r.related ?? []) {
        assert.ok(names.has(other.resource), `${role} ${r.name} <- ${other.resource}`);
        assert.equal(field(meta, other.resource, other.field).resource, r.name);
      }
    }
  }
  assert.ok(!resource(metas.get('viewer'), 'sales-orders').may.create);
  assert.ok(resource(metas.get('salesperson'), 'sales-orders').may.create);
  assert.ok(!JSON.stringify([...metas.values()]).match(/password_hash|name_key|idempotency/));
});

test('fields say what a form needs', () => {
  const meta = metas.get('admin');
  const status = field(meta, 'sales-orders', 'status');
  assert.deepEqual(status.choices.find((c) => c.name === 'cancelled'), { name: 'cancelled', label: 'Cancelled', tone: 'danger' });
  assert.ok(!status.create && !status.update); // its actions change it
  assert.equal(field(meta, 'sales-orders', 'customer_id').resource, 'customers');
  assert.equal(field(meta, 'sales-orders', 'customer_id').label, 'Customer');
  assert.equal(field(meta, 'sales-orders', 'so_number').label, 'SO number');
  assert.equal(field(meta, 'purchase-orders', 'assigned_to')?.name_field ?? field(meta, 'sales-orders', 'assigned_to').name_field, 'assigned_to_name');
  assert.deepEqual(field(meta, 'sales-orders', 'due_date').filter, ['eq', 'ne', 'in', 'isnull', 'gt', 'gte', 'lt', 'lte']);
  assert.equal(field(meta, 'products', 'sku').max_length, 64);
  assert.equal(field(meta, 'products', 'sku').required, true);
  assert.equal(field(meta, 'products', 'price').widget, 'money');
  assert.equal(field(meta, 'products', 'over_receipt_tolerance').max, 100);
  assert.equal(field(meta, 'users', 'password').hidden, true);
  assert.ok(!field(meta, 'products', 'available').create);
  const { lines } = resource(meta, 'sales-orders');
  assert.equal(lines.name, 'line_items');
  assert.ok(lines.fields.find((f) => f.name === 'quantity').required);
  for (const r of meta.resources.filter((x) => !x.virtual && !x.singleton)) {
    assert.ok(r.fields.some((f) => f.column), `${r.name} has a column to show`);
    assert.ok(r.fields.filter((f) => f.column).length <= 7, r.name);
    assert.ok(!r.fields.some((f) => f.column && f.hidden), r.name);
    assert.notEqual(r.area, 'other', `${r.name} has no place in the menu`);
    for (const f of r.fields) assert.match(f.label, /^[A-Z]/, `${r.name}.${f.name}`);
  }
});

test('actions say from which states, what they ask for and whether to show what they will do', () => {
  const { actions } = resource(metas.get('admin'), 'sales-orders');
  const ship = actions.find((a) => a.name === 'ship');
  assert.deepEqual([ship.kind, ship.from, ship.to, ship.preview, ship.lines.name], ['transition', ['confirmed'], 'shipped', true, 'lines']);
  assert.ok(ship.fields.some((f) => f.name === 'effective_at' && f.widget === 'datetime'));
  const submit = actions.find((a) => a.name === 'submit');
  assert.deepEqual([submit.from, submit.to, submit.preview], [['draft'], 'pending', undefined]);
  const reserve = actions.find((a) => a.name === 'reserve');
  assert.equal(reserve.to, undefined);
  assert.equal(resource(metas.get('admin'), 'activities').actions.find((a) => a.name === 'overdue').kind, 'list');
});

test('a customer\'s own user is told of the paths made for them, with the names and fields of those', async () => {
  const customer = await admin.create('/customers', { name: 'Meridian' });
  const username = 'meridian.client';
  await admin.create('/users', { username, email: 'client@example.com', password: 'correct horse 1', role_id: 'customer', customer_id: customer.id });
  const anonymous = new Client(server);
  const { access_token: token } = await anonymous.ok(anonymous.post('/auth/login', { username, password: 'correct horse 1' }));
  const client = anonymous.withToken(token);
  const meta = await client.ok(client.get('/meta'));
  const records = meta.resources.filter((r) => !r.virtual);
  assert.ok(records.length > 0);
  for (const r of records) {
    assert.match(r.path, /^client/);
    assert.equal((await client.get(`/api/v1/${r.path}`)).status, 200, r.path);
    const { items } = await client.ok(client.get(`/api/v1/${r.path}`));
    for (const name of Object.keys(items[0] ?? {})) assert.ok(r.fields.some((f) => f.name === name || f.name_field === name), `${r.path}.${name}`);
  }
});

test('it is asked for again only when it has changed: another role, other words', async () => {
  const { headers } = await admin.get('/meta');
  assert.match(headers.etag, /^"[0-9a-f]{32}"$/);
  const again = await admin.get('/meta', { 'If-None-Match': headers.etag });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
  assert.equal((await admin.get('/meta', { 'If-None-Match': '"0"' })).status, 200);
  const viewer = people.get('viewer');
  const before = (await viewer.get('/meta')).headers.etag;
  assert.notEqual(before, headers.etag);
  await admin.ok(admin.patch(`/users/${metas.get('viewer').caller.id}`, { role_id: 'manager' }));
  const after = await viewer.get('/meta', { 'If-None-Match': before });
  assert.equal(after.status, 200);
  assert.equal(after.body.caller.role, 'manager');
  assert.ok(resource(after.body, 'sales-orders').may.create);
});

test('what was made before is told again as it was, packed or not, until something it is made of changes', async () => {
  const own = await newOrganization(server);
  const [first, again] = [await own.admin.get('/meta'), await own.admin.get('/meta')];
  assert.deepEqual([again.text, again.headers.etag], [first.text, first.headers.etag]);
  const raw = (coding) => fetch(`${server.url}/api/v1/meta`, { headers: { Authorization: own.admin.headers.Authorization, 'Accept-Encoding': coding } });
  const [packed, plain] = [await raw('gzip'), await raw('identity')];
  assert.deepEqual([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')], ['gzip', null]);
  assert.deepEqual([await packed.text(), await plain.text()], [first.text, first.text]);
  // The organization's name, one's own name, and what a role may.
  await own.admin.ok(own.admin.patch(`/organizations/${own.id}`, { name: 'Renamed Mills' }));
  assert.equal((await own.admin.ok(own.admin.get('/meta'))).caller.organization.name, 'Renamed Mills');
  await own.admin.ok(own.admin.patch('/auth/me', { full_name: 'Somebody Else' }));
  assert.equal((await own.admin.ok(own.admin.get('/meta'))).caller.full_name, 'Somebody Else');
  const role = await own.admin.create('/roles', { name: 'clerk', permissions: [{ resource: 'customers', action: 'read' }] });
  const clerk = await own.addUser(role.id);
  assert.ok(!resource(await clerk.ok(clerk.get('/meta')), 'customers').may.create);
  await own.admin.ok(own.admin.patch(`/roles/${role.id}`, { permissions: [{ resource: 'customers', action: 'read' }, { resource: 'customers', action: 'create' }] }));
  assert.equal(resource(await clerk.ok(clerk.get('/meta')), 'customers').may.create, 'all');
});

test('more people than are remembered are each told of themselves', async () => {
  const own = await newOrganization(server);
  const role = await own.admin.create('/roles', { name: 'narrow', permissions: [{ resource: 'customers', action: 'read' }] });
  const users = [];
  for (let i = 0; i < 70; i += 1) users.push(await own.addUser(role.id));
  const ids = async () => { const seen = []; for (const u of users) seen.push((await u.ok(u.get('/meta'))).caller.id); return seen; };
  const once = await ids();
  assert.equal(new Set(once).size, 70);
  assert.deepEqual(await ids(), once);
  assert.deepEqual(await ids(), once);
});
