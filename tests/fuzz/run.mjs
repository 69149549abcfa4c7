// Runs the fuzzing targets one after another, each for FUZZ_SECONDS (60), on
// what they found before (build/fuzz/inputs) and on the examples of the API's own
// description. What breaks one stays in build/fuzz as crash-…, timeout-… or
// leak-…; give it to the target as an argument to see it again.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '../..'));
const seconds = Number(process.env.FUZZ_SECONDS ?? 60);
const api = JSON.parse(execFileSync('build/millwright', ['openapi'], { maxBuffer: 1 << 28 }));

function exampleOf(operation) {
  const { $ref } = operation.requestBody?.content?.['application/json']?.examples?.example ?? {};
  return JSON.stringify($ref ? api.components.examples[$ref.split('/').pop()].value : {});
}

const known = ({ $ref, ...inline }) => ($ref ? api.components.parameters[$ref.split('/').pop()] : inline);

/** A list by each of its parameters, by several, and in the order of all that it sorts by. */
function* lists(resource, operation) {
  const filters = (operation.parameters ?? []).map(known).map((p) => `${p.name}=${p.example ?? p.schema.enum?.[0] ?? 1}`);
  for (const filter of filters) yield `list ${resource} ${filter}`;
  for (let i = 12; i < filters.length; i += 4) yield `list ${resource} ${filters.slice(i, i + 4).join('&')}&page_size=3`;
  const orders = (operation.parameters ?? []).find((p) => p.name === 'sort_by')?.schema.enum ?? [];
  for (let i = 0; i < orders.length; i += 3) yield `list ${resource} ordering=${orders.slice(i, i + 3).join(',-')}&page_size=3`;
}

/** Every operation as a line for tests/fuzz/requests.c. */
function* requests() {
  for (const [template, operations] of Object.entries(api.paths)) {
    const [resource, id, action] = template.replace(/^(\/api)?(\/v1)?\//, '').replace(/\{.*?\}/g, '1').split('/');
    const body = '\n' + exampleOf(operations.post ?? operations.patch ?? {});
    if (operations.get && !id) yield `list ${resource} page=1&page_size=2`;
    if (operations.post && !id) yield `create ${resource}${body}`;
    if (operations.post && id && !action) yield `act ${resource} ${id}${body}`;
    for (const some of id === '1' ? [1, 2, 90, 300] : []) {
      if (operations.post && action) yield `act ${resource} ${some} ${action}${body}`;
      if (operations.patch && !action) yield `patch ${resource} ${some}${body}`;
      if (operations.put && !action) yield `replace ${resource} ${some}${body}`;
      if (operations.delete && !action) yield `delete ${resource} ${some}`;
    }
    if (operations.get && !id) yield* lists(resource, operations.get);
  }
}

const TEXTS = ['-12.3400', '2026-02-28T08:30:00+05:30', '2024-02-29', '"a ""b""",c;d\r\ne,f\n', "'=1+1", 'Élan 日本\u0001',
  'Straße & Söhne 12a', 'Kiran Yarns Pvt. Ltd.', 'a=b%20c&d=%C3%A9+x', '10.0.0.0/8,::1\n1.2.3.4, 10.0.0.1'];

const seeds = { requests: [...new Set(requests())], texts: TEXTS.map((text, i) => String.fromCharCode(i) + text) };
const words = new Set(['null', 'true', '"1"', '-1', '0.0001', '99999999999999', '2026-01-01', 'ordering=-', '__in=', '__gte=', '__contains=', 'search=', 'cursor=', 'fields=', 'expand=']);
for (const name of JSON.stringify(api).match(/"[a-z_]{2,40}"(?=:)/g)) words.add(name);

mkdirSync('build/fuzz', { recursive: true });
writeFileSync('build/fuzz/words.dict', [...words].map((w) => JSON.stringify(w)).join('\n') + '\n');
let failed = 0;
for (const target of readdirSync('tests/fuzz').filter((f) => f.endsWith('.c')).map((f) => f.slice(0, -2))) {
  const folder = `build/fuzz/inputs/${target}`;
  mkdirSync(folder, { recursive: true });
  for (const seed of seeds[target] ?? []) writeFileSync(path.join(folder, createHash('sha1').update(seed).digest('hex')), seed);
  console.log(`${target}: ${readdirSync(folder).length} inputs to begin with, ${seconds} s`);
  const args = [`-max_total_time=${seconds}`, '-max_len=4096', '-timeout=30', '-rss_limit_mb=4096', '-dict=build/fuzz/words.dict', `-artifact_prefix=build/fuzz/${target}-`, '-print_final_stats=1', folder];
  const { status } = spawnSync(`build/fuzz/fuzz/${target}`, args, { stdio: 'inherit' });
  console.log(`${target}: ${status === 0 ? 'nothing broke it' : 'BROKEN, see above'}`);
  if (status !== 0) failed++;
}
process.exit(failed ? 1 : 0);
