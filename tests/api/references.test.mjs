// References, uniqueness, and what may not be deleted; the plain resources and
// their aliases.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { line, product, purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const LISTS = ['/products', '/customers', '/vendors', '/work-orders', '/purchase-orders', '/sales-orders', '/users'];
let server;
let admin;
let organization;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const refused = (attempt) => changesNothing(admin, LISTS, attempt);

describe('a reference', () => {
  test('may be an id or the key of its record', async () => {
    const item = await admin.create('/products', product({ sku: unique('KEY-'), name: 'Keyed' }));
    for (const product_id of [item.id, item.sku, String(item.id), ` ${item.sku} `]) {
      const order = await admin.create('/work-orders', { product_id });
      assert.deepEqual([order.product_id, order.product_name], [item.id, 'Keyed']);
    }
    const digits = await admin.create('/products', product({ sku: '007' }));
    assert.equal((await admin.create('/work-orders', { product: '007' })).product_id, digits.id);
  });

  test('to nothing is refused, also when only the type is wrong', async () => {
    for (const [product_id, code] of [[424242, 'unknown_reference'], ['NO-SUCH-SKU', 'unknown_reference'], [0, 'type'], [-1, 'type'],
      [1.5, 'type'], [true, 'type'], [[1], 'type'], [{ id: 1 }, 'type'], ['', 'type'], ['9223372036854775807', 'unknown_reference']])
      await refused(async () => isInvalid(await admin.post('/work-orders', workOrder({ product_id })), { product_id: code }));
  });

  test('to another organization\'s record is to nothing', async () => {
    const { admin: other } = await newOrganization(server);
    const theirs = await other.create('/products', product({ sku: 'THEIRS-1' }));
    const customer = await other.create('/customers', { name: 'Theirs' });
    for (const change of [{ product_id: theirs.id }, { product_id: 'THEIRS-1' }, { customer_id: customer.id }, { assigned_to: other.login.user.id }])
      await refused(async () => {
        const { errors } = isProblem(await admin.post('/work-orders', workOrder(change)), 422);
        assert.equal(errors[0].code, 'unknown_reference');
      });
    const order = await admin.create('/work-orders', workOrder());
    await refused(async () => isInvalid(await admin.patch(`/work-orders/${order.id}`, { product_id: theirs.id }), { product_id: 'unknown_reference' }));
  });

  test('prints the name of its record, now and after renaming; a document keeps its text', async () => {
    const person = unique('clerk');
    await organization.addUser('staff', person);
    const customer = await admin.create('/customers', { name: 'Before', assigned_to: person });
    assert.equal(customer.assigned_to_name, person);
    await admin.ok(admin.patch(`/users/${customer.assigned_to}`, { username: `${person}-2` }));
    assert.equal((await admin.ok(admin.get(`/customers/${customer.id}`))).assigned_to_name, `${person}-2`);
    assert.equal((await admin.ok(admin.get(`/customers?assigned_to=${customer.assigned_to}`))).items[0].assigned_to_name, `${person}-2`);
    const order = await admin.create('/work-orders', workOrder({ customer: customer.id }));
    await admin.ok(admin.patch(`/customers/${customer.id}`, { name: 'After' }));
    assert.equal((await admin.ok(admin.get(`/work-orders/${order.id}`))).customer_name, 'Before');
  });

  test('can be taken away', async () => {
    const item = await admin.create('/products', product());
    const order = await admin.create('/work-orders', { product_id: item.id });
    const now = await admin.ok(admin.patch(`/work-orders/${order.id}`, { product_id: null }));
    assert.deepEqual([now.product_id, now.product_name], [null, item.name]);
  });

  test('its printed name cannot be written', async () => {
    await refused(async () => isInvalid(
      await admin.post('/customers', { name: 'x', assigned_to_name: 'me', created_by: 1, id: 7, version: 3 }),
      { assigned_to_name: 'read_only', created_by: 'read_only', id: 'read_only', version: 'read_only' }));
  });
});

