// The permission matrix: every operation of /openapi.json × every built-in
// role and one of an organization's own, sent for real. What is expected is
// written down here, from DESIGN.md, and not taken from the program.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PASSWORD, newOrganization, unique } from '../lib/client.mjs';
import { readRoutes } from '../lib/routes.mjs';
import { product, purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { startServer } from '../lib/server.mjs';

const ADMINISTRATION = ['organizations', 'roles', 'users', 'invitations', 'access-tokens', 'api-keys', 'audit-logs', 'number-series', 'system-settings', 'notifications', 'jobs'];
const VERBS = ['read', 'create', 'update', 'delete', 'export', 'import'];
const isBusiness = (resource) => !ADMINISTRATION.includes(resource);
const isTransition = (action) => !VERBS.includes(action);
/** What has no records cannot be anybody's own. */
const RECORDLESS = ['dashboard', 'reorder-proposals', 'reports'];
/** Who may read may export, who may create may import. */
const grown = (actions) => [...actions, ...(actions.includes('read') ? ['export'] : []), ...(actions.includes('create') ? ['import'] : [])];
const has = (action, ...actions) => grown(actions).includes(action);

const OWN_ROLE = [
  { resource: 'work-orders', action: 'read' }, { resource: 'work-orders', action: 'create' }, { resource: 'work-orders', action: 'update', scope: 'own' },
  { resource: 'work-orders', action: 'start', scope: 'own' }, { resource: 'products', action: '*' }, { resource: 'sales-orders', action: 'export' },
  { resource: 'vendors', action: 'delete' }, { resource: 'users', action: 'read' }, { resource: 'audit-logs', action: 'read' },
];

/** What everybody in the business needs to know, and may tick off. */
const isKnownToAll = (resource, action) => (resource === 'system-settings' && has(action, 'read')) || (resource === 'notifications' && has(action, 'read', 'mark'));

function worker(resource, action) {
  if (resource === 'jobs') return ownJob(action, 'cancel');
  if (isKnownToAll(resource, action)) return 'all';
  if (!isBusiness(resource) || action === 'delete') return 'none';
  if (RECORDLESS.includes(resource)) return has(action, 'read') ? 'all' : 'none';
  return has(action, 'read', 'create') ? 'all' : 'own';
}

/** One's own imports, for who may import or look. */
const ownJob = (action, ...more) => (has(action, 'read', ...more) && action !== 'import' ? 'own' : 'none');

/** What a role may do: on all records, on its own, on none. */
const ROLES = {
  admin: () => 'all',
  manager: (resource, action) => (isBusiness(resource) || resource === 'notifications' || resource === 'jobs' || isKnownToAll(resource, action) || (['users', 'audit-logs'].includes(resource) && has(action, 'read')) ? 'all' : 'none'),
  operator: worker,
  staff: worker,
  salesperson: (resource, action) => {
    if (resource === 'jobs') return ownJob(action, 'cancel');
    if (isKnownToAll(resource, action)) return resource === 'notifications' ? 'own' : 'all';
    if (['products', 'stock-levels'].includes(resource) && has(action, 'read')) return 'all';
    if (['customers', 'contacts'].includes(resource) && has(action, 'read', 'create', 'update')) return 'all';
    if (['pipelines', 'pipeline-stages'].includes(resource)) return has(action, 'read') ? 'all' : 'none';
    if (['leads', 'deals', 'activities'].includes(resource) && action !== 'delete') return has(action, 'create') ? 'all' : 'own';
    if (resource === 'deal-stage-entries') return has(action, 'read') ? 'own' : 'none';
    if (resource === 'issues' && action !== 'delete') return has(action, 'read', 'create') || action === 'export' ? 'all' : 'own';
    if (resource === 'issue-comments') return has(action, 'read') ? 'all' : 'none';
    if (!['sales-orders', 'sales', 'till-sessions'].includes(resource) || action === 'delete') return 'none';
    return has(action, 'create') ? 'all' : 'own';
  },
  inventory_manager: (resource, action) => {
    if (resource === 'jobs') return ownJob(action, 'cancel');
    if (resource === 'sales-orders' && ['reserve', 'ship', 'return'].includes(action)) return 'all';
    if (['products', 'purchase-orders', 'vendors', 'units-of-measure', 'warehouses', 'locations', 'lots', 'stock-moves', 'reorder-proposals', 'reports'].includes(resource)) return 'all';
    if (resource === 'sales-orders' && has(action, 'reserve', 'ship', 'return')) return 'all';
    return (isBusiness(resource) && has(action, 'read')) || isKnownToAll(resource, action) ? 'all' : 'none';
  },
  viewer: (resource, action) => (resource === 'jobs' ? ownJob(action) : (isBusiness(resource) && has(action, 'read')) || isKnownToAll(resource, action) ? 'all' : 'none'),
  own: (resource, action) => {
    const given = OWN_ROLE.filter((p) => p.resource === resource && (p.action === '*' || p.action === action));
    if (!given.length) return 'none';
    return given.some((p) => p.scope !== 'own') ? 'all' : 'own';
  },
};

const person = () => {
  const username = unique('matrix');
  return { username, email: `${username}@example.com` };
};

/** A body that creates one, per collection of the paths. */
const CREATE = {
  customers: () => ({ name: unique('Customer ') }),
  vendors: () => ({ name: unique('Vendor ') }),
  contacts: () => ({ name: unique('Contact '), customer_id: anyCustomer }),
  employees: () => ({ name: unique('Employee ') }),
  suppliers: () => ({ name: unique('Vendor ') }),
  products: () => product({ sku: unique('SKU') }),
  items: () => ({ item_id: unique('SKU'), item_name: 'Thread' }),
  'purchase-orders': purchaseOrder,
  'sales-orders': salesOrder,
  'work-orders': workOrder,
  workorders: workOrder,
  'units-of-measure': () => ({ code: unique('u'), name: 'Unit', dimension: 'count' }),
  warehouses: () => ({ name: unique('Warehouse '), code: unique('W') }),
  locations: () => ({ name: 'Shelf', code: unique('L') }),
  lots: () => ({ product_id: lotted.id, name: unique('LOT') }),
  'stock-moves': () => ({ kind: 'receipt', product_id: stocked.id, quantity: 1 }),
  leads: () => ({ name: unique('Lead ') }),
  pipelines: () => ({ name: unique('Pipeline ') }),
  'pipeline-stages': () => ({ name: unique('Stage '), pipeline_id: (ways.push(ways.shift()), ways[0]) }), // none gets too many
  deals: () => ({ title: unique('Deal '), customer_id: customer.id, stage_id: stage.id, value: 5 }),
  activities: () => ({ activity_type: 'call', title: unique('Call ') }),
  sales: () => ({ product_id: stocked.id }),
  'till-sessions': () => ({ register: unique('Counter ') }),
  issues: () => ({ title: unique('Issue ') }),
  payments: () => ({ amount: 5 }),
  orders: () => ({ title: unique('Order ') }),
  roles: () => ({ name: unique('role'), permissions: [] }),
  users: () => ({ ...person(), password: PASSWORD, role_id: 'viewer' }),
  invitations: () => ({ email: person().email, role_id: 'viewer' }),
  'access-tokens': () => ({ email: person().email, role_id: 'viewer' }),
  'generate-token': () => ({ max_amount: 100 }),
  'api-keys': () => ({ name: unique('key') }),
  notifications: () => ({ message: unique('message ') }),
};
const REPLACE = {
  ...CREATE,
  organizations: () => ({ name: 'Matrix' }),
  lots: () => ({ name: unique('LOT') }),
  'pipeline-stages': () => ({ name: unique('Stage ') }),
  sales: () => ({ notes: unique('note ') }),
  'till-sessions': () => ({ notes: unique('note ') }),
  users: () => ({ ...person(), role_id: 'viewer' }),
  invitations: () => ({}),
  'access-tokens': () => ({}),
  'generate-token': () => ({}),
  'number-series': () => ({ pattern: 'PO-{seq:6}', next: 100_000 }),
  'issue-comments': () => ({ content: unique('text ') }),
  'system-settings': () => ({ tax_rate: 18, valuation_method: 'fifo' }),
};
const CHANGE = {
  users: () => ({ full_name: unique('Name ') }), roles: () => ({ description: unique('text ') }), organizations: () => ({ phone: unique('1') }), invitations: () => ({}),
  'access-tokens': () => ({}), 'generate-token': () => ({}), 'api-keys': () => ({ name: unique('key') }), 'number-series': () => ({ next: 100_000 }), 'system-settings': () => ({ tax_rate: 5 }), notifications: () => ({ message: unique('m') }), items: () => ({ category: unique('c') }), products: () => ({ category: unique('c') }),
  pipelines: () => ({ name: unique('Pipeline ') }), 'pipeline-stages': () => ({ name: unique('Stage ') }), activities: () => ({ title: unique('Call ') }),
  'units-of-measure': () => ({ name: unique('Unit ') }), issues: () => ({ title: unique('Issue ') }), 'issue-comments': () => ({ content: unique('text ') }),
  warehouses: () => ({ address: unique('a') }), locations: () => ({ name: unique('Shelf ') }),
};
/** A list of another resource's records needs the right to read those, too. */
const LISTS = { contacts: 'contacts', reports: 'employees', ledger: 'stock-ledger', postings: 'stock-ledger', 'stock-levels': 'stock-levels', sales: 'sales', payments: 'payments',
  'pipelines/stages': 'pipeline-stages', 'deals/stages': 'deal-stage-entries', deals: 'deals', activities: 'activities', comments: 'issue-comments',
};
/** Records that are made by others. */
const MADE = ['audit-logs', 'number-series', 'stock-levels', 'stock-ledger', 'stock-reservations', 'deal-stage-entries'];
/** A state from which an action is possible. */
const BEFORE = {
  submit: 'draft', approve: 'pending', receive: 'approved', cancel: 'draft', reopen: 'cancelled', confirm: 'pending', ship: 'confirmed',
  reserve: 'confirmed', deliver: 'shipped', release: 'pending', start: 'ready', pause: 'in_progress', resume: 'paused', complete: 'in_progress',
};
/** What else must have happened. */
const part = (list) => async (id) => {
  const [{ id: line_id }] = (await admin.ok(admin.get(`/${list.path}/${id}`)))[list.lines];
  await admin.ok(admin.post(`/${list.path}/${id}/${list.action}`, { lines: [{ line_id, quantity: 1 }] }));
};
const PREPARE = {
  'purchase-orders:close': ['approved', part({ path: 'purchase-orders', lines: 'line_items', action: 'receive' })],
  'purchase-orders:return': ['received'],
  'sales-orders:close': ['confirmed', part({ path: 'sales-orders', lines: 'line_items', action: 'ship' })],
  'sales-orders:return': ['shipped'],
  'sales-orders:reserve': ['confirmed'],
  'till-sessions:close': [],
  'leads:reopen': ['lost'],
  'deals:reopen': ['won'],
  'activities:start': [],
  'issues:start': ['open'], 'issues:assign': ['open'], 'issues:reopen': ['resolved'],
  'payments:start': ['pending'], 'payments:cancel': ['pending'], 'payments:refund': ['completed'],
  'orders:start': ['pending'],
};
const BODY = {
  'till-sessions:close': () => ({ counted_amount: 0 }),
  'leads:convert': () => ({ stage_id: stage.id }),
  'leads:update_score': () => ({ score: 5 }),
  'leads:assign': () => ({ assigned_to: admin.login.user.id }),
  'deals:move_stage': () => ({ stage_id: stage.id }),
  'deals:mark_lost': () => ({ lost_reason: 'x' }),
  'pipelines:reorder': () => ({ stages: [] }),
  'pipeline-stages:reorder': () => ({ order: 2 }),
  'issues:assign': () => ({ assigned_to: admin.login.user.id }),
  'issues:comment': () => ({ content: 'text' }),
};
const BEFORE_OF = { 'employees:return': 'on_leave', 'employees:rehire': 'terminated' };
/** Actions with a body of their own, or with none; `spare` is a record to give up. */
const BODIES = {
  activate: () => ({}), deactivate: () => ({}), merge: (spare) => ({ body: { from: spare } }),
  invite: () => ({ body: { role_id: 'viewer', email: person().email } }),
};
/** Resources whose records can be assigned to somebody, and by which field. */
const ASSIGNED = { issues: 'assigned_to', orders: 'assigned_to', customers: 'assigned_to', vendors: 'assigned_to', leads: 'assigned_to', deals: 'assigned_to', activities: 'assigned_to', 'sales-orders': 'assigned_to', 'work-orders': 'assigned_to', notifications: 'user_id' };

let anyCustomer;
let server;
let organization;
let admin;
let routes;
let customer;
const ways = []; // pipelines
let stage; // of the default pipeline, to be moved to
let stocked;
let lotted;
const noneOf = new Set(); // resources that have no record to try a route on
const people = {};

before(async () => {
  server = await startServer();
  organization = await newOrganization(server);
  ({ admin } = organization);
  ({ routes } = await readRoutes(admin));
  await admin.ok(admin.patch('/system-settings', { valuation_method: 'fifo' })); // so that a level has layers
  const own = await admin.create('/roles', { name: 'own', permissions: OWN_ROLE });
  for (const name of Object.keys(ROLES)) people[name] = await organization.addUser(name === 'own' ? own.id : name, unique(`${name}_`));
  anyCustomer = (await admin.create('/customers', { name: 'Any' })).id;
  await admin.create('/purchase-orders', purchaseOrder());
  await admin.create('/sales-orders', salesOrder());
  customer = await admin.create('/customers', { name: 'Acme' });
  [stage] = (await admin.ok(admin.get('/pipeline-stages'))).items;
  for (let i = 0; i < 20; i++) ways.push((await admin.create('/pipelines', CREATE.pipelines())).id);
  await admin.create('/deals', CREATE.deals());
  stocked = await admin.create('/products', product({ quantity: 1000 }));
  await admin.create('/sales', { product_id: stocked.id });
  lotted = await admin.create('/products', product({ tracking: 'lot' }));
  for (const resource of MADE) if (!(await admin.total(`/${resource}`))) noneOf.add(resource);
});
after(() => server.stop());

const csv = (record) => `${Object.keys(record).join()}\r\n${Object.values(record).map((v) => `"${v}"`).join()}\r\n`;
const flat = (record) => Object.fromEntries(Object.entries(record).filter(([, v]) => typeof v !== 'object'));

function bodyOf(route, spare) {
  const own = route.onRecord && BODIES[route.template.split('/')[3]];
  if (own) return own(spare);
  const { collection, action, method } = route;
  if (method === 'GET' || method === 'DELETE' || isTransition(action)) return { body: BODY[route.permission]?.() };
  if (action === 'import') return { body: csv(flat(CREATE[collection]())), headers: { 'Content-Type': 'text/csv' } };
  if (route.template.endsWith('/bulk')) return { body: { items: [CREATE[collection]()] } };
  if (method === 'POST') return { body: CREATE[collection]() };
  if (method === 'PUT') return { body: REPLACE[collection]() };
  return { body: (CHANGE[collection] ?? (() => ({ notes: unique('note ') })))() };
}

/** The record that a route is tried on, made by somebody and in a fitting state. */
async function target(route, maker, over = {}) {
  const { resource, action } = route;
  if (resource === 'organizations') return organization.id;
  if (resource === 'jobs') return (await maker.create('/customers/import-jobs', 'name\r\nA\r\n', { 'Content-Type': 'text/csv' })).id;
  if (MADE.includes(resource)) return (await admin.ok(admin.get(`/${resource}?page_size=1${resource === 'stock-levels' ? '&usage=internal' : ''}`))).items[0].id;
  if (resource === 'issue-comments') return (await maker.create(`/issues/${(await maker.create('/issues', CREATE.issues())).id}/comment`, { content: 'text' })).id;
  const { id } = await maker.create(`/${resource}`, { ...CREATE[resource](), ...over });
  if (route.template.endsWith('/issues/{id}/resume')) await admin.ok(admin.post(`/issues/${id}/hold`));
  const [state, further] = PREPARE[route.permission] ?? [BEFORE_OF[route.permission] ?? BEFORE[action]];
  if (state && state !== 'draft') await admin.ok(admin.patch(`/${resource}/${id}`, { status: state }));
  if (further) await further(id);
  return id;
}

async function attempt(route, client, id, spare) {
  return client.request(route.method, route.path(id), bodyOf(route, spare));
}
const spareFor = async (route) => (route.template.endsWith('/merge') ? (await admin.create(`/${route.resource}`, CREATE[route.resource]())).id : undefined);
const isGood = (answer) => answer.status >= 200 && answer.status < 300;

/** What is wrong with an answer to somebody who may not; null when it is right. */
async function deviation(route, client, id, expected) {
  const spare = await spareFor(route);
  const before = await admin.sequence();
  const answer = await attempt(route, client, id, spare);
  const moved = (await admin.sequence()) !== before;
  if (answer.status === expected && !moved) return null;
  return `${answer.status} instead of ${expected}${moved ? ', and the journal moved' : ''}: ${answer.text.slice(0, 200)}`;
}

async function goodDeviation(route, client, id) {
  const answer = await attempt(route, client, id, await spareFor(route));
  return isGood(answer) ? null : `${answer.status} instead of success: ${answer.text.slice(0, 300)}`;
}

/** Somebody else's record, one's own, and one that is assigned to one. */
async function scopedDeviations(route, client, { mayReadAll, mayCreate }) {
  const refused = mayReadAll ? 403 : 404;
  const found = [await deviation(route, client, await target(route, admin), refused)];
  if (mayCreate) found.push(await goodDeviation(route, client, await target(route, client)));
  const owner = ASSIGNED[route.resource];
  if (owner) found.push(await goodDeviation(route, client, await target(route, admin, { [owner]: client.login.user.id })));
  return found;
}

async function listDeviation(route, client) {
  const answer = await attempt(route, client);
  const me = client.login.user.id;
  const foreign = (answer.body.items ?? []).filter((r) => r.created_by !== me && r.assigned_to !== me && r.user_id !== me);
  return isGood(answer) && !foreign.length ? null : `${answer.status}, ${foreign.length} records of others`;
}

async function cell(route, role) {
  const [, , , last] = route.template.split('/');
  const listed = route.method === 'GET' && (LISTS[`${route.resource}/${last}`] ?? LISTS[last]);
  const may = listed && ROLES[role](listed, 'read') === 'none' ? 'none' : ROLES[role](route.resource, route.action);
  const client = people[role];
  // Inviting an employee is inviting: it needs the right to that, too.
  if (route.template.endsWith('/invite') && ROLES[role]('invitations', 'create') !== 'all') return [await deviation(route, client, await target(route, admin), 403)];
  // Merging changes one record and deletes another.
  if (route.template.endsWith('/merge') && may !== 'none' && ROLES[role](route.resource, 'update') === 'none') return [await deviation(route, client, await target(route, admin), 404)];
  if (may === 'own' && !route.onRecord) return [await listDeviation(route, client)];
  const of = (action) => ROLES[role](route.resource, action);
  if (may === 'own') return scopedDeviations(route, client, { mayReadAll: of('read') === 'all', mayCreate: of('create') !== 'none' });
  const id = route.onRecord ? await target(route, admin) : undefined;
  return [may === 'all' ? await goodDeviation(route, client, id) : await deviation(route, client, id, 403)];
}

describe('the permission matrix', () => {
  test('covers every operation that needs a permission', () => {
    // A scan, a search, the shop's figures and the metadata hold what the caller's lists would (scan, search, sales and meta.test.mjs).
    const needs = routes.filter((r) => !r.isPublic && !/^\/(auth|scan|search|dashboard-stats|me|meta)\b/.test(r.template));
    assert.deepEqual(needs.filter((r) => !r.permission).map((r) => r.name), []);
    assert.ok(needs.length > 150);
  });

  for (const role of Object.keys(ROLES))
    test(`${role === 'own' ? 'a role of one’s own' : role} does what it may, and nothing else`, async (t) => {
      const deviations = [];
      let probes = 0;
      for (const route of routes.filter((r) => r.permission && !(r.onRecord && noneOf.has(r.resource)))) {
        const results = await cell(route, role);
        probes += results.length;
        for (const wrong of results) if (wrong) deviations.push(`${route.name} (${route.permission}): ${wrong}`);
      }
      t.diagnostic(`${probes} cells`);
      assert.deepEqual(deviations, []);
    });
});
