// Notifications: those for one user are that user's alone, those for nobody
// are everybody's, and read in a shared inbox means handled.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/notifications';

let server;
let organization;
let admin;
let ann; // a manager
let bob; // a viewer

before(async () => { server = await startServer(); });
after(() => server.proveAndStop());
beforeEach(async () => {
  organization = await newOrganization(server);
  ({ admin } = organization);
  [ann, bob] = [await organization.addUser('manager'), await organization.addUser('viewer')];
});

const idOf = (client) => client.login.user.id;
const notify = (over = {}, by = admin) => by.create(PATH, { message: 'Look here', ...over });
const refused = (attempt) => changesNothing(admin, [PATH], attempt);
const messages = async (client, query = '') => (await all(client, `${PATH}${query}`)).map((n) => n.message);

describe('a notification', () => {
  test('is for everybody, unread and of no importance unless it says so', async () => {
    const made = await notify();
    const { id, created_at, updated_at, created_by, created_by_name, ...rest } = made;
    assert.deepEqual(rest, {
      message: 'Look here', type: 'info', kind: null, user_id: null, user_name: null, resource: null, record_id: null, about_date: null, read: false, read_at: null, read_by: null, read_by_name: rest.read_by_name, version: 1,
    });
    assert.equal(created_by, idOf(admin));
    for (const client of [admin, ann, bob]) assert.deepEqual(await client.ok(client.get(`${PATH}/${id}`)), await admin.ok(admin.get(`${PATH}/${id}`)));
  });

  test('is refused with wrong values, all of which are told', async () => {
    const wrong = { message: 'x'.repeat(1001), type: 'urgent', kind: 'Low Stock', user_id: 987654321, resource: 'products', record_id: 1, about_date: '2026-01-01', read: 'maybe', read_at: '2026-01-01T00:00:00Z', read_by: 1 };
    isInvalid(await refused(() => admin.post(PATH, wrong)), {
      message: 'max_length', type: 'choice', resource: 'read_only', record_id: 'read_only', about_date: 'read_only', read: 'type', read_at: 'read_only', read_by: 'read_only',
    });
    isInvalid(await refused(() => admin.post(PATH, { message: 'x', kind: 'Low Stock', user_id: 987654321 })), { kind: 'format', user_id: 'unknown_reference' });
    isInvalid(await refused(() => admin.post(PATH, { message: '  ' })), { message: 'required' });
    const { id } = await notify();
    isInvalid(await refused(() => admin.patch(`${PATH}/${id}`, { user_id: idOf(ann) })), { user_id: 'read_only' });
  });

  test('may have a thousand characters', async () => {
    const message = '—'.repeat(1000);
    assert.equal((await notify({ message })).message, message);
  });

  test('is found by kind, type, user and whether it was read', async () => {
    await notify({ message: 'a', kind: 'low_stock', type: 'warning' });
    await notify({ message: 'b', kind: 'overdue', type: 'error', read: true });
    await notify({ message: 'c', kind: 'overdue', user_id: idOf(admin) });
    assert.deepEqual(await messages(admin, '?kind=overdue'), ['b', 'c']);
    assert.deepEqual(await messages(admin, '?kind=overdue&read=false'), ['c']);
    assert.deepEqual(await messages(admin, '?type=warning&type=error'), ['a', 'b']);
    assert.deepEqual(await messages(admin, '?user_id__isnull=true'), ['a', 'b']);
    assert.deepEqual(await messages(admin, '?resource=products&record_id=7'), []);
  });

  test('is made by admin and manager, and by nobody else', async () => {
    await notify({ message: 'from Ann' }, ann);
    for (const role of ['operator', 'staff', 'salesperson', 'inventory_manager', 'viewer']) {
      const person = await organization.addUser(role);
      isProblem(await refused(() => person.post(PATH, { message: 'x', user_id: idOf(person) })), 403, 'forbidden');
      isProblem(await refused(() => person.post(`${PATH}/bulk`, { items: [{ message: 'x' }] })), 403, 'forbidden');
    }
  });
});

