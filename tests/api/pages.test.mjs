// The pages beside the resources: which paths they have, what they answer to
// whom, and that asking again for what is known costs nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';

const PAGES = ['/', '/docs', '/redoc', '/openapi.json', '/favicon.svg', '/health', '/health/db', '/health/status', '/metrics', '/api', '/api/v1',
  '/docs/docs.js', '/docs/site.css', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/redoc/redoc.js', '/redoc/redoc.standalone.js'];
let server;
let anybody;

before(async () => {
  server = await startServer();
  anybody = new Client(server);
});
after(() => server.stop());

test('a page has its path, the same with a slash, and nothing below it', async () => {
  for (const path of PAGES) {
    hasStatus(await anybody.get(path), 200);
    if (path !== '/') hasStatus(await anybody.get(`${path}/`), 200);
    if (path !== '/') assert.notEqual((await anybody.get(`${path}/more`)).status, 200, path);
  }
  for (const path of ['/health', '/health/db', '/health/status']) {
    hasStatus(await anybody.get(`/api/v1${path}`), 200);
    hasStatus(await anybody.get(`/api${path}`), 200);
  }
  for (const path of ['/api/v1/docs', '/api/v1/metrics', '/apihealth', '/healthy', '/docs2', '/docs/../health', '//health'])
    assert.notEqual((await anybody.get(path)).status, 200, path);
});

test('a page is only read', async () => {
  for (const path of PAGES)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await anybody.request(method, path, { body: method === 'DELETE' ? undefined : {} });
      isProblem(answer, 405, 'method_not_allowed');
      assert.equal(answer.headers.allow, 'GET, HEAD', `${method} ${path}`);
    }
  for (const path of PAGES) {
    const [head, get] = [await anybody.request('HEAD', path), await anybody.get(path)];
    assert.equal(head.status, 200, path);
    assert.equal(head.text, '');
    assert.equal(head.headers['content-type'], get.headers['content-type']);
  }
});

test('what is known is not sent again', async () => {
  for (const path of ['/docs', '/openapi.json', '/docs/swagger-ui-bundle.js', '/favicon.svg']) {
    const { headers } = await anybody.get(path);
    assert.match(headers.etag, /^"[0-9a-f]{16}"$/);
    assert.match(headers['cache-control'], path === '/docs' || path === '/openapi.json' ? /^no-cache$/ : /^public, max-age=3600$/);
    for (const tag of [headers.etag, `"x", ${headers.etag}`]) {
      const again = await anybody.get(path, { 'If-None-Match': tag });
      assert.equal(again.status, 304, path);
      assert.equal(again.text, '');
      assert.equal(again.headers.etag, headers.etag);
    }
    assert.equal((await anybody.get(path, { 'If-None-Match': '"other"' })).status, 200);
  }
});

test('compressed or not, it is the same', async () => {
  for (const path of ['/docs', '/openapi.json', '/docs/swagger-ui.css', '/redoc/redoc.standalone.js']) {
    const plain = await anybody.get(path);
    const packed = await anybody.get(path, { 'Accept-Encoding': 'gzip' });
    assert.ok(!('content-encoding' in plain.headers));
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.match(plain.headers.vary, /Accept-Encoding/);
    assert.equal(gunzipSync(packed.bytes).toString(), plain.text, path);
  }
});

test('/ is JSON for programs, as /api/v1 is for everybody', async () => {
  for (const Accept of ['*/*', 'application/json', '']) assert.equal((await anybody.get('/', { Accept })).body.api, '/api/v1');
  const { body } = await anybody.get('/api/v1', { Accept: 'text/html' });
  assert.deepEqual(body, (await anybody.get('/')).body);
});

test('no page runs a script or style of somebody else', async () => {
  for (const path of ['/docs', '/redoc']) {
    const { headers, text } = await anybody.get(path);
    const policy = headers['content-security-policy'];
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!/<script(?![^>]*src=)|\son\w+=/.test(text), 'a script within the page');
  }
});

test('/health/status tells the figures that an operator asks for', async () => {
  const { body } = await anybody.get('/health/status');
  assert.equal(body.status, 'healthy');
  for (const name of ['uptime_seconds', 'connections', 'memory_resident_bytes']) assert.ok(Number.isInteger(body[name]) && body[name] >= 0, name);
  assert.ok(body.connections >= 1 && body.memory_resident_bytes > 1e6);
  assert.deepEqual(Object.keys(body.queues), ['writer', 'pool', 'pool_running']);
  assert.match(body.database, /^(sqlite|postgres)/);
});

test('--metrics-from lets others read /metrics, and nobody else', async () => {
  const behind = await startServer({ env: { MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1', MILLWRIGHT_METRICS_FROM: '10.9.0.0/16,2001:db8::/32' } });
  try {
    const from = (address) => new Client(behind).get('/metrics', { 'X-Forwarded-For': address });
    for (const address of ['10.9.3.4', '2001:db8:5::1']) hasStatus(await from(address), 200);
    for (const address of ['10.8.0.1', '127.0.0.1', '::1']) isProblem(await from(address), 404, 'not_found');
    const { code, stderr } = await behind.run('serve', ['--metrics-from', '10.9.0.0/16,nowhere']);
    assert.notEqual(code, 0);
    assert.match(stderr, /--metrics-from: "nowhere" is not an address or network/);
  } finally {
    await behind.stop();
  }
});

test('/metrics is for this machine only', async () => {
  const behind = await startServer({ env: { MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1' } });
  try {
    const client = new Client(behind);
    hasStatus(await client.get('/metrics'), 200);
    const far = await client.get('/metrics', { 'X-Forwarded-For': '203.0.113.9' });
    isProblem(far, 404, 'not_found');
    hasStatus(await client.get('/health', { 'X-Forwarded-For': '203.0.113.9' }), 200);
  } finally {
    await behind.stop();
  }
});
