// docs/adding-a-resource.md, done as it says: a line in a table, and the field
// is in the schema (through a migration), the API, OpenAPI, search and export.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, newOrganization } from '../lib/client.mjs';
import { environment, root, startServer, tempFolder } from '../lib/server.mjs';

const folder = tempFolder();
const make = (...args) => execFileSync('make', ['-j2', ...args], { cwd: folder, env: environment(), stdio: 'pipe' });
const millwright = (...args) => execFileSync(path.join(folder, 'build/millwright'), args, { cwd: folder, env: environment(), encoding: 'utf8' });

/** The first line of C that the page shows. */
function documentedLine() {
  const text = readFileSync(path.join(root, 'docs/adding-a-resource.md'), 'utf8');
  return text.match(/```c\n( +\{"pickup_point".*)\n```/)[1];
}

const following = (steps) => String(Number.parseInt(steps.at(-1), 10) + 1).padStart(4, '0');

before(() => {
  for (const name of ['src', 'migrations', 'tools', 'Makefile', 'VERSION', 'package-lock.json'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true, preserveTimestamps: true });
  cpSync(path.join(root, 'ui'), path.join(folder, 'ui'), { recursive: true, preserveTimestamps: true, filter: (name) => !/ui\/node_modules$/.test(name) });
  for (const name of ['node_modules', 'ui/node_modules']) symlinkSync(path.join(root, name), path.join(folder, name));
  // What is compiled already need not be again.
  for (const name of ['build/release', 'build/ui'])
    if (existsSync(path.join(root, name))) cpSync(path.join(root, name), path.join(folder, name), { recursive: true, preserveTimestamps: true });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a field is one line', async () => {
  const table = path.join(folder, 'src/domain/crm/vendors.c');
  const before = readFileSync(table, 'utf8');
  const notes = before.lastIndexOf('    {"notes"');
  writeFileSync(table, `${before.slice(0, notes)}${documentedLine()}\n${before.slice(notes)}`);
  make();
  assert.throws(() => millwright('check'), 'the migrations lag behind the tables');
  const databases = ['sqlite', 'postgres'];
  const steps = (database) => readdirSync(path.join(folder, 'migrations', database)).filter((name) => name !== 'schema.sql').sort();
  // The steps of one database alone make no gap in the numbers of the other.
  const alone = `${following(steps('postgres'))}_of_one_alone.sql`;
  writeFileSync(path.join(folder, 'migrations/postgres', alone), '-- up\n\n-- down\n');
  const there = databases.map(steps);
  const next = there.map((names) => `${following(names)}_vendor_pickup_point.sql`);
  const told = millwright('migrate', 'new', 'vendor_pickup_point');
  for (const name of next) assert.ok(told.includes(name), told);
  assert.deepEqual(databases.map(steps), there.map((names, i) => [...names, next[i]]));
  make();
  millwright('check');

  // A database of the version before is taken along.
  const data = tempFolder();
  const old = await startServer({ data });
  const { admin } = await newOrganization(old);
  const { id } = await admin.create('/vendors', { name: 'Kiran Yarns' });
  await old.stop();
  const server = await startServer({ data, program: path.join(folder, 'build/millwright') });
  try {
    const again = new Client(server, admin.headers);
    const vendor = await again.ok(again.patch(`/vendors/${id}`, { pickup_point: 'Gate 3, Kiran Mills' }));
    assert.equal(vendor.pickup_point, 'Gate 3, Kiran Mills');
    assert.equal((await again.ok(again.get('/vendors?search=gate%20mills'))).total, 1);
    assert.match((await again.get('/vendors/export')).text, /,pickup_point,/);
    const api = (await again.get('/openapi.json')).body;
    assert.equal(api.components.schemas.VendorCreate.properties.pickup_point.maxLength, 200);
    const log = await again.ok(again.get(`/audit-logs?resource=vendors&record_id=${id}&ordering=-sequence`));
    assert.deepEqual(log.items[0].changes.pickup_point, [null, 'Gate 3, Kiran Mills']);
  } finally {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
