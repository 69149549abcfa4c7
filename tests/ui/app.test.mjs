// The web application in a real browser: every resource's generic pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { go, openPage, picture, signIn, startBrowser } from '../lib/browser.mjs';
import { login } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let browser;

before(async () => {
  server = await startServer({ flags: ['--demo'] });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('an administrator signs in and opens the list of every resource', async () => {
  const admin = await login(server, 'admin', 'millwright');
  const { resources } = await admin.ok(admin.get('/meta'));
  const { page, wrong, context } = await openPage(browser, server);
  await signIn(page, server, 'admin');
  await picture(page, 'home');
  for (const r of resources.filter((x) => x.may.list)) {
    await go(page, `/${r.name}`);
    assert.equal(await page.innerText('main h1'), r.label_plural);
  }
  assert.deepEqual(wrong, []);
  await context.close();
});
