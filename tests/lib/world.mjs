// One of everything in an organization, with a word of one's choice in every
// field that takes text: what must never be seen from elsewhere.
import { PASSWORD, unique } from './client.mjs';
import { isFreeText } from './routes.mjs';

/** Every free text field of a collection's create body set to the word. */
export function wordy(routes, collection, word) {
  const route = routes.find((r) => r.name === `POST /${collection}`);
  const body = {};
  for (const [name, schema] of Object.entries(route.fields()))
    if (isFreeText(schema) && name !== 'password') body[name] = `${word} ${name}`.slice(0, schema.maxLength ?? 255);
  return body;
}

const line = (word, names) => ({ [names[0]]: `${word} code`, [names[1]]: `${word} name`, quantity: 3, unit_price: 7.5 });

/** Stock in a place and a lot of its own, a move taken back, and what they leave behind. */
async function makeStock({ admin, add }, thing, word) {
  await add('units-of-measure', { code: `${word}-u` });
  const warehouse = await add('warehouses', { code: `${word}-WH` });
  const location = await add('locations', { code: `${word}-A1`, warehouse_id: warehouse.id });
  const tracked = await add('products', { sku: `${word}-LOTTED`, barcode: `${word}-2`, tracking: 'lot' });
  const lot = await add('lots', { product_id: tracked.id });
  const move = (over) => add('stock-moves', { kind: 'receipt', unit: undefined, lot: undefined, to_location_id: location.id, ...over });
  await move({ product_id: thing.id, quantity: 20, unit_cost: 2 });
  await move({ product_id: tracked.id, lot_id: lot.id, quantity: 5, unit_cost: 3 });
  const { id } = await move({ product_id: thing.id, quantity: 1 });
  await admin.ok(admin.post(`/stock-moves/${id}/reverse`, { reason: `${word} reason` }));
}

/** A till with a sale in it, of which a piece came back, and a till that is closed. */
async function makeSales({ admin, add, records }, customer, word) {
  const product = await add('products', { sku: `${word}-SOLD`, barcode: `${word}-3`, price: 10, quantity: 5 });
  const till = await add('till-sessions');
  const sale = await add('sales', { product_id: product.id, quantity: 2, customer_id: customer.id, register: till.register });
  await admin.ok(admin.post(`/sales/${sale.id}/refund`, { reason: `${word} reason`, lines: [{ line_id: sale.lines[0].id, quantity: 1 }] }));
  const closed = await add('till-sessions', { register: `${word} second` });
  await admin.ok(admin.post(`/till-sessions/${closed.id}/close`, { counted_amount: 7 }));
  records.payments = (await admin.ok(admin.get('/payments?page_size=200'))).items;
}

/**
 * Fills an organization: {records: {resource: [record]}, word}. The records of
 * a resource are in different states.
 */
