// A real browser for tests/ui: pages that note everything that goes wrong in
// them, and screenshots in build/screenshots (MILLWRIGHT_PICTURES says where else).
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { newOrganization, PASSWORD } from './client.mjs';
import { root, startServer } from './server.mjs';
import { Shop } from './shop.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const pictures = process.env.MILLWRIGHT_PICTURES ?? path.join(root, 'build/screenshots');
/** A name of this machine that a browser trusts as little as any other address of a plain-HTTP network. */
export const PLAIN_HOST = 'workshop.test';
const FLAGS = [`--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`, '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

export async function startBrowser(flags = []) {
  assert.ok(existsSync(executablePath), `${executablePath} is missing: apt-get install chromium`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

const asked = new WeakMap(); // page -> how many of its requests have no answer yet

function countRequests(page) {
  asked.set(page, 0);
  const add = (n) => () => asked.set(page, asked.get(page) + n);
  page.on('request', add(1));
  page.on('requestfinished', add(-1));
  page.on('requestfailed', add(-1));
}

/** Waits until the page has asked nothing for a while and has all its answers. (playwright's own `networkidle` is of the load, and over once and for all.) */
export async function idle(page) {
  for (let quiet = 0; quiet < 5; await page.waitForTimeout(40)) quiet = asked.get(page) ? 0 : quiet + 1;
}

/** A page of its own session. `wrong` fills with errors, failed requests and what comes from elsewhere. */
export async function openPage(browser, server, { viewport = DESKTOP, theme = 'light', locale = 'en' } = {}) {
  const context = await browser.newContext({ viewport, colorScheme: theme, locale, reducedMotion: 'reduce' });
  const page = await context.newPage();
  countRequests(page);
  page.setDefaultTimeout(60_000); // how long a page takes is no question of these tests
  const wrong = [];
  // Tests go on by writing the address while a form is open: the router says that it cannot ask then.
  const expected = /use a blocker on a POP navigation/;
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !expected.test(m.text()) && wrong.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => wrong.push(`exception: ${e.message}`));
  page.on('requestfailed', (r) => r.failure()?.errorText !== 'net::ERR_ABORTED' && wrong.push(`failed: ${r.url()} ${r.failure()?.errorText}`));
  page.on('response', (r) => r.status() >= 400 && wrong.push(`${r.status()}: ${r.request().method()} ${r.url()}`));
  page.on('request', (r) => {
    const here = r.url().startsWith(`${server.url}/`) || /^(data|blob):/.test(r.url());
    if (!here) wrong.push(`elsewhere: ${r.url()}`);
  });
  return { page, wrong, context };
}

export async function signIn(page, server, username, password = 'millwright') {
  await page.goto(`${server.url}/`);
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('main [data-path] h1');
}

/** Goes to a hash route and waits until it has its heading and its data. */
export async function go(page, route) {
  await page.evaluate((hash) => { window.location.hash = hash; }, `#${route}`);
  await page.waitForSelector(`main [data-path="${route.split('?')[0]}"] h1`);
  await idle(page);
}

export async function picture(page, name, options = {}) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

/** Nothing is wider than the screen, once the page has arranged itself on one that has just changed. */
export async function assertFits(page, what) {
  const fits = () => window.document.documentElement.scrollWidth <= window.innerWidth;
  await page.waitForFunction(fits, undefined, { timeout: 10_000 }).catch(() => undefined);
  const [inner, outer] = await page.evaluate(() => [window.document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(inner <= outer, `${what}: ${inner} px wide on a screen of ${outer}`);
}

const axe = readFileSync(createRequire(path.join(root, 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing is on its way from one colour or place to another any more; what turns for ever does not count. */
const settled = (page) => page.evaluate(() => Promise.all(window.document.getAnimations()
  .filter((a) => Number.isFinite(a.effect.getComputedTiming().endTime)).map((a) => a.finished.catch(() => undefined))).then(() => undefined));

/** What axe finds against WCAG 2.2 AA and its best practices: a line each; on the whole page, or in what a selector finds. */
export async function accessibilityProblems(page, within) {
  await settled(page);
  await page.evaluate(axe);
  const { violations } = await page.evaluate((selector) => window.axe.run(selector ? window.document.querySelector(selector) : window.document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }), within);
  return violations.map((v) => `${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary.replaceAll('\n', ' ').slice(0, 220)}`);
}

/** There is none of them in the page itself, or in the dialog before it. */
export async function accessible(page, what) {
  const dialog = await page.getByRole('dialog').count();
  assert.deepEqual(await accessibilityProblems(page, dialog ? '[role=dialog]' : 'main'), [], what);
}

/** A hand scanner: the code as quick key presses with Enter behind them, wherever the focus is. */
export async function scan(page, code) {
  await page.evaluate((text) => {
    const at = window.document.activeElement ?? window.document.body;
    const press = (event) => {
      const { key } = event;
      const kept = at.dispatchEvent(event);
      if (kept && key.length === 1 && at instanceof window.HTMLInputElement && at.type === 'text') {
        const { set } = Object.getOwnPropertyDescriptor(window.HTMLInputElement.prototype, 'value');
        set.call(at, at.value + key);
        at.dispatchEvent(new window.Event('input', { bubbles: true }));
      }
    };
    // All made first: what a page does between them does not slow a scanner down.
    const events = [...text, 'Enter'].map((key) => new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    for (const event of events) press(event);
  }, code);
}

/** A server with an organization of its own and what tests of goods need. */
export async function startShop() {
  const server = await startServer();
  const { admin, user } = await newOrganization(server);
  const books = new Shop(admin);
  const product = (over) => books.product(over);
  const goods = ({ quantity = 100, ...over } = {}) => books.goods(quantity, over);
  return { server, admin, books, product, goods, username: user.username, password: PASSWORD };
}

/** A page of the shop's administrator at a hash route. */
export async function openAt(browser, shop, route, options) {
  const all = await openPage(browser, shop.server, options);
  await signIn(all.page, shop.server, shop.username, shop.password);
  await go(all.page, route);
  return all;
}
