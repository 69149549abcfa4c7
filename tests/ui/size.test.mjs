// What a browser loads before the first page can be used is small: the page,
// its script with all that this needs at once, and its style, as they are sent.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { root } from '../lib/server.mjs';

const LIMIT = 450 * 1024;
const folder = path.join(root, 'build/ui');
const packed = (file) => gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length;

/** The files that index.html and, statically, its scripts name. */
function firstLoad() {
  const wanted = new Set(['index.html']);
  const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const queue = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((m) => m[1]);
  while (queue.length) {
    const file = queue.pop();
    if (wanted.has(file)) continue;
    wanted.add(file);
    if (!file.endsWith('.js')) continue;
    for (const [, name] of readFileSync(path.join(folder, file), 'utf8').matchAll(/(?:^|[;}])\s*(?:import|export)\b[^;"'()]*?["']\.\/([^"']+)["']/g)) queue.push(`assets/${name}`);
  }
  return [...wanted];
}

test('the first load is at most 450 KB, compressed', (t) => {
  const files = firstLoad();
  const sizes = Object.fromEntries(files.map((f) => [f, packed(f)]));
  const total = Object.values(sizes).reduce((a, b) => a + b, 0);
  t.diagnostic(`first load: ${(total / 1024).toFixed(0)} KB of ${LIMIT / 1024} (${files.length} files)`);
  assert.ok(files.some((f) => f.endsWith('.js')));
  assert.ok(total <= LIMIT, JSON.stringify(sizes));
});

test('charts and other languages are loaded when they are needed', () => {
  const first = new Set(firstLoad());
  const text = [...first].filter((f) => f.endsWith('.js')).map((f) => readFileSync(path.join(folder, f), 'utf8')).join('');
  assert.ok(!/zrender|Willkommen, /.test(text));
  const german = readdirSync(path.join(folder, 'assets')).find((f) => /^de-.*\.js$/.test(f));
  assert.ok(german && !first.has(`assets/${german}`));
});
