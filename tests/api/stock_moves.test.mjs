// Stock moves as a storekeeper makes them: each kind, counts, dates, lots,
// units, statuses, and what is refused and then changes nothing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { startServer } from '../lib/server.mjs';
import { Store, sumsToZero } from '../lib/stock.mjs';

let server;
let store;
let admin;
let other;

before(async () => {
  server = await startServer();
  ({ admin } = await newOrganization(server));
  other = await newOrganization(server);
  store = new Store(admin);
});
after(() => server.proveAndStop());

const refused = (attempt) => changesNothing(admin, ['/stock-moves', '/stock-ledger', '/stock-levels', '/lots'], attempt);

describe('a move', () => {
  test('of what comes in raises quantity and value, and says what one is worth', async () => {
    const p = await store.product();
    const move = await store.receive(p, 100, 9.5);
    assert.deepEqual([move.quantity, move.value, move.from_location_name, move.to_location_name], [100, 950, 'Vendors', 'Stock']);
    await store.receive(p, 50, 12.5);
    assert.deepEqual(await store.figures(p), [150, 150, 1575, 10.5]);
    await sumsToZero(store, p);
  });

  test('is two postings with a balance behind each', async () => {
    const p = await store.product();
    const { id } = await store.receive(p, 10, 3);
    const { items } = await admin.ok(admin.get(`/stock-moves/${id}/postings?ordering=id`));
    assert.deepEqual(items.map((i) => [i.usage, i.quantity, i.value, i.level_quantity, i.product_quantity]),
      [['vendor', -10, -30, -10, 0], ['internal', 10, 30, 10, 10]]);
  });

  test('of each kind goes between the places of its kind', async () => {
    const p = await store.product();
    await store.receive(p, 100, 2);
    const ends = async (kind, over) => {
      const move = await store.move(kind, p, 4, over);
      return [move.from_location_name, move.to_location_name, move.value];
    };
    assert.deepEqual(await ends('delivery'), ['Stock', 'Customers', 8]);
    assert.deepEqual(await ends('return'), ['Customers', 'Stock', 8]);
    assert.deepEqual(await ends('vendor_return'), ['Stock', 'Vendors', 8]);
    assert.deepEqual(await ends('scrap'), ['Stock', 'Inventory loss', 8]);
    assert.deepEqual(await ends('production_out'), ['Stock', 'Production', 8]);
    assert.deepEqual(await ends('production_in'), ['Production', 'Stock', 8]);
    assert.deepEqual(await ends('adjustment'), ['Inventory loss', 'Stock', 8]);
    assert.deepEqual(await store.figures(p), [96, 96, 192, 2]);
    await sumsToZero(store, p);
  });

  test('from place to place changes where stock is, not what it is worth', async () => {
    const [p, shelf] = [await store.product(), await store.location({ name: 'Shelf B1' })];
    await store.receive(p, 10, 7);
    const { items: [stock] } = await admin.ok(admin.get('/locations?code=STOCK'));
    const move = await store.move('transfer', p, 4, { from_location_id: stock.id, to_location_id: shelf.id });
    assert.equal(move.value, 28);
    assert.deepEqual(await store.places(p), { Stock: 6, 'Shelf B1': 4 });
    assert.deepEqual(await store.figures(p), [10, 10, 70, 7]);
    // A place may also be named by its code.
    await store.move('transfer', p, 4, { from_location_id: shelf.code, to_location_id: 'STOCK' });
    assert.deepEqual(await store.places(p), { Stock: 10, 'Shelf B1': 0 });
  });

  test('of what is all there takes all the value with it', async () => {
    const p = await store.product();
    await store.receive(p, 3, 3.3333);
    await store.receive(p, 4, 1.01);
    for (const q of [2, 2, 2]) await store.move('delivery', p, q);
    const last = await store.move('delivery', p, 1);
    assert.ok(last.value > 0);
    assert.deepEqual((await store.figures(p)).slice(0, 3), [0, 0, 0]);
    await sumsToZero(store, p);
  });

  test('is never changed and never deleted', async () => {
    const p = await store.product();
    const { id } = await store.receive(p, 1, 1);
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      isProblem(await refused(() => admin.request(method, `/stock-moves/${id}`, { body: { reason: 'x' } })), 405, 'method_not_allowed');
  });

  test('as a dry run tells the result and leaves everything as it was', async () => {
    const p = await store.product();
    const answer = await refused(() => admin.post('/stock-moves?dry_run=true', { kind: 'receipt', product_id: p.id, quantity: 5, unit_cost: 4 }));
    assert.deepEqual([hasStatus(answer, 201).value, (await store.read(p)).quantity], [20, 0]);
  });

  test('with an idempotency key happens once', async () => {
    const p = await store.product();
    const body = { kind: 'receipt', product_id: p.id, quantity: 5, unit_cost: 4 };
    for (let i = 0; i < 3; i++) await admin.create('/stock-moves', body, { 'Idempotency-Key': 'once' });
    assert.equal((await store.read(p)).quantity, 5);
  });

  test('in a bulk call is all or nothing, unless it says otherwise', async () => {
    const p = await store.product();
    const items = [{ kind: 'receipt', product_id: p.id, quantity: 5, unit_cost: 1 }, { kind: 'delivery', product_id: p.id, quantity: 6 }];
    isProblem(await refused(() => admin.post('/stock-moves/bulk', { items, atomic: true })), 409);
    const { created, failed } = await admin.ok(admin.post('/stock-moves/bulk', { items, atomic: false }));
    assert.deepEqual([created, failed, (await store.read(p)).quantity], [1, 1, 5]);
  });
});

