// Two servers on a primary with a synchronous standby. Under load a server is
// killed, then the primary, and the standby takes its place: what was
// acknowledged is there, nothing is there twice, and writes come back.
// MILLWRIGHT_FAULT_ROUNDS for more than a few rounds.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, journalIsWhole, numbersAreRight, verifies } from '../lib/books.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { Line } from '../lib/line.mjs';
import { at, makeDatabase, startNode } from '../lib/nodes.mjs';
import { GUARDED, startCluster } from '../lib/postgres.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const ROUNDS = Number(process.env.MILLWRIGHT_FAULT_ROUNDS ?? 3);
const WRITERS = 8;

/** Clients that ask each for one document after the other, at any node, until it is acknowledged. */
class Load {
  constructor(nodes, admin) {
    Object.assign(this, { nodes, admin, acked: new Map(), n: 0, repeated: 0, first: 0 });
  }

  run() {
    this.over = false;
    return Promise.all(Array.from({ length: WRITERS }, (_, i) => this.#writer(i)));
  }

  async #writer(i) {
    while (!this.over) {
      const tag = `failover-${++this.n}`;
      for (let attempt = 0; ; attempt++) {
        const answer = await this.#ask(this.nodes[(i + attempt) % 2], tag);
        if (answer?.status === 201) { this.#note(tag, answer); break; }
        if (answer) assert.ok(answer.status === 503 && answer.headers['retry-after'], `${answer.status} ${answer.text}`);
        this.repeated++;
        await sleep(50);
      }
    }
  }

  #note(tag, answer) {
    this.acked.set(tag, answer.body);
    this.first ||= performance.now();
  }

  /** Null when the node hung up. */
  async #ask(node, tag) {
    const client = new Client(node, this.admin.headers);
    try {
      return await client.post('/work-orders', { product_name: 'Bracket', quantity: 1, priority: 'low', notes: tag }, { 'Idempotency-Key': tag });
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return null;
    } finally {
      client.agent.destroy();
    }
  }

  /** Some more writes were acknowledged from now on. */
  async goesOn(more = 20) {
    const n = this.acked.size;
    await until('writes go on', () => this.acked.size >= n + more);
  }

  async check(client) {
    const found = new Map();
    for (const order of await all(client, '/work-orders')) {
      assert.ok(!found.has(order.notes), `${order.notes} is there twice`);
      found.set(order.notes, order);
    }
    for (const [tag, order] of this.acked) {
      assert.ok(found.has(tag), `${tag} was acknowledged and is lost`);
      assert.deepEqual([found.get(tag).id, found.get(tag).wo_number], [order.id, order.wo_number]);
    }
    assert.equal(found.size, this.acked.size);
    assert.equal(await numbersAreRight(client, 'work-orders', 'wo_number', 'WO-'), found.size);
  }
}

describe('two servers, a primary and a synchronous standby', () => {
  let primary;
  let standby;
  let nodes = [];
  after(async () => {
    for (const node of nodes) await node.kill();
    await standby?.remove();
    await primary?.remove();
  });

  test(`${ROUNDS} times a server and the primary are killed: nothing acknowledged is lost, nothing is doubled`, async (t) => {
    primary = await startCluster();
    standby = await primary.synchronous();
    const hosts = [primary, standby].map((c) => `127.0.0.1:${c.port}`).join(',');
    const database = makeDatabase(primary, 'failover', `postgres://millwright@${hosts}/failover?target_session_attrs=read-write&connect_timeout=2`);
    nodes = [await startNode(database), await startNode(database)];
    const { admin } = await newOrganization(nodes[0]);
    const away = [];
    const load = new Load(nodes, admin);
    for (let round = 0; round < ROUNDS; round++) {
      const running = load.run();
      await load.goesOn();
      const victim = nodes[round % 2];
      await victim.kill();
      await load.goesOn();
      await victim.start();
      await load.goesOn();
      const dead = primary;
      await dead.stop('KILL');
      standby.promote();
      const promoted = performance.now();
      load.first = 0;
      await until('a write is acknowledged again', () => load.first);
      away.push(load.first - promoted);
      await load.goesOn();
      load.over = true;
      await running;
      await load.check(at(nodes[1], admin));
      await verifies(nodes[0]);
      await until('the servers say that they are well', async () => (await Promise.all(nodes.map((n) => new Client(n).get('/health/db')))).every((a) => a.status === 200));
      const { port } = dead;
      await dead.remove();
      primary = standby;
      standby = await primary.synchronous(port);
    }
    await journalIsWhole(at(nodes[0], admin));
    away.sort((x, y) => x - y);
    const acked = load.acked.size;
    t.diagnostic(`${acked} writes acknowledged, ${load.repeated} attempts repeated; writes back after the promotion: median ${Math.round(away[away.length >> 1])} ms, longest ${Math.round(away.at(-1))} ms`);
    assert.ok(acked > ROUNDS * 60 && load.repeated > 0);
  });
});