export async function makeWorld({ admin, id }, routes, word) {
  const records = {};
  const add = async (resource, over) => {
    const record = await admin.create(`/${resource}`, { ...wordy(routes, resource, word), ...over });
    (records[resource] ??= []).push(record);
    return record;
  };
  const email = () => `${word}.${unique('e')}@example.com`;
  const role = await add('roles', { name: `${word} role`, permissions: [{ resource: 'products', action: 'read' }] });
  const user = await add('users', { username: `${word}.user`, email: email(), password: PASSWORD, role_id: role.id, full_name: `${word} person` });
  await add('invitations', { email: email(), role_id: 'viewer' });
  await add('access-tokens', { email: email(), max_amount: 100 });
  await add('api-keys', { name: `${word} key` });
  const customer = await add('customers', { email: email(), assigned_to: user.id });
  const lead = await add('leads', { email: email(), assigned_to: user.id });
  await add('leads', { email: email(), status: 'converted', assigned_to: user.id });
  const pipeline = await add('pipelines', {});
  await add('pipeline-stages', { pipeline_id: pipeline.id });
  for (const over of [{ lost_reason: undefined }, { status: 'lost' }, { status: 'won', lost_reason: undefined }])
    await add('deals', { customer_id: customer.id, lead_id: lead.id, value: 250, assigned_to: user.id, ...over });
  const typed = Object.fromEntries(['phone_number', 'call_recording_url', 'email_subject', 'email_body', 'telegram_username', 'telegram_chat_id', 'meeting_location', 'meeting_url', 'resource'].map((name) => [name, undefined]));
  for (const activity_type of ['call', 'note'])
    await add('activities', { ...typed, activity_type, customer_id: customer.id, lead_id: lead.id, deal_id: records.deals[0].id, assigned_to: user.id });
  for (const resource of ['deal-stage-entries', 'deals', 'customers'])
    records[resource] = (await admin.ok(admin.get(`/${resource}?page_size=200`))).items;
  const vendor = await add('vendors', { email: email() });
  await add('customers', { customer_type: 'individual', email: email(), tags: [word, 'vip'] });
  await add('contacts', { customer_id: customer.id, email: email(), is_primary: true });
  await add('contacts', { vendor_id: vendor.id, email: email() });
  const manager = await add('employees', { employee_number: `${word}-EMP`, email: email(), user_id: user.id });
  await add('employees', { employee_number: undefined, manager_id: manager.id, status: 'terminated' });
  const thing = await add('products', { sku: `${word}-SKU` });
  await makeStock({ admin, add }, thing, word);
  for (const status of ['draft', 'approved'])
    await add('purchase-orders', { po_number: undefined, supplier_id: vendor.id, status, line_items: [line(word, ['material_code', 'material_name'])] });
  for (const status of ['draft', 'confirmed'])
    await add('sales-orders', { so_number: undefined, customer_id: customer.id, status, assigned_to: user.id, line_items: [line(word, ['product_code', 'product_name'])] });
  await makeSales({ admin, add, records }, customer, word);
  await admin.ok(admin.patch(`/products/${thing.id}`, { reorder_minimum: 1000, preferred_vendor_id: vendor.id }));
  for (const status of ['draft', 'in_progress'])
    await add('work-orders', { wo_number: status === 'draft' ? `${word}-WO` : undefined, product_id: thing.id, customer_id: customer.id, assigned_to: user.id, status });
  await admin.ok(admin.patch(`/organizations/${id}`, { name: `${word} Ltd`, phone: word, address: `${word} street`, tax_id: word, email: email() }));
  await add('users', { username: `${word}.client`, email: email(), password: PASSWORD, role_id: 'customer', customer_id: customer.id });
  await add('orders', { customer_id: customer.id, assigned_to: user.id, items: [line(word, ['sku', 'product_name'])] });
  const issue = await add('issues', { customer_id: customer.id, vendor_id: vendor.id, order_id: records['sales-orders'][0].id, assigned_to: user.id });
  await admin.create(`/issues/${issue.id}/comment`, { content: `${word} comment` });
  records['issue-comments'] = (await admin.ok(admin.get('/issue-comments'))).items;
  await add('payments', { currency: undefined, order_id: records['sales-orders'][0].id, amount: 5 });
  for (const user_id of [null, user.id, admin.login.user.id]) await add('notifications', { user_id, kind: 'announcement' });
  records.jobs = [await admin.create('/customers/import-jobs?map=Company:name', `Company\r\n${word} imported\r\n`, { 'Content-Type': 'text/csv' })];
  const hours = { monday: { from: '09:00', to: '17:00' } };
  records['system-settings'] = [await admin.ok(admin.patch('/system-settings', { tax_rate: 7, currency: word.slice(0, 8), features: { [word]: word }, working_hours: hours }))];
  for (const resource of ['organizations', 'audit-logs', 'number-series', 'payments', 'stock-levels', 'stock-ledger', 'stock-reservations'])
    records[resource] = (await admin.ok(admin.get(`/${resource}?page_size=200`))).items;
  return { records, word };
}

/** Everything an organization holds, as its exports say it. */
export async function digest(admin, routes) {
  const parts = [];
  for (const route of routes.filter((r) => r.action === 'export' && r.collection === r.resource)) {
    const answer = await admin.get(`${route.path()}?ordering=id`);
    if (answer.status !== 200) throw new Error(`${route.name}: ${answer.text}`);
    parts.push(route.name, answer.text);
  }
  for (const collection of ['purchase-orders', 'sales-orders', 'sales', 'roles'])
    parts.push((await admin.get(`/${collection}?expand=lines&ordering=id&page_size=1000`)).text);
  parts.push((await admin.get('/system-settings')).text);
  return parts.join('\n');
}
