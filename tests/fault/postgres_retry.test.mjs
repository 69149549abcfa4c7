// What goes wrong between the server and a real PostgreSQL in the middle of a
// request: another transaction is in the way, takes the same key, or the answer to
// COMMIT is lost. The client is told what is true, and everything is done once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { all, verifies } from '../lib/books.mjs';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { Line } from '../lib/line.mjs';
import { makeDatabase, startNode } from '../lib/nodes.mjs';
import { startCluster } from '../lib/postgres.mjs';
import { until } from '../lib/until.mjs';

const DATABASE = 'retried';
let cluster;
let line; // between the server and PostgreSQL
let server;
let admin;

/** Another transaction, of the administrator's, a statement at a time. */
class Session {
  constructor() {
    this.child = spawn('psql', ['-h', cluster.folder, '-p', `${cluster.port}`, '-U', 'postgres', '-d', DATABASE, '-qXAt', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.output = '';
    this.child.stdout.on('data', (text) => { this.output += text; });
    this.ended = new Promise((resolve) => { this.child.once('close', resolve); });
    this.n = 0;
  }

  send(sql) { this.child.stdin.write(`${sql};\n`); }

  async run(sql) {
    const mark = `done ${++this.n}`;
    this.send(`${sql};\n\\echo ${mark}\n`);
    await until(`${sql} is done`, () => this.output.includes(`${mark}`));
  }

  async end() { this.child.stdin.end(); return this.ended; }
}

const waits = () => until('somebody waits for a lock', () => cluster.sql(
  `SELECT 1 FROM pg_stat_activity WHERE datname = '${DATABASE}' AND usename = 'millwright' AND wait_event_type = 'Lock' LIMIT 1`));
const named = (name) => all(admin, `/customers?name=${encodeURIComponent(name)}`);

before(async () => {
  cluster = await startCluster();
  cluster.sql("ALTER SYSTEM SET deadlock_timeout = '3s'"); // time enough to complete the circle
  cluster.sql("ALTER SYSTEM SET log_min_messages = 'error'");
  cluster.sql('SELECT pg_reload_conf()');
  line = new Line(cluster.port);
  const port = await line.listen();
  makeDatabase(cluster, DATABASE);
  server = await startNode({ url: `postgres://millwright@127.0.0.1:${port}/${DATABASE}`, drop: () => {} });
  ({ admin } = await newOrganization(server));
});
after(async () => {
  await server?.stop();
  line?.close();
  await cluster?.remove();
});

test('a deadlock that the request is the victim of is not seen by the client', async () => {
  const [a, b] = [await admin.create('/customers', { name: unique('A') }), await admin.create('/customers', { name: unique('B') })];
  const other = new Session();
  await other.run("SET deadlock_timeout = '1h'; BEGIN");
  await other.run(`UPDATE customers SET notes = 'other' WHERE id = ${b.id}`);
  const answer = admin.post('/customers/bulk', { atomic: true, items: [{ id: a.id, city: 'Pune' }, { id: b.id, city: 'Pune' }] });
  await waits(); // has A, waits for B
  other.send(`UPDATE customers SET notes = 'other' WHERE id = ${a.id}`);
  other.send('COMMIT');
  assert.equal(hasStatus(await answer, 200).updated, 2);
  assert.equal(await other.end(), 0);
  await until('PostgreSQL tells of the deadlock', () => cluster.log.includes('deadlock detected'));
  for (const { id } of [a, b]) {
    const now = await admin.ok(admin.get(`/customers/${id}`));
    assert.deepEqual([now.city, now.notes, now.version], ['Pune', 'other', 2]);
    assert.equal(await admin.total(`/audit-logs?resource=customers&record_id=${id}`), 2);
  }
});

// At the isolation that the server asks for there are none, so one is raised: the first two tries fail.
test('nor is a serialization failure', async () => {
  cluster.sql(`CREATE SEQUENCE tries; CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN IF nextval('public.tries') < 3 THEN RAISE 'not this time' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER fail BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION fail()`, DATABASE);
  const name = unique('C');
  const { id } = await admin.create('/customers', { name });
  assert.deepEqual((await named(name)).map((c) => c.id), [id]);
  assert.equal(await admin.total(`/audit-logs?resource=customers&record_id=${id}`), 1);
  assert.equal(cluster.sql('SELECT last_value FROM tries', DATABASE), '3');
  // When it never succeeds, the client is told that it may well do later, and nothing is left.
  cluster.sql('ALTER SEQUENCE tries MINVALUE -1000 RESTART WITH -1000', DATABASE);
  const never = unique('Never');
  const problem = await admin.post('/customers', { name: never });
  assert.equal(isProblem(problem, 503).status, 503);
  assert.ok(problem.headers['retry-after'], problem.text);
  assert.equal((await named(never)).length, 0);
  cluster.sql('DROP TRIGGER fail ON customers', DATABASE);
});

test('of two with the same Idempotency-Key at two servers the later one gets the answer of the first', async () => {
  const key = { 'Idempotency-Key': unique('key') };
  const name = unique('Once');
  const first = hasStatus(await admin.post('/customers', { name }, key), 201);
  // The first one's key is not committed yet, as if its server were a little behind.
  cluster.sql('CREATE TABLE kept AS SELECT * FROM idempotency_keys; DELETE FROM idempotency_keys', DATABASE);
  const other = new Session();
  await other.run('BEGIN');
  await other.run('INSERT INTO idempotency_keys SELECT * FROM kept');
  const answer = admin.post('/customers', { name }, key);
  await waits();
  await other.run('COMMIT');
  const second = await answer;
  assert.deepEqual([hasStatus(second, 201).id, second.headers['idempotency-replayed']], [first.id, 'true']);
  assert.equal(await other.end(), 0);
  assert.equal((await named(name)).length, 1);
});

for (const commits of [true, false]) {
  const where = commits ? 'behind' : 'before';

  test(`a connection that is lost ${where} COMMIT is no loss to a request with an Idempotency-Key`, async () => {
    const name = unique('Keyed');
    const key = { 'Idempotency-Key': unique('key') };
    const broken = line.broken;
    line.arm(name, commits);
    const made = hasStatus(await admin.post('/customers', { name }, key), 201);
    assert.equal(line.broken, broken + 1);
    assert.deepEqual((await named(name)).map((c) => c.id), [made.id]);
    assert.equal(hasStatus(await admin.post('/customers', { name }, key), 201).id, made.id);
    assert.equal((await named(name)).length, 1);
    assert.equal(await admin.total(`/audit-logs?resource=customers&record_id=${made.id}`), 1);
  });

  test(`without one, it is told that nobody knows; it was ${commits ? '' : 'not '}done`, async () => {
    const name = unique('Unknown');
    const broken = line.broken;
    line.arm(name, commits);
    const problem = isProblem(await admin.post('/customers', { name }), 503, 'commit_unknown');
    assert.match(problem.detail, /look whether it was done/);
    assert.equal(line.broken, broken + 1);
    assert.equal((await named(name)).length, commits ? 1 : 0);
  });
}

test('the books are right after all that', async () => {
  await verifies(server);
});
