// Somebody with a shell makes deals worth more, or another history of them:
// `millwright verify` says where.
import { Books } from '../lib/tampered.mjs';

const books = new Books(async (admin) => {
  const { id } = await admin.create('/customers', { name: 'C' });
  const deal = await admin.create('/deals', { title: 'Deal 1', customer_id: id, value: 100 });
  await admin.ok(admin.post(`/deals/${deal.id}/move_stage`, { stage_id: 2 }));
  await admin.create('/deals', { title: 'Deal 2', customer_id: id, value: 50, status: 'won' });
});

const plain = (sql) => books.plain(sql);

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

books.describe('millwright verify, of deals', CASES);
