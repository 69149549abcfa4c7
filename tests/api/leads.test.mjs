import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/leads';
const LISTS = ['/leads', '/customers', '/deals', '/deal-stage-entries', '/activities'];
const NOW = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
let server;
let organization;
let admin;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const make = (over) => admin.create(PATH, { name: 'Ann Mason', ...over });
const act = (lead, action, body, client = admin) => client.post(`${PATH}/${lead.id}/${action}`, body);
const refused = (attempt) => changesNothing(admin, LISTS, attempt);

test('a lead from new to qualified, away and back', async () => {
  const lead = await make({ company_name: 'Meridian', source: 'referral', lead_score: 40, estimated_value: 5000 });
  assert.deepEqual([lead.status, lead.company, lead.source, lead.lead_score, lead.estimated_value, lead.is_converted], ['new', 'Meridian', 'referral', 40, 5000, false]);
  assert.equal(hasStatus(await act(lead, 'contact'), 200).status, 'contacted');
  assert.equal(hasStatus(await act(lead, 'qualify'), 200).status, 'qualified');
  const away = hasStatus(await act(lead, 'disqualify', { reason: 'no budget' }), 200);
  assert.deepEqual([away.status, away.lost_reason], ['unqualified', 'no budget']);
  assert.equal(hasStatus(await act(lead, 'lose', { reason: 'bought elsewhere' }), 200).lost_reason, 'bought elsewhere');
  const problem = await refused(async () => isProblem(await act(lead, 'contact'), 409, 'invalid_state'));
  assert.match(problem.detail, /reopen/);
  const again = hasStatus(await act(lead, 'reopen'), 200);
  assert.deepEqual([again.status, again.lost_reason], ['new', null]);
});

test('the status has the contract’s name too', async () => {
  const lead = await make({ qualification_status: 'qualified' });
  assert.equal(lead.status, 'qualified');
  const found = await admin.ok(admin.get(`${PATH}?qualification_status=qualified&is_converted=false&source=other`));
  assert.ok(found.items.some((l) => l.id === lead.id));
});

test('what is no lead is refused, all of it at once', () =>
  refused(async () => isInvalid(await admin.post(PATH, { lead_score: 101, source: 'dream', estimated_value: -1, assigned_to: 999999 }),
    { name: 'required', lead_score: 'max', source: 'choice', estimated_value: 'min' })));

test('a score is set with its reason, and nothing beyond 100', async () => {
  const lead = await make();
  const now = hasStatus(await act(lead, 'update_score', { score: 75, reason: 'asked for an offer' }), 200);
  assert.deepEqual([now.lead_score, now.score_reason], [75, 'asked for an offer']);
  await refused(async () => isInvalid(await act(lead, 'update_score', { score: 101 }), { score: 'max' }));
  await refused(async () => isInvalid(await act(lead, 'update_score', {}), { score: 'required' }));
});

test('it is given to a user of the organization, not to anybody', async () => {
  const other = await newOrganization(server);
  const bob = await organization.addUser('salesperson');
  const lead = await make();
  const now = hasStatus(await act(lead, 'assign', { assigned_to: bob.login.user.id }), 200);
  assert.equal(now.assigned_to, bob.login.user.id);
  assert.equal(now.assigned_to_name, bob.login.user.username);
  for (const id of [987654321, other.admin.login.user.id])
    await refused(async () => isInvalid(await act(lead, 'assign', { assigned_to: id }), { assigned_to: 'unknown_reference' }));
});