describe('one for a user', () => {
  let secret;
  beforeEach(async () => { secret = await notify({ message: 'for Bob', kind: 'private_kind', user_id: idOf(bob) }); });

  test('is not there for anybody else, whoever they are', async () => {
    const path = `${PATH}/${secret.id}`;
    for (const client of [admin, ann]) {
      const never = (method, body) => client.request(method, `${PATH}/987654321`, { body });
      for (const [method, body] of [['GET'], ['PATCH', { message: 'mine' }], ['PUT', { message: 'mine' }], ['DELETE']]) {
        const answer = await refused(() => client.request(method, path, { body }));
        isProblem(answer, 404, 'not_found');
        assert.equal(answer.body.detail, (await never(method, body)).body.detail);
      }
      for (const action of ['read', 'unread']) isProblem(await refused(() => client.post(`${path}/${action}`)), 404, 'not_found');
      isProblem(await refused(() => client.post(`${path}/read?dry_run=true`)), 404);
      isProblem(await refused(() => client.post(`${PATH}/bulk`, { items: [{ id: secret.id, message: 'mine' }] })), 404);
      isProblem(await refused(() => client.patch(path, { message: 'mine' }, { 'If-Match': '"v9"' })), 404);
    }
    assert.deepEqual(await bob.ok(bob.get(path)), { ...secret, ...await bob.ok(bob.get(path)) });
  });

  test('is in nobody else’s list, count, statistics or export', async () => {
    await notify({ message: 'for all' });
    for (const client of [admin, ann]) {
      for (const query of ['', `?user_id=${idOf(bob)}`, '?kind=private_kind', '?message__contains=Bob', `?id=${secret.id}`, '?kind__isnull=false']) {
        if (query.includes('message')) continue; // no field to filter by
        assert.ok(!(await messages(client, query)).includes('for Bob'), query);
      }
      assert.equal(await client.total(PATH), 1);
      assert.equal(await client.total(`${PATH}?kind=private_kind`), 0);
      assert.equal((await client.ok(client.get(`${PATH}/stats`))).total, 1);
      assert.doesNotMatch((await client.get(`${PATH}/export`)).text, /Bob/);
    }
    assert.deepEqual(await messages(bob), ['for Bob', 'for all']);
    assert.equal((await bob.ok(bob.get(`${PATH}/stats`))).total, 2);
    assert.match((await bob.get(`${PATH}/export`)).text, /for Bob/);
  });

  test('is noted in the journal without its words', async () => {
    await bob.ok(bob.post(`${PATH}/${secret.id}/read`));
    await notify({ message: 'for all' });
    const { items } = await admin.ok(admin.get('/audit-logs?resource=notifications&ordering=sequence'));
    assert.deepEqual(items.map((e) => [e.action, e.changes.message ?? null]), [['create', '***'], ['update', null], ['create', 'for all']]);
    assert.equal(items[0].changes.kind, '***');
    assert.ok(!JSON.stringify(items).includes('Bob'));
  });

  test('a sender sees what they sent to another only while they make it', async () => {
    assert.equal(secret.message, 'for Bob'); // the answer of the creation
    assert.equal((await admin.get(`${PATH}/${secret.id}`)).status, 404);
  });
});

