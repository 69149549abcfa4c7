// A real PostgreSQL for tests: a cluster of its own in a temporary folder, on a
// free port of the loopback, gone when whoever started it ends. Nothing of it is
// the machine's own: another server may run beside it.
//
//   MILLWRIGHT_TEST_DATABASE  "postgres": the tests start one for themselves;
//                             postgres://…: a server where databases may be made.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_MS = 30_000;
const STANDBY = 'standby';

/** The role everything runs as: it may make databases, and row-level security holds for it. */
export const ROLE = 'millwright';
/** A role that has to give this password, for tests of a wrong one. */
export const GUARDED = { role: 'guarded', password: 'correct horse' };

const CONFIGURATION = `
listen_addresses = '127.0.0.1'
max_connections = 300
shared_buffers = 64MB
fsync = on
max_wal_size = 256MB
min_wal_size = 80MB
autovacuum_naptime = 10s
log_min_messages = fatal
`;

const HBA = `
local all,replication all trust
host replication all 127.0.0.1/32 trust
host all ${GUARDED.role} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
`;

function programs() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).filter((v) => existsSync(path.join(root, v, 'bin/initdb'))) : [];
  versions.sort((a, b) => Number(b) - Number(a));
  if (!versions.length) throw new Error('PostgreSQL is not installed: make test installs it');
  return path.join(root, versions[0], 'bin');
}

/** PostgreSQL refuses to run as root: then another user runs it. */
function unprivileged() {
  if (process.getuid() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const user = users.find((u) => u[0] === 'postgres') ?? users.find((u) => u[0] === 'nobody');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// For tests that lose nothing when the machine does.
const FAST = `
fsync = off
synchronous_commit = off
full_page_writes = off
`;

export class Cluster {
  /** An empty one, or a hot standby that follows `primary`, on a port that it is given or any. */
  constructor(primary, port, { fast = false } = {}) {
    this.port = port;
    this.fast = fast;
    this.bin = programs();
    this.as = unprivileged();
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'millwright-pg-'));
    this.data = path.join(this.folder, 'data');
    mkdirSync(this.data, { mode: 0o700 });
    if (this.as) for (const folder of [this.folder, this.data]) chownSync(folder, this.as.uid, this.as.gid);
    if (primary) this.#follow(primary);
    else this.#init();
    writeFileSync(path.join(this.data, 'pg_hba.conf'), HBA);
    this.end = () => this.#remove();
    process.once('exit', this.end);
  }

  #init() {
    execFileSync(path.join(this.bin, 'initdb'), ['-D', this.data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '-N', '--auth=trust'],
      { ...this.as, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  #follow(primary) {
    execFileSync(path.join(this.bin, 'pg_basebackup'), ['-D', this.data, '-R', '-X', 'stream', '-c', 'fast',
      '-d', `host=${primary.folder} port=${primary.port} user=postgres application_name=${STANDBY}`], { ...this.as, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.begun = true;
  }

  /** A standby of it that has each commit before the commit is told. */
  async synchronous(port) {
    const standby = await new Cluster(this, port).start();
    this.sql(`ALTER SYSTEM SET synchronous_standby_names = '${STANDBY}'`);
    this.sql('SELECT pg_reload_conf()');
    while (this.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") !== '1') await sleep(20);
    return standby;
  }

  /** Makes the primary of a standby. */
  promote() { this.sql('SELECT pg_promote()'); }

  /** Starts, or starts again after stop(): on the same port. */
  async start() {
    this.port ??= await freePort();
    const { uid, gid } = this.as ?? {};
    const whose = this.as ? [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
    writeFileSync(path.join(this.data, 'millwright.conf'), `${CONFIGURATION}${this.fast ? FAST : ''}unix_socket_directories = '${this.folder}'\nport = ${this.port}\n`);
    // It gets the signal to end when this process dies, however it does.
    this.child = spawn('setpriv', [...whose, '--pdeathsig=QUIT', path.join(this.bin, 'postgres'), '-D', this.data,
      '-c', `config_file=${path.join(this.data, 'millwright.conf')}`, '-c', `hba_file=${path.join(this.data, 'pg_hba.conf')}`],
    { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.log = '';
    this.child.stderr.on('data', (text) => { this.log = (this.log + text).slice(-10_000); });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    for (const end = Date.now() + READY_MS; !this.#answers();) {
      if (this.child.exitCode !== null || Date.now() > end) throw new Error(`PostgreSQL did not start:\n${this.log}`);
      await sleep(50);
    }
    if (!this.begun)
      this.sql(`CREATE ROLE ${ROLE} LOGIN CREATEDB; GRANT pg_signal_backend TO ${ROLE}; CREATE ROLE ${GUARDED.role} LOGIN CREATEDB PASSWORD '${GUARDED.password}'`);
    this.begun = true;
    return this;
  }

  #answers() {
    try {
      execFileSync(path.join(this.bin, 'pg_isready'), ['-q', '-h', this.folder, '-p', `${this.port}`]);
      return true;
    } catch {
      return false;
    }
  }

  /** Where databases can be made. */
  get url() { return `postgres://${ROLE}@127.0.0.1:${this.port}/postgres`; }

  /** Makes a database with the program's tables, and gives its name: copying it is faster than making them. */
  template(program) {
    const name = 'millwright_template';
    execFileSync('psql', [this.url, '-qXc', `CREATE DATABASE ${name}`], { stdio: 'pipe' });
    execFileSync(program, ['migrate', 'up', '--data', this.folder, '--database', this.url.replace(/[^/]*$/, name)], { stdio: 'pipe' });
    return name;
  }

  /** As its administrator; each row's values joined by a bar. */
  sql(text, database = 'postgres') {
    return execFileSync('psql', ['-h', this.folder, '-p', `${this.port}`, '-U', 'postgres', '-d', database, '-qXAt', '-v', 'ON_ERROR_STOP=1',
      '-c', text], { stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
  }

  /** Ends it: 'INT' hangs up on everybody, 'QUIT' is as a crash, 'KILL' is one. */
  async stop(signal = 'INT') {
    const postmaster = Number(readFileSync(path.join(this.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(postmaster, `SIG${signal}`);
    await this.ended;
  }

  /** Ends it and takes its folder away. */
  async remove() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.stop('QUIT');
    process.off('exit', this.end);
    this.#remove();
  }

  #remove() {
    this.child?.kill('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** `fast`: does not wait for the disk. */
export async function startCluster({ fast } = {}) { return new Cluster(undefined, undefined, { fast }).start(); }
