// Lists against a model in memory: 240 work orders with every kind of value,
// and the same question asked of the server and of plain JavaScript.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus, isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { purchaseOrder, random, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const PATH = '/work-orders';
let server;
let admin;
let stranger;
let all; // as the server printed them, newest first
let customers;

const STATES = ['draft', 'pending', 'ready', 'in_progress', 'paused', 'completed', 'cancelled'];
const PRIORITIES = ['low', 'medium', 'high', 'urgent'];
const CLIENTS = [null, 'Hotel Taj', 'hotel Oberoi', 'Grand Hotel 100%', 'a_b Textiles', 'Müller & Söhne', 'MÜLLER', 'Zenith'];

function randomOrder(r, i) {
  const order = {
    product_name: r.pick(['Bed sheet', 'Towel', 'Pillow cover', 'Curtain']),
    quantity: (r.below(1_000_000) + 1) / 10_000,
    status: r.pick(STATES),
    priority: r.pick(PRIORITIES),
    customer_name: r.pick(CLIENTS),
    description: `batch ${i} ${r.pick(['indigo', 'crimson', 'café', 'straße'])} urgent-ish`,
    assigned_to_name: r.pick(['Ravi', 'Sunil', null]),
  };
  if (r.chance(0.7)) order.due_date = `2026-${String(1 + r.below(12)).padStart(2, '0')}-${String(1 + r.below(28)).padStart(2, '0')}`;
  if (r.chance(0.4)) order.customer_id = r.pick(customers).id;
  return order;
}

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  ({ admin: stranger } = await newOrganization(server));
  const r = random(7);
  customers = [];
  for (const name of ['Acme', 'Beta', 'Gamma']) customers.push(await admin.create('/customers', { name }));
  const items = Array.from({ length: 240 }, (_, i) => randomOrder(r, i));
  await admin.create(`${PATH}/bulk`, { items });
  await stranger.create(`${PATH}/bulk`, { items: items.slice(0, 30).map((o) => ({ ...o, customer_id: undefined, description: 'secret violet' })) });
  all = (await admin.ok(admin.get(`${PATH}?page_size=1000`))).items;
});
after(() => server.proveAndStop());

