import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all } from '../lib/books.mjs';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { purchaseOrder, salesOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const PATH = '/activities';
const NOW = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const HOUR = 3_600_000;
let server;
let organization;
let admin;

before(async () => {
  server = await startServer({ flags: ['--jobs-every', '1'] });
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const at = (hours) => `${new Date(Date.now() + hours * HOUR).toISOString().slice(0, 19)}Z`;
const make = (over, client = admin) => client.create(PATH, { activity_type: 'call', title: 'Ring them', ...over });
const act = (activity, action, body) => admin.post(`${PATH}/${activity.id}/${action}`, body);
const refused = (attempt) => changesNothing(admin, [PATH, '/sales-orders', '/customers'], attempt);

test('an activity from planned to done, and back', async () => {
  const call = await make({ scheduled_at: at(5), phone_number: '+44 20 7946 0000' });
  assert.deepEqual([call.status, call.priority, call.due_at, call.assigned_to], ['scheduled', 'medium', call.scheduled_at, admin.login.user.id]);
  assert.equal(hasStatus(await act(call, 'start'), 200).status, 'in_progress');
  const done = hasStatus(await act(call, 'complete', { outcome: 'They want an offer' }), 200);
  assert.deepEqual([done.status, done.outcome, done.completed_by, done.completed_by_name, done.due_at], ['completed', 'They want an offer', admin.login.user.id, admin.login.user.username, null]);
  assert.match(done.completed_at, NOW);
  const problem = await refused(async () => isProblem(await act(call, 'complete'), 409, 'invalid_state'));
  assert.match(problem.detail, /reopen/);
  const again = hasStatus(await act(call, 'reopen'), 200);
  assert.deepEqual([again.status, again.completed_at, again.completed_by, again.due_at], ['scheduled', null, null, call.scheduled_at]);
  const off = hasStatus(await act(call, 'cancel', { reason: 'they rang' }), 200);
  assert.deepEqual([off.status, off.outcome, off.cancelled_by, off.completed_at], ['cancelled', 'they rang', admin.login.user.id, null]);
  assert.match(off.cancelled_at, NOW);
});

test('a note is born completed and stays so', async () => {
  const note = await make({ activity_type: 'note', title: 'They moved' });
  assert.deepEqual([note.status, note.completed_by], ['completed', admin.login.user.id]);
  assert.match(note.completed_at, NOW);
  await refused(async () => isProblem(await act(note, 'reopen'), 409, 'invalid_state'));
  await refused(async () => isProblem(await admin.post(PATH, { activity_type: 'note', title: 'N', status: 'cancelled' }), 409, 'invalid_state'));
  await refused(async () => isInvalid(await admin.post(PATH, { activity_type: 'note', title: 'N', status: 'in_progress' }), { status: 'note' }));
  const open = await make();
  await refused(async () => isInvalid(await admin.patch(`${PATH}/${open.id}`, { activity_type: 'note' }), { status: 'note' }));
});

const OWN = {
  call: { phone_number: '+44', call_duration: 60, call_recording_url: 'https://x.example', duration_minutes: 3 },
  email: { email_subject: 'Offer', email_body: 'Dear all', email_attachments: ['a.pdf'] },
  telegram: { telegram_username: 'ann', telegram_chat_id: '7' },
  meeting: { meeting_location: 'Room 2', meeting_url: 'https://meet.example', attendees: ['ann@example.com'], duration_minutes: 30 },
  task: { due_date: '2030-01-31' },
  note: {},
};

test('each type has its own fields, and none of another’s', async () => {
  for (const [activity_type, own] of Object.entries(OWN)) {
    const made = await make({ activity_type, ...own });
    for (const [field, value] of Object.entries(own)) assert.deepEqual(made[field], value, field);
    for (const other of Object.values(OWN)) for (const [field, value] of Object.entries(other)) {
      if (field in own) continue;
      await refused(async () => isInvalid(await admin.post(PATH, { activity_type, title: 'T', [field]: value }), { [field]: 'type' }));
    }
  }
  await refused(async () => isInvalid(await admin.post(PATH, { activity_type: 'note', title: 'T', scheduled_at: at(1), reminder_at: at(1) }), { scheduled_at: 'type', reminder_at: 'type' }));
  await refused(async () => isInvalid(await admin.post(PATH, { activity_type: 'fax' }), { activity_type: 'choice', title: 'required' }));
});

describe('what it is about', () => {
  test('is a customer, lead or deal, which stay as long as it does', async () => {
    const customer = await admin.create('/customers', { name: 'Acme' });
    const lead = await admin.create('/leads', { name: 'Ann Mason' });
    const deal = await admin.create('/deals', { title: 'Uniforms', customer_id: customer.id });
    const all3 = await make({ customer: customer.id, lead: lead.id, deal: deal.id });
    assert.deepEqual([all3.customer_name, all3.lead_name, all3.deal_name], ['Acme', 'Ann Mason', 'Uniforms']);
    const [a, b, c] = [await make({ customer_id: customer.id }), await make({ lead_id: lead.id }), await make({ deal_id: deal.id })];
    assert.equal(b.customer_name, 'Ann Mason', 'of a lead it is the lead’s');
    assert.equal((await admin.ok(admin.get(`${PATH}?search=acme`))).total, 2);
    for (const [path, one] of [['customers', customer], ['leads', lead], ['deals', deal]]) {
      const problem = await refused(async () => isProblem(await admin.del(`/${path}/${one.id}`), 409, 'referenced'));
      assert.match(problem.detail, /activities/);
    }
    for (const one of [all3, a, b, c]) await admin.ok(admin.del(`${PATH}/${one.id}`));
    for (const path of [`deals/${deal.id}`, `leads/${lead.id}`, `customers/${customer.id}`]) await admin.ok(admin.del(`/${path}`));
    await refused(async () => isInvalid(await admin.post(PATH, { activity_type: 'call', title: 'T', customer_id: customer.id, lead_id: lead.id, deal_id: deal.id }),
      { customer_id: 'unknown_reference', lead_id: 'unknown_reference', deal_id: 'unknown_reference' }));
  });

  test('or any other record, by its resource and id', async () => {
    const order = await admin.create('/sales-orders', salesOrder());
    const other = await newOrganization(server);
    const theirs = await other.admin.create('/sales-orders', salesOrder());
    const about = (resource, record_id) => admin.post(PATH, { activity_type: 'task', title: 'T', resource, record_id });
    const made = hasStatus(await about('sales-orders', order.id), 201);
    assert.deepEqual([made.resource, made.record_id], ['sales-orders', order.id]);
    for (const id of [987654321, theirs.id]) await refused(async () => isInvalid(await about('sales-orders', id), { record_id: 'unknown_reference' }));
    await refused(async () => isInvalid(await about('purchase-orders', order.id), { record_id: 'unknown_reference' }));
    for (const resource of ['nothing', 'users', 'notifications', 'organizations']) await refused(async () => isInvalid(await about(resource, 1), { resource: 'unknown_reference' }));
    await refused(async () => isInvalid(await about('sales-orders'), { record_id: 'required' }));
    await refused(async () => isInvalid(await about(undefined, order.id), { resource: 'required' }));
    await refused(async () => isInvalid(await about('customers', 1), { resource: 'field' }));
    assert.equal((await admin.ok(admin.get(`${PATH}?resource=sales-orders&record_id=${order.id}`))).total, 1);
    assert.match((await refused(async () => isProblem(await admin.del(`/sales-orders/${order.id}`), 409, 'referenced'))).detail, /activities/);
    await admin.ok(admin.patch(`${PATH}/${made.id}`, { resource: null, record_id: null }));
    await admin.ok(admin.del(`/sales-orders/${order.id}`));
  });
});

describe('upcoming and overdue', () => {
  test('are the open ones, in the order they are due, page by page', async () => {
    const { admin: boss } = await newOrganization(server);
    const ids = {};
    for (const hours of [30, 2, -2, -40, 9]) ids[hours] = (await make({ scheduled_at: at(hours), title: `in ${hours}` }, boss)).id;
    await make({ title: 'never' }, boss);
    for (const status of ['completed', 'cancelled']) await make({ scheduled_at: at(-1), status }, boss);
    await boss.ok(boss.post(`${PATH}/${ids[-2]}/start`));
    const list = async (name, query = '') => boss.ok(boss.get(`${PATH}/${name}${query}`));
    assert.deepEqual((await list('upcoming')).items.map((a) => a.title), ['in 2', 'in 9', 'in 30']);
    const late = await list('overdue');
    assert.deepEqual([late.total, ...late.items.map((a) => a.title)], [2, 'in -40', 'in -2']);
    const page = await list('upcoming', '?page_size=2');
    assert.deepEqual([page.total, page.items.length], [3, 2]);
    assert.deepEqual((await list('upcoming', `?page_size=2&cursor=${page.next_cursor}`)).items.map((a) => a.title), ['in 30']);
    assert.deepEqual((await list('upcoming', '?activity_type=meeting')).items, []);
    assert.deepEqual((await list('overdue', `?due_at__gte=${at(1)}`)).items, [], 'no parameter widens it');
    isProblem(await boss.get(`${PATH}/upcoming?nonsense=1`), 400, 'unknown_field');
  });

  test('a task is due at the end of its day where the organization is', async () => {
    const { admin: boss, id } = await newOrganization(server);
    await boss.ok(boss.patch(`/organizations/${id}`, { time_zone: 'Pacific/Auckland' }));
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Pacific/Auckland' });
    const task = (days) => make({ activity_type: 'task', title: `${days}`, due_date: day.format(Date.now() + days * 24 * HOUR) }, boss);
    const made = [await task(-1), await task(0), await task(1)];
    const over = (await boss.ok(boss.get(`${PATH}/overdue`))).items.map((a) => a.title);
    assert.deepEqual(over, ['-1']);
    assert.deepEqual((await boss.ok(boss.get(`${PATH}/upcoming`))).items.map((a) => a.title), ['0', '1']);
    assert.match(made[0].due_at, /T1[01]:59:59Z$/);
  });

  test('show a salesperson their own', async () => {
    const org = await newOrganization(server);
    const bob = await org.addUser('salesperson');
    await make({ scheduled_at: at(1) }, org.admin);
    await make({ scheduled_at: at(1), assigned_to: bob.login.user.id, title: 'Bob’s' }, org.admin);
    assert.deepEqual((await bob.ok(bob.get(`${PATH}/upcoming`))).items.map((a) => a.title), ['Bob’s']);
  });
});

test('statistics count by status and type', async () => {
  const { admin: boss } = await newOrganization(server);
  for (const over of [{}, { activity_type: 'note' }, { activity_type: 'task', status: 'cancelled' }, { status: 'in_progress' }]) await make(over, boss);
  const stats = await boss.ok(boss.get(`${PATH}/stats`));
  assert.equal(stats.total, 4);
  assert.deepEqual(stats.by_status, { scheduled: 1, in_progress: 1, completed: 1, cancelled: 1 });
  assert.deepEqual(stats.by_type, { call: 2, email: 0, telegram: 0, meeting: 0, task: 1, note: 1 });
  assert.deepEqual((await boss.ok(boss.get(`${PATH}/stats?status=cancelled`))).by_type.task, 1);
});

test('a reminder is told once, to who does it', async () => {
  const org = await newOrganization(server);
  const bob = await org.addUser('operator');
  const remind = (over) => make({ reminder_at: at(-1), scheduled_at: at(1), assigned_to: bob.login.user.id, ...over }, org.admin);
  const told = () => all(bob, '/notifications?kind=reminder');
  const call = await remind({ title: 'Ring Ann' });
  await remind({ status: 'completed' });
  await remind({ reminder_at: at(9) });
  const [first] = await until('Bob is told', async () => { const n = await told(); return n.length && n; });
  assert.deepEqual([first.user_id, first.resource, first.record_id], [bob.login.user.id, 'activities', call.id]);
  assert.match(first.message, /Ring Ann/);
  const now = await org.admin.ok(org.admin.get(`${PATH}/${call.id}`));
  assert.match(now.reminded_at, NOW);
  await org.admin.ok(org.admin.patch(`${PATH}/${call.id}`, { title: 'Ring Ann again' }));
  const mark = await remind({ title: 'a mark' });
  await until('the mark is told', async () => (await told()).some((n) => n.record_id === mark.id));
  assert.equal((await told()).length, 2, 'once each');
  await org.admin.ok(org.admin.patch(`${PATH}/${call.id}`, { reminder_at: at(-2) }));
  await until('a new time is told anew', async () => (await told()).length === 3);
});

describe('a timeline', () => {
  const kinds = (page) => page.items.map((i) => i.resource);

  test('tells what refers to a record, newest first, page by page, each once', async () => {
    const { admin: boss } = await newOrganization(server);
    const customer = await boss.create('/customers', { name: 'Acme' });
    const deal = await boss.create('/deals', { title: 'Uniforms', customer_id: customer.id });
    const order = await boss.create('/sales-orders', salesOrder({ customer_id: customer.id }));
    const call = await make({ customer_id: customer.id, title: 'Ring Acme' }, boss);
    await boss.ok(boss.patch(`/customers/${customer.id}`, { city: 'Leeds' }));
    await boss.create('/customers', { name: 'Somebody else' });
    const whole = await boss.ok(boss.get(`/customers/${customer.id}/timeline`));
    assert.deepEqual(kinds(whole).sort(), ['activities', 'audit-logs', 'audit-logs', 'deals', 'sales-orders']);
    assert.equal(whole.next_cursor, null);
    whole.items.forEach((item, i) => i && assert.ok(item.at <= whole.items[i - 1].at));
    const item = whole.items.find((i) => i.resource === 'activities');
    assert.deepEqual([item.record_id, item.title, item.record.customer_name], [call.id, 'Ring Acme', 'Acme']);
    assert.equal(whole.items.find((i) => i.resource === 'sales-orders').title, order.so_number);
    const seen = [];
    for (let cursor, n = 0; n < 9; n++) {
      const page = await boss.ok(boss.get(`/customers/${customer.id}/timeline?page_size=2${cursor ? `&cursor=${cursor}` : ''}`));
      seen.push(...page.items);
      if (n === 0) await make({ customer_id: customer.id, title: 'came later' }, boss);
      if (!(cursor = page.next_cursor)) break;
    }
    assert.deepEqual(seen.map((i) => `${i.resource} ${i.record_id}`), whole.items.map((i) => `${i.resource} ${i.record_id}`));
    const again = await boss.ok(boss.get(`/deals/${deal.id}/timeline`));
    assert.deepEqual(kinds(again).sort(), ['audit-logs', 'deal-stage-entries']);
    const { next_cursor: theirs } = await boss.ok(boss.get(`/customers/${customer.id}/timeline?page_size=1`));
    for (const cursor of ['x', 'AAAA', theirs]) isProblem(await boss.get(`/deals/${deal.id}/timeline?cursor=${cursor}`), 400, 'bad_query');
    isProblem(await boss.get('/deals/987654321/timeline'), 404);
    isProblem(await boss.get(`/deals/${deal.id}/timeline?page_size=201`), 400, 'bad_query');
  });

  test('tells what came in the same second in the order it came', async () => {
    const { admin: boss } = await newOrganization(server);
    const customer = await boss.create('/customers', { name: 'C' });
    const refers = { customer_id: customer.id };
    const made = [];
    for (const [path, body] of [['activities', { activity_type: 'call', title: 'x' }], ['issues', { title: 'issue x' }], ['contacts', { name: 'x' }],
      ['activities', { activity_type: 'task', title: 'y' }], ['deals', { title: 'deal' }], ['contacts', { name: 'y' }], ['issues', { title: 'issue y' }]])
      made.unshift(`${path} ${(await boss.create(`/${path}`, { ...body, ...refers })).id}`);
    const { items } = await boss.ok(boss.get(`/customers/${customer.id}/timeline`));
    assert.deepEqual(items.map((i) => `${i.resource} ${i.record_id}`).filter((i) => !i.startsWith('audit')), made);
    assert.equal(items.at(-1).resource, 'audit-logs', 'it was created before all else');
  });

  test('is there for leads and orders too', async () => {
    const lead = await admin.create('/leads', { name: 'L' });
    const sale = await admin.create('/sales-orders', salesOrder());
    const buy = await admin.create('/purchase-orders', purchaseOrder());
    await make({ lead_id: lead.id });
    await make({ resource: 'sales-orders', record_id: sale.id });
    await make({ resource: 'purchase-orders', record_id: buy.id });
    for (const path of [`leads/${lead.id}`, `sales-orders/${sale.id}`, `purchase-orders/${buy.id}`])
      assert.deepEqual(kinds(await admin.ok(admin.get(`/${path}/timeline`))).sort(), ['activities', 'audit-logs'], path);
    const done = await admin.ok(admin.post(`/leads/${lead.id}/convert`));
    const after = await admin.ok(admin.get(`/customers/${done.converted_customer_id}/timeline`));
    assert.deepEqual(kinds(after).sort(), ['audit-logs', 'deals', 'leads']);
  });

  test('shows nobody what they may not read', async () => {
    const org = await newOrganization(server);
    const [bob, viewer] = [await org.addUser('salesperson'), await org.addUser('viewer')];
    const customer = await org.admin.create('/customers', { name: unique('Acme ') });
    const mine = await make({ customer_id: customer.id, assigned_to: bob.login.user.id }, org.admin);
    await make({ customer_id: customer.id, title: 'secret' }, org.admin);
    await org.admin.create('/deals', { title: 'secret deal', customer_id: customer.id });
    const page = await bob.ok(bob.get(`/customers/${customer.id}/timeline`));
    assert.deepEqual(page.items.map((i) => [i.resource, i.record_id]), [['activities', mine.id]]);
    assert.deepEqual(kinds(await viewer.ok(viewer.get(`/customers/${customer.id}/timeline`))).sort(), ['activities', 'activities', 'deals']);
    const lead = await org.admin.create('/leads', { name: 'not his' });
    isProblem(await bob.get(`/leads/${lead.id}/timeline`), 404);
    const other = await newOrganization(server);
    isProblem(await other.admin.get(`/customers/${customer.id}/timeline`), 404);
  });
});
