// Totals and statistics are kept live; here they are held against a recount
// while everything changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasStatus } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { line, purchaseOrder, random, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const DAY = 86_400_000;
const day = (offset) => new Date(Date.now() + offset * DAY).toISOString().slice(0, 10);
let server;

before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

const WO = '/work-orders';
const FILTERS = ['', 'status=draft', 'status=pending&status=ready', 'status__ne=completed', 'priority=urgent', 'status=in_progress&priority=high',
  'due_date__isnull=true', `due_date__lt=${day(0)}`, `due_date__gte=${day(-5)}&due_date__lte=${day(5)}`, 'client__contains=hotel',
  'client__startswith=a', 'client__isnull=false', 'assignee__in=Ravi,Sunil', 'client__ne=Acme'];

/** What the server says a list has, and what a walk over it finds. */
async function holdsAgainstRecount(admin, filters = FILTERS) {
  const rows = [];
  let cursor = '';
  do {
    const page = await admin.ok(admin.get(`${WO}?count=none&page_size=1000&fields=id,status,priority,due_date${cursor && `&cursor=${cursor}`}`));
    rows.push(...page.items);
    cursor = page.next_cursor ?? '';
  } while (cursor);
  for (const filter of filters) {
    const total = await admin.total(`${WO}?${filter}`);
    // A condition that was never asked for is counted afresh by the database.
    const recount = await admin.total(`${WO}?${filter}&id__ne=${4_000_000 + Math.floor(Math.random() * 1e9)}`);
    assert.equal(total, recount, `the total of ?${filter}`);
  }
  assert.equal(await admin.total(WO), rows.length);
  return rows;
}

function statsOf(rows) {
  const count = (choices, field) => Object.fromEntries(choices.map((c) => [c, rows.filter((r) => r[field] === c).length]));
  return {
    total: rows.length,
    by_status: count(['draft', 'pending', 'ready', 'in_progress', 'paused', 'completed', 'cancelled'], 'status'),
    by_priority: count(['low', 'medium', 'high', 'urgent'], 'priority'),
    overdue: rows.filter((r) => r.due_date !== null && r.due_date < day(0) && !['completed', 'cancelled'].includes(r.status)).length,
  };
}

async function randomChange(admin, r, known) {
  const fields = () => ({
    priority: r.pick(['low', 'medium', 'high', 'urgent']),
    due_date: r.chance(0.3) ? null : day(r.below(21) - 10),
    client: r.pick([null, 'Acme', 'Hotel Taj', 'Aster', 'Zenith']),
    assignee: r.pick([null, 'Ravi', 'Sunil', 'Anil']),
  });
  const kind = r.below(10);
  if (kind < 5 || known.length === 0) {
    const status = r.pick(['draft', 'pending', 'ready', 'in_progress', 'completed', 'cancelled']);
    known.push((await admin.create(WO, workOrder({ ...fields(), status }))).id);
  } else if (kind < 7) {
    hasStatus(await admin.patch(`${WO}/${r.pick(known)}`, fields()), 200);
  } else if (kind < 9) {
    const { status } = await admin.post(`${WO}/${r.pick(known)}/${r.pick(['submit', 'release', 'start', 'pause', 'complete', 'cancel', 'reopen'])}`);
    assert.ok([200, 409].includes(status));
  } else {
    const [id] = known.splice(r.below(known.length), 1);
    hasStatus(await admin.del(`${WO}/${id}`), 200);
  }
}

test('after hundreds of random changes every total and statistic is exact', async () => {
  const { admin } = await newOrganization(server);
  const r = random(42);
  const known = [];
  await holdsAgainstRecount(admin); // from here on they are kept live
  assert.deepEqual(await admin.ok(admin.get(`${WO}/stats`)), statsOf([]));
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 50; i++) await randomChange(admin, r, known);
    const rows = await holdsAgainstRecount(admin);
    assert.deepEqual(await admin.ok(admin.get(`${WO}/stats`)), statsOf(rows));
    assert.deepEqual(await admin.ok(admin.get(`${WO}/stats?priority=urgent`)), statsOf(rows.filter((o) => o.priority === 'urgent')));
  }
});

test('bulk calls, whole or in parts, count as well', async () => {
  const { admin } = await newOrganization(server);
  await holdsAgainstRecount(admin);
  await admin.create(`${WO}/bulk`, { items: Array.from({ length: 300 }, (_, i) => workOrder({ status: i % 3 ? 'draft' : 'ready' })) });
  assert.equal(await admin.total(`${WO}?status=draft`), 200);
  const mixed = await admin.create(`${WO}/bulk`, {
    atomic: false,
    items: [workOrder(), workOrder({ assigned_to: 999999 }), workOrder({ wo_number: 'WO-000001' }), { id: 1, status: 'in_progress' }, workOrder({ quantity: 0 })],
  });
  assert.deepEqual([mixed.created, mixed.updated, mixed.failed].map(Number).reduce((a, b) => a + b), 5);
  hasStatus(await admin.post(`${WO}/bulk`, { items: [workOrder(), workOrder({ assigned_to: 999999 })] }), 422);
  hasStatus(await admin.post(`${WO}/bulk?dry_run=true`, { items: [workOrder(), workOrder()] }), 200);
  await holdsAgainstRecount(admin);
});

