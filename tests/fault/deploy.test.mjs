// The files of deploy/ with the real programs they are for: HAProxy in front of
// two servers, and the figures that alerts and dashboards ask for.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort, root, startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const deploy = (name) => readFileSync(path.join(root, 'deploy', name), 'utf8');
const secret = 'the same for both, and long enough to be one';

let folder;
let proxy;
let log = '';
const nodes = [];
const ports = {};

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'millwright-test-'));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', '/CN=localhost', '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`], { stdio: 'ignore' });
  writeFileSync(`${folder}/millwright.pem`, readFileSync(`${folder}/cert.pem`, 'utf8') + readFileSync(`${folder}/key.pem`, 'utf8'));
  for (let i = 0; i < 2; i++)
    nodes.push(await startServer({ env: { MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1', MILLWRIGHT_SECRET: secret, MILLWRIGHT_LOG_LEVEL: 'info' } }));
  for (const name of ['plain', 'tls', 'statistics']) ports[name] = await freePort();
  const config = deploy('haproxy/haproxy.cfg')
    .replace('bind :80\n', `bind 127.0.0.1:${ports.plain}\n`)
    .replace('bind :443 ', `bind 127.0.0.1:${ports.tls} `)
    .replaceAll('/etc/haproxy/millwright.pem', `${folder}/millwright.pem`);
  writeFileSync(`${folder}/haproxy.cfg`, config);
  proxy = spawn('haproxy', ['-db', '-f', `${folder}/haproxy.cfg`], {
    env: { PATH: process.env.PATH, NODE1: `127.0.0.1:${nodes[0].port}`, NODE2: `127.0.0.1:${nodes[1].port}`, STATISTICS: `127.0.0.1:${ports.statistics}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [proxy.stdout, proxy.stderr]) stream.on('data', (text) => { log += text; });
  await until('both servers are found well', async () => (await healthyServers()) === 2);
});
after(async () => {
  proxy.kill();
  for (const node of nodes) if (node.child.exitCode === null && node.child.signalCode === null) await node.stop();
  for (const node of nodes) node.clean();
  rmSync(folder, { recursive: true, force: true });
});

/** Answers once: {status, headers, text}; a connection of its own. */
const ask = (url, { method = 'GET', headers = {} } = {}) => new Promise((resolve, reject) => {
  const scheme = url.startsWith('https') ? https : http;
  const request = scheme.request(url, { method, headers, agent: false, rejectUnauthorized: false }, (response) => {
    let text = '';
    response.on('data', (part) => { text += part; });
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
  });
  request.on('error', reject);
  request.end();
});
const web = (where, options) => ask(`https://127.0.0.1:${ports.tls}${where}`, options);
const healthyServers = async () => {
  const { text } = await ask(`http://127.0.0.1:${ports.statistics}/metrics`).catch(() => ({ text: '' }));
  return [...text.matchAll(/^haproxy_server_status\{proxy="millwright",server="node\d",state="UP"\} 1$/gm)].length;
};

describe('HAProxy', () => {
  test('plain requests are sent to TLS', async () => {
    const { status, headers } = await ask(`http://127.0.0.1:${ports.plain}/health`);
    assert.equal(status, 308);
    assert.match(headers.location, /^https:\/\//);
  });

  test('a client cannot lend itself an address', async () => {
    const marked = `marked-${process.pid}`;
    const { status } = await web(`/api/v1/customers?page=${marked}`, { headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Request-Id': marked } });
    assert.equal(status, 401);
    const lines = () => nodes.map((node) => node.stderr).join('').split('\n').filter((line) => line.includes('/api/v1/customers'));
    await until('the request is in a log', () => lines().length > 0);
    assert.ok(lines().every((line) => !line.includes('203.0.113.9')), lines().join('\n'));
    assert.ok(lines().some((line) => line.includes('"127.0.0.1"')), lines().join('\n'));
  });

  test('figures are not for the world', async () => {
    assert.equal((await web('/metrics')).status, 404);
    assert.equal((await web('/health')).status, 200);
  });

  test('a server that dies is left out', async () => {
    await nodes[0].kill();
    await until('one is left', async () => (await healthyServers()) === 1);
    for (let i = 0; i < 20; i++) assert.equal((await web('/health/db')).status, 200);
  });
});

describe('figures', () => {
  let names;
  before(async () => {
    await ask(`http://127.0.0.1:${nodes[1].port}/health`);
    const { text } = await ask(`http://127.0.0.1:${nodes[1].port}/metrics`);
    names = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  });
  const used = (text) => [...new Set(text.match(/\b(millwright|process)_[a-z_]+/g))]
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''));

  for (const file of ['prometheus/alerts.yml', 'grafana/dashboards/millwright.json'])
    test(`${file} asks for nothing that is not there`, () => {
      const asked = used(deploy(file)).filter((name) => !names.has(name));
      assert.ok(used(deploy(file)).length >= 4);
      assert.deepEqual(asked, []);
    });

  test('the dashboard is JSON whose panels do not overlap', () => {
    const { panels } = JSON.parse(deploy('grafana/dashboards/millwright.json'));
    const places = new Set();
    for (const { gridPos: { x, y, w, h } } of panels)
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          assert.ok(column < 24 && !places.has(`${column},${row}`), `${column},${row}`);
          places.add(`${column},${row}`);
        }
  });
});
