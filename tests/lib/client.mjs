// A thin HTTP client: client.post('/work-orders', {…}) gives
// {status, headers, body, text}; body is parsed when it is JSON.
import http from 'node:http';

let people = 0;

/** A name that no other test of this run uses. */
export const unique = (stem) => `${stem}${++people}${Math.random().toString(36).slice(2, 7)}`;

const ANSWER_MS = 60_000; // a test that would wait for ever says so
const IDLE_MS = 30_000; // the server ends a connection that rests for a minute, perhaps while it is asked something

export const PASSWORD = 'correct horse 1';

function isRaw(body) {
  return typeof body === 'string' || Buffer.isBuffer(body);
}

/** Keeps connections between requests, unless they rested too long. */
class Agent extends http.Agent {
  #used = Date.now();

  rested() {
    const idle = Date.now() - this.#used;
    this.#used += idle;
    if (idle > IDLE_MS) for (const socket of Object.values(this.freeSockets).flat()) socket.destroy();
    return this;
  }
}

export class Client {
  constructor(server, headers = {}) {
    this.url = server.url ?? server;
    this.headers = headers;
    this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
  }

  /** The same server with other headers, such as another's token. */
  with(headers) {
    const other = new Client(this.url, { ...this.headers, ...headers });
    other.agent = this.agent;
    return other;
  }

  withToken(token) {
    return this.with({ Authorization: `Bearer ${token}` });
  }

  /** Objects go as JSON; texts and bytes as they are, as JSON unless `headers` say otherwise. */
  request(method, path, { body, headers = {} } = {}) {
    const bytes = body === undefined ? undefined : Buffer.from(isRaw(body) ? body : JSON.stringify(body));
    const all = { ...this.headers, ...(bytes && { 'Content-Type': 'application/json' }), ...headers };
    if (bytes && !all['Transfer-Encoding']) all['Content-Length'] = bytes.length;
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.url);
      const request = http.request({ hostname, port, method, path, headers: all, agent: this.agent.rested() }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(answer(response, Buffer.concat(chunks))));
      });
      request.on('error', reject);
      request.setTimeout(ANSWER_MS, () => request.destroy(new Error(`${method} ${path}: no answer in ${ANSWER_MS} ms`)));
      request.end(bytes);
    });
  }

  get(path, headers) { return this.request('GET', path, { headers }); }
  post(path, body, headers) { return this.request('POST', path, { body, headers }); }
  put(path, body, headers) { return this.request('PUT', path, { body, headers }); }
  patch(path, body, headers) { return this.request('PATCH', path, { body, headers }); }
  del(path, headers) { return this.request('DELETE', path, { headers }); }

  /** The body of an answer that must be good. */
  async ok(answerPromise) {
    const { status, body, text } = await answerPromise;
    if (status >= 300) throw new Error(`expected a good answer, got ${status}: ${text}`);
    return body;
  }

  /** The created record. */
  async create(path, body, headers) {
    return this.ok(this.post(path, body, headers));
  }

  /** How many records a list has, and how many changes the journal. */
  async total(path) {
    const { total } = await this.ok(this.get(`${path}${path.includes('?') ? '&' : '?'}page_size=1`));
    return total;
  }

  async sequence() {
    const { items } = await this.ok(this.get('/audit-logs?page_size=1&ordering=-sequence&count=none'));
    return items[0]?.sequence ?? 0;
  }
}

function answer(response, bytes) {
  const text = bytes.toString('utf8');
  const json = /\bjson\b/.test(response.headers['content-type'] ?? '') && text !== '';
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes,
    text,
    body: json && !response.headers['content-encoding'] ? JSON.parse(text) : text,
    statements: Number(response.headers['x-db-statements']),
  };
}

/** Signs in; the client carries its token, and `login` the whole answer. */
export async function login(server, username, password = PASSWORD) {
  const anonymous = new Client(server);
  const body = await anonymous.ok(anonymous.post('/api/v1/auth/login', { username, password }));
  const client = anonymous.withToken(body.access_token);
  client.login = body;
  return client;
}

/** Registers a new organization; its administrator is signed in. */
export async function newOrganization(server, name = unique('Org ')) {
  const username = unique('admin');
  const anonymous = new Client(server);
  const user = await anonymous.ok(anonymous.post('/api/v1/auth/register', {
    username, email: `${username}@example.com`, password: PASSWORD, full_name: 'Ada Admin', organization_name: name,
  }));
  const admin = await login(server, username);
  return {
    admin,
    name,
    user,
    id: user.organization_id,
    /** Another member with a built-in or own role, signed in. */
    async addUser(role, person = unique(role)) {
      await admin.create('/users', { username: person, email: `${person}@example.com`, password: PASSWORD, role_id: role });
      return login(server, person);
    },
  };
}
