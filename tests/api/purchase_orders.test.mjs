import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, newOrganization, unique } from '../lib/client.mjs';
import { line, purchaseOrder, threeLines } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/purchase-orders';
let server;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const make = (over) => admin.create(PATH, purchaseOrder(over));
const act = (order, action, body) => admin.post(`${PATH}/${order.id}/${action}`, body);
const refused = (attempt) => changesNothing(admin, [PATH, '/vendors'], attempt);

test('a first order: register, log in, order, list, approve, look it up in the audit log', async () => {
  const client = new Client(server);
  const username = unique('asha');
  const email = `${username}@example.com`;
  const user = hasStatus(await client.post('/api/v1/auth/register', {
    email, username, password: 'weaving-looms-7', full_name: 'Asha Patel', organization_name: 'Patel Textiles',
  }), 201);
  assert.equal(user.username, username);
  assert.equal(user.email, email);
  assert.ok(!('password' in user) && !JSON.stringify(user).includes('argon2'));

  const byEmail = hasStatus(await client.post('/api/v1/auth/login', { username: email, password: 'weaving-looms-7' }), 200);
  assert.equal(byEmail.user.id, user.id);
  const signedIn = hasStatus(await client.post('/api/v1/auth/login', { username, password: 'weaving-looms-7' }), 200);
  assert.equal(signedIn.token_type, 'bearer');
  assert.equal(signedIn.expires_in, 1800);
  const asha = client.withToken(signedIn.access_token);

  const created = await asha.post('/api/v1/purchase-orders', {
    supplier_id: 1, supplier_name: 'Kiran Yarns', po_date: '2026-01-15', due_date: '2026-02-15', tax_rate: 18,
    notes: 'Deliver to gate 2', line_items: threeLines(),
  });
  const order = hasStatus(created, 201);
  assert.equal(created.headers.location, `/api/v1/purchase-orders/${order.id}`);
  assert.equal(created.headers.etag, '"v1"');
  assert.equal(order.po_number, 'PO-000001');
  assert.equal(order.status, 'draft');
  assert.equal(order.supplier_name, 'Kiran Yarns');
  assert.deepEqual(order.line_items.map((l) => l.amount), [1175, 970, 1.01]);
  assert.equal(order.subtotal, 2146.01);
  assert.equal(order.tax_amount, 386.28);
  assert.equal(order.total_amount, 2532.29);

  const list = hasStatus(await asha.get('/api/v1/purchase-orders'), 200);
  assert.equal(list.total, 1);
  assert.equal(list.items[0].po_number, 'PO-000001');
  const approved = hasStatus(await asha.post(`/api/v1/purchase-orders/${order.id}/approve`), 200);
  assert.equal(approved.status, 'approved');

  const log = hasStatus(await asha.get('/api/v1/audit-logs?resource=purchase-orders'), 200);
  assert.deepEqual(log.items.map((e) => e.action), ['approve', 'create']);
  for (const entry of log.items) {
    assert.equal(entry.record_id, order.id);
    assert.equal(entry.username, username);
    assert.match(entry.hash, /^[0-9a-f]{64}$/);
  }
  assert.deepEqual(log.items[0].changes.status, ['draft', 'approved']);
});

test('what a create answers is what a get answers', async () => {
  await admin.create('/products', { sku: 'GET-1', name: 'Known yarn' });
  const order = await make({ line_items: [line({ material_code: 'GET-1' }), line({ material_code: 'NOT-KNOWN' })] });
  const got = await admin.get(`${PATH}/${order.id}`);
  assert.deepEqual(got.body, order);
  assert.equal(got.headers.etag, '"v1"');
  const changed = await admin.ok(admin.patch(`${PATH}/${order.id}`, { line_items: [line({ material_code: 'GET-1' })] }));
  assert.deepEqual((await admin.get(`${PATH}/${order.id}`)).body, changed);
  const approved = hasStatus(await act(order, 'approve'), 200);
  assert.deepEqual((await admin.get(`${PATH}/${order.id}`)).body, approved);
});

