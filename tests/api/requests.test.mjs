// The shape of requests: paths, methods, media types, sizes and JSON.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { purchaseOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let admin;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const LISTS = ['/customers', '/work-orders', '/purchase-orders', '/products'];
const refused = (attempt) => changesNothing(admin, LISTS, attempt);

describe('paths', () => {
  test('work with and without /api, /v1 and a trailing slash', async () => {
    const { id } = await admin.create('/customers', { name: 'Acme' });
    const wanted = await admin.ok(admin.get(`/api/v1/customers/${id}`));
    for (const prefix of ['/api/v1', '/api', '/v1', ''])
      for (const slash of ['', '/']) {
        assert.deepEqual(await admin.ok(admin.get(`${prefix}/customers/${id}${slash}`)), wanted, prefix);
        assert.equal((await admin.ok(admin.get(`${prefix}/customers${slash}?page_size=1`))).items.length, 1);
        hasStatus(await admin.post(`${prefix}/customers${slash}?dry_run=true`, { name: 'x' }), 201);
        hasStatus(await admin.get(`${prefix}/customers/stats${slash}`), 200);
      }
  });

  test('that lead nowhere are a 404', async () => {
    for (const path of ['/api/v1/nothing', '/nothing/1', '/customers/1/2', '/customers/-1', '/customers/1.5', '/customers/abc',
      '/customers/1/fly', '/customers/99999999999999999999', '/customers//', '/api/v2/customers', '/Customers', '/customers/%31x', '/api/v1/v1',
      '/work-orders/1/start/now', '/accounts', '/memberships', '/idempotency-keys', '/refresh-tokens', '/customers/stats/x'])
      for (const method of ['GET', 'POST'])
        isProblem(await admin.request(method, path, { body: method === 'POST' ? {} : undefined }), 404, 'not_found');
    isProblem(await admin.get('/customers/0'), 404, 'not_found');
  });

  test('another organization\'s record looks exactly like one that never was', async () => {
    const { admin: other } = await newOrganization(server);
    const theirs = await other.create('/work-orders', workOrder());
    const strip = ({ status, body, headers }) => {
      const { request_id, timestamp, ...rest } = body;
      const { date, 'x-request-id': id, ...others } = headers;
      return { status, rest, others };
    };
    for (const [method, action, body] of [['GET', ''], ['PATCH', '', { notes: 'x' }], ['PUT', '', workOrder()], ['DELETE', ''], ['POST', '/start']]) {
      const foreign = await admin.request(method, `/work-orders/${theirs.id}${action}`, { body });
      const never = await admin.request(method, `/work-orders/424242${action}`, { body });
      isProblem(foreign, 404, 'not_found');
      const { 'x-db-statements': a, ...foreignHeaders } = strip(foreign).others;
      const { 'x-db-statements': b, ...neverHeaders } = strip(never).others;
      assert.deepEqual([strip(foreign).rest, foreignHeaders, a], [strip(never).rest, neverHeaders, b], method);
    }
    assert.deepEqual(await other.ok(other.get(`/work-orders/${theirs.id}`)), theirs);
  });

  test('a wrong method is a 405 that lists the right ones', async () => {
    const { id } = await admin.create('/customers', { name: 'x' });
    for (const [method, path, allow] of [
      ['DELETE', '/customers', ['GET', 'POST']], ['PATCH', '/customers', ['GET', 'POST']], ['POST', `/customers/${id}`, ['DELETE', 'GET', 'PATCH', 'PUT']],
      ['GET', '/work-orders/1/start', ['POST']], ['POST', '/customers/stats', ['GET']], ['GET', '/customers/bulk', ['POST']],
      ['DELETE', '/customers/export', ['GET']], ['POST', '/audit-logs', ['GET']], ['BREW', '/customers', ['GET', 'POST']], ['GET', '/auth/login', ['POST']],
    ]) {
      const answer = await refused(() => admin.request(method, path, { body: {} }));
      isProblem(answer, 405, 'method_not_allowed');
      assert.deepEqual(answer.headers.allow.split(', ').sort(), allow, `${method} ${path}`);
    }
  });

  test('HEAD is GET without the body', async () => {
    const { id } = await admin.create('/customers', { name: 'x' });
    const [get, head] = [await admin.get(`/customers/${id}`), await admin.request('HEAD', `/customers/${id}`)];
    assert.deepEqual([head.status, head.text, head.headers.etag, head.headers['content-length']], [200, '', get.headers.etag, get.headers['content-length']]);
    assert.equal((await admin.request('HEAD', '/customers/424242')).status, 404);
  });

  test('parameters that an operation does not have are refused', async () => {
    const { id } = await admin.create('/customers', { name: 'x' });
    for (const [method, path, body] of [['POST', '/customers?force=1', { name: 'x' }], ['PATCH', `/customers/${id}?notify=no`, { name: 'y' }], ['DELETE', `/customers/${id}?force=1`]])
      await refused(async () => isProblem(await admin.request(method, path, { body }), 400, 'unknown_field'));
    for (const query of ['?a=%zz', '?a=%ff', '?status=%00'])
      assert.equal((await admin.get(`/work-orders${query}`)).status, 400, query);
  });
});

