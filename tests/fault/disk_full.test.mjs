// A full disk: writes are refused as such, reads go on, nothing acknowledged
// is lost, and writing goes on by itself once there is room.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { all, numbersAreRight, verifies } from '../lib/books.mjs';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { workOrder } from '../lib/samples.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

const MEGABYTES = 96; // room for the database and a log of its usual 64

/** A small file system of memory; null with the reason when that is not possible. */
function mountSmall() {
  if (process.env.MILLWRIGHT_TEST_DATABASE) return { why: 'needs a database file' };
  if (process.getuid?.() !== 0) return { why: 'needs root to mount a small file system' };
  const folder = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=0700`, 'tmpfs', folder], { stdio: 'pipe' });
    return { folder };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { why: `cannot mount a small file system: ${String(error.stderr ?? error.message).trim()}` };
  }
}

const { folder, why } = mountSmall();

describe('a disk that is full', { skip: why ?? false }, () => {
  let server;
  let admin;
  const noted = [];
  const ballast = folder && path.join(folder, 'ballast');
  const now = () => new Client(server, admin.headers);
  const room = () => { const s = statfsSync(folder); return s.bavail * s.bsize; };

  before(async () => {
    server = await startServer({ data: folder });
    ({ admin } = await newOrganization(server));
  });
  after(async () => {
    await server?.kill();
    execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
    rmSync(folder, { recursive: true, force: true });
  });

  /** Takes all the room there is but some. */
  function fill(reserve = 0) {
    for (let size = room() - reserve; size > 0; size = Math.min(room() - reserve, size - 4096))
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, size)), { flag: 'a' });
      } catch { /* the last pages */ }
  }

  /** Writes with several clients until one is refused. */
  async function writeUntilFull(prefix) {
    let full = null;
    await Promise.all(Array.from({ length: 8 }, async (_, i) => {
      for (let k = 0; !full && k < 3000; k++) {
        const notes = `${prefix}-${i}-${k}`;
        const answer = await now().post('/work-orders', workOrder({ notes, description: 'd'.repeat(500) }));
        if (answer.status === 201) noted.push(notes);
        else full ??= answer;
      }
    }));
    return full;
  }

  const thereNow = async () => (await all(now(), '/work-orders?fields=id,notes')).map((w) => w.notes).sort();

  test('refuses writes with 507, and goes on reading', async (t) => {
    fill(2_000_000);
    const full = await writeUntilFull('fill');
    assert.ok(full, 'the disk never became full');
    isProblem(full, 507, 'storage_full');
    assert.ok(Number(full.headers['retry-after']) >= 1);
    fill();
    t.diagnostic(`${noted.length} writes before the disk was full`);
    assert.ok(noted.length > 0, 'some were written before');
    const before = await thereNow();
    for (let i = 0; i < 5; i++) {
      const refused = await now().post('/work-orders/bulk', { items: Array(50).fill(workOrder({ description: 'd'.repeat(5000) })) });
      isProblem(refused, 507, 'storage_full');
    }
    hasStatus(await now().get('/work-orders?search=sheet&page_size=5'), 200);
    hasStatus(await now().get('/work-orders/stats'), 200);
    hasStatus(await now().get('/work-orders/export'), 200);
    hasStatus(await now().get('/auth/me'), 200);
    hasStatus(await now().get('/health'), 200);
    assert.deepEqual(await thereNow(), before);
    assert.deepEqual(before, [...noted].sort(), 'exactly what was acknowledged is there');
  });

  test('lets go on by itself when there is room again', async () => {
    rmSync(ballast);
    const end = Date.now() + 5000;
    let answer;
    do answer = await now().post('/work-orders', workOrder({ notes: 'after' }));
    while (answer.status === 507 && Date.now() < end && (await sleep(50), true));
    hasStatus(answer, 201);
    noted.push('after');
    assert.deepEqual(await thereNow(), [...noted].sort());
    await numbersAreRight(now(), 'work-orders', 'wo_number', 'WO-');
    await verifies(server);
  });

  test('again and again, also killed in the middle of it, loses nothing', async () => {
    for (let round = 0; round < 3; round++) {
      fill(2_000_000);
      const before = noted.length;
      assert.ok(await writeUntilFull(`again-${round}`), 'the disk never became full');
      assert.ok(noted.length > before, 'something was written before');
      await server.kill();
      rmSync(ballast);
      await server.start();
      assert.deepEqual(await thereNow(), [...noted].sort());
      await verifies(server);
      for (const { id } of (await now().get('/work-orders?page_size=1000&fields=id')).body.items) await now().del(`/work-orders/${id}`);
      noted.length = 0;
      noted.push(...await thereNow());
    }
    await server.stop();
    await server.start();
    await verifies(server);
  });

  test('from the beginning: the program says so and starts nothing', async () => {
    await server.stop();
    fill();
    const started = await server.start().then(() => 'started', (error) => error.message);
    if (started === 'started') hasStatus(await now().get('/work-orders'), 200);
    else assert.match(started, /full|space|cannot/i);
    rmSync(ballast);
    if (started !== 'started') await server.start();
    hasStatus(await now().post('/work-orders', workOrder()), 201);
    await verifies(server);
  });
});