describe('deleting what is referenced', () => {
  test('is a 409 that names what refers to it', async () => {
    const item = await admin.create('/products', product({ sku: unique('REF-') }));
    const customer = await admin.create('/customers', { name: unique('Ref ') });
    const work = await admin.create('/work-orders', { product_id: item.id, customer_id: customer.id });
    const sale = await admin.create('/sales-orders', salesOrder({ customer_id: customer.id, customer_name: undefined }));
    const purchase = await admin.create('/purchase-orders', purchaseOrder({ line_items: [line({ material_code: item.sku })] }));
    const cases = [
      [`/products/${item.id}`, /work-orders/], [`/products/${item.id}`, /purchase-orders/],
      [`/customers/${customer.id}`, /work-orders/], [`/customers/${customer.id}`, /sales-orders/],
      [`/vendors/${purchase.supplier_id}`, /purchase-orders/],
    ];
    for (const [path, names] of cases) {
      const problem = await refused(async () => isProblem(await admin.del(path), 409, 'referenced'));
      assert.match(problem.detail, names);
    }
    const vendor = isProblem(await admin.del(`/vendors/${purchase.supplier_id}`), 409);
    assert.doesNotMatch(vendor.detail, /sales-orders/);
    for (const path of [`/work-orders/${work.id}`, `/sales-orders/${sale.id}`, `/purchase-orders/${purchase.id}`, `/products/${item.id}`, `/customers/${customer.id}`])
      hasStatus(await admin.del(path), 200);
  });
});

describe('duplicates', () => {
  test('are a 409 naming the field, when creating and when changing', async () => {
    const a = await admin.create('/products', product({ sku: unique('DUP-') }));
    const b = await admin.create('/products', product({ sku: unique('DUP-') }));
    for (const attempt of [() => admin.post('/products', product({ sku: a.sku })), () => admin.patch(`/products/${b.id}`, { sku: a.sku }),
      () => admin.put(`/products/${b.id}`, product({ sku: a.sku }))]) {
      const problem = await refused(async () => isProblem(await attempt(), 409, 'duplicate'));
      assert.deepEqual(problem.errors.map((e) => [e.field, e.code]), [['sku', 'duplicate']]);
    }
    hasStatus(await admin.patch(`/products/${a.id}`, { sku: a.sku }), 200);
    hasStatus(await admin.del(`/products/${a.id}`), 200);
    hasStatus(await admin.patch(`/products/${b.id}`, { sku: a.sku }), 200);
  });

  test('another organization\'s do not count', async () => {
    const a = await admin.create('/products', product({ sku: 'SAME' }));
    const { admin: other } = await newOrganization(server);
    assert.equal((await other.create('/products', product({ sku: 'SAME' }))).sku, a.sku);
  });

  test('of twenty at the same time one is made', async () => {
    const sku = unique('RACE-');
    const answers = await Promise.all(Array.from({ length: 20 }, () => admin.post('/products', product({ sku }))));
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array(19).fill(409)]);
  });

  test('user names and addresses are unique over everything, in any case', async () => {
    const { username, email } = admin.login.user;
    const other = { password: 'long enough 1', organization_name: 'Other' };
    await refused(async () => {
      assert.equal((await admin.post('/auth/register', { ...other, username: username.toUpperCase(), email: 'x1@example.com' })).status, 409);
      assert.equal((await admin.post('/auth/register', { ...other, username: unique('new'), email: email.toUpperCase() })).status, 409);
    });
  });
});

