// Receiving and shipping by scan, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, assertFits, DESKTOP, openAt, PHONE, picture, scan, startBrowser, startShop } from '../lib/browser.mjs';

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

const open = (route, options) => openAt(browser, shop, route, options);
const line = (page, name) => page.getByRole('list', { name: 'Lines of the order' }).getByRole('listitem').filter({ hasText: name });
const expected = (wrong, ...allowed) => assert.deepEqual(wrong.filter((w) => !allowed.some((a) => a.test(w))), []);

test('a delivery is scanned line by line, previewed and received', async () => {
  const [yarn, dye] = [await shop.product({ name: 'Cotton yarn', barcode: '4006381333955' }), await shop.product({ name: 'Indigo dye' })];
  const order = await shop.books.purchaseOrder([[yarn, 3, 4], [dye, 2, 9]], { due_date: '2027-01-15' });
  const { page, wrong, context } = await open('/goods/receive');
  await page.getByRole('button', { name: order.po_number }).waitFor();
  await accessible(page, 'orders that wait');
  await picture(page, 'receive-waiting');
  await page.getByLabel('Number of the order, or whose it is').fill(order.po_number);
  await page.keyboard.press('Enter');
  await line(page, 'Cotton yarn').waitFor();
  for (let i = 0; i < 2; i++) {
    await scan(page, yarn.barcode);
    await page.waitForFunction((n) => window.document.querySelector('[aria-label="Quantity of Cotton yarn"]').value === String(n), i + 1);
  }
  await page.getByLabel('Quantity of Indigo dye').fill('2');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByText('The order is then').waitFor();
  assert.equal(await shop.admin.total(`/stock-moves?source_id=${order.id}`), 0, 'a preview moves nothing');
  await picture(page, 'receive-preview');
  await accessible(page, 'what will happen');
  await page.getByRole('button', { name: 'Receive', exact: true }).click();
  await page.waitForFunction(() => window.document.querySelector('[aria-label="Quantity of Cotton yarn"]').value === '');
  const after = await shop.books.read('purchase-orders', order.id);
  assert.deepEqual([after.receipt_status, ...after.line_items.map((l) => l.received_quantity)], ['partial', 2, 2]);
  assert.deepEqual(await shop.books.stock(yarn), [2, 0, 2, 8]);
  expected(wrong);
  await context.close();
});

test('more than was ordered is refused with the allowed figure at the line, on a phone', async () => {
  const [yarn, dye] = [await shop.product({ name: 'Linen yarn' }), await shop.product({ name: 'Madder dye' })];
  const order = await shop.books.purchaseOrder([[dye, 5], [yarn, 3]]);
  const { page, wrong, context } = await open(`/goods/receive?order=${order.id}`, { viewport: PHONE, theme: 'dark' });
  await page.getByLabel('Quantity of Linen yarn').fill('4');
  await line(page, 'Linen yarn').getByText('1 more than is outstanding').waitFor();
  await page.getByLabel('Quantity of Madder dye').fill('5');
  const state = await shop.books.state();
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await line(page, 'Linen yarn').getByText('at most 3 can be received').waitFor();
  assert.equal(await line(page, 'Madder dye').getByRole('alert').count(), 0);
  assert.deepEqual(await shop.books.state(), state);
  await assertFits(page, 'receiving on a phone');
  await accessible(page, 'a refused receipt');
  await picture(page, 'receive-refused-phone', { fullPage: true });
  expected(wrong, /409/);
  await context.close();
});

