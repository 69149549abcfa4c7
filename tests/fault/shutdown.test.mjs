// Stopping under load, two servers on one folder, and more than the queues
// can take.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, numbersAreRight, verifies } from '../lib/books.mjs';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, login, newOrganization } from '../lib/client.mjs';
import { connect } from '../lib/raw.mjs';
import { line, purchaseOrder, workOrder } from '../lib/samples.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

let data;
let server;
let admin;
before(async () => {
  data = tempFolder();
  server = await startServer({ data });
  ({ admin } = await newOrganization(server));
});
after(async () => {
  await server?.kill();
  rmSync(data, { recursive: true, force: true });
});
const now = () => new Client(server, admin.headers);

/** Posts one after the other until it fails, each on a connection of its own or kept alive. */
async function writeUntilRefused(client, prefix, noted, closing) {
  for (let i = 0; ; i++) {
    const notes = `${prefix}-${i}`;
    try {
      const answer = await client.post('/work-orders', workOrder({ notes }), closing ? { Connection: 'close' } : {});
      if (answer.status === 503) return;
      assert.equal(answer.status, 201, answer.text);
      noted.push(notes);
    } catch (error) {
      if (!error.code && error.message !== 'aborted') throw error;
      return;
    }
  }
}

describe('SIGTERM', () => {
  test('under load: what was done was answered, the exit is clean, every time', async (t) => {
    let total = 0;
    for (let round = 0; round < scaled(6); round++) {
      const noted = [];
      const clients = Array.from({ length: 24 }, () => now());
      const load = clients.map((client, i) => writeUntilRefused(client, `term-${round}-${i}`, noted, i % 2));
      await sleep(150);
      const start = Date.now();
      await server.stop(); // insists on exit status 0
      assert.ok(Date.now() - start < 20_000, `stopping took ${Date.now() - start} ms`);
      await Promise.all(load);
      clients.forEach((c) => c.agent.destroy());
      await server.start();
      const there = (await all(now(), `/work-orders?notes__startswith=term-${round}-`).catch(() => all(now(), '/work-orders')))
        .map((w) => w.notes).filter((n) => n?.startsWith(`term-${round}-`));
      assert.deepEqual(there.sort(), noted.sort(), 'exactly what was answered is there');
      total += noted.length;
    }
    t.diagnostic(`${total} writes answered`);
    await numbersAreRight(now(), 'work-orders', 'wo_number', 'WO-');
    await verifies(server);
  });

  test('during a long request: it is finished and answered', async () => {
    const items = Array.from({ length: scaled(4000) }, () => purchaseOrder({ line_items: [line(), line()] }));
    const before = await now().total('/purchase-orders');
    const client = now();
    const running = client.post('/purchase-orders/bulk', { items });
    const exporting = now().get('/work-orders/export');
    await sleep(120);
    await server.stop();
    const answer = hasStatus(await running, 200);
    assert.equal(answer.created, items.length);
    assert.equal((await exporting).status, 200);
    await server.start();
    assert.equal(await now().total('/purchase-orders'), before + items.length);
  });

  test('with idle and half-sent connections open: it does not wait for them', async () => {
    const idle = Array.from({ length: 20 }, () => connect(server));
    const half = connect(server);
    half.write('POST /api/v1/work-or');
    await sleep(50);
    const start = Date.now();
    await server.stop();
    const took = Date.now() - start;
    [...idle, half].forEach((c) => c.destroy());
    assert.ok(took < 20_000, `stopping took ${took} ms`);
    await server.start();
  });

  test('twice: the second ends it at once, and nothing acknowledged is lost', async () => {
    const noted = [];
    const load = Array.from({ length: 8 }, (_, i) => writeUntilRefused(now(), `twice-${i}`, noted, true));
    const held = connect(server); // a request that never ends keeps it from stopping
    held.write(`POST /api/v1/work-orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin.headers.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`);
    await sleep(150);
    server.child.kill('SIGTERM');
    await sleep(100);
    server.child.kill('SIGTERM');
    const { signal } = await server.ended;
    assert.equal(signal, 'SIGTERM');
    await Promise.all(load);
    held.destroy();
    await server.start();
    const there = new Set((await all(now(), '/work-orders')).map((w) => w.notes));
    for (const notes of noted) assert.ok(there.has(notes), `${notes} was acknowledged and is lost`);
    await verifies(server);
  });
});

