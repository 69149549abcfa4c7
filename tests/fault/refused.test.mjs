// What must not be started on: a database of a newer program, steps that were
// changed, a file that is none. And what nobody may do to the journal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifies } from '../lib/books.mjs';
import { hasStatus } from '../lib/check.mjs';
import { Client, newOrganization } from '../lib/client.mjs';
import { Database, databaseFile } from '../lib/database.mjs';
import { workOrder } from '../lib/samples.mjs';
import { binary, environment, startServer, tempFolder } from '../lib/server.mjs';

const skip = process.env.MILLWRIGHT_TEST_DATABASE ? 'needs a database file' : false;
let data;
let server;
let admin;
let original;

before(async () => {
  if (skip) return;
  data = tempFolder();
  original = tempFolder();
  server = await startServer({ data });
  ({ admin } = await newOrganization(server));
  await admin.create('/work-orders', workOrder());
  await server.stop();
  cpSync(data, original, { recursive: true });
});
after(async () => {
  for (const folder of [data, original]) if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Puts the data back, changes it with SQL, and tries every verb that opens it. */
async function withChange(sql, attempt) {
  rmSync(data, { recursive: true, force: true });
  cpSync(original, data, { recursive: true });
  const database = new Database(databaseFile(server));
  if (sql) database.run(sql);
  const before = readFileSync(databaseFile(server));
  await attempt(database);
  assert.ok(before.equals(readFileSync(databaseFile(server))), 'the database was changed');
}

async function isRefused(verb, args, message) {
  const { code, stderr, stdout } = await server.run(verb, args);
  assert.equal(code, 1, `${verb}: ${stdout}${stderr}`);
  assert.match(stderr + stdout, message);
}

describe('a database of another program', { skip }, () => {
  test('that is newer is not touched, and every verb says so', async () => {
    const sql = "INSERT INTO schema_migrations (version, name, checksum, applied_at) SELECT max(version) + 1, '9999_from_the_future', 'x', '2030-01-01T00:00:00Z' FROM schema_migrations";
    await withChange(sql, async () => {
      for (const [verb, args] of [['serve', ['--listen', '127.0.0.1:0']], ['verify', []], [['migrate', 'up'], []], [['migrate', 'down', '1'], []], [['user', 'list'], []]])
        await isRefused(verb, args, /9999_from_the_future.*knows \d+/);
    });
  });

  test('whose steps were changed is not touched', async () => {
    await withChange("UPDATE schema_migrations SET checksum = 'aaaa' WHERE version = 1", async () => {
      await isRefused('serve', ['--listen', '127.0.0.1:0'], /0001.*changed after it was applied/);
    });
  });

  test('that is no database at all is not overwritten', async () => {
    await withChange(null, async () => {
      const file = databaseFile(server);
      const good = readFileSync(file);
      writeFileSync(file, 'this is a letter to my mother\n'.repeat(200));
      await isRefused('serve', ['--listen', '127.0.0.1:0'], /not a database|cannot|file is/i);
      assert.match(readFileSync(file, 'utf8'), /^this is a letter/);
      writeFileSync(file, good);
    });
  });

  test('that is whole serves again', async () => {
    rmSync(data, { recursive: true, force: true });
    cpSync(original, data, { recursive: true });
    await server.start();
    hasStatus(await new Client(server, admin.headers).get('/work-orders/1'), 200);
    await verifies(server);
    await server.stop();
  });
});

describe('the journal', { skip }, () => {
  test('refuses to be changed or deleted from, by anybody with the file in hand', async () => {
    await withChange(null, async (database) => {
      for (const sql of ["UPDATE journal SET changes = '{}' WHERE id = 1", 'DELETE FROM journal', 'DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)', 'UPDATE journal SET id = id + 1', "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE id = 1"])
        assert.throws(() => database.run(`PRAGMA recursive_triggers=ON; ${sql}`), /journal_append_only/, sql);
    });
  });
});

describe('the step that makes the schema', { skip }, () => {
  test('killed at any moment, is finished or begun anew at the next start', async () => {
    for (let ms = 0; ms < 40; ms += 2) {
      for (const name of readdirSync(data)) rmSync(path.join(data, name), { recursive: true });
      const child = spawn(binary, ['migrate', 'up', '--data', data], { stdio: 'ignore', env: environment() });
      const ended = once(child, 'close');
      await sleep(ms);
      child.kill('SIGKILL');
      await ended;
      const { code, stdout, stderr } = await server.run(['migrate', 'up']);
      assert.equal(code, 0, stdout + stderr);
      await verifies(server);
    }
    assert.ok(existsSync(databaseFile(server)));
  });
});
