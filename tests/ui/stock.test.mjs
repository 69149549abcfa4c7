// The stock card of a product, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, assertFits, openAt, PHONE, picture, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

async function card(product, options) {
  const all = await openAt(browser, shop, `/products/${product.id}/show?tab=stock`, options);
  await all.page.getByRole('region', { name: 'Ledger' }).last().waitFor();
  return all;
}
const ledger = (page) => page.getByRole('region', { name: 'Ledger' }).last().locator('tbody tr');

test('it says how much is where, with every posting, its balance and a chart', async () => {
  const product = await shop.goods({ name: 'Cotton yarn', quantity: 40 });
  for (let i = 0; i < 29; i++) await shop.admin.create('/stock-moves', { kind: i % 3 ? 'scrap' : 'receipt', product_id: product.id, quantity: 1 + (i % 2) });
  const { page, wrong, context } = await card(product);
  await ledger(page).nth(24).waitFor();
  const { items, total } = await shop.admin.ok(shop.admin.get(`/products/${product.id}/ledger?usage=internal&ordering=-effective_at,-order_id&page_size=1000`));
  assert.equal(total, 30);
  assert.equal(await ledger(page).nth(0).locator('td').nth(6).innerText(), String(items[0].product_quantity));
  assert.equal(String((await shop.books.stock(product))[0]), String(items[0].product_quantity));
  await page.getByRole('img', { name: /^Balance of Cotton yarn/ }).locator('svg path').first().waitFor({ state: 'attached' });
  await accessible(page, 'the stock card');
  await picture(page, 'stock-card', { fullPage: true });
  await page.getByRole('button', { name: 'Go to next page' }).click();
  await page.waitForFunction(() => window.document.querySelectorAll('[aria-label="Ledger"] tbody tr').length === 5);
  assert.equal(await ledger(page).nth(4).locator('td').nth(6).innerText(), '40', 'the first posting is the last row');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a count, a transfer and scrap are shown before they are posted, and refused with the figure', async () => {
  const product = await shop.goods({ name: 'Linen', quantity: 20 });
  const shelf = await shop.books.location({ name: 'Shelf A3' });
  const { page, wrong, context } = await card(product, { viewport: PHONE, theme: 'dark' });
  await assertFits(page, 'the stock card on a phone');
  await accessible(page, 'the stock card on a phone');
  await picture(page, 'stock-card-phone', { fullPage: true });
  await page.getByRole('button', { name: 'Count', exact: true }).click();
  await page.getByLabel('Counted').fill('18');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByText('Stock → Inventory loss').waitFor();
  assert.equal((await shop.books.stock(product))[0], 20, 'only asked');
  await accessible(page, 'a count');
  await picture(page, 'stock-count');
  await page.getByRole('button', { name: 'Post it' }).click();
  await page.getByText('Posted').waitFor();
  await page.waitForFunction(() => window.document.querySelectorAll('[aria-label="Ledger"] tbody tr').length === 2);
  assert.equal((await shop.books.stock(product))[0], 18);
  await page.getByRole('button', { name: 'Transfer', exact: true }).click();
  await page.getByRole('combobox', { name: 'To', exact: true }).fill('Shelf');
  await page.getByRole('option', { name: /Shelf A3/ }).click();
  await page.getByLabel('Quantity').fill('19');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByText('only 18 pcs of').waitFor();
  await page.getByLabel('Quantity').fill('5');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByRole('button', { name: 'Post it' }).click();
  await page.getByRole('region', { name: 'Where it is' }).last().getByText('Shelf A3').waitFor();
  assert.equal((await shop.books.places(product))[shelf.id], 5);
  assert.ok(wrong.every((w) => /409/.test(w)), wrong.join('\n'));
  await context.close();
});
