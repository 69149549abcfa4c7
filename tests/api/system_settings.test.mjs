// The settings of an organization: one record, which nobody creates, and whose
// currency and time zone are the organization's.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { changesNothing, hasStatus, isInvalid, isProblem } from '../lib/check.mjs';
import { login, newOrganization } from '../lib/client.mjs';
import { root, startServer } from '../lib/server.mjs';

const PATH = '/system-settings';
const FALLBACKS = {
  currency: '$', currency_code: 'USD', time_zone: 'UTC', tax_rate: 0, max_discount_percent: 100, discount_rules: {}, features: {}, working_hours: {},
  notifications: {}, over_receipt_tolerance: 0, valuation_method: 'moving_average', negative_stock: false, period_close_date: null, expiry_warning_days: 30,
  issue_urgent_response_hours: 1, issue_urgent_resolution_hours: 4, issue_high_response_hours: 4, issue_high_resolution_hours: 8,
  issue_medium_response_hours: 8, issue_medium_resolution_hours: 24, issue_low_response_hours: 16, issue_low_resolution_hours: 40,
};

let server;
let organization;
let admin;

before(async () => { server = await startServer(); });
after(() => server.proveAndStop());
beforeEach(async () => {
  organization = await newOrganization(server);
  ({ admin } = organization);
});

const read = (client = admin) => client.ok(client.get(PATH));
/** The settings alone, without what every record has. */
const settings = async (client) => {
  const { id: _, version: __, created_by: ___, created_by_name: ____, created_at: _____, updated_at: ______, ...rest } = await read(client);
  return rest;
};
async function refused(attempt, client = admin) {
  const before_ = await admin.get(PATH);
  const answer = await changesNothing(admin, [], () => attempt(client));
  assert.equal((await admin.get(PATH)).text, before_.text, 'a refused request changed the settings');
  return answer;
}

describe('before anybody changed them', () => {
  test('they are their fallbacks, at version 0', async () => {
    const answer = await admin.get(PATH);
    hasStatus(answer, 200);
    assert.equal(answer.headers.etag, '"v0"');
    assert.deepEqual(await settings(), FALLBACKS);
    assert.deepEqual([answer.body.id, answer.body.version, answer.body.created_at], [null, 0, null]);
    assert.equal((await admin.get(PATH, { 'If-None-Match': '"v0"' })).status, 304);
  });

  test('fields= leaves the rest out', async () => {
    assert.deepEqual(await admin.ok(admin.get(`${PATH}?fields=tax_rate,currency`)), { currency: '$', tax_rate: 0 });
  });

  test('reading makes no record', async () => {
    const before_ = await admin.sequence();
    await read();
    assert.equal(await admin.sequence(), before_);
    assert.equal((await read()).version, 0);
  });

  test('a first change makes the record of the fallbacks and what is given', async () => {
    const made = await admin.ok(admin.patch(PATH, { tax_rate: '12.5' }));
    assert.equal(made.version, 1);
    assert.ok(made.id > 0);
    assert.deepEqual(await settings(), { ...FALLBACKS, tax_rate: 12.5 });
    assert.deepEqual(await admin.ok(admin.get(`${PATH}?fields=tax_rate`)), { tax_rate: 12.5 });
    const { items: [entry] } = await admin.ok(admin.get('/audit-logs?resource=system-settings'));
    assert.deepEqual([entry.action, entry.record_id, entry.changes.tax_rate], ['create', made.id, 12.5]);
  });

  test('If-Match "v0" lets only the first of two in', async () => {
    isProblem(await refused(() => admin.patch(PATH, { tax_rate: 5 }, { 'If-Match': '"v1"' })), 412, 'version_mismatch');
    isProblem(await refused(() => admin.patch(PATH, { tax_rate: 5 }, { 'If-Match': '"nonsense"' })), 412, 'version_mismatch');
    const stale = await admin.patch(PATH, { tax_rate: 5 }, { 'If-Match': '"v7"' });
    assert.equal(stale.headers.etag, '"v0"');
    hasStatus(await admin.patch(PATH, { tax_rate: 5 }, { 'If-Match': '"v0"' }), 200);
    isProblem(await refused(() => admin.patch(PATH, { tax_rate: 6 }, { 'If-Match': '"v0"' })), 412, 'version_mismatch');
  });

  test('many first changes at once make one record', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => admin.patch(PATH, { tax_rate: i })));
    assert.deepEqual(new Set(answers.map((a) => hasStatus(a, 200).id)).size, 1);
    assert.deepEqual(answers.map((a) => a.body.version).sort((a, b) => a - b).at(-1), (await read()).version);
  });
});