describe('marking', () => {
  test('read and unread say who and when, and twice is once', async () => {
    const { id } = await notify();
    const read = await bob.ok(bob.post(`${PATH}/${id}/read`));
    assert.deepEqual([read.read, read.read_by, read.read_by_name, read.version], [true, idOf(bob), bob.login.user.username, 2]);
    assert.ok(read.read_at);
    const again = await ann.ok(ann.post(`${PATH}/${id}/read`));
    assert.deepEqual(again, await ann.ok(ann.get(`${PATH}/${id}`)));
    assert.equal(again.read_by, idOf(bob), 'who handled it first has handled it');
    const unread = await ann.ok(ann.post(`${PATH}/${id}/unread`));
    assert.deepEqual([unread.read, unread.read_at, unread.read_by, unread.read_by_name ?? null, unread.version], [false, null, null, null, 3]);
    const patched = await ann.ok(ann.patch(`${PATH}/${id}`, { read: true }));
    assert.deepEqual([patched.read, patched.read_by], [true, idOf(ann)]);
  });

  test('heeds If-Match and dry_run', async () => {
    const { id } = await notify();
    isProblem(await refused(() => bob.post(`${PATH}/${id}/read`, undefined, { 'If-Match': '"v2"' })), 412, 'version_mismatch');
    const would = await refused(() => bob.post(`${PATH}/${id}/read?dry_run=true`));
    assert.equal(hasStatus(would, 200).read, true);
    hasStatus(await bob.post(`${PATH}/${id}/read`, undefined, { 'If-Match': '"v1"' }), 200);
  });

  test('gives no right to change anything else', async () => {
    const { id } = await notify();
    isProblem(await refused(() => bob.patch(`${PATH}/${id}`, { read: true })), 403, 'forbidden');
    isProblem(await refused(() => bob.del(`${PATH}/${id}`)), 403, 'forbidden');
    isProblem(await bob.post(`${PATH}/${id}/read`, { message: 'other' }), 422);
    assert.equal((await admin.ok(admin.get(`${PATH}/${id}`))).message, 'Look here');
  });

  test('a role that may only mark its own cannot mark everybody’s', async () => {
    const seller = await organization.addUser('salesperson');
    const shared = await notify();
    const mine = await notify({ message: 'yours', user_id: idOf(seller) });
    assert.deepEqual(await messages(seller), ['yours']);
    isProblem(await refused(() => seller.post(`${PATH}/${shared.id}/read`)), 404);
    assert.equal((await seller.ok(seller.post(`${PATH}/read-all`))).updated, 1);
    assert.equal((await admin.ok(admin.get(`${PATH}/${shared.id}`))).read, false);
    hasStatus(await seller.post(`${PATH}/${mine.id}/unread`), 200);
  });

  test('read-all marks what one sees, and leaves others’ alone', async () => {
    await notify({ message: 'all' });
    await notify({ message: 'mine', user_id: idOf(bob) });
    const others = await notify({ message: 'Ann’s', user_id: idOf(ann) });
    await notify({ message: 'read before', read: true });
    const other = await newOrganization(server);
    const far = await other.admin.create(PATH, { message: 'elsewhere' });
    assert.deepEqual(await refused(async () => (await bob.post(`${PATH}/read-all?dry_run=true`)).body), { updated: 2 });
    assert.deepEqual(await bob.ok(bob.post(`${PATH}/read-all`)), { updated: 2 });
    assert.deepEqual(await bob.ok(bob.post(`${PATH}/read-all`)), { updated: 0 });
    assert.equal(await bob.total(`${PATH}?read=false`), 0);
    assert.equal((await ann.ok(ann.get(`${PATH}/${others.id}`))).read, false);
    assert.equal((await other.admin.ok(other.admin.get(`${PATH}/${far.id}`))).read, false);
  });

  test('read-all goes through very many in steps, each a change of its own', async () => {
    const n = scaled(5000);
    for (let i = 0; i < n; i += 1000)
      await admin.ok(admin.post(`${PATH}/bulk`, { items: Array.from({ length: Math.min(1000, n - i) }, (_, k) => ({ message: `m${i + k}`, ...(k % 5 ? {} : { user_id: idOf(ann) }) })) }));
    const visible = await bob.total(PATH);
    const sequence = await admin.sequence();
    const [marked, ...created] = await Promise.all([bob.ok(bob.post(`${PATH}/read-all`)), ...Array.from({ length: 20 }, () => admin.create('/customers', { name: 'In between' }))]);
    assert.equal(marked.updated, visible);
    assert.equal(created.length, 20);
    assert.equal(await admin.sequence(), sequence + visible + 20);
    assert.equal(await bob.total(`${PATH}?read=false`), 0);
    assert.equal(await ann.total(`${PATH}?read=false`), n - visible);
  });
});

test('counts stay exact for everybody while all kinds of changes happen', async () => {
  const people = [admin, ann, bob];
  const agree = async () => {
    for (const client of people) {
      const mine = await all(client, PATH);
      assert.ok(mine.every((n) => n.user_id === null || n.user_id === idOf(client)));
      for (const [query, keep] of [['', () => true], ['?read=false', (n) => !n.read], ['?type=warning', (n) => n.type === 'warning'], ['?user_id__isnull=true', (n) => n.user_id === null]])
        assert.equal(await client.total(`${PATH}${query}`), mine.filter(keep).length, query);
      const stats = await client.ok(client.get(`${PATH}/stats`));
      assert.equal(stats.total, mine.length);
      assert.equal(stats.by_type.warning, mine.filter((n) => n.type === 'warning').length);
    }
  };
  await agree(); // from here on the counts are live
  const made = [];
  for (const [i, owner] of [null, admin, ann, bob, null, bob, ann].entries())
    made.push([owner ?? ann, await notify({ message: `n${i}`, type: i % 2 ? 'warning' : 'info', user_id: owner && idOf(owner) }, ann)]);
  await agree();
  for (const [i, [owner, n]] of made.entries()) if (i % 3 === 0) await owner.ok(owner.post(`${PATH}/${n.id}/read`));
  await agree();
  await ann.ok(ann.patch(`${PATH}/${made[0][1].id}`, { type: 'warning' }));
  await ann.ok(ann.del(`${PATH}/${made[6][1].id}`));
  await bob.ok(bob.post(`${PATH}/read-all`));
  await agree();
});
