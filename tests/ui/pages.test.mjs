// Every page, as each role, on a desk's screen and a telephone's, in both themes: nothing goes wrong in it, it fits,
// and axe finds nothing. The rule of who sees what how:
// - the administrator: every page of its own and every list in all four looks, axe in each of them; the record's page and
//   the forms of some resources likewise, of the others in one look, which takes turns;
// - every other role: home in all four looks with axe, and all that its menu has in looks that take turns, with axe on
//   pages of their own. Those of a role see every look several times.
// What a look is changes in the open page, as a telephone that is turned or a system that goes dark changes it.
// Pictures are in build/screenshots/all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityProblems, assertFits, DESKTOP, go, idle, openPage, PHONE, picture, signIn, startBrowser } from '../lib/browser.mjs';
import { login } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;
let admin;
let meta;

before(async () => {
  server = await startServer({ flags: ['--demo', '--jobs-every', '3600'] });
  browser = await startBrowser();
  admin = await login(server, 'admin', 'millwright');
  meta = await admin.ok(admin.get('/meta'));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const VIEWPORTS = { desk: DESKTOP, phone: PHONE };
const LOOKS = [['desk', 'light'], ['desk', 'dark'], ['phone', 'dark'], ['phone', 'light']];

async function open(who, locale = 'en') {
  const opened = await openPage(browser, server, { locale });
  await signIn(opened.page, server, who);
  await opened.page.waitForSelector('main [data-path="/"] h1');
  await idle(opened.page);
  return { ...opened, who, size: 'desk', theme: 'light', found: [] };
}

/** Takes on a look, and waits until the page has it. */
async function dress(o, [size, theme]) {
  if (o.size !== size) await o.page.setViewportSize(VIEWPORTS[size]);
  if (o.theme !== theme) {
    await o.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await o.page.waitForFunction((dark) => {
      const [r, g, b] = window.getComputedStyle(window.document.body).backgroundColor.match(/\d+/g).map(Number);
      return (r + g + b < 384) === dark;
    }, theme === 'dark');
  }
  if (o.size !== size) await idle(o.page);
  Object.assign(o, { size, theme });
}

const wellNamed = (route) => route.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'home';

/** Notes what is wrong with the page that is open, as it looks now. */
async function look(o, route, { axe = true } = {}) {
  const what = `${route} for ${o.who}, ${o.size}, ${o.theme}`;
  await assertFits(o.page, what).catch((e) => o.found.push(e.message));
  if (axe) o.found.push(...(await accessibilityProblems(o.page, 'main')).map((p) => `${what}: ${p}`));
  await picture(o.page, `all/${wellNamed(route)}.${o.who}.${o.size}.${o.theme}`);
  o.found.push(...o.wrong.splice(0).map((w) => `${what}: ${w}`));
}

/** In every look, from the present one on. */
async function lookAllAround(o, route) {
  const from = LOOKS.findIndex(([size, theme]) => size === o.size && theme === o.theme);
  for (let i = 0; i < LOOKS.length; i += 1) {
    await dress(o, LOOKS[(from + i) % LOOKS.length]);
    await look(o, route);
  }
}

/** All that was wrong, at once. */
async function close(o) {
  await o.context.close();
  assert.deepEqual(o.found, []);
}

/** What the menu leads to, with all its areas unfolded. */
async function menu({ page }) {
  for (let folded; (folded = page.locator('nav [aria-expanded=false]').first(), await folded.count());) await folded.click();
  return page.evaluate(() => [...window.document.querySelectorAll('nav a[href^="#/"]')].map((a) => a.getAttribute('href').slice(1)));
}

const listOf = (route) => meta.resources.find((r) => r.may.list && `/${r.name}` === route);
const UNLISTED = ['/profile', '/pos/refund', '/import?resource=customers', '/calendar?view=week', '/no-such-page'];

const PARTS = 4;
for (let part = 0; part < PARTS; part += 1)
  test(`the administrator's pages and lists in every look, ${part + 1} of ${PARTS}`, async () => {
    const o = await open('admin');
    const routes = [...new Set([...await menu(o), ...UNLISTED])];
    assert.ok(routes.length > 50, routes.join(' '));
    for (const r of meta.resources.filter((x) => x.may.list && !x.virtual)) assert.ok(routes.includes(`/${r.name}`), `${r.name} is in the menu`);
    for (const route of routes.filter((_, i) => i % PARTS === part)) {
      await go(o.page, route);
      const list = listOf(route);
      if (list) assert.equal(await o.page.innerText('main h1'), list.label_plural);
      await lookAllAround(o, route);
    }
    await close(o);
  });

const SAMPLE = ['customers', 'products', 'sales-orders', 'deals'];

async function recordRoutes(r) {
  const { items: [first] } = await admin.ok(admin.get(`/${r.path}?page_size=1`));
  return [
    r.may.create && `/${r.name}/create`,
    first && r.may.get && `/${r.name}/${first.id}/show`,
    first && r.may.update && `/${r.name}/${first.id}`,
  ].filter(Boolean);
}

test('a record, a form for a new one and one to change it, in every look', async () => {
  const o = await open('admin');
  for (const name of SAMPLE)
    for (const route of await recordRoutes(meta.resources.find((r) => r.name === name))) {
      await go(o.page, route);
      await lookAllAround(o, route);
    }
  await close(o);
});

for (const [n, locale] of ['en', 'de'].entries())
  test(`a record of every resource, and its forms: ${locale}`, async () => {
    const o = await open('admin', locale);
    const others = meta.resources.filter((x) => !x.virtual && !x.singleton && !SAMPLE.includes(x.name));
    const routes = (await Promise.all(others.map(recordRoutes))).flat();
    assert.ok(routes.length > 70, String(routes.length));
    for (const [i, route] of routes.entries()) {
      if (i % 2 !== n) continue;
      await dress(o, LOOKS[(i >> 1) % LOOKS.length]);
      await go(o.page, route);
      await look(o, route);
      await o.page.setViewportSize(o.size === 'desk' ? { ...DESKTOP, width: 1000 } : { width: 320, height: 640 }); // WCAG 1.4.10
      await assertFits(o.page, route).catch((e) => o.found.push(e.message));
      await o.page.setViewportSize(VIEWPORTS[o.size]);
    }
    await close(o);
  });

const ROLES = ['manager', 'sales', 'stock', 'staff', 'operator', 'viewer'];
for (const [n, username] of ROLES.entries())
  test(`what ${username} finds in the menu`, async () => {
    const o = await open(username);
    const routes = (await menu(o)).filter((route) => route !== '/');
    assert.deepEqual(await accessibilityProblems(o.page), [], `home and menu of ${username}`);
    await lookAllAround(o, '/');
    assert.ok(routes.length > 2 * LOOKS.length, routes.join(' '));
    for (const [i, route] of routes.entries()) {
      await dress(o, LOOKS[(i + n) % LOOKS.length]);
      await go(o.page, route);
      await look(o, route, { axe: !listOf(route) });
      assert.equal(await o.page.evaluate(() => window.location.hash), `#${route}`, 'nobody is sent away from what the menu offers');
    }
    await close(o);
  });

test('there are no other roles in the demo company', async () => {
  const { demo_logins: people } = await admin.ok(admin.get('/setup'));
  assert.deepEqual(people.map((p) => p.username).sort(), ['admin', ...ROLES].sort());
});
