// Customers, vendors and their contacts: what a record is called, how it is
// found, when two are the same, and making one of them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { newOrganization, unique } from '../lib/client.mjs';
import { purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const LISTS = ['/customers', '/vendors', '/contacts', '/sales-orders', '/purchase-orders', '/work-orders', '/products'];
let server;
let organization;
let admin;

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
});
after(() => server.proveAndStop());

const refused = (attempt) => changesNothing(admin, LISTS, attempt);
const read = (path) => admin.ok(admin.get(path));
const ids = async (path, client = admin) => (await client.ok(client.get(path))).items.map((r) => r.id).sort((a, b) => a - b);

for (const path of ['/customers', '/vendors', '/suppliers']) {
  describe(path, () => {
    test('has a name, made of what is known when it is left out', async () => {
      for (const [given, name] of [[{ company_name: 'Acme Ltd' }, 'Acme Ltd'], [{ first_name: 'Ana', last_name: 'Silva' }, 'Ana Silva'],
        [{ first_name: 'Ana' }, 'Ana'], [{ email: 'A.Silva@Example.COM' }, 'a.silva@example.com'], [{ name: 'Own', company_name: 'Acme' }, 'Own']])
        assert.equal((await admin.create(path, given)).name, name);
      await refused(async () => isInvalid(await admin.post(path, { city: 'Porto' }), { name: 'required' }));
    });

    test('a made name follows what it was made of, a given one stays', async () => {
      const made = await admin.create(path, { first_name: 'Ana', last_name: 'Silva' });
      assert.equal((await admin.ok(admin.patch(`${path}/${made.id}`, { last_name: 'Souza' }))).name, 'Ana Souza');
      await admin.ok(admin.patch(`${path}/${made.id}`, { name: 'Dona Ana' }));
      assert.equal((await admin.ok(admin.patch(`${path}/${made.id}`, { last_name: 'Lima' }))).name, 'Dona Ana');
    });

    test('says what is wrong with a telephone number, a web site, a rating and tags', async () => {
      const wrong = { name: 'x', phone: '12-34 56', website: 'javascript:alert(1)', rating: 6, tags: ['a"b'], credit_limit: -1 };
      await refused(async () => isInvalid(await admin.post(path, wrong),
        { phone: 'phone', website: 'url', rating: 'max', tags: 'characters', credit_limit: 'min' }));
      for (const [field, value, code] of [['rating', 0, 'min'], ['website', 'example', 'url'], ['website', 'ftp://example.com', 'url'],
        ['tags', 'x'.repeat(41), 'max_length'], ['tags', Array.from({ length: 21 }, (_, i) => `t${i}`), 'max_items'], ['tags', [1], 'type'], ['tags', { a: 1 }, 'type'],
        ['tags', [''], 'characters'], ['tags', ['a,b'], 'characters']])
        await refused(async () => isInvalid(await admin.post(path, { name: 'x', [field]: value }), { [field]: code }));
      const good = await admin.create(path, { name: 'x', phone: '(079) 123-4567', website: 'www.example.com', rating: 5, zip_code: '380 001', state: 'Gujarat', email: 'Ann@Example.com' });
      assert.deepEqual([good.phone, good.website, good.postal_code, good.email], ['(079) 123-4567', 'www.example.com', '380 001', 'ann@example.com']);
    });

    test('active is another word for its status', async () => {
      const { id, status } = await admin.create(path, { name: 'x', active: false });
      assert.equal(status, 'inactive');
      assert.equal((await admin.ok(admin.patch(`${path}/${id}`, { active: true }))).status, 'active');
      assert.equal((await admin.ok(admin.post(`${path}/${id}/deactivate`))).status, 'inactive');
      const answer = await admin.post(`${path}/${id}/activate?dry_run=true`);
      assert.equal(answer.body.status, 'active');
      assert.equal((await read(`${path}/${id}`)).status, 'inactive');
      assert.equal((await admin.ok(admin.post(`${path}/${id}/activate`))).status, 'active');
      await refused(async () => isProblem(await admin.post(`${path}/${id}/deactivate`, undefined, { 'If-Match': '"v1"' }), 412));
    });
  });
}

