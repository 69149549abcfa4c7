// Somebody with a shell makes stock appear, vanish or be worth more:
// `millwright verify` says where.
import { Store } from '../lib/stock.mjs';
import { Books } from '../lib/tampered.mjs';

const books = new Books(async (admin) => {
  const store = new Store(admin);
  const [yarn, dye] = [await store.product({ sku: 'YARN' }), await store.product({ sku: 'DYE', tracking: 'lot' })];
  const shelf = await store.location();
  await store.receive(yarn, 10, 2, { effective_at: '2026-01-01T00:00:00Z' });
  await store.receive(yarn, 10, 4);
  await store.move('transfer', yarn, 5, { from_location_id: 'STOCK', to_location_id: shelf.id });
  await store.move('delivery', yarn, 3);
  await store.receive(dye, 7, 1, { lot: 'A' });
  await admin.create('/products', { sku: 'THREAD', name: 'Thread', quantity: 12, low_stock_threshold: 5 });
  const order = await admin.create('/sales-orders', { customer_name: 'C', line_items: [{ product_code: 'THREAD', product_name: 'Thread', quantity: 2, unit_price: 1 }] });
  await admin.ok(admin.post(`/sales-orders/${order.id}/confirm`));
  const loom = await store.product({ sku: 'LOOM', tracking: 'serial' });
  for (const [kind, month] of [['receipt', '01'], ['delivery', '02'], ['return', '03']])
    await store.move(kind, loom, 1, { lot: 'S1', effective_at: `2026-${month}-01T00:00:00Z` });
});

const ledger = (sql) => books.protected('stock_ledger', sql);
const plain = (sql) => books.plain(sql);
const yarn = "(SELECT id FROM products WHERE sku = 'YARN')";
const last = `(SELECT max(id) FROM stock_ledger WHERE product_id = ${yarn})`;

const later = `product_id = ${yarn.replace('YARN', 'LOOM')}`;
/** A delivery is said to have been later than the return, and every balance with it. */
const twice = `UPDATE stock_ledger SET effective_at = '2026-04-01T00:00:00Z' WHERE kind = 'delivery' AND ${later};
  UPDATE stock_ledger SET product_quantity = (SELECT coalesce(sum(p.quantity), 0) FROM stock_ledger p WHERE p.usage = 'internal'
    AND p.${later} AND (p.effective_at, p.id) <= (stock_ledger.effective_at, stock_ledger.id)), level_quantity = (SELECT sum(p.quantity) FROM stock_ledger p
    WHERE p.level_id = stock_ledger.level_id AND (p.effective_at, p.id) <= (stock_ledger.effective_at, stock_ledger.id)) WHERE ${later}`;

