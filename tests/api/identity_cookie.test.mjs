// The web application's sign-in: the refresh token is in a cookie that no
// script and no other site gets at, and two tabs do not sign each other out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { Client, PASSWORD, newOrganization } from '../lib/client.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';
import { rmSync } from 'node:fs';

const TLS = { 'X-Forwarded-Proto': 'https' }; // as a trusted proxy says it
let server;
let anonymous;
let user;
let admin;

before(async () => {
  server = await startServer({ env: { MILLWRIGHT_TRUSTED_PROXIES: '127.0.0.1' } });
  anonymous = new Client(server);
  ({ user, admin } = await newOrganization(server));
});
after(() => server.proveAndStop());

const here = (base = server) => ({ Origin: base.url });

function cookieOf({ headers }) {
  const [line, ...more] = headers['set-cookie'] ?? [];
  if (!line) return null;
  assert.equal(more.length, 0, 'one cookie');
  const [pair, ...attributes] = line.split('; ');
  const at = pair.indexOf('=');
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes, pair };
}

async function signIn(headers = here(), client = anonymous, who = user) {
  const answer = await client.post('/auth/login', { username: who.username, password: PASSWORD, cookie: true }, headers);
  hasStatus(answer, 200);
  return { answer, cookie: cookieOf(answer) };
}

const refresh = (cookie, headers = here(), client = anonymous) =>
  client.post('/auth/refresh', undefined, { Cookie: typeof cookie === 'string' ? cookie : cookie.pair, ...headers });
const me = (answer) => anonymous.withToken(answer.body.access_token).get('/auth/me');
const sessions = async () => (await admin.ok(admin.get('/auth/sessions'))).items;

