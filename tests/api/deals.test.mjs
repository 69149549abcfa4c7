import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all, totalsAreRight } from '../lib/books.mjs';
import { KNOWN, TOLD, WORDS } from '../lib/budget.mjs';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { random } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/deals';
const NOW = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const LISTS = [PATH, '/deal-stage-entries', '/pipelines', '/pipeline-stages'];
let server;
let organization;
let admin;
let customer;
let stages; // of the default pipeline, by name

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  customer = await admin.create('/customers', { name: 'Acme' });
  stages = byName(await stagesOf(admin));
});
after(() => server.proveAndStop());

const byName = (list) => Object.fromEntries(list.map((s) => [s.name, s]));
const stagesOf = async (client) => (await client.ok(client.get('/pipeline-stages'))).items;
const make = (over, client = admin) => client.create(PATH, { title: 'Uniforms', customer_id: customer.id, ...over });
const act = (deal, action, body) => admin.post(`${PATH}/${deal.id}/${action}`, body);
const refused = (attempt) => changesNothing(admin, LISTS, attempt);
const entries = async (deal) => (await admin.ok(admin.get(`${PATH}/${deal.id}/stages`))).items;
const day = (n) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

test('every organization has the sales pipeline from its first day', async () => {
  const { admin: boss } = await newOrganization(server);
  const { items: [pipeline], total } = await boss.ok(boss.get('/pipelines'));
  assert.deepEqual([total, pipeline.name, pipeline.code, pipeline.is_default], [1, 'Sales Pipeline', 'SALES', true]);
  const list = (await boss.ok(boss.get(`/pipelines/${pipeline.id}/stages`))).items;
  assert.deepEqual(list.map((s) => [s.name, s.position, s.probability, s.is_won, s.is_lost]), [
    ['Lead', 1, 10, false, false], ['Qualified', 2, 25, false, false], ['Proposal', 3, 50, false, false],
    ['Negotiation', 4, 75, false, false], ['Closed Won', 5, 100, true, false], ['Closed Lost', 6, 0, false, true]]);
});

test('a deal from its first stage to won', async () => {
  const deal = await make({ value: 1234.56 });
  assert.deepEqual([deal.status, deal.stage_name, deal.pipeline_name, deal.probability, deal.expected_revenue, deal.closed_at, deal.priority],
    ['open', 'Lead', 'Sales Pipeline', 10, 123.456, null, 'medium']);
  const moved = hasStatus(await act(deal, 'move_stage', { stage_id: stages.Proposal.id }), 200);
  assert.deepEqual([moved.stage_name, moved.probability, moved.expected_revenue], ['Proposal', 50, 617.28]);
  const won = hasStatus(await act(deal, 'mark_won'), 200);
  assert.deepEqual([won.status, won.stage_name, won.probability, won.expected_revenue, won.is_won, won.is_lost], ['won', 'Closed Won', 100, 1234.56, true, false]);
  assert.match(won.closed_at, NOW);
  const history = await entries(deal);
  assert.deepEqual(history.map((e) => e.stage_id), [stages.Lead.id, stages.Proposal.id, stages['Closed Won'].id]);
  history.forEach((e, i) => assert.equal(e.left_at, history[i + 1]?.entered_at ?? null, 'the entries join up'));
  await refused(async () => isProblem(await act(deal, 'mark_lost', { lost_reason: 'no' }), 409, 'invalid_state'));
  await refused(async () => isProblem(await admin.patch(`${PATH}/${deal.id}`, { value: 1 }), 409, 'invalid_state'));
  await refused(async () => isProblem(await admin.del(`${PATH}/${deal.id}`), 409, 'invalid_state'));
  const again = hasStatus(await act(deal, 'reopen'), 200);
  assert.deepEqual([again.status, again.stage_name, again.probability, again.closed_at, again.is_won], ['open', 'Proposal', 50, null, false]);
});