describe('changing them', () => {
  test('PATCH changes what is given, PUT takes the rest back to its fallbacks', async () => {
    await admin.ok(admin.patch(PATH, { tax_rate: 18, expiry_warning_days: 7, features: { pos: true } }));
    await admin.ok(admin.patch(PATH, { negative_stock: true, valuation_method: 'FIFO' }));
    assert.deepEqual(await settings(), { ...FALLBACKS, tax_rate: 18, expiry_warning_days: 7, features: { pos: true }, negative_stock: true, valuation_method: 'fifo' });
    const put = await admin.ok(admin.put(PATH, { tax_rate: 20 }));
    assert.equal(put.version, 3);
    assert.deepEqual(await settings(), { ...FALLBACKS, tax_rate: 20 });
  });

  test('what changes nothing is not written', async () => {
    await admin.ok(admin.patch(PATH, { tax_rate: 18 }));
    await refused(() => admin.patch(PATH, { tax_rate: '18.0000' }));
    assert.equal((await read()).version, 1);
  });

  test('dry_run shows the result and keeps nothing', async () => {
    const would = await refused(() => admin.patch(`${PATH}?dry_run=true`, { tax_rate: 18, currency_code: 'eur' }));
    assert.deepEqual([would.body.tax_rate, would.body.currency_code, would.body.currency], [18, 'EUR', '€']);
    assert.equal((await admin.ok(admin.get(`/organizations/${organization.id}`))).currency, 'USD');
  });

  test('every wrong value is told at once', async () => {
    const answer = await refused(() => admin.patch(PATH, {
      currency: '', currency_code: 'EU', time_zone: 'Mars/Base', tax_rate: 100.5, max_discount_percent: -1, discount_rules: [], features: 'all', working_hours: 8,
      notifications: null, over_receipt_tolerance: '1e3', valuation_method: 'lifo', negative_stock: 'perhaps', period_close_date: '2026-02-30', expiry_warning_days: 366, version: 2, colour: 1,
    }));
    const errors = isInvalid(answer, {
      currency: 'required', currency_code: 'format', time_zone: 'zone', tax_rate: 'max', max_discount_percent: 'min', discount_rules: 'type', features: 'type', working_hours: 'type',
      notifications: 'required', over_receipt_tolerance: 'type', valuation_method: 'choice', negative_stock: 'type', period_close_date: 'type', expiry_warning_days: 'max', version: 'read_only', colour: 'unknown_field',
    });
    assert.match(errors.find((e) => e.field === 'discount_rules').message, /object/);
  });

  test('objects are limited in size and depth', async () => {
    isInvalid(await refused(() => admin.patch(PATH, { features: { x: 'y'.repeat(20_000) } })), { features: 'too_large' });
    let deep = {};
    for (let i = 0; i < 20; i++) deep = { deep };
    isInvalid(await refused(() => admin.patch(PATH, { discount_rules: deep })), { discount_rules: 'too_deep' });
  });

  test('working hours are weekdays with times', async () => {
    const hours = { monday: { from: '09:00', to: '17:00' }, saturday: { from: '22:00', to: '06:00' }, sunday: null };
    assert.deepEqual((await admin.ok(admin.patch(PATH, { working_hours: hours }))).working_hours, hours);
    const wrong = {
      Monday: { from: '09:00', to: '17:00' }, tuesday: { from: '9:00', to: '24:00' }, wednesday: { from: '09:00' }, thursday: 'all day', friday: { from: '09:00', to: '09:00' },
      saturday: { from: '09:00', to: '12:00', pause: 1 },
    };
    const answer = await refused(() => admin.patch(PATH, { working_hours: wrong }));
    isInvalid(answer, {
      'working_hours.Monday': 'unknown_field', 'working_hours.tuesday.from': 'format', 'working_hours.tuesday.to': 'format', 'working_hours.wednesday.to': 'format',
      'working_hours.thursday': 'type', 'working_hours.friday': 'range', 'working_hours.saturday': 'unknown_field',
    });
  });

  test('a new currency brings its sign, unless one is given', async () => {
    assert.equal((await admin.ok(admin.patch(PATH, { currency_code: 'INR' }))).currency, '₹');
    assert.equal((await admin.ok(admin.patch(PATH, { currency_code: 'XAF' }))).currency, 'XAF');
    assert.equal((await admin.ok(admin.patch(PATH, { currency_code: 'EUR', currency: 'Euro' }))).currency, 'Euro');
    assert.equal((await admin.ok(admin.patch(PATH, { tax_rate: 1 }))).currency, 'Euro');
  });
});