describe('tags', () => {
  test('are a set of lower-case words, found one, some or all', async () => {
    const { admin: own } = await newOrganization(server);
    const make = async (tags) => (await own.create('/customers', { name: unique('Tagged '), tags })).id;
    const [a, b, ab, none] = [await make(['VIP']), await make('export'), await make(['vip', ' Export ', 'vip', 'key account']), await make([])];
    assert.deepEqual((await own.ok(own.get(`/customers/${ab}`))).tags, ['vip', 'export', 'key account']);
    assert.deepEqual((await own.ok(own.get(`/customers/${none}`))).tags, []);
    for (const [query, found] of [['tag=vip', [a, ab]], ['tags=VIP', [a, ab]], ['tag=export', [b, ab]], ['tag=vip,export', [ab]], ['tag__in=vip,export', [a, b, ab]],
      ['tag=vip&tag=export', [a, b, ab]], ['tag=key%20account', [ab]], ['tag=vi', []], ['tags__isnull=true', [none]], ['tag=vip&search=tagged', [a, ab]],
      ['tag=vip&ordering=name', [a, ab]], ['search=vip', [a, ab]]]) {
      assert.deepEqual(await ids(`/customers?${query}`, own), found, query);
      assert.equal((await own.ok(own.get(`/customers?${query}&page_size=1`))).total, found.length, query);
    }
    assert.equal((await own.ok(own.get('/customers/stats?tag=vip'))).total, 2);
    await own.ok(own.patch(`/customers/${ab}`, { tags: ['other'] }));
    assert.deepEqual(await ids('/customers?tag=vip', own), [a]);
    assert.equal((await own.ok(own.get('/customers?tag=vip&page_size=1'))).total, 1);
    await own.ok(own.del(`/customers/${a}`));
    assert.deepEqual(await ids('/customers?tag=vip', own), []);
    isProblem(await own.get('/customers?tags__contains=v'), 400);
  });

  test('go out in a file and come in from one', async () => {
    const { admin: own } = await newOrganization(server);
    await own.create('/customers', { name: 'Filed', tags: ['a', 'b c'] });
    const csv = (await own.get('/customers/export')).text;
    assert.match(csv, /"a,b c"/);
    const { body } = await own.post('/customers/import', 'name,tags\r\nRead,"x, Y"\r\n', { 'Content-Type': 'text/csv' });
    assert.equal(body.created, 1, JSON.stringify(body));
    assert.equal((await own.ok(own.get('/customers?tag=y'))).items[0].name, 'Read');
  });

  test('of another organization are not found', async () => {
    const { admin: other } = await newOrganization(server);
    await other.create('/customers', { name: 'Theirs', tags: ['theirs-only'] });
    assert.deepEqual(await ids('/customers?tag=theirs-only'), []);
  });
});

test('statistics count by status and by type', async () => {
  const { admin: own } = await newOrganization(server);
  for (const [customer_type, status] of [['business', 'active'], ['individual', 'active'], ['individual', 'inactive'], ['business', 'vip']])
    await own.create('/customers', { name: 'x', customer_type, status });
  const { total, active, inactive, vip, by_type, by_customer_type, by_status } = await own.ok(own.get('/customers/stats'));
  assert.deepEqual([total, active, inactive, vip], [4, 2, 1, 1]);
  assert.deepEqual(by_type, { business: 2, individual: 2 });
  assert.deepEqual([by_customer_type, by_status.active], [by_type, 2]);
  await own.create('/vendors', { name: 'x', type: 'contractor' });
  assert.equal((await own.ok(own.get('/vendors/stats'))).by_type.contractor, 1);
});

describe('contacts', () => {
  test('are of a customer or a vendor, and listed there', async () => {
    const customer = await admin.create('/customers', { name: 'Host' });
    const vendor = await admin.create('/vendors', { name: 'Host' });
    const contact = await admin.create('/contacts', { name: 'Asha', customer: customer.id, job_title: 'Buyer', primary: true });
    assert.deepEqual([contact.customer_name, contact.role, contact.is_primary], ['Host', 'Buyer', true]);
    const other = await admin.create('/contacts', { name: 'Bela', vendor_id: vendor.id });
    assert.deepEqual(await ids(`/customers/${customer.id}/contacts`), [contact.id]);
    assert.deepEqual(await ids(`/vendors/${vendor.id}/contacts`), [other.id]);
    assert.deepEqual(await ids(`/contacts?customer_id=${customer.id}`), [contact.id]);
    await refused(async () => isInvalid(await admin.post('/contacts', { name: 'x', customer_id: customer.id, vendor_id: vendor.id }), { customer_id: 'conflict' }));
    await refused(async () => isInvalid(await admin.patch(`/contacts/${contact.id}`, { vendor_id: vendor.id }), { customer_id: 'conflict' }));
    await refused(async () => isProblem(await admin.del(`/customers/${customer.id}`), 409));
  });

  test('have one primary one', async () => {
    const { id } = await admin.create('/customers', { name: 'Host' });
    const first = await admin.create('/contacts', { name: 'A', customer_id: id, is_primary: true });
    const second = await admin.create('/contacts', { name: 'B', customer_id: id, is_primary: true });
    const primary = async () => ids(`/contacts?customer_id=${id}&is_primary=true`);
    assert.deepEqual(await primary(), [second.id]);
    assert.equal((await read(`/contacts/${first.id}`)).version, 2);
    await admin.ok(admin.patch(`/contacts/${first.id}`, { is_primary: true }));
    assert.deepEqual(await primary(), [first.id]);
  });
});

