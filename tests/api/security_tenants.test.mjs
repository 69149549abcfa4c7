// Two organizations: nothing that one of them sends reaches, changes or shows
// a byte of the other. Every route of /openapi.json is called with the ids,
// keys and cursors of the other, and answers as if these had never existed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { properties, readRoutes, referenceOf, resolve } from '../lib/routes.mjs';
import { startServer } from '../lib/server.mjs';
import { digest, makeWorld, wordy } from '../lib/world.mjs';

const WORD = `CANARY${Math.random().toString(36).slice(2, 6).toUpperCase()}`;
const SECRET = `${WORD}${Math.random().toString(36).slice(2, 10)}`;
const NEVER = 987_654_321_000; // ids that nothing ever has

let server;
let routes;
let document;
let admin;
let other; // B, who must not be reached
let people; // of A, by role
let theirs; // B's records
let probes = 0;
let beforeAll;

before(async () => {
  server = await startServer();
  const [a, b] = [await newOrganization(server), await newOrganization(server)];
  ({ routes, document } = await readRoutes(a.admin));
  ({ records: theirs } = await makeWorld(b, routes, SECRET));
  await makeWorld(a, routes, 'Plain');
  ({ admin } = a);
  other = b;
  people = { admin, manager: await a.addUser('manager'), operator: await a.addUser('operator'), salesperson: await a.addUser('salesperson'), viewer: await a.addUser('viewer') };
  beforeAll = await digest(b.admin, routes);
  assert.ok(beforeAll.split(SECRET).length > 100, 'the other organization is full of the word');
});
after(() => server.stop());

/** No answer to A may hold a byte of B, whatever else is wrong with it. */
function isBlind(answer, what) {
  probes++;
  const all = `${JSON.stringify(answer.headers)}${answer.text}`.toLowerCase();
  assert.ok(!all.includes(SECRET.toLowerCase()), `${what} shows the other organization: ${answer.text.slice(0, 400)}`);
  assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
  return answer;
}

/** What an answer says, but for what differs every time. */
function said({ status, headers, text }) {
  const { date: _, 'x-request-id': __, 'content-length': ___, ...kept } = headers;
  const body = text.replace(/"request_id":"[^"]*"/, '').replace(/"timestamp":"[^"]*"/, '').replace(/"(created|updated|started|completed)_at":"[^"]*"/g, '');
  return JSON.stringify([status, kept, body]);
}

/** The same request with something of B's and with something that never was. */
async function isTheSame(what, foreign, never) {
  const [answer, missing] = [isBlind(await foreign, what), isBlind(await never, what)];
  assert.equal(said(answer), said(missing), what);
  return answer;
}

/** Runs the tasks some at a time: the order does not matter. */
async function each(list, task) {
  const rest = [...list];
  const worker = async () => { while (rest.length) await task(rest.pop()); };
  await Promise.all(Array.from({ length: 8 }, worker));
}

const isEmpty = ({ status, body }) => status === 400 || status === 403 || (status === 200 && body.total === 0);

describe('a record of another organization', () => {
  const variants = (route, record) => [
    {}, { headers: { 'If-Match': `"v${record.version ?? 1}"` } }, { headers: { 'If-Match': '*' } }, { headers: { 'If-Match': '"v999"' } },
    { headers: { 'If-None-Match': `"v${record.version ?? 1}"` } }, { headers: { 'If-None-Match': '*' } },
    { query: '?dry_run=true' }, { query: '?expand=created_by,lines' }, { query: '?fields=id' },
    { headers: { 'Idempotency-Key': `probe-${route.name.length}` } }, { body: {} }, { body: { status: 'cancelled' } },
  ];

  test('is, on every route and for every role, as one that never existed', async () => {
    const cases = [];
    for (const route of routes.filter((r) => r.onRecord))
      for (const record of theirs[route.resource] ?? [])
        for (const variant of variants(route, record))
          for (const [role, client] of Object.entries(people))
            if (role === 'admin' || !variant.query) cases.push({ route, record, variant, role, client });
    await each(cases, async ({ route, record, variant, role, client }) => {
      const { query = '', headers, body = route.example() } = variant;
      const call = (id) => client.request(route.method, route.path(id) + query, { body: route.method === 'GET' ? undefined : body, headers });
      const what = `${role}: ${route.name} of ${record.id} ${JSON.stringify(variant)}`;
      const answer = await isTheSame(what, call(record.id), call(NEVER + record.id));
      const expected = [403, 404, 422, ...(query ? [400] : [])];
      assert.ok(expected.includes(answer.status), `${what}: ${answer.status} ${answer.text}`);
      if (role === 'admin' && route.method !== 'PUT' && !query && !variant.body) assert.equal(answer.status, 404, `${what}: ${answer.text}`);
    });
  });

  test('cannot be reached by another spelling of its id', async () => {
    const [{ id }] = theirs['work-orders'];
    const spellings = (n) => [`0${n}`, `${n}.0`, `+${n}`, `${n}%20`, `%20${n}`, `${n}/`, `${n}//`, `${n}?`, `${n};x`, `${n},1`, `${n}%00`, `0x${n.toString(16)}`, `${n}e0`, `-${n}`];
    for (const [i, spelling] of spellings(id).entries())
      for (const method of ['GET', 'DELETE']) {
        const path = (text) => admin.request(method, `/api/v1/work-orders/${text}`);
        const answer = await isTheSame(`${method} ${spelling}`, path(spelling), path(spellings(NEVER)[i]));
        assert.ok([400, 404, 405].includes(answer.status), answer.text);
      }
  });
});

