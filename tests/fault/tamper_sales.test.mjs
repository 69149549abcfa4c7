// Somebody with a shell changes what was received, shipped, sold, refunded or
// paid: `millwright verify` says which document is wrong.
import { Shop } from '../lib/shop.mjs';
import { Books } from '../lib/tampered.mjs';

const id = {}; // of the documents that are edited
const line = {}; // of their first lines

const books = new Books(async (admin) => {
  const shop = new Shop(admin);
  await admin.ok(admin.patch('/system-settings', { tax_rate: 10 }));
  const [sheet, advice] = [await shop.goods(50, { price: 10 }), await shop.service({ price: 20 })];
  const act = (resource, action, body) => admin.ok(admin.post(`/${resource}/${id[resource]}/${action}`, body));
  const note = (resource, record, lines) => { [id[resource], line[resource]] = [record.id, lines[0].id]; };
  const some = (resource, quantity) => ({ lines: [{ line_id: line[resource], quantity }] });
  const second = (record, quantity) => ({ lines: [{ line_id: (record.line_items ?? record.lines)[1].id, quantity }] });

  const purchase = await shop.purchaseOrder([[sheet, 10], [advice, 2]]);
  note('purchase-orders', purchase, purchase.line_items);
  await act('purchase-orders', 'receive', some('purchase-orders', 6));
  await act('purchase-orders', 'return', some('purchase-orders', 1));
  await act('purchase-orders', 'receive', second(purchase, 2));
  await act('purchase-orders', 'return', second(purchase, 1.25));
  await act('purchase-orders', 'receive', second(purchase, 0.5));
  const order = await shop.salesOrder([[sheet, 8], ['FREE', 3]]);
  note('sales-orders', order, order.line_items);
  await act('sales-orders', 'ship', some('sales-orders', 3));
  await act('sales-orders', 'return', some('sales-orders', 1));
  await act('sales-orders', 'ship', second(order, 2));
  const till = await admin.create('/till-sessions', { register: 'Counter 1', opening_float: 100 });
  const sale = await admin.create('/sales', { lines: [{ product_id: sheet.id, quantity: 4 }, { product_id: advice.id, quantity: 1 }], discount_amount: 6, tendered_amount: 100 });
  note('sales', sale, sale.lines);
  await act('sales', 'refund', some('sales', 1));
  await admin.ok(admin.patch(`/sales/${sale.id}`, { notes: 'looked at' }));
  await admin.create('/sales', { product_id: advice.id, payment_method: 'card' });
  await admin.ok(admin.post(`/till-sessions/${till.id}/close`, { counted_amount: 150 }));
});

const plain = (sql) => books.plain(sql);
const lineOf = (resource, change) => plain(() => `UPDATE order_lines SET ${change} WHERE id = ${line[resource]}`);
const serviceOf = (resource, change) => plain(() => `UPDATE order_lines SET ${change} WHERE id = ${line[resource]} + 1`);
const orderOf = (resource, change) => plain(() => `UPDATE orders SET ${change} WHERE id = ${id[resource]}`);
const payment = (change, which = 'id = 1') => plain(`UPDATE payments SET ${change} WHERE ${which}`);
const forged = (over) => plain(() => `INSERT INTO payments SELECT ${['id', ...books.database.run('PRAGMA table_info(payments)').map((c) => c.name).filter((n) => n !== 'id')].map((n) => over[n] ?? n).join()} FROM payments WHERE id = 1`);
const [purchase, order, sale] = [/purchase-orders \d+ .*/, /sales-orders \d+ .*/, /sales \d+ .*/].map((r) => (text) => new RegExp(r.source + text));

