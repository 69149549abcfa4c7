// kill -9 under load, over and over on the same data: what was acknowledged is
// there, nothing is there twice or in part, and the books are right.
// MILLWRIGHT_FAULT_ROUNDS for more than a few rounds, FAULT_SEED for others.
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { journalIsWhole, numbersAreRight, totalsAreRight, verifies } from '../lib/books.mjs';
import { Client, login, newOrganization } from '../lib/client.mjs';
import { Ledger } from '../lib/ledger.mjs';
import { random } from '../lib/samples.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

const ROUNDS = Number(process.env.MILLWRIGHT_FAULT_ROUNDS ?? scaled(10, 0.4));
const SEED = Number(process.env.FAULT_SEED ?? 1);
const WRITERS = 24;

let server;
let data;
before(() => { data = tempFolder(); });
after(async () => {
  await server?.kill();
  rmSync(data, { recursive: true, force: true });
});

test(`${ROUNDS} times killed while ${WRITERS} clients write, nothing acknowledged is lost or doubled (seed ${SEED})`, async (t) => {
  const rng = random(SEED);
  const ledger = new Ledger(SEED);
  server = await startServer({ data });
  const { admin } = await newOrganization(server);
  const now = () => new Client(server, admin.headers);
  let open = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const load = ledger.run(now(), WRITERS);
    await sleep(30 + rng.below(rng.chance(0.3) ? 40 : 400));
    await server.kill();
    ledger.over = true;
    await load;
    await server.start();
    await ledger.check(now());
    open += await ledger.replay(now());
    await ledger.check(now());
    assert.equal(await numbersAreRight(now(), 'purchase-orders', 'po_number', 'PO-'), await seriesOf(now(), 'purchase-orders.po_number'));
    assert.equal(await numbersAreRight(now(), 'work-orders', 'wo_number', 'WO-'), await seriesOf(now(), 'work-orders.wo_number'));
    await verifies(server);
  }
  await totalsAreRight(now(), 'purchase-orders', 'total_amount');
  await totalsAreRight(now(), 'work-orders');
  await journalIsWhole(now());
  t.diagnostic(`${ledger.acknowledged} writes acknowledged, ${open} requests open when the server was killed`);
  assert.ok(ledger.acknowledged > ROUNDS * 10 && open > 0);
  await server.stop();
});

/** How many numbers a series has given. */
async function seriesOf(client, name) {
  const { items } = await client.ok(client.get('/number-series?page_size=100'));
  return items.find((s) => s.name === name).next - 1;
}

/** Starts on an empty folder and is killed on the way, after so many milliseconds. */
async function killedAtFirstStart(demo, ms) {
  for (const name of readdirSync(demo.data)) rmSync(path.join(demo.data, name), { recursive: true });
  const before = demo.child;
  const starting = demo.start().catch(() => {});
  while (demo.child === before) await sleep(1);
  await sleep(ms);
  await demo.kill();
  await starting;
}

test('killed while it makes its first data, it starts the next time and has all of it', async () => {
  const rng = random(SEED + 1);
  const demo = await startServer({ flags: ['--demo'] });
  try {
    const complete = await demoCounts(demo);
    for (let round = 0; round < scaled(12); round++) {
      await demo.kill();
      await killedAtFirstStart(demo, 2 + rng.below(100));
      await demo.start();
      assert.deepEqual(await demoCounts(demo), complete);
      await verifies(demo);
    }
  } finally {
    await demo.stop();
  }
});

async function demoCounts(server_) {
  const admin = await login(server_, 'admin', 'millwright');
  const counts = {};
  for (const name of ['customers', 'vendors', 'products', 'purchase-orders', 'sales-orders', 'work-orders', 'users', 'roles', 'audit-logs']) counts[name] = await admin.total(`/${name}`);
  const { total: sessions } = await admin.ok(admin.get('/audit-logs?resource=auth'));
  counts['audit-logs'] -= sessions;
  return counts;
}
