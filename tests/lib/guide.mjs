// Guides that are read with curl at hand, run as they stand there: every block
// of shell, and every answer that they show.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { environment, root } from './server.mjs';

/** Why no guide can be run here, for a test's skip; false when they can. */
export const noCurl = spawnSync('curl', ['--version']).error ? 'there is no curl' : false;

/** [{kind, text}] of the fenced blocks, in their order. */
function blocks(page) {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, kind, body]) => ({ kind, text: body }));
}

/** Everything that is shown is in the answer: objects by their members, lists item by item. */
function shows(answer, shown, where) {
  if (typeof shown === 'string') return assert.equal(undated(String(answer)), undated(shown), where);
  if (shown === null || typeof shown !== 'object') return assert.equal(answer, shown, where);
  if (Array.isArray(shown)) assert.equal(answer?.length, shown.length, `${where}: how many`);
  for (const [key, value] of Object.entries(shown)) shows(answer?.[key], value, `${where}.${key}`);
  return undefined;
}

/** The page was written on one day and is read on another. */
const undated = (text) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TODAY').replace(/-20\d\d-/g, '-YEAR-');

/** Copies the page into a shell, against a server on which nothing was done yet. */
export function worksByCopying(server, page, { answers }) {
  const all = blocks(page);
  const shell = all.filter((b) => b.kind === 'sh');
  const script = shell.map((b) => `${b.text}\necho '#### next'\n`).join('').replaceAll('http://127.0.0.1:8000', server.url);
  const outputs = execFileSync('sh', ['-eu', '-c', script], { env: environment(), encoding: 'utf8' }).split('#### next\n');
  assert.equal(outputs.length, shell.length + 1);
  let at = -1;
  let shown = 0;
  for (const block of all) {
    if (block.kind === 'sh') { at++; continue; }
    shown++;
    const output = outputs[at].trimEnd();
    const where = `the answer to\n${shell[at].text}is\n${output}`;
    if (block.kind === 'json') shows(JSON.parse(output.slice(output.lastIndexOf('\n') + 1)), JSON.parse(block.text), where);
    else assert.equal(undated(output.trim()), undated(block.text.trim()), where);
  }
  assert.ok(shown >= answers, `${shown} answers are shown`);
  const refused = all.filter((b) => b.kind === 'json' && JSON.parse(b.text).status >= 400).length;
  assert.equal(outputs.join('').match(/"status":[45]\d\d/g)?.length ?? 0, refused, 'nothing but what is shown was refused');
}
