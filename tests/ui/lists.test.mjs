// What a list can do besides showing: filters that are kept, columns that are chosen, a file for a spreadsheet, one
// action for many records; and what is refused is said in the person's language.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessible, idle, openAt, picture, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;
const LEADS = [['Asha', 'new'], ['Bela', 'new'], ['Chandra', 'lost'], ['Devi', 'contacted']];

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
  for (const [name, status] of LEADS) await shop.admin.create('/leads', { name, status, company: `${name} & Sons`, estimated_value: 1234.5 });
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

const open = (route, options) => openAt(browser, shop, route, options);
const names = (page) => page.locator('main tbody td.column-name').allInnerTexts();
const heads = async (page) => (await page.locator('main thead th').allInnerTexts()).map((text) => text.trim()).filter(Boolean);
const reload = async (page) => {
  await page.reload();
  await page.waitForSelector('main [data-path] h1');
  await idle(page);
};
const statuses = async () => Object.fromEntries((await shop.admin.ok(shop.admin.get('/leads'))).items.map((l) => [l.name, l.status]));

test('filters are put on, kept under a name, taken off and taken up again, also after a reload', async () => {
  const { page, wrong, context } = await open('/leads');
  assert.equal((await names(page)).length, 4);
  const filters = page.getByRole('button', { name: 'Add filter' });
  await filters.click();
  await page.getByRole('menuitemcheckbox', { name: 'Status' }).or(page.getByRole('menuitem', { name: 'Status' })).first().click();
  await page.getByRole('combobox', { name: 'Status' }).click();
  await page.getByRole('option', { name: 'New' }).click();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => window.document.querySelectorAll('main tbody tr').length === 2);
  assert.deepEqual((await names(page)).sort(), ['Asha', 'Bela']);
  await filters.click();
  await page.getByRole('menuitem', { name: /Save current query/ }).click();
  await page.getByLabel('Query name').fill('Fresh ones');
  await accessible(page, 'keeping filters');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await filters.click();
  await page.getByRole('menuitem', { name: 'Remove all filters' }).click();
  await page.waitForFunction(() => window.document.querySelectorAll('main tbody tr').length === 4);
  await reload(page);
  await filters.click();
  await page.getByRole('menuitem', { name: 'Fresh ones' }).click();
  await page.waitForFunction(() => window.document.querySelectorAll('main tbody tr').length === 2);
  await picture(page, 'list-filters');
  assert.deepEqual((await names(page)).sort(), ['Asha', 'Bela']);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('columns are chosen, and stay chosen', async () => {
  const { page, wrong, context } = await open('/leads');
  const before = await heads(page);
  assert.ok(before.includes('Company') && !before.includes('Phone'), before.join());
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('switch', { name: 'Company' }).click();
  await page.getByRole('switch', { name: 'Phone' }).click();
  await accessible(page, 'the columns');
  await picture(page, 'list-columns');
  await page.keyboard.press('Escape');
  for (const again of [false, true]) {
    if (again) await reload(page);
    const now = await heads(page);
    assert.ok(!now.includes('Company') && now.includes('Phone'), now.join());
  }
  assert.deepEqual(wrong, []);
  await context.close();
});

test('what the filters leave is a CSV file, made by the server', async () => {
  const { page, wrong, context } = await open(`/leads?filter=${encodeURIComponent(JSON.stringify({ status__in: ['new'] }))}`);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  assert.equal(file.suggestedFilename(), 'leads.csv');
  const [head, ...rows] = readFileSync(await file.path(), 'utf8').trim().split(/\r?\n/);
  assert.ok(head.replace('\ufeff', '').split(',').includes('company'), head);
  assert.equal(rows.length, 2);
  assert.ok(rows.every((row) => row.includes(' & Sons') && row.includes('1234.5')), rows.join('\n'));
  assert.deepEqual(wrong, []);
  await context.close();
});

test('one action for several records: what is refused says why, and the others are done', async () => {
  const { page, wrong, context } = await open('/leads', { locale: 'de' });
  for (const name of ['Asha', 'Chandra']) await page.getByRole('row', { name: new RegExp(name) }).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Aktionen' }).click();
  await page.getByRole('menuitem', { name: 'Kontaktieren' }).or(page.getByRole('menuitem', { name: /ontakt/ })).first().click();
  await page.getByRole('dialog').getByRole('button', { name: /ontakt/ }).click();
  const refused = page.getByRole('dialog', { name: '1 konnten nicht erledigt werden' });
  await refused.getByText('Chandra').waitFor();
  const text = await refused.innerText();
  assert.match(text, /„Verloren“ geht das nicht; möglich: /);
  assert.doesNotMatch(text, /cannot|possible|reopen/, 'nothing of it is English');
  await accessible(page, 'what was refused');
  await refused.getByRole('button', { name: 'Schließen' }).click();
  assert.deepEqual(await page.locator('main tbody input:checked').count(), 1, 'it stays chosen');
  await picture(page, 'list-refused');
  assert.deepEqual(await statuses(), { Asha: 'contacted', Bela: 'new', Chandra: 'lost', Devi: 'contacted' });
  assert.ok(wrong.length && wrong.every((w) => /409/.test(w)), wrong.join('\n'));
  await context.close();
});

test('chosen records are deleted together, after a question', async () => {
  const { page, wrong, context } = await open('/leads');
  for (const name of ['Bela', 'Devi']) await page.getByRole('row', { name: new RegExp(name) }).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Delete' }).click();
  await accessible(page, 'the question');
  assert.equal(await shop.admin.total('/leads'), 4, 'nothing is gone before the answer');
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.waitForFunction(() => window.document.querySelectorAll('main tbody tr').length === 2);
  assert.deepEqual(Object.keys(await statuses()).sort(), ['Asha', 'Chandra']);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a refusal is in the person’s language, with its figures', async () => {
  const goods = await shop.goods({ name: 'Silk', quantity: 4 });
  const order = await shop.books.salesOrder([[goods, 3]]);
  const { page, context } = await open(`/goods/ship?order=${order.id}`, { locale: 'de' });
  await page.getByLabel(/Silk/).first().fill('5');
  await page.getByRole('button', { name: 'Was wird geschehen?' }).click();
  await page.getByText(/Zeile 1 \(.*\): höchstens 3/).first().waitFor();
  await context.close();
});

test('of what a search finds and nobody counts to its end, it is said that there is more', async () => {
  for (const from of [0, 600]) {
    const items = Array.from({ length: 600 }, (_, i) => ({ name: `Loom ${from + i}` }));
    await shop.admin.ok(shop.admin.post('/customers/bulk', { items }));
  }
  const { page, wrong, context } = await open('/customers?filter=%7B%22q%22%3A%22loom%22%7D&perPage=25');
  await page.getByText('1-25 of more than 25').waitFor();
  await page.getByRole('button', { name: 'Go to next page' }).click();
  await page.getByText('26-50 of more than 50').waitFor();
  await page.getByRole('button', { name: 'Go to previous page' }).click();
  await page.getByText('1-25 of more than 25').waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});