describe('the probability', () => {
  test('is the stage’s unless it is given', async () => {
    const deal = await make({ value: 100, probability: 33 });
    assert.deepEqual([deal.probability, deal.expected_revenue], [33, 33]);
    const moved = hasStatus(await act(deal, 'move_stage', { stage_id: stages.Qualified.id }), 200);
    assert.equal(moved.probability, 25);
    const both = await admin.ok(admin.patch(`${PATH}/${deal.id}`, { stage_id: stages.Negotiation.id, probability: 80 }));
    assert.deepEqual([both.stage_name, both.probability, both.expected_revenue], ['Negotiation', 80, 80]);
    const more = await admin.ok(admin.patch(`${PATH}/${deal.id}`, { value: 0.01 }));
    assert.deepEqual([more.probability, more.expected_revenue], [80, 0.008]);
  });

  test('and all else is checked', async () => {
    await refused(async () => isInvalid(await admin.post(PATH, { title: 'ab', value: -1, probability: 101 }), { value: 'min', probability: 'max' }));
    await refused(async () => isInvalid(await admin.post(PATH, { title: 'ab', value: 1.005, expected_close_date: '2020-01-01' }),
      { title: 'min_length', customer_id: 'required', value: 'precision', expected_close_date: 'past' }));
    await refused(async () => isInvalid(await admin.post(PATH, { title: 'Deal', customer_id: 987654321, lead_id: 987654321 }),
      { customer_id: 'unknown_reference', lead_id: 'unknown_reference' }));
    await refused(async () => isInvalid(await admin.post(PATH, { title: 'Deal', customer_id: customer.id, lost_reason: 'x' }), { lost_reason: 'status' }));
  });
});

describe('closing', () => {
  test('to win needs a value and a customer', async () => {
    const free = await make({ value: 0 });
    assert.match((await refused(async () => isProblem(await act(free, 'mark_won'), 409, 'invalid_state'))).detail, /value/);
    const lead = await admin.create('/leads', { name: 'L' });
    const deal = await admin.create(PATH, { title: 'Leads to', lead_id: lead.id, value: 5 });
    assert.match((await refused(async () => isProblem(await act(deal, 'mark_won'), 409, 'invalid_state'))).detail, /customer/);
    await refused(async () => isProblem(await admin.post(PATH, { title: 'Deal', customer_id: customer.id, status: 'won' }), 409, 'invalid_state'));
    const won = await admin.ok(admin.patch(`${PATH}/${deal.id}`, { customer_id: customer.id, status: 'won' }));
    assert.deepEqual([won.status, won.stage_name], ['won', 'Closed Won']);
  });

  test('to lose needs a reason', async () => {
    const deal = await make({ value: 7 });
    await refused(async () => isInvalid(await act(deal, 'mark_lost', {}), { lost_reason: 'required' }));
    await refused(async () => isInvalid(await act(deal, 'move_stage', { stage_id: stages['Closed Lost'].id }), { lost_reason: 'required' }));
    const lost = hasStatus(await act(deal, 'move_stage', { stage_id: stages['Closed Lost'].id, lost_reason: 'too dear' }), 200);
    assert.deepEqual([lost.status, lost.lost_reason, lost.probability, lost.expected_revenue, lost.is_lost], ['lost', 'too dear', 0, 0, true]);
    assert.match(lost.closed_at, NOW);
    const open = hasStatus(await act(deal, 'reopen'), 200);
    assert.deepEqual([open.lost_reason, open.stage_name], [null, 'Lead']);
  });

  test('by moving it to the won stage', async () => {
    const deal = await make({ value: 7 });
    assert.equal(hasStatus(await act(deal, 'move_stage', { stage_id: stages['Closed Won'].id }), 200).status, 'won');
  });

  test('is not a matter of the stage alone', async () => {
    const deal = await make({ value: 7 });
    for (const name of ['Closed Won', 'Closed Lost']) {
      await refused(async () => isInvalid(await admin.patch(`${PATH}/${deal.id}`, { stage_id: stages[name].id }), { stage_id: 'closed' }));
      await refused(async () => isInvalid(await admin.post(PATH, { title: 'Deal', customer_id: customer.id, stage_id: stages[name].id }), { stage_id: 'closed' }));
    }
  });

  test('is how history is loaded: a past date is fine for what is over', async () => {
    const deal = await make({ value: 9, status: 'lost', lost_reason: 'old', expected_close_date: '2020-02-02' });
    assert.deepEqual([deal.status, deal.stage_name, deal.expected_close_date], ['lost', 'Closed Lost', '2020-02-02']);
  });
});

