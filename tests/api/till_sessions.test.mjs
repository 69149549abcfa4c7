// Registers: opened with a float, sold and refunded at, closed with a count.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Shop } from '../lib/shop.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/till-sessions';
let server;
let organization;
let admin;
let shop;
let sheet;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  shop = new Shop(admin);
  sheet = await shop.goods(1000, { price: 10 });
});
after(() => server.proveAndStop());

const refused = (attempt) => shop.unchanged(attempt);
const open = (over, client = admin) => client.create(PATH, { register: unique('Counter '), opening_float: 100, ...over });
const close = (session, counted_amount, client = admin) => client.post(`${PATH}/${session.id}/close`, { counted_amount });
const sell = (body, client = admin) => client.create('/sales', { product_id: sheet.id, ...body });
const refund = (sale, body, client = admin) => client.ok(client.post(`/sales/${sale.id}/refund`, body));
const ending = (s) => [s.status, s.counted_amount, s.expected_amount, s.difference];
/** One who has no session open, whose sales go to none unless a register is named. */
const clerk = () => organization.addUser('manager');

test('a day at one register', async () => {
  const sam = await organization.addUser('salesperson');
  const session = await open({ register: 'Counter 1' }, sam);
  assert.deepEqual([session.status, session.opening_float, session.opened_by, session.expected_amount, session.closed_at], ['open', 100, sam.login.user.id, null, null]);
  const cash = await sell({ quantity: 5, tendered_amount: 100 }, sam);
  assert.deepEqual([cash.till_session_id, cash.till_session_name], [session.id, 'Counter 1']);
  await sell({ quantity: 7, payment_method: 'card' }, sam);
  const back = await sell({ quantity: 2 }, sam);
  await refund(back, { lines: [{ line_id: back.lines[0].id, quantity: 1 }] }, sam);
  const closed = hasStatus(await close(session, 159, sam), 200);
  assert.deepEqual(ending(closed), ['closed', 159, 160, -1]);
  assert.deepEqual([closed.closed_by, typeof closed.closed_at], [sam.login.user.id, 'string']);
  assert.deepEqual(await sam.ok(sam.get(`${PATH}/${session.id}`)), closed);
  const { items } = await admin.ok(admin.get(`${PATH}/${session.id}/payments?ordering=id`));
  assert.deepEqual(items.map((p) => [p.payment_type, p.payment_method, p.amount]), [['incoming', 'cash', 50], ['incoming', 'card', 70], ['incoming', 'cash', 20], ['outgoing', 'cash', 10]]);
  assert.equal((await admin.ok(admin.get(`${PATH}/${session.id}/sales`))).total, 3);
  assert.equal(await admin.total(`/sales?till_session_id=${session.id}`), 3);
  const { items: [entry] } = await admin.ok(admin.get(`/audit-logs?resource=till-sessions&record_id=${session.id}`));
  assert.deepEqual([entry.action, entry.changes.difference], ['close', [null, -1]]);
});

describe('opening', () => {
  test('a register has one open session at a time, whoever opened it', async () => {
    const session = await open({ register: 'One' });
    const other = await clerk();
    for (const client of [admin, other]) {
      const { detail } = isProblem(await refused(() => client.post(PATH, { register: 'One' })), 409, 'conflict');
      assert.match(detail, new RegExp(`close session ${session.id} first`));
    }
    await open({ register: 'Two' }, other);
    hasStatus(await close(session, 100), 200);
    const again = await open({ register: 'One' });
    assert.notEqual(again.id, session.id);
    hasStatus(await close(again, 100), 200);
  });

  test('without a float there is nothing in the drawer', async () => {
    const session = await open({ opening_float: undefined });
    assert.equal(session.opening_float, 0);
    assert.deepEqual(ending(hasStatus(await close(session, 0), 200)), ['closed', 0, 0, 0]);
  });

  test('what makes no sense is refused', async () => {
    const cases = [
      [{}, { register: 'required' }], [{ register: '' }, { register: 'required' }], [{ register: 'A', opening_float: -1 }, { opening_float: 'min' }],
      [{ register: 'A', expected_amount: 5, difference: 0, counted_amount: 1 }, { expected_amount: 'read_only', difference: 'read_only', counted_amount: 'read_only' }],
      [{ register: 'A', opened_by: 1 }, { opened_by: 'read_only' }], [{ register: 'x'.repeat(65) }, { register: 'max_length' }],
      [{ register: unique('R'), status: 'closed' }, { counted_amount: 'required' }],
    ];
    for (const [body, issues] of cases) {
      const { errors } = isProblem(await refused(() => admin.post(PATH, body)), 422, 'validation_failed');
      assert.deepEqual(errors.map((e) => e.field).sort(), Object.keys(issues).sort(), JSON.stringify(body));
    }
  });
});

