// The calendar, in a real browser.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, assertFits, idle, openAt, PHONE, picture, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;
let admin;

const ZONE = 'Asia/Kolkata';
const day = (n) => new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' }).format(Date.now() + n * 86_400_000);
/** In the middle of a month, so that the days around it are on the same page. */
const MID = `${day(40).slice(0, 7)}-15`;
const near = (n) => new Date(Date.parse(`${MID}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
  ({ admin } = shop);
  await admin.ok(admin.patch('/system-settings', { time_zone: ZONE, currency_code: 'INR' }));
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

const open = (route, options) => openAt(browser, shop, route, options);
const cell = (page, on) => page.locator(`[data-day="${on}"]`);

test('the calendar has activities and what is due; a thing is dragged to another day, and brought back', async () => {
  const order = await admin.create('/sales-orders', { customer_name: 'Meridian', due_date: MID, line_items: [{ product_code: 'P', product_name: 'P', quantity: 1, unit_price: 10 }] });
  const call = await admin.create('/activities', { activity_type: 'call', title: 'Ask about the sample', scheduled_at: `${MID}T18:00:00Z` }); // half past eleven at night there
  const read = async (resource, { id }) => admin.ok(admin.get(`/${resource}/${id}`));
  const { page, wrong, context } = await open(`/calendar?day=${MID}`);
  await cell(page, MID).getByRole('link', { name: order.so_number ?? order.order_number }).waitFor();
  await cell(page, MID).getByRole('link', { name: '23:30 Ask about the sample' }).waitFor();
  await accessible(page, 'the calendar');
  await picture(page, 'calendar');
  await cell(page, MID).locator(`[data-entry="sales-orders/${order.id}"]`).dragTo(cell(page, near(2)));
  await cell(page, near(2)).locator(`[data-entry="sales-orders/${order.id}"]`).waitFor();
  assert.equal((await read('sales-orders', order)).due_date, near(2));
  await page.getByRole('button', { name: 'Undo' }).click();
  await cell(page, MID).locator(`[data-entry="sales-orders/${order.id}"]`).waitFor();
  assert.equal((await read('sales-orders', order)).due_date, MID);
  // By keyboard: a day later, at the same time of day; and to any day by the question.
  await cell(page, MID).getByRole('link', { name: /Ask about/ }).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await cell(page, near(1)).getByRole('link', { name: '23:30 Ask about the sample' }).waitFor();
  assert.equal((await read('activities', call)).scheduled_at, `${near(1)}T18:00:00Z`);
  await page.getByRole('button', { name: 'Move to another day: Ask about the sample' }).press('Enter');
  await page.getByRole('dialog').getByLabel('Move to').fill(near(4));
  await page.getByRole('dialog').getByLabel('Move to').press('Enter');
  await cell(page, near(4)).getByRole('link', { name: /Ask about/ }).waitFor();
  await page.getByRole('button', { name: 'Sales orders', pressed: true }).press('Enter');
  await cell(page, MID).locator(`[data-entry="sales-orders/${order.id}"]`).waitFor({ state: 'detached' });
  await page.reload(); // what is shown is in the address
  await cell(page, near(4)).getByRole('link', { name: /Ask about/ }).waitFor();
  await idle(page);
  assert.equal(await page.locator(`[data-entry="sales-orders/${order.id}"]`).count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('on a phone the calendar is a list of days; what has changed meanwhile is not moved', async () => {
  const task = await admin.create('/activities', { activity_type: 'task', title: 'Count the dye', due_date: near(7) });
  const { page, wrong, context } = await open(`/calendar?day=${MID}`, { viewport: PHONE, theme: 'dark' });
  const entry = cell(page, near(7)).locator(`[data-entry="activities/${task.id}"]`);
  await entry.waitFor();
  await assertFits(page, 'the calendar on a phone');
  await accessible(page, 'the calendar on a phone');
  await picture(page, 'calendar-phone', { fullPage: true });
  await admin.ok(admin.patch(`/activities/${task.id}`, { title: 'Count the dye twice' }));
  await entry.getByRole('button').click();
  await page.getByRole('dialog').getByLabel('Move to').fill(near(8));
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  await cell(page, near(7)).getByText('Count the dye twice').waitFor();
  assert.equal((await admin.ok(admin.get(`/activities/${task.id}`))).due_date, near(7));
  assert.ok(wrong.length && wrong.every((w) => w.includes('412')), wrong.join('\n'));
  await context.close();
});