test('a stage of another pipeline or organization is as one that never was', async () => {
  const deal = await make();
  const other = await newOrganization(server);
  const theirs = (await stagesOf(other.admin))[0].id;
  const pipeline = await admin.create('/pipelines', { name: unique('Other ') });
  const elsewhere = await admin.create('/pipeline-stages', { pipeline_id: pipeline.id, name: 'First' });
  for (const stage_id of [987654321, theirs, elsewhere.id])
    await refused(async () => isInvalid(await act(deal, 'move_stage', { stage_id }), { stage_id: 'unknown_reference' }));
  for (const stage_id of [987654321, theirs])
    await refused(async () => isInvalid(await admin.patch(`${PATH}/${deal.id}`, { stage_id }), { stage_id: 'unknown_reference' }));
  await refused(async () => isInvalid(await admin.patch(`${PATH}/${deal.id}`, { pipeline_id: deal.pipeline_id, stage_id: elsewhere.id }), { stage_id: 'pipeline' }));
  const moved = await admin.ok(admin.patch(`${PATH}/${deal.id}`, { pipeline_id: pipeline.id }));
  assert.deepEqual([moved.pipeline_id, moved.stage_id, moved.probability], [pipeline.id, elsewhere.id, 0]);
  const kept = await admin.ok(admin.put(`${PATH}/${deal.id}`, { title: 'Replaced', customer_id: customer.id }));
  assert.deepEqual([kept.title, kept.stage_id], ['Replaced', elsewhere.id]);
});

