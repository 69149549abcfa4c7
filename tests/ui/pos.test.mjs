// The counter in a real browser: selling, paying, receipts, the till, and what
// the server refuses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessible, assertFits, DESKTOP, go, openPage, PHONE, picture, PLAIN_HOST, scan, signIn, startBrowser, startShop } from '../lib/browser.mjs';

let browser;
let shop;

before(async () => {
  browser = await startBrowser();
  shop = await startShop();
  const { admin } = shop;
  await admin.ok(admin.patch('/system-settings', { tax_rate: 5, max_discount_percent: 20, currency_code: 'INR' }));
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
});

const goods = (over) => shop.goods(over);
const expected = (wrong, ...allowed) => assert.deepEqual(wrong.filter((w) => !allowed.some((a) => a.test(w))), []);
const row = (page, name) => page.getByRole('list', { name: 'Cart' }).getByRole('listitem').filter({ hasText: name });
const sum = (page, label) => page.getByLabel('Totals').locator('dt', { hasText: label }).locator('xpath=following-sibling::dd').innerText();
const search = (page) => page.getByRole('combobox', { name: 'Scan, or type a name or code' });
const enter = async (page, code) => {
  await search(page).fill(code);
  await search(page).press('Enter');
};
const digits = (text) => Number(text.replace(/[^\d.-]/g, ''));

async function open(options, who = shop.username, server = shop.server) {
  const all = await openPage(browser, server, options);
  await signIn(all.page, server, who, shop.password);
  await go(all.page, '/pos');
  return all;
}

