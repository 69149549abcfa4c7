// One search over everything: what a caller's own lists would find, and
// nothing that they would not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let organization;
let admin;
const WORD = 'Quixotweave';

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  await admin.create('/customers', { name: `${WORD} Fabrics`, email: 'hello@quixotweave.example' });
  await admin.create('/vendors', { name: `Old ${WORD} Yarns` });
  await admin.create('/products', { sku: 'QX-1', name: `${WORD} sheet`, price: 5 });
  await admin.create('/purchase-orders', { supplier_name: `Old ${WORD} Yarns`, line_items: [{ material_code: 'YARN', material_name: 'Yarn', quantity: 1, unit_price: 1 }] });
});
after(() => server.proveAndStop());

const search = (client, q, more = '') => client.get(`/api/v1/search?q=${encodeURIComponent(q)}${more}`);
const found = async (client, q, more) => hasStatus(await search(client, q, more), 200).items;
const kinds = (items) => [...new Set(items.map(({ resource }) => resource))].sort();

test('finds a word, and how it begins, in every resource', async () => {
  const items = await found(admin, WORD);
  assert.deepEqual(kinds(items), ['customers', 'products', 'purchase-orders', 'vendors']);
  assert.deepEqual(items, await found(admin, 'quixotw'));
  const customer = items.find(({ resource }) => resource === 'customers');
  assert.equal(customer.title, `${WORD} Fabrics`);
  assert.equal(customer.subtitle, 'hello@quixotweave.example');
  const order = items.find(({ resource }) => resource === 'purchase-orders');
  assert.deepEqual([order.title, order.subtitle, order.status], ['PO-000001', `Old ${WORD} Yarns`, 'draft']);
  for (const { path, resource, id } of items) {
    assert.equal(path, `/${resource}/${id}`);
    hasStatus(await admin.get(path), 200);
  }
  assert.deepEqual(kinds(await found(admin, 'PO-000001')), ['purchase-orders']);
  assert.deepEqual(await found(admin, `${WORD} nosuchword`), []);
});

test('shows a few of each, the newest first, at one statement for each resource', async () => {
  const word = unique('plenty');
  for (let i = 0; i < 8; i++) await admin.create('/customers', { name: `${word} ${i}` });
  const names = async (more) => (await found(admin, word, more)).map(({ title }) => title.slice(-1));
  assert.deepEqual(await names(), ['7', '6', '5', '4', '3']);
  assert.deepEqual(await names('&limit=2'), ['7', '6']);
  const { statements, body } = await search(admin, word);
  assert.equal(body.total, 5);
  const { resources } = await admin.ok(admin.get('/meta'));
  assert.ok(statements <= resources.length, `${statements} statements for ${resources.length} resources`);
});

test('leaves out what is not the caller’s: another organization, role or person', async () => {
  const stranger = await newOrganization(server);
  assert.deepEqual(await found(stranger.admin, WORD), []);
  await stranger.admin.create('/customers', { name: `${WORD} elsewhere` });
  assert.ok(!(await found(admin, WORD)).some(({ title }) => title.includes('elsewhere')));

  const buyer = await organization.addUser('inventory_manager');
  const may = async (client, path) => (await client.get(`${path}?page_size=1`)).status === 200;
  for (const role of [buyer, await organization.addUser('viewer'), await organization.addUser('salesperson')]) {
    const there = kinds(await found(role, WORD));
    for (const resource of ['customers', 'products', 'purchase-orders', 'vendors']) {
      const { total } = await may(role, `/${resource}`) ? await role.ok(role.get(`/${resource}?search=${WORD}`)) : { total: 0 };
      assert.equal(there.includes(resource), total > 0, resource);
    }
  }
  const { id: role } = await admin.create('/roles', { name: unique('clerk'), permissions: [{ resource: 'products', action: 'read' }] });
  const clerk = await organization.addUser(role);
  assert.deepEqual(kinds(await found(clerk, WORD)), ['products']);
});

test('finds nothing for no word, and for nobody who is not signed in', async () => {
  for (const path of ['/search', '/search?q=', '/search?q=%21%21%21']) assert.deepEqual(hasStatus(await admin.get(path), 200), { items: [], total: 0 });
  assert.ok([400, 422].includes((await search(admin, WORD, '&limit=1000')).status));
  isProblem(await search(new Client(server), WORD), 401, 'unauthenticated');
});