describe('currency and time zone', () => {
  const company = (client = admin, id = organization.id) => client.ok(client.get(`/organizations/${id}`));

  test('changed in the settings are the organization’s', async () => {
    await admin.ok(admin.patch(PATH, { currency_code: 'GHS', time_zone: 'Africa/Accra' }));
    const { currency, time_zone, version } = await company();
    assert.deepEqual([currency, time_zone, version], ['GHS', 'Africa/Accra', 2]);
    const { items } = await admin.ok(admin.get('/audit-logs?page_size=2&ordering=-sequence'));
    assert.deepEqual(items.map((e) => e.resource).sort(), ['organizations', 'system-settings']);
    assert.equal(items[0].request_id, items[1].request_id);
    assert.ok(items.every((e) => e.user_id === admin.login.user.id));
  });

  test('changed in the organization are the settings’, also when these were never written', async () => {
    await admin.ok(admin.patch(`/organizations/${organization.id}`, { currency: 'EUR' }));
    assert.deepEqual(await settings(), { ...FALLBACKS, currency_code: 'EUR', currency: '€' });
    await admin.ok(admin.patch(`/organizations/${organization.id}`, { time_zone: 'Europe/Berlin', phone: '1' }));
    const { version, time_zone } = await read();
    assert.deepEqual([version, time_zone], [2, 'Europe/Berlin']);
    assert.equal((await company()).version, 3);
  });

  test('neither side writes when the other’s change concerns only itself', async () => {
    await admin.ok(admin.patch(`/organizations/${organization.id}`, { phone: '2' }));
    assert.equal((await read()).version, 0);
    await admin.ok(admin.patch(PATH, { tax_rate: 3 }));
    assert.equal((await company()).version, 2);
  });

  test('today is counted in the zone that the settings name', async () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await admin.ok(admin.patch(PATH, { time_zone: zone }));
      const there = () => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date());
      const day = there();
      const { order_date } = await admin.create('/sales-orders', { customer_name: 'A', line_items: [] });
      assert.ok([day, there()].includes(order_date), `${order_date} in ${zone}`);
    }
  });

  test('a stale If-Match on one side concerns that side only', async () => {
    await admin.ok(admin.patch(PATH, { tax_rate: 1 }));
    await admin.ok(admin.patch(PATH, { tax_rate: 2 }));
    hasStatus(await admin.patch(PATH, { currency_code: 'EUR' }, { 'If-Match': '"v2"' }), 200); // the organization is at version 1
    assert.equal((await company()).currency, 'EUR');
  });
});

