// Reorder proposals, inventory alerts and the stock's value, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, assertFits, go, idle, openAt, PHONE, picture, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;
let admin;

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
  ({ admin } = shop);
  await admin.ok(admin.patch('/system-settings', { currency_code: 'INR' }));
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

const open = (route, options) => openAt(browser, shop, route, options);

test('proposals become draft orders in one go, but for what is left out', async () => {
  const vendor = await admin.create('/vendors', { name: 'Kiran Yarns' });
  const low = (name, over) => shop.product({ name, reorder_minimum: 10, reorder_maximum: 25, quantity: 4, cost: 3, ...over });
  const [a, b] = [await low('Yarn A', { preferred_vendor_id: vendor.id }), await low('Yarn B', { preferred_vendor_id: vendor.id })];
  const nobody = await low('Yarn N');
  const { page, wrong, context } = await open('/stock/reorder');
  const row = (name) => page.getByRole('row', { name: new RegExp(name) });
  await row('Yarn A').waitFor();
  await page.getByRole('checkbox', { name: 'Order: Yarn B' }).press('Space');
  await accessible(page, 'reorder proposals');
  await picture(page, 'reorder');
  await page.getByRole('button', { name: 'Make draft orders (2)' }).press('Enter');
  await page.getByText(`${nobody.sku}: has no preferred vendor`).waitFor();
  const { items: orders } = await admin.ok(admin.get('/purchase-orders?expand=lines'));
  assert.deepEqual(orders.map((o) => [o.status, o.supplier_name, o.line_items.map((l) => [l.product_id, l.quantity])]), [['draft', 'Kiran Yarns', [[a.id, 21]]]]);
  await row('Yarn A').getByRole('cell', { name: '21 pcs' }).first().waitFor(); // in a draft now
  await page.getByRole('link', { name: orders[0].po_number }).click();
  await page.waitForSelector(`main [data-path="/purchase-orders/${orders[0].id}/show"]`);
  await idle(page);
  assert.equal((await admin.ok(admin.get('/reorder-proposals'))).items.find((p) => p.product_id === b.id).in_draft, 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('alerts are narrowed by what is the matter; the stock’s value is told by day, place and category', async () => {
  await shop.product({ name: 'Gone', low_stock_threshold: 5, category: 'Dyes' });
  const scarce = await shop.product({ name: 'Scarce', low_stock_threshold: 5, quantity: 2, cost: 10, category: 'Dyes' });
  const { page, wrong, context } = await open('/stock/alerts');
  await page.getByRole('link', { name: 'Gone' }).waitFor();
  await page.getByRole('button', { name: /^low/ }).click();
  await page.getByRole('link', { name: 'Gone' }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Scarce/ }).waitFor();
  await accessible(page, 'inventory alerts');
  await picture(page, 'alerts');
  const { total_value: value } = await admin.ok(admin.get('/reports/stock-valuation?category=Dyes'));
  assert.equal(value, 20);
  await go(page, '/stock/valuation?category=Dyes');
  await page.getByText('₹20.00').first().waitFor();
  await page.getByLabel('At the end of').fill('2020-01-01');
  await page.getByText('No stock', { exact: true }).waitFor();
  await page.getByLabel('At the end of').fill('');
  await page.getByRole('row', { name: /Scarce/ }).waitFor();
  await accessible(page, 'the value of the stock');
  await page.getByRole('link', { name: 'Scarce' }).click();
  await page.waitForSelector(`main [data-path="/products/${scarce.id}/show"] h1`);
  await page.goBack();
  await page.getByRole('row', { name: /Scarce/ }).waitFor();
  await page.setViewportSize(PHONE);
  await assertFits(page, 'the value of the stock');
  await picture(page, 'valuation-phone', { fullPage: true });
  assert.deepEqual(wrong, []);
  await context.close();
});
