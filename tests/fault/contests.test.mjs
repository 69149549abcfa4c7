// Two servers on one PostgreSQL, and customers at both of them at the same moment:
// for the last pieces, for what is left to pay of an order, for the next number and
// for a token that works once. MILLWRIGHT_CONTEST_ROUNDS for more rounds of each.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { numbersAreRight, verifies } from '../lib/books.mjs';
import { isProblem } from '../lib/check.mjs';
import { Client, newOrganization, PASSWORD, unique } from '../lib/client.mjs';
import { at, makeDatabase, startNode } from '../lib/nodes.mjs';
import { startCluster } from '../lib/postgres.mjs';
import { scaled } from '../lib/scale.mjs';
import { Shop } from '../lib/shop.mjs';

const ROUNDS = Number(process.env.MILLWRIGHT_CONTEST_ROUNDS ?? scaled(200, 0.1));
const AT_ONCE = 8; // rounds, so that contests meet each other as well
const MANY = { timeout: Math.max(300_000, ROUNDS * 500) };

let cluster;
let nodes = [];
let repeated = 0;
before(async () => {
  cluster = await startCluster();
  const database = makeDatabase(cluster, 'contests');
  nodes = [await startNode(database), await startNode(database)];
});
after(async () => {
  for (const node of nodes) await node.stop();
  await cluster?.remove();
});

/** What a machine is too busy for is asked again, as it says. */
async function insist(attempt) {
  for (;;) {
    const answer = await attempt();
    if (answer.status !== 503 || !answer.headers['retry-after']) return answer;
    repeated++;
  }
}

/** The same attempt so many times at once, in turns at both nodes. */
const together = (n, clients, attempt) => Promise.all(Array.from({ length: n }, (_, i) => insist(() => attempt(clients[i % 2], i))));
const withStatus = (answers, status) => answers.filter((a) => a.status === status);

/** So many answers have each status, and there is no other. */
function come(answers, expected) {
  const others = answers.filter((a) => !(a.status in expected)).map((a) => a.text);
  assert.deepEqual(others, []);
  for (const [status, n] of Object.entries(expected)) assert.equal(withStatus(answers, Number(status)).length, n, status);
}

async function rounds(n, round) {
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < n) await round(next++);
  }));
}

describe('at two nodes at once', () => {
  let clients; // of one organization, one for each node
  let shop;
  const made = { sales: 0, payments: 0, 'sales-orders': 0, 'work-orders': 0 };
  before(async () => {
    const { admin } = await newOrganization(nodes[0]);
    clients = nodes.map((node) => at(node, admin));
    shop = new Shop(clients[0]);
  });

  test(`${ROUNDS} times the last pieces are sold once each`, MANY, async (t) => {
    let refused = 0;
    await rounds(ROUNDS, async (i) => {
      const pieces = 1 + i % 3;
      const goods = await shop.goods(pieces, { cost: 3.3333 });
      const answers = await together(pieces + 3, clients, (client) => client.post('/sales', { product_id: goods.id, quantity: 1 }));
      come(answers, { 201: pieces, 409: 3 });
      for (const lost of withStatus(answers, 409)) assert.match(isProblem(lost, 409, 'conflict').detail, /only 0 pcs/);
      for (const client of clients) assert.deepEqual(await new Shop(client).stock(goods), [0, 0, 0, 0]);
      made.sales += pieces;
      made.payments += pieces;
      refused += 3;
    });
    t.diagnostic(`${made.sales} sold, ${refused} refused`);
  });

  test(`${ROUNDS} times one of two payments that are too much together is made`, MANY, async (t) => {
    await rounds(ROUNDS, async (i) => {
      const order = await shop.salesOrder([['S', 1, 100]], { status: 'pending' });
      const answers = await together(2 + i % 2, clients, (client) => client.post('/payments', { amount: 60, order_id: order.id, status: 'completed' }));
      come(answers, { 201: 1, 409: 1 + i % 2 });
      for (const client of clients) {
        const { paid_amount, outstanding_amount } = await new Shop(client).read('sales-orders', order.id);
        assert.deepEqual([paid_amount, outstanding_amount], [60, 40]);
      }
      made['sales-orders']++;
      made.payments++;
    });
    t.diagnostic(`${ROUNDS} made, ${ROUNDS + (ROUNDS >> 1)} refused`);
  });

  test(`${ROUNDS} times documents get numbers, none twice and none left out`, MANY, async (t) => {
    await rounds(ROUNDS, async () => {
      const answers = await together(4, clients, (client, i) => client.post('/work-orders', { product_name: 'Bracket', quantity: i === 3 ? -1 : 1, priority: 'low' }));
      come(answers, { 201: 3, 422: 1 });
      made['work-orders'] += 3;
    });
    for (const [collection, field] of [['work-orders', 'wo_number'], ['sales', 'sale_number'], ['payments', 'payment_number'], ['sales-orders', 'so_number']]) {
      const [newest] = (await clients[1].ok(clients[1].get(`/${collection}?ordering=-id&page_size=1`))).items;
      const prefix = newest[field].slice(0, newest[field].lastIndexOf('-') + 1);
      assert.equal(await numbersAreRight(clients[1], collection, field, prefix), made[collection], collection);
    }
    t.diagnostic(JSON.stringify(made));
  });

  const tokens = Math.ceil(ROUNDS / 10); // each of its uses takes a password's time
  test(`${tokens} times a token that works once lets one in`, MANY, async () => {
    const strangers = nodes.map((node) => new Client(node));
    const users = await clients[0].total('/users');
    await rounds(tokens, async () => {
      const { id, token } = await clients[0].create('/access-tokens', {});
      const answers = await together(4, strangers, (client) => client.post('/salesperson/auth', { email: `${unique('sam.')}@example.com`, password: PASSWORD, token }));
      come(answers, { 200: 1, 401: 3 });
      assert.equal((await clients[1].ok(clients[1].get(`/access-tokens/${id}`))).used_by, withStatus(answers, 200)[0].body.user.id);
    });
    assert.equal(await clients[1].total('/users'), users + tokens);
  });

  test('the books are right after all of it', MANY, async (t) => {
    t.diagnostic(`${repeated} attempts repeated, for which the servers were too busy`);
    await verifies(nodes[1]);
  });
});
