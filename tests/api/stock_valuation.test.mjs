// What the stock is worth, and of which receipts it is made.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { random } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const report = (admin, query = '') => admin.ok(admin.get(`/reports/stock-valuation?${query}`));
const cents = (list) => list.reduce((sum, x) => sum + Math.round(x.value * 10_000), 0);

/** The levels that are ours, as their own list says. */
async function ours(store, query = '') {
  return [...await store.levels(`usage=internal&${query}`), ...await store.levels(`usage=transit&${query}`)];
}

async function mill() {
  const organization = await newOrganization(server);
  const { admin } = organization;
  const store = new Store(admin);
  const hall = await store.location({ name: 'Hall', code: 'HALL' });
  const shelf = await store.location({ name: 'Shelf', code: 'SHELF', parent_id: hall.id });
  const yarn = await store.product({ sku: 'YARN', category: 'Yarn', unit: 'kg' });
  const dye = await store.product({ sku: 'DYE', category: 'Dye' });
  const tape = await store.product({ sku: 'TAPE' });
  await store.product({ sku: 'NONE', category: 'Dye' });
  await store.receive(yarn, 3, 1.1111, { effective_at: '2026-01-10T00:00:00Z' });
  await store.receive(yarn, 4, 2, { effective_at: '2026-02-10T00:00:00Z', location_id: shelf.id });
  await store.receive(dye, 2, 7, { effective_at: '2026-02-11T00:00:00Z', location_id: hall.id });
  await store.receive(tape, 10, 0, { effective_at: '2026-02-12T00:00:00Z' });
  await store.move('transfer', dye, 1, { from_location_id: hall.id, to_location_id: 'TRANSIT', effective_at: '2026-03-01T00:00:00Z' });
  await store.move('delivery', yarn, 2, { location_id: shelf.id, effective_at: '2026-04-01T00:00:00Z' });
  return { organization, admin, store, hall, shelf };
}

