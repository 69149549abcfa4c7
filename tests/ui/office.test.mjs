// The pages of the people in the office, in a real browser: first start, home, boards, import, audit, roles, profile.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertFits, DESKTOP, go, idle, openPage, PHONE, picture, signIn, startBrowser } from '../lib/browser.mjs';
import { login, newOrganization, PASSWORD, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

let server;
let browser;
before(async () => {
  server = await startServer({ flags: ['--demo', '--jobs-every', '3600'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page of a new organization's administrator, who is signed in. */
async function newCompany(options) {
  const organization = await newOrganization(server);
  const opened = await openPage(browser, server, options);
  await signIn(opened.page, server, organization.user.username, PASSWORD);
  await opened.page.waitForSelector('main [data-path="/"] h1');
  return { ...organization, ...opened };
}
const card = (page, title) => page.locator('[data-card]', { hasText: title });
const columnOf = (page, title) => page.locator('[data-column]', { has: card(page, title) });

test('the home page of each role has its figures, which lead to what they count', async () => {
  for (const [user, viewport, theme] of [['admin', DESKTOP, 'light'], ['manager', PHONE, 'dark'], ['stock', DESKTOP, 'dark'], ['sales', PHONE, 'light'], ['operator', DESKTOP, 'light'], ['viewer', PHONE, 'light']]) {
    const { page, wrong, context } = await openPage(browser, server, { viewport, theme });
    await signIn(page, server, user);
    await page.locator('main section h2').nth(2).waitFor();
    await idle(page);
    assert.ok(await page.locator('main section h2').count() >= 3, user);
    await assertFits(page, `home of ${user}`);
    await picture(page, `home-${user}`, { fullPage: true });
    assert.deepEqual(wrong, [], user);
    await context.close();
  }
});

test('a chart is a table, too, whose numbers lead to the list they are of', async () => {
  const admin = await login(server, 'admin', 'millwright');
  const stats = await admin.ok(admin.get('/work-orders/stats'));
  const { page, wrong, context } = await openPage(browser, server);
  await signIn(page, server, 'admin');
  await page.getByRole('button', { name: 'Work orders: as a table' }).press('Enter');
  const link = page.getByRole('row', { name: /^Ready / }).getByRole('link');
  assert.equal(await link.innerText(), String(stats.by_status.ready));
  await link.press('Enter');
  await page.waitForSelector('main [data-path="/work-orders"] h1');
  await idle(page);
  assert.equal(await page.locator('main tbody tr').count(), stats.by_status.ready);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a new company is told what to do first, by what is really there', async () => {
  const { page, wrong, context, admin } = await newCompany({ viewport: PHONE });
  const step = page.locator('li', { hasText: 'Define what you buy' });
  await step.getByRole('link').waitFor();
  await picture(page, 'home-new', { fullPage: true });
  await assertFits(page, 'home of a new company');
  await admin.create('/products', { sku: 'A', name: 'Apron' });
  await page.reload();
  await page.getByText('1 of 7 done').waitFor();
  assert.equal(await step.getByRole('link').count(), 0);
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a deal is moved by mouse, menu and keyboard; a lost one asks for the reason, and what is refused stays', async () => {
  const { page, wrong, context, admin } = await newCompany();
  const customer = await admin.create('/customers', { name: 'Meridian Garments' });
  const deal = await admin.create('/deals', { title: 'Uniforms', customer_id: customer.id, value: 1200.5 });
  const now = async () => (await admin.ok(admin.get(`/deals/${deal.id}`)));
  await go(page, '/deals/board');
  await card(page, 'Uniforms').waitFor();
  await card(page, 'Uniforms').dragTo(page.locator('[data-column]').nth(1));
  await page.locator('[data-column]').nth(1).locator('[data-card]').waitFor();
  assert.equal((await now()).stage_name, 'Qualified');
  await page.getByRole('link', { name: 'Uniforms' }).press('Shift+ArrowRight');
  await page.locator('[data-column]').nth(2).locator('[data-card]').waitFor();
  assert.equal((await now()).stage_name, 'Proposal');
  await picture(page, 'deals-board');

  await page.getByRole('button', { name: 'Move Uniforms' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Closed Lost' }).press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('alert').getByText('a lost deal needs a reason').waitFor();
  assert.equal((await now()).status, 'open');
  await page.getByRole('button', { name: 'Move Uniforms' }).click();
  await page.getByRole('menuitem', { name: 'Closed Lost' }).click();
  await page.getByLabel('Reason').fill('Too dear');
  await page.keyboard.press('Enter');
  await columnOf(page, 'Uniforms').getByRole('heading', { name: 'Closed Lost' }).waitFor();
  assert.deepEqual([(await now()).status, (await now()).lost_reason], ['lost', 'Too dear']);
  assert.deepEqual(wrong, []);

  const other = await admin.create('/deals', { title: 'Curtains', customer_id: customer.id, value: 7 });
  await go(page, '/');
  await go(page, '/deals/board');
  await card(page, 'Curtains').waitFor();
  await admin.ok(admin.patch(`/deals/${other.id}`, { value: 8 }));
  await card(page, 'Curtains').dragTo(page.locator('[data-column]').nth(1));
  await card(page, 'Curtains').getByRole('alert').waitFor();
  assert.match(await columnOf(page, 'Curtains').innerText(), /^Lead/);
  assert.equal((await admin.ok(admin.get(`/deals/${other.id}`))).stage_name, 'Lead');
  assert.equal(wrong.filter((w) => !w.includes('412')).length, 0, wrong.join('\n'));
  await context.close();
});

test('a work order is moved only where its state may go', async () => {
  const { page, wrong, context, admin } = await newCompany({ viewport: { width: 2200, height: 900 } });
  const { id, wo_number: number } = await admin.create('/work-orders', { product_name: 'Towel', quantity: 5 });
  await go(page, '/work-orders/board');
  await card(page, number).waitFor();
  await card(page, number).dragTo(page.locator('[data-column=completed]'));
  await card(page, number).getByRole('alert').getByText('There is no way from').waitFor();
  assert.equal((await admin.ok(admin.get(`/work-orders/${id}`))).status, 'draft');
  await card(page, number).dragTo(page.locator('[data-column=in_progress]'));
  await page.locator('[data-column=in_progress] [data-card]').waitFor();
  assert.equal((await admin.ok(admin.get(`/work-orders/${id}`))).status, 'in_progress');
  await page.setViewportSize(PHONE);
  await assertFits(page, 'the board');
  await picture(page, 'work-orders-board-phone');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('customers are imported from a file: columns are guessed, mistakes are told by row before anything is made', async () => {
  const { page, wrong, context, admin } = await newCompany();
  await go(page, '/import?resource=customers');
  const text = 'Company;Mail;PLZ;Remark\r\nAcme;ada@example.com;411001;x\r\n"Beta; Sons";nonsense;;y\r\nGamma;g@example.com;;z\r\n';
  await page.getByLabel('File to import').setInputFiles({ name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  const says = async (title) => (await page.getByRole('row', { name: new RegExp(`^${title} `) }).getByRole('combobox').innerText()).trim();
  assert.deepEqual([await says('Company'), await says('Mail'), await says('PLZ'), await says('Remark')], ['Name', 'Email', 'Postal code', 'left out']);
  await page.getByRole('button', { name: 'See what would happen' }).press('Enter');
  await page.getByText('2 would be created, 0 changed, 1 are wrong').waitFor();
  assert.match(await page.getByRole('table', { name: 'What is wrong' }).innerText(), /3\s+Email/);
  assert.equal(await admin.total('/customers'), 0);
  await picture(page, 'import', { fullPage: true });
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the wrong rows' }).click()]);
  assert.equal(file.suggestedFilename(), 'customers-errors.csv');
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await page.getByText('2 created, 0 changed, 1 wrong').waitFor();
  const { items } = await admin.ok(admin.get('/customers?ordering=id'));
  assert.deepEqual(items.map((c) => [c.name, c.email, c.postal_code]), [['Acme', 'ada@example.com', '411001'], ['Gamma', 'g@example.com', null]]);
  await page.setViewportSize(PHONE);
  await assertFits(page, 'import');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the audit log shows what was before, and is narrowed', async () => {
  const { page, wrong, context, admin } = await newCompany();
  const customer = await admin.create('/customers', { name: 'Old name' });
  await admin.ok(admin.patch(`/customers/${customer.id}`, { name: 'New name' }));
  await go(page, `/audit-logs?resource=customers&record=${customer.id}`);
  assert.equal(await page.locator('main h2').count(), 2);
  await page.locator('main h2 button').first().press('Enter');
  const row = page.getByRole('row', { name: /Old name/ });
  assert.match(await row.innerText(), /Old name\s+New name/);
  await picture(page, 'audit');
  await page.getByLabel('Action').fill('delete');
  await page.getByText('Nothing matches').waitFor();
  await go(page, `/customers/${customer.id}/show?tab=timeline`);
  await page.getByRole('tabpanel').getByText('New name').waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('a role is a matrix of what may be done; one like a built-in role is made, and holds', async () => {
  const { page, wrong, context, admin, addUser } = await newCompany();
  const { items } = await admin.ok(admin.get('/roles?name=viewer'));
  await go(page, `/roles/${items[0].id}`);
  assert.ok(await page.getByLabel('Customers: See').isDisabled());
  await page.getByRole('link', { name: 'Make one like it' }).press('Enter');
  await page.waitForSelector('main [data-path="/roles/create"]');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByLabel('Name').and(page.locator('[aria-invalid=true]')).waitFor();
  await page.getByLabel('Name').fill('clerk');
  await page.getByLabel('Customers: Create').press('Space');
  await page.getByLabel('Vendors: See').uncheck();
  await picture(page, 'role');
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByRole('heading', { name: 'clerk' }).waitFor();
  const role = (await admin.ok(admin.get('/roles?name=clerk'))).items[0];
  const clerk = await addUser(role.id, unique('clerk'));
  assert.deepEqual([(await clerk.post('/customers', { name: 'A' })).status, (await clerk.get('/vendors')).status, (await clerk.get('/customers')).status], [201, 403, 200]);
  assert.equal(wrong.filter((w) => !/4(09|22)/.test(w)).length, 0, wrong.join('\n'));
  await context.close();
});

test('the working week is set by day, and a day without an end is refused at its field', async () => {
  const { page, wrong, context, admin } = await newCompany();
  await go(page, '/settings?tab=rules');
  const week = page.getByRole('group', { name: 'Working hours' });
  await week.getByLabel('Monday: is worked').check();
  await week.getByLabel('Monday: from').fill('08:30');
  await week.getByLabel('Tuesday: is worked').check();
  await week.getByLabel('Tuesday: to').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await week.locator('p.Mui-error').getByText('must be a time like').waitFor();
  assert.deepEqual((await admin.ok(admin.get('/system-settings'))).working_hours, {});
  await week.getByLabel('Tuesday: is worked').uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  assert.deepEqual((await admin.ok(admin.get('/system-settings'))).working_hours, { monday: { from: '08:30', to: '17:00' }, tuesday: null });
  assert.ok(wrong.every((w) => w.includes('422')), wrong.join('\n'));
  await context.close();
});

test('settings are there to be changed once they have come, so that nothing that is typed is lost', async () => {
  const { page, wrong, context, admin } = await newCompany();
  let come;
  const slow = new Promise((resolve) => { come = resolve; });
  await page.route('**/organizations/*', async (route) => { await slow; await route.continue(); });
  await page.evaluate(() => { window.location.hash = '#/settings'; });
  await page.getByRole('tab', { name: 'Rules' }).waitFor();
  assert.equal(await page.getByLabel('Address').count(), 0);
  come();
  await page.getByLabel('Address').fill('12 Mill Road');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved').waitFor();
  assert.equal((await admin.ok(admin.get('/organizations'))).items[0].address, '12 Mill Road');
  assert.deepEqual(wrong, []);
  await context.close();
});

test('settings are kept, a colleague is invited by a link and joins, and the missing encryption is told', async () => {
  const { page, wrong, context, admin, id } = await newCompany();
  await go(page, '/settings');
  await page.getByText('This connection is not encrypted').waitFor();
  await page.getByLabel('Address').fill('12 Mill Road');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  assert.equal((await admin.ok(admin.get(`/organizations/${id}`))).address, '12 Mill Road');
  await page.getByRole('tab', { name: 'People' }).click();
  await page.getByLabel('E-mail address').fill('sunil@example.com');
  await page.getByLabel('Role').click();
  await page.getByRole('option', { name: 'operator' }).click();
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  const link = await page.getByLabel('Link to join').inputValue();
  await picture(page, 'settings-people');
  assert.deepEqual(wrong, []);
  const other = await openPage(browser, server, { viewport: PHONE });
  await other.page.goto(link);
  await other.page.getByLabel('Your name').fill('Sunil Rao');
  await other.page.getByLabel('User name').fill(unique('sunil'));
  await other.page.getByLabel('Password').fill('short');
  await other.page.getByRole('button', { name: 'Join' }).click();
  await other.page.locator('[aria-invalid=true][name=password]').waitFor();
  await other.page.getByLabel('Password').fill(PASSWORD);
  await other.page.getByRole('button', { name: 'Join' }).click();
  await other.page.getByRole('heading', { name: 'Welcome, Sunil Rao' }).waitFor();
  assert.equal(await admin.total('/users'), 2);
  await other.context.close();
  await context.close();
});

test('on the profile one’s keys are shown once and revoked, sessions ended, and the password changed', async () => {
  const { page, wrong, context, admin, user } = await newCompany({ viewport: PHONE });
  await go(page, '/profile');
  await page.getByLabel('Name').nth(1).fill('Till');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByLabel('API key', { exact: true }).inputValue();
  assert.equal((await admin.with({ Authorization: `Bearer ${key}` }).get('/customers')).status, 200);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('button', { name: 'Revoke: Till' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('revoked').first().waitFor();
  assert.equal((await admin.with({ Authorization: `Bearer ${key}` }).get('/customers')).status, 401);
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await page.getByText('Signed out there').waitFor();
  assert.equal((await admin.get('/customers')).status, 401);
  await page.getByLabel('Present password').fill(PASSWORD);
  await page.locator('input[name=new_password]').fill('another sentence 2');
  await page.getByLabel('New password once more').fill('another sentence 3');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('is not the same').waitFor();
  await page.getByLabel('New password once more').fill('another sentence 2');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await page.getByText('The password is changed').waitFor();
  await login(server, user.username, 'another sentence 2');
  await assertFits(page, 'the profile');
  await picture(page, 'profile-phone', { fullPage: true });
  assert.deepEqual(wrong, []);
  await context.close();
});

test('the first start is by the printed link: the company is named, and its administrator is in', async () => {
  const fresh = await startServer({ env: { MILLWRIGHT_REGISTRATION: 'closed' } });
  const [, route] = await until('the link is printed', () => /(#\/setup\?token=\S+)/.exec(fresh.stdout));
  const { page, wrong, context } = await openPage(browser, fresh, { viewport: PHONE });
  await page.goto(`${fresh.url}/${route}`);
  await page.getByLabel('Name of the company').fill('Asha Textiles');
  await page.getByLabel('Your name').fill('Asha Rao');
  await page.getByLabel('Your e-mail address').fill('asha@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set up' }).press('Enter');
  await page.getByRole('heading', { name: 'Welcome, Asha Rao' }).waitFor();
  await assertFits(page, 'the first home page');
  assert.deepEqual(wrong, []);
  const [, used] = await Promise.all([context.close(), openPage(browser, fresh)]);
  await used.page.goto(`${fresh.url}/${route}`);
  for (const [label, text] of [['Name of the company', 'Other'], ['Your name', 'O'], ['Your e-mail address', 'o@example.com'], ['Password', PASSWORD]])
    await used.page.getByLabel(label).fill(text);
  await used.page.getByRole('button', { name: 'Set up' }).click();
  await used.page.getByRole('alert').waitFor(); // a link opens one company
  await used.context.close();
  await fresh.stop();
});
