// Rate limits as they are by default: per session, key and anonymous network;
// failed logins per name and network. A trusted proxy lends each test networks
// of its own.
import assert from 'node:assert/strict';
import os from 'node:os';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, newOrganization, unique } from '../lib/client.mjs';
import { fast } from '../lib/scale.mjs';
import { startServer } from '../lib/server.mjs';

let server;
let anonymous;
let organization;
let admin;
let networks = 0;

before(async () => {
  server = await startServer({ env: { MILLWRIGHT_RATE_LIMIT: 'on', MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1' } });
  anonymous = new Client(server);
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.stop());

/**
 * How many of a minute's share may have been used since a moment: what came
 * back meanwhile, and passwords that were being checked at the same time.
 */
const atMost = (share, since) => share + Math.ceil((share * (Date.now() - since)) / 60_000) + os.availableParallelism() - 1;

/** Somebody on a network that no other test uses. */
const elsewhere = () => anonymous.with({ 'X-Forwarded-For': `10.1.${++networks}.7` });
const signIn = (from, username, password = PASSWORD) => from.post('/auth/login', { username, password });
const fresh = async (username = admin.login.user.username) => {
  const from = elsewhere();
  const { access_token: token } = hasStatus(await signIn(from, username), 200);
  return from.withToken(token);
};
const newUser = async () => {
  const username = unique('rate');
  const boss = await fresh();
  await boss.create('/users', { username, email: `${username}@example.com`, password: PASSWORD, role_id: 'admin' });
  return username;
};

function isLimited(answer) {
  isProblem(answer, 429, 'rate_limited');
  const wait = Number(answer.headers['retry-after']);
  assert.ok(wait >= 1 && wait <= 60, `Retry-After: ${wait}`);
}

/** [remaining, reset] of a RateLimit header. */
function state(answer, policy) {
  const match = new RegExp(`^"${policy}";r=(\\d+);t=(\\d+)$`).exec(answer.headers.ratelimit);
  assert.ok(match, `RateLimit: ${answer.headers.ratelimit}`);
  return match.slice(1).map(Number);
}

async function spend(client, path, n) {
  const answers = await Promise.all(Array.from({ length: n }, () => client.get(path)));
  return answers.map((a) => a.status);
}

describe('failed logins', () => {
  test('are possible five times a minute for one name; others on the same network still sign in', async () => {
    const [attacked, colleague] = [await newUser(), await newUser()];
    const from = elsewhere();
    for (let i = 0; i < 5; i++) isProblem(await signIn(from, attacked, `wrong ${i}`), 401, 'invalid_credentials');
    isLimited(await signIn(from, attacked, 'wrong again'));
    isLimited(await signIn(from, attacked));
    isLimited(await signIn(from, attacked.toUpperCase()));
    hasStatus(await signIn(from, colleague), 200);
    hasStatus(await signIn(elsewhere(), attacked), 200);
  });

  test('are counted alike for names that nobody has', async () => {
    const from = elsewhere();
    const nobody = unique('nobody');
    for (let i = 0; i < 5; i++) isProblem(await signIn(from, nobody, 'wrong'), 401, 'invalid_credentials');
    isLimited(await signIn(from, nobody));
  });

  test('sent all at once are hardly more than five', async () => {
    const from = elsewhere();
    const name = await newUser();
    const start = Date.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => signIn(from, name, 'wrong password')));
    const tried = answers.filter((a) => a.status === 401).length;
    assert.ok(tried >= 5 && tried <= atMost(5, start), `${tried} passwords were tried`);
    assert.equal(answers.filter((a) => a.status === 429).length, 20 - tried);
  });

  test('count at every door: also when changing the password', async () => {
    const name = await newUser();
    const user = await fresh(name);
    const change = () => user.post('/auth/change-password', { current_password: 'wrong one', new_password: 'something 12' });
    for (let i = 0; i < 5; i++) isProblem(await change(), 401, 'invalid_credentials');
    isLimited(await change());
    isLimited(await signIn(user.with({ Authorization: '' }), name));
    hasStatus(await user.get('/products'), 200);
  });

  test('successful ones spend nothing', async () => {
    const name = await newUser();
    const from = elsewhere();
    for (let i = 0; i < 12; i++) hasStatus(await signIn(from, name), 200);
  });

  test('over all names are sixty a minute from one network', { skip: !fast && 'hashes too many passwords' }, async () => {
    const colleague = await newUser();
    const from = elsewhere();
    const names = Array.from({ length: 80 }, () => unique('many'));
    const answers = [];
    const start = Date.now();
    for (let i = 0; i < names.length; i += 16)
      answers.push(...await Promise.all(names.slice(i, i + 16).map((name) => signIn(from, name, 'wrong password'))));
    const tried = answers.filter((a) => a.status === 401).length;
    assert.ok(tried >= 60 && tried <= atMost(60, start), `${tried} passwords were tried`);
    const codes = (await Promise.all(Array.from({ length: 8 }, () => signIn(from, colleague)))).map((a) => a.status);
    assert.ok(codes.includes(429), `${codes}`);
    hasStatus(await signIn(elsewhere(), admin.login.user.username), 200);
  });
});

describe('requests', () => {
  test('are a hundred a minute for a session, and the answers say what is left', async () => {
    const client = await fresh();
    const first = await client.get('/products');
    assert.equal(first.headers['ratelimit-policy'], '"general";q=100;w=60');
    const [left] = state(first, 'general');
    assert.ok(left >= 98, `${left} left after the first request`);
    const start = Date.now();
    const codes = await spend(client, '/products', 110);
    const good = codes.filter((c) => c === 200).length;
    assert.ok(good >= 98 && good <= Math.max(101, atMost(100, start)), `${good} of 110 were served`);
    assert.equal(codes.filter((c) => c === 429).length, 110 - good);
    // One comes back in 0.6 s: until none is left.
    const refused = async (send) => {
      let answer;
      for (let i = 0; i < 50 && answer?.status !== 429; i++) answer = await send(i);
      isLimited(answer);
      return answer;
    };
    assert.equal(state(await refused(() => client.get('/products')), 'general')[0], 0);
    let tried;
    await refused((i) => client.post('/products', { sku: tried = `LIMITED-${i}`, name: 'x' }));
    const other = await fresh();
    assert.equal(await other.total(`/products?sku=${tried}`), 0);
  });

  test('of a key have a share of their own', async () => {
    const boss = await fresh();
    const { key } = await boss.create('/api-keys', { name: 'k' });
    const program = boss.with({ Authorization: `Token ${key}` });
    assert.ok((await spend(program, '/products', 120)).includes(429));
    hasStatus(await boss.get('/products'), 200);
  });

  test('of the web application are six hundred', async () => {
    const from = elsewhere();
    const { access_token: token } = await from.ok(from.post('/auth/login', { username: admin.login.user.username, password: PASSWORD, client: 'web' }));
    const web = from.withToken(token);
    assert.equal((await web.get('/products')).headers['ratelimit-policy'], '"general";q=600;w=60');
    assert.deepEqual([...new Set(await spend(web, '/products', 200))], [200]);
  });

  test('that carry no token are limited by network, wherever they say they come from', async () => {
    const from = elsewhere();
    const attempt = () => from.post('/auth/refresh', { refresh_token: 'unknown' });
    const codes = (await Promise.all(Array.from({ length: 120 }, attempt))).map((a) => a.status);
    assert.ok(codes.filter((c) => c === 401).length <= 101);
    isLimited(await attempt());
    const faked = from.with({ 'X-Forwarded-For': `1.2.3.4, ${from.headers['X-Forwarded-For']}`, 'X-Real-IP': '9.9.9.9', Forwarded: 'for=9.9.9.9' });
    isLimited(await faked.post('/auth/refresh', { refresh_token: 'unknown' }));
    isProblem(await elsewhere().post('/auth/refresh', { refresh_token: 'unknown' }), 401);
  });

  test('of one IPv6 network share, whatever their last 64 bits', async () => {
    const at = (host) => anonymous.with({ 'X-Forwarded-For': `2001:db8:1:2::${host}` });
    const answers = await Promise.all(Array.from({ length: 110 }, (_, i) => at(i.toString(16)).post('/auth/refresh', { refresh_token: 'x' })));
    assert.ok(answers.some((a) => a.status === 429));
    isProblem(await anonymous.with({ 'X-Forwarded-For': '2001:db8:1:3::1' }).post('/auth/refresh', { refresh_token: 'x' }), 401);
  });

  test('that import files are ten a minute', async () => {
    const client = await fresh();
    const upload = () => client.post('/products/import', `sku,name\r\n${unique('UP')},x\r\n`, { 'Content-Type': 'text/csv' });
    const first = await upload();
    assert.equal(first.headers['ratelimit-policy'], '"upload";q=10;w=60');
    for (let i = 1; i < 10; i++) hasStatus(await upload(), 200);
    isLimited(await upload());
    hasStatus(await client.get('/products'), 200);
  });
});

test('without a trusted proxy nobody chooses a network, nor what the journal says of it', async () => {
  const plain = await startServer({ env: { MILLWRIGHT_RATE_LIMIT: 'on' } });
  try {
    const own = await newOrganization(plain);
    const faked = own.admin.with({ 'X-Forwarded-For': '10.9.9.9', 'X-Real-IP': '10.9.9.9', Forwarded: 'for=10.9.9.9' });
    await faked.create('/products', { sku: 'IP', name: 'x' });
    const { items: [entry] } = await faked.ok(faked.get('/audit-logs?resource=products'));
    assert.equal(entry.ip, '127.0.0.1');
    const codes = [];
    for (let i = 0; i < 110; i++) {
      const from = new Client(plain, { 'X-Forwarded-For': `10.8.${i}.1` });
      from.agent = own.admin.agent;
      codes.push((await from.post('/auth/refresh', { refresh_token: 'x' })).status);
    }
    assert.ok(codes.includes(429), 'every request came from 127.0.0.1');
  } finally {
    await plain.stop();
  }
});
