// Many at once: nothing is lost, doubled or counted wrong.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { all, journalIsWhole, numbersAreRight, totalsAreRight, verifies } from '../lib/books.mjs';
import { hasStatus } from '../lib/check.mjs';
import { Client, newOrganization, unique } from '../lib/client.mjs';
import { line, purchaseOrder, random, salesLine, salesOrder, workOrder } from '../lib/samples.mjs';
import { scaled } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';

const CLIENTS = 64;
const MILLISECONDS = Number(process.env.MILLWRIGHT_LOAD_MS ?? 4000);
const SEED = Number(process.env.LOAD_SEED ?? 7);

let server;
let admin;
let organization;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.stop());

const together = (n, attempt) => Promise.all(Array.from({ length: n }, (_, i) => attempt(i)));
const count = (answers, status) => answers.filter((a) => a.status === status).length;

describe('a contest', () => {
  test('for the same version is won by exactly one, and what the winner wrote stays', async () => {
    for (let round = 0; round < scaled(20); round++) {
      const { id } = await admin.create('/work-orders', workOrder());
      const path = `/work-orders/${id}`;
      const answers = await together(32, (i) => (i % 4 === 3 ? admin.post(`${path}/start`, undefined, { 'If-Match': '"v1"' }) : admin.patch(path, { notes: `writer ${i}` }, { 'If-Match': '"v1"' })));
      assert.equal(count(answers, 200), 1);
      assert.equal(count(answers, 412), 31);
      for (const lost of answers.filter((a) => a.status === 412)) assert.equal(lost.headers.etag, '"v2"');
      const now = await admin.get(path);
      assert.equal(now.text, answers.find((a) => a.status === 200).text);
    }
  });

  test('of read-and-write with If-Match loses no update', async () => {
    const { id } = await admin.create('/work-orders', workOrder({ quantity: 1 }));
    const path = `/work-orders/${id}`;
    const times = scaled(20);
    await together(16, async () => {
      for (let done = 0; done < times;) {
        const { body, headers } = await admin.get(path);
        const answer = await admin.patch(path, { quantity: body.quantity + 1 }, { 'If-Match': headers.etag });
        assert.ok([200, 412].includes(answer.status), answer.text);
        if (answer.status === 200) done++;
      }
    });
    const now = await admin.ok(admin.get(path));
    assert.deepEqual([now.quantity, now.version], [1 + 16 * times, 1 + 16 * times]);
  });

  test('to approve and to cancel one order has one legal history', async () => {
    const legal = ['approve', 'cancel', 'approve,cancel', 'submit,approve', 'submit,cancel', 'submit,approve,cancel'];
    for (let round = 0; round < scaled(20); round++) {
      const { id } = await admin.create('/purchase-orders', purchaseOrder());
      const answers = await together(24, (i) => admin.post(`/purchase-orders/${id}/${['approve', 'cancel', 'submit'][i % 3]}`));
      for (const a of answers) assert.ok([200, 409].includes(a.status), a.text);
      const entries = await all(admin, `/audit-logs?resource=purchase-orders&record_id=${id}`);
      const history = entries.map((e) => e.action).slice(1).join();
      assert.ok(legal.includes(history), history);
      assert.equal(count(answers, 200), history.split(',').length);
    }
  });

  test('for one code makes one record', async () => {
    const sku = unique('SKU');
    const answers = await together(32, (i) => admin.post('/products', { sku, name: `maker ${i}` }));
    assert.deepEqual([count(answers, 201), count(answers, 409)], [1, 31]);
    assert.equal(await admin.total(`/products?sku=${sku}`), 1);
  });

  test('under one Idempotency-Key happens once, and everybody gets its answer', async () => {
    const headers = { 'Idempotency-Key': unique('once') };
    const before = await admin.total('/purchase-orders');
    const answers = await together(32, () => admin.post('/purchase-orders', purchaseOrder(), headers));
    assert.equal(count(answers, 201), 32);
    assert.equal(new Set(answers.map((a) => a.text)).size, 1);
    assert.equal(answers.filter((a) => !a.headers['idempotency-replayed']).length, 1);
    assert.equal(await admin.total('/purchase-orders'), before + 1);
  });

  test('to order from a new vendor creates that vendor once', async () => {
    const name = unique('New vendor ');
    const answers = await together(32, () => admin.post('/purchase-orders', purchaseOrder({ supplier_name: name })));
    assert.equal(count(answers, 201), 32);
    assert.equal(new Set(answers.map((a) => a.body.supplier_id)).size, 1);
    assert.equal(await admin.total(`/vendors?name=${encodeURIComponent(name)}`), 1);
  });

  test('of deleting a customer and ordering for it leaves no order without customer', async () => {
    for (let round = 0; round < scaled(20); round++) {
      const { id } = await admin.create('/customers', { name: unique('Gone ') });
      const answers = await together(8, (i) => (i === 4 ? admin.del(`/customers/${id}`) : admin.post('/work-orders', workOrder({ customer_id: id }))));
      const gone = answers[4].status === 200;
      if (gone) assert.equal((await admin.get(`/customers/${id}`)).status, 404);
      else assert.equal(answers[4].status, 409, answers[4].text);
      for (const [i, a] of answers.entries()) if (i !== 4) assert.ok([201, 422].includes(a.status), a.text);
      assert.equal(await admin.total(`/work-orders?customer_id=${id}`), gone ? 0 : count(answers, 201));
    }
  });
});

