// What the journal tells of a window of days: statistics and the timeline.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { CHAINED } from '../lib/budget.mjs';
import { changesNothing, hasStatus, isProblem } from '../lib/check.mjs';
import { PASSWORD, login, newOrganization, unique } from '../lib/client.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

const DAY = 86_400;
const start = Date.now();
const date = (days = 0) => new Date(start + days * DAY * 1000).toISOString().slice(0, 10);

let server;
let data;
let organization;
let admin;

/** The same data, so many days from now. */
async function onDay(days) {
  await server.stop();
  server.flags = ['--clock-offset', String(days * DAY)];
  await server.start();
  admin = await login(server, admin.login.user.username);
}

const stats = (query = '') => admin.ok(admin.get(`/audit-logs/stats${query}`));
const timeline = (query = '') => admin.ok(admin.get(`/audit-logs/timeline${query}`));
const product = () => admin.create('/products', { sku: unique('SKU'), name: 'Thread' });
const all = (days) => Object.values(days).flat();
function count(list, by) {
  const found = {};
  for (const item of list) found[by(item)] = (found[by(item)] ?? 0) + 1;
  return found;
}

before(async () => {
  data = tempFolder();
  server = await startServer({ data });
  organization = await newOrganization(server);
  ({ admin } = organization);
  await organization.addUser('viewer', 'rita');
  const { id } = await product();
  await admin.ok(admin.patch(`/products/${id}`, { name: 'Yarn' }));
  await onDay(40);
  await product();
  await onDay(41);
  await product();
  await product();
});
after(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

describe('statistics of the journal', () => {
  test('count what the journal has in the window, by action, resource and user', async () => {
    const query = `?from=${date()}&to=${date(41)}`;
    const told = await stats(query);
    const { items } = await admin.ok(admin.get('/audit-logs?page_size=1000'));
    assert.equal(told.total_logs, items.length);
    assert.deepEqual(told.by_action, count(items, (e) => e.action));
    assert.deepEqual(told.by_resource, count(items, (e) => e.resource));
    assert.equal(told.by_resource.products, 5);
    const users = Object.fromEntries(told.by_user.map((u) => [u.user_id, u.count]));
    assert.deepEqual(users, count(items, (e) => e.user_id));
    assert.equal(told.by_user.find((u) => u.user_id === admin.login.user.id).username, admin.login.user.username);
    assert.deepEqual(told.by_user.map((u) => u.count), told.by_user.map((u) => u.count).sort((a, b) => b - a));
    assert.deepEqual([told.from, told.to], [date(), date(41)]);
  });

  test('are of the last 30 days when nothing is asked for, and of 24 hours beside it', async () => {
    const told = await stats();
    assert.deepEqual([told.from, told.to], [date(12), date(41)]);
    assert.equal(told.by_resource.products, 3);
    const { items } = await admin.ok(admin.get('/audit-logs?page_size=1000'));
    const day = items.filter((e) => Date.parse(e.at) > Date.now() + 40 * DAY * 1000 + 5000);
    assert.equal(told.recent_activity_24h, day.length);
    assert.equal((await stats(`?from=${date()}&to=${date()}`)).recent_activity_24h, day.length);
  });

  test('of one day hold that day', async () => {
    const told = await stats(`?from=${date()}&to=${date()}`);
    assert.equal(told.by_resource.products, 2);
    assert.deepEqual(await stats(`?from=${date(-9)}&to=${date(-9)}`), {
      from: date(-9), to: date(-9), by_action: {}, by_resource: {}, by_user: [], total_logs: 0, recent_activity_24h: told.recent_activity_24h });
  });

  test('go by the days of the organization', async () => {
    const zoned = await newOrganization(server);
    const { at } = (await zoned.admin.ok(zoned.admin.get('/audit-logs?page_size=1'))).items[0];
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kolkata', 'UTC']) {
      await zoned.admin.ok(zoned.admin.patch(`/organizations/${zoned.id}`, { time_zone: zone }));
      const there = new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date(at));
      const days = await zoned.admin.ok(zoned.admin.get(`/audit-logs/timeline?from=${there}&to=${there}`));
      assert.deepEqual(Object.keys(days), [there], zone);
      assert.ok(days[there].some((e) => e.at === at), zone);
      const told = await zoned.admin.ok(zoned.admin.get(`/audit-logs/stats?from=${there}&to=${there}`));
      assert.equal(told.total_logs, days[there].length);
    }
  });
});