describe('totals', () => {
  const cases = [
    // what, lines, tax, discount -> amounts, subtotal, tax, total
    ['half a cent goes up', [[1, 0.005]], 0, 0, [0.01], 0.01, 0, 0.01],
    ['less than half goes down', [[1, 0.0049]], 0, 0, [0], 0, 0, 0],
    ['a line is rounded once, not first to four places', [[0.5, 0.0099]], 0, 0, [0], 0, 0, 0],
    ['each line is rounded by itself', [[1, 0.005], [1, 0.005], [1, 0.005]], 0, 0, [0.01, 0.01, 0.01], 0.03, 0, 0.03],
    ['0.1 + 0.2 is 0.3', [[1, 0.1], [1, 0.2]], 0, 0, [0.1, 0.2], 0.3, 0, 0.3],
    ['tax is on the net amount', [[10, 100]], 18, 100, [1000], 1000, 162, 1062],
    ['tax is rounded half-up', [[1, 0.25]], 18, 0, [0.25], 0.25, 0.05, 0.3],
    ['a tax rate of four places', [[1, 10000]], 7.3125, 0, [10000], 10000, 731.25, 10731.25],
    ['100 percent tax', [[3, 33.33]], 100, 0, [99.99], 99.99, 99.99, 199.98],
    ['a discount of everything', [[2, 5]], 18, 10, [10], 10, 0, 0],
    ['quantities of four places', [[0.0001, 50]], 0, 0, [0.01], 0.01, 0, 0.01],
  ];
  for (const [what, lines, tax_rate, discount_amount, amounts, subtotal, tax_amount, total_amount] of cases) {
    test(what, async () => {
      const order = await make({
        tax_rate, discount_amount, line_items: lines.map(([quantity, unit_price]) => line({ quantity, unit_price })),
      });
      assert.deepEqual(order.line_items.map((l) => l.amount), amounts);
      assert.deepEqual([order.subtotal, order.tax_amount, order.total_amount], [subtotal, tax_amount, total_amount]);
    });
  }

  test('an order without lines is worth nothing', async () => {
    const order = await make({ line_items: [] });
    assert.deepEqual([order.line_items, order.subtotal, order.total_amount], [[], 0, 0]);
  });

  test('the client cannot set what the server computes', async () => {
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ total_amount: 5, subtotal: 5, line_items: [line({ amount: 5 })] })),
      { total_amount: 'read_only', subtotal: 'read_only', 'line_items[0].amount': 'read_only' }));
  });

  test('a discount above the subtotal is refused', async () => {
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ discount_amount: 2146.02 })), { discount_amount: 'max' }));
  });

  test('tax lies between 0 and 100', async () => {
    for (const [tax_rate, code] of [[-0.0001, 'min'], [100.0001, 'max']])
      await refused(async () => isInvalid(await admin.post(PATH, purchaseOrder({ tax_rate })), { tax_rate: code }));
  });

  test('a total beyond what can be stored is refused', async () => {
    const huge = { quantity: '900000000', unit_price: '900000000' };
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ line_items: [line(huge)] })), { line_items: 'range' }));
  });
});

describe('the supplier', () => {
  test('an unknown id with a name makes the vendor, and finds it the next time', async () => {
    const name = unique('Rama Dyes ');
    const vendors = await admin.total('/vendors');
    const first = await make({ supplier_id: 4711, supplier_name: name });
    const second = await make({ supplier_id: 4712, supplier_name: name });
    const third = await make({ supplier_name: name });
    assert.equal(await admin.total('/vendors'), vendors + 1);
    assert.notEqual(first.supplier_id, 4711);
    assert.equal(second.supplier_id, first.supplier_id);
    assert.equal(third.supplier_id, first.supplier_id);
    const vendor = await admin.ok(admin.get(`/vendors/${first.supplier_id}`));
    assert.equal(vendor.name, name);
  });

  test('a known id alone takes the vendor\'s name, which stays on the document', async () => {
    const vendor = await admin.create('/vendors', { name: unique('Old name ') });
    const order = await make({ supplier_id: vendor.id, supplier_name: undefined });
    assert.equal(order.supplier_name, vendor.name);
    await admin.ok(admin.patch(`/vendors/${vendor.id}`, { name: 'New name' }));
    const { supplier_name } = await admin.ok(admin.get(`${PATH}/${order.id}`));
    assert.equal(supplier_name, vendor.name);
  });

  test('a known id may stand under another name on the document', async () => {
    const vendor = await admin.create('/vendors', { name: unique('Vendor ') });
    const order = await make({ supplier_id: vendor.id, supplier_name: 'c/o Somebody' });
    assert.equal(order.supplier_id, vendor.id);
    assert.equal(order.supplier_name, 'c/o Somebody');
  });

  test('an unknown id without a name is refused, and so is neither', async () => {
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ supplier_id: 4711, supplier_name: undefined })),
      { supplier_id: 'unknown_reference' }));
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ supplier_name: undefined })), { supplier_id: 'required' }));
  });

  test('another organization\'s vendor is unknown here', async () => {
    const other = await newOrganization(server);
    const vendor = await other.admin.create('/vendors', { name: 'Theirs' });
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ supplier_id: vendor.id, supplier_name: undefined })),
      { supplier_id: 'unknown_reference' }));
    const order = await make({ supplier_id: vendor.id, supplier_name: 'Theirs' });
    assert.notEqual(order.supplier_id, vendor.id);
  });

  test('changing the supplier of a draft changes its name with it', async () => {
    const order = await make();
    const vendor = await admin.create('/vendors', { name: unique('Second ') });
    const changed = await admin.ok(admin.patch(`${PATH}/${order.id}`, { supplier_id: vendor.id }));
    assert.deepEqual([changed.supplier_id, changed.supplier_name], [vendor.id, vendor.name]);
    await refused(async () => isInvalid(
      await admin.patch(`${PATH}/${order.id}`, { supplier_id: 999999, supplier_name: null }),
      { supplier_id: 'unknown_reference' }));
  });
});

