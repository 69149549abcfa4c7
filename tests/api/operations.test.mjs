// What operators and browsers see: health, metrics, headers, compression, CORS.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const GOOD = 'https://app.example.com';
let server;
let admin;
let anonymous;

before(async () => {
  server = await startServer({ env: { MILLWRIGHT_CORS_ORIGINS: `${GOOD}, http://localhost:5173` } });
  anonymous = new Client(server);
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

describe('health', () => {
  test('/health says that it is there, for anybody', async () => {
    const body = hasStatus(await anonymous.get('/health'), 200);
    assert.equal(body.status, 'healthy');
    assert.match(body.version, /^\d+\.\d+\.\d+$/);
    assert.match(body.timestamp, /^20\d\d-.*Z$/);
  });
  test('/health/db measures the database', async () => {
    const body = hasStatus(await anonymous.get('/health/db'), 200);
    assert.equal(body.status, 'healthy');
    assert.equal(typeof body.response_time_ms, 'number');
  });
  test('/health/status and /metrics tell more', async () => {
    hasStatus(await anonymous.get('/health/status'), 200);
    const { text, headers } = await anonymous.get('/metrics');
    assert.match(headers['content-type'], /^text\/plain/);
    for (const line of text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) \S+ .+|[a-z_:]+(\{[^}]*\})? [-+.\deE]+(Inf|NaN)?)$/);
  });
  test('/metrics counts requests by route and status, commits and connections', async () => {
    const count = async (pattern) => {
      const { text } = await anonymous.get('/metrics');
      return text.split('\n').filter((l) => !l.startsWith('#') && pattern.test(l)).reduce((sum, l) => sum + Number(l.split(' ').at(-1)), 0);
    };
    const created = /requests_total\{.*work-orders.*201/;
    const before = await count(created);
    for (let i = 0; i < 3; i++) await admin.create('/work-orders', workOrder());
    // A request is counted after its answer is out.
    let counted = 0;
    for (let tries = 0; tries < 100 && counted < before + 3; tries++) counted = await count(created);
    assert.equal(counted, before + 3);
    assert.ok(await count(/commits_total/) > 0);
    assert.ok(await count(/connections/) > 0);
  });
  test('/ tells other programs where the API is', async () => {
    const body = hasStatus(await anonymous.get('/', { Accept: 'application/json' }), 200);
    assert.deepEqual(Object.keys(body).sort(), ['api', 'docs', 'name', 'version']);
  });
});

