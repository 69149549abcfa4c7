// What a browser loads before the first page can be used is small: the page,
// its script with all that this needs at once, and its style, as they are sent.
// How long it then takes, here and now, is printed; no time is asserted.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { idle, openPage, signIn, startBrowser } from '../lib/browser.mjs';
import { root, startServer } from '../lib/server.mjs';

const LIMIT = 450 * 1024;
const folder = path.join(root, 'build/ui');
const packed = (file) => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;

/** The files that index.html and, statically, its scripts name. */
function firstLoad() {
  const wanted = new Set(['index.html']);
  const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const queue = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((m) => m[1]);
  while (queue.length) {
    const file = queue.pop();
    if (wanted.has(file)) continue;
    wanted.add(file);
    if (!file.endsWith('.js')) continue;
    for (const [, name] of readFileSync(path.join(folder, file), 'utf8').matchAll(/(?:^|[;}])\s*(?:import|export)\b[^;"'()]*?["']\.\/([^"']+)["']/g)) queue.push(`assets/${name}`);
  }
  return [...wanted];
}

test('the first load is at most 450 KB, compressed', (t) => {
  const files = firstLoad();
  const sizes = Object.fromEntries(files.map((f) => [f, packed(f)]));
  const total = Object.values(sizes).reduce((a, b) => a + b, 0);
  t.diagnostic(`first load: ${(total / 1024).toFixed(0)} KB of ${LIMIT / 1024} (${files.length} files)`);
  assert.ok(files.some((f) => f.endsWith('.js')));
  assert.ok(total <= LIMIT, JSON.stringify(sizes));
});

test('charts and other languages are loaded when they are needed', () => {
  const first = new Set(firstLoad());
  const text = [...first].filter((f) => f.endsWith('.js')).map((f) => readFileSync(path.join(folder, f), 'utf8')).join('');
  assert.ok(!/zrender|Willkommen, /.test(text));
  const german = readdirSync(path.join(folder, 'assets')).find((f) => /^de-.*\.js$/.test(f));
  assert.ok(german && !first.has(`assets/${german}`));
});

/** In the page: from a click on a link of the menu to the first frame that shows what it leads to. */
const clicked = (page, route) => page.evaluate((to) => new Promise((done) => {
  const from = window.performance.now();
  const look = () => {
    const there = window.document.querySelector(`main [data-path="${to}"] h1`) && window.document.querySelector('main tbody tr td, main [data-path] + * p');
    if (there) window.requestAnimationFrame(() => done(window.performance.now() - from));
    else window.requestAnimationFrame(look);
  };
  window.document.querySelector(`nav a[href="#${to}"]`).click();
  look();
}), route);

test('how long the first page and a list take', async (t) => {
  const server = await startServer({ flags: ['--demo', '--jobs-every', '3600'] });
  const browser = await startBrowser();
  const cold = await openPage(browser, server);
  await cold.page.goto(`${server.url}/`);
  await cold.page.waitForSelector('input[name=username]');
  const usable = await cold.page.evaluate(() => window.performance.now());
  await signIn(cold.page, server, 'admin');
  await cold.page.waitForSelector('main [data-path="/"] h1');
  await idle(cold.page);
  const cdp = await cold.context.newCDPSession(cold.page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const cpu = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value * 1000;
  const took = [];
  for (const route of ['/customers', '/sales-orders', '/products', '/customers', '/payments', '/deals', '/sales-orders']) {
    const before = await cpu();
    const ms = await clicked(cold.page, route);
    took.push(`${route} ${Math.round(ms)} (${Math.round(await cpu() - before)})`);
    await idle(cold.page);
  }
  t.diagnostic(`usable on a cold cache after ${Math.round(usable)} ms; from the click to the list, in ms (of processor time): ${took.join(', ')}`);
  assert.deepEqual(cold.wrong, []);
  await browser.close();
  await server.stop();
});