describe('the valuation of the stock', () => {
  test('is by product, category and location, with what all is worth', async () => {
    const { admin } = await mill();
    const { items, by_category, by_location, ...rest } = await report(admin);
    assert.deepEqual(items.map((i) => [i.sku, i.category, i.unit, i.quantity, i.value, i.cost]),
      [['DYE', 'Dye', 'pcs', 2, 14, 7], ['TAPE', null, 'pcs', 10, 0, 0], ['YARN', 'Yarn', 'kg', 5, 7.3333, 1.4667]]);
    assert.deepEqual(by_category, [{ category: null, products: 1, value: 0 }, { category: 'Dye', products: 1, value: 14 }, { category: 'Yarn', products: 1, value: 7.3333 }]);
    assert.deepEqual(by_location.map((l) => [l.location, l.products, l.value]), [['Hall', 1, 7], ['Hall / Shelf', 1, 4], ['In transit', 1, 7], ['Stock', 2, 3.3333]]);
    assert.deepEqual([rest.total, rest.page, rest.pages, rest.total_value], [3, 1, 1, 21.3333]);
    assert.match(rest.as_of, /^\d{4}-\d\d-\d\dT/);
  });

  test('of a past moment is what the ledger says', async () => {
    const { admin } = await mill();
    const then = async (as_of) => { const r = await report(admin, `as_of=${as_of}`); return [r.as_of, r.items.map((i) => [i.sku, i.quantity, i.value]), r.total_value]; };
    assert.deepEqual(await then('2026-01-09'), ['2026-01-09T23:59:59Z', [], 0]);
    assert.deepEqual(await then('2026-02-10'), ['2026-02-10T23:59:59Z', [['YARN', 7, 11.3333]], 11.3333]);
    assert.deepEqual(await then('2026-03-01T00:00:00Z'), ['2026-03-01T00:00:00Z', [['DYE', 2, 14], ['TAPE', 10, 0], ['YARN', 7, 11.3333]], 25.3333]);
    const [now, today] = [await report(admin), await report(admin, `as_of=${new Date().toISOString().slice(0, 10)}`)];
    assert.deepEqual({ ...today, as_of: 0 }, { ...now, as_of: 0 });
  });

  test('is of a location with all that lies in it, and of a category', async () => {
    const { admin, hall, shelf } = await mill();
    const short = async (query) => { const r = await report(admin, query); return [r.items.map((i) => [i.sku, i.value]), r.total_value]; };
    assert.deepEqual(await short(`location_id=${hall.id}`), [[['DYE', 7], ['YARN', 4]], 11]);
    assert.deepEqual(await short(`location_id=${shelf.id}`), [[['YARN', 4]], 4]);
    assert.deepEqual(await short(`location_id=${hall.id}&category=Yarn`), [[['YARN', 4]], 4]);
    assert.deepEqual(await short(`location_id=${hall.id}&as_of=2026-03-31`), [[['DYE', 7], ['YARN', 8]], 15]);
    assert.deepEqual(await short('location_id=987654'), [[], 0]);
    assert.deepEqual(await short('category=Nothing'), [[], 0]);
  });

  test('is in pages, and its totals are of all', async () => {
    const { admin } = await mill();
    const page = await report(admin, 'page=2&page_size=2');
    assert.deepEqual([page.items.map((i) => i.sku), page.total, page.page, page.pages, page.total_value, page.by_category.length], [['YARN'], 3, 2, 2, 21.3333, 3]);
    assert.equal((await report(admin, 'page=9')).total_value, 21.3333);
    for (const query of ['page=0', 'page_size=0', 'page_size=1001', 'as_of=tomorrow', 'as_of=2999-01-01', 'location_id=x%00', 'sku=A'])
      isProblem(await admin.get(`/reports/stock-valuation?${query}`), 400);
  });

  test('is the sum of the levels to the last digit, whatever was done', async () => {
    const { admin } = await newOrganization(server);
    const store = new Store(admin);
    const rng = random(7);
    const shelf = await store.location();
    const products = [];
    for (let i = 0; i < 5; i++) products.push(await store.product({ category: `C${i % 2}` }));
    for (let i = 0; i < 150; i++) {
      const [p, q] = [rng.pick(products), 1 + rng.below(9)];
      const effective_at = `2026-0${1 + rng.below(9)}-1${rng.below(9)}T00:00:00Z`;
      const answer = await rng.pick([
        () => store.try('receipt', p, q, { unit_cost: rng.below(100_000) / 10_000, effective_at }),
        () => store.try('receipt', p, q, { unit_cost: rng.below(100_000) / 10_000, effective_at, location_id: shelf.id }),
        () => store.try('delivery', p, q, { effective_at }),
        () => store.try('transfer', p, q, { from_location_id: 'STOCK', to_location_id: 'TRANSIT', effective_at }),
      ])();
      assert.ok([201, 409].includes(answer.status), answer.text);
    }
    for (const as_of of [undefined, '2026-05-15', '2026-09-30']) {
      const query = as_of ? `as_of=${as_of}` : '';
      const [r, levels] = [await report(admin, query), await ours(store, query)];
      const value = cents(levels);
      assert.ok(value > 0);
      assert.deepEqual([cents(r.items), cents(r.by_category), cents(r.by_location), Math.round(r.total_value * 10_000)], [value, value, value, value], query);
    }
  });

  test('says nothing where a sum is more than can be said, and does not fail', async () => {
    const { admin } = await newOrganization(server);
    const store = new Store(admin);
    for (let i = 0; i < 3; i++) await store.receive(await store.product(), 1, '900000000000000');
    const r = await report(admin);
    assert.deepEqual([r.items.length, r.items[0].value, r.total_value], [3, 900000000000000, null]);
  });

  test('is for managers and inventory managers, and of one’s own organization', async () => {
    const { organization } = await mill();
    for (const role of ['manager', 'inventory_manager']) assert.equal((await report(await organization.addUser(role))).total, 3);
    for (const role of ['viewer', 'operator', 'staff', 'salesperson'])
      isProblem(await (await organization.addUser(role)).get('/reports/stock-valuation'), 403, 'forbidden');
    const role = await organization.admin.create('/roles', { name: 'Auditor', permissions: [{ resource: 'reports', action: 'stock-valuation' }] });
    assert.equal((await report(await organization.addUser(role.id))).total, 3);
    assert.equal((await report((await newOrganization(server)).admin)).total, 0);
  });
});

