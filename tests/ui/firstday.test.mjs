// From an empty database to the figures on the home page, by clicks and keys alone: what a small company does on its
// first day. How many of them each step takes is printed: a step that grows has become awkward.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertFits, idle, openPage, PHONE, picture, startBrowser } from '../lib/browser.mjs';
import { PASSWORD } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ flags: ['--jobs-every', '3600'], env: { MILLWRIGHT_REGISTRATION: 'closed' } });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.proveAndStop();
});

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const button = (page, name) => page.getByRole('button', { name, exact: true });
const menu = async (page, name, title = name) => {
  await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name, exact: true }).click();
  await heading(page, title);
};
const home = (page) => menu(page, 'Home', 'Welcome, Asha Rao');
const create = async (page, name) => {
  await page.getByRole('link', { name: 'New', exact: true }).first().click();
  await heading(page, `New: ${name}`);
};
const cell = (page, label, n) => page.getByLabel(`${label}, line ${n}`, { exact: true });
const figure = async (page, label) => (await page.locator('main a', { hasText: label }).first().innerText()).split('\n')[1];

/** Counts what a person would do: clicks, and fields that are filled. */
function counting(page, t) {
  const counts = {};
  let now;
  const { prototype } = page.locator('main').constructor;
  for (const name of ['click', 'fill']) {
    const act = prototype[name];
    prototype[name] = function counted(...args) {
      counts[now] = (counts[now] ?? 0) + 1;
      return act.apply(this, args);
    };
  }
  return {
    step: (name) => { now = name; },
    tell: () => t.diagnostic(`clicks and entries: ${Object.entries(counts).map(([k, v]) => `${k} ${v}`).join(', ')}`),
  };
}