describe('lines', () => {
  test('a code that is a product\'s SKU links the line to it', async () => {
    const yarn = await admin.create('/products', { sku: unique('YARN-'), name: 'Yarn' });
    const order = await make({ line_items: [line({ material_code: yarn.sku }), line({ material_code: 'NO-SUCH' })] });
    assert.deepEqual(order.line_items.map((l) => l.product_id), [yarn.id, null]);
    const { line_items } = await admin.ok(admin.get(`${PATH}/${order.id}?expand=lines.product`));
    assert.equal(line_items[0].product.sku, yarn.sku);
    assert.equal(line_items[1].product, null);
  });

  test('they keep their order, and a draft\'s can be replaced', async () => {
    const order = await make();
    const changed = await admin.ok(admin.patch(`${PATH}/${order.id}`, {
      line_items: [line({ material_code: 'B', quantity: 2 }), line({ material_code: 'A', quantity: 3 })],
    }));
    assert.deepEqual(changed.line_items.map((l) => l.material_code), ['B', 'A']);
    assert.equal(changed.subtotal, 50);
    assert.equal(changed.total_amount, 59);
    assert.equal(changed.version, 2);
  });

  test('they may also be called lines', async () => {
    const order = await make({ line_items: undefined, lines: [line()] });
    assert.equal(order.line_items.length, 1);
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ lines: [line()] })), { lines: 'duplicate' }));
  });

  test('each is checked, all problems at once, by their path', async () => {
    await refused(async () => isInvalid(await admin.post(PATH, purchaseOrder({
      tax_rate: 'much',
      line_items: [line({ quantity: 0 }), line({ unit_price: -1, colour: 'red' }), {}, 7, line({ quantity: 1.00005 })],
    })), {
      tax_rate: 'type',
      'line_items[0].quantity': 'min',
      'line_items[1].unit_price': 'min',
      'line_items[1].colour': 'unknown_field',
      'line_items[2].material_code': 'required',
      'line_items[2].material_name': 'required',
      'line_items[2].quantity': 'required',
      'line_items[2].unit_price': 'required',
      'line_items[3]': 'type',
      'line_items[4].quantity': 'too_precise',
    }));
  });

  test('a failed replacement leaves the old ones', async () => {
    const order = await make();
    await refused(() => admin.patch(`${PATH}/${order.id}`, { line_items: [line(), line({ quantity: -1 })] }));
    await refused(async () => isInvalid(
      await admin.patch(`${PATH}/${order.id}`, { line_items: [line()], due_date: '2020-01-01' }), { due_date: 'min' }));
    assert.deepEqual(await admin.ok(admin.get(`${PATH}/${order.id}`)), order);
  });

  test('500 are possible, 501 are not', async () => {
    const order = await make({ line_items: Array.from({ length: 500 }, () => line()) });
    assert.equal(order.subtotal, 5000);
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ line_items: Array.from({ length: 501 }, () => line()) })),
      { line_items: 'max_items' }));
  });

  test('they go with their order', async () => {
    const yarn = await admin.create('/products', { sku: unique('GONE-'), name: 'Yarn' });
    const order = await make({ line_items: [line({ material_code: yarn.sku })] });
    isProblem(await admin.del(`/products/${yarn.id}`), 409, 'referenced');
    hasStatus(await admin.del(`${PATH}/${order.id}`), 200);
    hasStatus(await admin.del(`/products/${yarn.id}`), 200);
  });
});

