// The server tells by itself of stock that expires.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all } from '../lib/books.mjs';
import { newOrganization } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';
import { until } from '../lib/until.mjs';

let server;
before(async () => { server = await startServer({ flags: ['--jobs-every', '1'] }); });
after(() => server.proveAndStop());

const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const told = async (admin) => [...await all(admin, '/notifications?kind=expiring'), ...await all(admin, '/notifications?kind=expired')];
const about = (n) => `${n.kind} ${n.resource} ${n.record_id} ${n.about_date}`;

/** What was there before it was there was seen by a whole round when a later one is told, twice over. */
async function roundsPass(store) {
  for (let i = 0; i < 2; i++) {
    const { id } = await store.product({ sku: `MARK-${i}-${Date.now()}`, quantity: 1, best_before: day(1) });
    await until('the mark is told', async () => (await all(store.admin, `/notifications?resource=products&record_id=${id}`)).length);
  }
}

describe('stock that expires', () => {
  test('is told once while there is any, near its end and when it has passed', async () => {
    const { admin } = await newOrganization(server);
    const store = new Store(admin);
    const milk = await store.product({ sku: 'MILK', name: 'Milk', unit: 'l', quantity: 5, best_before: day(30) });
    const cream = await store.product({ sku: 'CREAM', quantity: 5, best_before: day(-1) });
    const dye = await store.product({ sku: 'DYE', name: 'Dye', tracking: 'lot' });
    const lot = async (name, best_before, quantity = 7) => (await store.receive(dye, quantity, 1, { lot: name, best_before })).lot_id;
    const [soon, gone] = [await lot('SOON', day(0)), await lot('GONE', day(-100))];
    for (const [name, date] of [['LATER', day(31)], ['OLD', day(-400)], ['SOLD', day(2)]]) await lot(name, date);
    await store.move('delivery', dye, 7, { lot: 'SOLD' });
    for (const over of [{ best_before: day(31) }, { best_before: day(5), quantity: 0 }, {}]) await store.product({ quantity: 3, ...over });
    const expected = [`expiring products ${milk.id} ${day(30)}`, `expired products ${cream.id} ${day(-1)}`, `expiring lots ${soon} ${day(0)}`, `expired lots ${gone} ${day(-100)}`].sort();
    const first = await until('four are told', async () => { const n = await told(admin); return n.length >= 4 && n; });
    assert.deepEqual(first.map(about).sort(), expected);
    const message = (resource, id) => first.find((n) => n.resource === resource && n.record_id === id);
    assert.deepEqual([message('products', milk.id).message, message('products', milk.id).type, message('products', milk.id).user_id], [`Milk (MILK): 5 l are best before ${day(30)}`, 'warning', null]);
    assert.equal(message('lots', gone).message, `Dye (DYE, lot GONE): 7 pcs were best before ${day(-100)}`);
    for (const { id } of first) await admin.ok(admin.post(`/notifications/${id}/read`));
    await roundsPass(store);
    const later = (await told(admin)).filter((n) => !/MARK/.test(n.message));
    assert.deepEqual(later.map(about).sort(), expected, 'nothing twice');
  });

  test('is told again when it gets another date', async () => {
    const { admin } = await newOrganization(server);
    const store = new Store(admin);
    const p = await store.product({ quantity: 5, best_before: day(10) });
    await until('it is told', async () => (await told(admin)).length === 1);
    await admin.ok(admin.patch(`/products/${p.id}`, { best_before: day(-1) }));
    const list = await until('the other date is told', async () => { const n = await told(admin); return n.length === 2 && n; });
    assert.deepEqual(list.map(about).sort(), [`expired products ${p.id} ${day(-1)}`, `expiring products ${p.id} ${day(10)}`]);
  });

  test('is found by the hundreds', async () => {
    const { admin } = await newOrganization(server);
    const items = Array.from({ length: 450 }, (_, i) => ({ sku: `E-${i}`, name: 'x', quantity: 1, best_before: day(3) }));
    await admin.ok(admin.post('/products/bulk', { items }));
    await until('all are told', async () => (await admin.total('/notifications?kind=expiring')) === 450);
    await sleep(2500);
    assert.equal(await admin.total('/notifications?kind=expiring'), 450);
  });
});