test('what is on its way between two places of ours is counted where it arrives', async () => {
  const p = await store.product();
  await store.receive(p, 10, 2);
  await store.move('transfer', p, 4, { from_location_id: 'STOCK', to_location_id: 'TRANSIT' });
  assert.deepEqual(await store.figures(p), [6, 6, 12, 2]);
  const [way] = await store.levels(`product_id=${p.id}&usage=transit`);
  assert.deepEqual([way.on_hand, way.value], [4, 8]);
  const shelf = await store.location();
  await store.move('transfer', p, 4, { from_location_id: 'TRANSIT', to_location_id: shelf.id });
  assert.deepEqual(await store.figures(p), [10, 10, 20, 2]);
  await sumsToZero(store, p);
});

describe('a count', () => {
  test('posts the difference, either way, or nothing', async () => {
    const p = await store.product();
    await store.receive(p, 10, 2);
    const count = (counted_quantity) => store.move('count', p, undefined, { counted_quantity });
    assert.deepEqual([(await count(12)).quantity, (await store.read(p)).quantity], [2, 12]);
    const less = await count(7);
    assert.deepEqual([less.kind, less.quantity, less.from_location_name, less.to_location_name], ['adjustment', 5, 'Stock', 'Inventory loss']);
    assert.equal((await store.read(p)).quantity, 7);
    assert.equal((await count(7)).quantity, 0);
    assert.equal((await count(0)).quantity, 7);
    assert.deepEqual((await store.figures(p)).slice(0, 3), [0, 0, 0]);
    await sumsToZero(store, p);
  });

  test('of a moment before sales corrects what was there then: what was sold since stays sold', async () => {
    const p = await store.product();
    await store.receive(p, 100, 2, { effective_at: '2026-03-01T08:00:00Z' });
    await store.move('delivery', p, 30, { effective_at: '2026-03-03T08:00:00Z' });
    const count = await store.move('count', p, undefined, { counted_quantity: 95, effective_at: '2026-03-02T08:00:00Z' });
    assert.deepEqual([count.quantity, count.from_location_name], [5, 'Stock']);
    assert.deepEqual(await store.figures(p), [65, 65, 130, 2]);
    const balances = (await store.ledger(p)).filter((l) => l.usage === 'internal').map((l) => l.level_quantity);
    assert.deepEqual(balances, [100, 95, 65]);
  });

  test('of what was less than left since then is refused with the figure', async () => {
    const p = await store.product();
    await store.receive(p, 10, 2, { effective_at: '2026-03-01T08:00:00Z' });
    await store.move('delivery', p, 8, { effective_at: '2026-03-03T08:00:00Z' });
    const answer = await refused(() => store.try('count', p, undefined, { counted_quantity: 5, effective_at: '2026-03-02T08:00:00Z' }));
    assert.match(isProblem(answer, 409, 'conflict').detail, /on 2026-03-03 only 5 /);
  });
});