describe('bodies', () => {
  const post = (text, headers) => admin.post('/customers', text, headers);

  test('that are not JSON are a 400 saying where', async () => {
    for (const text of ['{', '{"name": }', '{"name": "x",}', "{'name': 'x'}", '{"name": "x"} trailing', '{"name": "x"', 'name=x', '{"name": undefined}',
      '{"name": NaN}', '{"name": Infinity}', '{name: "x"}', '[', '{"name": "\\ud800"}', '{"name": "a\nb"}', '{"n": 01}', '{"n": .5}', '{"n": +1}', '\ufeff{"name": "x"}'])
      await refused(async () => isProblem(await post(text), 400, 'malformed_json'));
    assert.match(isProblem(await post('{"name": "x",\n  "city" "y"}'), 400).detail, /line 2/);
  });

  test('with the same key twice are refused', async () => {
    await refused(async () => isProblem(await post('{"name": "a", "name": "b"}'), 400, 'malformed_json'));
    await refused(async () => isProblem(await post('{"name": "a", "x": {"y": 1, "y": 2}}'), 400, 'malformed_json'));
  });

  test('with NUL or invalid UTF-8 are refused', async () => {
    await refused(async () => isProblem(await post('{"name": "a\\u0000b"}'), 400, 'malformed_json'));
    await refused(async () => isProblem(await post(Buffer.from('{"name": "a\0b"}')), 400, 'malformed_json'));
    for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x80, 0x80, 0xaf]])
      await refused(async () => isProblem(await post(Buffer.concat([Buffer.from('{"name": "'), Buffer.from(bytes), Buffer.from('"}')])), 400, 'malformed_json'));
  });

  test('deeper than 32 levels are refused', async () => {
    const nested = (n) => '{"name":'.repeat(n - 1) + '{"name":1' + '}'.repeat(n);
    const nestedArray = (n) => `{"name":${'['.repeat(n - 1)}${']'.repeat(n - 1)}}`;
    await refused(async () => {
      isProblem(await post(nested(33)), 400, 'malformed_json');
      isProblem(await post(nestedArray(33)), 400, 'malformed_json');
      isProblem(await post(nested(100_000)), 400, 'malformed_json');
      isInvalid(await post(nested(32)), { name: 'type' });
      isInvalid(await post(nestedArray(32)), { name: 'type' });
    });
    hasStatus(await post(JSON.stringify({ name: '[{'.repeat(100) })), 201);
  });

  test('of another JSON type are refused', async () => {
    for (const text of ['[]', '"x"', '7', 'true', 'null', '[{"name": "x"}]'])
      await refused(async () => assert.ok([400, 422].includes((await post(text)).status), text));
    await refused(async () => isProblem(await post(''), 400));
    await refused(async () => isProblem(await admin.post('/customers'), 400));
  });

  test('keep every character of every script', async () => {
    const name = 'Grüße "quoted" \\ / 名前 🧵 e\u0301 \u200d ‮ <script>&amp;';
    const made = await admin.create('/customers', { name });
    assert.equal(made.name, name);
    assert.equal((await admin.ok(admin.get(`/customers/${made.id}`))).name, name);
    assert.equal((await admin.create('/customers', '{"name": "\\ud83e\\uddf5\\u00fc\\u002F"}')).name, '🧵ü/');
  });

  test('of another media type are a 415', async () => {
    const body = JSON.stringify({ name: 'x' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'text/csv', ''])
      await refused(async () => isProblem(await post(body, { 'Content-Type': type }), 415, 'unsupported_media_type'));
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=UTF-8'])
      hasStatus(await post(body, { 'Content-Type': type }), 201);
  });

  test('over a MiB are a 413, announced or not', async () => {
    const at = (size) => {
      const body = { name: 'x', notes: '' };
      const rest = size - Buffer.byteLength(JSON.stringify(body));
      return JSON.stringify({ ...body, notes: 'n'.repeat(rest) });
    };
    isInvalid(await refused(() => post(at(1024 * 1024))), { notes: 'max_length' });
    await refused(async () => isProblem(await post(at(1024 * 1024 + 1)), 413, 'body_too_large'));
    await refused(async () => isProblem(await post(at(3 * 1024 * 1024), { 'Transfer-Encoding': 'chunked' }), 413, 'body_too_large'));
    await refused(async () => isProblem(await admin.post('/work-orders/1/start', at(1024 * 1024 + 1)), 413, 'body_too_large'));
    hasStatus(await admin.get('/customers'), 200);
  });

  test('a huge announcement is refused before the bytes come', async () => {
    const answer = await new Promise((resolve, reject) => {
      const socket = net.connect(server.port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => { text += chunk; if (text.includes('\r\n\r\n')) { socket.destroy(); resolve(text); } });
      socket.on('error', reject);
      socket.write(`POST /customers HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin.headers.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{`);
    });
    assert.match(answer, /^HTTP\/1\.1 413 /);
  });

  test('too long addresses and headers are refused', async () => {
    isProblem(await admin.get(`/customers?name=${'x'.repeat(9000)}`), 414, 'uri_too_long');
    const answer = await admin.get('/customers', { 'X-Long': 'x'.repeat(20_000) }).catch((error) => error);
    assert.ok(answer.status === 431 || answer instanceof Error);
    hasStatus(await admin.get('/customers'), 200);
  });
});

