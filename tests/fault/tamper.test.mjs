// Somebody with a shell edits the database with the sqlite3 program and leaves
// no trace of how: `millwright verify` says which row is wrong.
import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { product, purchaseOrder, salesOrder, workOrder } from '../lib/samples.mjs';
import { Books } from '../lib/tampered.mjs';

let last; // journal sequence of the first organization

const books = new Books(async (admin, server) => {
  const other = await newOrganization(server);
  await other.admin.create('/purchase-orders', purchaseOrder());
  await other.admin.create('/customers', { name: 'Of the other' });
  for (let i = 0; i < 6; i++) {
    await admin.create('/products', product());
    const { id } = await admin.create('/purchase-orders', purchaseOrder());
    await admin.create('/sales-orders', salesOrder());
    await admin.create('/work-orders', workOrder());
    if (i % 2) await admin.ok(admin.post(`/purchase-orders/${id}/approve`));
    if (i === 4) await admin.ok(admin.del(`/purchase-orders/${id}`));
  }
  last = await admin.sequence();
});

const journal = (sql) => books.protected('journal', sql);
const plain = (sql) => () => books.database.run(sql);
const forged = `INSERT INTO journal (organization_id, sequence, at, user_id, username, origin, resource, record_id, action, changes, hash)
  SELECT organization_id, sequence + 1, at, user_id, username, origin, resource, record_id, action, changes, hash FROM journal WHERE organization_id = 1 ORDER BY sequence DESC LIMIT 1`;
/** Changes the amounts of an order so that its own CHECKs still hold. */
const total = 'subtotal = subtotal + 1000000, total_amount = total_amount + 1000000';