describe('the timeline of the journal', () => {
  test('groups entries by day, newest first, as the list prints them', async () => {
    const days = await timeline(`?from=${date()}&to=${date(41)}`);
    assert.deepEqual(Object.keys(days), [date(41), date(40), date()]);
    const { items } = await admin.ok(admin.get('/audit-logs?page_size=1000&ordering=-at,-id'));
    assert.deepEqual(all(days), items);
    for (const [day, entries] of Object.entries(days)) assert.ok(entries.every((e) => e.at.startsWith(day)));
  });

  test('is that of a resource, and of one record', async () => {
    const query = `from=${date()}&to=${date(41)}`;
    const products = all(await timeline(`?${query}&resource=products`));
    assert.deepEqual(products.map((e) => [e.resource, e.action]), [...Array(3).fill(['products', 'create']), ['products', 'update'], ['products', 'create']]);
    const id = products.at(-1).record_id;
    assert.deepEqual(all(await timeline(`?${query}&resource=products&record_id=${id}`)), products.slice(-2));
    assert.deepEqual(all(await timeline(`?${query}&resource_type=products&resource_id=${id}`)), products.slice(-2));
    assert.deepEqual(await timeline(`?resource=products&record_id=${id}`), {}, 'its days are before the last 30');
    assert.deepEqual(await timeline(`?${query}&resource=nothing`), {});
  });

  test('stops at 500 entries', async () => {
    const items = Array.from({ length: 510 }, () => ({ sku: unique('SKU'), name: 'Thread' }));
    await admin.ok(admin.post('/products/bulk', { items }));
    const entries = all(await timeline());
    assert.equal(entries.length, 500);
    const newest = (await admin.ok(admin.get('/audit-logs?page_size=500&ordering=-at,-id'))).items;
    assert.deepEqual(entries.map((e) => e.id), newest.map((e) => e.id));
  });
});

test('each is read in a statement or two, whatever the window', async () => {
  const year = `?from=${date(-320)}&to=${date(41)}`;
  for (const query of ['', year]) {
    assert.equal((await admin.get(`/audit-logs/stats${query}`)).statements, 2 + CHAINED);
    assert.equal((await admin.get(`/audit-logs/timeline${query}`)).statements, 1 + CHAINED);
  }
});

describe('a wrong window or parameter', () => {
  const wrong = {
    'from=soon': ['bad_query', /from must be a date/],
    'to=2026-02-30': ['bad_query', /to must be a date/],
    'from=2026-02-01&to=2026-01-01': ['bad_query', /from must not be later than to/],
    'from=2025-01-01&to=2026-01-02': ['bad_query', /at most 366 days/],
    'from=2026-01-01&from=2026-01-02': ['bad_query', /from is given more than once/],
    'page=2': ['unknown_field', /no parameter "page" here; there are: from, to/],
    'dry_run=true': ['unknown_field', /no parameter "dry_run"/],
  };
  for (const [query, [code, words]] of Object.entries(wrong))
    test(`is a 400 that names it: ${query}`, async () => {
      for (const path of ['stats', 'timeline']) {
        const answer = await changesNothing(admin, ['/audit-logs'], () => admin.get(`/audit-logs/${path}?${query}`));
        assert.match(isProblem(answer, 400, code).detail, words);
      }
    });

  test('a leap year is not too long', async () => {
    hasStatus(await admin.get('/audit-logs/stats?from=2024-01-01&to=2024-12-31'), 200);
  });

  test('a record needs its resource', async () => {
    assert.match(isProblem(await admin.get('/audit-logs/timeline?record_id=1'), 400, 'bad_query').detail, /record_id needs a resource/);
    isProblem(await admin.get('/audit-logs/timeline?resource=products&record_id=0'), 400, 'bad_query');
    isProblem(await admin.get('/audit-logs/timeline?resource=products&record_id=x'), 400, 'bad_query');
  });
});

test('only who may read the journal gets either, and only of one’s own organization', async () => {
  const rita = await login(server, 'rita');
  const role = await admin.create('/roles', { name: unique('own'), permissions: [{ resource: 'audit-logs', action: 'read', scope: 'own' }] });
  const person = unique('own');
  await admin.create('/users', { username: person, email: `${person}@example.com`, password: PASSWORD, role_id: role.id });
  const own = await login(server, person);
  const stranger = (await newOrganization(server)).admin;
  for (const path of ['stats', 'timeline']) {
    isProblem(await changesNothing(admin, ['/products'], () => rita.get(`/audit-logs/${path}`)), 403, 'forbidden');
    isProblem(await own.get(`/audit-logs/${path}`), 403, 'forbidden');
    isProblem(await admin.with({ Authorization: '' }).get(`/audit-logs/${path}`), 401, 'unauthenticated');
    const theirs = await stranger.get(`/audit-logs/${path}`);
    assert.ok(!theirs.text.includes('rita') && !theirs.text.includes(admin.login.user.username) && !theirs.text.includes('"products"'));
  }
});