describe('a date in the past', () => {
  test('puts a move in its place, and what came later is worked out again', async () => {
    const p = await store.product();
    await store.receive(p, 10, 4, { effective_at: '2026-02-01T00:00:00Z' });
    const sold = await store.move('delivery', p, 5, { effective_at: '2026-02-10T00:00:00Z' });
    assert.equal(sold.value, 20);
    await store.receive(p, 10, 8, { effective_at: '2026-02-05T00:00:00Z' });
    const again = await admin.ok(admin.get(`/stock-moves/${sold.id}`));
    assert.equal(again.value, 30); // by then one was worth 6
    assert.deepEqual(await store.figures(p), [15, 15, 90, 6]);
    await sumsToZero(store, p);
  });

  test('in a closed period is refused, also for a reversal’s day', async () => {
    const o = await newOrganization(server);
    const mine = new Store(o.admin);
    const p = await mine.product();
    await mine.receive(p, 10, 4, { effective_at: '2026-01-15T00:00:00Z' });
    await o.admin.ok(o.admin.patch('/system-settings', { period_close_date: '2026-01-31' }));
    for (const effective_at of ['2026-01-15T00:00:00Z', '2026-01-31T23:59:59Z']) {
      const answer = await changesNothing(o.admin, ['/stock-moves', '/stock-ledger'], () => mine.try('delivery', p, 1, { effective_at }));
      assert.match(isProblem(answer, 409, 'conflict').detail, /period up to 2026-01-31 is closed/);
    }
    await mine.move('delivery', p, 1, { effective_at: '2026-02-01T00:00:00Z' });
    await o.admin.ok(o.admin.patch('/system-settings', { time_zone: 'Asia/Tokyo' }));
    hasStatus(await mine.try('delivery', p, 1, { effective_at: '2026-01-31T14:59:59Z' }), 409);
    hasStatus(await mine.try('delivery', p, 1, { effective_at: '2026-01-31T15:00:00Z' }), 201); // February in Tokyo
  });

  test('in the future is none', async () => {
    const p = await store.product();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    isInvalid(await refused(() => store.try('receipt', p, 1, { effective_at: tomorrow })), { effective_at: 'max' });
  });
});

describe('a reversal', () => {
  test('takes a move back at the value it had, in parts, never more than all', async () => {
    const p = await store.product();
    await store.receive(p, 10, 2);
    const { id } = await store.receive(p, 10, 4);
    const part = await admin.ok(admin.post(`/stock-moves/${id}/reverse`, { quantity: 3, reason: 'too many' }));
    assert.deepEqual([part.quantity, part.value, part.reverses_id, part.from_location_name, part.reason], [3, 12, id, 'Stock', 'too many']);
    const rest = await admin.ok(admin.post(`/stock-moves/${id}/reverse`));
    assert.deepEqual([rest.quantity, rest.value], [7, 28]);
    assert.equal((await admin.ok(admin.get(`/stock-moves/${id}`))).reversed_quantity, 10);
    isProblem(await refused(() => admin.post(`/stock-moves/${id}/reverse`)), 409);
    isProblem(await refused(() => admin.post(`/stock-moves/${part.id}/reverse`)), 409, 'invalid_state');
    assert.deepEqual(await store.figures(p), [10, 10, 20, 2]);
    await sumsToZero(store, p);
  });

  test('of what is gone by now is refused with the figure', async () => {
    const p = await store.product();
    const { id } = await store.receive(p, 10, 2);
    await store.move('delivery', p, 8);
    const answer = await refused(() => admin.post(`/stock-moves/${id}/reverse`));
    assert.match(isProblem(answer, 409, 'conflict').detail, /only 2 pcs/);
  });

  test('of somebody else’s move is not for those who may change their own only', async () => {
    const o = await newOrganization(server);
    const operator = await o.addUser('operator');
    const p = await new Store(o.admin).product();
    const { id } = await new Store(o.admin).receive(p, 10, 2);
    isProblem(await changesNothing(o.admin, ['/stock-moves'], () => operator.post(`/stock-moves/${id}/reverse`)), 403, 'forbidden');
    const own = await new Store(operator).receive(p, 1, 2);
    hasStatus(await operator.post(`/stock-moves/${own.id}/reverse`), 201);
  });
});

