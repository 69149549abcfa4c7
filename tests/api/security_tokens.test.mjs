// Tokens that were tampered with, and where secrets must never appear.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { readFileSync, statSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isProblem } from '../lib/check.mjs';
import { Client, login, newOrganization, unique } from '../lib/client.mjs';
import { readRoutes } from '../lib/routes.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let anonymous;
let organization;
let admin;

before(async () => {
  server = await startServer({ env: { MILLWRIGHT_LOG_LEVEL: 'debug' } });
  anonymous = new Client(server);
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.stop());

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const decode = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());

/** The one answer to every bad token, without what differs every time. */
function said({ status, headers, body }) {
  const { request_id: _, timestamp: __, ...rest } = body;
  const { date: ___, 'x-request-id': ____, 'content-length': _____, ...kept } = headers;
  return JSON.stringify([status, rest, kept]);
}

describe('an access token', () => {
  const parts = () => admin.login.access_token.split('.');
  const sign = (text, key, hash = 'sha256') => crypto.createHmac(hash, key).update(text).digest('base64url');

  function headers() {
    const names = ['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', 'hs256', null, 0, ['HS256'], { a: 1 }];
    const list = names.map((alg) => ({ alg, typ: 'JWT' }));
    const more = [{}, { typ: 'JWT' }, { alg: 'HS256' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS256', typ: 'at+jwt' }, { alg: 'HS256', typ: 'JWT', kid: '../../../dev/null' },
      { alg: 'HS256', typ: 'JWT', kid: "' OR 1=1 --" }, { alg: 'HS256', typ: 'JWT', jwk: { kty: 'oct', k: 'AA' } }, { alg: 'HS256', typ: 'JWT', jku: 'http://127.0.0.1:9/' },
      { alg: 'HS256', typ: 'JWT', x5u: 'http://127.0.0.1:9/' }, { alg: 'HS256', typ: 'JWT', crit: ['exp'] }];
    const texts = ['{"alg": "HS256","typ":"JWT"}', '{"alg":"HS256","typ":"JWT"} ', '{"alg":"none","alg":"HS256","typ":"JWT"}', 'null', '[]', '"HS256"', '\u0000'];
    return [...list, ...more].map(encode).concat(texts.map(encode));
  }

  function tampered() {
    const [head, claims, mac] = parts();
    const token = `${head}.${claims}.${mac}`;
    const own = decode(claims);
    const forged = (over) => encode({ ...own, ...over });
    const list = [];
    for (const h of headers())
      for (const m of ['', mac, sign(`${h}.${claims}`, ''), sign(`${h}.${claims}`, 'secret')]) list.push(`${h}.${claims}.${m}`);
    for (const over of [{ uid: own.uid + 1 }, { org: own.org + 1 }, { sub: '1' }, { exp: own.exp + 86400 }, { ep: own.ep + 1 }, { sid: own.sid + 1 }, { role: 'admin' }, { typ: 'refresh' }, { iss: 'x' }])
      for (const m of [mac, '', sign(`${head}.${forged(over)}`, 'secret')]) list.push(`${head}.${forged(over)}.${m}`);
    for (let i = 1; i < token.length; i += 7) list.push(token.slice(0, i));
    for (let i = 0; i < token.length; i += 11) list.push(`${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`);
    list.push(`${token}.`, `.${token}`, `${token}.${mac}`, `${head}..${mac}`, `..${mac}`, '..', '...', `${token}=`, `${token}==`, `${head}.${claims}`, `${head}.${claims}.`,
      `${head}.${claims}.${mac}${mac}`, `${head}=.${claims}.${mac}`, `${head}.${claims}=.${mac}`, token.replaceAll('.', '%2e'), `${token}%00`, `"${token}"`);
    return [...new Set(list)].filter((t) => t !== token);
  }

  test('changed in any way is a 401 in the one text', async () => {
    const list = tampered();
    const expected = said(await anonymous.get('/work-orders'));
    isProblem(await anonymous.get('/work-orders'), 401, 'unauthenticated');
    const answers = await Promise.all(list.map((token) => anonymous.with({ Authorization: `Bearer ${token}` }).get('/work-orders')));
    answers.forEach((answer, i) => assert.equal(said(answer), expected, list[i]));
    assert.ok(list.length > 150, `${list.length} tokens`);
    hasStatus(await admin.get('/work-orders'), 200);
  });

  test('signed with the public parts, with another server’s key, or for another use is a 401', async () => {
    const other = await startServer();
    try {
      const { admin: foreign } = await newOrganization(other);
      hasStatus(await foreign.get('/work-orders'), 200);
      const expected = said(await anonymous.get('/work-orders'));
      for (const token of [foreign.login.access_token, foreign.login.refresh_token, admin.login.refresh_token])
        assert.equal(said(await anonymous.withToken(token).get('/work-orders')), expected);
    } finally {
      await other.stop();
    }
  });

  test('that is huge is refused at once', async () => {
    const [head, claims, mac] = parts();
    const huge = [`${head}.${'A'.repeat(6_000)}.${mac}`, 'A'.repeat(6_000), '.'.repeat(6_000), `${head}.${claims}.${'.'.repeat(6_000)}`, `mw_1_${'x'.repeat(6_000)}`];
    for (const token of huge) {
      const start = process.hrtime.bigint();
      isProblem(await anonymous.withToken(token).get('/work-orders'), 401, 'unauthenticated');
      assert.ok(Number(process.hrtime.bigint() - start) < 1e9);
    }
    for (const token of ['.'.repeat(1_000_000), 'A'.repeat(1_000_000)]) {
      const answer = await anonymous.withToken(token).get('/work-orders').catch((error) => error);
      assert.ok(answer instanceof Error || answer.status === 431, answer.status); // the line may be cut
    }
    hasStatus(await admin.get('/work-orders'), 200);
  });

  test('in the address, a cookie or the body counts for nothing', async () => {
    const token = admin.login.access_token;
    for (const [where, headers] of [[`/work-orders?access_token=${token}`], [`/work-orders?token=${token}`], ['/work-orders', { Cookie: `access_token=${token}` }],
      ['/work-orders', { 'X-Api-Key': token }], ['/work-orders', { 'X-Authorization': `Bearer ${token}` }]])
      isProblem(await anonymous.get(where, headers), 401, 'unauthenticated');
  });
});

describe('every route without a token', () => {
  const PUBLIC = ['GET /health', 'GET /health/db', 'GET /health/status', 'GET /setup', 'POST /admin/login', 'POST /admin/register', 'POST /auth/login', 'POST /auth/refresh',
    'POST /auth/register', 'POST /salesperson/auth', 'POST /setup'];

  test('is a 401, but for the ones on this list', async () => {
    const { routes } = await readRoutes(anonymous);
    assert.deepEqual(routes.filter((r) => r.isPublic).map((r) => r.name).sort(), PUBLIC);
    const expected = said(await anonymous.get('/work-orders'));
    for (const route of routes.filter((r) => !r.isPublic))
      for (const [path_, body] of [[route.path(1)], [route.path(1), route.example() ?? {}], [`${route.path(999)}?search=x&dry_run=true`]])
        assert.equal(said(await anonymous.request(route.method, path_, { body: route.method === 'GET' ? undefined : body })), expected, route.name);
  });

  test('and no other method does anything', async () => {
    const { routes } = await readRoutes(anonymous);
    const known = new Set(routes.map((r) => r.name));
    await changesNothing(admin, ['/products', '/users', '/roles'], async () => {
      for (const template of new Set(routes.map((r) => r.template)))
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'COPY']) {
          if (known.has(`${method} ${template}`) || (template.startsWith('/health') && method === 'GET')) continue;
          const path_ = `/api/v1${template.replace('{id}', '1')}`;
          const answer = await admin.request(method, template.startsWith('/health') ? template : path_);
          assert.ok([405, 501, 404].includes(answer.status), `${method} ${template}: ${answer.status} ${answer.text}`);
          if (answer.status === 405) assert.ok(answer.headers.allow, `${method} ${template} has no Allow`);
        }
    });
  });
});