describe('duplicates', () => {
  const found = async (path, client = admin) => (await client.ok(client.get(path))).items.map((i) => [i.record.id, i.reasons, i.score]);

  for (const path of ['/customers', '/vendors'])
    test(`of ${path} are found by e-mail, telephone and name`, async () => {
      const { admin: own } = await newOrganization(server);
      const make = async (record) => (await own.create(path, record)).id;
      const one = await make({ name: 'Meridian Garments Ltd.', email: 'orders@meridian.example', phone: '+91 98250 11223' });
      const byName = await make({ name: 'MERIDIAN  Garments, GmbH & Co. KG' });
      const byPhone = await make({ name: 'Somebody', phone: '098250-11223' });
      const byMail = await make({ name: 'Else', email: 'Orders@Meridian.example' });
      const alike = await make({ name: 'Garment Meridian' });
      const typo = await make({ name: 'Meridain Garments' });
      await make({ name: 'Meridian Steel' });
      await make({ name: 'Unrelated', phone: '+91 98250 11224' });
      const items = await found(`${path}/${one}/duplicates`, own);
      assert.deepEqual(items.slice(0, 2), [[byMail, ['email'], 100], [byName, ['name'], 90]]);
      assert.deepEqual(items.find(([id]) => id === byPhone), [byPhone, ['phone'], 80]);
      const resembling = items.slice(2).filter(([id]) => id !== byPhone);
      assert.deepEqual(resembling.map(([id]) => id).sort((a, b) => a - b), [alike, typo]);
      assert.ok(resembling.every(([, reasons, score]) => reasons[0] === 'name' && score < 90 && score > 60), JSON.stringify(items));
      const asked = await found(`${path}/duplicates?name=meridian%20garments&phone=00919825011223`, own);
      assert.deepEqual(asked.slice(0, 2), [[one, ['phone', 'name'], 95], [byName, ['name'], 90]]);
      assert.deepEqual(await found(`${path}/duplicates?email=orders@meridian.example`, own), [[one, ['email'], 100], [byMail, ['email'], 100]]);
      assert.deepEqual(await found(`${path}/duplicates`, own), []);
      isProblem(await own.get(`${path}/duplicates?city=x`), 400, 'unknown_field');
      await own.ok(own.patch(`${path}/${byName}`, { name: 'Quite different' }));
      assert.ok(!(await found(`${path}/${one}/duplicates`, own)).some(([id]) => id === byName));
    });

  test('know accents, legal forms and the order of words', async () => {
    const { admin: own } = await newOrganization(server);
    const one = (await own.create('/customers', { name: 'Müller Söhne GmbH' })).id;
    for (const name of ['Muller Sohne', 'söhne müller s.a.', 'MÜLLER-SÖHNE'])
      assert.deepEqual(await found(`/customers/duplicates?name=${encodeURIComponent(name)}`, own), [[one, ['name'], 90]], name);
  });

  test('are the twenty most alike, and the answer says when there are more', async () => {
    const { admin: own } = await newOrganization(server);
    const items = Array.from({ length: 150 }, () => ({ name: 'Same Name' }));
    hasStatus(await own.post('/customers/bulk', { items }), 200);
    const { items: shown, total, more } = await own.ok(own.get('/customers/duplicates?name=same%20name'));
    assert.deepEqual([shown.length, more], [20, true]);
    assert.ok(total >= 100);
  });

  test('are only those one may see', async () => {
    const { admin: other } = await newOrganization(server);
    await other.create('/customers', { name: 'Hidden Twin', email: 'twin@example.com' });
    const mine = await admin.create('/customers', { name: 'Hidden Twin', email: 'twin@example.com' });
    assert.deepEqual(await found(`/customers/${mine.id}/duplicates`), []);
    const role = await admin.create('/roles', { name: unique('own'), permissions: [{ resource: 'customers', action: '*', scope: 'own' }] });
    const seller = await organization.addUser(role.id);
    assert.deepEqual(await found('/customers/duplicates?email=twin@example.com', seller), []);
    isProblem(await seller.get(`/customers/${mine.id}/duplicates`), 404);
    const own = await seller.create('/customers', { name: 'Hidden Twin' });
    assert.deepEqual(await found('/customers/duplicates?name=hidden%20twin', seller), [[own.id, ['name'], 90]]);
  });
});