test('a total read while others write lies between what was acknowledged and what was asked', async () => {
  const { admin } = await newOrganization(server);
  let asked = 0;
  let acknowledged = 0;
  let reading = true;
  const readers = Array.from({ length: 4 }, async () => {
    for (let reads = 0; reading || reads < 5; reads++) {
      const least = acknowledged;
      const total = await admin.total(`${WO}?status=draft`);
      assert.ok(total >= least && total <= asked, `${least} <= ${total} <= ${asked}`);
    }
  });
  const writers = Array.from({ length: 16 }, async () => {
    for (let i = 0; i < 30; i++) {
      asked++;
      await admin.create(WO, workOrder());
      acknowledged++;
    }
  });
  await Promise.all(writers);
  reading = false;
  await Promise.all(readers);
  assert.equal(await admin.total(`${WO}?status=draft`), 480);
  await holdsAgainstRecount(admin);
});

test('every page tells the same total as its items, when first counted under load', async () => {
  const { admin } = await newOrganization(server);
  await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2
    ? admin.create(WO, workOrder({ client: `C${i % 7}` }))
    : admin.total(`${WO}?client=C${i % 7}&id__gt=${i + 1}`))));
  await holdsAgainstRecount(admin, ['', ...Array.from({ length: 7 }, (_, i) => `client=C${i}`)]);
});

describe('statistics of orders', () => {
  test('sums of money, whole and by status, exact to the cent', async () => {
    const { admin } = await newOrganization(server);
    const empty = await admin.ok(admin.get('/purchase-orders/stats'));
    assert.deepEqual([empty.total, empty.total_amount, empty.overdue], [0, 0, 0]);
    const r = random(3);
    const sums = { draft: 0n, pending: 0n, approved: 0n, received: 0n, cancelled: 0n };
    const ids = [];
    for (let i = 0; i < 60; i++) {
      const status = r.pick(Object.keys(sums));
      const cents = BigInt(1 + r.below(99_999_999));
      const unit_price = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
      const { id } = await admin.create('/purchase-orders', purchaseOrder({ status, tax_rate: 0, line_items: [line({ unit_price })] }));
      sums[status] += cents;
      ids.push([id, status, cents]);
    }
    const money = (cents) => Number(cents) / 100;
    const check = async () => {
      const stats = await admin.ok(admin.get('/purchase-orders/stats'));
      assert.equal(Object.values(stats.by_status).reduce((a, b) => a + b), stats.total);
      for (const [status, cents] of Object.entries(sums)) assert.equal(stats.total_amount_by_status[status], money(cents), status);
      assert.equal(stats.total_amount, money(Object.values(sums).reduce((a, b) => a + b)));
      assert.equal(stats.total, await admin.total('/purchase-orders'));
    };
    await check();
    for (const [id, status, cents] of ids.slice(0, 30)) {
      if (status === 'draft') {
        await admin.ok(admin.del(`/purchase-orders/${id}`));
        sums.draft -= cents;
      } else if (status === 'approved') {
        await admin.ok(admin.post(`/purchase-orders/${id}/receive`));
        sums.approved -= cents;
        sums.received += cents;
      } else if (status === 'pending') {
        await admin.ok(admin.patch(`/purchase-orders/${id}`, { line_items: [line({ unit_price: 0.01 })] }));
        sums.pending += 1n - cents;
      }
    }
    await check();
  });

  test('overdue is due before today and not finished', async () => {
    const { admin } = await newOrganization(server);
    const make = (due, status) => admin.create('/purchase-orders', purchaseOrder({ po_date: '2020-01-01', due_date: due, status }));
    const late = await make(day(-2), 'draft');
    await make(day(-2), 'approved');
    await make(day(-2), 'received');
    await make(day(-2), 'cancelled');
    await make(day(2), 'approved');
    await make(null, 'approved');
    const overdue = async () => (await admin.ok(admin.get('/purchase-orders/stats'))).overdue;
    assert.equal(await overdue(), 2);
    await admin.ok(admin.patch(`/purchase-orders/${late.id}`, { due_date: day(3) }));
    assert.equal(await overdue(), 1);
  });

  test('today is the organization\'s: its time zone decides', async () => {
    // These two never have the same date: they are 25 hours apart.
    const today = (timeZone) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date());
    for (const [zone, overdue] of [['Pacific/Pago_Pago', 0], ['Pacific/Kiritimati', 1]]) {
      const { admin, id } = await newOrganization(server);
      await admin.ok(admin.patch(`/organizations/${id}`, { time_zone: zone }));
      const order = await admin.create('/purchase-orders', purchaseOrder({ po_date: undefined, due_date: null }));
      assert.equal(order.po_date, today(zone));
      await admin.create('/purchase-orders', purchaseOrder({ po_date: '2020-01-01', due_date: today('Pacific/Pago_Pago') }));
      assert.equal((await admin.ok(admin.get('/purchase-orders/stats'))).overdue, overdue, zone);
    }
  });

  test('purchase and sales orders are counted apart, and organizations too', async () => {
    const { admin } = await newOrganization(server);
    const other = (await newOrganization(server)).admin;
    await admin.create('/purchase-orders', purchaseOrder());
    await other.create('/purchase-orders', purchaseOrder());
    assert.equal((await admin.ok(admin.get('/sales-orders/stats'))).total, 0);
    assert.equal((await admin.ok(admin.get('/purchase-orders/stats'))).total, 1);
  });

  test('resources without a status have their choices counted', async () => {
    const { admin } = await newOrganization(server);
    await admin.create('/customers', { name: 'A', customer_type: 'individual' });
    await admin.create('/customers', { name: 'B' });
    const stats = await admin.ok(admin.get('/customers/stats'));
    assert.deepEqual([stats.total, stats.by_customer_type], [2, { business: 1, individual: 1 }]);
    assert.equal((await admin.get('/customers/stats?colour=red')).status, 400);
  });
});
