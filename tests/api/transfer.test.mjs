// CSV out and in.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization } from '../lib/client.mjs';
import { product, purchaseOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const CSV = { 'Content-Type': 'text/csv' };
const NASTY = [
  '=1+1', '+cmd|calc', '-2+3', '@SUM(A1)', "'already quoted", '"quoted"', 'comma, inside', 'line\nbreak', 'Größe Ü', '日本語 🧵', 'tab\tinside',
  "'=evil", '\'\'two', 'a""b', '-', '=', '+49 89 1234', '-5', '1,234.5', 'null', '0012', '  ', '#', ';semi;', '€ 5',
];
let server;
let admin;

before(async () => { server = await startServer(); });
beforeEach(async () => { ({ admin } = await newOrganization(server)); });
after(() => server.proveAndStop());

/** RFC 4180, enough to read what the server writes. */
function parseCsv(text) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === ',') { rows.at(-1).push(cell); cell = ''; } else if (!quoted && text.startsWith('\r\n', i)) {
      rows.at(-1).push(cell); cell = ''; rows.push([]); i++;
    } else cell += text[i];
  }
  assert.deepEqual(rows.pop(), [], 'the file ends with a line end');
  return rows;
}
const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const csv = (...rows) => rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
const importCsv = (path, text, parameters = '') => admin.post(`${path}/import${parameters}`, text, CSV);

describe('export', () => {
  test('a heading and a row per record, in the order of the list, with its filters', async () => {
    for (const name of ['Zinc', 'Acid', 'Mordant']) await admin.create('/products', product({ name, category: name === 'Zinc' ? 'metal' : 'dye' }));
    const answer = await admin.get('/products/export?ordering=name&category=dye&fields=sku,name,price,discontinued');
    hasStatus(answer, 200);
    assert.equal(answer.headers['content-type'], 'text/csv; charset=utf-8');
    assert.match(answer.headers['content-disposition'], /^attachment; filename="products-\d{4}-\d\d-\d\d\.csv"$/);
    const [head, ...rows] = parseCsv(answer.text);
    assert.deepEqual(head, ['sku', 'name', 'price', 'discontinued']);
    assert.deepEqual(rows.map((r) => r.slice(1)), [['Acid', '0', 'false'], ['Mordant', '0', 'false']]);
  });

  test('more records than a page holds', async () => {
    await admin.create('/work-orders/bulk', { items: Array.from({ length: 2500 }, () => workOrder()) });
    const rows = parseCsv((await admin.get('/work-orders/export?fields=id,wo_number')).text);
    assert.equal(rows.length, 2501);
    assert.equal(new Set(rows.map((r) => r[0])).size, 2501);
  });

  test('cells that a spreadsheet would take for a formula are disarmed, numbers are not', async () => {
    const items = NASTY.filter((n) => n.trim() !== '' && !n.includes('\n') && !n.includes('\t')).map((name) => product({ name }));
    await admin.create('/products/bulk', { items });
    await admin.create('/customers', { name: 'x', credit_limit: 5 });
    for (const [, name] of parseCsv((await admin.get('/products/export?fields=sku,name')).text).slice(1))
      assert.ok(!/^[=+@\t\r]/.test(name) && (!name.startsWith('-') || /^-\d+(\.\d+)?$/.test(name)), `"${name}" would be run`);
  });

  test('names stand beside references', async () => {
    const { id, username } = admin.login.user;
    await admin.create('/customers', { name: 'Acme', assigned_to: id });
    const [head, row] = parseCsv((await admin.get('/customers/export?fields=name,assigned_to')).text);
    assert.deepEqual([head, row], [['name', 'assigned_to', 'assigned_to_name'], ['Acme', String(id), username]]);
  });

  test('other formats and unknown parameters are refused', async () => {
    hasStatus(await admin.get('/products/export?format=csv'), 200);
    isProblem(await admin.get('/products/export?format=pdf'), 400, 'bad_query');
    assert.equal((await admin.get('/products/export?colour=red')).status, 400);
  });
});