const ids = (items) => items.map((o) => o.id);
const query = (parameters) => `${PATH}?${new URLSearchParams(parameters)}`;
const list = (parameters = {}) => admin.ok(admin.get(query(parameters)));
/** Bytewise, as the server orders text; null first. */
function compare(a, b) {
  if (a === null || b === null) return (a !== null) - (b !== null);
  if (typeof a === 'number') return a - b;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
function sorted(items, ...keys) {
  return [...items].sort((a, b) => {
    for (const key of [...keys, keys.at(-1)?.startsWith('-') ? '-id' : 'id']) {
      const name = key.replace(/^-/, '');
      const order = compare(a[name], b[name]);
      if (order) return key.startsWith('-') ? -order : order;
    }
    return 0;
  });
}

describe('paging', () => {
  test('the newest first, fifty a page, with the exact total', async () => {
    const page = await list();
    assert.deepEqual([page.items.length, page.total, page.page, page.page_size, page.pages], [50, 240, 1, 50, 5]);
    assert.deepEqual(ids(page.items), ids(sorted(all, '-id')).slice(0, 50));
  });

  test('page and page_size walk over everything once', async () => {
    const seen = [];
    for (let page = 1; page <= 4; page++) seen.push(...ids((await list({ page, page_size: 70 })).items));
    assert.deepEqual(seen, ids(all));
    const beyond = await list({ page: 5, page_size: 70 });
    assert.deepEqual([beyond.items, beyond.total, beyond.page, beyond.pages, beyond.next_cursor], [[], 240, 5, 4, null]);
  });

  test('skip and limit are the same in other words', async () => {
    const page = await list({ skip: 20, limit: 10 });
    assert.deepEqual(ids(page.items), ids(all).slice(20, 30));
    assert.deepEqual([page.total, page.page, page.page_size], [240, 3, 10]);
    assert.deepEqual(ids((await list({ skip: 235 })).items), ids(all).slice(235));
    assert.deepEqual(ids((await list({ limit: 3 })).items), ids(all).slice(0, 3));
    const sorted = ids((await list({ ordering: 'due_date', limit: 240 })).items);
    assert.deepEqual(ids((await list({ ordering: 'due_date', skip: 205, limit: 10 })).items), sorted.slice(205, 215));
  });

  test('sizes and places outside the limits are refused', async () => {
    for (const [name, value] of [['page', 0], ['page', -1], ['page', 'x'], ['page', '1.5'], ['page', ''], ['page_size', 0],
      ['page_size', 1001], ['limit', 0], ['limit', 1001], ['skip', -1], ['skip', '99999999999999999999'], ['page', '99999999999999999999']]) {
      const { detail } = isProblem(await admin.get(query({ [name]: value })), 400, 'bad_query');
      assert.match(detail, new RegExp(name));
    }
    isProblem(await admin.get(query({ page: 2, skip: 10 })), 400, 'bad_query');
  });

  test('an empty list has no pages', async () => {
    const page = await list({ status: 'draft', priority: 'low', wo_number: 'none' });
    assert.deepEqual([page.items, page.total, page.pages, page.next_cursor], [[], 0, 0, null]);
  });

  test('count=none leaves the total out', async () => {
    const page = await list({ count: 'none' });
    assert.ok(!('total' in page) && !('pages' in page));
    assert.deepEqual(ids(page.items), ids(all).slice(0, 50));
    isProblem(await admin.get(query({ count: 'some' })), 400, 'bad_query');
  });
});

describe('filters', () => {
  const at = (o) => o.due_date;
  const has = (text, part) => text !== null && text.toLowerCase().includes(part);
  const cases = [
    ['status=pending', (o) => o.status === 'pending'],
    ['status=Pending', (o) => o.status === 'pending'],
    ['status=pending&status=in progress', (o) => ['pending', 'in_progress'].includes(o.status)],
    ['status__in=draft,in-progress,PAUSED', (o) => ['draft', 'in_progress', 'paused'].includes(o.status)],
    ['status__ne=draft', (o) => o.status !== 'draft'],
    ['status__ne=draft&status__ne=pending', (o) => !['draft', 'pending'].includes(o.status)],
    ['priority__eq=normal', (o) => o.priority === 'medium'],
    ['status=draft&priority=urgent', (o) => o.status === 'draft' && o.priority === 'urgent'],
    ['due_date=2026-03-05', (o) => at(o) === '2026-03-05'],
    ['due_date__gt=2026-06-15', (o) => at(o) > '2026-06-15'],
    ['due_date__gte=2026-06-15', (o) => at(o) >= '2026-06-15'],
    ['due_date__lt=2026-06-15', (o) => at(o) !== null && at(o) < '2026-06-15'],
    ['due_date__lte=2026-06-15', (o) => at(o) !== null && at(o) <= '2026-06-15'],
    ['due_date__gte=2026-03-01&due_date__lt=2026-04-01', (o) => at(o)?.startsWith('2026-03')],
    ['due_date__isnull=true', (o) => at(o) === null],
    ['due_date__isnull=false', (o) => at(o) !== null],
    ['due_date__ne=2026-03-05', (o) => at(o) !== '2026-03-05'],
    ['customer_name=Hotel Taj', (o) => o.customer_name === 'Hotel Taj'],
    ['customer_name=hotel taj', () => false],
    ['client__contains=hotel', (o) => has(o.customer_name, 'hotel')],
    ['customer_name__contains=100%', (o) => has(o.customer_name, '100%')],
    ['customer_name__contains=%', (o) => has(o.customer_name, '%')],
    ['customer_name__contains=a_b', (o) => has(o.customer_name, 'a_b')],
    ['customer_name__startswith=hotel', (o) => o.customer_name?.toLowerCase().startsWith('hotel')],
    ['customer_name__startswith=Mü', (o) => o.customer_name?.startsWith('Mü')],
    ['customer_name__in=Zenith,Hotel Taj', (o) => ['Zenith', 'Hotel Taj'].includes(o.customer_name)],
    ['customer_name__isnull=1', (o) => o.customer_name === null],
    ['assignee__ne=Ravi', (o) => o.assigned_to_name !== 'Ravi'],
    ['wo_number=WO-000007', (o) => o.wo_number === 'WO-000007'],
    ['number__in=WO-000007,WO-000009,WO-999999', (o) => ['WO-000007', 'WO-000009'].includes(o.wo_number)],
    ['id__gt=100&id__lte=120', (o) => o.id > 100 && o.id <= 120],
    ['id__in=3,5,8', (o) => [3, 5, 8].includes(o.id)],
    ['id=3&id=4', (o) => [3, 4].includes(o.id)],
    ['created_at__gte=2020-01-01', () => true],
    ['created_at__lt=2020-01-01T00:00:00Z', () => false],
  ];
  for (const [text, holds] of cases)
    test(text, async () => {
      const wanted = all.filter(holds);
      const page = await admin.ok(admin.get(`${PATH}?${encodeURI(text)}&page_size=1000`));
      assert.deepEqual(ids(page.items), ids(wanted));
      assert.equal(page.total, wanted.length);
    });

  test('a reference by customer, customer_id and __in', async () => {
    const [a, b] = customers;
    for (const name of ['customer', 'customer_id'])
      assert.deepEqual(ids((await list({ [name]: a.id, page_size: 1000 })).items), ids(all.filter((o) => o.customer_id === a.id)));
    assert.deepEqual(ids((await list({ customer_id__in: `${a.id},${b.id}`, page_size: 1000 })).items),
      ids(all.filter((o) => [a.id, b.id].includes(o.customer_id))));
    assert.equal(await admin.total(query({ customer: 99999 })), 0);
    assert.equal(await admin.total(query({ customer_id__isnull: true })), all.filter((o) => o.customer_id === null).length);
  });

  test('created_by is a filter', async () => {
    assert.equal(await admin.total(query({ created_by: admin.login.user.id })), 240);
    assert.equal(await admin.total(query({ created_by: admin.login.user.id + 1 })), 0);
  });

  test('unknown names are refused with the nearest that would be right', async () => {
    for (const [name, hint] of [['statuss', 'status'], ['due_dat', 'due_date'], ['pagesize', 'page_size'], ['colour', null],
      ['organization_id', null], ['quantity', 'filter'], ['status__like', 'operators'], ['customer_name__gt', 'operators'],
      ['due_date__contains', 'operators'], ['__in', null], ['status__', 'operators']]) {
      const answer = await admin.get(query({ [name]: '1' }));
      assert.equal(answer.status, 400, `${name}: ${answer.text}`);
      const { detail } = isProblem(answer, 400);
      assert.match(detail, new RegExp(name));
      if (hint) assert.match(detail, new RegExp(hint));
    }
  });

  test('values of the wrong type are refused', async () => {
    for (const [name, value] of [['status', 'lost'], ['due_date', 'tomorrow'], ['due_date__gt', '2026-02-30'], ['id', 'x'], ['id', '-1'],
      ['customer_id', 'x'], ['due_date__isnull', 'maybe'], ['customer_name__contains', ''], ['id__in', '1,,2'], ['id__in', ''],
      ['created_at__gt', '10:00'], ['id', '99999999999999999999'], ['customer_name', 'x'.repeat(256)]]) {
      const { detail } = isProblem(await admin.get(query({ [name]: value })), 400, 'bad_query');
      assert.match(detail, new RegExp(name));
    }
  });

  test('too many of them are refused', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => i + 1).join(',');
    isProblem(await admin.get(`${PATH}?id__in=${many}`), 400, 'bad_query');
    isProblem(await admin.get(`${PATH}?${Array.from({ length: 31 }, (_, i) => `id__ne=${i + 1}`).join('&')}`), 400, 'bad_query');
    isProblem(await admin.get(`${PATH}?${Array.from({ length: 65 }, () => 'id=1').join('&')}`), 400, 'bad_query');
    assert.equal(await admin.total(`${PATH}?id__in=${many.split(',').slice(0, 1000)}`), all.filter((o) => o.id <= 1000).length);
  });
});