describe('converting', () => {
  test('makes a customer and a deal', async () => {
    const lead = await make({ company: 'Acme Ltd', email: `${unique('x')}@example.com`, city: 'Leeds', estimated_value: 1234.56 });
    const done = hasStatus(await act(lead, 'convert'), 200);
    assert.deepEqual([done.status, done.is_converted], ['converted', true]);
    assert.match(done.converted_at, NOW);
    const customer = await admin.ok(admin.get(`/customers/${done.converted_customer_id}`));
    assert.deepEqual([customer.name, customer.contact_person, customer.customer_type, customer.email, customer.city], ['Acme Ltd', 'Ann Mason', 'business', lead.email, 'Leeds']);
    const deal = await admin.ok(admin.get(`/deals/${done.converted_deal_id}`));
    assert.deepEqual([deal.customer_id, deal.lead_id, deal.value, deal.status, deal.stage_name], [customer.id, lead.id, 1234.56, 'open', 'Lead']);
    assert.deepEqual([done.converted_customer_name, done.converted_deal_name], [customer.name, deal.title]);
  });

  test('finds the customer by its address', async () => {
    const email = `${unique('known')}@example.com`;
    const customer = await admin.create('/customers', { name: 'Known', email });
    const before = await admin.total('/customers');
    const done = hasStatus(await act(await make({ email }), 'convert', { deal_title: 'More uniforms', value: 99.5 }), 200);
    assert.equal(done.converted_customer_id, customer.id);
    assert.equal(await admin.total('/customers'), before);
    const deal = await admin.ok(admin.get(`/deals/${done.converted_deal_id}`));
    assert.deepEqual([deal.title, deal.value], ['More uniforms', 99.5]);
  });

  test('never twice: it says what the lead became', async () => {
    const lead = await make({ company: 'Once Ltd' });
    const done = hasStatus(await act(lead, 'convert', { customer_type: 'individual' }), 200);
    assert.equal((await admin.ok(admin.get(`/customers/${done.converted_customer_id}`))).customer_type, 'individual');
    const problem = await refused(async () => isProblem(await act(lead, 'convert'), 409, 'invalid_state'));
    assert.match(problem.detail, new RegExp(`customer ${done.converted_customer_id} \\(Once Ltd\\) and deal ${done.converted_deal_id} \\(Deal with Once Ltd\\)`));
    await refused(async () => isProblem(await admin.patch(`${PATH}/${lead.id}`, { notes: 'x' }), 409, 'invalid_state'));
    await refused(async () => isProblem(await act(lead, 'update_score', { score: 1 }), 409, 'invalid_state'));
    await refused(async () => isProblem(await admin.del(`${PATH}/${lead.id}`), 409, 'invalid_state'));
  });

  test('of one that is lost needs it opened again', async () => {
    const lead = await make({ status: 'lost' });
    const problem = await refused(async () => isProblem(await act(lead, 'convert'), 409, 'invalid_state'));
    assert.match(problem.detail, /reopen/);
  });

  test('that fails half-way leaves nothing', async () => {
    const lead = await make({ company: 'Half Ltd' });
    await refused(async () => isInvalid(await act(lead, 'convert', { stage_id: 987654321 }), { stage_id: 'unknown_reference' }));
    await refused(async () => isInvalid(await act(lead, 'convert', { expected_close_date: '2020-01-01' }), { expected_close_date: 'past' }));
    await refused(async () => isInvalid(await act(lead, 'convert', { assigned_to: 987654321 }), { assigned_to: 'unknown_reference' }));
    assert.equal((await admin.ok(admin.get(`${PATH}/${lead.id}`))).status, 'new');
  });

  test('as a dry run changes nothing, and once with a key', async () => {
    const lead = await make();
    await refused(async () => hasStatus(await admin.post(`${PATH}/${lead.id}/convert?dry_run=true`), 200));
    const headers = { 'Idempotency-Key': unique('key') };
    const first = hasStatus(await admin.post(`${PATH}/${lead.id}/convert`, {}, headers), 200);
    const second = await refused(async () => hasStatus(await admin.post(`${PATH}/${lead.id}/convert`, {}, headers), 200));
    assert.equal(second.converted_deal_id, first.converted_deal_id);
  });

  test('is for those whose lead it is', async () => {
    const [bob, eve] = [await organization.addUser('salesperson'), await organization.addUser('salesperson')];
    const lead = await bob.create(PATH, { name: 'Bob’s' });
    await refused(async () => isProblem(await act(lead, 'convert', {}, eve), 404));
    const done = hasStatus(await act(lead, 'convert', {}, bob), 200);
    assert.equal((await bob.ok(bob.get(`/deals/${done.converted_deal_id}`))).created_by, bob.login.user.id);
    assert.equal((await eve.ok(eve.get('/deals'))).total, 0);
  });
});

test('a version that is gone is refused', async () => {
  const lead = await make();
  await admin.ok(admin.patch(`${PATH}/${lead.id}`, { notes: 'seen' }));
  await refused(async () => isProblem(await admin.post(`${PATH}/${lead.id}/qualify`, {}, { 'If-Match': '"v1"' }), 412));
});

test('statistics say what a recount says', async () => {
  const { admin: boss } = await newOrganization(server);
  for (const [score, value, status, source] of [[10, 100, 'new', 'event'], [25, 200.5, 'lost', 'event'], [40, 0, 'converted', 'website']])
    await boss.create(PATH, { name: 'L', lead_score: score, estimated_value: value, status, source });
  const stats = await boss.ok(boss.get(`${PATH}/stats`));
  assert.deepEqual([stats.total, stats.totalLeads, stats.averageScore, stats.totalEstimatedValue, stats.conversionRate], [3, 3, 25, 300.5, 33.33]);
  assert.deepEqual(stats.statusCounts, { new: 1, contacted: 0, qualified: 0, unqualified: 0, converted: 1, lost: 1 });
  assert.deepEqual(stats.by_status, stats.statusCounts);
  assert.deepEqual([stats.by_source.event, stats.by_source.website], [2, 1]);
  const some = await boss.ok(boss.get(`${PATH}/stats?source=event`));
  assert.deepEqual([some.totalLeads, some.averageScore, some.statusCounts.converted], [2, 17.5, 0]);
});

test('found by words, export and import', async () => {
  const name = unique('Quixotic');
  const csv = `name,company,source,lead_score\r\n${name},Windmill,event,7\r\n`;
  const done = await admin.ok(admin.post(`${PATH}/import`, csv, { 'Content-Type': 'text/csv' }));
  assert.equal(done.created, 1);
  assert.equal((await admin.ok(admin.get(`${PATH}?search=windmill ${name}`.replace(' ', '%20')))).total, 1);
  assert.match((await admin.get(`${PATH}/export`)).text, new RegExp(name));
});