describe('lots and serial numbers', () => {
  test('come into being with what arrives, and leave by name', async () => {
    const p = await store.product({ tracking: 'lot' });
    await store.receive(p, 10, 2, { lot: 'LOT-A', best_before: '2027-01-31' });
    await store.receive(p, 5, 2, { lot: 'LOT-B' });
    await store.move('delivery', p, 4, { lot: 'LOT-A' });
    const levels = await store.levels(`product_id=${p.id}&usage=internal`);
    assert.deepEqual(levels.map((l) => [l.lot_name, l.on_hand]), [['LOT-A', 6], ['LOT-B', 5]]);
    const { items: [lot] } = await admin.ok(admin.get(`/lots?product_id=${p.id}&name=LOT-A`));
    assert.equal(lot.best_before, '2027-01-31');
    assert.equal((await admin.ok(admin.get(`/lots/${lot.id}/ledger`))).total, 4);
    isInvalid(await refused(() => store.try('delivery', p, 1, { lot: 'LOT-X' })), { lot: 'unknown_reference' });
    isInvalid(await refused(() => store.try('delivery', p, 1)), { lot: 'required' });
    assert.match(isProblem(await refused(() => store.try('delivery', p, 7, { lot: 'LOT-A' })), 409).detail, /only 6 pcs/);
    const plain = await store.product();
    isInvalid(await refused(() => store.try('receipt', plain, 1, { lot: 'A' })), { lot: 'untracked' });
    await sumsToZero(store, p);
  });

  test('a serial number is one piece in one place', async () => {
    const p = await store.product({ tracking: 'serial' });
    await store.receive(p, 1, 100, { serial_number: 'SN-1' });
    isProblem(await refused(() => store.try('receipt', p, 1, { unit_cost: 100, serial_number: 'SN-1' })), 409, 'conflict');
    isProblem(await refused(() => store.try('receipt', p, 2, { unit_cost: 100, serial_number: 'SN-2' })), 409, 'conflict');
    isProblem(await refused(() => store.try('receipt', p, 0.5, { unit_cost: 100, serial_number: 'SN-3' })), 409, 'conflict');
    await store.move('delivery', p, 1, { serial_number: 'SN-1' });
    isProblem(await refused(() => store.try('delivery', p, 1, { serial_number: 'SN-1' })), 409);
    await store.move('return', p, 1, { serial_number: 'SN-1' });
    const again = isProblem(await refused(() => store.try('return', p, 1, { serial_number: 'SN-1' })), 409, 'conflict');
    assert.match(again.detail, /SN-1 of .* is in stock already .*: it is at Stock$/);
    assert.equal((await store.read(p)).quantity, 1);
  });

  test('a serial number was in one place at every moment, whenever a move is entered', async () => {
    const p = await store.product({ tracking: 'serial', cost: 100 });
    const shelf = await store.location({ name: 'Shelf', code: 'SHELF' });
    const on = (day, over) => ({ serial_number: 'SN-1', effective_at: `2026-${day}T08:00:00Z`, ...over });
    const cannot = async (kind, options, said) => {
      const { detail } = isProblem(await refused(() => store.try(kind, p, 1, options)), 409, 'conflict');
      assert.match(detail, said);
    };
    await store.receive(p, 1, 100, on('02-01'));
    await store.move('delivery', p, 1, on('03-01'));
    await cannot('receipt', on('02-15', { location_id: shelf.id }), /SN-1 of P\w+ is in stock already when it comes to Shelf on 2026-02-15: it is at Stock$/);
    await cannot('receipt', on('01-15', { location_id: shelf.id }), /in stock already when it comes to Stock on 2026-02-01: it is at Shelf$/);
    await cannot('delivery', on('02-10'), /cannot leave Stock on 2026-03-01: it is at no place of ours$/);
    await store.move('return', p, 1, on('04-01', { stock_status: 'damaged' }));
    await cannot('transfer', on('03-15', { from_location_id: 'STOCK', to_location_id: shelf.id }), /cannot leave Stock on 2026-03-15: it is at no place of ours$/);
    await cannot('scrap', on('04-02'), /only 0 /);
    await cannot('transfer', on('02-10', { from_location_id: 'STOCK', to_location_id: shelf.id }), /cannot leave Stock on 2026-03-01: it is at Shelf$/);
    await store.move('transfer', p, 1, on('04-10', { location_id: 'STOCK', stock_status: 'damaged', to_stock_status: 'ok' }));
    await store.move('transfer', p, 1, on('04-20', { from_location_id: 'STOCK', to_location_id: shelf.id }));
    await cannot('scrap', on('04-25'), /only 0 /);
    await cannot('scrap', on('04-15'), /cannot leave Stock on 2026-04-20: it is at no place of ours$/);
    await cannot('transfer', on('02-05', { location_id: 'STOCK', to_stock_status: 'quarantined' }), /cannot leave Stock on 2026-03-01: it is at Stock \(quarantined\)$/);
    assert.deepEqual(await store.places(p), { Stock: 0, Shelf: 1 });
  });

  test('where stock may be negative, a serial number may not', async () => {
    const o = await newOrganization(server);
    const own = new Store(o.admin);
    await o.admin.ok(o.admin.patch('/system-settings', { negative_stock: true }));
    const p = await own.product({ tracking: 'serial' });
    const shelf = await own.location();
    await own.receive(p, 1, 100, { serial_number: 'SN-1', effective_at: '2026-02-01T08:00:00Z' });
    for (const effective_at of [undefined, '2026-02-02T08:00:00Z', '2026-01-31T08:00:00Z']) {
      const attempt = () => own.try('delivery', p, 1, { serial_number: 'SN-1', location_id: shelf.id, effective_at });
      const { detail } = isProblem(await changesNothing(o.admin, ['/stock-moves', '/stock-levels', '/stock-ledger'], attempt), 409, 'conflict');
      assert.match(detail, /SN-1 of P\w+ cannot leave Shelf \w+ on .* it is at (Stock|no place of ours)$/);
    }
    assert.deepEqual((await own.read(p)).quantity, 1);
  });
});