describe('the one record', () => {
  test('has no list, id, create, delete, bulk, import, export or statistics', async () => {
    await admin.ok(admin.patch(PATH, { tax_rate: 1 }));
    const { id } = await read();
    for (const [method, path, status] of [['POST', PATH, 405], ['DELETE', PATH, 405], ['GET', `${PATH}/${id}`, 404], ['PATCH', `${PATH}/${id}`, 404], ['DELETE', `${PATH}/${id}`, 404],
      ['GET', `${PATH}/stats`, 404], ['POST', `${PATH}/bulk`, 404], ['GET', `${PATH}/export`, 404], ['POST', `${PATH}/import`, 404]]) {
      const answer = await refused(() => admin.request(method, path, { body: method === 'GET' ? undefined : { tax_rate: 9 } }));
      isProblem(answer, status);
      if (status === 405) assert.equal(answer.headers.allow, 'GET, PUT, PATCH');
    }
    isProblem(await admin.get(`${PATH}?tax_rate=1`), 400, 'unknown_field');
    isProblem(await admin.get(`${PATH}?page=1`), 400, 'unknown_field');
  });

  test('is read by everybody in the business and written by the admin', async () => {
    for (const role of ['manager', 'operator', 'staff', 'salesperson', 'inventory_manager', 'viewer']) {
      const person = await organization.addUser(role);
      assert.equal((await read(person)).currency, '$', role);
      for (const method of ['PUT', 'PATCH'])
        isProblem(await refused((client) => client.request(method, PATH, { body: { tax_rate: 1 } }), person), 403, 'forbidden');
    }
    const nobody = await admin.create('/roles', { name: 'nobody', permissions: [] });
    isProblem(await (await organization.addUser(nobody.id)).get(PATH), 403, 'forbidden');
    const own = await admin.create('/roles', { name: 'own', permissions: ['read', 'update'].map((action) => ({ resource: 'system-settings', action, scope: 'own' })) });
    const person = await organization.addUser(own.id);
    isProblem(await person.get(PATH), 403, 'forbidden'); // it is nobody's own
    isProblem(await refused((client) => client.patch(PATH, { tax_rate: 1 }), person), 403, 'forbidden');
  });

  test('is each organization’s own', async () => {
    const other = await newOrganization(server);
    await other.admin.ok(other.admin.patch(PATH, { tax_rate: 42, currency_code: 'JPY' }));
    assert.deepEqual(await settings(), FALLBACKS);
    assert.equal((await admin.ok(admin.get(`/organizations/${organization.id}`))).currency, 'USD');
    await admin.ok(admin.patch(PATH, { tax_rate: 7 }));
    assert.deepEqual([(await read()).tax_rate, (await read(other.admin)).tax_rate], [7, 42]);
  });

  test('answers 401 without a token', async () => {
    const anonymous = admin.with({ Authorization: '' });
    for (const method of ['GET', 'PUT', 'PATCH']) isProblem(await anonymous.request(method, PATH, { body: method === 'GET' ? undefined : {} }), 401);
  });
});

test('of an installation from before there were any begin with its currency and time zone', async (t) => {
  if (process.env.MILLWRIGHT_TEST_DATABASE) return t.skip('takes steps of the SQLite schema back');
  const old = await startServer();
  const [euro, dollar] = [await newOrganization(old), await newOrganization(old)];
  await euro.admin.ok(euro.admin.patch(`/organizations/${euro.id}`, { currency: 'EUR', time_zone: 'Europe/Berlin' }));
  await old.kill();
  const steps = readdirSync(path.join(root, 'migrations/sqlite')).sort();
  const back = steps.length - steps.findIndex((name) => name.endsWith('_system.sql'));
  const { code, stderr } = await old.run(['migrate', 'down'], [String(back)]);
  assert.equal(code, 0, stderr);
  await old.start();
  const [a, b] = [await login(old, euro.admin.login.user.username), await login(old, dollar.admin.login.user.username)];
  assert.deepEqual(await settings(a), { ...FALLBACKS, currency: 'EUR', currency_code: 'EUR', time_zone: 'Europe/Berlin' });
  assert.deepEqual([(await read(a)).version, (await read(b)).version], [1, 0]);
  assert.equal((await a.ok(a.patch(PATH, { tax_rate: 19 }))).version, 2);
  await old.proveAndStop();
});