describe('merging', () => {
  test('moves every reference, fills what is empty, and ends the other', async () => {
    const { admin: own } = await newOrganization(server);
    const get = (path) => own.ok(own.get(path));
    const into = await own.create('/customers', { name: 'Kept', phone: '1234567', city: 'Surat' });
    const from = await own.create('/customers', { name: 'Ended', phone: '7654321', email: 'ended@example.com', address: '1 Street', city: 'Pune', tags: ['vip'] });
    const orders = [];
    for (const status of ['draft', 'confirmed', 'cancelled']) orders.push((await own.create('/sales-orders', salesOrder({ customer_name: undefined, customer_id: from.id, status }))).id);
    const work = await own.create('/work-orders', workOrder({ customer_id: from.id }));
    const kept = await own.create('/contacts', { name: 'A', customer_id: into.id, primary: true });
    const moved = await own.create('/contacts', { name: 'B', customer_id: from.id, primary: true });
    assert.equal(await own.total(`/sales-orders?customer_id=${from.id}`), 3); // counted live from here on
    assert.equal(await own.total(`/sales-orders?customer_id=${into.id}`), 0);
    const dry = await own.ok(own.post(`/customers/${into.id}/merge?dry_run=true`, { from: from.id }));
    assert.equal(dry.email, 'ended@example.com');
    assert.equal((await get(`/customers/${into.id}`)).email, null);
    const merged = await own.ok(own.post(`/customers/${into.id}/merge`, { from: from.id }, { 'If-Match': '"v1"' }));
    assert.deepEqual([merged.name, merged.phone, merged.email, merged.tags], ['Kept', '1234567', 'ended@example.com', ['vip']]);
    assert.deepEqual([merged.city, merged.address], ['Surat', null], 'an address is taken as a whole or not at all');
    isProblem(await own.get(`/customers/${from.id}`), 404);
    assert.deepEqual(await ids(`/sales-orders?customer_id=${into.id}`, own), orders);
    assert.equal(await own.total(`/sales-orders?customer_id=${from.id}`), 0);
    assert.equal(await own.total('/customers'), 1);
    const order = await get(`/sales-orders/${orders[0]}`);
    assert.deepEqual([order.customer_id, order.customer_name, order.version], [into.id, 'Ended', 2]);
    assert.equal((await get(`/work-orders/${work.id}`)).customer_id, into.id);
    assert.deepEqual(await ids(`/contacts?customer_id=${into.id}&is_primary=true`, own), [kept.id]);
    assert.equal((await get(`/contacts/${moved.id}`)).customer_id, into.id);
    const journal = async (resource, id) => (await get(`/audit-logs?resource=${resource}&record_id=${id}&ordering=sequence`)).items;
    assert.deepEqual((await journal('customers', into.id)).map((e) => e.action), ['create', 'merge']);
    assert.deepEqual((await journal('customers', from.id)).map((e) => e.action), ['create', 'delete']);
    const last = (await journal('sales-orders', orders[0])).at(-1);
    assert.deepEqual([last.action, last.changes.customer_id], ['update', [from.id, into.id]]);
  });

  test('takes more records than a chunk, with their live counts', async () => {
    const { admin: own } = await newOrganization(server);
    const [into, from] = [await own.create('/vendors', { name: 'A' }), await own.create('/vendors', { name: 'B' })];
    const items = Array.from({ length: 450 }, () => purchaseOrder({ supplier_name: undefined, supplier_id: from.id, line_items: [] }));
    hasStatus(await own.post('/purchase-orders/bulk', { items }), 200);
    const product = await own.create('/products', { sku: unique('S'), name: 'x', preferred_vendor_id: from.id });
    assert.equal(await own.total(`/purchase-orders?supplier_id=${from.id}`), 450);
    await own.ok(own.post(`/suppliers/${into.id}/merge`, { from: from.id }));
    assert.equal(await own.total(`/purchase-orders?supplier_id=${from.id}`), 0);
    assert.equal(await own.total(`/purchase-orders?supplier_id=${into.id}`), 450);
    assert.equal((await own.ok(own.get(`/products/${product.id}`))).preferred_vendor_id, into.id);
  });

  test('with itself, with nothing, with another organization\'s and at another version is refused', async () => {
    const [into, from] = [await admin.create('/customers', { name: 'A' }), await admin.create('/customers', { name: 'B' })];
    const { admin: other } = await newOrganization(server);
    const theirs = await other.create('/customers', { name: 'Theirs' });
    const merge = (body, headers) => admin.post(`/customers/${into.id}/merge`, body, headers);
    await refused(async () => isInvalid(await merge({ from: into.id }), { from: 'same' }));
    await refused(async () => isInvalid(await merge({}), { from: 'required' }));
    await refused(async () => isInvalid(await merge({ from: 424242 }), { from: 'unknown_reference' }));
    await refused(async () => isInvalid(await merge({ from: theirs.id }), { from: 'unknown_reference' }));
    await refused(async () => isProblem(await merge({ from: from.id }, { 'If-Match': '"v9"' }), 412));
    await refused(async () => isProblem(await admin.post(`/customers/424242/merge`, { from: from.id }), 404));
    assert.equal((await other.ok(other.get(`/customers/${theirs.id}`))).version, 1);
  });

  test('needs the right to change and to delete, for both', async () => {
    const role = async (...permissions) => organization.addUser((await admin.create('/roles', { name: unique('role'), permissions })).id);
    const [into, from] = [await admin.create('/customers', { name: 'A' }), await admin.create('/customers', { name: 'B' })];
    const all = (action, scope = 'all') => ({ resource: 'customers', action, scope });
    for (const person of [await organization.addUser('salesperson'), await organization.addUser('staff'), await role(all('read'), all('delete')), await role(all('read'), all('update')),
      await role(all('read'), all('update'), all('delete', 'own'))])
      await refused(async () => isProblem(await person.post(`/customers/${into.id}/merge`, { from: from.id }), 403));
    const owner = await role(all('*', 'own'));
    const mine = await owner.create('/customers', { name: 'Mine' });
    await refused(async () => isInvalid(await owner.post(`/customers/${mine.id}/merge`, { from: from.id }), { from: 'unknown_reference' }));
    const cleaner = await role(all('read'), all('update'), all('delete'));
    hasStatus(await cleaner.post(`/customers/${into.id}/merge`, { from: from.id }), 200);
  });
});