describe('pipelines', () => {
  test('have one default', async () => {
    const { admin: boss } = await newOrganization(server);
    const first = (await boss.ok(boss.get('/pipelines'))).items[0];
    const second = await boss.create('/pipelines', { name: 'Key accounts' });
    assert.equal(second.is_default, false);
    assert.equal(hasStatus(await boss.post(`/pipelines/${second.id}/set_default`), 200).is_default, true);
    assert.equal((await boss.ok(boss.get(`/pipelines/${first.id}`))).is_default, false);
    const keep = (attempt) => changesNothing(boss, LISTS, attempt);
    await keep(async () => isProblem(await boss.del(`/pipelines/${second.id}`), 409, 'invalid_state'));
    await keep(async () => isInvalid(await boss.patch(`/pipelines/${second.id}`, { is_active: false }), { is_active: 'default' }));
    const who = await boss.create('/customers', { name: 'C' });
    const empty = await keep(async () => isProblem(await boss.post(PATH, { title: 'Deal', customer_id: who.id }), 409, 'conflict'));
    assert.match(empty.detail, /Key accounts.*no stage/);
    await boss.ok(boss.del(`/pipelines/${first.id}`));
    assert.equal(await boss.total('/pipeline-stages'), 0, 'its stages went with it');
  });

  test('take no deal with a won stage and no lost one, nor two won ones', async () => {
    const pipeline = await admin.create('/pipelines', { name: unique('Half ') });
    const stage = (over) => admin.post('/pipeline-stages', { pipeline_id: pipeline.id, name: 'S', ...over });
    hasStatus(await stage({ probability: 30 }), 201);
    assert.equal(hasStatus(await stage({ name: 'Won', is_won: true }), 201).probability, 100);
    await refused(async () => isProblem(await stage({ is_won: true }), 409, 'conflict'));
    await refused(async () => isInvalid(await stage({ is_won: true, is_lost: true }), { is_lost: 'exclusive' }));
    await refused(async () => isInvalid(await stage({ is_lost: true, probability: 5 }), { probability: 'closed' }));
    await refused(async () => isInvalid(await stage({ probability: 101 }), { probability: 'max' }));
    const problem = await refused(async () => isProblem(await admin.post(PATH, { title: 'Deal', customer_id: customer.id, pipeline_id: pipeline.id }), 409, 'conflict'));
    assert.match(problem.detail, /won stage and no lost one/);
    assert.equal(hasStatus(await stage({ name: 'Gone', is_lost: true }), 201).probability, 0);
    assert.equal((await make({ pipeline_id: pipeline.id })).probability, 30);
    await refused(async () => isProblem(await admin.del(`/pipelines/${pipeline.id}`), 409, 'referenced'));
    await admin.ok(admin.patch(`/pipelines/${pipeline.id}`, { is_active: false }));
    await refused(async () => isInvalid(await admin.post(PATH, { title: 'Deal', customer_id: customer.id, pipeline_id: pipeline.id }), { pipeline_id: 'inactive' }));
    assert.ok(!(await admin.ok(admin.get('/pipelines?active_only=true'))).items.some((p) => p.id === pipeline.id));
  });

  test('without closing stages leave a closed deal where it was', async () => {
    const pipeline = await admin.create('/pipelines', { name: unique('Simple ') });
    const only = await admin.create('/pipeline-stages', { pipeline_id: pipeline.id, name: 'Only', probability: 40 });
    const deal = await make({ pipeline_id: pipeline.id, value: 50 });
    const won = hasStatus(await act(deal, 'mark_won'), 200);
    assert.deepEqual([won.stage_id, won.probability], [only.id, 100]);
    const stage = await admin.ok(admin.get(`/pipeline-stages/${only.id}`));
    assert.deepEqual([stage.deals_count, stage.deals_value, stage.open_count, stage.expected_revenue], [1, 50, 0, 0]);
    assert.equal(hasStatus(await act(deal, 'reopen'), 200).probability, 40);
  });

  test('put their stages in order', async () => {
    const pipeline = await admin.create('/pipelines', { name: unique('Order ') });
    const ids = [];
    for (const name of ['A', 'B', 'C']) ids.push((await admin.create('/pipeline-stages', { pipeline_id: pipeline.id, name })).id);
    const names = async () => (await admin.ok(admin.get(`/pipelines/${pipeline.id}/stages`))).items.map((s) => `${s.name}${s.position}`).join(' ');
    assert.equal(await names(), 'A1 B2 C3');
    hasStatus(await admin.post(`/pipeline-stages/${ids[2]}/reorder`, { order: 1 }), 200);
    assert.equal(await names(), 'C1 A2 B3');
    hasStatus(await admin.post(`/pipelines/${pipeline.id}/reorder`, { stages: [{ id: ids[0], order: 1 }, { id: ids[2], order: 2 }] }), 200);
    assert.equal(await names(), 'A1 C2 B3');
    await refused(async () => isInvalid(await admin.post(`/pipelines/${pipeline.id}/reorder`, { stages: [{ id: ids[1], order: 1 }, { id: stages.Lead.id, order: 9 }] }), { 'stages[1].id': 'unknown_reference' }));
    assert.equal(await names(), 'A1 C2 B3');
  });

  test('keep a stage that has deals', async () => {
    const deal = await make();
    const problem = await refused(async () => isProblem(await admin.del(`/pipeline-stages/${stages.Lead.id}`), 409, 'referenced'));
    assert.match(problem.detail, /^\d+ deals? (is|are) in the stage Lead/);
    const flags = await refused(async () => isProblem(await admin.patch(`/pipeline-stages/${stages.Lead.id}`, { is_lost: true }), 409, 'conflict'));
    assert.match(flags.detail, /there are \d+/);
    await admin.ok(admin.del(`${PATH}/${deal.id}`));
  });

  test('are for those who manage', async () => {
    const staff = await organization.addUser('staff');
    const { items: [first] } = await staff.ok(staff.get('/pipelines'));
    await refused(async () => isProblem(await staff.post(`/pipelines/${first.id}/set_default`), 403));
    await refused(async () => isProblem(await staff.post(`/pipelines/${first.id}/reorder`, { stages: [{ id: stages.Lead.id, order: 9 }] }), 403));
    await refused(async () => isProblem(await staff.post(`/pipeline-stages/${stages.Lead.id}/reorder`, { order: 2 }), 403));
  });
});

