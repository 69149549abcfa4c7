import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { line, purchaseOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/work-orders';
let server;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const bulk = (items, rest) => admin.post(`${PATH}/bulk`, { items, ...rest });
const refused = (attempt) => changesNothing(admin, [PATH, '/purchase-orders', '/vendors'], attempt);

test('creates and updates in one call, a result per item in their order', async () => {
  const [a, b] = [await admin.create(PATH, workOrder()), await admin.create(PATH, workOrder())];
  const answer = hasStatus(await bulk([workOrder({ notes: 'new' }), { id: b.id, priority: 'high' }, { id: a.id, status: 'in_progress' }]), 200);
  assert.deepEqual([answer.created, answer.updated, answer.failed], [1, 2, 0]);
  assert.deepEqual(answer.results.map((r) => [r.index, r.status, r.id === a.id, r.id === b.id]),
    [[0, 'created', false, false], [1, 'updated', false, true], [2, 'updated', true, false]]);
  const made = await admin.ok(admin.get(`${PATH}/${answer.results[0].id}`));
  assert.deepEqual([made.notes, made.wo_number], ['new', answer.results[0].wo_number]);
  assert.equal((await admin.ok(admin.get(`${PATH}/${b.id}`))).priority, 'high');
  const started = await admin.ok(admin.get(`${PATH}/${a.id}`));
  assert.deepEqual([started.status, started.started_at !== null], ['in_progress', true]);
});

test('each record has its own row in the journal', async () => {
  const sequence = await admin.sequence();
  await admin.ok(bulk(Array.from({ length: 7 }, () => workOrder())));
  assert.equal(await admin.sequence(), sequence + 7);
});

describe('all or nothing', () => {
  test('problems of all items are named by index and path, before anything is written', async () => {
    await refused(async () => isInvalid(
      await bulk([workOrder(), workOrder({ quantity: 0 }), 'x', workOrder({ due_date: 'soon', colour: 1 }), { id: 0 }]), {
        'items[1].quantity': 'min',
        'items[2]': 'type',
        'items[3].due_date': 'type',
        'items[3].colour': 'unknown_field',
        'items[4].id': 'type',
      }));
  });

  test('what only the database can know undoes everything too', async () => {
    const own = await admin.create(PATH, workOrder({ wo_number: 'BULK-1' }));
    await refused(async () => isInvalid(await bulk([workOrder(), workOrder({ assigned_to: 424242 })]), { 'items[1].assigned_to': 'unknown_reference' }));
    const duplicate = await refused(async () => isProblem(await bulk([workOrder(), workOrder({ wo_number: own.wo_number })]), 409, 'duplicate'));
    assert.equal(duplicate.errors[0].field, 'items[1].wo_number');
    const missing = await refused(async () => isProblem(await bulk([workOrder(), { id: 999999, notes: 'x' }]), 404, 'not_found'));
    assert.match(missing.detail, /items\[1\]/);
    const state = await refused(async () => isProblem(await bulk([workOrder(), { id: own.id, status: 'completed' }, { id: own.id, status: 'draft' }]), 409, 'invalid_state'));
    assert.match(state.detail, /items\[2\]/);
    const next = await admin.create(PATH, workOrder());
    const after = await admin.create(PATH, workOrder());
    assert.equal(Number(after.wo_number.slice(3)), Number(next.wo_number.slice(3)) + 1, 'numbers were given back');
  });

  test('line problems keep their path', async () => {
    const answer = await refused(() => admin.post('/purchase-orders/bulk', {
      items: [purchaseOrder(), purchaseOrder({ line_items: [line(), line({ quantity: 0 })] }), purchaseOrder(), purchaseOrder({ due_date: '2020-01-01' })],
    }));
    isInvalid(answer, { 'items[1].line_items[1].quantity': 'min' });
    isInvalid(await refused(() => admin.post('/purchase-orders/bulk', {
      items: [purchaseOrder(), purchaseOrder(), purchaseOrder(), purchaseOrder({ due_date: '2020-01-01' })],
    })), { 'items[3].due_date': 'min' });
  });
});

describe('each for itself (atomic: false)', () => {
  test('the good ones stay, the bad ones say why', async () => {
    const before = await admin.total(PATH);
    const answer = hasStatus(await bulk(
      [workOrder({ notes: 'kept' }), workOrder({ quantity: 0 }), workOrder({ assigned_to: 424242 }), { id: 999999, notes: 'x' },
        workOrder({ wo_number: 'SOLO-1' }), workOrder({ wo_number: 'SOLO-1' }), { id: 'seven' }, 7], { atomic: false }), 200);
    assert.deepEqual([answer.created, answer.updated, answer.failed], [2, 0, 6]);
    assert.deepEqual(answer.results.map((r) => r.code ?? r.status),
      ['created', 'validation_failed', 'validation_failed', 'not_found', 'created', 'duplicate', 'validation_failed', 'validation_failed']);
    assert.deepEqual(answer.results[1].errors.map((e) => e.field), ['quantity']);
    assert.deepEqual(answer.results[2].errors.map((e) => e.field), ['assigned_to']);
    assert.equal(await admin.total(PATH), before + 2);
  });

  test('what a failed item had begun is taken back: its vendor, its number', async () => {
    const vendors = await admin.total('/vendors');
    const answer = await admin.ok(admin.post('/purchase-orders/bulk', {
      atomic: false,
      items: [purchaseOrder({ supplier_name: 'Made and lost', due_date: '2020-01-01' }), purchaseOrder({ supplier_name: 'Made and kept' })],
    }));
    assert.deepEqual([answer.created, answer.failed], [1, 1]);
    assert.equal(await admin.total('/vendors'), vendors + 1);
    assert.equal(await admin.total('/vendors?name=Made and lost'.replaceAll(' ', '%20')), 0);
    assert.equal(await admin.total('/vendors?search=kept'), 1);
    const next = await admin.create('/purchase-orders', purchaseOrder());
    assert.equal(Number(next.po_number.slice(3)), Number(answer.results[1].po_number.slice(3)) + 1);
    const verify = await admin.ok(admin.get('/audit-logs?ordering=sequence&page_size=1000'));
    assert.deepEqual(verify.items.map((e) => e.sequence), verify.items.map((_, i) => i + 1), 'the journal has no gap');
  });

  test('an update that changes nothing is still no creation', async () => {
    const own = await admin.create(PATH, workOrder());
    const answer = await admin.ok(bulk([{ id: own.id, notes: own.notes }], { atomic: false }));
    assert.deepEqual([answer.created, answer.updated, answer.results[0].status], [0, 1, 'updated']);
  });
});

test('5,000 items go in one call, 5,001 do not', async (t) => {
  const items = Array.from({ length: 5000 }, (_, i) => workOrder({ client: `C${i}`, due_date: '2026-05-05' }));
  const began = Date.now();
  const answer = hasStatus(await bulk(items), 200);
  const seconds = (Date.now() - began) / 1000;
  assert.equal(answer.created, 5000);
  assert.equal(answer.results.length, 5000);
  assert.equal(await admin.total(`${PATH}?due_date=2026-05-05`), 5000);
  t.diagnostic(`it took ${seconds} s`);
  await refused(async () => isInvalid(await bulk([...items, workOrder()]), { items: 'max_items' }));
});

test('an empty call does nothing', async () => {
  const answer = hasStatus(await refused(() => bulk([])), 200);
  assert.deepEqual([answer.created, answer.updated, answer.failed, answer.results], [0, 0, 0, []]);
});

test('a body of another shape is refused', async () => {
  for (const [body, field] of [[{}, 'items'], [{ items: {} }, 'items'], [{ items: [], atomic: 'yes' }, 'atomic'], [{ items: [], extra: 1 }, 'extra']])
    await refused(async () => {
      const { errors } = isProblem(await admin.post(`${PATH}/bulk`, body), 422, 'validation_failed');
      assert.deepEqual(errors.map((e) => e.field), [field]);
    });
  for (const body of ['[]', '"x"', 'null', '7'])
    await refused(async () => assert.ok([400, 422].includes((await admin.post(`${PATH}/bulk`, body)).status)));
});

test('a dry run tells the results and keeps nothing', async () => {
  const answer = hasStatus(await refused(() => admin.post(`${PATH}/bulk?dry_run=true`, { items: [workOrder(), workOrder()] })), 200);
  assert.equal(answer.created, 2);
});

test('16 MiB are taken, more is not', async () => {
  const item = workOrder({ notes: 'n'.repeat(9000) });
  const items = Array.from({ length: 1700 }, () => item);
  assert.ok(Buffer.byteLength(JSON.stringify({ items })) < 16 * 1024 * 1024);
  hasStatus(await bulk(items), 200);
  const more = Array.from({ length: 1870 }, () => item);
  assert.ok(Buffer.byteLength(JSON.stringify({ items: more })) > 16 * 1024 * 1024);
  await refused(async () => isProblem(await bulk(more), 413, 'body_too_large'));
});

test('is not offered where nothing can be written', async () => {
  isProblem(await admin.post('/audit-logs/bulk', { items: [] }), 404, 'not_found');
});

test('what was refused or only tried leaves no words for searches to find', async () => {
  const product = await admin.create('/products', { sku: 'WORDS', name: 'Thing', price: 10, cost: 5, quantity: 3 });
  const sale = (notes, quantity = 1) => ({ product_id: product.id, quantity, notes });
  const found = async (word) => (await admin.ok(admin.get(`/sales?search=${word}`))).items.map((s) => s.notes);
  // The id of a sale that is refused is given to the next one.
  const answer = hasStatus(await admin.post('/sales/bulk', { items: [sale('alfa'), sale('bravo', 50), sale('charlie')], atomic: false }), 200);
  assert.deepEqual([answer.created, answer.failed], [2, 1]);
  assert.deepEqual([await found('alfa'), await found('bravo'), await found('charlie')], [['alfa'], [], ['charlie']]);
  isProblem(await admin.post('/sales/bulk', { items: [sale('delta'), sale('echo', 50)], atomic: true }), 409);
  await admin.ok(admin.post('/sales?dry_run=true', sale('foxtrot')));
  isProblem(await admin.post('/sales', sale('golf', 50)), 409);
  const last = await admin.create('/sales', sale('hotel'));
  for (const word of ['bravo', 'delta', 'echo', 'foxtrot', 'golf']) assert.deepEqual(await found(word), [], word);
  await admin.ok(admin.patch(`/sales/${last.id}`, { notes: 'india' }));
  assert.deepEqual([await found('hotel'), await found('india')], [[], ['india']]);
});
