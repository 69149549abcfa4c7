// Somebody with a shell makes deals worth more, or another history of them:
// `millwright verify` says where.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { Database } from '../lib/database.mjs';
import { startServer, tempFolder } from '../lib/server.mjs';

const skip = process.env.MILLWRIGHT_TEST_DATABASE ? 'needs a database file' : false;
let folder;
let original;
let server;
let database;

before(async () => {
  if (skip) return;
  [folder, original] = [tempFolder(), tempFolder()];
  server = await startServer({ data: folder });
  const { admin } = await newOrganization(server);
  const { id } = await admin.create('/customers', { name: 'C' });
  const deal = await admin.create('/deals', { title: 'Deal 1', customer_id: id, value: 100 });
  await admin.ok(admin.post(`/deals/${deal.id}/move_stage`, { stage_id: 2 }));
  await admin.create('/deals', { title: 'Deal 2', customer_id: id, value: 50, status: 'won' });
  await server.stop();
  cpSync(folder, original, { recursive: true });
  database = new Database(path.join(folder, 'millwright.db'));
});
after(() => {
  for (const f of [folder, original]) if (f) rmSync(f, { recursive: true, force: true });
});

async function tampered(edit) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(original, folder, { recursive: true });
  edit();
  return server.run('verify', ['--quiet']);
}

const plain = (sql) => () => database.run(`PRAGMA ignore_check_constraints = ON; ${sql}`);

const CASES = [
  ['the number of a stage’s deals', plain('UPDATE pipeline_stages SET deals_count = 3 WHERE id = 2'), /pipeline-stages 2 .*deals_count/],
  ['what they are worth', plain('UPDATE pipeline_stages SET deals_value = deals_value + 100 WHERE id = 5'), /pipeline-stages 5 .*deals_value/],
  ['what is expected of them', plain('UPDATE pipeline_stages SET expected_revenue = 0 WHERE id = 2'), /pipeline-stages 2 .*expected_revenue/],
  ['the value of a deal', plain('UPDATE deals SET value = value + 10000, expected_revenue = (value + 10000) / 100 * probability WHERE id = 1'), /(pipeline-stages 2|deals 1) /],
  ['what is expected of a deal', plain('UPDATE deals SET expected_revenue = expected_revenue + 1 WHERE id = 1'), /deals 1\b|pipeline-stages 2|ck_deals/],
  ['a deal carried to another stage', plain('UPDATE deals SET stage_id = 3 WHERE id = 1'), /pipeline-stages [23] .*deals_count/],
  ['a deal’s history is gone', plain('DELETE FROM deal_stage_entries WHERE deal_id = 2'), /deals 2 .*no stage entries/],
  ['a hole in its history', plain("UPDATE deal_stage_entries SET left_at = '2099-01-01T00:00:00Z' WHERE deal_id = 1 AND left_at IS NOT NULL"), /deals 1 .*join up/],
  ['another history', plain('UPDATE deal_stage_entries SET stage_id = 4 WHERE left_at IS NULL AND deal_id = 1'), /deals 1 .*last stage entry/],
  ['two default pipelines', plain("INSERT INTO pipelines (organization_id, name, is_active, is_default, version, created_at, updated_at) SELECT organization_id, 'P', 1, 1, 1, created_at, updated_at FROM pipelines"), /pipelines 1 .*default/],
];

describe('verify names', { skip }, () => {
  test('nothing where nothing was done', async () => {
    const { code, stdout, stderr } = await tampered(() => {});
    assert.equal(code, 0, stdout + stderr);
  });
  for (const [what, edit, names] of CASES)
    test(what, async () => {
      const { code, stdout, stderr } = await tampered(edit);
      assert.notEqual(code, 0, 'verify found nothing');
      assert.match(stdout + stderr, names);
    });
});
