// What people do on the generic pages, and what the server then has.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, openPage, signIn, startBrowser } from '../lib/browser.mjs';
import { login } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;
let admin;

before(async () => {
  server = await startServer({ flags: ['--demo'] });
  browser = await startBrowser();
  admin = await login(server, 'admin', 'millwright');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function asAdmin(options) {
  const opened = await openPage(browser, server, options);
  await signIn(opened.page, server, 'admin');
  return opened;
}

test('a record is made by keyboard, and what is wrong is said at its field', async () => {
  const { page, context } = await asAdmin();
  const { items: [taken] } = await admin.ok(admin.get('/products?page_size=1'));
  const before = await admin.total('/products');
  await go(page, '/products/create');
  await page.getByLabel('SKU').focus();
  await page.keyboard.type(taken.sku);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Made by keyboard');
  await page.keyboard.press('Enter');
  await page.locator('p.Mui-error').first().waitFor();
  assert.equal(await page.getByLabel('SKU').getAttribute('aria-invalid'), 'true');
  assert.equal(await admin.total('/products'), before);
  await page.getByLabel('SKU').fill('KEYBOARD-1');
  await page.keyboard.press('Enter');
  await page.waitForSelector('main h1:has-text("Made by keyboard")');
  assert.equal(await admin.total('/products'), before + 1);
  await context.close();
});

test('who has saved is on the record’s page; who leaves without saving is asked first', async () => {
  const { page, wrong, context } = await asAdmin();
  const { id } = await admin.create('/customers', { name: 'To be changed', city: 'Pune' });
  await go(page, `/customers/${id}`);
  await page.getByLabel('City', { exact: true }).fill('Mumbai');
  const question = page.waitForEvent('dialog');
  const leaving = page.getByRole('link', { name: 'Back without saving' }).click();
  await (await question).dismiss();
  await leaving;
  assert.equal(await page.getByLabel('City', { exact: true }).inputValue(), 'Mumbai');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForSelector(`main [data-path="/customers/${id}/show"] h1`);
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByText('Mumbai').first().waitFor();
  assert.equal((await admin.ok(admin.get(`/customers/${id}`))).city, 'Mumbai');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('who is late sees both versions, and keeps theirs or takes the other', async () => {
  const { page, context } = await asAdmin();
  const customer = await admin.create('/customers', { name: 'Two at once', city: 'Pune' });
  await go(page, `/customers/${customer.id}`);
  await page.getByLabel('City', { exact: true }).fill('Mumbai');
  await admin.ok(admin.patch(`/customers/${customer.id}`, { city: 'Delhi' }));
  await page.click('button[type=submit]');
  const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else has changed' });
  await conflict.waitFor();
  const row = conflict.getByRole('row').filter({ hasText: 'City' });
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['City', 'Pune', 'Mumbai', 'Delhi']);
  assert.equal((await admin.ok(admin.get(`/customers/${customer.id}`))).city, 'Delhi');
  await conflict.getByRole('button', { name: 'Save mine over theirs' }).click();
  await conflict.waitFor({ state: 'detached' });
  assert.equal((await admin.ok(admin.get(`/customers/${customer.id}`))).city, 'Mumbai');
  await context.close();
});

test('what moves stock shows what will happen before it does', async () => {
  const { page, wrong, context } = await asAdmin();
  const order = await admin.create('/sales-orders', { customer_name: 'Preview', line_items: [{ product_code: 'P', product_name: 'P', quantity: 3, unit_price: 10 }] });
  await go(page, `/sales-orders/${order.id}/show`);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('row').filter({ hasText: 'Status' }).filter({ hasText: 'Confirmed' }).waitFor();
  assert.equal((await admin.ok(admin.get(`/sales-orders/${order.id}`))).status, 'draft');
  await dialog.getByRole('button', { name: 'Confirm', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal((await admin.ok(admin.get(`/sales-orders/${order.id}`))).status, 'confirmed');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a step that can be taken back is taken back', async () => {
  const { page, wrong, context } = await asAdmin();
  const order = await admin.create('/work-orders', { description: 'Undo', status: 'in_progress' });
  await go(page, `/work-orders/${order.id}/show`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  assert.equal((await admin.ok(admin.get(`/work-orders/${order.id}`))).status, 'paused');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  assert.equal((await admin.ok(admin.get(`/work-orders/${order.id}`))).status, 'in_progress');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('what is wrong is said in the person’s language', async () => {
  const { page, context } = await asAdmin({ locale: 'de' });
  const { items: [taken] } = await admin.ok(admin.get('/products?page_size=1'));
  const before = await admin.total('/products');
  await go(page, '/products/create');
  await page.getByLabel('Artikelnummer').or(page.getByLabel('SKU')).first().fill(taken.sku);
  await page.getByLabel('Name', { exact: false }).first().fill('Noch einmal');
  await page.getByRole('button', { name: 'Anlegen' }).press('Enter');
  await page.locator('p.Mui-error').getByText('ist schon vergeben').waitFor();
  assert.equal(await admin.total('/products'), before);
  await context.close();
});

test('a list is found again by its address, in German, after a reload', async () => {
  const { page, wrong, context } = await asAdmin({ locale: 'de' });
  const { items: [{ status }] } = await admin.ok(admin.get('/sales-orders?page_size=1'));
  const filter = encodeURIComponent(JSON.stringify({ status__in: [status] }));
  await go(page, `/sales-orders?filter=${filter}`);
  const { total } = await admin.ok(admin.get(`/sales-orders?status=${status}&page_size=1`));
  await page.reload();
  await page.waitForSelector('main [data-path="/sales-orders"] h1:has-text("Kundenaufträge")');
  await page.getByText(new RegExp(`von ${total}$`)).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.deepEqual(wrong, []);
  await context.close();
});
