// What PostgreSQL itself keeps of Millwright's promises: the migrations make the
// schema they say, nobody sees rows without saying whose, and facts stay.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startCluster, ROLE } from '../lib/postgres.mjs';
import { binary, environment, root } from '../lib/server.mjs';

const CATALOG = `
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'policy', tablename, policyname, qual, '' FROM pg_policies
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '' FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'security', relname, relrowsecurity::text, relforcerowsecurity::text, '' FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4`;

describe('a PostgreSQL database', () => {
  let cluster;
  const psql = (user, database, ...commands) => execFileSync('psql', ['-h', '127.0.0.1', '-p', `${cluster.port}`, '-U', user, '-d', database,
    '-qXAt', '-v', 'ON_ERROR_STOP=1', ...commands], { stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
  const migrate = (verb, database) => execFileSync(binary, ['migrate', verb, '--database', `postgres://${ROLE}@127.0.0.1:${cluster.port}/${database}`],
    { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] }).toString();
  const catalog = (database) => cluster.sql(CATALOG, database).split('\n').filter((line) => !line.includes('schema_migrations'));

  before(async () => {
    cluster = await startCluster();
    cluster.sql('CREATE ROLE millwright_app NOLOGIN; CREATE ROLE clerk LOGIN IN ROLE millwright_app');
    for (const name of ['migrated', 'printed']) cluster.sql(`CREATE DATABASE ${name} OWNER ${ROLE}`);
    migrate('up', 'migrated');
    psql(ROLE, 'printed', '-1', '-f', path.join(root, 'migrations/postgres/schema.sql'));
    psql(ROLE, 'migrated', '-c', `SET millwright.organization_id = '*';
      INSERT INTO organizations (name, currency, time_zone, version, created_at, updated_at)
        SELECT n, 'EUR', 'UTC', 1, now(), now() FROM unnest(ARRAY['A', 'B']) n;
      INSERT INTO journal (organization_id, sequence, at, username, origin, resource, action, changes, hash)
        SELECT id, -7, now(), 'x', 'api', 'customers', 'create', '{}', '' FROM organizations`);
  });
  after(() => cluster?.remove());

  test('is made by the migrations as their schema says', () => {
    assert.ok(catalog('printed').length > 1000);
    assert.deepEqual(catalog('migrated'), catalog('printed'));
    assert.match(migrate('up', 'migrated'), /nothing to do/);
  });

  test('shows no row to a transaction that does not say whose', () => {
    for (const user of [ROLE, 'clerk']) {
      assert.equal(psql(user, 'migrated', '-c', 'SELECT count(*) FROM organizations'), '0', user);
      assert.equal(psql(user, 'migrated', '-c', 'SELECT count(*) FROM journal'), '0', user);
    }
  });

  test('shows the rows of the organization that is said, and takes none for another', () => {
    const said = "SET millwright.organization_id = '1'";
    assert.equal(psql('clerk', 'migrated', '-c', said, '-c', 'SELECT name FROM organizations'), 'A');
    assert.equal(psql('clerk', 'migrated', '-c', said, '-c', 'SELECT count(*) FROM journal'), '1');
    assert.throws(() => psql('clerk', 'migrated', '-c', said, '-c', "INSERT INTO touched (organization_id, resource) VALUES (2, 'x')"), /row-level security/);
  });

  test('lets a journal row be sealed once, and no more be changed', () => {
    const all = "SET millwright.organization_id = '*'";
    assert.throws(() => psql('clerk', 'migrated', '-c', all, '-c', "UPDATE journal SET username = 'y'"), /journal_append_only/);
    assert.throws(() => psql('clerk', 'migrated', '-c', all, '-c', 'DELETE FROM journal'), /journal_append_only/);
    psql('clerk', 'migrated', '-c', all, '-c', "UPDATE journal SET sequence = 1, hash = 'h'");
    assert.throws(() => psql('clerk', 'migrated', '-c', all, '-c', 'UPDATE journal SET sequence = 2'), /journal_append_only/);
  });

  test('lets its application role own nothing', () => {
    assert.throws(() => psql('clerk', 'migrated', '-c', 'ALTER TABLE journal DISABLE ROW LEVEL SECURITY'), /must be owner/);
  });
});