describe('dates', () => {
  test('due before ordered is refused when creating and when changing', async () => {
    await refused(async () => isInvalid(
      await admin.post(PATH, purchaseOrder({ po_date: '2026-03-01', due_date: '2026-02-28' })), { due_date: 'min' }));
    const order = await make({ po_date: '2026-03-01', due_date: '2026-03-01' });
    await refused(async () => isInvalid(
      await admin.patch(`${PATH}/${order.id}`, { po_date: '2026-03-02' }), { due_date: 'min' }));
  });

  test('the order date is today when left out', async () => {
    const order = await make({ po_date: undefined, due_date: undefined });
    const today = new Date().toISOString().slice(0, 10);
    assert.ok(Math.abs(new Date(order.po_date) - new Date(today)) <= 86_400_000);
    assert.equal(order.due_date, null);
  });

  test('a day that does not exist is refused', async () => {
    for (const due_date of ['2026-02-29', '2026-13-01', '01.02.2026', 20260201, ''])
      await refused(async () => isInvalid(await admin.post(PATH, purchaseOrder({ due_date })), { due_date: 'type' }));
    hasStatus(await admin.post(`${PATH}?dry_run=true`, purchaseOrder({ po_date: '2024-02-29', due_date: '2024-02-29' })), 201);
  });
});

describe('status', () => {
  test('creating with a status takes the order there', async () => {
    for (const status of ['draft', 'pending', 'approved', 'received', 'cancelled'])
      assert.equal((await make({ status })).status, status);
  });

  test('the effects and guards of every step apply: nothing without lines is approved', async () => {
    for (const status of ['approved', 'received'])
      await refused(async () => isProblem(
        await admin.post(PATH, purchaseOrder({ status, line_items: [] })), 409, 'invalid_state'));
    const empty = await make({ line_items: [] });
    await refused(async () => isProblem(await act(empty, 'approve'), 409, 'invalid_state'));
  });

  test('PATCH goes the shortest way, in one change', async () => {
    const order = await make();
    const sequence = await admin.sequence();
    const received = await admin.ok(admin.patch(`${PATH}/${order.id}`, { status: 'received', notes: 'all there' }));
    assert.deepEqual([received.status, received.notes, received.version], ['received', 'all there', 2]);
    assert.equal(await admin.sequence(), sequence + 1);
  });

  test('where there is no way, the answer names what is possible', async () => {
    const order = await make({ status: 'received' });
    const problem = await refused(async () => isProblem(
      await admin.patch(`${PATH}/${order.id}`, { status: 'draft' }), 409, 'invalid_state'));
    assert.match(problem.detail, /received/);
    assert.match(problem.detail, /possible: return$/);
    const approved = await make({ status: 'approved' });
    const again = await refused(async () => isProblem(await act(approved, 'submit'), 409, 'invalid_state'));
    assert.match(again.detail, /receive, return, close, cancel/);
  });

  test('any spelling is understood, the canonical one is printed', async () => {
    assert.equal((await make({ status: 'APPROVED' })).status, 'approved');
    assert.equal((await make({ status: 'Canceled' })).status, 'cancelled');
    await refused(async () => isInvalid(await admin.post(PATH, purchaseOrder({ status: 'lost' })), { status: 'choice' }));
  });

  test('cancel and reopen', async () => {
    const order = await make();
    assert.equal(hasStatus(await act(order, 'cancel'), 200).status, 'cancelled');
    assert.equal(hasStatus(await act(order, 'reopen'), 200).status, 'draft');
    assert.equal(hasStatus(await act(order, 'submit'), 200).status, 'pending');
    const approved = hasStatus(await act(order, 'approve'), 200);
    assert.equal(approved.version, 5);
    isProblem(await act({ id: 999999 }, 'approve'), 404, 'not_found');
  });

  test('an action takes no unknown members', async () => {
    const order = await make();
    await refused(async () => isInvalid(await act(order, 'approve', { force: true }), { force: 'unknown_field' }));
    hasStatus(await act(order, 'approve', {}), 200);
  });
});