describe('a reference to another organization', () => {
  const required = { roles: { name: 'x' }, 'work-orders': { product_name: 'x' }, workorders: { product_name: 'x' }, 'sales-orders': { line_items: [] }, 'purchase-orders': { line_items: [] } };
  const nameOf = { products: 'sku', locations: 'code', warehouses: 'code', users: 'username', roles: 'name', 'work-orders': 'wo_number', 'purchase-orders': 'po_number', 'sales-orders': 'so_number' };
  const referring = () => routes.filter((r) => r.takesJson && r.permission && !r.template.endsWith('/bulk'))
    .flatMap((route) => Object.entries(route.fields()).map(([field, schema]) => ({ route, field, to: referenceOf(schema) })).filter(({ to }) => to));
  const spellings = (field) => (field.endsWith('_id') ? [field, field.slice(0, -3)] : [field]);
  /** Without the name beside the reference, which would make a party of one's own. */
  const bodyFor = (route, field) => ({ ...(route.method === 'PATCH' ? {} : { ...route.example(), ...required[route.collection] }), [field.replace(/_id$/, '_name')]: undefined });
  /** The name that an order has already makes a party, whose id PostgreSQL takes from those to come although nothing is kept. */
  function withoutMade(answer, field, foreign) {
    if (answer.status !== 200) return answer;
    assert.notEqual(answer.body[field], foreign.id);
    return { ...answer, text: answer.text.replace(new RegExp(`"${field}":\\d+`), '') };
  }

  test('is, in every field of every body, as one to nothing', async () => {
    const list = referring();
    assert.ok(list.length >= 20, `${list.length} fields refer to records`);
    const mine = Object.fromEntries(await Promise.all(['customers', 'work-orders', 'sales-orders', 'purchase-orders', 'users'].map(
      async (name) => [name, (await admin.ok(admin.get(`/${name}?page_size=1&ordering=id`))).items[0]])));
    await each(list, async ({ route, field, to }) => {
      const record = theirs[to][0];
      const values = [[record.id, NEVER], [String(record.id), String(NEVER)], [record[nameOf[to]], `${'x'.repeat(8)} never`]];
      for (const name of spellings(field))
        for (const [foreign, never] of values.filter(([v]) => v !== undefined)) {
          const body = (value) => ({ ...bodyFor(route, field), [name]: value });
          const send = async (value) => withoutMade(await admin.request(route.method, `${route.path(mine[route.resource]?.id ?? 1)}?dry_run=true`, { body: body(value) }), field, record);
          await isTheSame(`${route.name} with ${name} ${foreign}`, send(foreign), send(never));
        }
    });
  });

  test('in a bulk call or an imported row is refused in the same words', async () => {
    await each(referring().filter(({ route }) => route.method === 'POST' && !route.onRecord), async ({ route, field, to }) => {
      const record = theirs[to][0];
      const exists = (suffix) => routes.some((r) => r.name === `POST /${route.collection}/${suffix}`);
      const bulk = (value, atomic) => admin.post(`/${route.collection}/bulk`, { atomic, items: [{ ...bodyFor(route, field), [field]: value }] });
      const flat = (value) => Object.entries({ ...bodyFor(route, field), [field]: value }).filter(([, v]) => v !== undefined && typeof v !== 'object');
      const file = (value) => admin.post(`/${route.collection}/import?dry_run=true`, `${flat(value).map(([k]) => k).join()}\r\n${flat(value).map(([, v]) => `"${v}"`).join()}\r\n`, { 'Content-Type': 'text/csv' });
      for (const atomic of exists('bulk') ? [true, false] : []) {
        const answer = await isTheSame(`bulk ${route.name} ${field} ${atomic}`, bulk(record.id, atomic), bulk(NEVER, atomic));
        assert.ok(answer.status === 422 || answer.body.failed === 1, answer.text);
      }
      if (exists('import')) assert.equal((await isTheSame(`import ${route.name} ${field}`, file(record.id), file(NEVER))).status, 422);
    });
  });

  test('beside a name makes a party of one’s own', async () => {
    for (const [collection, field, name, to] of [['purchase-orders', 'supplier_id', 'supplier_name', 'vendors'], ['sales-orders', 'customer_id', 'customer_name', 'customers']]) {
      const [record] = theirs[to];
      const made = await admin.create(`/${collection}`, { [field]: record.id, [name]: `Own ${to}`, line_items: [] });
      assert.notEqual(made[field], record.id);
      assert.equal((await admin.ok(admin.get(`/${to}/${made[field]}`))).name, `Own ${to}`);
    }
  });
});

