// The customers' own way in: a user of a customer raises and follows that
// customer's issues at /client/issues, and reaches nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { readRoutes } from '../lib/routes.mjs';
import { salesOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;
let organization;
let customer;
let other;
let client; // of `customer`

const person = () => { const username = unique('client'); return { username, email: `${username}@example.com`, password: PASSWORD }; };
const newClient = async (customer_id) => {
  const who = person();
  await admin.create('/users', { ...who, role_id: 'customer', customer_id });
  return login(server, who.username);
};
const refused = (attempt) => changesNothing(admin, ['/issues', '/issue-comments', '/users', '/invitations'], attempt);

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  customer = await admin.create('/customers', { name: 'Meridian' });
  other = await admin.create('/customers', { name: 'Another' });
  client = await newClient(customer.id);
});
after(() => server.proveAndStop());

describe('a user of a customer', () => {
  test('has the role customer, and nobody else has', async () => {
    isInvalid(await refused(() => admin.post('/users', { ...person(), role_id: 'customer' })), { customer_id: 'required' });
    isInvalid(await refused(() => admin.post('/users', { ...person(), role_id: 'manager', customer_id: customer.id })), { role_id: 'role' });
    isInvalid(await refused(() => admin.patch(`/users/${client.login.user.id}`, { role_id: 'manager' })), { role_id: 'role' });
    isInvalid(await refused(() => admin.post('/invitations', { email: person().email, role_id: 'customer' })), { customer_id: 'required' });
    const theirs = await (await newOrganization(server)).admin.create('/customers', { name: 'x' });
    isInvalid(await refused(() => admin.post('/users', { ...person(), role_id: 'customer', customer_id: theirs.id })), { customer_id: 'unknown_reference' });
  });

  test('comes in by an invitation that names the customer', async () => {
    const { password, ...who } = person();
    const { token } = await admin.create('/invitations', { email: who.email, role_id: 'customer', customer_id: customer.id });
    await admin.ok(new Client(server).post('/auth/register', { ...who, password, full_name: 'C', invitation: token }));
    const [user] = (await admin.ok(admin.get(`/users?username=${who.username}`))).items;
    assert.deepEqual([user.customer_id, user.customer_name], [customer.id, 'Meridian']);
    assert.equal((await (await login(server, who.username)).get('/client/issues')).status, 200);
  });

  test('is refused everywhere else', async () => {
    const { routes } = await readRoutes(admin);
    const calls = routes.filter((r) => r.permission);
    assert.ok(calls.length > 200);
    for (const route of calls) {
      const body = route.takesCsv ? 'id\r\n' : route.example() ?? (route.method === 'GET' ? undefined : {});
      const headers = route.takesCsv ? { 'Content-Type': 'text/csv' } : {};
      const answer = await client.request(route.method, route.path(1), { body, headers });
      assert.equal(answer.status, 403, `${route.name}: ${answer.text}`);
    }
    const figures = await client.get('/dashboard-stats');
    if (figures.status === 200) assert.equal(figures.body.totalSales, null);
  });

  test('is alone on that way: staff have their own', async () => {
    for (const path of ['/client/issues', '/client/issues/1', '/client/issues/stats']) isProblem(await admin.get(path), 403);
    isProblem(await refused(() => admin.post('/client/issues', { title: 'x' })), 403);
  });

  test('is out when made inactive, and sees another customer’s when moved there', async () => {
    const mover = await newClient(customer.id);
    await mover.create('/client/issues', { title: 'before' });
    await admin.ok(admin.patch(`/users/${mover.login.user.id}`, { customer_id: other.id }));
    assert.equal((await mover.ok(mover.get('/client/issues'))).items.some((i) => i.title === 'before'), false);
    await admin.ok(admin.patch(`/users/${mover.login.user.id}`, { is_active: false }));
    isProblem(await mover.get('/client/issues'), 401);
  });
});

