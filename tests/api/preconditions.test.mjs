// ETag and If-Match, Idempotency-Key, dry_run.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { line, product, purchaseOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;
let organization;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const LISTS = ['/work-orders', '/purchase-orders', '/products', '/vendors'];
const refused = (attempt) => changesNothing(admin, LISTS, attempt);

describe('ETag', () => {
  test('is the version, on every answer with one record', async () => {
    const created = await admin.post('/work-orders', workOrder());
    const path = `/work-orders/${created.body.id}`;
    assert.equal(created.headers.etag, '"v1"');
    assert.equal((await admin.get(path)).headers.etag, '"v1"');
    assert.equal((await admin.patch(path, { notes: 'a' })).headers.etag, '"v2"');
    assert.equal((await admin.put(path, workOrder())).headers.etag, '"v3"');
    assert.equal((await admin.post(`${path}/start`)).headers.etag, '"v4"');
    assert.equal((await admin.get(`${path}?fields=id`)).headers.etag, '"v4"');
    assert.equal((await admin.get(path)).body.version, 4);
  });

  test('If-None-Match answers 304 without a body until the record changes', async () => {
    const { id } = await admin.create('/work-orders', workOrder());
    const path = `/work-orders/${id}`;
    for (const tag of ['"v1"', 'W/"v1"', '"v7", "v1"', '*']) {
      const same = await admin.get(path, { 'If-None-Match': tag });
      assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', '"v1"'], tag);
    }
    assert.equal((await admin.get(path, { 'If-None-Match': '"v2"' })).status, 200);
    await admin.ok(admin.patch(path, { notes: 'a' }));
    assert.equal((await admin.get(path, { 'If-None-Match': '"v1"' })).status, 200);
  });
});

describe('If-Match', () => {
  const attempts = [
    ['PATCH', '', { notes: 'mine' }], ['PUT', '', workOrder({ notes: 'mine' })], ['DELETE', ''], ['POST', '/start'],
  ];
  for (const [method, action, body] of attempts)
    test(`${method} ${action} of an old version is a 412 with the current one`, async () => {
      const { id } = await admin.create('/work-orders', workOrder());
      const path = `/work-orders/${id}`;
      await admin.ok(admin.patch(path, { notes: 'theirs' }));
      for (const tag of ['"v1"', '"v3"', '"other"', 'v2', '"v02x"']) {
        const answer = await refused(() => admin.request(method, path + action, { body, headers: { 'If-Match': tag } }));
        isProblem(answer, 412, 'version_mismatch');
        assert.equal(answer.headers.etag, '"v2"', tag);
      }
      hasStatus(await admin.request(method, path + action, { body, headers: { 'If-Match': '"v2"' } }), 200);
    });

  test('any version is meant by * and by leaving it out', async () => {
    const { id } = await admin.create('/work-orders', workOrder());
    hasStatus(await admin.patch(`/work-orders/${id}`, { notes: '1' }, { 'If-Match': '*' }), 200);
    hasStatus(await admin.patch(`/work-orders/${id}`, { notes: '2' }), 200);
    isProblem(await admin.patch('/work-orders/999999', { notes: '2' }, { 'If-Match': '"v1"' }), 404, 'not_found');
  });

  test('of many who change the same version one wins', async () => {
    const { id } = await admin.create('/work-orders', workOrder());
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => admin.patch(`/work-orders/${id}`, { notes: `${i}` }, { 'If-Match': '"v1"' })));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(19).fill(412)]);
    const now = await admin.ok(admin.get(`/work-orders/${id}`));
    assert.deepEqual([now.version, now.notes], [2, answers.find((a) => a.status === 200).body.notes]);
  });
});