describe('headers', () => {
  test('X-Request-Id is echoed when it is sane, and made otherwise', async () => {
    assert.equal((await admin.get('/customers', { 'X-Request-Id': 'my-id_7.a' })).headers['x-request-id'], 'my-id_7.a');
    const seen = new Set();
    for (const id of ['with space', 'x'.repeat(33), 'semi;colon', '']) {
      const { headers } = await admin.get('/customers', { 'X-Request-Id': id });
      assert.match(headers['x-request-id'], /^[0-9a-z]{8,}$/);
      seen.add(headers['x-request-id']);
    }
    assert.equal(seen.size, 4);
    const missing = await admin.get('/nothing', { 'X-Request-Id': 'trace-1' });
    assert.equal(isProblem(missing, 404).request_id, 'trace-1');
    await admin.create('/customers', { name: 'x' }, { 'X-Request-Id': 'trace-2' });
    assert.equal((await admin.ok(admin.get('/audit-logs?page_size=1'))).items[0].request_id, 'trace-2');
  });

  test('protect browsers on every answer', async () => {
    for (const path of ['/customers', '/health', '/nothing', '/openapi.json']) {
      const { headers } = await admin.get(path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.ok(/DENY/i.test(headers['x-frame-options'] ?? '') || /frame-ancestors 'none'/.test(headers['content-security-policy'] ?? ''), path);
      assert.ok(headers['referrer-policy'], path);
      assert.ok(!('strict-transport-security' in headers), 'HSTS without TLS');
      assert.ok(!/\d/.test(headers.server ?? ''), 'the server tells its version');
    }
    assert.match((await admin.get('/customers')).headers['cache-control'], /no-store|no-cache|private/);
  });
});

describe('gzip', () => {
  before(() => admin.create('/work-orders/bulk', { items: Array.from({ length: 100 }, () => workOrder()) }));
  test('large answers are compressed for who asks', async () => {
    const path = '/work-orders?page_size=100&ordering=id';
    const plain = await admin.get(path);
    const packed = await admin.get(path, { 'Accept-Encoding': 'gzip' });
    assert.equal(packed.headers['content-encoding'], 'gzip');
    assert.match(packed.headers.vary, /accept-encoding/i);
    assert.ok(packed.bytes.length < plain.bytes.length / 4);
    assert.equal(gunzipSync(packed.bytes).toString(), plain.text);
    assert.ok(!('content-encoding' in plain.headers));
    for (const coding of ['gzip;q=0', 'identity', 'br', 'gzip;q=0, *'])
      assert.ok(!('content-encoding' in (await admin.get(path, { 'Accept-Encoding': coding })).headers), coding);
    assert.equal((await admin.get(path, { 'Accept-Encoding': 'br, gzip;q=0.5' })).headers['content-encoding'], 'gzip');
  });
  test('small ones are not', async () => {
    assert.ok(!('content-encoding' in (await admin.get('/health', { 'Accept-Encoding': 'gzip' })).headers));
  });
});

describe('CORS', () => {
  test('an allowed origin may read answers, errors included', async () => {
    for (const path of ['/customers', '/nothing', '/health']) {
      const { headers } = await admin.get(path, { Origin: GOOD });
      assert.equal(headers['access-control-allow-origin'], GOOD, path);
      assert.match(headers.vary, /origin/i);
    }
    assert.match((await admin.get('/customers', { Origin: GOOD })).headers['access-control-expose-headers'], /ETag/);
    assert.equal((await admin.get('/customers', { Origin: 'http://localhost:5173' })).headers['access-control-allow-origin'], 'http://localhost:5173');
  });
  test('others are not, not even those that look like it', async () => {
    for (const Origin of ['https://evil.example', 'https://app.example.com.evil.example', 'http://app.example.com', 'https://app.example.com:8443', 'null', `${GOOD}/`])
      assert.ok(!('access-control-allow-origin' in (await admin.get('/customers', { Origin })).headers), Origin);
  });
  test('a preflight is answered without a token', async () => {
    const asked = { Origin: GOOD, 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization,if-match' };
    const { status, headers } = await anonymous.request('OPTIONS', '/customers/1', { headers: asked });
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-origin'], GOOD);
    assert.match(headers['access-control-allow-methods'], /PATCH/);
    for (const name of ['authorization', 'if-match', 'idempotency-key', 'content-type']) assert.ok(headers['access-control-allow-headers'].toLowerCase().includes(name));
    const evil = await anonymous.request('OPTIONS', '/customers/1', { headers: { ...asked, Origin: 'https://evil.example' } });
    assert.ok(!('access-control-allow-origin' in evil.headers));
  });
});

test('requests and events are JSON lines with the request id, and never a token or password', async () => {
  const loud = await startServer({ env: { MILLWRIGHT_LOG_LEVEL: 'info' } });
  const { admin: somebody } = await newOrganization(loud);
  await somebody.get('/customers?search=secret', { 'X-Request-Id': 'find-me' });
  await loud.stop();
  const lines = loud.stderr.trim().split('\n').map((l) => JSON.parse(l));
  const request = lines.find((l) => l.request_id === 'find-me');
  assert.deepEqual([request.method, request.path, request.status], ['GET', '/customers', 200]);
  assert.ok(!loud.stderr.includes(somebody.headers.Authorization.slice(7)));
  assert.ok(!loud.stderr.includes('correct horse'));
});