describe('search', () => {
  const finds = async (words) => ids((await list({ search: words, page_size: 1000 })).items);
  test('any word of the searched fields, by its beginning, in any case', async () => {
    assert.deepEqual(await finds('indigo'), ids(all.filter((o) => o.description.includes('indigo'))));
    assert.deepEqual(await finds('INDI'), ids(all.filter((o) => o.description.includes('indigo'))));
    assert.deepEqual(await finds('ndigo'), []);
    assert.deepEqual(await finds('WO-000012'), ids(all.filter((o) => o.wo_number === 'WO-000012')));
  });
  test('several words must all be there, in whatever field', async () => {
    const wanted = ids(all.filter((o) => o.description.includes('indigo') && o.product_name === 'Towel'));
    assert.ok(wanted.length > 0);
    assert.deepEqual(await finds('towel indigo'), wanted);
    assert.deepEqual(await finds('  indigo,  TOW '), wanted);
    assert.deepEqual(await finds('indigo crimson'), []);
  });
  test('accents do not matter', async () => {
    assert.deepEqual(await finds('cafe'), ids(all.filter((o) => o.description.includes('café'))));
    assert.deepEqual(await finds('muller'), ids(all.filter((o) => /m[üu]ller/i.test(o.customer_name ?? ''))));
  });
  test('with filters and an exact total', async () => {
    const page = await list({ search: 'crimson', status: 'draft', page_size: 1 });
    assert.equal(page.total, all.filter((o) => o.description.includes('crimson') && o.status === 'draft').length);
  });
  test('other organizations\' words are not found', async () => {
    assert.deepEqual(await finds('violet'), []);
    assert.equal(await stranger.total(`${PATH}?search=violet`), 30);
    assert.equal(await stranger.total(`${PATH}?search=indigo`), 0);
    for (const words of ['or', 'org', 'org1', 'org2']) assert.deepEqual(await finds(words), []);
  });
  test('is counted exactly to a thousand, then says that there are more', async () => {
    const { admin: other } = await newOrganization(server);
    const made = async (n) => other.create('/customers/bulk', { items: Array.from({ length: n }, (_, i) => ({ name: `Common ${i}` })) });
    await made(1000);
    const page = async () => other.ok(other.get('/customers?search=comm&page_size=10'));
    assert.deepEqual([(await page()).total, (await page()).total_at_least], [1000, undefined]);
    await made(1);
    const more = await page();
    assert.deepEqual([more.total, more.total_at_least, more.pages, more.items.length], [1000, true, 100, 10]);
    let n = 0;
    for (let cursor = ''; cursor !== null;) {
      const { items, next_cursor } = await other.ok(other.get(`/customers?search=comm&page_size=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`));
      n += items.length;
      cursor = next_cursor;
    }
    assert.equal(n, 1001);
    assert.equal(await other.total('/customers'), 1001, 'a list itself is counted to the end');
  });

  test('signs of the search language are only signs', async () => {
    for (const words of ['"indigo', 'indigo*', 'indigo OR crimson', 'NOT indigo', 'words:indigo', '(indigo', 'indigo NEAR crimson', '^indigo', '{indigo}', "indigo'"])
      hasStatus(await admin.get(query({ search: words })), 200);
    assert.deepEqual(await finds('indigo OR crimson'), []);
    isProblem(await admin.get(query({ search: '***' })), 400, 'bad_query');
    isProblem(await admin.get(query({ search: 'a b c d e f g h i' })), 400, 'bad_query');
    isProblem(await admin.get(query({ search: 'x'.repeat(101) })), 400, 'bad_query');
    assert.equal(await admin.total(query({ search: '' })), 240);
  });
  test('follows changes and deletions', async () => {
    const order = await admin.create(PATH, workOrder({ description: 'zinnia' }));
    assert.deepEqual(await finds('zinnia'), [order.id]);
    await admin.ok(admin.patch(`${PATH}/${order.id}`, { description: 'marigold' }));
    assert.deepEqual([await finds('zinnia'), await finds('marigold')], [[], [order.id]]);
    await admin.ok(admin.del(`${PATH}/${order.id}`));
    assert.deepEqual(await finds('marigold'), []);
  });
  test('what has no words cannot be searched', async () => {
    isProblem(await admin.get('/audit-logs?search=x'), 400, 'bad_query');
  });
});

