// The web application's files, as a browser asks for them: what is kept for
// ever, what is asked for again, how it is packed, and what it may not do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
let server;
let anybody;
let index;
let assets;

before(async () => {
  server = await startServer();
  anybody = new Client(server);
  index = await anybody.get('/', BROWSER);
  assets = [...index.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
});
after(() => server.stop());

test('a browser gets the application at /, a program what the program is', async () => {
  hasStatus(index, 200);
  assert.match(index.headers['content-type'], /^text\/html; charset=utf-8$/);
  assert.match(index.text, /<div id="root">/);
  assert.ok(assets.some((path) => path.endsWith('.js')), index.text);
  assert.ok(index.headers.vary.split(/,\s*/).includes('Accept'));
  for (const Accept of ['*/*', 'application/json']) {
    const { body } = await anybody.get('/', { Accept });
    assert.deepEqual([body.name, body.docs, body.api], ['Millwright', '/docs', '/api/v1']);
  }
});

test('the page is asked for each time, and sent only when it is another', async () => {
  assert.equal(index.headers['cache-control'], 'no-cache');
  const again = await anybody.get('/', { ...BROWSER, 'If-None-Match': index.headers.etag });
  assert.equal(again.status, 304);
  assert.equal(again.text, '');
  assert.equal(again.headers['content-security-policy'], index.headers['content-security-policy']);
  hasStatus(await anybody.get('/', { ...BROWSER, 'If-None-Match': '"0123456789abcdef"' }), 200);
});

test('what is named by its content is kept for ever', async () => {
  for (const path of assets) {
    const answer = await anybody.get(path);
    hasStatus(answer, 200);
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable', path);
    assert.match(answer.headers['content-type'], path.endsWith('.js') ? /^text\/javascript/ : /^(text\/css|image|font)/);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal((await anybody.get(path, { 'If-None-Match': answer.headers.etag })).status, 304);
  }
});

test('each form of a file is the same file', async () => {
  for (const path of ['/', ...assets.filter((name) => /\.(js|css)$/.test(name))]) {
    const ask = (coding) => anybody.get(path, { ...BROWSER, ...(coding && { 'Accept-Encoding': coding }) });
    const plain = await ask();
    const forms = { 'gzip, deflate': ['gzip', gunzipSync], 'gzip, deflate, br': ['br', brotliDecompressSync], 'br;q=0, gzip': ['gzip', gunzipSync] };
    for (const [coding, [name, unpack]] of Object.entries(forms)) {
      const packed = await ask(coding);
      assert.equal(packed.headers['content-encoding'], name, `${path} for ${coding}`);
      assert.match(packed.headers.vary, /Accept-Encoding/);
      assert.ok(unpack(packed.bytes).equals(plain.bytes), `${path} as ${name}`);
      assert.ok(packed.bytes.length < plain.bytes.length || plain.bytes.length < 200, `${path} as ${name}`);
    }
    assert.ok(!('content-encoding' in plain.headers));
    assert.ok(!('content-encoding' in (await ask('identity, br;q=0')).headers));
  }
});

test('HEAD tells the same without the file; nothing can be sent to it', async () => {
  for (const path of ['/', ...assets]) {
    const [head, get] = [await anybody.request('HEAD', path, { headers: BROWSER }), await anybody.get(path, BROWSER)];
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) assert.equal(head.headers[name], get.headers[name], `${name} of ${path}`);
    isProblem(await anybody.post(path, {}), 405, 'method_not_allowed');
  }
});

test('no other file is there, however one asks', async () => {
  const names = ['/assets/', '/assets/index.js', '/assets/x-00000000.js', `${assets[0]}/`, `${assets[0]}x`, `/${assets[0]}`, '/index.htm',
    '/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/..%2findex.html', '/assets/../../../../etc/passwd', '/..%2f..%2fetc/passwd',
    '/assets/%00', '/assets\\..\\index.html', '/.env', '/ui/package.json'];
  for (const path of names) {
    const { status, headers } = await anybody.get(path, BROWSER);
    assert.ok(status === 404 || status === 400, `${path}: ${status}`);
    assert.notEqual(headers['cache-control'], 'public, max-age=31536000, immutable');
  }
});

test('the page may run and load only what is its own', async () => {
  const policy = Object.fromEntries(index.headers['content-security-policy'].split(/;\s*/).map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]));
  assert.equal(policy['default-src'], "'none'");
  assert.equal(policy['script-src'], "'self' 'wasm-unsafe-eval'", 'WebAssembly reads bar codes; text is never compiled');
  assert.ok(!policy['style-src'].includes('unsafe'));
  assert.equal(policy['connect-src'], "'self'");
  assert.equal(policy['frame-ancestors'], "'none'");
  assert.equal(policy['base-uri'], "'none'");
  assert.ok(!/https?:|\*/.test(index.headers['content-security-policy']));
  assert.equal(index.headers['x-frame-options'], 'DENY');
  assert.equal(index.headers['referrer-policy'], 'no-referrer');
  assert.equal(index.headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(index.headers['permissions-policy'], /camera=\(self\), microphone=\(\)/);
  assert.ok(!/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/.test(index.text), 'the page has a script or style in it');
  assert.ok(!/(src|href)="(https?:)?\/\//.test(index.text), 'it loads something from elsewhere');
});