describe('selling', () => {
  test('two tills at once are kept apart', async () => {
    const [sam, tim] = [await organization.addUser('salesperson'), await organization.addUser('salesperson')];
    const [a, b] = [await open({ opening_float: 50 }, sam), await open({ opening_float: 20.5 }, tim)];
    await Promise.all(Array.from({ length: 20 }, (_, i) => sell({ quantity: 1 }, i % 2 ? sam : tim)));
    const wrong = await sell({ quantity: 3 }, sam);
    await refund(wrong, undefined, sam);
    assert.deepEqual(ending(hasStatus(await close(a, 150, sam), 200)), ['closed', 150, 150, 0]);
    assert.deepEqual(ending(hasStatus(await close(b, 130, tim), 200)), ['closed', 130, 120.5, 9.5]);
  });

  test('at a named register belongs to its session, whoever sells', async () => {
    const [own, named] = [await open(), await open({}, await clerk())];
    assert.equal((await sell()).till_session_id, own.id);
    assert.equal((await sell({ register: named.register })).till_session_id, named.id);
    assert.deepEqual(ending(hasStatus(await close(named, 110), 200)), ['closed', 110, 110, 0]);
    const [issue] = isInvalid(await refused(() => admin.post('/sales', { product_id: sheet.id, register: named.register })), { register: 'closed' });
    assert.match(issue.message, /open one first/);
    hasStatus(await close(own, 0), 200);
  });

  test('without a session belongs to none', async () => {
    const client = await clerk();
    assert.equal((await sell({}, client)).till_session_id, null);
  });

  test('of two sessions of one’s own, to the later', async () => {
    const client = await clerk();
    const [first, second] = [await open({}, client), await open({}, client)];
    assert.equal((await sell({}, client)).till_session_id, second.id);
    hasStatus(await close(second, 110, client), 200);
    assert.equal((await sell({}, client)).till_session_id, first.id);
    hasStatus(await close(first, 110, client), 200);
  });
});

describe('a refund', () => {
  test('after the session closed is paid from the one that is open, and the closed one stays', async () => {
    const client = await clerk();
    const first = await open({}, client);
    const sale = await sell({ quantity: 4 }, client);
    const closed = hasStatus(await close(first, 140, client), 200);
    const second = await open({ opening_float: 60 }, client);
    const back = await refund(sale, undefined, client);
    assert.equal(back.till_session_id, first.id, 'it was sold there');
    assert.deepEqual(await shop.read('till-sessions', first.id), closed);
    assert.deepEqual(ending(hasStatus(await close(second, 20, client), 200)), ['closed', 20, 20, 0]);
  });

  test('without an open session is paid from none', async () => {
    const client = await clerk();
    const first = await open({}, client);
    const sale = await sell({ quantity: 4 }, client);
    const closed = hasStatus(await close(first, 140, client), 200);
    await refund(sale, undefined, client);
    const { items } = await admin.ok(admin.get(`/payments?source=sales&source_id=${sale.id}&ordering=id`));
    assert.deepEqual(items.map((p) => [p.payment_type, p.till_session_id]), [['incoming', first.id], ['outgoing', null]]);
    assert.deepEqual(await shop.read('till-sessions', first.id), closed);
  });

  test('of a card sale in cash takes cash; of a cash sale to a card does not', async () => {
    const client = await clerk();
    const session = await open({}, client);
    const [card, cash] = [await sell({ payment_method: 'card' }, client), await sell({ quantity: 2 }, client)];
    await refund(card, { payment_method: 'cash' }, client);
    await refund(cash, { payment_method: 'card' }, client);
    assert.deepEqual(ending(hasStatus(await close(session, 110, client), 200)), ['closed', 110, 110, 0]);
  });

  test('may take more than came in', async () => {
    const client = await clerk();
    const sale = await sell({ quantity: 20 }, client);
    const session = await open({ opening_float: 50 }, client);
    await refund(sale, undefined, client);
    assert.deepEqual(ending(hasStatus(await close(session, 0, client), 200)), ['closed', 0, -150, 150]);
  });
});