describe('Idempotency-Key', () => {
  test('a repeat gets the first answer and does nothing', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    const body = purchaseOrder();
    const first = await admin.post('/purchase-orders', body, headers);
    hasStatus(first, 201);
    assert.ok(!('idempotency-replayed' in first.headers));
    const second = await refused(() => admin.post('/purchase-orders', body, headers));
    assert.equal(second.status, 201);
    assert.equal(second.text, first.text);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    assert.equal(second.headers.location, first.headers.location);
    assert.equal(second.headers.etag, first.headers.etag);
  });

  test('also for actions, bulk and import', async () => {
    const { id } = await admin.create('/work-orders', workOrder());
    for (const [path, body, headers] of [
      [`/work-orders/${id}/start`, undefined, {}], ['/work-orders/bulk', { items: [workOrder()] }, {}],
      ['/products/import', `sku,name\r\n${unique('I')},x\r\n`, { 'Content-Type': 'text/csv' }]]) {
      const all = { ...headers, 'Idempotency-Key': unique('key-') };
      const first = await admin.post(path, body, all);
      assert.equal(first.status, 200, first.text);
      const second = await refused(() => admin.post(path, body, all));
      assert.deepEqual([second.status, second.text, second.headers['idempotency-replayed']], [200, first.text, 'true']);
    }
  });

  test('the same key with another body, path or query is a 422', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    await admin.create('/work-orders', workOrder({ notes: 'a' }), headers);
    for (const [path, body] of [['/work-orders', workOrder({ notes: 'b' })], ['/products', product()], ['/work-orders/bulk', { items: [] }]])
      await refused(async () => isProblem(await admin.post(path, body, headers), 422, 'idempotency_key_reused'));
  });

  test('a refused request may be corrected under the same key', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    isProblem(await admin.post('/work-orders', workOrder({ quantity: 0 }), headers), 422);
    isProblem(await admin.post('/work-orders', workOrder({ assigned_to: 424242 }), headers), 422);
    hasStatus(await admin.post('/work-orders', workOrder(), headers), 201);
  });

  test('twins at the same time create one', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    const before = await admin.total('/work-orders');
    const answers = await Promise.all(Array.from({ length: 12 }, () => admin.post('/work-orders', workOrder({ notes: 'twin' }), headers)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [201]);
    assert.equal(new Set(answers.map((a) => a.text)).size, 1);
    assert.equal(answers.filter((a) => !a.headers['idempotency-replayed']).length, 1);
    assert.equal(await admin.total('/work-orders'), before + 1);
  });

  test('is each user\'s own', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    const manager = await organization.addUser('manager');
    const mine = await admin.create('/work-orders', workOrder(), headers);
    const theirs = await manager.create('/work-orders', workOrder(), headers);
    assert.notEqual(mine.id, theirs.id);
  });

  test('an unusable key is refused', async () => {
    for (const key of ['with space', 'x'.repeat(256), 'umläut'])
      await refused(async () => isProblem(await admin.post('/work-orders', workOrder(), { 'Idempotency-Key': Buffer.from(key).toString('latin1') }), 400, 'bad_request'));
    hasStatus(await admin.post('/work-orders', workOrder(), { 'Idempotency-Key': 'x'.repeat(255) }), 201);
  });
});

describe('dry_run', () => {
  test('a create shows what would result and takes no number', async () => {
    const real = await admin.create('/purchase-orders', purchaseOrder());
    const dry = hasStatus(await refused(() => admin.post('/purchase-orders?dry_run=true', purchaseOrder({ supplier_name: 'Nobody yet' }))), 201);
    assert.equal(dry.total_amount, real.total_amount);
    const next = await admin.create('/purchase-orders', purchaseOrder());
    assert.equal(dry.po_number, next.po_number);
    assert.equal(Number(next.po_number.slice(3)), Number(real.po_number.slice(3)) + 1);
    isProblem(await admin.get('/purchase-orders/999999'), 404);
  });

  test('update, replacement, transition and deletion change nothing', async () => {
    const order = await admin.create('/purchase-orders', purchaseOrder());
    const path = `/purchase-orders/${order.id}`;
    const patched = await refused(() => admin.patch(`${path}?dry_run=true`, { line_items: [line()], notes: 'x' }));
    assert.deepEqual([hasStatus(patched, 200).subtotal, patched.body.version], [10, 2]);
    assert.equal(hasStatus(await refused(() => admin.put(`${path}?dry_run=1`, purchaseOrder({ tax_rate: 0 }))), 200).tax_amount, 0);
    assert.equal(hasStatus(await refused(() => admin.post(`${path}/approve?dry_run=true`)), 200).status, 'approved');
    hasStatus(await refused(() => admin.del(`${path}?dry_run=true`)), 200);
    assert.deepEqual(await admin.ok(admin.get(path)), order);
  });

  test('finds the same problems as the real thing', async () => {
    await refused(async () => isProblem(await admin.post('/purchase-orders?dry_run=true', purchaseOrder({ due_date: '2020-01-01' })), 422));
    const sku = unique('DRY-');
    await admin.create('/products', product({ sku }));
    await refused(async () => isProblem(await admin.post('/products?dry_run=true', product({ sku })), 409, 'duplicate'));
  });

  test('leaves no idempotency key behind', async () => {
    const headers = { 'Idempotency-Key': unique('key-') };
    hasStatus(await refused(() => admin.post('/work-orders?dry_run=true', workOrder(), headers)), 201);
    const real = await admin.post('/work-orders', workOrder(), headers);
    assert.deepEqual([real.status, real.headers['idempotency-replayed']], [201, undefined]);
  });

  test('must be true or false', async () => {
    await refused(async () => isProblem(await admin.post('/work-orders?dry_run=perhaps', workOrder()), 400, 'bad_query'));
    hasStatus(await admin.post('/work-orders?dry_run=false', workOrder()), 201);
  });

  test('live totals are not touched', async () => {
    const { admin: fresh } = await newOrganization(server);
    assert.equal(await fresh.total('/work-orders?status=draft'), 0);
    for (let i = 0; i < 5; i++) hasStatus(await fresh.post('/work-orders?dry_run=true', workOrder()), 201);
    assert.equal(await fresh.total('/work-orders?status=draft'), 0);
    await fresh.create('/work-orders', workOrder());
    assert.equal(await fresh.total('/work-orders?status=draft'), 1);
    assert.equal((await fresh.sequence()), (await fresh.total('/audit-logs')));
  });
});
