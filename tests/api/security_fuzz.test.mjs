// Bad input: thousands of random changes to good requests, to every route, by
// people of several roles. Never a 5xx, every refusal a proper problem, the
// process alive and its books right. FUZZ_SEED and FUZZ_REQUESTS repeat and
// enlarge it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { isProblem } from '../lib/check.mjs';
import { Client, login, newOrganization } from '../lib/client.mjs';
import { mutator } from '../lib/mutate.mjs';
import { readRoutes } from '../lib/routes.mjs';
import { random } from '../lib/samples.mjs';
import { fast, scaled } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';
import { makeWorld } from '../lib/world.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 20261121);
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? scaled(6000));

let server;
let routes;
let organization;
let people;
let ids;

before(async () => {
  server = await startServer();
  await newOrganization(server); // so that the ids of the examples belong to others
  organization = await newOrganization(server);
  ({ routes } = await readRoutes(organization.admin));
  const { records } = await makeWorld(organization, routes, 'Fuzz');
  ids = Object.fromEntries(Object.entries(records).map(([name, list]) => [name, list.map((r) => r.id)]));
  people = [...Array(7).fill(organization.admin), await organization.addUser('operator'), await organization.addUser('salesperson'), new Client(server)];
});
after(() => server.stop());

/** MiB that the server had at most. */
const peakMemory = () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;

/** What hashes passwords is slow, and what ends sessions would end the test. */
const hashes = (route) => /^\/(auth|admin|salesperson)\//.test(route.template) || (route.resource === 'users' && route.method !== 'GET');
const ends = (route) => ['POST /auth/logout', 'DELETE /auth/sessions', 'POST /auth/change-password', 'POST /auth/switch-organization', 'PATCH /auth/me'].includes(route.name);

