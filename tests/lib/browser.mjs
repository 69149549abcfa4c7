// A real browser for tests/ui: pages that note everything that goes wrong in
// them, and screenshots in build/screenshots (MILLWRIGHT_PICTURES says where else).
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './server.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const pictures = process.env.MILLWRIGHT_PICTURES ?? path.join(root, 'build/screenshots');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };

export async function startBrowser() {
  assert.ok(existsSync(executablePath), `${executablePath} is missing: apt-get install chromium`);
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page of its own session. `wrong` fills with errors, failed requests and what comes from elsewhere. */
export async function openPage(browser, server, { viewport = DESKTOP, theme = 'light', locale = 'en' } = {}) {
  const context = await browser.newContext({ viewport, colorScheme: theme, locale, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && wrong.push(`${m.type()}: ${m.text()}`));
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
  await page.waitForSelector('main h1');
}

/** Goes to a hash route and waits until it has its heading and its data. */
export async function go(page, route) {
  await page.evaluate((hash) => { window.location.hash = hash; }, `#${route}`);
  await page.waitForSelector(`main [data-path="${route.split('?')[0]}"] h1`);
  await page.waitForLoadState('networkidle');
}

export async function picture(page, name, options = {}) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), ...options });
}

/** Nothing is wider than the screen. */
export async function assertFits(page, what) {
  const [inner, outer] = await page.evaluate(() => [window.document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(inner <= outer, `${what}: ${inner} px wide on a screen of ${outer}`);
}
