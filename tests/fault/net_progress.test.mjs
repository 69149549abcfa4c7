// A database in which what was received and shipped still had what went back in
// it: the migration takes it off, and can put it back.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { Database } from '../lib/database.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';
import { Shop } from '../lib/shop.mjs';

const skip = process.env.MILLWRIGHT_TEST_DATABASE ? 'needs a database file' : false;
let data;
let server;

before(async () => {
  if (skip) return;
  data = tempFolder();
  server = await startServer({ data });
});
after(() => data && rmSync(data, { recursive: true, force: true }));

test('what went back is taken off what had come or gone, once', { skip }, async () => {
  const { admin } = await newOrganization(server);
  const shop = new Shop(admin);
  const yarn = await shop.goods(20);
  const back = async (path, order, quantity) => admin.ok(admin.post(`${path}/${order.id}/return`, { lines: [{ line_id: order.line_items[0].id, quantity }] }));
  await back('/purchase-orders', await shop.purchaseOrder([[yarn, 10]], { status: 'received' }), 4);
  await back('/sales-orders', await shop.salesOrder([[yarn, 5]], { status: 'shipped' }), 2);
  await back('/sales-orders', await shop.salesOrder([[yarn, 1]], { status: 'shipped' }), 1);
  await admin.create('/sales', { product_id: yarn.id, quantity: 1 });
  await server.stop();

  const database = new Database(path.join(data, 'millwright.db'));
  const lines = () => database.run(`SELECT o.delivery_status AS status, l.received_quantity / 10000 AS received, l.shipped_quantity / 10000 AS shipped,
    l.returned_quantity / 10000 AS returned FROM order_lines l JOIN orders o ON o.id = l.order_id ORDER BY l.id`).map((r) => [r.status, r.received, r.shipped, r.returned]);
  const migrate = async (...words) => {
    const { code, stdout, stderr } = await server.run('migrate', words);
    assert.equal(code, 0, stdout + stderr);
  };
  const now = lines();
  assert.deepEqual(now.slice(0, 3), [[now[0][0], 6, 0, 4], ['partial', 0, 3, 2], ['none', 0, 0, 1]]);
  const steps = database.value("SELECT count(*) FROM schema_migrations WHERE version >= 14");
  await migrate('down', String(steps));
  assert.deepEqual(lines().slice(0, 3), [[now[0][0], 10, 0, 4], ['full', 0, 5, 2], ['full', 0, 1, 1]]);
  await migrate('up');
  assert.deepEqual(lines(), now);
  const { code, stdout, stderr } = await server.run('verify', ['--quiet']);
  assert.equal(code, 0, stdout + stderr);
});