describe('round trip', () => {
  test('every text survives export and import, whatever it looks like', async () => {
    const names = NASTY.filter((n) => n.trim() !== '' && !n.includes('\n') && !n.includes('\t'));
    const notes = NASTY.filter((n) => n.trim() !== '');
    const items = [...names.map((name, i) => product({ sku: `N${i}`, name, description: null })), ...notes.map((description, i) => product({ sku: `D${i}`, name: 'x', description }))];
    await admin.create('/products/bulk', { items });
    const there = (await admin.ok(admin.get('/products?page_size=1000&ordering=sku&fields=sku,name,description,price,unit'))).items;
    const { text } = await admin.get('/products/export?fields=sku,name,description,price,unit');
    ({ admin } = await newOrganization(server));
    const answer = hasStatus(await importCsv('/products', text), 200);
    assert.deepEqual([answer.created, answer.failed], [items.length, 0]);
    assert.deepEqual((await admin.ok(admin.get('/products?page_size=1000&ordering=sku&fields=sku,name,description,price,unit'))).items, there);
  });

  test('a whole export can be imported as it is: the server\'s own columns are passed over', async () => {
    const customer = await admin.create('/customers', { name: 'Acme', credit_limit: '922337203685477.5807', notes: 'two\nlines' });
    const { text } = await admin.get('/customers/export');
    await admin.ok(admin.del(`/customers/${customer.id}`));
    assert.equal(hasStatus(await importCsv('/customers', text), 200).created, 1);
    const [again] = (await admin.ok(admin.get('/customers'))).items;
    assert.deepEqual([again.name, again.notes], ['Acme', 'two\nlines']);
    assert.match((await admin.get(`/customers/${again.id}`)).text, /"credit_limit":922337203685477\.5807/);
  });

  test('work orders keep number, status and dates', async () => {
    const items = ['draft', 'in_progress', 'completed'].map((status, i) => workOrder({ status, due_date: `2026-0${i + 1}-01`, wo_number: `OLD-${i}`, quantity: 1.5 }));
    await admin.create('/work-orders/bulk', { items });
    const { text } = await admin.get('/work-orders/export');
    ({ admin } = await newOrganization(server));
    assert.equal(hasStatus(await importCsv('/work-orders', text.replaceAll(/^\d+,/gm, '1,')), 200).created, 3);
    const { items: made } = await admin.ok(admin.get('/work-orders?ordering=wo_number&fields=wo_number,status,due_date,quantity'));
    assert.deepEqual(made, items.map(({ wo_number, status, due_date, quantity }) => ({ wo_number, status, due_date, quantity })));
  });
});

