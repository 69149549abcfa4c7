// German is complete: the server's labels, help and summaries of everything an
// administrator sees, and the application's own texts. Without a browser.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newOrganization } from '../lib/client.mjs';
import { root, startServer } from '../lib/server.mjs';

const ui = path.join(root, 'ui/src');
const german = {};
let server;
let resources;

/** What stands behind `export default` in a dictionary: an object of texts. */
function dictionary(file) {
  const [, text] = /export default (\{[\s\S]*\n\})/.exec(readFileSync(file, 'utf8')) ?? [];
  assert.ok(text, `${file} exports texts`);
  return new Function(`return ${text}`)();
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(file);
    else if (/\.tsx?$/.test(entry.name) && !file.includes('/i18n/de')) yield [file, readFileSync(file, 'utf8')];
  }
}

const unquoted = (text) => text.replace(/\\(.)/g, '$1');
const missing = (texts) => [...new Set(texts)].filter((text) => text && !(text in german)).sort();

before(async () => {
  for (const name of readdirSync(path.join(ui, 'i18n/de'))) if (!['ra.ts', 'refusals.ts'].includes(name)) Object.assign(german, dictionary(path.join(ui, 'i18n/de', name)));
  server = await startServer();
  const { admin } = await newOrganization(server);
  ({ resources } = await admin.ok(admin.get('/meta')));
  resources = resources.filter((r) => !r.virtual);
});
after(() => server?.stop());

const fieldsOf = (x) => [...(x.fields ?? []), ...(x.lines?.fields ?? [])];
const asked = (r) => r.actions.filter((a) => ['transition', 'call'].includes(a.kind) && !a.collection && a.name);

test('labels of resources, fields, choices and actions', () => {
  const ofFields = (x) => [...fieldsOf(x).flatMap((f) => [f.label, ...(f.choices ?? []).map((c) => c.label)]), x.lines?.label];
  assert.deepEqual(missing(resources.flatMap((r) => [r.label, r.label_plural, ...ofFields(r), ...asked(r).flatMap((a) => [a.label, ...ofFields(a)])])), []);
});

test('what resources and actions are for', () => {
  assert.deepEqual(missing(resources.flatMap((r) => [r.summary, ...asked(r).map((a) => a.summary)])), []);
});

test('help of the fields that people fill in', () => {
  const inputs = (r) => fieldsOf(r).filter((f) => (f.create || f.update) && (!f.hidden || f.widget === 'password'));
  assert.deepEqual(missing(resources.flatMap((r) => [...inputs(r), ...asked(r).flatMap(fieldsOf)].map((f) => f.help))), []);
});

test('the application\'s own texts', () => {
  const texts = [];
  for (const [file, source] of sources(ui)) {
    for (const [, text] of source.matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g)) texts.push(unquoted(text));
    for (const [, text] of source.matchAll(/\bt\(\s*"((?:[^"\\]|\\.)*)"/g)) texts.push(unquoted(text));
    if (/pages\/index\.tsx$/.test(file)) for (const [, text] of source.matchAll(/\blabel: '((?:[^'\\]|\\.)*)'/g)) texts.push(unquoted(text));
    if (/shell\/areas\.ts$/.test(file)) for (const [, text] of source.matchAll(/^ {2}\w+: '((?:[^'\\]|\\.)*)'/gm)) texts.push(unquoted(text));
  }
  assert.ok(texts.length > 60);
  assert.deepEqual(missing(texts), []);
});

/** What the server refuses with, and a person may meet: the sentences of these kinds in its source. */
function refusals() {
  const kinds = 'CONFLICT|STATE|REFERENCED|DUPLICATE|LAST_ADMIN|STALE|FORBIDDEN|OVERLOADED|DISK_FULL|COMMIT_UNKNOWN|DB_DOWN';
  const call = new RegExp(`\\bE_(?:${kinds}),\\s*((?:"(?:[^"\\\\]|\\\\.)*"\\s*)+)`, 'g');
  const limits = /\brefuse\(c, &level, ((?:"(?:[^"\\]|\\.)*"\s*)+)/g;
  const found = [];
  for (const name of readdirSync(path.join(root, 'src'), { recursive: true }).filter((f) => f.endsWith('.c') && !f.startsWith('app/demo'))) {
    const source = readFileSync(path.join(root, 'src', name), 'utf8');
    for (const pattern of [call, limits]) for (const [, text] of source.matchAll(pattern)) found.push([...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part]) => unquoted(part)).join(''));
  }
  return [...new Set(found.map((text) => text.replace(/%(?:\.\*|\.\d+|ll|z)?[sdu]/g, '%s')))].filter((text) => text !== '%s');
}

test('why the server refuses something, with its figures', () => {
  const ours = dictionary(path.join(ui, 'i18n/de/refusals.ts'));
  const theirs = refusals();
  assert.ok(theirs.length > 90, String(theirs.length));
  assert.deepEqual(theirs.filter((text) => !(text in ours)).sort(), [], 'not translated');
  assert.deepEqual(Object.keys(ours).filter((text) => !theirs.includes(text)), [], 'the server does not say that any more');
  for (const [english, text] of Object.entries(ours))
    for (const [, n] of text.matchAll(/%(\d)/g)) assert.ok(Number(n) < english.split('%s').length, `${english}: %${n}`);
});

test('the kinds of refusals', () => {
  const titles = [...readFileSync(path.join(root, 'src/base/error.h'), 'utf8').matchAll(/X\(E_\w+, "\w+", \d+, "([^"]*)"\)/g)].map(([, title]) => title);
  assert.ok(titles.length > 20);
  assert.deepEqual(missing(titles), []);
});

test('translations keep the places of values', () => {
  const places = (text) => [...text.matchAll(/%\{\w+\}/g)].map(String).sort();
  for (const [english, text] of Object.entries(german)) assert.deepEqual(places(text), places(english), english);
});
