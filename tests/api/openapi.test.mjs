// The document says what is: it is valid, every route in it answers, every
// example in it is accepted.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, login, newOrganization } from '../lib/client.mjs';
import { root, startServer } from '../lib/server.mjs';

let server;
let organization;
let admin;
let text;
let document;
let lotted;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  ({ text, body: document } = await new Client(server).get('/openapi.json'));
  // What examples refer to; only a lot needs a product that is kept by it.
  await admin.create('/products', { sku: 'FIRST', name: 'Product 1', quantity: 5 });
  await admin.create('/customers', { name: 'Customer 1' });
  await admin.create('/products', { sku: 'SHEET', name: 'Bed sheet', quantity: 500 });
  await admin.create('/purchase-orders', { supplier_name: 'Kiran', line_items: [{ material_code: 'M', material_name: 'M', quantity: 1000, unit_price: 10 }] });
  lotted = await admin.create('/products', { sku: 'LOTTED', name: 'Product 2', tracking: 'lot' });
});
after(() => server.proveAndStop());

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function resolve(node) {
  while (node?.$ref) {
    const target = node.$ref.split('/').slice(1).reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
    assert.ok(target, `${node.$ref} leads nowhere`);
    node = target;
  }
  return node;
}

/** All but those of customers' own users: an administrator is none. */
function operations() {
  return Object.entries(document.paths).flatMap(([path, item]) => METHODS.filter((m) => item[m] && !item[m]['x-client']).map((method) => ({
    path, method, ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(resolve),
  })));
}

function example(operation) {
  const media = resolve(operation.requestBody)?.content?.['application/json'];
  if (!media) return undefined;
  const shown = media.example ?? resolve(Object.values(media.examples ?? {})[0])?.value;
  const lot = (body) => ({ ...body, product_id: lotted.id });
  if (operation.method !== 'post' || !operation.path.startsWith('/lots')) return shown;
  return shown.items ? { ...shown, items: shown.items.map(lot) } : lot(shown);
}

const resource = (path) => path.split('/').find((p) => p && p !== 'api' && p !== 'v1');

/** What concerns the caller, whose examples are nobody's here. */
const signsIn = (path) => /^\/(auth|admin|salesperson|setup)(\/|$)/.test(path);

test('it is a valid OpenAPI 3.1 document', async () => {
  assert.match(document.openapi, /^3\.1\./);
  const require = createRequire(`${root}/package.json`);
  const { createConfig, lintFromString } = require('@redocly/openapi-core');
  const config = await createConfig({ rules: { struct: 'error', 'no-unresolved-refs': 'error', 'operation-operationId-unique': 'error',
    'operation-parameters-unique': 'error', 'path-parameters-defined': 'error', 'no-ambiguous-paths': 'off', 'no-invalid-media-type-examples': 'error',
    'no-invalid-schema-examples': 'error', 'operation-description': 'off', 'security-defined': 'error', 'operation-operationId': 'error', 'operation-summary': 'error' } });
  const problems = await lintFromString({ source: text, config });
  assert.deepEqual(problems.map((p) => `${p.location?.[0]?.pointer}: ${p.message}`).slice(0, 20), []);
});

test('every resource of the design is in it, under every one of its names', () => {
  const there = new Set(Object.keys(document.paths).map(resource));
  for (const name of ['customers', 'vendors', 'suppliers', 'products', 'items', 'purchase-orders', 'sales-orders', 'work-orders', 'workorders',
    'organizations', 'users', 'roles', 'invitations', 'access-tokens', 'generate-token', 'api-keys', 'number-series', 'audit-logs', 'system-settings', 'notifications', 'auth', 'admin', 'salesperson', 'setup',
    'units-of-measure', 'warehouses', 'locations', 'lots', 'stock-moves', 'stock-levels', 'stock-ledger', 'stock-reservations', 'sales', 'till-sessions', 'payments', 'dashboard-stats',
    'leads', 'pipelines', 'pipeline-stages', 'deals', 'deal-stage-entries', 'activities', 'contacts', 'employees',
    'issues', 'issue-comments', 'client', 'orders'])
    assert.ok(there.has(name), name);
  const paths = Object.keys(document.paths);
  for (const path of ['/purchase-orders/{id}/approve', '/work-orders/stats', '/work-orders/bulk', '/products/export', '/products/import', '/health'])
    assert.ok(paths.some((p) => p.endsWith(path)), path);
  assert.ok(!text.includes('idempotency-keys') && !text.includes('refresh-tokens') && !text.includes('password_hash'));
});

test('every example of a create is accepted, and what results has the fields that are promised', async () => {
  const creates = operations().filter((o) => o.method === 'post' && o.responses['201'] && !signsIn(o.path) && !o.path.includes('{id}'));
  assert.ok(creates.length >= 12);
  for (const create of creates) {
    const body = example(create);
    assert.ok(body, `${create.path} has no example`);
    const answer = await admin.post(`${create.path}?dry_run=true`, body);
    assert.equal(answer.status, 201, `${create.path}: ${JSON.stringify(body)}\n${answer.text}`);
    const schema = resolve(resolve(create.responses['201']).content['application/json'].schema);
    assert.deepEqual(Object.keys(answer.body).filter((k) => !(k in (schema.properties ?? {}))), [], `${create.path} prints more than it promises`);
  }
});

