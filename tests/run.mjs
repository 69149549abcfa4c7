// Runs every test: the unit programs, then the tests over HTTP, on SQLite and on
// PostgreSQL, of faults and in a browser. Prints each runner's own output and, last,
// one line "N passed, N failed". What runs on PostgreSQL gets a server of its own,
// made for this run. Environment: MILLWRIGHT_BIN, MILLWRIGHT_KIND (release,
// asan, tsan), TESTS (comma-separated: unit,api,postgres,fault,ui).
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startCluster } from './lib/postgres.mjs'
import { binary } from './lib/server.mjs'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))

const kind = process.env.MILLWRIGHT_KIND ?? 'release'
const wanted = (process.env.TESTS ?? 'unit,api,postgres,fault,ui').split(',')
const environment = {
  ...process.env,
  ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  TSAN_OPTIONS: 'halt_on_error=1:suppressions=' + join(process.cwd(), 'tests/tsan.supp'),
}
// Debian 12's own node (18) cannot end a test that hangs.
const newNode = Number(process.versions.node.split('.')[0]) >= 20
// Rates are counted in the program's memory, and its requests have to come faster than an allowance returns.
const ONLY_ON_SQLITE = ['identity_rates.test.mjs']
const totals = { passed: 0, failed: 0 }

function run(command, args, extra = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...environment, ...extra }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        output += data
        process.stdout.write(data)
      })
    child.on('close', (status) => resolve({ status, output }))
    child.on('error', (error) => resolve({ status: 1, output: String(error) }))
  })
}

const count = (text, pattern) => [...text.matchAll(pattern)].reduce((n, m) => n + Number(m[1] ?? 1), 0)

function add(name, passed, failed, status) {
  // A runner that ended badly without naming a failed test counts as one.
  if (status !== 0 && failed === 0) failed = 1
  totals.passed += passed
  totals.failed += failed
  if (status !== 0) console.log(`${name}: FAILED`)
}

async function unitTests() {
  const cluster = await startCluster()
  const folder = `build/${kind}/unit`
  for (const name of readdirSync('tests/unit').filter((f) => f.endsWith('.c')).sort()) {
    const { status, output } = await run(join(folder, name.slice(0, -2)), [], { MILLWRIGHT_TEST_DATABASE: cluster.url })
    add(name, count(output, /^\[ {7}OK \]/gm), count(output, /^\[ {2}FAILED {2}\] (?=\S+$)(?!\d)/gm), status)
  }
  await cluster.remove()
}

async function nodeTests(folder, name = folder, extra = {}) {
  if (!existsSync(`tests/${folder}`)) return
  const left = extra.MILLWRIGHT_TEST_DATABASE ? ONLY_ON_SQLITE : []
  const files = readdirSync(`tests/${folder}`).filter((f) => f.endsWith('.test.mjs') && !left.includes(f)).sort()
  if (!files.length) return
  const paths = files.map((f) => `tests/${folder}/${f}`)
  const limits = newNode ? ['--test-timeout=900000', '--test-force-exit'] : []
  const { status, output } = await run('node', ['--test', '--test-concurrency=2', ...limits, '--test-reporter=spec', ...paths], extra)
  add(name, count(output, /^ℹ pass (\d+)$/gm), count(output, /^ℹ fail (\d+)$/gm), status)
}

async function postgresTests() {
  // That tables are made at a start is proved where clusters of their own are started (fault).
  const cluster = await startCluster({ fast: true })
  await nodeTests('api', 'postgres', { MILLWRIGHT_TEST_DATABASE: cluster.url, MILLWRIGHT_TEST_TEMPLATE: cluster.template(binary) })
  await cluster.remove()
}

if (wanted.includes('unit')) await unitTests()
if (wanted.includes('api')) await nodeTests('api')
if (wanted.includes('postgres')) await postgresTests()
for (const folder of ['fault', 'ui']) if (wanted.includes(folder)) await nodeTests(folder)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exit(totals.failed ? 1 : 0)