describe('once approved', () => {
  let order;
  before(async () => { order = await make({ status: 'approved' }); });

  test('notes and the due date may still change', async () => {
    const changed = await admin.ok(admin.patch(`${PATH}/${order.id}`, { notes: 'late', due_date: '2026-04-01' }));
    assert.deepEqual([changed.notes, changed.due_date], ['late', '2026-04-01']);
  });

  test('nothing else does', async () => {
    for (const change of [{ tax_rate: 5 }, { line_items: [line()] }, { discount_amount: 1 }, { po_date: '2026-01-16' },
      { supplier_name: 'Another' }, { notes: 'x', tax_rate: 5 }]) {
      const problem = await refused(async () => isProblem(
        await admin.patch(`${PATH}/${order.id}`, change), 409, 'invalid_state'));
      assert.match(problem.detail, /approved/);
    }
  });

  test('saying what is so already is no change', async () => {
    const before = await admin.ok(admin.get(`${PATH}/${order.id}`));
    const same = await changesNothing(admin, [PATH], () => admin.patch(`${PATH}/${order.id}`, {
      tax_rate: before.tax_rate, supplier_name: before.supplier_name, status: 'approved' }));
    assert.deepEqual(hasStatus(same, 200), before);
  });
});

describe('deleting', () => {
  test('a draft and a pending order can be', async () => {
    for (const status of ['draft', 'pending']) {
      const order = await make({ status });
      const total = await admin.total(PATH);
      assert.match(hasStatus(await admin.del(`${PATH}/${order.id}`), 200).message, /deleted/);
      assert.equal(await admin.total(PATH), total - 1);
      isProblem(await admin.get(`${PATH}/${order.id}`), 404, 'not_found');
      isProblem(await admin.del(`${PATH}/${order.id}`), 404, 'not_found');
    }
  });

  test('others stay, and the answer says what to do', async () => {
    for (const [status, possible] of [['approved', /cancel/], ['received', /possible: return$/], ['cancelled', /reopen/]]) {
      const order = await make({ status });
      const problem = await refused(async () => isProblem(await admin.del(`${PATH}/${order.id}`), 409, 'invalid_state'));
      assert.match(problem.detail, possible);
    }
  });

  test('a deleted order\'s number is not given again, and the journal still has it', async () => {
    const gone = await make();
    await admin.ok(admin.del(`${PATH}/${gone.id}`));
    const next = await make();
    const number = (text) => Number(text.slice(3));
    assert.equal(number(next.po_number), number(gone.po_number) + 1);
    const { items } = await admin.ok(admin.get(`/audit-logs?resource=purchase-orders&record_id=${gone.id}&action=delete`));
    assert.equal(items[0].changes.po_number, gone.po_number);
    assert.equal(items[0].changes.line_items.length, 3);
  });
});

describe('PUT', () => {
  test('replaces: what is left out goes back to its default, number and status stay', async () => {
    const order = await make({ notes: 'old', discount_amount: 5, status: 'pending' });
    const put = await admin.ok(admin.put(`${PATH}/${order.id}`, {
      supplier_name: order.supplier_name, po_date: '2026-01-20', line_items: [line()],
    }));
    assert.deepEqual([put.po_number, put.status], [order.po_number, 'pending']);
    assert.deepEqual([put.notes, put.due_date, put.tax_rate, put.discount_amount], [null, null, 0, 0]);
    assert.deepEqual([put.line_items.length, put.total_amount], [1, 10]);
    assert.equal(put.supplier_id, order.supplier_id);
  });

  test('keeps the lines when they are left out', async () => {
    const order = await make();
    const put = await admin.ok(admin.put(`${PATH}/${order.id}`, { supplier_name: 'Kiran Yarns', po_date: '2026-01-15' }));
    assert.equal(put.line_items.length, 3);
    assert.equal(put.total_amount, 2146.01);
  });

  test('of the same values changes nothing', async () => {
    const order = await make();
    const { supplier_id, supplier_name, po_date, due_date, tax_rate, discount_amount, notes } = order;
    const put = await changesNothing(admin, [PATH], () => admin.put(`${PATH}/${order.id}`,
      { supplier_id, supplier_name, po_date, due_date, tax_rate, discount_amount, notes }));
    assert.equal(hasStatus(put, 200).version, 1);
  });

  test('refuses the number and what the server computes', async () => {
    const order = await make();
    await refused(async () => isInvalid(
      await admin.put(`${PATH}/${order.id}`, { ...purchaseOrder(), po_number: 'MINE', total_amount: 1 }),
      { po_number: 'read_only', total_amount: 'read_only' }));
  });
});