describe('lists, statistics and exports', () => {
  const listing = () => routes.filter((r) => r.method === 'GET' && !r.onRecord && r.permission);
  const values = () => {
    const list = [];
    for (const [resource, records] of Object.entries(theirs))
      if (resource !== 'audit-logs') for (const r of records.slice(0, 2)) list.push(r);
    return list;
  };

  test('find nothing of another organization by any filter', async () => {
    const cases = [];
    for (const route of listing())
      for (const name of route.parameters().filter((p) => !['page', 'page_size', 'skip', 'limit', 'cursor', 'count', 'sort_by', 'order', 'ordering', 'fields', 'expand', 'format', 'dry_run', 'key'].includes(p)))
        cases.push({ route, name });
    assert.ok(cases.length > 200, `${cases.length} filters`);
    await each(cases, async ({ route, name }) => {
      const base = name.split('__')[0];
      const tried = new Set([WORD, ...values().map((r) => r[base]).filter((v) => typeof v === 'number' || (typeof v === 'string' && /id|number/.test(base)))]);
      for (const value of tried) {
        if (String(value).includes(SECRET)) continue; // would be echoed
        const answer = isBlind(await admin.get(`${route.path()}?${name}=${encodeURIComponent(value)}`), `${route.name} ${name}=${value}`);
        assert.ok([200, 400].includes(answer.status), `${route.name} ${name}=${value}: ${answer.text}`);
      }
    });
  });

  test('find nothing by the exact words of the other, nor by their beginnings', async () => {
    for (const route of listing()) {
      if (route.action !== 'read' || route.template.endsWith('/stats')) continue;
      const filters = route.parameters();
      const attempts = [`search=${WORD}`, `search=${SECRET}`, `search=org${other.id}`, `search=org${other.id}%20${WORD}`, `search=%22${WORD}%22%20OR%20org${other.id}`, `search=${WORD}*`];
      for (const op of ['', '__contains', '__startswith', '__gte', '__in'])
        for (const field of ['name', 'sku', 'username', 'email', 'notes', 'customer_name', 'supplier_name', 'wo_number', 'po_number', 'assigned_to_name', 'created_by'])
          if (filters.includes(field)) attempts.push(`${field}${op}=${SECRET}`);
      for (const query of attempts) {
        if (query.startsWith('search') && !filters.includes('search')) continue;
        probes++;
        const answer = await admin.get(`${route.path()}?${query}&ordering=id`);
        const shown = (answer.body.items ?? []).some((r) => JSON.stringify(r).includes(SECRET));
        assert.ok(!shown && answer.status < 500, `${route.name}?${query}: ${answer.text.slice(0, 300)}`);
        if (!query.includes('__gte')) assert.ok(isEmpty(answer), `${route.name}?${query}: ${answer.text.slice(0, 300)}`);
      }
    }
  });

  test('show only one’s own, in every order, with everything expanded, to every role', async () => {
    const schemas = document.components.schemas;
    for (const route of listing())
      for (const client of Object.values(people)) {
        const properties_ = schemas ? Object.keys(properties(document, resolve(document, listSchema(route)) ?? {})) : [];
        for (const query of ['', '?page_size=1000', '?skip=0&limit=1000', '?count=none', '?format=csv', ...properties_.map((p) => `?ordering=-${p}`), ...properties_.map((p) => `?expand=${p}`)])
          isBlind(await client.get(`${route.path()}${query}`), `${route.name}${query}`);
      }
  });

  const listSchema = (route) => route.operation.responses['200']?.content?.['application/json']?.schema;

  test('take no position from another organization’s cursor', async () => {
    for (const collection of ['work-orders', 'purchase-orders', 'customers', 'products', 'users', 'audit-logs'])
      for (const ordering of ['id', '-id', 'name', '-due_date', 'status,id']) {
        const page = await other.admin.get(`/${collection}?page_size=1&ordering=${ordering}`);
        if (page.status !== 200 || !page.body.next_cursor) continue;
        const answer = isBlind(await admin.get(`/${collection}?page_size=100&ordering=${ordering}&cursor=${encodeURIComponent(page.body.next_cursor)}`), `a cursor of ${collection}`);
        assert.ok([200, 400].includes(answer.status), answer.text);
      }
  });
});

