// The README's own words, run as they stand there.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { environment, root, startServer } from '../lib/server.mjs';

let server;

before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

/** The first block of shell below a heading. */
function shellUnder(heading) {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  const at = text.indexOf(`## ${heading}`);
  assert.ok(at >= 0, `the README has no "${heading}"`);
  return text.slice(at).match(/```sh\n([\s\S]*?)```/)[1];
}

/** JSON values written one behind the other. */
function values(text) {
  const found = [];
  for (let from = 0, to = 1; to <= text.length; to++) {
    if (text[to - 1] !== '}') continue;
    try {
      found.push(JSON.parse(text.slice(from, to)));
      from = to;
    } catch { /* not the end yet */ }
  }
  return found;
}

test('the first order works by copying it', { skip: spawnSync('curl', ['--version']).error && 'there is no curl' }, () => {
  const script = shellUnder('A first order').replaceAll('http://127.0.0.1:8000', server.url);
  const output = execFileSync('sh', ['-eu', '-c', script], { env: environment(), encoding: 'utf8' });
  const [user, order, list, approved, log] = values(output);
  assert.equal(user.username, 'asha');
  assert.deepEqual([order.po_number, order.status, order.subtotal, order.tax_amount, order.total_amount], ['PO-000001', 'draft', 1003.25, 180.59, 1183.84]);
  assert.deepEqual([list.total, list.items[0].id], [1, order.id]);
  assert.equal(approved.status, 'approved');
  assert.deepEqual(log.items.map((e) => e.action), ['approve', 'create']);
});
