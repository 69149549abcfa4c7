// Many sell at once: nothing is sold twice, and the books are right.
// MILLWRIGHT_LOAD_MS for a longer crowd, LOAD_SEED for another.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, journalIsWhole, numbersAreRight, verifies } from '../lib/books.mjs';
import { isProblem } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { Counter } from '../lib/counter.mjs';
import { scaled } from '../lib/scale.mjs';
import { Shop } from '../lib/shop.mjs';
import { startServer } from '../lib/server.mjs';

const CLIENTS = 64;
const MILLISECONDS = Number(process.env.MILLWRIGHT_LOAD_MS ?? 3000);
const SEED = Number(process.env.LOAD_SEED ?? 3);
const STOCK = scaled(100);

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const together = (n, attempt) => Promise.all(Array.from({ length: n }, (_, i) => attempt(i)));
const count = (answers, status) => answers.filter((a) => a.status === status).length;
const yearOf = (number) => number.slice(0, number.lastIndexOf('-') + 1);

describe('a contest', () => {
  let admin;
  let shop;
  before(async () => {
    ({ admin } = await newOrganization(server));
    shop = new Shop(admin);
  });

  test(`of ${STOCK * 5} who want one of ${STOCK} pieces, exactly ${STOCK} get it`, async () => {
    const sheet = await shop.goods();
    await shop.purchaseOrder([[sheet, STOCK, 3.33]], { status: 'received' });
    const answers = await together(STOCK * 5, () => admin.post('/sales', { product_id: sheet.id, quantity: 1 }));
    assert.deepEqual([count(answers, 201), count(answers, 409)], [STOCK, STOCK * 4]);
    for (const lost of answers.filter((a) => a.status === 409))
      assert.equal(isProblem(lost, 409, 'conflict').detail, `only 0 pcs of ${sheet.sku} are available`);
    assert.deepEqual(await shop.stock(sheet), [0, 0, 0, 0]);
    assert.equal((await all(admin, `/stock-moves?product_id=${sheet.id}&kind=delivery`)).length, STOCK);
    assert.equal(await admin.total('/payments'), STOCK);
    const [first] = await all(admin, '/sales');
    assert.equal(await numbersAreRight(admin, 'sales', 'sale_number', yearOf(first.sale_number)), STOCK, 'who lost took no number');
    await verifies(server);
  });

  test('for the last pieces of an order’s reservation ships each once', async () => {
    const sheet = await shop.goods(10);
    const order = await shop.salesOrder([[sheet, 10]]);
    const body = { lines: [{ line_id: order.line_items[0].id, quantity: 1 }] };
    const answers = await together(40, () => admin.post(`/sales-orders/${order.id}/ship`, body));
    assert.deepEqual([count(answers, 200), count(answers, 409)], [10, 30]);
    assert.deepEqual(await shop.stock(sheet), [0, 0, 0, 0]);
    const now = await shop.read('sales-orders', order.id);
    assert.deepEqual([now.status, now.delivery_status], ['shipped', 'full']);
  });

  test('to receive, sell, order, cancel and send back one product keeps within what there is', async () => {
    const sheet = await shop.goods(20);
    const purchase = await shop.purchaseOrder([[sheet, 20]]);
    const open = await shop.salesOrder([[sheet, 10]]);
    const answers = await together(120, (i) => {
      if (i === 30) return admin.post(`/purchase-orders/${purchase.id}/receive`);
      if (i === 60) return admin.post(`/sales-orders/${open.id}/cancel`);
      if (i % 4 === 3) return admin.post(`/purchase-orders/${purchase.id}/return`, { lines: [{ line_id: purchase.line_items[0].id, quantity: 1 }] });
      return admin.post('/sales', { product_id: sheet.id });
    });
    for (const a of answers) assert.ok([200, 201, 409].includes(a.status), a.text);
    const sales = count(answers, 201);
    const returns = answers.filter((a, i) => i % 4 === 3 && a.status === 200).length;
    assert.equal((await shop.stock(sheet))[0], 40 - sales - returns);
    assert.equal((await shop.stock(sheet))[2], 40 - sales - returns);
  });

  test('to refund one sale pays it back once', async () => {
    const sheet = await shop.goods(10);
    const sale = await admin.create('/sales', { product_id: sheet.id, quantity: 5 });
    const piece = { lines: [{ line_id: sale.lines[0].id, quantity: 1 }] };
    const answers = await together(32, () => admin.post(`/sales/${sale.id}/refund`, piece));
    assert.deepEqual([count(answers, 200), count(answers, 409)], [5, 27]);
    const paid = await all(admin, `/payments?source_id=${sale.id}`);
    assert.deepEqual(paid.map((p) => p.amount), [50, 10, 10, 10, 10, 10]);
    assert.deepEqual(await shop.stock(sheet), [10, 0, 10, 60]);
  });
});

test(`${CLIENTS} clients that sell, refund, receive, order, ship and cancel ten products at random leave books that are right (seed ${SEED})`, async (t) => {
  const { admin } = await newOrganization(server);
  const shop = new Shop(admin);
  const products = await together(10, () => shop.goods(20, { cost: 3.3333 }));
  const counter = new Counter(products, SEED);
  const load = counter.run(new Client(server, admin.headers), CLIENTS);
  await Promise.race([sleep(MILLISECONDS), load]);
  counter.over = true;
  await load;
  t.diagnostic(JSON.stringify(counter.counts));
  for (const [what, n] of Object.entries(counter.counts)) assert.ok(n > 0, `nothing was ${what}`);
  const { sales, payments } = await counter.check(admin);
  assert.equal(await numbersAreRight(admin, 'sales', 'sale_number', yearOf(sales[0].sale_number)), counter.counts.sold);
  assert.equal(await numbersAreRight(admin, 'payments', 'payment_number', yearOf(payments[0].payment_number)), payments.length);
  await journalIsWhole(admin);
  await verifies(server);
});