describe('a role for one\'s own customers', () => {
  test('sees, counts, takes out and changes those alone', async () => {
    const { admin: own, addUser } = await newOrganization(server);
    const role = await own.create('/roles', { name: 'hunter', permissions: [{ resource: 'customers', action: '*', scope: 'own' }, { resource: 'contacts', action: 'read' }] });
    const hunter = await addUser(role.id);
    const foreign = await own.create('/customers', { name: 'Foreign', tags: ['x'] });
    const given = await own.create('/customers', { name: 'Given', assigned_to: hunter.login.user.id, tags: ['x'] });
    const made = await hunter.create('/customers', { name: 'Made' });
    assert.deepEqual(await ids('/customers', hunter), [given.id, made.id]);
    assert.deepEqual(await ids('/customers?tag=x', hunter), [given.id]);
    assert.deepEqual(await ids('/customers?search=foreign', hunter), []);
    assert.equal(await hunter.total('/customers'), 2);
    const { total, active, by_type } = await hunter.ok(hunter.get('/customers/stats'));
    assert.deepEqual([total, active, by_type.business], [2, 2, 2]);
    const csv = (await hunter.get('/customers/export')).text;
    assert.ok(csv.includes('Given') && csv.includes('Made') && !csv.includes('Foreign'));
    for (const attempt of [() => hunter.get(`/customers/${foreign.id}`), () => hunter.patch(`/customers/${foreign.id}`, { city: 'x' }), () => hunter.del(`/customers/${foreign.id}`),
      () => hunter.post(`/customers/${foreign.id}/deactivate`), () => hunter.get(`/customers/${foreign.id}/contacts`), () => hunter.get(`/customers/${foreign.id}/duplicates`)])
      await changesNothing(own, ['/customers'], async () => isProblem(await attempt(), 404, 'not_found'));
    const { body: bulk } = await hunter.post('/customers/bulk', { atomic: false, items: [{ id: foreign.id, city: 'x' }, { id: given.id, city: 'y' }] });
    assert.deepEqual([bulk.failed, bulk.updated], [1, 1], JSON.stringify(bulk));
    assert.equal((await own.ok(own.get(`/customers/${foreign.id}`))).version, 1);
    hasStatus(await hunter.post(`/customers/${given.id}/deactivate`), 200);
    await own.ok(own.patch(`/customers/${given.id}`, { assigned_to: null }));
    assert.deepEqual(await ids('/customers', hunter), [made.id], 'what is given to somebody else is gone');
    assert.equal((await hunter.ok(hunter.get('/customers/stats'))).total, 1);
  });
});