describe('numbers', () => {
  const price = async (text) => admin.post('/products?dry_run=true', `{"sku": "N", "name": "x", "price": ${text}}`);
  for (const [text, printed] of [
    ['0.1', '0.1'], ['0.30', '0.3'], ['1e2', '100'], ['1.5e-3', '0.0015'], ['"0.0001"', '0.0001'], ['"922337203685477.5807"', '922337203685477.5807'],
    ['922337203685477', '922337203685477'], ['99999999999.9999', '99999999999.9999'], ['"00012.50"', '12.5'], ['12345678901.2345', '12345678901.2345'],
    ['0', '0'], ['-0', '0'], ['-0.0', '0'], ['"1.00000000000"', '1'], ['0.00010', '0.0001'], ['7.0', '7'], ['"+5"', '5'],
  ])
    test(`${text} is ${printed}`, async () => {
      const answer = await price(text);
      hasStatus(answer, 201);
      assert.match(answer.text, new RegExp(`"price":${printed.replaceAll('.', '\\.')}[,}]`));
    });
  for (const [text, code, hint] of [
    ['0.00001', 'too_precise'], ['1.23456', 'too_precise'], ['"1.00001"', 'too_precise'], ['1e-5', 'too_precise'], ['0.30000000000000004', 'too_precise'],
    ['123456789012.12345', 'too_precise', /string/], ['922337203685477.5807', 'too_precise', /string/], ['123456789012.3456789', 'too_precise', /string/],
    ['922337203685478', 'range'], ['"922337203685477.5808"', 'range'], ['1e300', 'range'], ['"99999999999999999999999"', 'range'],
    ['-0.0001', 'min'], ['"1e5"', 'type'], ['"1,5"', 'type'], ['""', 'type'], ['"."', 'type'], ['"1."', 'type'], ['"0x10"', 'type'], ['true', 'type'], ['[1]', 'type'],
    ['"1 000"', 'type'], ['"NaN"', 'type'], ['"٣"', 'type'],
  ])
    test(`${text} is refused (${code})`, async () => {
      const [issue] = isInvalid(await price(text), { price: code });
      if (hint) assert.match(issue.message, hint);
    });

  test('beyond every number is malformed', async () => {
    for (const text of ['1e400', '-1e400', '9223372036854775808', '99999999999999999999999999'])
      await refused(async () => assert.ok([400, 422].includes((await price(text)).status), text));
    isProblem(await price('1e400'), 400, 'malformed_json');
  });

  test('integers are whole and in range', async () => {
    const days = (text) => admin.post('/customers?dry_run=true', `{"name": "x", "payment_terms_days": ${text}}`);
    hasStatus(await days('30'), 201);
    hasStatus(await days('30.0'), 201);
    for (const [text, code] of [['30.5', 'type'], ['"30"', 'type'], ['-1', 'min'], ['366', 'max'], ['9223372036854775807', 'max'], ['1e18', 'type'], ['true', 'type']])
      isInvalid(await days(text), { payment_terms_days: code });
    assert.ok([400, 422].includes((await days('9223372036854775808')).status));
  });

  test('of a list\'s filters are exact too', async () => {
    await admin.create('/purchase-orders', purchaseOrder());
    assert.equal((await admin.get('/purchase-orders?total_amount__gt=1')).status, 400, 'not a filter field: told, not ignored');
  });
});

test('without a token everything but the public is a 401 with one text', async () => {
  const anonymous = new Client(server);
  const texts = new Set();
  for (const headers of [{}, { Authorization: 'Bearer x' }, { Authorization: 'Bearer ' }, { Authorization: 'Basic YTpi' }, { Authorization: `${admin.headers.Authorization}x` }])
    for (const path of ['/customers', '/customers/1', '/auth/me', '/audit-logs']) {
      const answer = await anonymous.get(path, headers);
      texts.add(isProblem(answer, 401, 'unauthenticated').detail);
      assert.match(answer.headers['www-authenticate'], /^Bearer/);
    }
  assert.equal(texts.size, 1);
  hasStatus(await anonymous.get('/customers', { Authorization: admin.headers.Authorization.replace('Bearer', 'Token') }), 200);
});