const CASES = [
  ['what a purchase order received', lineOf('purchase-orders', 'received_quantity = received_quantity + 10000'), purchase('line 1: received_quantity')],
  ['what of a service a purchase order received', serviceOf('purchase-orders', 'received_quantity = received_quantity + 1'), purchase('line 2: received_quantity is not what the journal says')],
  ['that a purchase order received a service at all', serviceOf('purchase-orders', 'received_quantity = 0, returned_quantity = 0'), purchase('line 2: received_quantity')],
  ['what of a service a purchase order sent back', serviceOf('purchase-orders', 'received_quantity = received_quantity, returned_quantity = 10000'), purchase('line 2: returned_quantity is not what the journal says')],
  ['what of its free text a sales order shipped', serviceOf('sales-orders', 'shipped_quantity = 30000'), order('line 2: shipped_quantity is not what the journal says')],
  ['that a service came back of a sale', serviceOf('sales', 'returned_quantity = 10000'), sale('line 2: returned_quantity is not what the journal says')],
  ['what a purchase order sent back', lineOf('purchase-orders', 'returned_quantity = 0'), purchase('line 1: returned_quantity')],
  ['how far a purchase order is', orderOf('purchase-orders', "receipt_status = 'full'"), purchase('receipt_status')],
  ['what a sales order shipped', lineOf('sales-orders', 'shipped_quantity = shipped_quantity - 10000'), order('line 1: shipped_quantity')],
  ['what a sales order took back', lineOf('sales-orders', 'returned_quantity = returned_quantity + 10000'), order('line 1: returned_quantity')],
  ['what a sales order has reserved', lineOf('sales-orders', 'reserved_quantity = reserved_quantity - 10000'), order('line 1: reserved_quantity')],
  ['how far a sales order is', orderOf('sales-orders', "delivery_status = 'none'"), order('delivery_status')],
  ['that a sales order waits no longer', orderOf('sales-orders', "status = 'shipped'"), order('line 1: reserved_quantity of an order that waits for nothing')],
  ['for whom something is reserved', plain('UPDATE stock_reservations SET source_line_id = source_line_id + 1'), order('line 1: reserved_quantity')],
  ['for which document something moved', books.protected('stock_moves', () => `UPDATE stock_moves SET source_line_id = source_line_id + 1 WHERE source_line_id = ${line['sales-orders']} AND kind = 'delivery'`), order('line 1: shipped_quantity')],
  ['the product of a shipped line', lineOf('sales-orders', 'quantity = 10000, amount = 100000'), /(sales-orders|orders) \d+ .*/],
  ['what a sale refunded', orderOf('sales', 'refunded_amount = refunded_amount + 100'), sale('refunded_amount')],
  ['what came back of a sale', lineOf('sales', 'returned_quantity = returned_quantity + 10000'), sale('line 1: returned_quantity')],
  ['how much was sold', lineOf('sales', 'quantity = quantity * 2, unit_price = unit_price / 2'), sale('line 1: quantity')],
  ['a sale’s total, with the rest made to fit', orderOf('sales', 'discount_amount = discount_amount - 10000, tax_amount = tax_amount + 1000, total_amount = total_amount + 11000'), sale('(refunded_amount|payments)')],
  ['a sale’s tax rate', orderOf('sales', 'tax_rate = 0'), sale('tax_amount')],
  ['that a sale was refunded', orderOf('sales', "status = 'refunded'"), sale('status')],
  ['the change that was given', orderOf('sales', 'change_amount = change_amount + 10000'), sale('change_amount')],
  ['the amount of a payment', payment('amount = amount + 100', 'id = 3'), sale('payments')],
  ['the amount of a cash payment', payment('amount = amount + 100'), /till-sessions 1 .*expected_amount/],
  ['the direction of a payment', payment("payment_type = 'outgoing'", 'id = 3'), sale('payments')],
  ['what a payment was for', payment('source_id = source_id + 1'), sale('payments')],
  ['a payment for nothing', forged({ id: '99', number: "'PAY-9'", source_id: '999', till_session_id: 'NULL' }), /payments 99 .*document/],
  ['a payment of an unknown kind', forged({ id: '99', number: "'PAY-9'", source: "'gifts'", till_session_id: 'NULL' }), /payments 99 .*document/],
  ['a payment twice', forged({ id: '99', number: "'PAY-9'", till_session_id: 'NULL' }), sale('payments')],
  ['a payment is gone', plain('DELETE FROM payments WHERE id = 1'), /payments of organization 1: number PAY|sales \d+ .*payments/],
  ['how a payment came', payment("payment_method = 'card'"), /till-sessions 1 .*expected_amount/],
  ['in which till a payment is', payment('till_session_id = NULL'), /till-sessions 1 .*expected_amount/],
  ['what a till should have', plain('UPDATE till_sessions SET expected_amount = expected_amount - 10000, difference = difference + 10000'), /till-sessions 1 .*expected_amount/],
  ['what was counted', plain('UPDATE till_sessions SET counted_amount = counted_amount + 10000'), /till_sessions 1: .*difference/],
  ['the float of a till', plain('UPDATE till_sessions SET opening_float = 0'), /till-sessions 1 .*expected_amount/],
];

books.describe('millwright verify, of what was bought and sold', CASES);