describe('a stock status', () => {
  test('keeps stock that is there from being available, until it is ok again', async () => {
    const p = await store.product();
    await store.receive(p, 10, 2, { stock_status: 'quarantined' });
    assert.deepEqual(await store.figures(p), [10, 0, 20, 2]);
    assert.match(isProblem(await refused(() => store.try('delivery', p, 1)), 409).detail, /only 0 pcs/);
    const { items: [stock] } = await admin.ok(admin.get('/locations?code=STOCK'));
    await store.move('transfer', p, 6, { location_id: stock.id, stock_status: 'quarantined', to_stock_status: 'ok' });
    assert.deepEqual(await store.figures(p), [10, 6, 20, 2]);
    await store.move('scrap', p, 4, { stock_status: 'quarantined' });
    assert.deepEqual(await store.figures(p), [6, 6, 12, 2]);
    isInvalid(await refused(() => store.try('receipt', p, 1, { to_stock_status: 'damaged' })), { to_stock_status: 'kind' });
  });
});

describe('units', () => {
  test('are converted exactly and rounded half up to the product’s', async () => {
    const [gram, kilo, gross, piece] = ['g', 'kg', 'gross', 'pc'].map((u) => unique(u));
    const unit = (code, dimension, over) => admin.create('/units-of-measure', { code, name: code, dimension, ...over });
    await unit(kilo, 'mass', { decimal_places: 3 });
    await unit(gram, 'mass', { divisor: 1000 });
    await unit(piece, 'count', { decimal_places: 0 });
    await unit(gross, 'count', { factor: 144 });
    const flour = await store.product({ unit: kilo });
    assert.deepEqual([(await store.receive(flour, 1500, 2, { unit: gram })).quantity, (await store.read(flour)).stock_value], [1.5, 3]);
    assert.equal((await store.receive(flour, 0.5, 2, { unit: gram })).quantity, 0.001);
    isInvalid(await refused(() => store.try('receipt', flour, 0.4, { unit: gram })), { quantity: 'range' });
    const button = await store.product({ unit: piece });
    assert.equal((await store.receive(button, 0.5, 1, { unit: gross })).quantity, 72);
    isInvalid(await refused(() => store.try('receipt', button, 1.5)), { quantity: 'too_precise' });
    isInvalid(await refused(() => store.try('receipt', button, 1, { unit: gram })), { unit: 'unit' });
    isInvalid(await refused(() => store.try('receipt', button, 1, { unit: 'barrel' })), { unit: 'unknown' });
    const count = await store.move('count', button, undefined, { counted_quantity: 1, unit: gross });
    assert.deepEqual([count.quantity, count.counted_quantity], [72, 144]);
  });
});