test('secrets appear neither in the log, nor the journal, nor any answer, nor readable on disk', async () => {
  const canary = (what) => `canary-${what}-${crypto.randomBytes(12).toString('hex')}`;
  const secrets = { password: canary('password'), changed: canary('changed'), given: canary('given'), wrong: canary('wrong') };
  const username = unique('canary');
  const person = { username, email: `${username}@example.com`, password: secrets.password };
  hasStatus(await anonymous.post('/auth/register', { ...person, organization_name: 'Canary' }), 201);
  const boss = await login(server, username, secrets.password);
  hasStatus(await anonymous.post('/auth/login', { username, password: secrets.wrong }), 401);
  hasStatus(await anonymous.post('/auth/login', { username, password: { value: secrets.wrong } }), 422);
  hasStatus(await anonymous.post('/auth/login', `{"username":"${username}","password":"${secrets.wrong}",}`), 400);
  const changed = hasStatus(await boss.post('/auth/change-password', { current_password: secrets.password, new_password: secrets.changed }), 200);
  const now = boss.withToken(changed.access_token);
  const guest = unique('guest');
  const user = await now.create('/users', { username: guest, email: `${guest}@example.com`, password: secrets.given, role_id: 'viewer' });
  await now.ok(now.patch(`/users/${user.id}`, { password: `${secrets.given}2` }));
  const { key } = await now.create('/api-keys', { name: 'k' });
  const { token: invitation } = await now.create('/invitations', { email: `${unique('i')}@example.com`, role_id: 'viewer' });
  hasStatus(await now.with({ Authorization: `Token ${key}` }).get('/products'), 200);
  hasStatus(await now.with({ Authorization: `Token ${key}x` }).get('/products'), 401);
  hasStatus(await anonymous.post('/auth/refresh', { refresh_token: changed.refresh_token }), 200);
  hasStatus(await anonymous.post('/auth/refresh', { refresh_token: changed.refresh_token }), 401);
  Object.assign(secrets, { access: boss.login.access_token, refresh: boss.login.refresh_token, access2: changed.access_token, refresh2: changed.refresh_token, key: key.split('_').slice(2).join('_'), invitation });
  const again = await login(server, username, secrets.changed);
  const shown = { log: server.stderr + server.stdout };
  for (const where of ['/audit-logs?page_size=500', '/audit-logs/export', '/users', '/users/export', '/api-keys', '/invitations/export', '/auth/sessions', '/auth/me', '/health/status', '/metrics', '/openapi.json'])
    shown[where] = (await again.get(where)).text;
  for (const name of readdirSync(server.data)) shown[`file ${name}`] = readFileSync(path.join(server.data, name), 'latin1');
  for (const [where, text] of Object.entries(shown))
    for (const [what, secret] of Object.entries(secrets)) assert.ok(!text.includes(secret), `the ${what} is in ${where}`);
  assert.ok(shown.log.includes('"path"'), 'the log was looked at');
});

test('the data belongs to its owner alone', () => {
  for (const name of readdirSync(server.data))
    assert.equal(statSync(path.join(server.data, name)).mode & 0o077, 0, `${name} can be read by others`);
  assert.match(readFileSync(path.join(server.data, 'secret'), 'utf8'), /^[A-Za-z0-9_-]{43}\n$/);
});
