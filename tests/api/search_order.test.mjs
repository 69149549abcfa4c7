// Searches with filters and in other orders than the newest first, over enough records that the server takes
// every one of its ways: the same question is asked of plain JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { login, newOrganization, PASSWORD, unique } from '../lib/client.mjs';
import { random } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const ROWS = 6000;
const STATUSES = ['active', 'inactive', 'prospect', 'vip'];
const FIRST = ['Asha', 'Bruno', 'Chen', 'Dara', 'Émile'];
const TRADES = ['Mills', 'Traders', 'Exports'];
let server;
let admin;
let other;
let all;

const customer = (r, i) => ({
  name: `${r.pick(FIRST)} ${r.pick(TRADES)} ${r.chance(0.001) ? 'Zenith' : ''}`.trim(),
  email: i % 7 ? `c${i}@example.com` : null,
  city: r.chance(0.9) ? `City ${r.below(40)}` : null,
  status: r.pick(STATUSES),
  rating: r.chance(0.5) ? 1 + r.below(5) : null,
  tags: r.chance(0.2) ? ['gold'] : [],
});

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  ({ admin: other } = await newOrganization(server));
  const r = random(11);
  for (let from = 0; from < ROWS; from += 3000) {
    await admin.create('/customers/bulk', { items: Array.from({ length: 3000 }, (_, i) => customer(r, from + i)) });
    await other.create('/customers/bulk', { items: Array.from({ length: 100 }, (_, i) => customer(r, i)) });
  }
  all = [];
  for (let cursor = ''; cursor !== null;) {
    const { items, next_cursor } = await admin.ok(admin.get(`/customers?page_size=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`));
    all.push(...items);
    cursor = next_cursor;
  }
  assert.equal(all.length, ROWS);
});
after(() => server?.stop());

const plain = (s) => (s ?? '').normalize('NFD').replace(/[̀-ͯ]/g, '').toLowerCase();
const words = (s) => plain(s).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
const wordsOf = (c) => [c.name, c.company_name, c.email, c.phone, c.contact_person, c.city, ...c.tags].flatMap(words);
const has = (c, asked) => words(asked).every((w) => wordsOf(c).some((have) => have.startsWith(w)));

const compare = (a, b) => {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return typeof a === 'number' ? a - b : Buffer.compare(Buffer.from(a), Buffer.from(b));
};
const sorted = (rows, ordering) => rows.toSorted((a, b) => {
  const keys = ordering.split(',');
  for (const key of [...keys, keys.at(-1).startsWith('-') ? '-id' : 'id']) {
    const field = key.replace('-', '');
    const order = compare(a[field], b[field]);
    if (order) return key.startsWith('-') ? -order : order;
  }
  return 0;
});

const SEARCHES = ['', 'asha', 'a', 'emile mills', 'example', 'zen', 'bruno c1', 'city', 'com traders', 'nobody'];
const FILTERS = [
  [{}, () => true],
  [{ status: 'vip' }, (c) => c.status === 'vip'],
  [{ city: 'City 3' }, (c) => c.city === 'City 3'],
  [{ city: 'City 3', status: 'active' }, (c) => c.city === 'City 3' && c.status === 'active'],
  [{ status__in: 'vip,active' }, (c) => ['vip', 'active'].includes(c.status)],
  [{ rating__gte: 4 }, (c) => c.rating >= 4],
  [{ city__isnull: true }, (c) => c.city === null],
  [{ tags: 'gold' }, (c) => c.tags.includes('gold')],
  [{ tags: 'gold', status: 'vip' }, (c) => c.tags.includes('gold') && c.status === 'vip'],
  [{ email: 'c8@example.com' }, (c) => c.email === 'c8@example.com'],
];
const ORDERS = ['-id', 'id', '-created_at', 'updated_at', 'name', '-name', 'rating', '-rating,name', 'name,-rating'];

const ask = (params) => admin.ok(admin.get(`/customers?${new URLSearchParams(params)}`));

async function pages(search, filter, ordering, wanted) {
  const found = [];
  for (let cursor = ''; cursor !== null && found.length < 90;) {
    const { items, next_cursor } = await ask({ search, ...filter, ordering, page_size: 30, count: 'none', fields: 'id', ...(cursor && { cursor }) });
    found.push(...items.map((it) => it.id));
    cursor = next_cursor;
  }
  assert.deepEqual(found, wanted.slice(0, Math.max(found.length, Math.min(wanted.length, 90))));
}

for (const search of SEARCHES)
  describe(`a search for "${search}"`, () => {
    for (const [filter, passes] of FILTERS)
      test(`with ${JSON.stringify(filter)} finds the same in every order, page and count`, async () => {
        const rows = all.filter((c) => has(c, search) && passes(c));
        for (const ordering of ORDERS) {
          const wanted = sorted(rows, ordering).map((c) => c.id);
          await pages(search, filter, ordering, wanted);
          const { items, total, total_at_least, next_cursor } = await ask({ search, ...filter, ordering, skip: 7, limit: 11, fields: 'id' });
          assert.deepEqual(items.map((it) => it.id), wanted.slice(7, 18), ordering);
          assert.equal(next_cursor !== null, wanted.length > 18);
          if (total_at_least)
            assert.ok(total <= wanted.length && total >= Math.min(19, wanted.length), `at least ${total} of ${wanted.length}`);
          else assert.equal(total, wanted.length);
        }
      });
  });

test('a page that was reached is counted', async () => {
  const { total, total_at_least, pages: n, items } = await ask({ search: 'example', status: 'vip', page: 45, page_size: 20 });
  assert.deepEqual([items.length, total_at_least, total > 900, n > 45], [20, true, true, true]);
});

test('whose right is for their own records finds those', async () => {
  const role = await admin.create('/roles', { name: unique('own'), permissions: [{ resource: 'customers', action: '*', scope: 'own' }] });
  const person = unique('own');
  const user = await admin.create('/users', { username: person, email: `${person}@example.com`, full_name: 'Own', password: PASSWORD, role_id: role.id });
  const rep = await login(server, person);
  const theirs = all.filter((c) => has(c, 'asha')).filter((_, i) => i % 50 === 0);
  for (const c of theirs) await admin.ok(admin.patch(`/customers/${c.id}`, { assigned_to: user.id }));
  for (const ordering of ['-id', 'name']) {
    const { items, total } = await rep.ok(rep.get(`/customers?search=asha&ordering=${ordering}&page_size=100&fields=id`));
    assert.deepEqual([items.map((it) => it.id), total <= theirs.length], [sorted(theirs, ordering).map((c) => c.id), true]);
  }
});

test('another organization\'s records are not found in any order', async () => {
  const mine = new Set(all.map((c) => c.id));
  for (const ordering of ['-id', 'name'])
    for (const filter of ['', '&status=vip']) {
      const { items } = await other.ok(other.get(`/customers?search=example&ordering=${ordering}${filter}&page_size=1000&fields=id`));
      assert.deepEqual([items.length > 20, items.some((c) => mine.has(c.id))], [true, false]);
    }
});