describe('import', () => {
  test('columns in any order, empty cells left out, a byte order mark and blank lines ignored', async () => {
    const text = `\ufeffname,sku,price,unit\r\nYarn,Y-1,12.5,\r\n\r\n"Dye, blue",D-1,,kg\r\n`;
    assert.equal(hasStatus(await importCsv('/products', text), 200).created, 2);
    const { items } = await admin.ok(admin.get('/products?ordering=sku&fields=sku,name,price,unit'));
    assert.deepEqual(items, [{ sku: 'D-1', name: 'Dye, blue', price: 0, unit: 'kg' }, { sku: 'Y-1', name: 'Yarn', price: 12.5, unit: 'pcs' }]);
  });

  test('plain line feeds and a last line without an end', async () => {
    assert.equal(hasStatus(await importCsv('/products', 'sku,name\nA,Alpha\nB,Beta'), 200).created, 2);
  });

  test('references by key', async () => {
    const yarn = await admin.create('/products', product({ sku: 'YARN' }));
    await importCsv('/work-orders', csv(['product_id', 'quantity'], ['YARN', '3']));
    assert.equal((await admin.ok(admin.get('/work-orders'))).items[0].product_id, yarn.id);
  });

  test('problems name row and column, and nothing is kept', async () => {
    const text = csv(['sku', 'name', 'price'], ['A', 'Alpha', '1'], ['B', '', 'cheap'], ['C', 'Gamma', '-1'], ['D', 'Delta', '1.23456']);
    await changesNothing(admin, ['/products'], async () => isInvalid(await importCsv('/products', text), {
      'items[1].name': 'required', 'items[1].price': 'type', 'items[2].price': 'min', 'items[3].price': 'too_precise',
    }));
  });

  test('a duplicate in the file or in stock refuses the whole file', async () => {
    await admin.create('/products', product({ sku: 'A' }));
    for (const rows of [[['B', 'x'], ['A', 'y']], [['C', 'x'], ['C', 'y']]])
      await changesNothing(admin, ['/products'], async () => {
        const { errors } = isProblem(await importCsv('/products', csv(['sku', 'name'], ...rows)), 409, 'duplicate');
        assert.equal(errors[0].field, 'items[1].sku');
      });
  });

  test('unknown columns, short rows and broken files are refused', async () => {
    for (const [text, status] of [
      ['sku,name,colour\r\nA,Alpha,red\r\n', 422], ['sku,name\r\nA\r\n', 422], ['sku,name\r\nA,Alpha,more\r\n', 422],
      ['sku,name\r\n"A,Alpha\r\n', 400], ['sku,name\r\nA"x"y,Alpha"\r\n', 400], ['', 400], ['\r\n', 400],
      [Buffer.from([0x73, 0x6b, 0x75, 0x2c, 0x6e, 0x61, 0x6d, 0x65, 0x0a, 0x41, 0x2c, 0xff, 0x0a]), 400],
    ])
      await changesNothing(admin, ['/products'], async () => isProblem(await importCsv('/products', text), status));
    isProblem(await admin.post('/products/import', { items: [] }), 415, 'unsupported_media_type');
  });

  test('a heading alone imports nothing', async () => {
    assert.equal(hasStatus(await importCsv('/products', 'sku,name\r\n'), 200).created, 0);
  });

  test('key=sku updates what is there and creates what is not', async () => {
    const old = await admin.create('/products', product({ sku: 'A', name: 'Old', price: 5, category: 'yarn' }));
    const answer = hasStatus(await importCsv('/products', csv(['sku', 'name', 'price'], ['A', 'New', '6'], ['B', 'Fresh', '7']), '?key=sku'), 200);
    assert.deepEqual([answer.created, answer.updated, answer.failed], [1, 1, 0]);
    const now = await admin.ok(admin.get(`/products/${old.id}`));
    assert.deepEqual([now.name, now.price, now.category, now.version], ['New', 6, 'yarn', 2]);
    assert.equal(await admin.total('/products'), 2);
    const again = await admin.ok(importCsv('/products', csv(['sku', 'name', 'price'], ['A', 'New', '6'], ['B', 'Fresh', '7']), '?key=sku'));
    assert.deepEqual([again.created, again.updated], [0, 2]);
    assert.equal((await admin.ok(admin.get(`/products/${old.id}`))).version, 2);
  });

  test('key= must name a unique field', async () => {
    for (const key of ['name', 'colour', ''])
      await changesNothing(admin, ['/products'], async () => isProblem(await importCsv('/products', csv(['sku', 'name'], ['A', 'x']), `?key=${key}`), 400, 'bad_query'));
  });

  test('a dry run keeps nothing', async () => {
    const answer = await changesNothing(admin, ['/products'], () => importCsv('/products', csv(['sku', 'name'], ['A', 'x']), '?dry_run=true'));
    assert.equal(hasStatus(answer, 200).created, 1);
  });

  test('ten thousand rows at once', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => [`S${i}`, `Product ${i}`]);
    assert.equal(hasStatus(await importCsv('/products', csv(['sku', 'name'], ...rows)), 200).created, 10_000);
    assert.equal(await admin.total('/products'), 10_000);
  });

  test('an order exported has no lines, and says so by not being importable without a supplier', async () => {
    await admin.create('/purchase-orders', purchaseOrder());
    const rows = parseCsv((await admin.get('/purchase-orders/export')).text);
    assert.ok(rows[0].includes('total_amount') && rows[0].includes('supplier_name'));
  });
});