function checkAnswer(answer, sent) {
  const what = `seed ${SEED}: ${sent}\n${answer.status} ${answer.text?.slice(0, 500)}`;
  assert.ok(answer.status < 500, what);
  assert.ok(answer.status !== 404 || !/\/null|undefined/.test(sent), what);
  if (answer.status >= 400) isProblem(answer, answer.status);
  else if (answer.status !== 304 && /json/.test(answer.headers['content-type'] ?? '')) assert.equal(typeof answer.body, 'object', what);
  assert.ok(!/sqlite|SELECT |constraint failed|src\//i.test(answer.status >= 400 ? answer.text : ''), what);
}

function makeRequest(rng, m, route) {
  const known = ids[route.resource]?.length ? ids[route.resource] : [1];
  const id = rng.chance(0.85) ? rng.pick(known) : rng.pick([0, 1, -1, 999999, '9'.repeat(30), 'x', '%00', '1.5', '..']);
  const names = route.parameters();
  const query = rng.chance(route.method === 'GET' ? 0.9 : 0.15) ? m.query(names) : '';
  const headers = {};
  if (rng.chance(0.1)) headers['If-Match'] = rng.pick(['"v1"', '"v', 'W/"v1"', '*', '', '"v99999999999999999999"', 'v1', '"v-1"']);
  if (rng.chance(0.1)) headers['Idempotency-Key'] = rng.pick(['a', 'b', '', ' ', 'x'.repeat(256), 'é', `k${rng.below(20)}`]);
  if (rng.chance(0.05)) headers['If-None-Match'] = rng.pick(['"v1"', '*', ',', '"v1", "v2"']);
  if (route.method === 'GET') return { path: `${route.path(id)}?${query}`, headers };
  const text = route.takesCsv ? csvBody(rng, m, route) : jsonBody(rng, m, route);
  if (route.takesCsv) headers['Content-Type'] = 'text/csv';
  if (rng.chance(0.03)) headers['Content-Type'] = rng.pick(['text/plain', '', 'application/json; charset=latin1', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/json, text/csv']);
  return { path: `${route.path(id)}${query ? `?${query}` : ''}`, headers, body: text };
}

/** Unique fields made unique, so that not everything is a duplicate. */
function fresh(rng, body) {
  for (const name of ['sku', 'item_id', 'name', 'username', 'email'])
    if (typeof body[name] === 'string') body[name] = body[name].replace(/^\w*/, (word) => `${word}${rng.below(1e6)}`);
  return body;
}

function jsonBody(rng, m, route) {
  let body = fresh(rng, route.example() ?? {});
  for (let i = rng.below(4); i > 0; i--) body = m.mutate(body);
  const text = JSON.stringify(body) ?? 'null';
  return rng.chance(0.15) ? m.spoil(text) : text;
}

function csvBody(rng, m, route) {
  const create = routes.find((r) => r.name === `POST /${route.collection}`);
  const body = m.mutate(create.example());
  const cells = Object.entries(body ?? {}).filter(([, v]) => typeof v !== 'object');
  const quote = (v) => (rng.chance(0.8) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
  const text = `${cells.map(([k]) => quote(k)).join()}\r\n${`${cells.map(([, v]) => quote(v)).join()}\r\n`.repeat(1 + rng.below(3))}`;
  return rng.chance(0.3) ? m.spoil(text) : text;
}

describe(`bad input (seed ${SEED})`, () => {
  test('changed at random is refused properly, and breaks nothing', async (t) => {
    const rng = random(SEED);
    const m = mutator(rng);
    const cheap = routes.filter((r) => !hashes(r));
    const dear = routes.filter((r) => hashes(r) && !ends(r));
    const queue = Array.from({ length: REQUESTS }, () => {
      const route = rng.chance(0.97) ? rng.pick(cheap) : rng.pick(dear);
      return { route, client: rng.pick(people), ...makeRequest(rng, m, route) };
    });
    const statuses = {};
    const failures = [];
    const worker = async () => {
      while (queue.length && !failures.length) {
        const { route, client, path, headers, body } = queue.pop();
        const sent = `${route.method} ${path} ${JSON.stringify(headers)} ${String(body ?? '').slice(0, 2000)}`;
        try {
          const answer = await client.request(route.method, path, { headers, body });
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
          checkAnswer(answer, sent);
        } catch (error) {
          if (error.code === 'ERR_INVALID_CHAR') continue; // node refuses to send it
          failures.push(new Error(`seed ${SEED}: ${sent}\n${error.message}\n${server.stderr.slice(-8000)}`));
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    t.diagnostic(`answers: ${JSON.stringify(statuses)}`);
    if (failures.length) throw failures[0];
    for (const code of [200, 201, 400, 401, 403, 404, 409, 422]) assert.ok(statuses[code] > 0, `no answer was ${code}`);
  });

  test('numbers at the edge of what can be stored are summed or refused, never lost', async () => {
    const { admin } = organization;
    const order = (over, line = {}) => ({ supplier_name: 'Edge', line_items: [{ material_code: 'E', material_name: 'Edge', quantity: 1, unit_price: 1, ...line }], ...over });
    const edges = ['922337203685477.5807', '922337203685477.5808', '922337203685477.58', '461168601842738.79', '99999999999999999999', '1', '0.0001', '0', '-0.0001', '1e15', '0.00001'];
    const stored = [];
    for (const quantity of edges)
      for (const price of edges)
        for (const over of [{}, { tax_rate: '100' }, { tax_rate: '99.9999' }, { discount_amount: price }]) {
          const answer = await admin.post('/purchase-orders', order(over, { quantity, unit_price: price }));
          checkAnswer(answer, `${quantity} × ${price} ${JSON.stringify(over)}`);
          if (answer.status === 201) stored.push(answer.body);
        }
    assert.ok(stored.length > 20 && stored.some((o) => o.total_amount > 1e14), 'large orders were stored');
    for (const path of ['/purchase-orders/stats', '/purchase-orders?ordering=-total_amount', '/purchase-orders/stats?supplier_name=Edge', '/purchase-orders/export'])
      checkAnswer(await admin.get(path), path);
  });

  test('a number series is not driven past its end', async () => {
    const { admin } = organization;
    const { items: [series] } = await admin.ok(admin.get('/number-series?page_size=100'));
    for (const next of [9007199254740991, '9223372036854775807', 9223372036854775807, 1e18, 1e30, -1, 0, 1.5]) {
      checkAnswer(await admin.patch(`/number-series/${series.id}`, { next }), `next ${next}`);
      for (const collection of ['purchase-orders', 'sales-orders', 'work-orders']) {
        const route = routes.find((r) => r.name === `POST /${collection}`);
        checkAnswer(await admin.post(`/${collection}`, route.example()), `a number after ${next}`);
      }
    }
  });

  test('bodies that would take too much memory are refused, and the memory is bounded', async () => {
    const { admin } = organization;
    const csv = { 'Content-Type': 'text/csv' };
    const before = await admin.sequence();
    const refused = async (path, body, headers, status) => {
      const answer = await admin.post(path, body, headers);
      isProblem(answer, status);
      checkAnswer(answer, `${path} ${body.length} bytes`);
    };
    await refused('/products/import', `${'c,'.repeat(300)}c\r\n${'1,'.repeat(300)}1\r\n`, csv, 400);
    await refused('/products/import', ','.repeat(15e6), csv, 400);
    await refused('/vendors/import', `name\r\n${'a\r\n'.repeat(5e6)}`, csv, 413);
    await refused('/vendors/import', `name,city\r\n${'a\r\n'.repeat(5e6)}`, csv, 413);
    await refused('/products/bulk', `{"items":[${'[],'.repeat(5e6)}1]}`, {}, 413);
    await refused('/purchase-orders/bulk', JSON.stringify({ items: Array(5000).fill({ supplier_name: 'x', line_items: Array(500).fill({}) }) }), {}, 413);
    await refused('/purchase-orders/bulk', JSON.stringify({ items: Array(5001).fill({}) }), {}, 422);
    await refused('/purchase-orders', JSON.stringify({ supplier_name: 'x', line_items: Array(501).fill({}) }), {}, 422);
    assert.equal(await admin.sequence(), before);
    if (fast) assert.ok(peakMemory() < 600, `${peakMemory()} MiB`);
  });

  test('leaves a server that answers as before, with books that are right', async () => {
    assert.equal(server.child.exitCode, null);
    assert.ok((await login(server, organization.admin.login.user.username)).login.access_token);
    const { code, stdout, stderr } = await server.run('verify');
    assert.equal(code, 0, stdout + stderr);
    assert.ok(!/"level":"error"/.test(server.stderr), server.stderr.slice(0, 2000));
  });
});
