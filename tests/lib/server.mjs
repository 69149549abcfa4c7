// Starts the real program on a free port with data of its own, and takes it
// down again. Nothing is left behind.
//
//   MILLWRIGHT_BIN            the program, default build/millwright
//   MILLWRIGHT_TEST_DATABASE  postgres://… of a server where databases may be
//                             made: every start gets one of its own. Default:
//                             SQLite in the data folder.
//   MILLWRIGHT_TEST_TEMPLATE  name of a database there that it is a copy of;
//                             default: it is empty, and the program makes its tables.
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = path.resolve(root, process.env.MILLWRIGHT_BIN ?? 'build/millwright');

const READY_MS = 180_000; // a demo on a busy machine, or with a sanitizer
const STOP_MS = 30_000;
const SANITIZER = /(AddressSanitizer|LeakSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|runtime error:)/;

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** What the program sees: nothing of the developer's own configuration. */
export function environment(extra = {}) {
  const kept = {};
  for (const name of ['PATH', 'HOME', 'TZ', 'LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'])
    if (process.env[name] !== undefined) kept[name] = process.env[name];
  return { ...kept, ...extra };
}

export function tempFolder() {
  return mkdtempSync(path.join(os.tmpdir(), 'millwright-test-'));
}

let databases = 0;

function newDatabase() {
  const url = process.env.MILLWRIGHT_TEST_DATABASE;
  if (!url) return null;
  const name = `millwright_test_${process.pid}_${++databases}`;
  const psql = (sql) => execFileSync('psql', [url, '-qXc', sql], { stdio: 'pipe' });
  const template = process.env.MILLWRIGHT_TEST_TEMPLATE;
  psql(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template}` : ''}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => psql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

const continued = new Map(); // data folder that outlives its servers -> its database

/** A folder that is started on again goes on with its database, which goes when the tests end. */
function databaseOf(data) {
  if (!data) return newDatabase();
  if (!continued.has(data)) {
    const own = newDatabase();
    if (own) process.once('exit', own.drop);
    continued.set(data, own && { url: own.url });
  }
  return continued.get(data);
}

async function healthy(url) {
  return new Promise((resolve) => {
    const request = http.get(`${url}/health`, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

class Server {
  constructor({ data, database, flags, env, program }) {
    Object.assign(this, { data: data ?? tempFolder(), ownsData: !data, flags, extra: env, program });
    this.database = database === undefined ? databaseOf(data) : database;
    this.stdout = '';
    this.stderr = '';
  }

  /** Starts (again) on the same data, for tests that kill the program. */
  async start() {
    for (let attempt = 0; ; attempt++) {
      this.port = await freePort();
      this.url = `http://127.0.0.1:${this.port}`;
      this.#spawn();
      if (await this.#ready()) return this;
      if (this.child.exitCode === null) await this.kill();
      // Somebody else may have taken the port in between.
      if (attempt === 2 || !/in use|EADDRINUSE/i.test(this.stderr))
        throw new Error(`the server did not start (exit ${this.child.exitCode}):\n${this.stdout}${this.stderr}`);
    }
  }

  #spawn() {
    const database = this.database ? { MILLWRIGHT_DATABASE: this.database.url } : {};
    this.child = spawn(this.program, ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data,
      '--statement-counts', ...this.flags], {
      cwd: this.data,
      env: environment({ MILLWRIGHT_REGISTRATION: 'open', MILLWRIGHT_RATE_LIMIT: 'off', MILLWRIGHT_LOG_LEVEL: 'warning', MILLWRIGHT_JOBS_EVERY: '0',
        ...database, ...this.extra }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.child.pid;
    this.child.stdout.on('data', (text) => { this.stdout += text; });
    this.child.stderr.on('data', (text) => { this.stderr += text; });
    this.ended = new Promise((resolve) => this.child.once('close', (code, signal) => resolve({ code, signal })));
    const { child } = this;
    const end = () => {
      child.kill('SIGKILL');
      if (this.ownsData) rmSync(this.data, { recursive: true, force: true });
    };
    process.once('exit', end); // never outlives the tests
    this.ended.then(() => process.off('exit', end));
  }

  async #ready() {
    for (const end = Date.now() + READY_MS; Date.now() < end;) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return false;
      if (await healthy(this.url)) return true;
      await sleep(5);
    }
    return false;
  }

  /** What the link that a first start prints has in it. */
  async setupToken() {
    for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(5)) {
      const [, token] = /\/#\/setup\?token=([\w-]+)\s/.exec(this.stdout) ?? [];
      if (token) return token;
    }
    throw new Error(`no setup link was printed:\n${this.stdout}`);
  }

  /** Proves the books of what the tests did; then ends as stop() does. */
  async proveAndStop() {
    const { code, stdout, stderr } = await this.run('verify');
    await this.stop();
    if (code !== 0) throw new Error(`the books are wrong:\n${stdout}${stderr}`);
  }

  /** Asks the program to end and insists that it does so cleanly. */
  async stop() {
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    const { code, signal } = await this.ended;
    clearTimeout(late);
    this.clean();
    if (SANITIZER.test(this.stderr)) throw new Error(`a sanitizer reports:\n${this.stderr}`);
    if (code !== 0) throw new Error(`the server ended with ${signal ?? code}:\n${this.stderr.slice(-4000)}`);
  }

  /** Ends it as a power cut would; the data stays for start(). */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Runs another verb of the program on the same data: run('verify'). */
  run(verb, args = [], { input = '' } = {}) {
    const database = this.database ? ['--database', this.database.url] : [];
    const child = spawn(this.program, [...[verb].flat(), '--data', this.data, ...database, ...args],
      { cwd: this.data, env: environment(this.extra), stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => { stdout += text; });
    child.stderr.on('data', (text) => { stderr += text; });
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(input);
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  }

  clean() {
    if (!this.ownsData) return; // goes on later, with its database
    rmSync(this.data, { recursive: true, force: true });
    this.database?.drop?.();
  }
}

/**
 * flags and env come on top of the defaults (open registration, no rate
 * limits, no jobs of the server's own, X-Db-Statements in answers). With `data` the folder is the caller's;
 * `program` is another binary than the one under test.
 */
export async function startServer({ flags = [], env = {}, data, database, program = binary } = {}) {
  if (!existsSync(program)) throw new Error(`${program} is not there: run make first`);
  return new Server({ data, database, flags, env, program }).start();
}
