// Employees: their names and numbers, who manages whom, coming and going, and
// becoming users.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/employees';
let server;
let organization;
let admin;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const refused = (attempt) => changesNothing(admin, [PATH, '/users', '/invitations'], attempt);
const make = (over) => admin.create(PATH, { name: 'Ravi Menon', ...over });
const change = (id, body) => admin.ok(admin.patch(`${PATH}/${id}`, body));
const act = (id, action, body) => admin.post(`${PATH}/${id}/${action}`, body);
const ids = async (path) => (await admin.ok(admin.get(path))).items.map((r) => r.id).sort((a, b) => a - b);

test('a number is given, or one\'s own is kept', async () => {
  const { admin: own } = await newOrganization(server);
  const numbers = [];
  for (const employee_number of [undefined, 'W-7', 'EMP-0002', undefined]) numbers.push((await own.create(PATH, { name: 'x', employee_number })).employee_number);
  assert.deepEqual(numbers, ['EMP-0001', 'W-7', 'EMP-0002', 'EMP-0003']);
  await changesNothing(own, [PATH], async () => isProblem(await own.post(PATH, { name: 'x', employee_id: 'W-7' }), 409, 'duplicate'));
});

test('a name is made of first and last name, or they of it', async () => {
  const pick = ({ name, first_name, last_name }) => [name, first_name, last_name];
  assert.deepEqual(pick(await admin.create(PATH, { first_name: 'Ana', last_name: 'Silva Souza' })), ['Ana Silva Souza', 'Ana', 'Silva Souza']);
  const one = await admin.create(PATH, { full_name: 'Ana Silva Souza' });
  assert.deepEqual(pick(one), ['Ana Silva Souza', 'Ana', 'Silva Souza']);
  assert.deepEqual(pick(await admin.create(PATH, { name: 'Ana' })), ['Ana', 'Ana', null]);
  assert.deepEqual(pick(await change(one.id, { last_name: 'Lima' })), ['Ana Lima', 'Ana', 'Lima']);
  assert.deepEqual(pick(await change(one.id, { name: 'Bea Dias' })), ['Bea Dias', 'Bea', 'Dias']);
  await refused(async () => isInvalid(await admin.post(PATH, { department: 'Weaving' }), { name: 'required' }));
});

test('nobody is their own manager, over any number of steps', async () => {
  const a = await make();
  const b = await make({ manager_id: a.id });
  const c = await make({ manager_id: b.employee_number });
  assert.deepEqual([c.manager_id, c.manager_name], [b.id, 'Ravi Menon']);
  for (const manager_id of [a.id, b.id, c.id])
    await refused(async () => isInvalid(await admin.patch(`${PATH}/${a.id}`, { manager_id }), { manager_id: 'circle' }));
  await change(c.id, { manager_id: a.id });
  assert.deepEqual(await ids(`${PATH}/${a.id}/reports`), [b.id, c.id]);
  assert.deepEqual(await ids(`${PATH}?manager_id=${a.id}`), [b.id, c.id]);
  const { admin: other } = await newOrganization(server);
  const theirs = await other.create(PATH, { name: 'Theirs' });
  await refused(async () => isInvalid(await admin.patch(`${PATH}/${a.id}`, { manager_id: theirs.id }), { manager_id: 'unknown_reference' }));
});

test('they go on leave and return, end and are employed again', async () => {
  const { id } = await make({ hire_date: '2024-03-01' });
  assert.equal((await admin.ok(act(id, 'leave'))).status, 'on_leave');
  await refused(async () => isProblem(await act(id, 'rehire'), 409, 'invalid_state'));
  assert.equal((await admin.ok(act(id, 'return'))).status, 'active');
  await refused(async () => isInvalid(await act(id, 'terminate', { termination_date: '2024-02-29' }), { termination_date: 'min' }));
  const ended = await admin.ok(act(id, 'terminate', { termination_date: '2025-06-30' }));
  assert.deepEqual([ended.status, ended.termination_date], ['terminated', '2025-06-30']);
  await refused(async () => isProblem(await act(id, 'terminate'), 409, 'invalid_state'));
  await refused(async () => isProblem(await act(id, 'leave'), 409, 'invalid_state'));
  const again = await admin.ok(act(id, 'rehire', { hire_date: '2026-01-15' }));
  assert.deepEqual([again.status, again.hire_date, again.termination_date], ['active', '2026-01-15', null]);
  const old = await make({ hire_date: '2010-01-01', termination_date: '2012-12-31', status: 'terminated' });
  assert.equal(old.termination_date, '2012-12-31');
  assert.match((await admin.ok(act(again.id, 'terminate'))).termination_date, /^\d{4}-\d\d-\d\d$/);
});