describe('writing', () => {
  test('in bulk to ids of another organization is refused in the words for ids that never were', async () => {
    for (const route of routes.filter((r) => r.template.endsWith('/bulk')))
      for (const record of theirs[route.resource])
        for (const client of [people.admin, people.manager, people.operator])
          for (const atomic of [true, false]) {
            const call = (id) => client.post(route.path(), { atomic, items: [{ id, ...routes.find((r) => r.name === `PATCH /${route.collection}/{id}`)?.example() }] });
            await isTheSame(`${route.name} ${record.id} ${atomic}`, call(record.id), call(NEVER + record.id));
          }
  });

  test('takes no organization, id or owner from the body, the address or a header', async () => {
    const [mine] = (await admin.ok(admin.get('/products?page_size=1'))).items;
    for (const [name, value] of [['id', theirs.products[0].id], ['organization_id', other.id], ['organization', other.id], ['tenant_id', other.id], ['created_by', theirs.users[0].id], ['version', 99]]) {
      isProblem(isBlind(await admin.post('/products', { sku: 'T-1', name: 'x', [name]: value }), name), 422, 'validation_failed');
      isProblem(isBlind(await admin.patch(`/products/${mine.id}`, { [name]: value }), name), 422, 'validation_failed');
    }
    for (const query of [`organization_id=${other.id}`, `tenant=${other.id}`, `org=${other.id}`])
      isProblem(isBlind(await admin.get(`/products?${query}`), query), 400);
    for (const header of ['X-Tenant-Id', 'X-Organization-Id', 'X-Org', 'X-Forwarded-User', 'X-Original-URL', 'X-HTTP-Method-Override'])
      for (const path of ['/products', `/products/${mine.id}`, '/organizations'])
        isBlind(await admin.get(path, { [header]: String(other.id) }), header);
  });

  test('the same codes, names and numbers as the other has makes records of one’s own', async () => {
    const [thing] = theirs.products;
    const csv = `sku,name\r\n${thing.sku},Mine\r\n`;
    const imported = await admin.post('/products/import?key=sku', csv, { 'Content-Type': 'text/csv' });
    assert.deepEqual([imported.status, imported.body.created], [200, 1], imported.text);
    const number = theirs['work-orders'][0].wo_number;
    const order = await admin.create('/work-orders', { product_name: 'Mine', wo_number: number });
    assert.notEqual(order.id, theirs['work-orders'][0].id);
    for (const { id } of [imported.body.results[0]]) await admin.ok(admin.del(`/products/${id}`));
    await admin.ok(admin.del(`/work-orders/${order.id}`));
    await admin.create('/customers', { ...wordy(routes, 'customers', 'Plain') });
  });
});

test('of all that, nothing in the other organization has changed', async (t) => {
  assert.equal(await digest(other.admin, routes), beforeAll);
  t.diagnostic(`${probes} probes`);
  assert.ok(probes > 20000, `${probes} probes`);
  await server.run('verify').then(({ code, stdout, stderr }) => assert.equal(code, 0, stdout + stderr));
});