const CASES = [
  ['the changes of one journal row', journal("UPDATE journal SET changes = '{}' WHERE organization_id = 1 AND sequence = 20"), /journal of organization 1: sequence 20 /],
  ['who did something', journal("UPDATE journal SET username = 'somebody' WHERE organization_id = 1 AND sequence = 11"), /organization 1: sequence 11 /],
  ['when something was done', journal("UPDATE journal SET at = '2020-01-01T00:00:00Z' WHERE organization_id = 1 AND sequence = 12"), /organization 1: sequence 12 /],
  ['what was done', journal("UPDATE journal SET action = 'update' WHERE organization_id = 1 AND action = 'delete'"), /organization 1: sequence \d+ \(update of purchase-orders/],
  ['to which record', journal('UPDATE journal SET record_id = record_id + 1 WHERE organization_id = 1 AND sequence = 15'), /organization 1: sequence 15 /],
  ['one hash', journal("UPDATE journal SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE organization_id = 1 AND sequence = 9"), /organization 1: sequence 9 /],
  ['a journal row is gone', journal('DELETE FROM journal WHERE organization_id = 1 AND sequence = 17'), /organization 1: sequence 17 is missing/],
  ['the first journal row is gone', journal('DELETE FROM journal WHERE organization_id = 1 AND sequence = 1'), /organization 1: sequence 1 is missing/],
  ['the last journal row is gone', journal('DELETE FROM journal WHERE id = (SELECT max(id) FROM journal)'), /journal: ids up to \d+ were given, but the last row is \d+/],
  ['all of the journal is gone', journal('DELETE FROM journal'), /journal/],
  ['two journal rows in each other’s place', journal('UPDATE journal SET sequence = CASE sequence WHEN 13 THEN 1000000 ELSE 13 END WHERE organization_id = 1 AND sequence IN (13, 14); UPDATE journal SET sequence = 14 WHERE sequence = 1000000'), /organization 1: sequence 13 /],
  ['a forged journal row', journal(forged), () => new RegExp(`organization 1: sequence ${last + 1} `)],
  ['a journal row of another organization', journal('UPDATE journal SET organization_id = 2, sequence = (SELECT max(sequence) + 1 FROM journal WHERE organization_id = 2) WHERE organization_id = 1 AND sequence = (SELECT max(sequence) FROM journal WHERE organization_id = 1)'), /organization 2: sequence \d+ /],
  ['a total, with the rest made to fit', plain(`UPDATE orders SET ${total} WHERE id = 4`), /orders 4 .*subtotal is not the sum of the lines/],
  ['a tax', plain('UPDATE orders SET tax_amount = tax_amount + 100, total_amount = total_amount + 100 WHERE id = 4'), /orders 4 .*tax_amount/],
  ['a total, without care', plain('PRAGMA ignore_check_constraints=ON; UPDATE orders SET total_amount = 1 WHERE id = 4'), /orders 4: .*total_amount = .*does not hold/],
  ['a discount over the subtotal', plain('PRAGMA ignore_check_constraints=ON; UPDATE orders SET discount_amount = subtotal + 1, total_amount = 0 WHERE id = 4'), /orders 4: /],
  ['the quantity of a line', plain('UPDATE order_lines SET quantity = quantity * 2 WHERE order_id = 4 AND position = 2'), /orders 4 .*line's amount/],
  ['the amount of a line', plain('UPDATE order_lines SET amount = amount + 1 WHERE order_id = 4 AND position = 1'), /orders 4 .*line's amount/],
  ['a line is gone', plain('DELETE FROM order_lines WHERE order_id = 4 AND position = 3'), /orders 4 .*subtotal/],
  ['a line is there twice', plain('INSERT INTO order_lines (organization_id, order_id, position, code, name, quantity, unit_price, amount) SELECT organization_id, order_id, 4, code, name, quantity, unit_price, amount FROM order_lines WHERE order_id = 4 AND position = 1'), /orders 4 .*subtotal/],
  ['a number', plain("UPDATE orders SET number = 'PO-000777' WHERE organization_id = 1 AND number = 'PO-000002'"), /purchase-orders of organization 1: number PO-000002 was given/],
  ['the number of a work order', plain("UPDATE work_orders SET number = 'X' WHERE organization_id = 1 AND number = 'WO-000003'"), /work-orders of organization 1: number WO-000003 was given/],
  ['a document is gone', plain("DELETE FROM orders WHERE organization_id = 1 AND number = 'SO-000005'"), /sales-orders of organization 1: number SO-000005|order_lines/],
  ['a series that was set forward', plain("UPDATE number_series SET next = next + 3 WHERE organization_id = 1 AND name = 'work-orders.wo_number'"), /work-orders of organization 1: number WO-000007 was given/],
  ['a reference to nothing', plain('UPDATE orders SET vendor_id = 999999 WHERE id = 4'), /orders 4: vendor_id refers to no row of vendors/],
  ['a reference into another organization', plain("UPDATE orders SET vendor_id = (SELECT id FROM vendors WHERE organization_id = 2) WHERE organization_id = 1 AND number = 'PO-000001'"), /orders \d+: vendor_id refers to no row of vendors in its organization/],
  ['a record moved to another organization', plain("UPDATE vendors SET organization_id = 2 WHERE organization_id = 1"), /vendor_id refers to no row of vendors|vendors \d+: created_by/],
  ['a user that somebody else made', plain('UPDATE users SET role_id = 999 WHERE id = 1'), /users 1: role_id refers to no row of roles/],
  ['a line of no order', plain('UPDATE order_lines SET order_id = 999 WHERE order_id = 4 AND position = 1'), /order_lines \d+: order_id refers to no row of orders/],
  ['the journal’s guard removed', plain('DROP TRIGGER journal_no_update'), /schema: .*journal_no_update/],
  ['the journal’s guard made harmless', plain('DROP TRIGGER journal_no_delete; CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT 1; END'), /schema: .*journal_no_delete/],
  ['a unique index removed', plain('DROP INDEX orders_number_key'), /schema: .*orders_number_key/],
];

books.describe('millwright verify', CASES, () => {
  test('names the first wrong journal row, wherever something was changed', async () => {
    for (let sequence = 1; sequence <= last; sequence += 3) {
      const { code, stdout } = await books.tampered(journal(`UPDATE journal SET changes = changes || ' ' WHERE organization_id = 1 AND sequence >= ${sequence}`));
      assert.equal(code, 1);
      assert.match(stdout, new RegExp(`organization 1: sequence ${sequence} `));
    }
  });

  test('notices pages that were overwritten, and survives reading them', async () => {
    const pages = statSync(path.join(books.original, 'millwright.db')).size / 4096;
    let noticed = 0;
    let tried = 0;
    for (let page = 1; page < pages; page += Math.ceil(pages / 25), tried++) {
      const { code, stdout, stderr } = await books.tampered(() => {
        const fd = openSync(books.file, 'r+');
        writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
        closeSync(fd);
      });
      assert.ok(code === 0 || code === 1, `page ${page}: the program died: ${code} ${stderr}`);
      if (code === 1) noticed++;
      else assert.match(stdout, /^verified/);
    }
    assert.ok(noticed >= tried - 2, `${noticed} of ${tried} pages`); // a free page holds nothing
  });
});
