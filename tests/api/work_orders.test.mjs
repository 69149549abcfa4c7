import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { login, newOrganization, unique } from '../lib/client.mjs';
import { workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/work-orders';
const NOW = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const make = (over) => admin.create(PATH, workOrder(over));
const act = (order, action) => admin.post(`${PATH}/${order.id}/${action}`);
const refused = (attempt) => changesNothing(admin, [PATH], attempt);

test('a work order from draft to done', async () => {
  const order = await make({ due_date: '2026-03-01', customer_name: 'Hotel Taj' });
  assert.equal(order.wo_number, 'WO-000001');
  assert.deepEqual([order.status, order.priority, order.progress_percentage, order.quantity], ['draft', 'medium', 0, 250]);
  assert.deepEqual([order.started_at, order.completed_at], [null, null]);
  assert.equal(order.created_by, admin.login.user.id);

  const started = hasStatus(await act(order, 'start'), 200);
  assert.equal(started.status, 'in_progress');
  assert.match(started.started_at, NOW);
  await admin.ok(admin.patch(`${PATH}/${order.id}`, { progress_percentage: 40 }));
  assert.equal(hasStatus(await act(order, 'pause'), 200).status, 'paused');
  const resumed = hasStatus(await act(order, 'resume'), 200);
  assert.deepEqual([resumed.status, resumed.started_at, resumed.progress_percentage], ['in_progress', started.started_at, 40]);

  const done = hasStatus(await act(order, 'complete'), 200);
  assert.deepEqual([done.status, done.progress_percentage], ['completed', 100]);
  assert.match(done.completed_at, NOW);
  const problem = await refused(async () => isProblem(await act(order, 'start'), 409, 'invalid_state'));
  assert.match(problem.detail, /nothing/);
});

describe('status by name', () => {
  test('completed sets progress, start and end on the way', async () => {
    const order = await make({ status: 'completed' });
    assert.deepEqual([order.status, order.progress_percentage], ['completed', 100]);
    assert.match(order.started_at, NOW);
    assert.match(order.completed_at, NOW);
  });

  test('an update may name it too, with other fields', async () => {
    const order = await make();
    const now = await admin.ok(admin.patch(`${PATH}/${order.id}`, { status: 'In Progress', priority: 'high' }));
    assert.deepEqual([now.status, now.priority], ['in_progress', 'high']);
    const put = await admin.ok(admin.put(`${PATH}/${order.id}`, workOrder({ status: 'paused' })));
    assert.deepEqual([put.status, put.priority], ['paused', 'medium']);
  });

  test('in any case, with spaces or hyphens', async () => {
    for (const status of ['in_progress', 'IN_PROGRESS', 'In Progress', 'in-progress', ' in progress '])
      assert.equal((await make({ status })).status, 'in_progress');
    assert.equal((await make({ status: 'released' })).status, 'ready');
    for (const status of ['inprogress', 'done', '', 3, null, ['draft']])
      await refused(async () => {
        const { errors } = isProblem(await admin.post(PATH, workOrder({ status })), 422, 'validation_failed');
        assert.equal(errors[0].field, 'status');
      });
  });

  test('reopening a cancelled order clears its end', async () => {
    const order = await make({ status: 'cancelled' });
    const again = hasStatus(await act(order, 'reopen'), 200);
    assert.deepEqual([again.status, again.completed_at], ['draft', null]);
  });

  test('what cannot be is a 409 naming what can', async () => {
    const order = await make({ status: 'completed' });
    const problem = await refused(async () => isProblem(
      await admin.patch(`${PATH}/${order.id}`, { status: 'draft' }), 409, 'invalid_state'));
    assert.match(problem.detail, /completed/);
    const ready = await make({ status: 'ready' });
    const pause = await refused(async () => isProblem(await act(ready, 'pause'), 409, 'invalid_state'));
    assert.match(pause.detail, /start, cancel/);
  });
});

test('priorities: normal is medium, any case', async () => {
  for (const [given, stored] of [['normal', 'medium'], ['Normal', 'medium'], ['URGENT', 'urgent'], ['low', 'low'], ['High', 'high']])
    assert.equal((await make({ priority: given })).priority, stored);
  await refused(async () => isInvalid(await admin.post(PATH, workOrder({ priority: 'asap' })), { priority: 'choice' }));
  assert.equal(await admin.total(`${PATH}?priority=Normal`), await admin.total(`${PATH}?priority=medium`));
});

test('progress lies between 0 and 100, quantity above 0', async () => {
  for (const [field, value, code] of [['progress_percentage', 101, 'max'], ['progress_percentage', -1, 'min'],
    ['progress_percentage', 50.5, 'type'], ['quantity', 0, 'min'], ['quantity', -3, 'min'], ['quantity', 'many', 'type']])
    await refused(async () => isInvalid(await admin.post(PATH, workOrder({ [field]: value })), { [field]: code }));
  assert.equal((await make({ progress: 30 })).progress_percentage, 30);
});

test('it needs a product, its name or a description', async () => {
  await refused(async () => isInvalid(await admin.post(PATH, { quantity: 1 }), { product_name: 'required' }));
  assert.equal((await admin.create(PATH, { description: 'Mend the gate' })).product_name, null);
  const product = await admin.create('/products', { sku: unique('P-'), name: 'Towel' });
  const order = await admin.create(PATH, { product_id: product.id });
  assert.deepEqual([order.product_id, order.product_name, order.quantity], [product.id, 'Towel', 1]);
});

test('the client is a customer or any text', async () => {
  const customer = await admin.create('/customers', { name: unique('Grand Hotel ') });
  assert.equal((await make({ customer_id: customer.id })).customer_name, customer.name);
  const walkIn = await make({ client: 'Mr. Rao, walk-in' });
  assert.deepEqual([walkIn.customer_id, walkIn.customer_name], [null, 'Mr. Rao, walk-in']);
  assert.equal((await make({ customer: customer.id, customer_name: 'their kitchen' })).customer_name, 'their kitchen');
});

test('the assignee is a user, by id or name, or any text', async () => {
  const me = admin.login.user;
  assert.equal((await make({ assigned_to: me.id })).assigned_to_name, me.username);
  assert.equal((await make({ assigned_to: me.username })).assigned_to, me.id);
  assert.deepEqual((({ assigned_to: id, assigned_to_name: name }) => [id, name])(await make({ assignee: 'night shift' })), [null, 'night shift']);
  await refused(async () => isInvalid(await admin.post(PATH, workOrder({ assigned_to: 'nobody' })), { assigned_to: 'unknown_reference' }));
});

describe('numbers', () => {
  test('a client may give its own, once', async () => {
    const own = await make({ wo_number: 'MY-7' });
    assert.equal(own.wo_number, 'MY-7');
    const problem = await refused(async () => isProblem(await admin.post(PATH, workOrder({ wo_number: 'MY-7' })), 409, 'duplicate'));
    assert.deepEqual(problem.errors.map((e) => e.field), ['wo_number']);
    await refused(async () => isInvalid(await admin.patch(`${PATH}/${own.id}`, { wo_number: 'MY-8' }), { wo_number: 'read_only' }));
  });

  test('another organization may use the same', async () => {
    const other = await newOrganization(server);
    assert.equal((await other.admin.create(PATH, workOrder({ wo_number: 'MY-7' }))).wo_number, 'MY-7');
    assert.equal((await other.admin.create(PATH, workOrder())).wo_number, 'WO-000001');
  });

  test('the series steps over numbers that clients took', async () => {
    const other = (await newOrganization(server)).admin;
    for (const wo_number of ['WO-000002', 'WO-000003', 'WO-000005']) await other.create(PATH, workOrder({ wo_number }));
    const given = [];
    for (let i = 0; i < 4; i++) given.push((await other.create(PATH, workOrder())).wo_number);
    assert.deepEqual(given, ['WO-000001', 'WO-000004', 'WO-000006', 'WO-000007']);
  });

  test('they are consecutive, whoever asks at the same time', async () => {
    const other = (await newOrganization(server)).admin;
    const made = await Promise.all(Array.from({ length: 150 }, () => other.create(PATH, workOrder())));
    const numbers = made.map((o) => Number(o.wo_number.slice(3))).sort((a, b) => a - b);
    assert.deepEqual(numbers, Array.from({ length: 150 }, (_, i) => i + 1));
  });

  test('refused requests take none', async () => {
    const other = (await newOrganization(server)).admin;
    await other.create(PATH, workOrder());
    isProblem(await other.post(PATH, workOrder({ quantity: 0 })), 422);
    isProblem(await other.post(PATH, workOrder({ assigned_to: 424242 })), 422);
    hasStatus(await other.post(`${PATH}?dry_run=true`, workOrder()), 201);
    isProblem(await other.post(`${PATH}/bulk`, { items: [workOrder(), workOrder({ assigned_to: 424242 })] }), 422);
    assert.equal((await other.create(PATH, workOrder())).wo_number, 'WO-000002');
  });

  test('the series belongs to the organization: its pattern and next number can be set', async () => {
    const other = (await newOrganization(server)).admin;
    await other.create(PATH, workOrder());
    const { items } = await other.ok(other.get('/number-series'));
    const series = items.find((s) => s.name === 'work-orders.wo_number');
    assert.deepEqual([series.pattern, series.next], ['WO-{seq:6}', 2]);
    await other.ok(other.patch(`/number-series/${series.id}`, { pattern: 'JOB-{year}-{seq:3}', next: 40 }));
    const year = new Date().getUTCFullYear();
    assert.match((await other.create(PATH, workOrder())).wo_number, new RegExp(`^JOB-${year}-040$`));
    for (const pattern of ['JOB', 'JOB-{seq}', 'J{seq:2}{seq:3}', '{years}{seq:3}', 'J-{seq:0}'])
      await changesNothing(other, [PATH], async () => isInvalid(
        await other.patch(`/number-series/${series.id}`, { pattern }), { pattern: 'pattern' }));
  });
});

test('a series with the year begins again every year, and the old year\'s numbers stay', async () => {
  const aging = await startServer();
  const { admin: owner } = await newOrganization(aging);
  const { username } = owner.login.user;
  const year = new Date().getUTCFullYear();
  await owner.create(PATH, workOrder());
  const { items: [series] } = await owner.ok(owner.get('/number-series'));
  await owner.ok(owner.patch(`/number-series/${series.id}`, { pattern: 'WO-{year}-{seq:3}' }));
  assert.equal((await owner.create(PATH, workOrder())).wo_number, `WO-${year}-002`);
  await aging.kill();
  aging.flags.push('--clock-offset', String(366 * 86_400));
  await aging.start();
  const later = await login(aging, username); // the old token has expired
  const made = [await later.create(PATH, workOrder()), await later.create(PATH, workOrder())];
  assert.deepEqual(made.map((o) => o.wo_number), [`WO-${year + 1}-001`, `WO-${year + 1}-002`]);
  assert.equal(await later.total(PATH), 4);
  await aging.proveAndStop();
});

describe('as /workorders', () => {
  const ALIAS = '/workorders';

  test('order_id is the number, client the customer and assigned_welder the assignee, in and out', async () => {
    const made = await admin.post(`/api/v1${ALIAS}`, { order_id: 'W-77', assigned_welder: 'Ravi', client: 'Temple trust', product_name: 'Gate' });
    const order = hasStatus(made, 201);
    assert.equal(made.headers.location, `/api/v1${ALIAS}/${order.id}`);
    assert.deepEqual([order.order_id, order.assigned_welder, order.client], ['W-77', 'Ravi', 'Temple trust']);
    assert.ok(!('wo_number' in order) && !('assigned_to_name' in order));
    const native = await admin.ok(admin.get(`${PATH}/${order.id}`));
    assert.deepEqual([native.wo_number, native.assigned_to_name, native.customer_name], ['W-77', 'Ravi', 'Temple trust']);
    assert.ok(!('order_id' in native));
    assert.equal((await admin.ok(admin.patch(`${ALIAS}/${order.id}`, { assigned_welder: 'Anil' }))).assigned_welder, 'Anil');
    assert.equal((await admin.ok(admin.post(`${ALIAS}/${order.id}/start`))).order_id, 'W-77');
  });

  test('filters, sorting and fields know the names', async () => {
    await admin.create(ALIAS, { order_id: 'W-78', assigned_welder: 'Sunil', product_name: 'Gate' });
    const found = await admin.ok(admin.get(`${ALIAS}?order_id=W-78&assigned_welder=Sunil&sort_by=order_id&fields=order_id,assigned_welder`));
    assert.deepEqual(found.items, [{ order_id: 'W-78', assigned_welder: 'Sunil' }]);
    const { items } = await admin.ok(admin.get(`${ALIAS}?page_size=2`));
    assert.ok(items.every((o) => 'order_id' in o && !('wo_number' in o)));
  });

  test('problems name the fields as they are called here', async () => {
    const problem = await refused(async () => isProblem(
      await admin.post(ALIAS, { order_id: 'W-78', product_name: 'Gate' }), 409, 'duplicate'));
    assert.deepEqual(problem.errors.map((e) => e.field), ['order_id']);
    await refused(async () => isInvalid(
      await admin.post(ALIAS, { order_id: 7, assigned_welder: 'x'.repeat(300), product_name: 'Gate' }),
      { order_id: 'type', assigned_welder: 'max_length' }));
  });

  test('bulk, stats and export work here too', async () => {
    const bulk = await admin.ok(admin.post(`${ALIAS}/bulk`, { items: [{ order_id: 'W-90', product_name: 'Rail' }] }));
    assert.deepEqual([bulk.created, bulk.results[0].status, bulk.results[0].order_id], [1, 'created', 'W-90']);
    const half = await admin.ok(admin.post(`${ALIAS}/bulk`, { atomic: false, items: [{ order_id: 'W-90', product_name: 'Rail' }] }));
    assert.deepEqual(half.results[0].errors.map((e) => e.field), ['order_id']);
    const whole = isProblem(await admin.post(`${ALIAS}/bulk`, { items: [{ order_id: 'W-90', product_name: 'Rail' }] }), 409, 'duplicate');
    assert.deepEqual(whole.errors.map((e) => e.field), ['items[0].order_id']);
    assert.deepEqual(await admin.ok(admin.get(`${ALIAS}/stats`)), await admin.ok(admin.get(`${PATH}/stats`)));
    const { text } = await admin.get(`${ALIAS}/export?order_id=W-90&fields=order_id,assigned_welder`);
    assert.equal(text, 'order_id,assigned_welder\r\nW-90,\r\n');
  });
});
