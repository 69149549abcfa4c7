// A code that was scanned: what it is, and what can be done with it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';
import { Store } from '../lib/stock.mjs';

let server;
let organization;
let admin;
let store;
let yarn;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  store = new Store(admin);
  yarn = await store.product({ sku: 'YARN-40S', name: 'Yarn', barcode: '8901030865278' });
});
after(() => server.proveAndStop());

const scan = async (code, client = admin) => (await client.ok(client.get(`/scan/${encodeURIComponent(code)}`))).matches;
const short = (matches) => matches.map((m) => [m.resource, m.id, m.display]);

describe('a scanned code', () => {
  test('is a product by its barcode or SKU', async () => {
    for (const code of ['8901030865278', 'YARN-40S']) {
      const matches = await scan(code);
      assert.deepEqual(short(matches), [['products', yarn.id, 'Yarn']]);
      const [{ record, actions, links }] = matches;
      assert.deepEqual(record, await store.read(yarn));
      assert.deepEqual([actions, links.self, links.ledger], [[], `/api/v1/products/${yarn.id}`, `/api/v1/products/${yarn.id}/ledger`]);
      assert.equal((await admin.get(links.ledger)).status, 200);
    }
  });

  test('once, when barcode and SKU are the same', async () => {
    const p = await store.product({ sku: '4006381333931', barcode: '4006381333931' });
    assert.deepEqual(short(await scan('4006381333931')), [['products', p.id, p.name]]);
  });

  test('is a lot, a serial number or a place', async () => {
    const [a, b] = [await store.product({ tracking: 'lot' }), await store.product({ tracking: 'serial' })];
    await store.receive(a, 5, 1, { lot: 'L-77' });
    await store.receive(b, 1, 1, { lot: 'L-77' });
    const lots = await scan('L-77');
    assert.deepEqual(lots.map((m) => [m.resource, m.display, m.record.product_id]).sort(), [['lots', 'L-77', a.id], ['lots', 'L-77', b.id]]);
    const shelf = await store.location({ name: 'Shelf A3', code: 'WH-A3' });
    const [place] = await scan('WH-A3');
    assert.deepEqual([place.resource, place.id, place.links['stock-levels']], ['locations', shelf.id, `/api/v1/locations/${shelf.id}/stock-levels`]);
    assert.equal((await scan('WH'))[0].resource, 'warehouses');
  });

  test('is a document by its number, with what can be done in its state', async () => {
    const order = await admin.create('/purchase-orders', purchaseOrder());
    const [draft] = await scan(order.po_number);
    assert.deepEqual([draft.resource, draft.id, draft.record.status], ['purchase-orders', order.id, 'draft']);
    assert.ok(draft.actions.includes('approve') && !draft.actions.includes('receive'), draft.actions.join());
    await admin.ok(admin.post(draft.links.approve));
    const [approved] = await scan(order.po_number);
    assert.ok(approved.actions.includes('receive') && !approved.actions.includes('approve'), approved.actions.join());
    for (const [path, body, field] of [['sales-orders', salesOrder(), 'so_number'], ['work-orders', workOrder(), 'wo_number']]) {
      const made = await admin.create(`/${path}`, body);
      assert.deepEqual((await scan(made[field])).map((m) => [m.resource, m.id]), [[path, made.id]]);
    }
    const sheet = await store.product({ quantity: 5, price: 3 });
    const sale = await admin.create('/sales', { product_id: sheet.id });
    const [sold] = await scan(sale.sale_number);
    assert.deepEqual([sold.resource, sold.id, sold.actions], ['sales', sale.id, ['refund']]);
  });

  test('may be several things at once', async () => {
    const p = await store.product({ sku: 'TWIN' });
    const place = await store.location({ code: 'TWIN' });
    assert.deepEqual((await scan('TWIN')).map((m) => [m.resource, m.id]), [['products', p.id], ['locations', place.id]]);
  });

  test('is taken as it is printed, percent-decoded once', async () => {
    for (const sku of ['A/B 1', 'Ä-50%', '100%25', '(01)0890', '7', '..', 'stats', "O'Neil"]) {
      const p = await store.product({ sku });
      assert.deepEqual((await scan(sku)).map((m) => m.id), [p.id], sku);
    }
    assert.deepEqual(short(await scan('YARN-40S')), short((await admin.ok(admin.get('/scan/YARN-40S/'))).matches));
  });

  test('costs one statement for each field that may hold it', async () => {
    assert.ok((await admin.get('/scan/YARN-40S')).statements <= 12);
  });
});

describe('a code that is nothing', () => {
  const words = (answer) => answer.text.replace(/"(request_id|timestamp)":"[^"]*"/g, '');

  test('is the same 404, whatever it looks like', async () => {
    const first = await admin.get('/scan/NOTHING');
    isProblem(first, 404, 'not_found');
    for (const code of ['nothing', '1', 'x'.repeat(128), 'x'.repeat(129), 'y'.repeat(4000), '%00', '%ff', '%', '%2', '%20', 'a/b', '%E2%82%AC', 'YARN', 'YARN-40S%20x', 'yarn-40s', '%25', '*', '%27%20OR%201=1'])
      assert.equal(words(await admin.get(`/scan/${code}`)), words(first), code);
  });

  test('is one that the caller may not see', async () => {
    const never = words(await admin.get('/scan/NOTHING'));
    const other = await newOrganization(server);
    assert.equal(words(await other.admin.get('/scan/YARN-40S')), never);
    assert.equal(words(await other.admin.get('/scan/8901030865278')), never);
    const salesperson = await organization.addUser('salesperson');
    const place = await store.location({ code: 'HIDDEN' });
    assert.equal(words(await salesperson.get(`/scan/${place.code}`)), never);
    assert.equal((await scan('YARN-40S', salesperson))[0].links.ledger, undefined);
    // Their own orders only.
    const [theirs, foreign] = [await salesperson.create('/sales-orders', salesOrder()), await admin.create('/sales-orders', salesOrder())];
    assert.equal(words(await salesperson.get(`/scan/${foreign.so_number}`)), never);
    assert.equal((await scan(theirs.so_number, salesperson))[0].id, theirs.id);
  });

  test('needs a signed-in caller, a code, and GET', async () => {
    isProblem(await admin.with({ Authorization: '' }).get('/scan/YARN-40S'), 401);
    isProblem(await admin.get('/scan'), 404);
    isProblem(await admin.get('/scan/'), 404);
    const post = await admin.post('/scan/YARN-40S', {});
    isProblem(post, 405);
    assert.equal(post.headers.allow, 'GET');
    isProblem(await admin.get('/scan/YARN-40S?x=1'), 400);
  });
});

test('actions are those that the caller may do', async () => {
  const order = await admin.create('/purchase-orders', purchaseOrder());
  const viewer = await organization.addUser('viewer');
  const operator = await organization.addUser('operator');
  assert.deepEqual((await scan(order.po_number, viewer))[0].actions, []);
  assert.deepEqual((await scan(order.po_number, operator))[0].actions, []);
  const own = await operator.create('/purchase-orders', purchaseOrder());
  assert.ok((await scan(own.po_number, operator))[0].actions.includes('approve'));
});