describe('more than there is', () => {
  test('is refused with the figure that was possible', async () => {
    const p = await store.product({ unit: 'kg' });
    await store.receive(p, 7.5, 2);
    for (const kind of ['delivery', 'scrap', 'vendor_return', 'production_out']) {
      const { detail } = isProblem(await refused(() => store.try(kind, p, 7.5001)), 409, 'conflict');
      assert.match(detail, /only 7\.5 kg/, kind);
    }
    await store.move('delivery', p, 7.5);
  });

  test('may leave a place that says so, at the last cost, and what comes then pays for it', async () => {
    const [p, bin] = [await store.product(), await store.location({ name: 'Open bin', allow_negative: true })];
    await store.receive(p, 2, 10, { location_id: bin.id });
    const move = await store.move('delivery', p, 5, { location_id: bin.id });
    assert.equal(move.value, 50);
    assert.deepEqual(await store.places(p), { 'Open bin': -3 });
    await store.receive(p, 10, 12, { location_id: bin.id });
    assert.deepEqual((await store.figures(p)).slice(0, 3), [7, 7, 84]);
    await sumsToZero(store, p);
  });
});

describe('what cannot be right', () => {
  test('is refused and changes nothing', async () => {
    const p = await store.product();
    await store.receive(p, 10, 2);
    const service = await store.product({ product_type: 'service' });
    const receipt = (over) => refused(() => store.try('receipt', p, 1, over));
    isInvalid(await receipt({ quantity: 0 }), { quantity: 'min' });
    isInvalid(await receipt({ quantity: -1 }), { quantity: 'min' });
    isInvalid(await receipt({ quantity: '0.00001' }), { quantity: 'too_precise' });
    isInvalid(await receipt({ quantity: undefined }), { quantity: 'required' });
    isInvalid(await receipt({ unit_cost: -1 }), { unit_cost: 'min' });
    isInvalid(await receipt({ kind: 'revaluation' }), { kind: 'read_only' });
    isInvalid(await receipt({ kind: 'gift' }), { kind: 'choice' });
    isInvalid(await receipt({ counted_quantity: 3 }), { counted_quantity: 'kind' });
    isInvalid(await receipt({ to_location_id: 'VENDORS' }), { to_location_id: 'usage' });
    isInvalid(await receipt({ product_id: service.id }), { product_id: 'service' });
    isInvalid(await receipt({ value: 5 }), { value: 'read_only' });
    isInvalid(await refused(() => store.try('delivery', p, 1, { unit_cost: 3 })), { unit_cost: 'kind' });
    isInvalid(await refused(() => store.try('transfer', p, 1)), { to_location_id: 'required' });
    isInvalid(await refused(() => store.try('transfer', p, 1, { from_location_id: 'STOCK', to_location_id: 'STOCK' })), { to_location_id: 'same' });
    assert.equal((await store.read(p)).quantity, 10);
  });

  test('as a place of another organization, in the words for one that never was', async () => {
    const p = await store.product();
    const { items: [theirs] } = await other.admin.ok(other.admin.get('/locations?page_size=1&usage=internal'));
    const words = async (id) => (await refused(() => store.try('receipt', p, 1, { location_id: id }))).text.replace(/"(request_id|timestamp)":"[^"]*"/g, '');
    assert.equal(await words(theirs.id), await words(987_654_321));
    assert.match(await words(theirs.id), /unknown_reference/);
  });
});