test('what is kept by lot or serial number is received with them', async () => {
  const [milk, watch] = [await shop.product({ name: 'Milk', tracking: 'lot' }), await shop.product({ name: 'Watch', tracking: 'serial' })];
  const order = await shop.books.purchaseOrder([[milk, 10, 1], [watch, 2, 50]]);
  const { page, wrong, context } = await open(`/goods/receive?order=${order.id}`);
  await line(page, 'Milk').getByRole('button', { name: 'Add a lot' }).click();
  await page.getByLabel('Quantity of Milk').fill('10');
  await line(page, 'Milk').getByRole('textbox', { name: 'Lot' }).fill('LOT-77');
  await line(page, 'Milk').getByLabel('Best before').fill('2027-06-30');
  for (const n of ['SN-810001', 'SN-810002']) {
    await scan(page, watch.sku);
    await page.getByText('now scan its lot or serial number').waitFor();
    await scan(page, n);
    await page.getByText(`Lot ${n} noted`).waitFor();
  }
  await picture(page, 'receive-lots');
  await accessible(page, 'lots and serial numbers');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByText('The order is then').waitFor();
  await page.getByRole('button', { name: 'Receive', exact: true }).click();
  await page.getByText('In its present state nothing of it can be received.').waitFor();
  const { items } = await shop.admin.ok(shop.admin.get('/lots?ordering=name'));
  assert.deepEqual(items.map((l) => [l.name, l.best_before]), [['LOT-77', '2027-06-30'], ['SN-810001', null], ['SN-810002', null]]);
  expected(wrong, /404: GET .*\/scan\//, /status of 404/);
  await context.close();
});

test('an order is shipped as far as it is reserved', async () => {
  const yarn = await shop.goods({ name: 'Silk yarn', quantity: 4 });
  const order = await shop.books.salesOrder([[yarn, 6]]);
  const { page, wrong, context } = await open(`/goods/ship?order=${order.id}`);
  await page.getByLabel('Quantity of Silk yarn').fill('5');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await line(page, 'Silk yarn').getByText('at most 4 can be shipped').waitFor();
  await page.getByRole('button', { name: 'All that is reserved' }).click();
  assert.equal(await page.getByLabel('Quantity of Silk yarn').inputValue(), '4');
  await page.getByRole('button', { name: 'What will happen?' }).click();
  await page.getByText('The order is then').waitFor();
  await accessible(page, 'shipping');
  await picture(page, 'ship-preview');
  await page.getByRole('button', { name: 'Ship', exact: true }).click();
  await page.getByLabel('Lines of the order').getByText('Shipped').waitFor();
  await page.waitForFunction(() => window.document.querySelector('[aria-label="Quantity of Silk yarn"]').value === '');
  const after = await shop.books.read('sales-orders', order.id);
  assert.deepEqual([after.delivery_status, after.line_items[0].shipped_quantity], ['partial', 4]);
  expected(wrong, /409/);
  await context.close();
});

test('one line of a delivered order is taken back from the order’s page, on a phone', async () => {
  const [wool, silk] = [await shop.goods({ name: 'Wool yarn' }), await shop.goods({ name: 'Silk thread' })];
  const order = await shop.books.salesOrder([[wool, 4], [silk, 6]]);
  await shop.admin.ok(shop.admin.post(`/sales-orders/${order.id}/ship`));
  const { page, wrong, context } = await open(`/sales-orders/${order.id}/show`, { viewport: PHONE, theme: 'dark' });
  await page.getByRole('button', { name: 'Return', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Return' });
  await dialog.getByRole('row', { name: /Silk thread/ }).getByLabel('Quantity').fill('2');
  await dialog.getByLabel('Reason').fill('Wrong shade');
  await dialog.getByRole('row', { name: /Line 1 · / }).first().waitFor({ state: 'detached' }); // at first it is all of it
  await dialog.getByRole('row', { name: /Line 2 · Returned quantity/ }).waitFor();
  await accessible(page, 'the return');
  await assertFits(page, 'the return on a phone');
  await picture(page, 'return-phone');
  await page.setViewportSize(DESKTOP);
  await picture(page, 'return-desk');
  await dialog.getByRole('button', { name: 'Return' }).click();
  await dialog.waitFor({ state: 'detached' });
  const after = await shop.books.read('sales-orders', order.id);
  assert.deepEqual(after.line_items.map((l) => l.returned_quantity), [0, 2]);
  expected(wrong);
  await context.close();
});

test('what an action asks for is chosen, not typed, and nothing is called wrong before it is asked', async () => {
  const customer = await shop.admin.create('/customers', { name: 'Hotel Sagar' });
  const deal = await shop.admin.create('/deals', { title: 'Curtains', customer_id: customer.id, value: 5 });
  const { page, wrong, context } = await open(`/deals/${deal.id}/show`);
  await page.getByRole('button', { name: 'Mark lost' }).click();
  await page.getByText('Fill in what has a star first.').waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('alert').count(), 0);
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Move stage' }).click();
  await page.getByRole('combobox', { name: 'Stage' }).click();
  await page.getByRole('option', { name: 'Proposal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Move stage' }).click({ trial: true }); // once it is known what will happen
  await accessible(page, 'moving a deal');
  await page.getByRole('dialog').getByRole('button', { name: 'Move stage' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal((await shop.books.read('deals', deal.id)).stage_name, 'Proposal');
  expected(wrong);
  await context.close();
});
