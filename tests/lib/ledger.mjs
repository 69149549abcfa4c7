// A client's own record of what a server acknowledged, to hold against what
// is there after the server was killed.
import assert from 'node:assert/strict';
import { all } from './books.mjs';
import { Client } from './client.mjs';
import { line, purchaseOrder, random, workOrder } from './samples.mjs';

/** One document that was asked for, found again by the text in its notes. */
class Entry {
  constructor(collection, tag, body) {
    Object.assign(this, { collection, tag, body, acked: null, version: 0, deleted: false, dying: false });
  }
}

export class Ledger {
  constructor(seed) {
    this.rng = random(seed);
    this.entries = [];
    this.bulks = []; // {tag, size, acked}
    this.n = 0;
    this.acknowledged = 0;
  }

  #client(session) {
    return new Client(session.url, session.headers);
  }

  /** Writes until the server is gone: every answer is noted, every request known. */
  async run(session, n) {
    this.over = false;
    await Promise.all(Array.from({ length: n }, async () => {
      const client = this.#client(session);
      while (!this.over) {
        try {
          await this.#step(client);
        } catch (error) {
          if (error instanceof assert.AssertionError || (!error.code && error.message !== 'aborted')) throw error;
          break; // the connection broke: nobody knows what became of the request
        }
      }
      client.agent.destroy();
    }));
  }

  #step(client) {
    const known = this.entries.filter((e) => e.acked && !e.dying && !e.deleted).slice(-200);
    const what = known.length < 10 ? 0 : this.rng.next();
    if (what < 0.5) return this.#create(client);
    const entry = this.rng.pick(known);
    if (what < 0.7) return this.#change(client, entry, (path) => client.patch(path, { due_date: `2026-0${1 + this.rng.below(9)}-28` }));
    if (what < 0.85) return this.#change(client, entry, (path) => client.post(`${path}/${this.rng.pick(['submit', 'cancel', 'start'])}`));
    if (what < 0.93) return this.#remove(client, entry);
    return this.#bulk(client);
  }

  async #create(client) {
    const tag = `ledger-${++this.n}`;
    const order = this.rng.chance(0.5);
    const body = order ? purchaseOrder({ notes: tag }) : workOrder({ notes: tag });
    const entry = new Entry(order ? 'purchase-orders' : 'work-orders', tag, body);
    this.entries.push(entry);
    const answer = await client.post(`/${entry.collection}`, body, { 'Idempotency-Key': tag });
    assert.equal(answer.status, 201, answer.text);
    entry.acked = answer;
    entry.version = 1;
    this.acknowledged++;
  }

  async #change(client, entry, send) {
    const answer = await send(`/${entry.collection}/${entry.acked.body.id}`);
    assert.ok([200, 404, 409].includes(answer.status), answer.text);
    if (answer.status !== 200) return;
    entry.version = Math.max(entry.version, answer.body.version);
    this.acknowledged++;
  }

  async #remove(client, entry) {
    entry.dying = true;
    const answer = await client.del(`/${entry.collection}/${entry.acked.body.id}`);
    assert.ok([200, 409, 404].includes(answer.status), answer.text);
    if (answer.status === 200) { entry.deleted = true; this.acknowledged++; }
    if (answer.status === 409) entry.dying = false;
  }

  async #bulk(client) {
    const bulk = { tag: `bulk-${++this.n}`, size: 3 + this.rng.below(30), acked: false };
    this.bulks.push(bulk);
    const items = Array.from({ length: bulk.size }, () => purchaseOrder({ notes: bulk.tag, line_items: [line()] }));
    const answer = await client.post('/purchase-orders/bulk', { items });
    assert.equal(answer.status, 200, answer.text);
    bulk.acked = true;
    this.acknowledged++;
  }

  /** Everything acknowledged is there, nothing is there twice or in part. */
  async check(client) {
    const found = { 'purchase-orders': await all(client, '/purchase-orders'), 'work-orders': await all(client, '/work-orders') };
    const byTag = new Map();
    for (const [collection, records] of Object.entries(found))
      for (const record of records) {
        const key = `${collection} ${record.notes}`;
        byTag.set(key, [...(byTag.get(key) ?? []), record]);
      }
    for (const entry of this.entries) this.#checkEntry(entry, byTag.get(`${entry.collection} ${entry.tag}`) ?? []);
    for (const { tag, size, acked } of this.bulks) {
      const n = (byTag.get(`purchase-orders ${tag}`) ?? []).length;
      assert.ok(n === size || (n === 0 && !acked), `${n} of ${size} orders of a bulk call are there (acknowledged: ${acked})`);
    }
  }

  #checkEntry(entry, records) {
    assert.ok(records.length <= 1, `${entry.tag} is there ${records.length} times`);
    const [record] = records;
    if (entry.deleted) return assert.ok(!record, `${entry.tag} was deleted and is back`);
    if (!entry.acked || entry.dying) return undefined;
    assert.ok(record, `${entry.tag} was acknowledged and is lost`);
    assert.equal(record.id, entry.acked.body.id);
    return assert.ok(record.version >= entry.version, `${entry.tag} was at version ${entry.version} and is at ${record.version}`);
  }

  /** Sends what was not acknowledged again: it happens once, whether it had happened or not. */
  async replay(client) {
    const open = this.entries.filter((e) => !e.acked);
    const again = this.entries.filter((e) => e.acked).slice(-20);
    for (const entry of [...open, ...again]) {
      const answer = await client.post(`/${entry.collection}`, entry.body, { 'Idempotency-Key': entry.tag });
      assert.equal(answer.status, 201, answer.text);
      if (entry.acked) {
        assert.equal(answer.text, entry.acked.text);
        assert.equal(answer.headers['idempotency-replayed'], 'true');
      }
      entry.acked = answer;
      entry.version ||= 1;
    }
    return open.length;
  }
}
