// Stock as it was: levels of any past moment, from the ledger.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';

let server;
let organization;
let admin;
let store;
let yarn;
let dye;
let shelf;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  store = new Store(admin);
  [yarn, dye, shelf] = [await store.product({ name: 'Yarn' }), await store.product({ name: 'Dye', unit: 'l' }), await store.location({ name: 'Shelf A1' })];
  await store.receive(yarn, 10, 2, { effective_at: '2026-01-10T12:00:00Z' });
  await store.receive(yarn, 10, 4, { effective_at: '2026-02-10T12:00:00Z', stock_status: 'quarantined' });
  await store.move('transfer', yarn, 4, { effective_at: '2026-03-10T12:00:00Z', from_location_id: 'STOCK', to_location_id: shelf.id });
  await store.move('delivery', yarn, 4, { effective_at: '2026-04-10T12:00:00Z', location_id: shelf.id });
  await store.receive(dye, 1.5, 8, { effective_at: '2026-03-31T20:00:00Z' });
});
after(() => server.proveAndStop());

const ours = async (as_of, query = '') => {
  const { items } = await admin.ok(admin.get(`/stock-levels?usage=internal&ordering=id&as_of=${as_of}&${query}`));
  return items.map((l) => [l.product_name, l.location_name, l.stock_status, l.on_hand, l.value]);
};