test('what goes takes its history along and leaves the sums right', async () => {
  const look = async () => (await admin.ok(admin.get(`/pipeline-stages/${stages.Negotiation.id}`)));
  const before = await look();
  const deal = await make({ stage_id: stages.Negotiation.id, value: 12.34 });
  const there = await look();
  assert.deepEqual([there.deals_count, there.open_count], [before.deals_count + 1, before.open_count + 1]);
  await admin.ok(admin.del(`${PATH}/${deal.id}`));
  const gone = await look();
  assert.deepEqual([gone.deals_count, gone.deals_value, gone.expected_revenue], [before.deals_count, before.deals_value, before.expected_revenue]);
  assert.equal((await admin.ok(admin.get(`/deal-stage-entries?deal_id=${deal.id}`))).total, 0);
});

test('a customer or lead with deals stays', async () => {
  const lead = await admin.create('/leads', { name: 'Held' });
  await admin.create(PATH, { title: 'Holds', lead_id: lead.id });
  assert.match((await refused(async () => isProblem(await admin.del(`/leads/${lead.id}`), 409, 'referenced'))).detail, /deals/);
});

/** The statistics and the forecast, from nothing but the list. */
async function recount(client, query = '') {
  const deals = await all(client, `${PATH}${query}`);
  const stats = await client.ok(client.get(`${PATH}/stats${query}`));
  const sum = (list, field) => Math.round(list.reduce((t, d) => t + d[field] * 10000, 0));
  const open = deals.filter((d) => d.status === 'open');
  assert.deepEqual([stats.total_deals, stats.won, stats.lost, stats.open], [deals.length, ...['won', 'lost', 'open'].map((s) => deals.filter((d) => d.status === s).length)]);
  assert.equal(Math.round(stats.total_value * 10000), sum(deals, 'value'));
  assert.equal(Math.round(stats.expected_revenue * 10000), sum(open, 'expected_revenue'));
  for (const [priority, n] of Object.entries(stats.by_priority)) assert.equal(n, deals.filter((d) => d.priority === priority).length);
  for (const stage of stats.by_stage) {
    const here = deals.filter((d) => d.stage_id === stage.stage_id);
    assert.deepEqual([stage.count, Math.round(stage.total_value * 10000), Math.round(stage.expected_revenue * 10000)],
      [here.length, sum(here, 'value'), sum(here.filter((d) => d.status === 'open'), 'expected_revenue')], stage.stage_name);
  }
  assert.equal(stats.by_stage.reduce((n, s) => n + s.count, 0), deals.length);
  return { deals, open, sum };
}