/** What one of the clients does, over and over; it remembers what it was told. */
class Worker {
  constructor(client, seed, memory) {
    this.client = client;
    this.rng = random(seed);
    this.memory = memory;
    this.kinds = [
      { collection: 'purchase-orders', make: () => purchaseOrder({ line_items: this.lines(line) }), actions: ['submit', 'approve', 'receive', 'cancel', 'reopen'] },
      { collection: 'sales-orders', make: () => salesOrder({ line_items: this.lines(salesLine) }), actions: ['submit', 'confirm', 'ship', 'deliver', 'cancel', 'reopen'] },
      { collection: 'work-orders', make: () => workOrder({ quantity: 1 + this.rng.below(100) }), actions: ['start', 'pause', 'resume', 'complete', 'cancel', 'reopen'] },
    ];
  }

  lines(make) {
    return Array.from({ length: 1 + this.rng.below(4) }, () => make({ quantity: 1 + this.rng.below(50), unit_price: this.rng.below(10_000) / 100 }));
  }

  async step() {
    const kind = this.rng.pick(this.kinds);
    const known = this.memory[kind.collection];
    const ids = [...known.alive.keys()];
    const what = ids.length < 5 ? 0 : this.rng.next();
    const id = this.rng.pick(ids);
    if (what < 0.35) return this.create(kind, known);
    if (what < 0.5) return this.change(kind, known, id, (path) => this.client.patch(path, { notes: `n${this.rng.below(1000)}`, due_date: '2026-03-01' }));
    if (what < 0.72) return this.change(kind, known, id, (path) => this.client.post(`${path}/${this.rng.pick(kind.actions)}`));
    if (what < 0.82) return this.remove(kind, known, id);
    if (what < 0.87) return this.bulk(kind, known);
    return this.read(kind, known);
  }

  async create({ collection, make }, known) {
    const answer = await this.client.post(`/${collection}`, make());
    assert.equal(answer.status, 201, answer.text);
    known.alive.set(answer.body.id, answer.body.version);
    known.created++;
  }

  async change({ collection }, known, id, send) {
    const answer = await send(`/${collection}/${id}`);
    assert.ok([200, 409, 404].includes(answer.status), answer.text);
    if (answer.status === 200 && known.alive.has(id)) known.alive.set(id, Math.max(known.alive.get(id), answer.body.version));
    if (answer.status === 404) assert.ok(!known.alive.has(id) || known.dying.has(id), `${collection} ${id} is gone`);
  }