describe('the issues of a customer', () => {
  test('are raised as the customer’s, and staff are told', async () => {
    const before = await admin.total('/notifications?kind=issue_raised');
    const made = await client.create('/client/issues', { title: 'Wet rolls', description: 'Two.', priority: 'high', category: 'quality' });
    const seen = await admin.ok(admin.get(`/issues/${made.id}`));
    assert.deepEqual([seen.customer_id, seen.source, seen.created_by, seen.status, seen.priority], [customer.id, 'client_raised', client.login.user.id, 'open', 'high']);
    assert.equal(await admin.total('/notifications?kind=issue_raised'), before + 1);
  });

  test('are all that is seen, without what is nobody else’s business', async () => {
    const [mine, theirs, nobodys] = [await admin.create('/issues', { title: 'm', customer_id: customer.id, assigned_to: admin.login.user.id }),
      await admin.create('/issues', { title: 't', customer_id: other.id }), await admin.create('/issues', { title: 'n' })];
    const { items, total } = await client.ok(client.get('/client/issues?page_size=1000'));
    assert.equal(items.length, total);
    const ids = items.map((i) => i.id);
    assert.deepEqual([mine, theirs, nobodys].map((i) => ids.includes(i.id)), [true, false, false]);
    const hidden = ['assigned_to', 'assigned_to_name', 'vendor_id', 'next_due', 'response_due', 'source', 'created_by', 'resolved_by'];
    const one = await client.ok(client.get(`/client/issues/${mine.id}`));
    for (const record of [...items, one]) assert.deepEqual(hidden.filter((f) => f in record), []);
    for (const query of ['assigned_to=1', 'customer_id=2', 'fields=assigned_to', 'fields=assigned_to_name', 'ordering=next_due', 'expand=assigned_to', 'vendor_id=1'])
      isProblem(await client.get(`/client/issues?${query}`), 400);
    const csv = (await client.get('/client/issues/export')).text;
    assert.ok(!csv.includes('assigned_to') && !csv.includes(theirs.issue_number));
    assert.equal((await client.ok(client.get('/client/issues/stats'))).total, total);
    for (const issue of [theirs, nobodys]) {
      const [a, b] = [await client.get(`/client/issues/${issue.id}`), await client.get('/client/issues/987654321')];
      assert.deepEqual([isProblem(a, 404).detail, a.body.code], [isProblem(b, 404).detail, b.body.code]);
      isProblem(await client.get(`/client/issues/${issue.id}/comments`), 404);
      isProblem(await refused(() => client.post(`/client/issues/${issue.id}/comment`, { comment: 'x' })), 404);
    }
  });

  test('take nothing that is for staff', async () => {
    const { id } = await client.create('/client/issues', { title: 'x' });
    for (const field of ['customer_id', 'assigned_to', 'vendor_id', 'source', 'next_due'])
      isProblem(await refused(() => client.post('/client/issues', { title: 'x', [field]: 1 })), 422, 'validation_failed');
    isInvalid(await refused(() => client.post('/client/issues', { title: 'x', resolution_notes: 'mine' })), { resolution_notes: 'read_only' });
    for (const action of ['resolve', 'close', 'assign', 'start', 'hold', 'reopen'])
      isProblem(await refused(() => client.post(`/client/issues/${id}/${action}`, action === 'assign' ? { assigned_to: 1 } : {})), 404);
    for (const list of ['breached', 'due-soon']) isProblem(await client.get(`/client/issues/${list}`), 404);
    isProblem(await refused(() => client.patch(`/client/issues/${id}`, { title: 'y' })), 405);
    isProblem(await refused(() => client.del(`/client/issues/${id}`)), 405);
    isProblem(await refused(() => client.post('/client/issues', { title: 'x', status: 'closed' })), 403);
  });

  test('have figures without targets', async () => {
    const figures = await client.ok(client.get('/client/issues/stats'));
    assert.deepEqual(Object.keys(figures), ['total', 'by_status', 'by_priority', 'by_category']);
    const ours = await admin.ok(admin.get('/issues/stats'));
    assert.ok(['by_source', 'breached', 'due_soon'].every((key) => key in ours));
  });

  test('are documented as far as they go', async () => {
    const { paths } = (await admin.get('/openapi.json')).body;
    const offered = Object.entries(paths).filter(([path]) => path.includes('/client/'))
      .map(([path, item]) => `${path.replace(/.*\/client/, '')} ${Object.keys(item).filter((k) => k !== 'parameters').sort()}`);
    assert.deepEqual(offered.sort(), ['/issue-comments get', '/issue-comments/{id} get', '/issues get,post', '/issues/export get', '/issues/stats get',
      '/issues/{id} get', '/issues/{id}/comment post', '/issues/{id}/comments get', '/issues/{id}/timeline get'].sort());
  });

  test('refer to the customer’s own orders only', async () => {
    const order = (customer_id) => admin.create('/sales-orders', salesOrder({ customer_name: undefined, customer_id }));
    const [mine, theirs] = [await order(customer.id), await order(other.id)];
    assert.equal((await client.create('/client/issues', { title: 'x', order_id: mine.id })).order_name, mine.so_number);
    const [a, b] = [await refused(() => client.post('/client/issues', { title: 'x', order_id: theirs.id })), await refused(() => client.post('/client/issues', { title: 'x', order_id: 987654321 }))];
    isInvalid(a, { order_id: 'unknown_reference' });
    assert.deepEqual(a.body.errors, b.body.errors);
    isInvalid(await refused(() => client.post('/client/issues', { title: 'x', order_id: theirs.so_number })), { order_id: 'unknown_reference' });
  });
});