/** A code typed into a line of an order, and the product that is offered for it. */
async function line(page, n, { code, label = 'Product code', sku, quantity, price }) {
  await cell(page, label, n).click();
  await page.keyboard.type(code);
  await page.getByRole('option', { name: new RegExp(sku) }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForFunction((l) => window.document.activeElement.getAttribute('aria-label') === l, `Quantity, line ${n}`);
  await page.keyboard.type(quantity);
  if (price) await cell(page, 'Unit price', n).fill(price);
}

async function choose(page, label, text) {
  await page.getByRole('combobox', { name: label }).click();
  await page.keyboard.type(text);
  await page.getByRole('option', { name: text }).click();
}

/** Presses a button of the record's page and, in the dialog that says what will happen, the same again. */
async function act(page, name) {
  await button(page, name).click();
  await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

test('a company’s first day, by clicks and keys', async (t) => {
  await server.setupToken();
  const [, route] = /(#\/setup\?token=\S+)/.exec(server.stdout);
  const { page, wrong, context } = await openPage(browser, server);
  const { step, tell } = counting(page, t);

  step('setting up');
  await page.goto(`${server.url}/${route}`);
  await page.getByLabel('Name of the company').fill('Asha Textiles');
  await page.getByLabel('Your name').fill('Asha Rao');
  await page.getByLabel('Your e-mail address').fill('asha@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByLabel('Currency').fill('INR');
  await page.getByLabel('Time zone').fill('Asia/Kolkata');
  await button(page, 'Set up').click();
  await heading(page, 'Welcome, Asha Rao');
  await picture(page, 'firstday/1-welcome', { fullPage: true });
  await page.getByRole('link', { name: 'Complete the details of your company' }).click();
  await page.getByLabel('Address').fill('12 Mill Road, Pune');
  await button(page, 'Save').click();
  await page.getByText('Saved').waitFor();
  await page.getByRole('tab', { name: 'Rules' }).click();
  await page.getByLabel('Tax rate').fill('5');
  await button(page, 'Save').click();
  await page.getByText('Saved').last().waitFor();
  await idle(page);

  step('inviting');
  await page.getByRole('tab', { name: 'People' }).click();
  await page.getByLabel('E-mail address').fill('sunil@example.com');
  await page.getByLabel('Role').click();
  await page.getByRole('option', { name: 'salesperson' }).click();
  await button(page, 'Invite').click();
  const link = await page.getByLabel('Link to join').inputValue();
  const sunil = await openPage(browser, server, { viewport: PHONE });
  await sunil.page.goto(link);
  await sunil.page.getByLabel('Your name').fill('Sunil Rao');
  await sunil.page.getByLabel('User name').fill('sunil');
  await sunil.page.getByLabel('Password').fill(PASSWORD);
  await button(sunil.page, 'Join').click();
  await heading(sunil.page, 'Welcome, Sunil Rao');

  step('two products');
  for (const [sku, name, price, cost] of [['TOWEL', 'Bath towel', '420', '250'], ['SHEET', 'Bed sheet', '980', '600']]) {
    await menu(page, 'Products');
    await create(page, 'Product');
    await page.getByLabel('SKU').fill(sku);
    await page.getByLabel('Name *').fill(name);
    await page.getByLabel('Price').fill(price);
    await page.getByLabel('Cost').fill(cost);
    await button(page, 'Create').click();
    await heading(page, name);
  }

  step('customers from a file');
  await home(page);
  await page.getByRole('link', { name: 'Bring your customers' }).click();
  await heading(page, 'Import');
  await page.getByLabel('File to import').setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from('Company;Mail\r\nMeridian Garments;office@meridian.example\r\nHotel Sagar;stay@sagar.example\r\n') });
  await button(page, 'See what would happen').click();
  await button(page, 'Import 2 rows').click();
  await page.getByText('2 created, 0 changed, 0 wrong').waitFor();

  step('ordering');
  await menu(page, 'Vendors');
  await create(page, 'Vendor');
  await page.getByLabel('Name', { exact: true }).fill('Sahyadri Mills');
  await button(page, 'Create').click();
  await heading(page, 'Sahyadri Mills');
  await page.getByRole('link', { name: 'Order something' }).click();
  await heading(page, 'New: Purchase order');
  await page.waitForFunction(() => [...window.document.querySelectorAll('input')].some((i) => i.value === 'Sahyadri Mills'));
  await line(page, 1, { code: 'towel', label: 'Material code', sku: 'TOWEL', quantity: '40' });
  await cell(page, 'Unit price', 1).press('Enter');
  await line(page, 2, { code: 'sheet', label: 'Material code', sku: 'SHEET', quantity: '20' });
  await button(page, 'Create').click();
  await heading(page, /^PO-/);
  await button(page, 'Approve').click();
  await page.getByText('Approve: done').waitFor();

  step('receiving');
  await menu(page, 'Receiving');
  await page.getByRole('button', { name: /^PO-/ }).click();
  await button(page, 'Everything has come').click();
  await button(page, 'What will happen?').click();
  await page.getByText('The order is then').waitFor();
  await button(page, 'Receive').click();
  await page.getByText('In its present state nothing of it can be received.').waitFor();

  step('selling at the counter');
  await menu(page, 'Point of sale');
  await button(page, 'Open the till').click();
  await page.getByLabel('Register').fill('Counter 1');
  await page.getByLabel('Cash in the drawer').fill('500');
  await page.getByRole('dialog').getByRole('button', { name: 'Open the till' }).click();
  await page.getByText('Counter 1, open since').waitFor();
  const code = page.getByRole('combobox', { name: 'Scan, or type a name or code' });
  await code.fill('TOWEL');
  await code.press('Enter');
  await page.getByLabel('Quantity of Bath towel').fill('2');
  await page.keyboard.press('F8');
  await page.getByLabel('Handed over').fill('1000');
  await page.getByRole('button', { name: /^Paid/ }).click();
  await page.getByText('Sold: SAL-').waitFor();
  await picture(page, 'firstday/2-sold');

  step('winning a deal');
  await menu(page, 'Deals');
  await create(page, 'Deal');
  await page.getByLabel('Title').fill('Linen for the new wing');
  await choose(page, 'Customer', 'Hotel Sagar');
  await page.getByRole('textbox', { name: 'Value' }).fill('9800');
  await button(page, 'Create').click();
  await heading(page, 'Linen for the new wing');
  await button(page, 'Mark won').click();
  await page.getByRole('link', { name: 'Take the order' }).click();

  step('taking the order');
  await heading(page, 'New: Sales order');
  await page.waitForFunction(() => [...window.document.querySelectorAll('input')].some((i) => i.value === 'Hotel Sagar'));
  await line(page, 1, { code: 'sheet', sku: 'SHEET', quantity: '10' });
  await button(page, 'Create').click();
  await heading(page, /^SO-/);
  await act(page, 'Confirm');
  await picture(page, 'firstday/3-order', { fullPage: true });

  step('shipping');
  await act(page, 'Ship');
  await page.getByText('Shipped').first().waitFor();

  step('getting paid');
  await page.getByRole('link', { name: 'Enter a payment' }).click();
  await heading(page, 'New: Payment');
  await picture(page, 'firstday/4-payment', { fullPage: true });
  await page.waitForFunction(() => window.document.querySelector('input[name=amount]').value === '10290');
  await button(page, 'Create').click();
  await heading(page, /^PAY-/);
  await act(page, 'Process');
  await page.getByText('Completed').first().waitFor();

  step('looking at it');
  await home(page);
  await idle(page);
  await picture(page, 'firstday/5-home', { fullPage: true });
  // 2 towels and 10 sheets, each with 5 %: 882 and 10,290.
  assert.equal(await figure(page, 'Revenue this month'), '₹11,172.00');
  assert.equal(await figure(page, 'Open orders'), '1', 'on its way to the customer');
  assert.equal(await figure(page, 'Low stock'), '0');
  assert.equal(await figure(page, 'Open deals'), '₹0.00');
  assert.equal(await page.getByText('What to do first').count(), 0, 'all the first steps are done');
  await page.getByRole('button', { name: 'Money in and out: as a table' }).click();
  assert.match(await page.locator('main section', { hasText: 'Money in and out' }).innerText(), /11,172/);
  await page.setViewportSize(PHONE);
  await assertFits(page, 'home');
  tell();
  assert.deepEqual([...wrong, ...sunil.wrong], []);
  await sunil.context.close();
  await context.close();
});