describe('a sale', () => {
  test('is scanned, totalled exactly, paid in cash and has a receipt', async () => {
    const { admin } = shop;
    const [tea, sugar] = [await goods({ name: 'Assam tea 250 g', price: 119.99, barcode: '8901030865278', quantity: 40 }), await goods({ name: 'Sugar', price: 0.335, quantity: 100 })];
    const { page, wrong, context } = await open();
    await picture(page, 'pos-empty');
    await enter(page, tea.barcode);
    await row(page, tea.name).waitFor();
    await scan(page, sugar.sku);
    await row(page, sugar.name).waitFor();
    await scan(page, tea.barcode);
    await page.getByLabel(`Quantity of ${sugar.name}`).fill('3');
    assert.equal(await page.getByLabel(`Quantity of ${tea.name}`).inputValue(), '2');
    await page.getByLabel('Discount', { exact: true }).fill('7.5');
    const body = { lines: [{ product_id: tea.id, quantity: 2 }, { product_id: sugar.id, quantity: 3 }], discount_percent: '7.5' };
    const said = await admin.ok(admin.post('/sales?dry_run=true', body));
    const shown = [await sum(page, 'Subtotal'), await sum(page, 'Tax'), await sum(page, /^Total$/)].map(digits);
    assert.deepEqual(shown, [said.subtotal, said.tax_amount, said.total_amount], 'what the page adds up is what the server adds up');
    await picture(page, 'pos-cart');
    await accessible(page, 'point of sale');
    await page.keyboard.press('F8');
    await page.getByLabel('Handed over').fill('300');
    await accessible(page, 'paying');
    await picture(page, 'pos-pay');
    const sales = await admin.total('/sales');
    await page.keyboard.press('Enter');
    await page.getByText('Sold: SAL-').waitFor();
    assert.equal(await admin.total('/sales'), sales + 1);
    const { items: [sale] } = await admin.ok(admin.get('/sales?ordering=-id&page_size=1'));
    assert.deepEqual([sale.total_amount, sale.change_amount, sale.payment_method], [said.total_amount, Math.round((300 - said.total_amount) * 100) / 100, 'cash']);
    await page.getByText(`TOTAL INR`).first().waitFor();
    await picture(page, 'pos-sold');
    await accessible(page, 'sold');
    await page.keyboard.press('Enter');
    await search(page).waitFor();
    assert.equal(await page.getByText('Nothing in the cart').count(), 1);
    expected(wrong);
    await context.close();
  });

  test('on a phone in the dark', async () => {
    const [tea, shirt] = [await goods({ name: 'Darjeeling first flush, whole leaf, in a tin', price: 450 }), await goods({ name: 'Shirt', price: 899.5 })];
    const { page, wrong, context } = await open({ viewport: PHONE, theme: 'dark' });
    for (const p of [tea, shirt]) await enter(page, p.sku);
    await row(page, shirt.name).waitFor();
    await assertFits(page, 'point of sale');
    await accessible(page, 'point of sale on a phone');
    await picture(page, 'pos-phone-dark', { fullPage: true });
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByRole('button', { name: 'Card', exact: true }).click();
    await picture(page, 'pos-phone-pay');
    await page.getByRole('button', { name: /^Paid/ }).click();
    await page.getByText('Sold: SAL-').waitFor();
    await assertFits(page, 'sold');
    await accessible(page, 'sold on a phone');
    await picture(page, 'pos-phone-sold');
    expected(wrong);
    await context.close();
  });

  test('is found by words and the arrow keys', async () => {
    const tea = await goods({ name: 'Nilgiri oolong' });
    const { page, wrong, context } = await open();
    await search(page).pressSequentially('oolo');
    await page.getByRole('option', { name: /Nilgiri/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await row(page, tea.name).waitFor();
    await enter(page, 'NO-SUCH-CODE');
    await page.getByText('Nothing has the code NO-SUCH-CODE.').waitFor();
    expected(wrong, /404: GET .*\/scan\//, /status of 404/);
    await context.close();
  });

  test('of more than there is says at the line how much there is, and sells nothing', async () => {
    const { admin } = shop;
    const [tea, sugar] = [await goods({ name: 'Rare tea', quantity: 3 }), await goods({ name: 'Plenty' })];
    const { page, wrong, context } = await open();
    for (const p of [sugar, tea]) await enter(page, p.sku);
    await row(page, tea.name).waitFor();
    // Somebody else is faster.
    await admin.create('/sales', { product_id: tea.id, quantity: 2 });
    await page.getByLabel(`Quantity of ${tea.name}`).fill('3');
    assert.equal(await row(page, tea.name).getByRole('alert').count(), 0, 'nobody knows yet');
    const state = await shop.books.state();
    await page.keyboard.press('F8');
    await page.getByRole('button', { name: /^Paid/ }).click();
    await row(page, tea.name).getByText('only 1 pcs are available').waitFor();
    await page.getByText(`only 1 pcs of ${tea.sku} are available`).waitFor();
    assert.equal(await row(page, sugar.name).getByRole('alert').count(), 0);
    assert.deepEqual(await shop.books.state(), state, 'a refused sale changed something');
    await picture(page, 'pos-short');
    await accessible(page, 'refused');
    await page.getByLabel(`Quantity of ${tea.name}`).fill('1');
    await page.keyboard.press('F8');
    await page.getByRole('button', { name: /^Paid/ }).click();
    await page.getByText('Sold: SAL-').waitFor();
    expected(wrong, /409: POST .*\/sales/, /status of 409/);
    await context.close();
  });

  test('with a discount above the limit is not sent', async () => {
    const tea = await goods({ price: 100 });
    const { page, wrong, context } = await open();
    await enter(page, tea.sku);
    await row(page, tea.name).waitFor();
    await page.getByLabel('Discount', { exact: true }).fill('20.01');
    await page.getByText('at most 20 %').waitFor();
    assert.ok(await page.getByRole('button', { name: /^Pay ₹/ }).isDisabled());
    await page.getByRole('button', { name: 'an amount in INR' }).click();
    assert.ok(await page.getByText('at most ₹20.00').isVisible());
    await page.getByLabel('Discount', { exact: true }).fill('20');
    assert.ok(await page.getByRole('button', { name: /^Pay ₹/ }).isEnabled());
    expected(wrong);
    await context.close();
  });

  test('that is paid twice in haste, or whose answer is lost, is sold once', async () => {
    const { admin } = shop;
    const tea = await goods({ quantity: 50 });
    const { page, context } = await open();
    await enter(page, tea.sku);
    await row(page, tea.name).waitFor();
    const before = await admin.total('/sales');
    // The sale arrives, its answer does not.
    await page.route('**/api/v1/sales', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      return route.abort();
    }, { times: 1 });
    await page.keyboard.press('F8');
    await page.getByRole('button', { name: /^Paid/ }).dblclick();
    await page.getByText('No answer came').waitFor();
    assert.equal(await admin.total('/sales'), before + 1);
    assert.ok(await page.getByLabel(`Quantity of ${tea.name}`).isDisabled(), 'what was sent stays as it was sent');
    await accessible(page, 'no answer');
    await page.reload();
    await page.getByText('No answer came').waitFor();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('Sold: SAL-').waitFor();
    assert.equal(await admin.total('/sales'), before + 1, 'sold once');
    assert.deepEqual((await shop.books.stock(tea))[0], 49);
    await context.close();
  });

  test('of pieces with serial numbers takes the number that is scanned', async () => {
    const { admin } = shop;
    const watch = await shop.product({ name: 'Watch', tracking: 'serial', cost: 5 });
    for (const lot of ['SN-700001', 'SN-700002']) await admin.create('/stock-moves', { kind: 'receipt', product_id: watch.id, quantity: 1, lot });
    const { page, wrong, context } = await open();
    await enter(page, watch.sku);
    await row(page, watch.name).getByText('needs a serial number').waitFor();
    await page.getByRole('button', { name: `Take ${watch.name} out` }).click();
    await enter(page, 'SN-700002');
    await row(page, watch.name).waitFor();
    await page.keyboard.press('F8');
    await page.getByRole('button', { name: /^Paid/ }).click();
    await page.getByText('Sold: SAL-').waitFor();
    const { items } = await admin.ok(admin.get(`/stock-levels?product_id=${watch.id}&usage=internal&on_hand__gt=0`));
    assert.deepEqual(items.map((l) => l.lot_name), ['SN-700001']);
    expected(wrong);
    await context.close();
  });
});

describe('a hand scanner', () => {
  test('gives back to a field what it had, wherever the focus was', async () => {
    const [tea, sugar] = [await goods({ name: 'Scanned tea', barcode: '4006381333931' }), await goods({ name: 'Scanned sugar', barcode: '4006381333948' })];
    const { page, wrong, context } = await open();
    await enter(page, tea.sku);
    await page.getByLabel(`Quantity of ${tea.name}`).fill('7');
    await scan(page, sugar.barcode);
    await row(page, sugar.name).waitFor();
    assert.equal(await page.getByLabel(`Quantity of ${tea.name}`).inputValue(), '7');
    expected(wrong);
    await context.close();
  });
});

describe('past sales', () => {
  test('are taken back by line and whole, with the amount shown before', async () => {
    const { admin } = shop;
    const [tea, sugar] = [await goods({ name: 'Returned tea', price: 120 }), await goods({ name: 'Kept sugar', price: 48 })];
    const sale = await admin.create('/sales', { lines: [{ product_id: tea.id, quantity: 5 }, { product_id: sugar.id, quantity: 4 }], discount_percent: 10 });
    const { page, wrong, context } = await open();
    await page.getByRole('link', { name: 'Past sales' }).click();
    await page.getByLabel('Number of the sale, or customer').fill(sale.sale_number);
    await picture(page, 'pos-past-sales');
    await accessible(page, 'past sales');
    await page.getByRole('button', { name: sale.sale_number }).click();
    await page.getByLabel('How much of Returned tea comes back').fill('6');
    await page.getByText('at most 5').waitFor();
    assert.ok(await page.getByRole('button', { name: 'What will happen?' }).isDisabled());
    await page.getByLabel('How much of Returned tea comes back').fill('1');
    await page.getByRole('button', { name: 'What will happen?' }).click();
    await page.getByText('₹113.40 go back to the customer').waitFor();
    assert.equal((await shop.books.read('sales', sale.id)).refunded_amount, 0, 'only asked');
    await picture(page, 'pos-refund');
    await accessible(page, 'refund');
    await page.getByRole('button', { name: 'Take back and pay ₹113.40' }).click();
    await page.getByText('4 left').waitFor();
    assert.equal((await shop.books.read('sales', sale.id)).refunded_amount, 113.4);
    await page.getByRole('button', { name: 'All of it' }).click();
    await page.getByRole('button', { name: 'What will happen?' }).click();
    await page.getByRole('button', { name: /^Take back and pay/ }).click();
    await page.getByText('Nothing of it is left to take back.').waitFor();
    const after = await shop.books.read('sales', sale.id);
    assert.deepEqual([after.status, after.refunded_amount], ['refunded', after.total_amount]);
    assert.equal((await shop.books.stock(tea))[0], 100);
    expected(wrong);
    await context.close();
  });
});

describe('a till', () => {
  test('is opened with a float, and closed with a count and the difference', async () => {
    const { admin } = shop;
    const tea = await goods({ price: 100 });
    const { page, wrong, context } = await open({ viewport: PHONE });
    await page.getByRole('button', { name: 'Open the till' }).click();
    await page.getByLabel('Register').fill('Counter 1');
    await page.getByLabel('Cash in the drawer').fill('500');
    await accessible(page, 'opening the till');
    await page.getByRole('dialog').getByRole('button', { name: 'Open the till' }).click();
    await page.getByText('Counter 1, open since').waitFor();
    await enter(page, tea.sku);
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await page.getByRole('button', { name: /^Paid/ }).click();
    await page.getByText('Sold: SAL-').waitFor();
    await page.getByRole('button', { name: 'Close the till' }).click();
    await page.getByLabel('Counted in the drawer').fill('600');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('₹5.00 are missing').waitFor();
    await picture(page, 'pos-till-close');
    await accessible(page, 'closing the till');
    const { items: [session] } = await admin.ok(admin.get('/till-sessions?status=open'));
    assert.equal(session.register, 'Counter 1', 'comparing does not close it');
    await page.getByRole('dialog').getByRole('button', { name: 'Close the till' }).click();
    await page.getByText('No till is open').waitFor();
    const closed = await shop.books.read('till-sessions', session.id);
    assert.deepEqual([closed.status, closed.expected_amount, closed.difference], ['closed', 605, -5]);
    expected(wrong);
    await context.close();
  });
});

test('on a network without TLS, where browsers keep some of what they can do to themselves', async () => {
  const tea = await goods({ name: 'Tea by the cup', price: 3 });
  const { page, wrong, context } = await open({}, shop.username, { url: shop.server.url.replace('127.0.0.1', PLAIN_HOST) });
  assert.equal(await page.evaluate(() => window.isSecureContext), false);
  await enter(page, tea.sku);
  await row(page, tea.name).waitFor();
  await page.keyboard.press('F8');
  await page.keyboard.press('Enter');
  await page.getByText('Sold: SAL-').waitFor();
  await page.reload();
  await page.waitForSelector('main [data-path="/pos"] h1');
  expected(wrong, /Cross-Origin-Opener-Policy header has been ignored/);
  await context.close();
});

test('in German', async () => {
  const tea = await goods({ name: 'Tee', price: 1234.5 });
  const { page, wrong, context } = await open({ locale: 'de-DE', viewport: DESKTOP });
  await page.getByRole('heading', { name: 'Kasse' }).waitFor();
  await page.getByLabel('Scannen, oder Namen oder Nummer eingeben').fill(tea.sku);
  await page.keyboard.press('Enter');
  await page.getByLabel('Menge von Tee').fill('1,5');
  await page.getByLabel('Summen').getByText('1.851,75', { exact: false }).waitFor();
  await picture(page, 'pos-german');
  expected(wrong);
  await context.close();
});