describe('what is said to a customer', () => {
  test('is what is not internal, and goes where the issue goes', async () => {
    const { id } = await admin.create('/issues', { title: 'x', customer_id: customer.id });
    for (const [content, internal] of [['hello', false], ['secret', true]]) await admin.create(`/issues/${id}/comment`, { content, internal });
    const mine = await client.create(`/client/issues/${id}/comment`, { comment: 'thanks' });
    assert.equal(mine.by_customer, true);
    const said = async (who) => (await who.ok(who.get(`/client/issues/${id}/comments`))).items.map((c) => c.content);
    assert.deepEqual(await said(client), ['hello', 'thanks']);
    const { items } = await client.ok(client.get(`/client/issues/${id}/timeline`));
    assert.deepEqual(items.map((i) => [i.resource, i.record.content]), [['issue-comments', 'thanks'], ['issue-comments', 'hello']]);
    const seen = [mine, ...(await client.ok(client.get(`/client/issues/${id}/comments`))).items, ...items.map((i) => i.record),
      ...(await client.ok(client.get('/client/issue-comments'))).items];
    for (const record of seen) assert.deepEqual(Object.keys(record).filter((k) => /created_by|customer_id|customer_name/.test(k)), [], JSON.stringify(record));
    assert.ok(seen.every((record) => record.content !== 'secret') && seen.length >= 7);
    assert.equal(await client.total(`/client/issues/${id}/comments?internal=true`), 0);
    assert.equal(await client.total(`/client/issues/${id}/comments?search=secret`), 0);
    isInvalid(await refused(() => client.post(`/client/issues/${id}/comment`, { comment: 'x', internal: true })), { internal: 'not_allowed' });
    const stranger = await newClient(other.id);
    isProblem(await stranger.get(`/client/issues/${id}/comments`), 404);
    await admin.ok(admin.patch(`/issues/${id}`, { customer_id: other.id }));
    assert.deepEqual(await said(stranger), ['hello', 'thanks']);
    isProblem(await client.get(`/client/issues/${id}/comments`), 404);
    assert.equal((await admin.ok(admin.get(`/issues/${id}/comments`))).total, 3);
  });

  test('an answer by the customer is not the response', async () => {
    const { id } = await client.create('/client/issues', { title: 'x' });
    await client.create(`/client/issues/${id}/comment`, { comment: 'well?' });
    assert.equal((await admin.ok(admin.get(`/issues/${id}`))).first_responded_at, null);
  });
});
