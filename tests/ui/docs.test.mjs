// The pages a person opens: they show what they should, complain of nothing,
// and load nothing from elsewhere.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startServer } from '../lib/server.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const PATIENCE_MS = 240_000; // hundreds of operations are drawn: how long that takes is no question here
const pictures = process.env.MILLWRIGHT_PICTURES; // a folder for screenshots

let server;
let browser;
let document;

before(async () => {
  assert.ok(existsSync(executablePath), `${executablePath} is missing: apt-get install chromium`);
  server = await startServer({ flags: ['--demo'] });
  document = await (await fetch(`${server.url}/openapi.json`)).json();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A page that notes everything that goes wrong in it. */
async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(PATIENCE_MS);
  const wrong = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && wrong.push(`${m.type()}: ${m.text()}`));
  page.on('pageerror', (e) => wrong.push(`exception: ${e.message}`));
  page.on('requestfailed', (r) => wrong.push(`failed: ${r.url()} ${r.failure()?.errorText}`));
  page.on('response', (r) => r.status() >= 400 && wrong.push(`${r.status()}: ${r.url()}`));
  page.on('request', (r) => {
    const here = r.url().startsWith(`${server.url}/`) || /^(data|blob):/.test(r.url());
    if (!here) wrong.push(`elsewhere: ${r.url()}`);
  });
  await page.goto(server.url + path, { waitUntil: 'networkidle' });
  return { page, wrong };
}

async function picture(page, name, options = {}) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, ...options });
}

test('/docs lists every operation and signs in with a login tried out there', async () => {
  const { page, wrong } = await open('/docs');
  await page.waitForSelector('.opblock-tag-section');
  await picture(page, 'docs');
  const tags = await page.$$eval('.opblock-tag', (all) => all.map((t) => t.dataset.tag));
  assert.deepEqual(tags.sort(), document.tags.map((t) => t.name).sort());
  for (const tag of tags) await page.$eval(`.opblock-tag[data-tag="${tag}"]`, (t) => t.dataset.isOpen === 'true' || t.click());
  const expected = Object.entries(document.paths).flatMap(([path, item]) =>
    ['get', 'post', 'put', 'patch', 'delete'].filter((m) => item[m]).map((m) => `${m.toUpperCase()} ${path}`));
  const shown = await page.$$eval('.opblock-summary', (all) => all.map((o) =>
    `${o.querySelector('.opblock-summary-method').textContent} ${o.querySelector('.opblock-summary-path').dataset.path}`));
  assert.deepEqual(shown.sort(), expected.sort());

  await page.click('#operations-auth-auth_login .opblock-summary-control');
  await page.click('#operations-auth-auth_login .try-out__btn');
  await page.fill('#operations-auth-auth_login textarea', '{"username": "admin", "password": "millwright"}');
  await page.click('#operations-auth-auth_login .execute');
  await page.waitForSelector('#operations-auth-auth_login .live-responses-table .response-col_status >> text=200');
  const list = '[id="operations-purchase-orders-purchase_orders_list"]';
  await page.click(`${list} .opblock-summary-control`);
  await picture(page, 'docs-open', { fullPage: false });
  await page.click(`${list} .try-out__btn`);
  await page.click(`${list} .execute`);
  await page.waitForSelector(`${list} .live-responses-table .response-col_status >> text=200`);
  assert.match(await page.innerText(`${list} .live-responses-table`), /"next_cursor"/);
  assert.deepEqual(wrong, []);
  await page.close();
});

test('/docs explains each error code at the address that errors name', async () => {
  const { page, wrong } = await open('/docs#error-conflict');
  await page.waitForSelector('#error-conflict');
  for (const error of document['x-errors']) assert.ok(await page.$(`[id="error-${error.code}"]`), error.code);
  await page.waitForFunction(() => {
    const box = window.document.getElementById('error-conflict').getBoundingClientRect();
    return box.top >= 0 && box.bottom <= window.innerHeight;
  });
  await picture(page, 'docs-errors');
  assert.deepEqual(wrong, []);
  await page.close();
});

test('/redoc shows the same document', async () => {
  const { page, wrong } = await open('/redoc');
  await page.waitForSelector('[data-section-id]');
  await picture(page, 'redoc');
  const text = await page.innerText('#redoc');
  for (const word of ['Millwright', 'purchase-orders', 'work-orders']) assert.ok(text.includes(word), word);
  await page.fill('input[role=search], input[placeholder^="Search"]', 'approve');
  await page.waitForSelector('[data-role="search:results"] li');
  await picture(page, 'redoc-search');
  assert.deepEqual(wrong, []);
  await page.close();
});