describe('order', () => {
  for (const [parameters, ...keys] of [
    ['ordering=due_date', 'due_date'], ['ordering=-due_date', '-due_date'],
    ['ordering=status,-priority,customer_name', 'status', '-priority', 'customer_name'],
    ['ordering=-customer_name,due_date,id', '-customer_name', 'due_date', 'id'],
    ['sort_by=customer_name&order=asc', 'customer_name'], ['sort_by=customer_name&order=desc', '-customer_name'],
    ['sort_by=priority', 'priority'], ['sort_by=wo_number&order=DESC', '-wo_number'],
    ['sort_by=created_at&order=asc', 'created_at'], ['order=asc', 'id'],
  ])
    test(parameters, async () => {
      const page = await admin.ok(admin.get(`${PATH}?${parameters}&page_size=1000`));
      assert.deepEqual(ids(page.items), ids(sorted(all, ...keys)));
    });

  test('unknown and unsortable fields are refused by name', async () => {
    for (const [name, value] of [['ordering', 'colour'], ['sort_by', 'colour'], ['ordering', 'due_date,-notes'], ['sort_by', 'quantity'],
      ['order', 'up'], ['ordering', 'status,priority,customer_name,due_date,wo_number']])
      assert.equal((await admin.get(query({ [name]: value }))).status, 400, `${name}=${value}`);
    assert.match(isProblem(await admin.get(query({ ordering: 'due_dat' })), 400, 'unknown_field').detail, /due_dat.*due_date/);
    isProblem(await admin.get(query({ sort_by: 'id', ordering: 'id' })), 400, 'bad_query');
  });
});