test('they are found and counted by department, status and words', async () => {
  const { admin: own, addUser } = await newOrganization(server);
  const add = (over) => own.create(PATH, { name: 'x', ...over });
  const weaver = await add({ name: 'Ravi Menon', department: 'Weaving', job_title: 'Weaver', certification_expiry: '2026-02-01' });
  await add({ department: 'Weaving', status: 'on_leave', employment_type: 'part-time' });
  await add({ department: 'Dyeing', role: 'Dyer' });
  await add({});
  for (const [query, n] of [['department=Weaving', 2], ['status=on_leave', 1], ['search=weaver', 1], ['role=Dyer', 1], ['department=Weaving&status=active', 1],
    ['certification_expiry__lt=2026-03-01', 1], ['employment_type=part_time', 1], [`employee_id=${weaver.employee_number}`, 1], ['department__isnull=true', 1]])
    assert.equal(await own.total(`${PATH}?${query}`), n, query);
  const stats = await own.ok(own.get(`${PATH}/stats`));
  assert.deepEqual([stats.total, stats.active, stats.on_leave, stats.terminated], [4, 3, 1, 0]);
  const departments = async (client = own, query = '') => (await client.ok(client.get(`${PATH}/departments${query}`))).items;
  assert.deepEqual(await departments(), [{ department: 'Dyeing', employees: 1 }, { department: 'Weaving', employees: 2 }]);
  assert.deepEqual(await departments(own, '?after=Dyeing'), [{ department: 'Weaving', employees: 2 }]);
  await own.ok(own.patch(`${PATH}/${weaver.id}`, { department: 'Dyeing' }));
  assert.deepEqual((await departments()).map((d) => d.employees), [2, 1]);
  const role = await own.create('/roles', { name: 'self', permissions: [{ resource: 'employees', action: 'read', scope: 'own' }] });
  const self = await addUser(role.id);
  assert.deepEqual(await departments(self), []);
  await own.ok(own.patch(`${PATH}/${weaver.id}`, { user_id: self.login.user.id }));
  assert.deepEqual(await departments(self), [{ department: 'Dyeing', employees: 1 }]);
  assert.equal((await self.ok(self.get(PATH))).items[0].id, weaver.id, 'one is one\'s own');
});

describe('inviting', () => {
  test('shows a token once, and who accepts it is the employee', async () => {
    const email = `${unique('new')}@example.com`;
    const { id } = await make({ email: email.toUpperCase() });
    const key = { 'Idempotency-Key': unique('k') };
    const invited = await admin.ok(admin.post(`${PATH}/${id}/invite`, { role_id: 'staff' }, key));
    assert.equal(invited.email, email);
    assert.ok(invited.token.length > 20);
    const invitation = await admin.ok(admin.get(`/invitations/${invited.id}`));
    assert.equal(invitation.token, undefined);
    const username = unique('ravi');
    const anonymous = new Client(server);
    const user = await anonymous.ok(anonymous.post('/auth/register', { username, email, password: PASSWORD, invitation: invited.token }));
    const employee = await admin.ok(admin.get(`${PATH}/${id}`));
    assert.deepEqual([employee.user_id, employee.user_name], [user.id, username]);
    await refused(async () => isProblem(await admin.post(`${PATH}/${id}/invite`, { role_id: 'staff' }), 409));
    const journal = await admin.ok(admin.get(`/audit-logs?resource=employees&record_id=${id}&ordering=sequence`));
    assert.deepEqual(journal.items.map((e) => e.action), ['create', 'update']);
    assert.ok(!JSON.stringify(await admin.ok(admin.get('/audit-logs?page_size=500'))).includes(invited.token));
  });

  test('needs an address, a role one may give, an employee who works here, and the right to invite', async () => {
    const { id } = await make();
    const invite = (body, client = admin) => client.post(`${PATH}/${id}/invite`, body);
    await refused(async () => isInvalid(await invite({ role_id: 'staff' }), { email: 'required' }));
    await refused(async () => isInvalid(await invite({ email: 'x@example.com' }), { role_id: 'required' }));
    await refused(async () => isInvalid(await invite({ email: 'x@example.com', role_id: 'no-such' }), { role_id: 'unknown_reference' }));
    await refused(async () => isProblem(await invite({ email: admin.login.user.email, role_id: 'staff' }), 409, 'duplicate'));
    const manager = await organization.addUser('manager');
    await refused(async () => isProblem(await invite({ email: 'x@example.com', role_id: 'staff' }, manager), 403));
    assert.equal((await admin.ok(admin.get(`${PATH}/${id}`))).email, null, 'a refused invitation notes no address');
    hasStatus(await admin.post(`${PATH}/${id}/invite?dry_run=true`, { email: 'x@example.com', role_id: 'staff' }), 200);
    assert.equal((await admin.ok(admin.get(`${PATH}/${id}`))).email, null);
    hasStatus(await act(id, 'terminate'), 200);
    await refused(async () => isProblem(await invite({ email: 'x@example.com', role_id: 'staff' }), 409));
  });

  test('two employees with one address stay as they are', async () => {
    const email = `${unique('twin')}@example.com`;
    const [a, b] = [await make({ email }), await make({ email })];
    await admin.create('/users', { username: unique('twin'), email, password: PASSWORD, role_id: 'staff' });
    for (const { id } of [a, b]) assert.equal((await admin.ok(admin.get(`${PATH}/${id}`))).user_id, null);
  });

  test('a user is one employee', async () => {
    const person = await organization.addUser('staff');
    await make({ user_id: person.login.user.id });
    const { id } = await make();
    await refused(async () => isProblem(await admin.patch(`${PATH}/${id}`, { user_id: person.login.user.id }), 409, 'duplicate'));
  });
});