test('statistics and forecast agree with a recount, whatever happened', async () => {
  const org = await newOrganization(server);
  const { admin: boss } = org;
  const who = await boss.create('/customers', { name: 'C' });
  const list = await stagesOf(boss);
  const seller = await org.addUser('salesperson');
  const rand = random(7);
  const made = [];
  for (let i = 0; i < 60; i++) {
    const client = rand.chance(0.3) ? seller : boss;
    const over = { value: rand.below(100000) / 100 + 1, priority: rand.pick(['low', 'medium', 'high', 'urgent']), stage_id: list[rand.below(4)].id };
    if (rand.chance(0.7)) over.expected_close_date = day(rand.below(500));
    made.push(await client.create(PATH, { title: `Deal ${i}`, customer_id: who.id, ...over }));
    if (i === 20) await recount(boss);
    const deal = rand.pick(made);
    const move = rand.pick([['move_stage', { stage_id: list[rand.below(5)].id }], ['mark_won'], ['mark_lost', { lost_reason: 'so it is' }], ['reopen']]);
    await boss.post(`${PATH}/${deal.id}/${move[0]}`, move[1]);
    if (rand.chance(0.3)) await boss.patch(`${PATH}/${rand.pick(made).id}`, { value: rand.below(5000), probability: rand.below(101) });
    if (rand.chance(0.1)) await boss.del(`${PATH}/${rand.pick(made).id}`);
  }
  const { deals, open, sum } = await recount(boss);
  await recount(boss, '?priority=high');
  await recount(boss, `?stage_id=${list[1].id}`);
  const own = await recount(seller);
  assert.ok(own.deals.length > 0 && own.deals.length < deals.length);
  await totalsAreRight(boss, 'deals', 'value');
  for (const [client, these] of [[boss, open], [seller, own.open]]) {
    const forecast = await client.ok(client.get(`${PATH}/forecast?months=6`));
    const buckets = [...forecast.by_month, forecast.earlier, forecast.later, forecast.undated];
    assert.equal(forecast.by_month.length, 6);
    assert.deepEqual([forecast.count, Math.round(forecast.expected_revenue * 10000)], [these.length, sum(these, 'expected_revenue')]);
    assert.equal(buckets.reduce((n, b) => n + b.count, 0), these.length);
    for (const month of forecast.by_month) {
      const here = these.filter((d) => d.expected_close_date?.startsWith(month.month));
      assert.deepEqual([month.count, Math.round(month.expected_revenue * 10000)], [here.length, sum(here, 'expected_revenue')], month.month);
    }
    assert.equal(forecast.undated.count, these.filter((d) => !d.expected_close_date).length);
    for (const stage of forecast.by_stage) {
      const here = these.filter((d) => d.stage_id === stage.stage_id);
      assert.deepEqual([stage.count, Math.round(stage.expected_revenue * 10000)], [here.length, sum(here, 'expected_revenue')], stage.stage_name);
    }
  }
  isProblem(await boss.get(`${PATH}/forecast?months=37`), 400, 'bad_query');
});

test('takes few statements', async () => {
  const takes = async (most, answerPromise) => {
    const answer = await answerPromise;
    assert.ok(answer.status < 300 && answer.statements <= most, `${answer.statements} statements: ${answer.text}`);
    return answer.body;
  };
  await make({ value: 1 });
  const deal = await takes(12 + WORDS + TOLD, admin.post(PATH, { title: 'Budget', customer_id: customer.id, value: 5 }));
  await takes(13 + TOLD, act(deal, 'move_stage', { stage_id: stages.Proposal.id }));
  await takes(4 + TOLD, admin.patch(`${PATH}/${deal.id}`, { priority: 'high' }));
  await takes(14 + TOLD, act(deal, 'mark_won'));
  for (let i = 0; i < 3; i++) await admin.get(`${PATH}/stats`);
  await takes(1 + KNOWN, admin.get(`${PATH}/stats`)); // all but the stages is known
  for (let i = 0; i < 3; i++) await admin.get(`${PATH}/forecast`);
  await takes(1 + KNOWN, admin.get(`${PATH}/forecast`));
});

test('every filter of the contract finds, and many at once can be made or none', async () => {
  const deal = await make({ value: 3, title: unique('Zebra') });
  for (const query of [`pipeline=${deal.pipeline_id}`, `stage=${deal.stage_id}`, 'priority=medium', 'status=open', 'is_won=false', 'is_lost=false', `customer=${customer.id}`, `search=${deal.title}`])
    assert.ok((await admin.ok(admin.get(`${PATH}?${query}&page_size=1000`))).items.some((d) => d.id === deal.id), query);
  const items = [{ title: 'Bulk one', customer_id: customer.id }, { title: 'x', customer_id: customer.id }];
  await refused(async () => hasStatus(await admin.post(`${PATH}/bulk`, { items, atomic: true }), 422));
  const half = await admin.ok(admin.post(`${PATH}/bulk`, { items, atomic: false }));
  assert.deepEqual([half.created, half.failed], [1, 1]);
});