  async remove({ collection }, known, id) {
    known.dying.add(id);
    const answer = await this.client.del(`/${collection}/${id}`);
    assert.ok([200, 409, 404].includes(answer.status), answer.text);
    if (answer.status !== 200) return;
    known.alive.delete(id);
    known.deleted++;
  }

  async bulk({ collection, make }, known) {
    const bad = this.rng.chance(0.3);
    const items = Array.from({ length: 1 + this.rng.below(6) }, make);
    if (bad) items.push({ status: 'nonsense' });
    const atomic = this.rng.chance(0.5);
    const answer = await this.client.post(`/${collection}/bulk`, { items, atomic });
    if (bad && atomic) return assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.status, 200, answer.text);
    const made = answer.body.results.filter((r) => r.status === 'created');
    made.forEach((r) => known.alive.set(r.id, 1));
    known.created += made.length;
    return assert.equal(made.length, items.length - (bad ? 1 : 0));
  }

  /** A page whose total is counted while others write, and is kept up to date from then on. */
  async read({ collection }, known) {
    const status = this.rng.pick(['draft', 'cancelled', 'pending']);
    const query = this.rng.pick([`status=${status}`, `due_date__lte=2026-03-${String(1 + this.rng.below(28)).padStart(2, '0')}`, `id__gt=${1 + this.rng.below(300)}&status=${status}`]);
    known.queries.add(query);
    const answer = await this.client.get(`/${collection}?page_size=500&${query}`); // a long page leaves time for others to write
    assert.equal(answer.status, 200, answer.text);
    if (this.rng.chance(0.3)) assert.equal((await this.client.get(`/${collection}/stats?${query}`)).status, 200);
  }
}

test(`${CLIENTS} clients that create, change, move and delete at random leave books that are right (seed ${SEED})`, async (t) => {
  const own = await newOrganization(server);
  const people = [own.admin, await own.addUser('manager'), await own.addUser('admin')];
  const memory = Object.fromEntries(['purchase-orders', 'sales-orders', 'work-orders'].map((name) => [name, { alive: new Map(), dying: new Set(), queries: new Set(), created: 0, deleted: 0 }]));
  const end = Date.now() + MILLISECONDS;
  let steps = 0;
  await together(CLIENTS, async (i) => {
    const client = new Client(server, people[i % people.length].headers);
    const worker = new Worker(client, SEED * 1000 + i, memory);
    for (; Date.now() < end; steps++) await worker.step();
    client.agent.destroy();
  });
  t.diagnostic(`${steps} requests`);
  for (const [collection, sum, field, prefix] of [['purchase-orders', 'total_amount', 'po_number', 'PO-'], ['sales-orders', 'total_amount', 'so_number', 'SO-'], ['work-orders', undefined, 'wo_number', 'WO-']]) {
    const { alive, created, deleted, queries } = memory[collection];
    const records = await totalsAreRight(own.admin, collection, sum);
    assert.deepEqual(records.map((r) => r.id).sort((a, b) => a - b), [...alive.keys()].sort((a, b) => a - b), `the ${collection} that were acknowledged`);
    for (const r of records) assert.ok(r.version >= alive.get(r.id), `${collection} ${r.id} went back to version ${r.version}`);
    assert.equal(await numbersAreRight(own.admin, collection, field, prefix), created);
    assert.equal(records.length, created - deleted);
    for (const query of queries) {
      const found = await all(own.admin, `/${collection}?fields=id&${query}`);
      assert.equal(await own.admin.total(`/${collection}?${query}`), found.length, `the total of ${collection}?${query}`);
      assert.equal((await own.admin.ok(own.admin.get(`/${collection}/stats?${query}`))).total, found.length, `the statistics of ${collection}?${query}`);
    }
    hasStatus(await own.admin.get(`/${collection}/export`), 200);
  }
  await journalIsWhole(own.admin);
  await verifies(server);
});