describe('a server whose database goes away', () => {
  let cluster;
  let server;
  before(async () => { cluster = await startCluster(); });
  after(async () => {
    await server?.kill();
    await cluster?.remove();
  });

  test('answers 503 with Retry-After, says that it is not well, and recovers by itself', async () => {
    server = await startNode(makeDatabase(cluster, 'away'));
    const { admin } = await newOrganization(server);
    const ask = () => [admin.get('/customers'), admin.post('/customers', { name: 'Acme' }), admin.get('/health/db')];
    await cluster.stop('QUIT');
    for (const answer of await Promise.all(ask())) {
      assert.equal(answer.status, 503, answer.text);
      assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    assert.equal((await admin.get('/health')).status, 200);
    await cluster.start();
    for (const status of [200, 201])
      await until('it recovers', async () => (await (status === 200 ? admin.get('/customers') : admin.post('/customers', { name: 'Acme' }))).status === status);
    await until('it says that it is well', async () => (await admin.get('/health/db')).status === 200);
  });

  test('does not start, and says why in one line, when it cannot use the database', async () => {
    const { port } = cluster;
    makeDatabase(cluster, 'newer', 'none');
    const newer = `postgres://millwright@127.0.0.1:${port}/newer`;
    const whole = await startNode({ url: newer, drop: () => {} });
    await whole.stop();
    cluster.sql("INSERT INTO schema_migrations SELECT (json_populate_record(m, '{\"version\": 9999}')).* FROM schema_migrations m ORDER BY version DESC LIMIT 1", 'newer');
    cluster.sql("CREATE DATABASE otherwise OWNER millwright TEMPLATE template0 ENCODING 'SQL_ASCII'");
    const old = new Line(port, { heard: (data) => Buffer.from(data.toString('latin1').replace(/server_version\x00\d\d/, 'server_version\x0014'), 'latin1') });
    const cases = [
      [`postgres://millwright@127.0.0.1:${await old.listen()}/newer`, /cannot open .*PostgreSQL 14 is too old: 15 or newer is needed/],
      [`postgres://millwright@127.0.0.1:${port}/otherwise`, /cannot open .*encoding is SQL_ASCII: UTF8 is needed/],
      [`postgres://millwright@127.0.0.1:1/none`, /cannot open .*127\.0\.0\.1.*refused/i],
      [`postgres://millwright@127.0.0.1:${port}/nowhere`, /cannot open .*nowhere.*does not exist/],
      [`postgres://${GUARDED.role}:wrong@127.0.0.1:${port}/away`, /cannot open .*password authentication failed/],
      ['postgres://[', /cannot open .*cannot be read/],
      [newer, /newer/],
    ];
    for (const [url, says] of cases) {
      await assert.rejects(startServer({ database: { url, drop: () => {} } }), (error) => {
        const lines = error.message.split('\n').slice(1).filter((l) => l && !l.startsWith('{'));
        assert.match(error.message, /exit [1-9]/, url);
        assert.equal(lines.length, 1, error.message);
        assert.match(lines[0], says);
        assert.doesNotMatch(lines[0], /wrong@/);
        return true;
      });
    }
    old.close();
  });
});