describe('cursors', () => {
  async function walk(parameters, size) {
    const seen = [];
    let cursor;
    do {
      const page = await admin.ok(admin.get(`${PATH}?${parameters}&count=none&page_size=${size}${cursor ? `&cursor=${cursor}` : ''}`));
      assert.ok(page.items.length <= size);
      seen.push(...page.items);
      cursor = page.next_cursor;
      assert.ok(seen.length <= all.length, 'the walk does not end');
    } while (cursor);
    return ids(seen);
  }
  for (const keys of [['id'], ['due_date'], ['customer_name'], ['status'], ['wo_number'], ['due_date', 'customer_name'], ['due_date', '-customer_name'],
    ['-customer_name', 'due_date', 'priority'], ['status', '-due_date', 'customer_name', '-priority'], ['created_at']])
    for (const flip of [false, true])
      test(`a walk by ${flip ? 'reversed ' : ''}${keys} meets every record once`, async () => {
        const order = flip ? keys.map((k) => (k[0] === '-' ? k.slice(1) : `-${k}`)) : keys;
        for (const size of [7, 100])
          assert.deepEqual(await walk(`ordering=${order}`, size), ids(sorted(all, ...order)));
      });

  test('with filters and search', async () => {
    assert.deepEqual(await walk('ordering=due_date&status__ne=draft&search=indigo', 5),
      ids(sorted(all.filter((o) => o.status !== 'draft' && o.description.includes('indigo')), 'due_date')));
  });

  test('what is new or gone in between neither repeats nor hides the others', async () => {
    const first = await admin.ok(admin.get(`${PATH}?ordering=-id&page_size=100`));
    const added = await admin.create(PATH, workOrder());
    const second = await admin.ok(admin.get(`${PATH}?ordering=-id&page_size=1000&cursor=${first.next_cursor}`));
    await admin.ok(admin.del(`${PATH}/${added.id}`));
    assert.deepEqual(ids([...first.items, ...second.items]), ids(all));
    assert.equal(second.total, 241);
    assert.ok(!('page' in second));
  });

  test('of another list, order or nowhere is refused', async () => {
    const { next_cursor } = await list({ ordering: 'due_date', page_size: 3 });
    for (const parameters of [{ cursor: next_cursor }, { ordering: '-due_date', cursor: next_cursor }, { cursor: 'abc' }, { cursor: '' },
      { cursor: 'A'.repeat(5000) }, { ordering: 'due_date', cursor: `${next_cursor}AAAA` }, { ordering: 'due_date', cursor: next_cursor, page: 2 }])
      isProblem(await admin.get(query(parameters)), 400, 'bad_query');
    isProblem(await admin.get(`/purchase-orders?ordering=due_date&cursor=${next_cursor}`), 400, 'bad_query');
    const theirs = await stranger.ok(stranger.get(query({ ordering: 'due_date', cursor: next_cursor, page_size: 1000 })));
    assert.ok(theirs.items.every((o) => o.description === 'secret violet'), 'a cursor carries no tenant');
  });
});

