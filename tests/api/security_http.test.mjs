// HTTP as bytes: what two programs in a row could read differently is refused
// and the connection closed; limits are exact; slow clients hurt themselves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { changesNothing, hasStatus, isProblem } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { connect, send, statuses } from '../lib/raw.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;
let token;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  token = admin.login.access_token;
});
after(() => server.stop());

const BODY = '{"sku":"RAW","name":"x"}';
const head = (lines) => `${lines.join('\r\n')}\r\n\r\n`;
const auth = () => `Authorization: Bearer ${token}`;
const get = (path = '/api/v1/products', ...more) => head([`GET ${path} HTTP/1.1`, 'Host: x', auth(), ...more]);
const post = (...more) => head(['POST /api/v1/products HTTP/1.1', 'Host: x', auth(), 'Content-Type: application/json', ...more]);
/** What must never be answered: it is inside or behind something refused. */
const CANARY = 'GET /api/v1/nowhere HTTP/1.1\r\nHost: x\r\nX-Request-Id: canary\r\n\r\n';
const refused = (attempt) => changesNothing(admin, ['/products'], attempt);

/** What the library below refuses by itself is HTML, and its status may come twice. */
function isRefused(answer, allowed, what) {
  assert.ok(answer.statuses.every((s) => allowed.includes(s)), `${what}: ${answer.statuses} ${answer.text.slice(0, 300)}`);
  assert.ok(!answer.text.includes('canary'), `${what}: what came behind was answered: ${answer.text}`);
  assert.ok(answer.closed, `${what}: the connection stays open`);
}

