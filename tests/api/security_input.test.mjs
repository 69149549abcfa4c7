// Directed probes on every route: fields that are not the client's, hidden
// fields as filters, injection into everything that becomes SQL or a header.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { readRoutes } from '../lib/routes.mjs';
import { startServer } from '../lib/server.mjs';
import { digest, makeWorld } from '../lib/world.mjs';

let server;
let admin;
let routes;
let records;
let before_;

before(async () => {
  server = await startServer();
  const organization = await newOrganization(server);
  ({ admin } = organization);
  ({ routes } = await readRoutes(admin));
  ({ records } = await makeWorld(organization, routes, 'Probe'));
  before_ = await digest(admin, routes);
});
after(() => server.stop());

const unchanged = async () => assert.equal(await digest(admin, routes), before_, 'a refused request changed something');
const idOf = (route) => records[route.resource]?.[0].id ?? 1;

/** Nobody’s but the server’s, under the names that clients try. */
const NOT_THEIRS = ['id', 'organization_id', 'tenant_id', 'version', 'created_by', 'created_by_id', 'created_at', 'updated_at', 'deleted_at', 'is_admin', 'is_superuser', 'admin', 'permissions_', 'password_hash',
  'account_id', 'epoch', 'token_hash', 'key_hash', 'builtin', 'accepted_at', 'revoked_at', 'last_used_at', 'subtotal', 'tax_amount', 'total_amount', 'rounding_amount', 'started_at', 'completed_at',
  'order_type', 'sequence', 'hash', '__proto__', 'constructor', 'prototype', '$where', 'role.name', 'organization'];

describe('a field that is not the client’s', () => {
  test('is refused by name, on every route that takes a body', async (t) => {
    let probes = 0;
    for (const route of routes.filter((r) => r.takesJson && r.permission && !r.template.endsWith('/bulk'))) {
      const example = route.example() ?? {};
      const own = new Set(Object.keys(route.fields()));
      for (const name of NOT_THEIRS.filter((n) => !own.has(n))) {
        const body = `{${JSON.stringify(name)}: 1${Object.keys(example).length ? `, ${JSON.stringify(example).slice(1)}` : '}'}`;
        const answer = await admin.request(route.method, route.path(idOf(route)), { body });
        const { errors } = isProblem(answer, 422, 'validation_failed');
        assert.ok(errors.some((e) => e.field === name && ['unknown_field', 'read_only'].includes(e.code)), `${route.name} ${name}: ${answer.text}`);
        probes++;
      }
    }
    t.diagnostic(`${probes} probes`);
    assert.ok(probes > 800);
    await unchanged();
  });

  test('is refused in lines, bulk items and imported columns too', async () => {
    for (const name of NOT_THEIRS) {
      const line = { material_code: 'a', material_name: 'b', quantity: 1, unit_price: 1, [name]: 1 };
      isProblem(await admin.post('/purchase-orders', { supplier_name: 'x', line_items: [line] }), 422, 'validation_failed');
      if (name === 'id') continue; // that of a record to change
      isProblem(await admin.post('/products/bulk', { items: [{ sku: 'x', name: 'x', [name]: 1 }] }), 422, 'validation_failed');
    }
    const csv = (head, row) => admin.post('/products/import', `${head}\r\n${row}\r\n`, { 'Content-Type': 'text/csv' });
    for (const name of ['organization_id', 'tenant_id', 'is_admin', 'nonsense', '']) isProblem(await csv(`sku,name,${name}`, `${unique('c')},x,1`), 422);
    await unchanged();
  });
});

