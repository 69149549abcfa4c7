// What a service manager is told: systemd's notification socket, read by a
// small program of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../lib/postgres.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const LISTEN = `use Socket; $| = 1; my $s; my $text;
socket($s, AF_UNIX, SOCK_DGRAM, 0) && bind($s, sockaddr_un($ARGV[0])) or die $!;
print "listening\\n"; while (defined recv($s, $text, 4096, 0)) { print "$text\\n"; }`;

let folder;
let manager;
let heard = '';

const times = (word) => heard.split('\n').filter((line) => line === word).length;

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millwright-test-'));
  manager = spawn('perl', ['-e', LISTEN, path.join(folder, 'notify')], { stdio: ['ignore', 'pipe', 'inherit'] });
  manager.stdout.on('data', (text) => { heard += text; });
  await until('the socket is there', () => heard.includes('listening'));
});
after(() => {
  manager.kill();
  rmSync(folder, { recursive: true, force: true });
});

test('it tells when it serves, that writes get through, and that it stops', async () => {
  const server = await startServer({ env: { NOTIFY_SOCKET: path.join(folder, 'notify'), WATCHDOG_USEC: '200000' } });
  await until('ready', () => times('READY=1') === 1);
  await until('the watchdog is fed', () => times('WATCHDOG=1') >= 3);
  assert.equal(times('STOPPING=1'), 0);
  await server.stop();
  await until('stopping', () => times('STOPPING=1') === 1);
});

test('with a database that is elsewhere, it goes on being fed while that is down', async () => {
  heard = '';
  const cluster = await startCluster();
  cluster.sql('CREATE DATABASE watched OWNER millwright');
  const server = await startServer({ env: { NOTIFY_SOCKET: path.join(folder, 'notify'), WATCHDOG_USEC: '200000' },
    database: { url: cluster.url.replace(/[^/]*$/, 'watched'), drop: () => {} } });
  await until('the watchdog is fed', () => times('WATCHDOG=1') >= 3);
  await cluster.stop();
  heard = '';
  await until('it is fed still', () => times('WATCHDOG=1') >= 3);
  await server.stop();
  await cluster.remove();
});

test('a program that does not start is never ready', async () => {
  heard = '';
  await assert.rejects(startServer({ env: { NOTIFY_SOCKET: path.join(folder, 'notify') }, flags: ['--database', 'sqlite:/nowhere/at/all.db'] }));
  await sleep(50);
  assert.equal(heard, '');
});

test('without a watchdog nothing is fed', async () => {
  heard = '';
  const server = await startServer({ env: { NOTIFY_SOCKET: path.join(folder, 'notify') } });
  await until('ready', () => times('READY=1') === 1);
  await server.stop();
  await until('stopping', () => times('STOPPING=1') === 1);
  assert.equal(times('WATCHDOG=1'), 0);
});