describe('stock levels as of a moment', () => {
  test('are what the ledger said then', async () => {
    assert.deepEqual(await ours('2026-01-09'), []);
    assert.deepEqual(await ours('2026-01-10'), [['Yarn', 'Stock', 'ok', 10, 20]]);
    assert.deepEqual(await ours('2026-02-28'), [['Yarn', 'Stock', 'ok', 10, 20], ['Yarn', 'Stock', 'quarantined', 10, 40]]);
    assert.deepEqual(await ours('2026-03-15'), [['Yarn', 'Stock', 'ok', 6, 12], ['Yarn', 'Stock', 'quarantined', 10, 40], ['Yarn', 'Shelf A1', 'ok', 4, 8]]);
    assert.deepEqual(await ours('2026-04-30'), [['Yarn', 'Stock', 'ok', 6, 12], ['Yarn', 'Stock', 'quarantined', 10, 40], ['Dye', 'Stock', 'ok', 1.5, 12]]);
  });

  test('today are those of now', async () => {
    const now = await admin.ok(admin.get('/stock-levels?on_hand__ne=0&ordering=id'));
    const today = await admin.ok(admin.get(`/stock-levels?ordering=id&as_of=${new Date().toISOString().slice(0, 10)}`));
    assert.deepEqual(today.items, now.items);
  });

  test('take an instant to the second', async () => {
    assert.deepEqual(await ours('2026-01-10T11:59:59Z'), []);
    assert.equal((await ours('2026-01-10T12:00:00Z')).length, 1);
    assert.equal((await ours(encodeURIComponent('2026-01-10T13:59:59+02:00'))).length, 0);
    assert.equal((await ours(encodeURIComponent('2026-01-10T14:00:00+02:00'))).length, 1);
  });

  test('end a day where the organization is', async () => {
    assert.equal((await ours('2026-03-31', `product_id=${dye.id}`)).length, 1);
    await admin.ok(admin.patch('/system-settings', { time_zone: 'Asia/Kolkata' }));
    assert.equal((await ours('2026-03-31', `product_id=${dye.id}`)).length, 0); // 01:30 on the first of April there
    assert.equal((await ours('2026-04-01', `product_id=${dye.id}`)).length, 1);
    await admin.ok(admin.patch('/system-settings', { time_zone: 'UTC' }));
  });

  test('have nothing reserved, and what was ok available', async () => {
    const { items } = await admin.ok(admin.get(`/stock-levels?as_of=2026-02-28&usage=internal&ordering=id`));
    assert.deepEqual(items.map((l) => [l.stock_status, l.on_hand, l.reserved, l.available]), [['ok', 10, 0, 10], ['quarantined', 10, 0, 0]]);
  });

  test('leave out what was empty, unless it is asked for', async () => {
    assert.equal((await ours('2026-04-30', `location_id=${shelf.id}`)).length, 0);
    assert.deepEqual(await ours('2026-04-30', `location_id=${shelf.id}&include_empty=true`), [['Yarn', 'Shelf A1', 'ok', 0, 0]]);
    assert.equal((await ours('2026-01-31', `location_id=${shelf.id}&include_empty=true`)).length, 0); // nothing was ever there
  });

  test('are filtered, sorted, paged, counted, expanded, summed and exported like those of now', async () => {
    assert.deepEqual((await ours('2026-03-15', 'on_hand__gt=5&ordering=-id')).map((l) => l[3]), [10, 6]);
    const page = async (query) => admin.ok(admin.get(`/stock-levels?usage=internal&as_of=2026-03-15&ordering=id&page_size=2&${query}`));
    const first = await page('');
    assert.deepEqual([first.total, first.pages, first.items.length], [3, 2, 2]);
    const second = await page(`cursor=${first.next_cursor}`);
    assert.deepEqual([second.total, second.items.map((l) => l.on_hand)], [3, [4]]);
    assert.deepEqual((await page('page=2')).items, second.items);
    const { items: [one] } = await page('fields=id,on_hand&expand=product');
    assert.deepEqual([Object.keys(one), one.product.name], [['id', 'product_id', 'product_name', 'product', 'on_hand'], 'Yarn']);
    const stats = await admin.ok(admin.get('/stock-levels/stats?usage=internal&as_of=2026-03-15'));
    assert.deepEqual([stats.total, stats.total_value, stats.by_stock_status.quarantined], [3, 60, 1]);
    const csv = await admin.ok(admin.get('/stock-levels/export?usage=internal&as_of=2026-03-15&fields=on_hand,value'));
    assert.equal(csv, 'on_hand,value\r\n4,8\r\n10,40\r\n6,12\r\n');
    const { total } = await admin.ok(admin.get(`/products/${yarn.id}/stock-levels?as_of=2026-01-31&usage=internal`));
    assert.equal(total, 1);
  });

  test('change with what is entered later for before', async () => {
    const p = await store.product();
    const query = `product_id=${p.id}`;
    await store.receive(p, 5, 1, { effective_at: '2026-05-10T00:00:00Z' });
    assert.equal((await ours('2026-05-10', query))[0][3], 5);
    await store.receive(p, 3, 1, { effective_at: '2026-05-01T00:00:00Z' });
    assert.deepEqual([(await ours('2026-05-09', query))[0][3], (await ours('2026-05-10', query))[0][3]], [3, 8]);
  });

  test('count by no number that is kept for now', async () => {
    const counted = async () => (await admin.ok(admin.get('/stock-levels?as_of=2026-01-31&usage=internal'))).total;
    const live = await admin.total('/stock-levels?usage=internal');
    assert.equal(await counted(), 1);
    assert.equal(await counted(), 1);
    assert.equal(await admin.total('/stock-levels?usage=internal'), live);
  });

  test('cost one statement, and one for the total', async () => {
    assert.equal((await admin.get('/stock-levels?as_of=2026-03-15&count=none')).statements, 1);
    assert.equal((await admin.get('/stock-levels?as_of=2026-03-15')).statements, 2);
  });

  test('are only those of one’s own organization', async () => {
    const other = await newOrganization(server);
    assert.equal(await other.admin.total('/stock-levels?as_of=2026-03-15&include_empty=true'), 0);
  });
});

test('a moment that is none, or still to come, is refused; other lists know of none', async () => {
  const wrong = async (path, detail) => assert.match(isProblem(await admin.get(path), 400).detail, detail);
  for (const value of ['', 'yesterday', '2026-02-30', '2026-13-01', '2026-01-10T25:00:00Z', '1'])
    await wrong(`/stock-levels?as_of=${value}`, /as_of must be a date like/);
  const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString();
  await wrong(`/stock-levels?as_of=${tomorrow}`, /must not lie in the future/);
  await wrong(`/stock-levels?as_of=${tomorrow.slice(0, 10)}`, /must not lie in the future/);
  await wrong('/stock-levels?as_of=2026-03-15&include_empty=perhaps', /include_empty must be true or false/);
  await wrong('/stock-levels?include_empty=true', /include_empty is for as_of/);
  for (const path of ['/products', '/stock-ledger', '/locations', '/stock-levels/1']) await wrong(`${path}?as_of=2026-03-15`, /unknown parameter "as_of"/);
});