test('every route answers, and takes its own example', async () => {
  const ids = new Map(); // resource -> a record made from its own example
  const none = new Set(); // resources without a record
  for (const o of operations().filter((p) => p.method === 'post' && p.responses['201'] && !signsIn(p.path) && !p.path.includes('{id}'))) {
    const made = await admin.post(o.path, example(o));
    if (made.status === 201) ids.set(resource(o.path), made.body.id);
    else assert.equal(made.status, 409, `${o.path}: ${made.text}`); // the alias of one that is there
  }
  for (const o of operations().filter((p) => p.method === 'get' && !p.path.includes('{') && !signsIn(p.path))) {
    const list = await admin.get(o.path);
    if (!ids.has(resource(o.path)) && list.body?.items?.length) ids.set(resource(o.path), list.body.items[0].id);
    if (list.body?.total === 0) none.add(resource(o.path));
  }
  // Calls of /auth end sessions and change the caller: they are somebody else's.
  const { login: other } = await organization.addUser('manager');
  for (const o of operations().filter((p) => !p.path.includes('{id}') || !none.has(resource(p.path)))) {
    const auth = signsIn(o.path);
    const caller = auth ? await login(server, other.user.username) : admin;
    let path = o.path.replace('{code}', 'FIRST').replace(/\{\w+\}/, ids.get(resource(o.path)) ?? 1);
    if (o.parameters.some((p) => p.name === 'dry_run')) path += '?dry_run=true';
    const csv = resolve(o.requestBody)?.content?.['text/csv'];
    const answer = csv ? await caller.post(path, 'id\r\n', { 'Content-Type': 'text/csv' }) : await caller.request(o.method.toUpperCase(), path, { body: example(o) });
    const what = `${o.method} ${path} ${JSON.stringify(example(o))}: ${answer.status} ${answer.text.slice(0, 500)}`;
    assert.ok(answer.status < 500 && ![405, 415].includes(answer.status) && (auth || answer.status !== 404), what);
    const mayRefuse = auth || o.path.includes('{id}/') || ['organizations', 'users', 'roles'].includes(resource(o.path));
    if (!mayRefuse) assert.ok(answer.status < 300 || (answer.status === 409 && ['post', 'put', 'delete'].includes(o.method)), what);
    if (auth && o.path.endsWith('/change-password')) assert.equal(answer.status, 401, what); // its example is not the caller's
    assert.ok(o.responses[answer.status], `${what}\n is not among the answers ${Object.keys(o.responses)}`);
  }
});

test('every list takes the filters and orders that it documents', async () => {
  for (const o of operations().filter((p) => p.method === 'get' && p.parameters.some((q) => q.name === 'page_size'))) {
    const [record] = o.path.includes('{id}') ? (await admin.ok(admin.get(`/${resource(o.path)}`))).items : [{}];
    if (!record) continue; // nothing to ask about
    const path = o.path.replace('{id}', record.id);
    for (const p of o.parameters.filter((q) => q.in === 'query')) {
      const schema = resolve(p.schema ?? {});
      const value = p.example ?? schema.example ?? schema.default ?? schema.enum?.[0] ?? schema.items?.enum?.[0];
      if (value === undefined || p.name === 'cursor') continue;
      const answer = await admin.get(`${path}?${new URLSearchParams({ [p.name]: value })}`);
      assert.equal(answer.status, 200, `${path} ${p.name}=${value}: ${answer.text}`);
    }
    const orders = o.parameters.find((p) => p.name === 'sort_by')?.schema?.enum ?? [];
    for (const field of orders) hasStatus(await admin.get(`${path}?sort_by=${field}&order=desc`), 200);
  }
});

test('what is in no document is no route', async () => {
  const known = new Set(Object.keys(document.paths).map((p) => p.replace(/^\/api\/v1/, '')));
  for (const path of ['/customers/{id}/approve', '/journal', '/accounts', '/sessions', '/orders'])
    if (!known.has(path)) isProblem(await admin.get(path.replace('{id}', '1')), 404);
});

test('the documentation pages need nothing from elsewhere', async () => {
  const anonymous = new Client(server);
  for (const path of ['/docs', '/redoc', '/docs/', '/redoc/']) {
    const page = await anonymous.get(path);
    assert.equal(page.status, 200, path);
    assert.match(page.headers['content-type'], /^text\/html/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1]).filter((source) => !source.startsWith('#'));
    assert.ok(sources.length > 0);
    for (const source of sources) {
      assert.ok(source.startsWith('/') && !source.startsWith('//'), source);
      assert.equal((await anonymous.get(source)).status, 200, source);
    }
    assert.doesNotMatch(page.headers['content-security-policy'], /https?:/);
  }
});
