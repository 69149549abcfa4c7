// kill -9 while a shop sells, over and over on the same data: every sale that
// was acknowledged is there once, with its moves and its payment, and there is
// of every product what was received less what was sold.
// MILLWRIGHT_FAULT_ROUNDS for more than a few rounds, FAULT_SEED for others.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, journalIsWhole, numbersAreRight, verifies } from '../lib/books.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { Counter } from '../lib/counter.mjs';
import { random } from '../lib/samples.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';
import { Shop } from '../lib/shop.mjs';

const ROUNDS = Number(process.env.MILLWRIGHT_FAULT_ROUNDS ?? scaled(6, 0.4));
const SEED = Number(process.env.FAULT_SEED ?? 1);
const WRITERS = 24;

let server;
let data;
before(() => { data = tempFolder(); });
after(async () => {
  await server?.kill();
  rmSync(data, { recursive: true, force: true });
});

/** How many numbers a series has given. */
async function seriesOf(client, name) {
  const { items } = await client.ok(client.get('/number-series?page_size=100'));
  return items.find((s) => s.name === name).next - 1;
}

async function seriesAreRight(client) {
  for (const [collection, field] of [['sales', 'sale_number'], ['payments', 'payment_number'], ['purchase-orders', 'po_number'], ['sales-orders', 'so_number']]) {
    const [first] = await all(client, `/${collection}?fields=id,${field}`);
    if (!first) continue;
    const prefix = first[field].slice(0, first[field].lastIndexOf('-') + 1);
    assert.equal(await numbersAreRight(client, collection, field, prefix), await seriesOf(client, `${collection}.${field}`));
  }
}

test(`${ROUNDS} times killed while ${WRITERS} clients sell, refund and receive, no piece is lost or sold twice (seed ${SEED})`, async (t) => {
  const rng = random(SEED);
  server = await startServer({ data });
  const { admin } = await newOrganization(server);
  const now = () => new Client(server, admin.headers);
  const shop = new Shop(now());
  const products = await Promise.all(Array.from({ length: 10 }, () => shop.goods(20, { cost: 3.3333 })));
  const counter = new Counter(products, SEED);
  let open = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const load = counter.run(now(), WRITERS);
    await Promise.race([sleep(30 + rng.below(rng.chance(0.3) ? 40 : 400)), load]);
    await server.kill();
    counter.over = true;
    await load;
    await server.start();
    await counter.check(now());
    open += await counter.replay(now());
    await counter.check(now());
    await seriesAreRight(now());
    await verifies(server);
  }
  await journalIsWhole(now());
  t.diagnostic(`${JSON.stringify(counter.counts)}, ${open} sales open when the server was killed`);
  assert.ok(counter.acknowledged > ROUNDS * 10 && open > 0);
  await server.stop();
});
