// Issues: their life, their targets, what is said about them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changesNothing, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Database, databaseFile } from '../lib/database.mjs';
import { salesOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;
let addUser;
let customer;

before(async () => {
  server = await startServer({ flags: ['--jobs-every', '1'] });
  ({ admin, addUser } = await newOrganization(server));
  customer = await admin.create('/customers', { name: 'Meridian' });
});
after(() => server.proveAndStop());

const raise = (over = {}, client = admin) => client.create('/issues', { title: 'Two rolls arrived wet', ...over });
const act = (id, action, body, client = admin) => client.post(`/issues/${id}/${action}`, body);
const done = async (id, action, body) => admin.ok(act(id, action, body));
const seconds = (from, to) => (Date.parse(to) - Date.parse(from)) / 1000;
const refused = (attempt) => changesNothing(admin, ['/issues', '/issue-comments'], attempt);

describe('an issue', () => {
  test('has a number of the year, and takes both spellings of priority and category', async () => {
    const [a, b] = [await raise({ priority: 'critical', category: 'payment' }), await raise()];
    assert.match(a.issue_number, /^ISS-\d{4}-\d{4}$/);
    assert.equal(Number(b.issue_number.slice(-4)), Number(a.issue_number.slice(-4)) + 1);
    assert.deepEqual([a.priority, a.category, a.status, a.source], ['urgent', 'billing', 'open', 'internal']);
    assert.deepEqual([b.priority, b.category], ['medium', 'general']);
    isInvalid(await refused(() => admin.post('/issues', { description: 'x', priority: 'huge' })), { title: 'required', priority: 'choice' });
  });

  test('goes from open to closed and back; notes are kept, stamps are not', async () => {
    const { id } = await raise({ resolution_notes: 'Known.' });
    assert.equal((await done(id, 'start')).status, 'in_progress');
    const resolved = await done(id, 'resolve', { resolution_notes: 'Sent again.' });
    assert.deepEqual([resolved.status, resolved.resolution_notes, resolved.resolved_by, resolved.next_due], ['resolved', 'Known.\n\nSent again.', admin.login.user.id, null]);
    assert.ok(resolved.resolved_at && resolved.first_responded_at);
    assert.equal(resolved.resolved_by_name, admin.login.user.username);
    const again = isProblem(await refused(() => act(id, 'resolve')), 409, 'invalid_state');
    assert.match(again.detail, /resolved/);
    assert.equal((await done(id, 'close')).status, 'closed');
    const open = await done(id, 'reopen');
    assert.deepEqual([open.status, open.resolved_at, open.resolved_by, open.resolved_by_name, open.closed_at, open.resolution_notes],
      ['open', null, null, null, null, 'Known.\n\nSent again.']);
    assert.equal((await admin.ok(admin.patch(`/issues/${id}`, { status: 'closed' }))).status, 'closed');
  });

  test('is given to an active user, who is told', async () => {
    const [bob, eve] = [await addUser('operator'), await addUser('operator')];
    await admin.ok(admin.patch(`/users/${eve.login.user.id}`, { is_active: false }));
    const { id } = await raise();
    const given = await done(id, 'assign', { assigned_to: bob.login.user.id });
    assert.deepEqual([given.status, given.assigned_to, given.assigned_to_name], ['in_progress', bob.login.user.id, bob.login.user.username]);
    assert.equal(await bob.total(`/notifications?kind=issue_assigned&record_id=${id}`), 1);
    assert.equal(await admin.total(`/notifications?kind=issue_assigned&record_id=${id}`), 0, 'it is Bob’s alone');
    const other = await newOrganization(server);
    const [theirs, never] = [await refused(() => act(id, 'assign', { assigned_to: other.user.id })), await refused(() => act(id, 'assign', { assigned_to: 987654321 }))];
    isInvalid(theirs, { assigned_to: 'unknown_reference' });
    assert.deepEqual(theirs.body.errors, never.body.errors);
    isInvalid(await refused(() => act(id, 'assign', { assigned_to: eve.login.user.id })), { assigned_to: 'inactive' });
    isInvalid(await refused(() => act(id, 'assign', {})), { assigned_to: 'required' });
  });

  test('may be about any order of the organization, and of no other', async () => {
    const order = await admin.create('/sales-orders', salesOrder({ customer_name: undefined, customer_id: customer.id }));
    assert.equal((await raise({ order_id: order.so_number })).order_id, order.id);
    const other = await newOrganization(server);
    const theirs = await other.admin.create('/sales-orders', salesOrder());
    isInvalid(await refused(() => admin.post('/issues', { title: 'x', order_id: theirs.id })), { order_id: 'unknown_reference' });
  });

  test('is changed once when two change it', async () => {
    const made = await admin.post('/issues', { title: 'x' });
    await admin.ok(admin.patch(`/issues/${made.body.id}`, { title: 'y' }));
    isProblem(await refused(() => admin.patch(`/issues/${made.body.id}`, { title: 'z' }, { 'If-Match': made.headers.etag })), 412);
  });
});

describe('targets', () => {
  const spans = (i) => [seconds(i.clock_started_at, i.response_due), seconds(i.clock_started_at, i.resolution_due)].map((s) => s / 3600);

  test('go by priority, and with it', async () => {
    assert.deepEqual(spans(await raise({ priority: 'urgent' })), [1, 4]);
    const issue = await raise({ priority: 'low' });
    assert.deepEqual([spans(issue), issue.next_due], [[16, 40], issue.response_due]);
    assert.deepEqual(spans(await admin.ok(admin.patch(`/issues/${issue.id}`, { priority: 'high' }))), [4, 8]);
  });

  test('come from the settings, an answer before the solution', async () => {
    const { admin: theirs } = await newOrganization(server);
    await theirs.ok(theirs.patch('/system-settings', { issue_urgent_response_hours: 0.5, issue_urgent_resolution_hours: 2 }));
    assert.deepEqual(spans(await raise({ priority: 'urgent' }, theirs)), [0.5, 2]);
    isInvalid(await theirs.patch('/system-settings', { issue_urgent_response_hours: 3 }), { issue_urgent_response_hours: 'max' });
    assert.equal((await theirs.ok(theirs.get('/system-settings'))).issue_urgent_response_hours, 0.5);
  });

  test('are never due while the business is closed', async () => {
    const { admin: theirs } = await newOrganization(server);
    const hours = { monday: { from: '09:00', to: '10:00' } };
    await theirs.ok(theirs.patch('/system-settings', { working_hours: hours }));
    const due = new Date((await raise({ priority: 'medium' }, theirs)).resolution_due);
    assert.equal(due.getUTCDay(), 1);
    const minutes = due.getUTCHours() * 60 + due.getUTCMinutes();
    assert.ok(minutes > 9 * 60 && minutes <= 10 * 60, due.toISOString());
  });

  test('wait while it is on hold', async () => {
    const issue = await raise();
    const held = await done(issue.id, 'hold');
    assert.ok(held.on_hold_since && held.next_due === null && held.status === 'open');
    isProblem(await refused(() => act(issue.id, 'hold')), 409, 'invalid_state');
    await sleep(1100);
    const back = await done(issue.id, 'resume');
    assert.ok(back.paused_seconds >= 1 && back.on_hold_since === null);
    assert.equal(seconds(issue.response_due, back.response_due), back.paused_seconds);
    isProblem(await refused(() => act(issue.id, 'resume')), 409, 'invalid_state');
    assert.equal((await done((await raise()).id, 'close')).next_due, null);
  });

  test('the first answer by staff is stamped once, and the solution is next', async () => {
    const issue = await raise();
    await done(issue.id, 'comment', { content: 'among us', internal: true });
    assert.equal((await admin.ok(admin.get(`/issues/${issue.id}`))).first_responded_at, null);
    await done(issue.id, 'comment', { content: 'We look into it.' });
    const answered = await admin.ok(admin.get(`/issues/${issue.id}`));
    assert.ok(answered.first_responded_at);
    assert.equal(answered.next_due, answered.resolution_due);
  });
});

describe('what is said', () => {
  test('is listed oldest first, goes with the issue, and is not made elsewhere', async () => {
    const { id } = await raise();
    for (const content of ['one', 'two', 'three']) await done(id, 'comment', { content });
    const { items, total } = await admin.ok(admin.get(`/issues/${id}/comments`));
    assert.deepEqual([items.map((c) => c.content), total], [['one', 'two', 'three'], 3]);
    assert.equal((await admin.ok(admin.get('/issue-comments?search=three'))).items[0].issue_id, id);
    isProblem(await refused(() => admin.post('/issue-comments', { issue_id: id, content: 'x' })), 405);
    isInvalid(await refused(() => act(id, 'comment', {})), { content: 'required' });
    isProblem(await refused(() => act(987654321, 'comment', { content: 'x' })), 404);
    await admin.ok(admin.del(`/issues/${id}`));
    assert.equal(await admin.total(`/issue-comments?issue_id=${id}`), 0);
  });

  test('is said once with the same idempotency key, and not in a dry run', async () => {
    const { id } = await raise();
    const key = { 'Idempotency-Key': unique('k') };
    for (let i = 0; i < 2; i++) assert.equal((await admin.post(`/issues/${id}/comment`, { content: 'x' }, key)).status, 201);
    assert.equal((await admin.post(`/issues/${id}/comment?dry_run=true`, { content: 'x' })).status, 201);
    assert.equal(await admin.total(`/issues/${id}/comments`), 1);
  });
});

describe('what is late', () => {
  test('is in /breached and told once; what is soon due in /due-soon', async (t) => {
    if (!databaseFile(server)) return t.skip('edits the file');
    const { admin: theirs } = await newOrganization(server);
    const [late, soon, far] = [await raise({}, theirs), await raise({}, theirs), await raise({}, theirs)];
    const at = (hours) => `strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '${hours} hours')`;
    const db = new Database(databaseFile(server));
    for (const [issue, hours] of [[late, -2], [soon, 3], [far, 100]]) db.run(`UPDATE issues SET next_due = ${at(hours)} WHERE id = ${issue.id}`);
    const ids = async (path) => (await theirs.ok(theirs.get(path))).items.map((i) => i.id);
    assert.deepEqual([await ids('/issues/breached'), await ids('/issues/due-soon')], [[late.id], [soon.id]]);
    assert.deepEqual(await ids('/issues/breached?priority=low'), []);
    const told = () => theirs.total('/notifications?kind=response_late');
    for (const end = Date.now() + 30_000; Date.now() < end && !(await told()); await sleep(100));
    await sleep(2500);
    assert.equal(await told(), 1);
    const [note] = (await theirs.ok(theirs.get('/notifications?kind=response_late'))).items;
    assert.deepEqual([note.resource, note.record_id], ['issues', late.id]);
  });
});

test('statistics have both spellings, follow every change and take filters', async () => {
  const { admin: theirs } = await newOrganization(server);
  const stats = (query = '') => theirs.ok(theirs.get(`/issues/stats${query}`));
  const { id } = await raise({ priority: 'urgent', category: 'billing' }, theirs);
  await raise({ source: 'client_raised' }, theirs);
  const first = await stats();
  assert.deepEqual([first.total, first.by_status, first.by_source], [2, { open: 2, in_progress: 0, resolved: 0, closed: 0 }, { internal: 1, client_raised: 1 }]);
  assert.deepEqual(first.by_priority, { low: 0, medium: 1, high: 0, urgent: 1, critical: 1 });
  assert.deepEqual([first.by_category.billing, first.by_category.payment, first.by_category.general], [1, 1, 1]);
  await theirs.ok(theirs.post(`/issues/${id}/resolve`));
  assert.deepEqual((await stats()).by_status, { open: 1, in_progress: 0, resolved: 1, closed: 0 });
  assert.equal((await stats('?priority=urgent')).total, 1);
  isProblem(await theirs.get('/issues/stats?nonsense=1'), 400);
});