describe('a second server on the same data', () => {
  test('is refused, says who has it, and the first goes on', async () => {
    const second = await server.run('serve', ['--listen', '127.0.0.1:0']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`process ${server.pid}\\)`));
    hasStatus(await now().get('/work-orders'), 200);
  });

  test('may start once the first is gone, also when it was killed', async () => {
    await server.kill();
    await server.start();
    hasStatus(await now().get('/work-orders'), 200);
  });

  test('other verbs may run beside it: verify, and a user who can sign in at once', async () => {
    await verifies(server);
    const { code, stderr } = await server.run(['user', 'add'], ['--organization', 'Beside', '--username', 'beside', '--email', 'beside@example.com', '--role', 'admin'], { input: 'beside the server\n' });
    assert.equal(code, 0, stderr);
    const beside = await login(server, 'beside', 'beside the server');
    await beside.create('/products', { sku: 'B', name: 'b' });
    assert.equal(await beside.total('/products'), 1);
    await verifies(server);
  });
});

describe('more than the queues take', () => {
  let small;
  let boss;
  before(async () => {
    small = await startServer({ flags: ['--queue', '4'] });
    ({ admin: boss } = await newOrganization(small));
  });
  after(() => small.stop());

  test('writes beyond the queue are a 503 that says when to come back; the others happen once', async (t) => {
    const items = (tag) => Array.from({ length: 40 }, () => purchaseOrder({ notes: tag, line_items: [line()] }));
    const answers = (await Promise.all(Array.from({ length: 48 }, async (_, i) => {
      const client = new Client(small, boss.headers);
      const mine = [];
      for (let k = 0; k < 6; k++) mine.push({ tag: `q-${i}-${k}`, answer: await client.post('/purchase-orders/bulk', { items: items(`q-${i}-${k}`) }) });
      client.agent.destroy();
      return mine;
    }))).flat();
    const refused = answers.filter(({ answer }) => answer.status === 503);
    t.diagnostic(`${refused.length} of ${answers.length} refused`);
    assert.ok(refused.length > 0, 'the queue was never full');
    for (const { answer } of refused) {
      isProblem(answer, 503, 'overloaded');
      assert.ok(Number(answer.headers['retry-after']) >= 1);
    }
    const counts = new Map();
    for (const order of await all(boss, '/purchase-orders')) counts.set(order.notes, (counts.get(order.notes) ?? 0) + 1);
    for (const { tag, answer } of answers) assert.equal(counts.get(tag) ?? 0, answer.status === 200 ? 40 : 0, `${tag}: ${answer.status}`);
    hasStatus(await boss.post('/purchase-orders', purchaseOrder()), 201);
    await verifies(small);
  });

  test('logins beyond what can be hashed do not keep those who are in waiting', async () => {
    const anonymous = new Client(small);
    const { username } = boss.login.user;
    const logins = Array.from({ length: 150 }, () => anonymous.post('/auth/login', { username, password: 'wrong password' }));
    let answered = 0;
    for (const login of logins) login.then(() => answered++);
    for (let i = 0; i < 10; i++) hasStatus(await boss.get('/purchase-orders?page_size=5&count=none'), 200);
    assert.ok(answered < logins.length, 'the reads waited for the logins');
    for (const answer of await Promise.all(logins)) {
      assert.ok([401, 503].includes(answer.status), answer.text);
      if (answer.status === 503) assert.ok(answer.headers['retry-after']);
    }
  });
});