describe('where a request ends must be beyond doubt', () => {
  const chunked = 'Transfer-Encoding: chunked';
  const length = `Content-Length: ${BODY.length}`;
  const whole = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const cases = [
    ['Content-Length and Transfer-Encoding', () => post(length, chunked) + whole],
    ['Transfer-Encoding and Content-Length', () => post(chunked, 'Content-Length: 0') + whole],
    ['two Content-Lengths', () => post(length, length) + BODY],
    ['two different Content-Lengths', () => post(length, 'Content-Length: 0') + BODY],
    ['a list of Content-Lengths', () => post(`Content-Length: ${BODY.length}, ${BODY.length}`) + BODY],
    ['a signed Content-Length', () => post(`Content-Length: +${BODY.length}`) + BODY],
    ['a negative Content-Length', () => post('Content-Length: -1') + BODY],
    ['a hexadecimal Content-Length', () => post('Content-Length: 0x18') + BODY],
    ['a Content-Length with a blank', () => post('Content-Length: 2 4') + BODY],
    ['a Content-Length beyond 64 bits', () => post('Content-Length: 18446744073709551640') + BODY],
    ['an empty Content-Length', () => post('Content-Length: ') + BODY],
    ['an unknown coding', () => post('Transfer-Encoding: gzip') + BODY],
    ['chunked that is not last', () => post('Transfer-Encoding: chunked, gzip') + whole],
    ['a coding before chunked', () => post('Transfer-Encoding: gzip, chunked') + whole],
    ['chunked twice', () => post('Transfer-Encoding: chunked, chunked') + whole],
    ['two Transfer-Encodings', () => post(chunked, chunked) + whole],
    ['a blank before the colon', () => post('Transfer-Encoding : chunked') + whole],
    ['Content-Length with a blank before the colon', () => post(`Content-Length : ${BODY.length}`) + BODY],
    ['a folded Transfer-Encoding', () => post('Transfer-Encoding:\r\n chunked') + whole],
    ['a vertical tab in chunked', () => post('Transfer-Encoding: \x0bchunked') + whole],
    ['a NUL in a header', () => post('X-Nul: a\x00b', length) + BODY],
    ['a bare CR in a header', () => post('X-Cr: a\rb', length) + BODY],
    ['a bare LF in a header', () => post(`X-Lf: a\n${chunked}`) + whole],
    ['bare LFs all the way', () => `POST /api/v1/products HTTP/1.1\nHost: x\n${auth()}\nContent-Type: application/json\nContent-Length: ${BODY.length}\n\n${BODY}`],
    ['Transfer-Encoding in HTTP/1.0', () => (post(chunked) + whole).replace('HTTP/1.1', 'HTTP/1.0')],
    ['no Host', () => get().replace('Host: x\r\n', '')],
    ['two Hosts', () => get('/api/v1/products', 'Host: y')],
    ['a Host with a path', () => get().replace('Host: x', 'Host: x/y')],
    ['a header without a colon', () => get('/api/v1/products', 'nonsense')],
    ['a header without a name', () => get('/api/v1/products', ': x')],
    ['a blank in a header name', () => get('/api/v1/products', 'X A: x')],
    ['two blanks in the request line', () => get().replace('GET ', 'GET  ')],
    ['a tab in the request line', () => get().replace('GET ', 'GET\t')],
    ['a blank in the address', () => get('/api/v1/pro ducts')],
    ['a fragment in the address', () => get('/api/v1/products#x')],
    ['an address without a slash', () => get('api/v1/products')],
    ['a control character in the address', () => get('/api/v1/\x01')],
    ['no version', () => head(['GET /api/v1/products', 'Host: x', auth()])],
    ['a version of the future', () => get().replace('HTTP/1.1', 'HTTP/9.9')],
    ['a version in small letters', () => get().replace('HTTP/1.1', 'http/1.1')],
    ['a method with a slash', () => get().replace('GET', 'G/T')],
    ['nothing but noise', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ];
  for (const [what, bytes] of cases)
    test(`${what}: refused, closed, and nothing behind it is answered`, async () => {
      const answer = await refused(() => send(server, bytes() + CANARY));
      isRefused(answer, [400, 404, 405, 413, 501, 505], what);
    });

  const chunks = [
    ['a size that is no number', 'zz\r\n'], ['a signed size', `+${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`], ['a size with 0x', `0x${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`],
    ['a size beyond 64 bits', `fffffffffffffffff\r\n${BODY}\r\n0\r\n\r\n`], ['a negative size', `-1\r\n${BODY}\r\n0\r\n\r\n`], ['a chunk longer than its size', `5\r\n${BODY}\r\n0\r\n\r\n`],
    ['no size', `\r\n${BODY}\r\n0\r\n\r\n`], ['an extension without end', `5;${'x'.repeat(40_000)}`],
  ];
  for (const [what, bytes] of chunks)
    test(`a chunked body with ${what} creates nothing and ends the connection`, async () => {
      const answer = await refused(() => send(server, post('Transfer-Encoding: chunked') + bytes + CANARY));
      isRefused(answer, [400, 413, 422, ...(what.includes('without end') ? [500] : [])], what); // libmicrohttpd’s own
    });

  test('a body that ends early creates nothing', async () => {
    for (const bytes of [post(`Content-Length: ${BODY.length + 5}`) + BODY, post('Transfer-Encoding: chunked') + `${BODY.length.toString(16)}\r\n${BODY}\r\n`, post('Content-Length: 24').slice(0, -2)]) {
      await refused(async () => {
        const connection = connect(server);
        connection.write(bytes);
        await sleep(30);
        connection.destroy();
        await sleep(30);
      });
    }
  });

  test('good requests behind each other are all answered, also cut at every byte', async () => {
    const answer = await send(server, get() + get('/health') + post(`Content-Length: ${BODY.length}`) + BODY + get());
    assert.deepEqual(answer.statuses, [200, 200, 201, 200]);
    const again = post('Transfer-Encoding: chunked') + `${BODY.replace('RAW', 'CUT').length.toString(16)}\r\n${BODY.replace('RAW', 'CUT')}\r\n0\r\n\r\n`;
    const connection = connect(server);
    for (const byte of again) { connection.write(byte); if (byte === '\n') await sleep(1); }
    await connection.until((c) => statuses(c.text).length > 0);
    assert.deepEqual(statuses(connection.text), [201]);
    connection.destroy();
  });
});

describe('limits', () => {
  test('an address over 8 KiB is a 414', async () => {
    const path = (n) => `/api/v1/products?search=${'a'.repeat(n)}`;
    isProblem(await admin.get(path(8200)), 414, 'uri_too_long');
    isProblem(await admin.get(path(7000)), 400);
    isProblem(await admin.get(`/${'a/'.repeat(4200)}`), 414, 'uri_too_long');
  });

  test('headers over 8 KiB, or over a hundred of them, are a 431', async () => {
    const big = (n) => send(server, get('/api/v1/products', `X-Big: ${'a'.repeat(n)}`));
    assert.deepEqual((await big(7_000)).statuses, [200]);
    for (const n of [8_500, 20_000, 40_000, 200_000]) isRefused(await big(n), [431], `${n} bytes`);
    const many = (n) => send(server, get('/api/v1/products', ...Array.from({ length: n }, (_, i) => `X-${i}: 1`)));
    assert.deepEqual((await many(90)).statuses, [200]);
    isRefused(await many(150), [431], '150 headers');
  });

  test('a body over 1 MiB is a 413 before it is sent, 16 MiB for files and bulk calls', async () => {
    const expecting = async (path, n, type = 'application/json') => {
      const connection = connect(server);
      connection.write(head([`POST ${path} HTTP/1.1`, 'Host: x', auth(), `Content-Type: ${type}`, `Content-Length: ${n}`, 'Expect: 100-continue']));
      await connection.until((c) => c.text.includes('\r\n\r\n'));
      connection.destroy();
      return statuses(connection.text)[0];
    };
    await refused(async () => {
      assert.equal(await expecting('/api/v1/products', 1 << 20), 100);
      assert.equal(await expecting('/api/v1/products', (1 << 20) + 1), 413);
      assert.equal(await expecting('/api/v1/products/bulk', 16 << 20), 100);
      assert.equal(await expecting('/api/v1/products/bulk', (16 << 20) + 1), 413);
      assert.equal(await expecting('/api/v1/products/import', 16 << 20, 'text/csv'), 100);
      assert.equal(await expecting('/api/v1/products/import', (16 << 20) + 1, 'text/csv'), 413);
      assert.equal(await expecting('/api/v1/products', 9e15), 413);
      assert.equal(await expecting('/api/v1/nowhere', 100), 404);
      assert.equal(await expecting('/api/v1/products', 100, 'text/plain'), 415);
    });
  });

  test('a body over the limit that is sent anyway is a 413, with a length or in chunks', async () => {
    const body = JSON.stringify({ sku: 'BIG', name: 'x', description: 'y'.repeat(1_100_000) });
    isProblem(await refused(() => admin.post('/products', body)), 413, 'body_too_large');
    isProblem(await refused(() => admin.post('/products', body, { 'Transfer-Encoding': 'chunked' })), 413, 'body_too_large');
    isProblem(await refused(() => admin.with({ Authorization: 'Bearer x' }).post('/products', body)), 401, 'unauthenticated');
  });

  test('a body that nobody asked for is read and thrown away', async () => {
    const answer = await send(server, get('/api/v1/products', `Content-Length: ${BODY.length}`) + BODY + get('/health'));
    assert.deepEqual(answer.statuses, [200, 200]);
  });
});

describe('slow and many clients', () => {
  test('that send slowly keep nobody waiting', async (t) => {
    const slow = Array.from({ length: 150 }, (_, i) => {
      const connection = connect(server);
      connection.write(i % 2 ? post(`Content-Length: ${BODY.length}`) : get().slice(0, -4));
      return connection;
    });
    const drip = setInterval(() => slow.forEach((c) => c.write('a')), 50);
    try {
      await sleep(100);
      const times = [];
      for (let i = 0; i < 100; i++) {
        const start = process.hrtime.bigint();
        hasStatus(await admin.get('/products'), 200);
        times.push(Number(process.hrtime.bigint() - start) / 1e6);
      }
      times.sort((a, b) => a - b);
      t.diagnostic(`nine of ten answers took up to ${times[90].toFixed(1)} ms`);
    } finally {
      clearInterval(drip);
      slow.forEach((c) => c.destroy());
    }
  });

  test('that read slowly, or go away, leave nothing behind', async () => {
    for (let i = 0; i < 30; i++) await admin.create('/customers', { name: `Customer ${i}`, notes: 'n'.repeat(5000) });
    const lazy = Array.from({ length: 20 }, () => {
      const connection = connect(server);
      connection.socket.pause();
      connection.write(get('/api/v1/customers?page_size=1000').repeat(5));
      return connection;
    });
    await sleep(200);
    hasStatus(await admin.get('/products'), 200);
    lazy.forEach((c) => c.destroy());
    await sleep(300);
    const status = await admin.ok(admin.get('/health/status'));
    assert.ok(JSON.stringify(status).length > 2);
    const { body: metrics } = await admin.get('/metrics');
    const open = Number(/^\S*connections\S* (\d+)/m.exec(metrics)?.[1]);
    assert.ok(open < 60, `${open} connections are open`);
  });

  test('a thousand at once are all answered', async () => {
    const connections = Array.from({ length: 1000 }, () => connect(server));
    connections.forEach((c) => c.write(get('/api/v1/products?page_size=1')));
    await Promise.all(connections.map((c) => c.until(() => c.text.includes('\r\n\r\n'), 20_000)));
    const bad = connections.filter((c) => statuses(c.text)[0] !== 200);
    connections.forEach((c) => c.destroy());
    assert.equal(bad.length, 0, `${bad.length} of 1000: ${bad[0]?.text.slice(0, 200)}`);
  });
});

describe('answers', () => {
  test('carry the headers that keep browsers from guessing', async () => {
    for (const path of ['/products', '/nowhere', '/auth/me']) {
      const { headers } = await admin.get(path);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.match(headers['content-security-policy'], /default-src 'none'/);
      assert.equal(headers['cache-control'], 'no-store');
      assert.ok(!('server' in headers) && !('x-powered-by' in headers));
    }
    const { headers } = await admin.get('/docs');
    assert.ok(!/unsafe-eval|\*/.test(headers['content-security-policy']), headers['content-security-policy']);
  });

  test('repeat a request id only when it is harmless', async () => {
    assert.equal((await admin.get('/products', { 'X-Request-Id': 'abc-1.2_3' })).headers['x-request-id'], 'abc-1.2_3');
    for (const id of ['a b', 'x'.repeat(33), '<script>', '']) {
      const answer = await admin.get('/products', { 'X-Request-Id': id });
      assert.match(answer.headers['x-request-id'], /^[0-9a-f]{28}$/);
    }
    const split = await send(server, get('/api/v1/products', 'X-Request-Id: a%0d%0aX-Injected: 1'));
    assert.ok(!/^X-Injected/m.test(split.text));
  });

  test('name no other origin than the allowed ones', async () => {
    const open = await startServer({ env: { MILLWRIGHT_CORS_ORIGINS: 'https://app.example.com' } });
    try {
      const { admin: user } = await newOrganization(open);
      const from = async (client, origin) => (await client.get('/products', { Origin: origin })).headers['access-control-allow-origin'];
      assert.equal(await from(user, 'https://app.example.com'), 'https://app.example.com');
      for (const origin of ['null', 'https://app.example.com.evil.com', 'https://evil.com', 'http://app.example.com', 'https://app.example.com:8443', 'https://APP.example.com.', 'https://xapp.example.com', '*', 'https://evil.com,https://app.example.com'])
        assert.equal(await from(user, origin), undefined, origin);
      assert.equal(await from(admin, 'https://app.example.com'), undefined);
      const preflight = await new Client(open).request('OPTIONS', '/products', { headers: { Origin: 'https://evil.com', 'Access-Control-Request-Method': 'DELETE' } });
      assert.ok(!('access-control-allow-methods' in preflight.headers));
    } finally {
      await open.stop();
    }
  });

  test('never come from a file, whatever the path says', async () => {
    for (const path of ['/../../../../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/docs/../../etc/passwd', '/docs/%00', '//etc/passwd', '/\\..\\..\\etc\\passwd', '/static/../secret', '/.env', '/millwright.db', '/secret']) {
      const answer = await send(server, head([`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close']));
      assert.ok([400, 401, 404].includes(answer.statuses[0]), `${path}: ${answer.text.slice(0, 200)}`);
      assert.ok(!/root:/.test(answer.text));
    }
  });
});
