// Rate limits of several servers, shared through a real Redis; and each on its
// own while that does not answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, unique } from '../lib/client.mjs';
import { Redis } from '../lib/redis.mjs';
import { startServer } from '../lib/server.mjs';
import { until } from '../lib/until.mjs';

const LIMIT = 100;

let redis;
const nodes = [];
let networks = 0;

const node = (url) => startServer({
  env: { MILLWRIGHT_RATE_LIMIT: 'on', MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1', MILLWRIGHT_REDIS: url },
});

before(async () => {
  redis = await new Redis().start();
  nodes.push(await node(redis.url), await node(redis.url));
});
after(async () => {
  for (const server of nodes) await server.stop();
  await redis.stop();
});

/** The same somebody at each server, on a network that no other test uses. */
const everywhere = () => {
  const address = `10.2.${++networks >> 8}.${networks & 255}`;
  return nodes.map((server) => new Client(server).with({ 'X-Forwarded-For': address }));
};
/** Needs no sign-in, is limited, and changes nothing. */
const ask = (client) => client.post('/auth/refresh', { refresh_token: 'unknown' });
const allowed = async (client, n) => {
  let passed = 0;
  for (let i = 0; i < n; i++) {
    const answer = await ask(client);
    if (answer.status === 429) isProblem(answer, 429, 'rate_limited');
    else passed += hasStatus(answer, 401) !== undefined;
  }
  return passed;
};
/** One more for each 0.6 seconds that pass meanwhile. */
const cameBack = (since) => Math.ceil((Date.now() - since) / (60_000 / LIMIT));

describe('with Redis', () => {
  test('what one server gave, the other does not give again', async () => {
    const [one, other] = everywhere();
    const since = Date.now();
    assert.equal(await allowed(one, 60), 60);
    const second = await allowed(other, 60);
    assert.ok(second >= 40 && second <= 40 + cameBack(since), `${second} more passed`);
    assert.ok(await allowed(one, 20) <= cameBack(since));
  });

  test('parallel requests to both spend each share once', async () => {
    const [one, other] = everywhere();
    const since = Date.now();
    const answers = await Promise.all(Array.from({ length: 150 }, (_, i) => ask(i % 2 ? one : other)));
    const passed = answers.filter((answer) => answer.status === 401).length;
    assert.ok(passed >= LIMIT && passed <= LIMIT + cameBack(since), `${passed} passed`);
    assert.ok(answers.every((answer) => [401, 429].includes(answer.status)));
  });

  test('failed logins count together', async () => {
    const [one, other] = everywhere();
    const wrong = { username: unique('nobody'), password: 'not the password' };
    for (let i = 0; i < 5; i++) hasStatus(await (i % 2 ? one : other).post('/auth/login', wrong), 401);
    isProblem(await one.post('/auth/login', wrong), 429, 'rate_limited');
    isProblem(await other.post('/auth/login', wrong), 429, 'rate_limited');
  });

  test('the headers tell the shared state', async () => {
    const [one, other] = everywhere();
    await allowed(one, 30);
    const [, left] = /;r=(\d+);/.exec((await ask(other)).headers.ratelimit);
    assert.ok(Number(left) >= 69 && Number(left) <= 75, `${left} left`);
  });

  test('names are not kept in Redis as they were typed', async () => {
    const [one] = everywhere();
    const username = unique('secret-name');
    hasStatus(await one.post('/auth/login', { username, password: 'not the password' }), 401);
    const { execFileSync } = await import('node:child_process');
    const keys = execFileSync('redis-cli', ['-p', String(redis.port), 'keys', '*'], { encoding: 'utf8' });
    assert.match(keys, /millwright:rate:f:/);
    assert.ok(!keys.includes(username));
  });
});

describe('without an answer of Redis', () => {
  test('each server counts for itself, and together again when it is back', async () => {
    await redis.stop();
    const [one, other] = everywhere();
    const since = Date.now();
    for (const client of [one, other]) {
      const passed = await allowed(client, 120);
      assert.ok(passed >= LIMIT && passed <= LIMIT + cameBack(since), `${passed} passed`);
    }
    await redis.start();
    await until('the limits are shared again', async () => {
      const [first, second] = everywhere();
      await ask(first);
      const [, left] = /;r=(\d+);/.exec((await ask(second)).headers.ratelimit);
      return Number(left) === LIMIT - 2;
    });
  });

  test('a wrong password is told in the log, and the server works on its own', async () => {
    const guarded = await new Redis({ password: 'right' }).start();
    const server = await node(`redis://:wrong@127.0.0.1:${guarded.port}`);
    assert.equal(await allowed(new Client(server).with({ 'X-Forwarded-For': '10.3.1.1' }), 3), 3);
    assert.match(server.stderr, /WRONGPASS|invalid password/);
    await server.stop();
    const right = await node(guarded.url);
    assert.equal(await allowed(new Client(right), 3), 3);
    assert.doesNotMatch(right.stderr, /Redis/);
    await right.stop();
    await guarded.stop();
  });

  for (const url of ['http://127.0.0.1', 'redis://', 'redis://host:99999', 'redis://host:x', 'redis://name@host', 'redis://host/x'])
    test(`${url} is refused at the start`, async () => {
      const { code, stderr } = await nodes[0].run('serve', ['--listen', '127.0.0.1:0', '--redis', url, '--data', `${nodes[0].data}/other`]);
      assert.notEqual(code, 0);
      assert.match(stderr, /the address of Redis must look like redis:\/\//);
    });
});