describe('closing', () => {
  test('takes a count, once', async () => {
    const session = await open();
    const path = `${PATH}/${session.id}`;
    for (const [body, code] of [[undefined, 'required'], [{}, 'required'], [{ counted_amount: -1 }, 'min'], [{ counted_amount: 'much' }, 'type']])
      isInvalid(await refused(() => admin.post(`${path}/close`, body)), { counted_amount: code });
    isInvalid(await refused(() => admin.patch(path, { status: 'closed' })), { counted_amount: 'required' });
    const shown = hasStatus(await refused(() => admin.post(`${path}/close?dry_run=true`, { counted_amount: 90 })), 200);
    assert.deepEqual(ending(shown), ['closed', 90, 100, -10]);
    hasStatus(await admin.post(`${path}/close`, { closing_amount: 100 }), 200);
    isProblem(await refused(() => close(session, 100)), 409, 'invalid_state');
    isProblem(await refused(() => admin.patch(path, { status: 'open' })), 409, 'invalid_state');
  });

  test('what is closed keeps all but its notes, and no session is deleted or altered', async () => {
    const session = await open();
    const path = `${PATH}/${session.id}`;
    for (const change of [{ register: 'X' }, { opening_float: 0 }, { expected_amount: 0 }, { difference: 0 }, { counted_amount: 5 }, { closed_by: 1 }])
      isInvalid(await refused(() => admin.patch(path, change)), { [Object.keys(change)[0]]: 'read_only' });
    isProblem(await refused(() => admin.del(path)), 405);
    hasStatus(await close(session, 100), 200);
    hasStatus(await admin.patch(path, { notes: 'all well' }), 200);
    isProblem(await refused(() => admin.del(path)), 405);
  });

  test('by many at once happens once', async () => {
    const session = await open();
    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => close(session, 100 + i)));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(15).fill(409)]);
    const winner = answers.find((a) => a.status === 200).body;
    assert.deepEqual(await shop.read('till-sessions', session.id), winner);
  });

  test('an opening contest has one winner', async () => {
    const register = unique('Contest ');
    const answers = await Promise.all(Array.from({ length: 16 }, () => admin.post(PATH, { register })));
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, ...Array(15).fill(409)]);
    hasStatus(await close(answers.find((a) => a.status === 201).body, 0), 200);
  });
});

describe('who may', () => {
  test('a salesperson keeps their own till, and sees no other', async () => {
    const [sam, tim] = [await organization.addUser('salesperson'), await organization.addUser('salesperson')];
    const [mine, theirs] = [await open({}, sam), await open({}, tim)];
    assert.deepEqual((await sam.ok(sam.get(PATH))).items.map((s) => s.id), [mine.id]);
    isProblem(await sam.get(`${PATH}/${theirs.id}`), 404, 'not_found');
    isProblem(await refused(() => close(theirs, 0, sam)), 404, 'not_found');
    hasStatus(await close(mine, 100, sam), 200);
    hasStatus(await close(theirs, 100, await clerk()), 200);
    const viewer = await organization.addUser('viewer');
    hasStatus(await viewer.get(`${PATH}/${mine.id}`), 200);
    isProblem(await refused(() => viewer.post(PATH, { register: 'V' })), 403, 'forbidden');
  });
});