const CASES = [
  ['a serial number in two places at once', ledger(twice), /products 4 .*lot \d+ is not one piece in one place on 2026-03-01/],
  ['the quantity of a posting', ledger(`UPDATE stock_ledger SET quantity = quantity + 10000 WHERE id = ${last}`), /products 1 .*posting/],
  ['the value of a posting', plain(`UPDATE stock_ledger SET value = value + 1 WHERE id = ${last}`), /products 1 .*posting/],
  ['both values of a move', plain(`UPDATE stock_ledger SET value = value + sign(quantity) WHERE move_id = (SELECT move_id FROM stock_ledger WHERE id = ${last})`), /products 1 .*posting/],
  ['a balance in the ledger', plain(`UPDATE stock_ledger SET level_quantity = level_quantity + 1 WHERE id = ${last}`), /products 1 .*posting \d+/],
  ['a balance of the product in the ledger', plain(`UPDATE stock_ledger SET product_value = product_value + 1 WHERE id = ${last}`), /products 1 .*posting \d+/],
  ['when something was posted', ledger(`UPDATE stock_ledger SET effective_at = '2025-12-31T00:00:00Z' WHERE move_id = (SELECT move_id FROM stock_ledger WHERE id = ${last})`), /products 1 .*posting/],
  ['a posting is gone', ledger(`DELETE FROM stock_ledger WHERE id = ${last}`), /products 1 .*posting/],
  ['a whole move is gone from the ledger', ledger(`DELETE FROM stock_ledger WHERE move_id = (SELECT move_id FROM stock_ledger WHERE id = ${last})`), /products 1 /],
  ['a posting is there twice', ledger(`INSERT INTO stock_ledger SELECT (SELECT max(id) + 1 FROM stock_ledger), organization_id, move_id, kind, product_id, level_id, location_id, usage, lot_id, stock_status, quantity, value, level_quantity, level_value, product_quantity, product_value, product_cost, basis, effective_at, order_id, created_at FROM stock_ledger WHERE id = ${last}`), /products 1 .*posting/],
  ['what is on hand', plain(`UPDATE stock_levels SET on_hand = on_hand + 10000, available = available + 10000 WHERE product_id = ${yarn} AND usage = 'internal' AND on_hand > 0`), /products 1 .*stock level \d+/],
  ['what it is worth', plain(`UPDATE stock_levels SET value = value + 10000 WHERE product_id = ${yarn} AND usage = 'internal' AND on_hand > 0`), /products 1 .*stock level \d+/],
  ['what is available', plain(`UPDATE stock_levels SET available = available + 10000 WHERE product_id = ${yarn} AND usage = 'internal'`), /products 1 .*available/],
  ['stock that came from nowhere', plain(`INSERT INTO stock_levels (organization_id, product_id, location_id, usage, lot_key, stock_status, on_hand, reserved, available, value, front_order, front_quantity, front_value, version, created_at, updated_at) SELECT organization_id, product_id, location_id, usage, lot_key, 'damaged', 10000, 0, 0, 0, 0, 0, 0, 1, created_at, updated_at FROM stock_levels WHERE product_id = ${yarn} AND usage = 'internal' LIMIT 1`), /products 1 .*(zero|postings)/],
  ['a lot that became another', plain("UPDATE stock_levels SET lot_id = NULL WHERE lot_id IS NOT NULL"), /products 2 .*another place, lot or status/],
  ['stock carried to another place', plain(`UPDATE stock_levels SET location_id = (SELECT max(id) FROM locations) WHERE product_id = 3 AND usage = 'internal'`), /products 3 .*another place, lot or status/],
  ['damaged stock made good', plain(`UPDATE stock_levels SET stock_status = 'damaged', available = 0 WHERE product_id = 2 AND usage = 'internal'`), /products 2 .*another place|available/],
  ['what is reserved of a level', plain("UPDATE stock_levels SET reserved = reserved + 10000, available = available - 10000 WHERE reserved > 0"), /products 3 .*reserved/],
  ['a reservation', plain('UPDATE stock_reservations SET quantity = quantity + 10000'), /products 3 .*reserved|sales-orders|orders \d+/],
  ['a reservation is gone', plain('DELETE FROM stock_reservations'), /products 3 .*reserved/],
  ['the quantity of a product', plain(`UPDATE products SET quantity = quantity + 10000 WHERE id = ${yarn}`), /products 1 .*quantity/],
  ['the value of a product', plain(`UPDATE products SET stock_value = stock_value + 1 WHERE id = ${yarn}`), /products 1 .*stock value/],
  ['what is available of a product', plain(`UPDATE products SET available = available + 1 WHERE id = ${yarn}`), /products 1 .*available/],
  ['what is reserved of a product', plain("UPDATE products SET reserved = 0 WHERE sku = 'THREAD'"), /products 3 .*reserved/],
  ['low stock', plain("UPDATE products SET low_stock = 1 WHERE sku = 'THREAD'"), /products 3 .*low_stock/],
  ['the guard of the ledger removed', plain('DROP TRIGGER stock_ledger_no_update'), /schema: .*stock_ledger_no_update/],
];

books.describe('millwright verify, of stock', CASES);
