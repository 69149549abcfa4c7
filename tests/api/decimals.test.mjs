// Money and quantities are exact from the request to the disk and back: random
// documents against a model in BigInt, units of 10⁻⁴.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { line, product, purchaseOrder, random } from '../lib/samples.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';
import { rmSync } from 'node:fs';

const MAX = 9223372036854775807n;
let server;
let admin;
let folder;

before(async () => {
  folder = tempFolder();
  server = await startServer({ data: folder });
  ({ admin } = await newOrganization(server));
});
after(async () => {
  await server.proveAndStop();
  rmSync(folder, { recursive: true });
});

const text = (units) => {
  const sign = units < 0n ? '-' : '';
  const digits = String(units < 0n ? -units : units).padStart(5, '0');
  return `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
};
const halfUp = (value, by) => (value * 2n + by) / (2n * by); // nothing here is negative
const cents = (units8) => halfUp(units8, 1_000_000n) * 100n; // from 10⁻⁸ to whole cents in 10⁻⁴

/** The body with every number as its text, as JSON.parse would round it. */
const exact = (body) => JSON.parse(body.replace(/([:[,])(-?\d+(?:\.\d+)?)(?=[,}\]])/g, '$1"$2"'));

function totals(lines, taxRate, discount) {
  const amounts = lines.map(({ q, p }) => cents(q * p));
  const subtotal = amounts.reduce((a, b) => a + b, 0n);
  const net = subtotal - discount;
  const tax = halfUp(net * taxRate, 100_000_000n) * 100n;
  return { amounts, subtotal, tax, total: net + tax };
}

/** As JSON a number has at most 15 digits; longer ones go as a string. */
function written(r, units) {
  const t = text(units);
  return t.replace(/\D/g, '').replace(/^0+/, '').length <= 15 && r.chance(0.5) ? t : `"${t}"`;
}

function randomUnits(r, digits) {
  let units = 0n;
  for (let n = 1 + r.below(digits); n > 0; n--) units = units * 10n + BigInt(r.below(10));
  return units;
}

test('the totals of 400 random orders are what a model in whole numbers says', async () => {
  const r = random(2026);
  for (let i = 0; i < 400; i++) {
    const lines = Array.from({ length: r.below(6) }, () => ({ q: randomUnits(r, 9) + 1n, p: randomUnits(r, 9) }));
    const tax = BigInt(r.pick([0, 50_000, 180_000, 73_125, r.below(1_000_001)]));
    const { subtotal } = totals(lines, tax, 0n);
    const discount = r.chance(0.4) ? BigInt(r.below(1000)) * subtotal / 1000n : 0n;
    const wanted = totals(lines, tax, discount);
    const body = `{"supplier_name":"S","tax_rate":${written(r, tax)},"discount_amount":${written(r, discount)},"line_items":[${
      lines.map(({ q, p }) => `{"material_code":"A","material_name":"A","quantity":${written(r, q)},"unit_price":${written(r, p)}}`)}]}`;
    const answer = await admin.post('/purchase-orders', body);
    assert.equal(answer.status, 201, `${body}\n${answer.text}`);
    const order = exact(answer.text);
    assert.deepEqual({
      amounts: order.line_items.map((l) => l.amount), subtotal: order.subtotal, tax: order.tax_amount, total: order.total_amount,
      quantities: order.line_items.map((l) => l.quantity), prices: order.line_items.map((l) => l.unit_price), discount: order.discount_amount,
    }, {
      amounts: wanted.amounts.map(text), subtotal: text(wanted.subtotal), tax: text(wanted.tax), total: text(wanted.total),
      quantities: lines.map(({ q }) => text(q)), prices: lines.map(({ p }) => text(p)), discount: text(discount),
    }, body);
  }
});

test('every decimal comes back as it was sent, also after the program was killed', async () => {
  const r = random(99);
  const edges = [0n, 1n, 9999n, 10_000n, MAX, MAX - 1n, 99_999_999_999_999n, 1_000_000_000_000_000n, 999_999_999_999_999_999n];
  const prices = [...edges, ...Array.from({ length: 300 }, () => { const u = randomUnits(r, 19); return u > MAX ? u % MAX : u; })];
  const items = prices.map((p, i) => `{"sku":"D${i}","name":"x","price":${written(r, p)}}`);
  const bulk = await admin.post('/products/bulk', `{"items":[${items}]}`);
  assert.equal(bulk.status, 200, bulk.text);
  await server.kill();
  await server.start();
  admin.url = server.url;
  const { items: got } = exact((await admin.get('/products?page_size=1000&ordering=id&fields=id,sku,price')).text);
  assert.deepEqual(got.map((p) => p.price), prices.map(text));
  const { text: csv } = await admin.get('/products/export?ordering=id&fields=price');
  assert.deepEqual(csv.trim().split('\r\n').slice(1), prices.map(text));
});

test('sums over many records stay exact', async () => {
  const { admin: fresh } = await newOrganization(server);
  let sum = 0n;
  const r = random(5);
  for (let i = 0; i < 40; i++) {
    const p = randomUnits(r, 15) / 100n * 100n;
    sum += p;
    await fresh.create('/purchase-orders', purchaseOrder({ tax_rate: 0, line_items: [line({ unit_price: text(p) })] }));
  }
  const stats = exact((await fresh.get('/purchase-orders/stats')).text);
  assert.equal(stats.total_amount, text(sum));
});

test('a total at the very end of the range is stored, one beyond is refused', async () => {
  const at = (unit_price, over) => admin.post('/purchase-orders', purchaseOrder({ tax_rate: 0, line_items: [line({ unit_price, ...over })] }));
  const most = await at('922337203685477.58');
  assert.equal(most.status, 201, most.text);
  assert.equal(exact(most.text).total_amount, '922337203685477.58');
  for (const answer of [await at('922337203685477.58', { quantity: 2 }), await admin.post('/purchase-orders', purchaseOrder({
    tax_rate: 0, line_items: [line({ unit_price: '922337203685477.58' }), line({ unit_price: '1' })] })),
  await admin.post('/purchase-orders', purchaseOrder({ tax_rate: 1, line_items: [line({ unit_price: '922337203685477.58' })] }))])
    assert.equal(answer.status, 422, answer.text);
  assert.equal((await admin.post('/products?dry_run=true', product({ price: '922337203685477.5807' }))).status, 201);
});