describe('fields and expand', () => {
  test('fields= prints only these', async () => {
    const page = await list({ fields: 'id,wo_number', page_size: 2 });
    assert.deepEqual(page.items, all.slice(0, 2).map(({ id, wo_number }) => ({ id, wo_number })));
    const one = await admin.ok(admin.get(`${PATH}/${all[0].id}?fields=status,created_by`));
    assert.deepEqual(Object.keys(one).sort(), ['created_by', 'created_by_name', 'status']);
  });

  test('names of referenced records stand beside their ids', async () => {
    const order = all.find((o) => o.customer_id);
    assert.ok(CLIENTS.includes(order.customer_name) || order.customer_name === customers.find((c) => c.id === order.customer_id).name);
    assert.equal(order.created_by_name, admin.login.user.username);
  });

  test('expand= adds the records themselves', async () => {
    const page = await list({ expand: 'customer', page_size: 1000 });
    for (const [i, order] of page.items.entries()) {
      const wanted = customers.find((c) => c.id === order.customer_id);
      assert.equal(order.id, all[i].id);
      assert.equal(order.customer?.name ?? null, wanted?.name ?? null);
      if (wanted) assert.equal(order.customer.id, wanted.id);
    }
    const one = await admin.ok(admin.get(`${PATH}/${page.items.find((o) => o.customer).id}?expand=customer`));
    assert.ok(customers.some((c) => c.name === one.customer.name));
  });

  test('lines come with one record, and with a list when asked for', async () => {
    const yarn = await admin.create('/products', { sku: 'YARN-40S', name: 'Yarn' });
    for (let i = 0; i < 3; i++) await admin.create('/purchase-orders', purchaseOrder());
    const plain = await admin.ok(admin.get('/purchase-orders'));
    assert.ok(plain.items.every((o) => !('line_items' in o)));
    const page = await admin.ok(admin.get('/purchase-orders?expand=lines.product,supplier'));
    for (const order of page.items) {
      assert.equal(order.supplier.name, 'Kiran Yarns');
      assert.deepEqual(order.line_items.map((l) => l.material_code), ['YARN-40S', 'DYE-BLUE', 'BTN-12']);
      assert.deepEqual(order.line_items.map((l) => l.product?.id ?? null), [yarn.id, null, null]);
      const one = await admin.ok(admin.get(`/purchase-orders/${order.id}?expand=line_items.product,supplier`));
      assert.deepEqual(one, order);
    }
  });

  test('unknown names are refused', async () => {
    for (const [name, value] of [['fields', 'id,colour'], ['fields', ''], ['expand', 'colour'], ['expand', 'status'], ['expand', 'lines'],
      ['fields', 'password']])
      assert.equal((await admin.get(query({ [name]: value }))).status, 400, `${name}=${value}`);
    isProblem(await admin.get(`${PATH}/${all[0].id}?page=2`), 400, 'unknown_field');
  });

  test('secrets are not fields', async () => {
    const { items } = await admin.ok(admin.get('/users'));
    assert.ok(items.every((u) => !Object.keys(u).some((k) => /password|hash|secret|account_id/.test(k))));
    assert.equal((await admin.get('/users?fields=password')).status, 400);
    assert.equal((await admin.get('/users?password=x')).status, 400);
    assert.equal((await admin.get('/users?ordering=password')).status, 400);
  });
});