describe('a hidden field', () => {
  const HIDDEN = ['password', 'password_hash', 'token_hash', 'key_hash', 'account_id', 'organization_id', 'epoch', 'login', 'secret', 'order_type', 'rowid', '_rowid_', 'oid', 'sqlite_master', 'role.name', 'role_id.name', 'created_by.password_hash'];

  test('filters, sorts, selects and expands nothing, on any list', async (t) => {
    let probes = 0;
    for (const route of routes.filter((r) => r.method === 'GET' && r.permission && !r.onRecord))
      for (const name of HIDDEN.filter((n) => n !== 'order_type' || route.resource !== 'orders')) // of all orders, it is a field
        for (const query of [`${name}=1`, `${name}__gt=a`, `${name}__startswith=$argon`, `${name}__isnull=true`, `ordering=${name}`, `sort_by=${name}`, `fields=id,${name}`, `expand=${name}`]) {
          const answer = await admin.get(`${route.path()}?${query}`);
          assert.equal(answer.status, 400, `${route.name}?${query}: ${answer.text.slice(0, 200)}`);
          isProblem(answer, 400);
          probes++;
        }
    t.diagnostic(`${probes} probes`);
  });

  test('is found by no search', async () => {
    for (const what of ['argon2id', 'secret', 'mw_']) assert.equal((await admin.ok(admin.get(`/users?search=${what}`))).total, 0);
  });
});

describe('injection', () => {
  const SQL = ["'", "''", '"', '`', "' OR '1'='1", "1' OR 1=1 --", '1; DROP TABLE users; --', "'); DELETE FROM journal; --", '1 UNION SELECT password_hash FROM accounts', "' UNION SELECT sql FROM sqlite_master --",
    '%27%20OR%201=1', 'id); SELECT 1 --', 'id DESC, (SELECT 1)', '-id;--', '1 AND randomblob(1000000000)', "1' AND (SELECT count(*) FROM users a, users b, users c) > 0 --", '\\', '%', '_', '*', '"*" OR org1', 'org1', 'NEAR(a b)', 'words:a', '^a', 'a AND b OR c', '{words}:a', 'a*', '"', '""', '(', ')', 'NOT a'];

  test('into any filter, order, search or field list finds nothing more, and takes no time', async (t) => {
    let probes = 0;
    for (const route of routes.filter((r) => r.method === 'GET' && r.permission && !r.onRecord && r.collection === r.resource)) {
      const { total = 0 } = await admin.get(`${route.path()}?page_size=1`).then((a) => a.body);
      const names = route.parameters().filter((p) => !['page', 'page_size', 'skip', 'limit', 'cursor', 'after', 'count', 'format', 'dry_run', 'key'].includes(p));
      for (const name of names)
        for (const payload of SQL) {
          const start = Date.now();
          const answer = await admin.get(`${route.path()}?${name}=${encodeURIComponent(payload)}`);
          probes++;
          const what = `${route.name} ${name}=${payload}: ${answer.status} ${answer.text.slice(0, 300)}`;
          assert.ok(answer.status === 200 || answer.status === 400, what);
          assert.ok(!/syntax error|no such|unrecognized token|near "|CREATE TABLE|\$argon2/i.test(answer.text), what);
          if (answer.body.items && name !== 'search' && !['fields', 'expand', 'ordering', 'sort_by', 'order'].includes(name)) assert.ok(answer.body.total <= total && (answer.body.total === 0 || /__|notes|name/.test(name)), what);
          assert.ok(Date.now() - start < 1000, `${what} took ${Date.now() - start} ms`);
        }
    }
    t.diagnostic(`${probes} probes`);
    await unchanged();
  });

  test('into stored text stays text, wherever it comes back', async () => {
    const texts = ["'); DROP TABLE customers; --", '<script>alert(1)</script>', '=cmd|calc', '{{7*7}}', '${jndi:ldap://x}', '%s%s%n', '../../etc/passwd', 'a\r\nX-Injected: 1', '"},"admin":true,{"', '\u2028\u2029', '\u202e'];
    for (const given of texts) {
      const text = given.replaceAll('\r\n', '\n'); // how lines end is not kept
      const name = `n ${text.replaceAll(/[\r\n]/g, '')}`; // a name is one line
      const made = await admin.create('/customers', { name, notes: given });
      assert.equal(made.notes, text);
      const answer = await admin.get(`/customers/${made.id}`);
      assert.equal(answer.body.notes, text);
      assert.ok(!('x-injected' in answer.headers) && !/<script>/.test(answer.headers['content-type']));
      const { items: [entry] } = await admin.ok(admin.get(`/audit-logs?resource=customers&record_id=${made.id}`));
      assert.equal(entry.changes.notes, text);
      const list = await admin.get(`/customers?name=${encodeURIComponent(name)}`);
      assert.equal(list.body.items?.[0]?.id, made.id, list.text);
    }
  });
});