describe('the layers of a level', () => {
  async function fifo() {
    const organization = await newOrganization(server);
    await organization.admin.ok(organization.admin.patch('/system-settings', { valuation_method: 'fifo' }));
    const store = new Store(organization.admin);
    return { ...organization, store, p: await store.product() };
  }
  const layers = async (store, p, usage = 'internal') => {
    const [level] = await store.levels(`product_id=${p.id}&usage=${usage}`);
    return store.admin.ok(store.admin.get(`/stock-levels/${level.id}/layers`));
  };

  test('are the receipts that are still there, the oldest first', async () => {
    const { store, p } = await fifo();
    const a = await store.receive(p, 10, 2, { effective_at: '2026-01-01T00:00:00Z' });
    const b = await store.receive(p, 5, 3, { effective_at: '2026-02-01T00:00:00Z' });
    const c = await store.receive(p, 3, 1.1, { effective_at: '2026-03-01T00:00:00Z' });
    const short = async () => (await layers(store, p)).map((l) => [l.move_id, l.quantity, l.value, l.unit_cost]);
    assert.deepEqual(await short(), [[a.id, 10, 20, 2], [b.id, 5, 15, 3], [c.id, 3, 3.3, 1.1]]);
    await store.move('delivery', p, 4);
    assert.deepEqual(await short(), [[a.id, 6, 12, 2], [b.id, 5, 15, 3], [c.id, 3, 3.3, 1.1]]);
    await store.move('delivery', p, 6);
    assert.deepEqual(await short(), [[b.id, 5, 15, 3], [c.id, 3, 3.3, 1.1]]);
    await store.move('delivery', p, 7);
    assert.deepEqual(await layers(store, p), [{ effective_at: '2026-03-01T00:00:00Z', move_id: c.id, quantity: 1, value: 1.1, unit_cost: 1.1 }]);
    await store.move('delivery', p, 1);
    assert.deepEqual(await short(), []);
    const d = await store.receive(p, 2, 9);
    assert.deepEqual(await short(), [[d.id, 2, 18, 9]]);
  });

  test('add up to the level after anything, also what is entered for before', async () => {
    const { store, p } = await fifo();
    const rng = random(11);
    for (let i = 0; i < 80; i++) {
      const effective_at = `2026-0${1 + rng.below(9)}-1${rng.below(9)}T00:00:00Z`;
      const answer = await (rng.chance(0.5) ? store.try('receipt', p, 1 + rng.below(9), { unit_cost: rng.below(90_000) / 10_000, effective_at })
        : store.try('delivery', p, 1 + rng.below(6), { effective_at }));
      assert.ok([201, 409].includes(answer.status), answer.text);
      const [level] = await store.levels(`product_id=${p.id}&usage=internal`);
      if (!level) continue;
      const list = await layers(store, p);
      assert.equal(list.reduce((sum, l) => sum + l.quantity, 0), level.on_hand);
      assert.equal(cents(list), Math.round(level.value * 10_000), `step ${i}`);
    }
  });

  test('are there with first-in first-out only, of one’s own stock, for those who may read it', async () => {
    const average = await newOrganization(server);
    const mine = new Store(average.admin);
    const p = await mine.product({ quantity: 3 });
    const [level] = await mine.levels(`product_id=${p.id}&usage=internal`);
    assert.match(isProblem(await average.admin.get(`/stock-levels/${level.id}/layers`), 409, 'conflict').detail, /fifo only/);
    const { store, admin, addUser, p: q } = await fifo();
    await store.receive(q, 1, 1);
    const [vendors] = await store.levels(`product_id=${q.id}&usage=vendor`);
    isProblem(await admin.get(`/stock-levels/${vendors.id}/layers`), 409, 'conflict');
    isProblem(await admin.get('/stock-levels/987654/layers'), 404);
    isProblem(await admin.get(`/stock-levels/${level.id}/layers`), 404);
    const [own] = await store.levels(`product_id=${q.id}&usage=internal`);
    await admin.create('/roles', { name: 'shelf_filler', permissions: [{ resource: 'products', action: 'read' }] });
    isProblem(await (await addUser('shelf_filler')).get(`/stock-levels/${own.id}/layers`), 403);
  });
});