describe('the cookie', () => {
  test('has the refresh token, which is not in the answer, and no script reads it', async () => {
    const { answer, cookie } = await signIn();
    assert.ok(!('refresh_token' in answer.body));
    assert.equal(cookie.name, 'millwright');
    assert.match(cookie.value, /^[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(cookie.attributes, ['Path=/', 'HttpOnly', 'SameSite=Strict', 'Max-Age=604800']);
    hasStatus(await me(answer), 200);
  });

  test('is a __Host- cookie over TLS, and neither counts for the other', async () => {
    const { cookie } = await signIn({ ...TLS, Origin: server.url.replace('http:', 'https:') });
    assert.equal(cookie.name, '__Host-millwright');
    assert.deepEqual(cookie.attributes, ['Path=/', 'HttpOnly', 'SameSite=Strict', 'Max-Age=604800', 'Secure']);
    isInvalid(await refresh(cookie), { refresh_token: 'required' });
    isInvalid(await refresh(cookie.pair.replace('__Host-', ''), { ...here(), ...TLS }), { refresh_token: 'required' });
    hasStatus(await refresh(cookie, { ...here(), ...TLS }), 200);
  });

  test('is not set for who did not ask for it', async () => {
    const plain = await anonymous.post('/auth/login', { username: user.username, password: PASSWORD, cookie: false }, here());
    assert.equal(cookieOf(plain), null);
    const next = await anonymous.post('/auth/refresh', { refresh_token: plain.body.refresh_token }, here());
    assert.equal(cookieOf(next), null);
    assert.match(next.body.refresh_token, /./);
  });

  test('alone opens nothing but the refresh', async () => {
    const { cookie } = await signIn();
    for (const path of ['/auth/me', '/auth/sessions', '/products']) isProblem(await anonymous.get(path, { Cookie: cookie.pair, ...here() }), 401, 'unauthenticated');
    isProblem(await anonymous.post('/auth/logout', undefined, { Cookie: cookie.pair, ...here() }), 401, 'unauthenticated');
    hasStatus(await refresh(cookie), 200);
  });

  test('stands among others', async () => {
    const { cookie } = await signIn();
    hasStatus(await refresh(`theme=dark; ${cookie.pair}; millwright2=x`), 200);
    isInvalid(await refresh(`xmillwright=${cookie.value}`), { refresh_token: 'required' });
    isProblem(await refresh('millwright='), 401, 'unauthenticated');
  });

  test('belongs to a session of the web application, with its rate', async () => {
    const limited = await startServer({ env: { MILLWRIGHT_RATE_LIMIT: 'on' } });
    try {
      const own = await newOrganization(limited);
      const client = new Client(limited);
      const { answer } = await signIn(here(limited), client, own.user);
      const policy = async (token) => (await client.withToken(token).get('/auth/me')).headers['ratelimit-policy'];
      assert.match(await policy(answer.body.access_token), /q=600;/);
      assert.match(await policy(own.admin.login.access_token), /q=100;/);
    } finally {
      await limited.stop();
    }
  });
});

describe('another site', () => {
  const others = [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { Origin: 'http://127.0.0.1:1' }, { Origin: '' },
    { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }, { 'Sec-Fetch-Site': 'none' }];

  test('can neither refresh, nor sign somebody in, nor spend the token', async () => {
    const { cookie } = await signIn();
    const before = (await sessions()).length;
    for (const headers of others) {
      const origin = { ...here(), ...headers };
      isProblem(await refresh(cookie, origin), 403, 'forbidden');
      const answer = await anonymous.post('/auth/login', { username: user.username, password: PASSWORD, cookie: true }, origin);
      isProblem(answer, 403, 'forbidden');
      assert.equal(cookieOf(answer), null);
    }
    assert.equal((await sessions()).length, before);
    hasStatus(await refresh(cookie, { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://behind.a.proxy.example' }), 200);
  });

  test('does not sign out by having its own cookie cleared', async () => {
    const { answer, cookie } = await signIn();
    const out = await anonymous.withToken(answer.body.access_token).post('/auth/logout', undefined, { Cookie: cookie.pair, 'Sec-Fetch-Site': 'cross-site' });
    assert.equal(cookieOf(out), null);
  });
});

describe('refreshing', () => {
  test('gives another cookie each time, and the session goes on', async () => {
    let { answer, cookie } = await signIn();
    const session = (await sessions())[0].id;
    const seen = new Set([cookie.value]);
    for (let i = 0; i < 3; i++) {
      answer = await refresh(cookie);
      hasStatus(answer, 200);
      assert.ok(!('refresh_token' in answer.body));
      cookie = cookieOf(answer);
      assert.ok(!seen.has(cookie.value));
      seen.add(cookie.value);
      hasStatus(await me(answer), 200);
    }
    assert.equal((await sessions())[0].id, session);
  });

  test('by two tabs at once gives both the same next cookie', async () => {
    const { cookie } = await signIn();
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(cookie)));
    for (const answer of answers) hasStatus(answer, 200);
    const next = new Set(answers.map((answer) => cookieOf(answer).value));
    assert.equal(next.size, 1, 'the lineage does not fork');
    for (const answer of answers) hasStatus(await me(answer), 200);
    hasStatus(await refresh(cookieOf(answers[0])), 200);
  });

  test('with a token whose successor was used ends the session', async () => {
    const { cookie } = await signIn();
    const second = await refresh(cookie);
    const third = await refresh(cookieOf(second));
    hasStatus(third, 200);
    const stolen = await refresh(cookie);
    isProblem(stolen, 401, 'unauthenticated');
    assert.deepEqual(cookieOf(stolen).attributes.includes('Max-Age=0'), true, 'the cookie goes');
    isProblem(await refresh(cookieOf(third)), 401, 'unauthenticated');
    isProblem(await me(third), 401, 'unauthenticated');
  });

  test('by a body is as strict as ever', async () => {
    const { body } = await anonymous.post('/auth/login', { username: user.username, password: PASSWORD });
    const next = await anonymous.ok(anonymous.post('/auth/refresh', { refresh_token: body.refresh_token }));
    isProblem(await anonymous.post('/auth/refresh', { refresh_token: body.refresh_token }), 401, 'unauthenticated');
    isProblem(await anonymous.post('/auth/refresh', { refresh_token: next.refresh_token }), 401, 'unauthenticated');
  });

  test('without any token is refused', async () => {
    isInvalid(await anonymous.post('/auth/refresh', undefined, here()), { refresh_token: 'required' });
    isInvalid(await anonymous.post('/auth/refresh', {}, here()), { refresh_token: 'required' });
    isProblem(await refresh('millwright=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), 401, 'unauthenticated');
  });
});

describe('what ends or moves the session', () => {
  test('signing out ends it and clears the cookie', async () => {
    const { answer, cookie } = await signIn();
    const out = await anonymous.withToken(answer.body.access_token).post('/auth/logout', undefined, { Cookie: cookie.pair, ...here() });
    hasStatus(out, 200);
    const gone = cookieOf(out);
    assert.deepEqual([gone.name, gone.value], ['millwright', '']);
    assert.ok(gone.attributes.includes('Max-Age=0'));
    isProblem(await refresh(cookie), 401, 'unauthenticated');
  });

  test('another password gives this session a new cookie and ends the others', async () => {
    const own = await newOrganization(server);
    const one = await signIn(here(), anonymous, own.user);
    const two = await signIn(here(), anonymous, own.user);
    const changed = await anonymous.withToken(one.answer.body.access_token).post('/auth/change-password', { current_password: PASSWORD, new_password: 'another horse 2' });
    hasStatus(changed, 200);
    assert.ok(!('refresh_token' in changed.body));
    hasStatus(await refresh(cookieOf(changed)), 200);
    isProblem(await refresh(two.cookie), 401, 'unauthenticated');
    isProblem(await refresh(one.cookie), 401, 'unauthenticated');
  });

  test('one session is ended from another one', async () => {
    const one = await signIn();
    const { id } = (await sessions())[0];
    hasStatus(await admin.del(`/auth/sessions/${id}`), 200);
    isProblem(await refresh(one.cookie), 401, 'unauthenticated');
    isProblem(await me(one.answer), 401, 'unauthenticated');
  });

  test('a refused sign-in leaves the cookie as it is', async () => {
    const answer = await changesNothing(admin, ['/users'], () => anonymous.post('/auth/login', { username: user.username, password: 'wrong one 33', cookie: true }, here()));
    isProblem(answer, 401, 'invalid_credentials');
    assert.equal(cookieOf(answer), null);
  });
});

test('a token that comes again later than a moment has been copied', async () => {
  const data = tempFolder();
  let clock = await startServer({ data });
  try {
    const own = await newOrganization(clock);
    const client = () => new Client(clock);
    const first = await signIn(here(clock), client(), own.user);
    const second = await refresh(first.cookie, here(clock), client());
    hasStatus(second, 200);
    await clock.stop();
    clock = await startServer({ data, env: { MILLWRIGHT_CLOCK_OFFSET: '11' } });
    isProblem(await refresh(first.cookie, here(clock), client()), 401, 'unauthenticated');
    isProblem(await refresh(cookieOf(second), here(clock), client()), 401, 'unauthenticated');
  } finally {
    await clock.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
