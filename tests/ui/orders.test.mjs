// Orders written with the keyboard alone, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, assertFits, go, idle, openAt, PHONE, picture, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
  await shop.admin.ok(shop.admin.patch('/system-settings', { tax_rate: 18, currency_code: 'INR' }));
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

const open = (route, options) => openAt(browser, shop, route, options);
const cell = (page, label, n) => page.getByLabel(`${label}, line ${n}`, { exact: true });
const digits = (text) => Number(text.replace(/[^\d.-]/g, ''));
const sum = async (page, label) => digits(await page.getByLabel('Totals').locator('dt', { hasText: label }).locator('xpath=following-sibling::dd[1]').innerText());
const newest = async (resource) => {
  const { items: [{ id }] } = await shop.admin.ok(shop.admin.get(`/${resource}?ordering=-id&page_size=1`));
  return shop.books.read(resource, id);
};
const onFocus = (page) => page.evaluate(() => window.document.activeElement.getAttribute('aria-label'));

test('a sales order from the keyboard alone', async () => {
  const { admin } = shop;
  const customer = await admin.create('/customers', { name: 'Meridian Garments' });
  const [yarn, dye] = [await shop.goods({ name: 'Cotton yarn 40s', price: 12.345, quantity: 50 }), await shop.goods({ name: 'Indigo dye', price: 99.99, quantity: 5 })];
  const { page, wrong, context } = await open('/sales-orders/create');
  await page.getByRole('combobox', { name: 'Customer' }).focus();
  await page.keyboard.type('Meridian');
  await page.getByRole('option', { name: /Meridian Garments/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await cell(page, 'Product code', 1).focus();
  await page.keyboard.type('cotton y');
  await page.getByRole('option', { name: /Cotton yarn 40s/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.document.activeElement.getAttribute('aria-label') === 'Quantity, line 1');
  await page.keyboard.type('33.3333');
  await page.keyboard.press('Enter');
  assert.equal(await onFocus(page), 'Unit price, line 1');
  assert.equal(await cell(page, 'Unit price', 1).inputValue(), '12.345');
  assert.equal(await cell(page, 'Product name', 1).inputValue(), 'Cotton yarn 40s');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.document.activeElement.getAttribute('aria-label') === 'Product code, line 2');
  await page.keyboard.type(dye.sku);
  await page.getByRole('option', { name: /Indigo dye/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.document.activeElement.getAttribute('aria-label') === 'Quantity, line 2');
  await page.keyboard.type('7');
  await page.getByText('5 available').waitFor();
  await page.keyboard.press('ArrowUp');
  await page.waitForFunction(() => window.document.activeElement.getAttribute('aria-label') === 'Quantity, line 1');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.document.activeElement.getAttribute('aria-label') === 'Product code, line 3');
  // A line too much, and one taken out again.
  await page.keyboard.press('Escape');
  await picture(page, 'order-new');
  await accessible(page, 'a new sales order');
  const shown = [await sum(page, 'Subtotal'), await sum(page, 'Tax 18'), await sum(page, /^Total$/)];
  await page.keyboard.press('Control+Delete');
  await cell(page, 'Product code', 3).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Create' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/sales-orders\/\d+\/show/);
  const order = await newest('sales-orders');
  assert.equal(order.customer_id, customer.id);
  assert.deepEqual(order.line_items.map((l) => [l.product_code, l.quantity, l.unit_price, l.product_id]), [[yarn.sku, 33.3333, 12.345, yarn.id], [dye.sku, 7, 99.99, dye.id]]);
  assert.deepEqual(shown, [order.subtotal, order.tax_amount, order.total_amount], 'what the page adds up is what the server adds up');
  assert.equal(order.tax_rate, 18);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('what the server refuses is shown at its cell, and nothing is stored', async () => {
  const { page, wrong, context } = await open('/purchase-orders/create');
  const orders = await shop.admin.total('/purchase-orders');
  await cell(page, 'Material code', 1).fill('FREE-1');
  await cell(page, 'Material name', 1).fill('Something');
  await cell(page, 'Quantity', 1).fill('0');
  await cell(page, 'Unit price', 1).fill('1.00001');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('must be above zero').waitFor();
  await page.getByText('must be a number with at most four decimals').waitFor();
  await cell(page, 'Quantity', 1).fill('900000000000');
  await cell(page, 'Unit price', 1).fill('900000000000');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('alert').first().waitFor();
  await idle(page);
  assert.equal(await shop.admin.total('/purchase-orders'), orders);
  await accessible(page, 'a refused order');
  await picture(page, 'order-refused');
  assert.ok(wrong.every((w) => /422/.test(w)), wrong.join('\n'));
  await context.close();
});

test('a draft is changed on a phone; an approved one only where it may', async () => {
  const yarn = await shop.goods({ name: 'Wool yarn', cost: 4 });
  const draft = await shop.books.purchaseOrder([[yarn, 10, 4], ['DYE', 2, 30]], { status: 'draft' });
  const { page, wrong, context } = await open(`/purchase-orders/${draft.id}`, { viewport: PHONE, theme: 'dark' });
  await assertFits(page, 'an order on a phone');
  await cell(page, 'Quantity', 1).fill('12');
  await page.getByRole('button', { name: 'Remove line 2' }).click();
  await accessible(page, 'an order on a phone');
  await picture(page, 'order-phone', { fullPage: true });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await page.waitForSelector(`main [data-path="/purchase-orders/${draft.id}/show"] h1`);
  const changed = await shop.books.read('purchase-orders', draft.id);
  assert.deepEqual(changed.line_items.map((l) => [l.material_code, l.quantity]), [[yarn.sku, 12]]);
  await shop.admin.ok(shop.admin.post(`/purchase-orders/${draft.id}/approve`));
  await page.reload();
  await page.waitForSelector('main h1');
  await go(page, `/purchase-orders/${draft.id}`);
  assert.ok(await cell(page, 'Quantity', 1).isDisabled());
  assert.ok(await page.getByLabel('Notes').isEnabled());
  assert.deepEqual(wrong, []);
  await context.close();
});