describe('permissions', () => {
  test('of every role are a matrix of resources and actions', async () => {
    const { items: roles } = await admin.ok(admin.get('/roles?page_size=100'));
    const matrix = async (name) => (await admin.ok(admin.get(`/roles/${roles.find((r) => r.name === name).id}/permissions`)));
    const sales = await matrix('salesperson');
    assert.deepEqual([sales.matrix.customers.read, sales.matrix.customers.delete, sales.matrix['sales-orders'].update, sales.matrix.users.read], ['all', 'no', 'own', 'no']);
    assert.ok(sales.permissions.includes('sales-orders:update') && !sales.permissions.includes('customers:delete'));
    assert.ok(Object.values((await matrix('admin')).matrix).every((actions) => Object.values(actions).every((scope) => scope === 'all')));
    const own = await admin.create('/roles', { name: unique('r'), permissions: [{ resource: 'employees', action: 'terminate', scope: 'own' }] });
    const answer = await admin.ok(admin.get(`/roles/${own.id}/permissions`));
    assert.deepEqual([answer.permissions, answer.matrix.employees.terminate, answer.matrix.employees.read], [['employees:terminate'], 'own', 'no']);
    isProblem(await admin.get('/roles/424242/permissions'), 404);
    isProblem(await (await organization.addUser('manager')).get(`/roles/${own.id}/permissions`), 403);
    const { admin: other } = await newOrganization(server);
    isProblem(await other.get(`/roles/${own.id}/permissions`), 404);
  });

  test('of one\'s own are told to everybody, and to a key what it may', async () => {
    const viewer = await organization.addUser('viewer');
    const mine = await viewer.ok(viewer.get('/me/permissions'));
    assert.deepEqual([mine.user_id, mine.matrix.customers.read, mine.matrix.customers.create], [viewer.login.user.id, 'all', 'no']);
    const { key } = await admin.create('/api-keys', { name: unique('key'), scopes: ['customers:read'] });
    const program = new Client(server).withToken(key);
    assert.deepEqual((await program.ok(program.get('/me/permissions'))).permissions, ['customers:read']);
    isProblem(await new Client(server).get('/me/permissions'), 401);
  });

  test('are those of the organization one is in', async () => {
    const second = await newOrganization(server);
    const name = unique('both');
    const person = await organization.addUser('viewer', name);
    const { token } = await second.admin.create('/invitations', { email: `${name}@example.com`, role_id: 'manager' });
    await person.ok(person.post('/auth/accept-invitation', { invitation: token }));
    const first = await admin.create('/customers', { name: 'Of the first' });
    const theirs = await second.admin.create('/customers', { name: 'Of the second' });
    isProblem(await person.get(`/customers/${theirs.id}`), 404);
    const { access_token } = await person.ok(person.post('/auth/switch-organization', { organization_id: second.id }));
    const there = person.withToken(access_token);
    const mine = await there.ok(there.get('/me/permissions'));
    assert.deepEqual([mine.organization_id, mine.matrix.customers.delete], [second.id, 'all']);
    assert.equal((await there.ok(there.get(`/customers/${theirs.id}`))).name, 'Of the second');
    isProblem(await there.get(`/customers/${first.id}`), 404);
    const { organizations } = await there.ok(there.get('/auth/me'));
    assert.deepEqual(organizations.map((o) => o.role).sort(), ['manager', 'viewer']);
    assert.equal((await (await login(server, name)).get('/me/permissions')).status, 200);
  });
});