describe('plain resources', () => {
  test('a customer, created, changed, found and deleted', async () => {
    const made = await admin.post('/customers', { name: '  Meridian Garments Ltd ', email: 'Orders@Meridian.example', type: 'company', credit_limit: '2500.50' });
    const customer = hasStatus(made, 201);
    assert.deepEqual([customer.name, customer.email, customer.customer_type, customer.credit_limit, customer.status],
      ['Meridian Garments Ltd', 'orders@meridian.example', 'business', 2500.5, 'active']);
    const put = await admin.ok(admin.put(`/customers/${customer.id}`, { name: 'Meridian' }));
    assert.deepEqual([put.name, put.email, put.credit_limit, put.created_at], ['Meridian', null, null, customer.created_at]);
    assert.equal(await admin.total('/customers?search=merid'), 1);
    hasStatus(await admin.del(`/customers/${customer.id}`), 200);
    isProblem(await admin.get(`/customers/${customer.id}`), 404, 'not_found');
  });

  test('what is wrong with one is told all at once', async () => {
    await refused(async () => isInvalid(await admin.post('/customers', {
      name: ' ', email: 'nobody', credit_limit: -1, payment_terms_days: 366, type: 'alien', phone: '1'.repeat(51), city: 'a\u0007b', notes: 5,
    }), { name: 'required', email: 'email', credit_limit: 'min', payment_terms_days: 'max', type: 'choice', phone: 'max_length', city: 'characters', notes: 'type' }));
    const own = await admin.create('/customers', { name: 'x' });
    await refused(async () => isInvalid(await admin.put(`/customers/${own.id}`, {}), { name: 'required' }));
    await refused(async () => isInvalid(await admin.patch(`/customers/${own.id}`, { name: null, status: null }), { name: 'required', status: 'required' }));
  });

  test('lengths are counted in characters', async () => {
    assert.equal((await admin.create('/customers', { name: '名'.repeat(255) })).name, '名'.repeat(255));
    await refused(async () => isInvalid(await admin.post('/customers', { name: '名'.repeat(256) }), { name: 'max_length' }));
  });

  test('/suppliers is /vendors', async () => {
    const vendor = await admin.create('/suppliers', { name: 'Rama Dyes', lead_time_days: 5 });
    assert.deepEqual(await admin.ok(admin.get(`/vendors/${vendor.id}`)), vendor);
    assert.deepEqual(await admin.ok(admin.get('/suppliers/stats')), await admin.ok(admin.get('/vendors/stats')));
  });

  test('/items is /products with the names of stock clients', async () => {
    const item = await admin.create('/items', { item_id: unique('IT-'), item_name: 'Bolt', reorder_level: 20 });
    assert.ok(!('sku' in item) && !('name' in item) && !('low_stock_threshold' in item));
    const native = await admin.ok(admin.get(`/products/${item.id}`));
    assert.deepEqual([native.sku, native.name, native.low_stock_threshold], [item.item_id, 'Bolt', 20]);
    const { items } = await admin.ok(admin.get(`/items?item_id=${item.item_id}&fields=item_id,reorder_level`));
    assert.deepEqual(items, [{ item_id: item.item_id, reorder_level: 20 }]);
    isInvalid(await admin.post('/items', { item_name: 'x' }), { item_id: 'required' });
  });

  test('an organization sees itself and can rename itself, and is not deleted', async () => {
    const { items, total } = await admin.ok(admin.get('/organizations'));
    assert.deepEqual([total, items[0].id], [1, organization.id]);
    const renamed = await admin.ok(admin.patch(`/organizations/${organization.id}`, { name: 'Renamed' }));
    assert.equal(renamed.name, 'Renamed');
    assert.ok([403, 404, 405, 409].includes((await admin.del(`/organizations/${organization.id}`)).status));
    assert.equal(await admin.total('/organizations'), 1);
  });

  test('the audit log is read-only and tells before and after', async () => {
    const customer = await admin.create('/customers', { name: 'Logged' });
    await admin.ok(admin.patch(`/customers/${customer.id}`, { name: 'Logged twice', city: 'Surat' }));
    await admin.ok(admin.del(`/customers/${customer.id}`));
    const { items } = await admin.ok(admin.get(`/audit-logs?resource=customers&resource_id=${customer.id}&ordering=sequence`));
    assert.deepEqual(items.map((e) => e.action), ['create', 'update', 'delete']);
    assert.deepEqual(items[1].changes, { name: ['Logged', 'Logged twice'], city: [null, 'Surat'] });
    assert.deepEqual(items.map((e) => e.user_id), Array(3).fill(admin.login.user.id));
    assert.deepEqual([items[0].origin, items[0].ip], ['api', '127.0.0.1']);
    for (const [method, path] of [['POST', '/audit-logs'], ['PATCH', `/audit-logs/${items[0].id}`], ['PUT', `/audit-logs/${items[0].id}`], ['DELETE', `/audit-logs/${items[0].id}`]])
      await refused(async () => isProblem(await admin.request(method, path, { body: {} }), 405, 'method_not_allowed'));
    const today = new Date().toISOString().slice(0, 10);
    assert.ok(await admin.total(`/audit-logs?user_id=${admin.login.user.id}&action=create&at__gte=${today}T00:00:00Z`) > 0);
    assert.equal(await admin.total('/audit-logs?at__lt=2020-01-01'), 0);
  });
});
