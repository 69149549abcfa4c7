// A real Redis on a free port of loopback that keeps nothing on disk.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './server.mjs';

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.on('error', () => resolve(false));
});

export class Redis {
  constructor({ password } = {}) {
    this.password = password;
  }

  get url() {
    return `redis://${this.password ? `:${this.password}@` : ''}127.0.0.1:${this.port}`;
  }

  /** Starts, again on the same port after stop(). */
  async start() {
    this.port ??= await freePort();
    const secret = this.password ? ['--requirepass', this.password] : [];
    this.child = spawn('redis-server', ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '',
      '--appendonly', 'no', '--daemonize', 'no', ...secret], { stdio: 'ignore' });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    const end = () => this.child.kill('SIGKILL');
    process.once('exit', end);
    this.ended.then(() => process.off('exit', end));
    for (const late = Date.now() + 10_000; !(await answers(this.port)); await sleep(10))
      if (Date.now() > late || this.child.exitCode !== null) throw new Error('redis-server did not start');
    return this;
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
