// The rules of the code that a compiler does not know: floors, budgets, banned
// words. No allow-list. Prints every breach and a summary; status 1 on any.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

// Which floors a floor may include, besides itself.
const FLOORS = {
  base: [],
  db: ['base'],
  http: ['base'],
  io: ['base'],
  model: ['db', 'io', 'base'],
  identity: ['model', 'db', 'base'],
  api: ['identity', 'model', 'http', 'io', 'db', 'base'],
  domain: ['model', 'io', 'base'],
  app: ['api', 'identity', 'domain', 'model', 'http', 'io', 'db', 'base'],
}
const LIMITS = { file: 1000, header: 150, function: 100, parameters: 5, nesting: 4 }
const BANNED = /\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|gets|alloca|system|popen|atoi)\s*\(/

const breaches = []
const breach = (file, line, what) => breaches.push(`${file}:${line}: ${what}`)

function* walk(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* walk(path)
    else if (/\.[ch]$/.test(name)) yield path
  }
}

const area = (path) => {
  const parts = path.split('/')
  return { floor: parts[1], domain: parts[1] === 'domain' ? parts[2] : null }
}

const domainEdges = new Map()

function checkInclude(file, line, included) {
  const from = area(file)
  const to = area(join('src', included))
  if (!(to.floor in FLOORS)) return
  if (to.floor !== from.floor && !FLOORS[from.floor].includes(to.floor))
    breach(file, line, `the floor ${from.floor} must not include ${included}`)
  if (from.floor !== 'domain' || to.floor !== 'domain' || to.domain === from.domain) return
  if (included !== `domain/${to.domain}/${to.domain}.h`)
    breach(file, line, `only a sibling's public header may be included, not ${included}`)
  if (!domainEdges.has(from.domain)) domainEdges.set(from.domain, new Set())
  domainEdges.get(from.domain).add(to.domain)
}

function checkDomainCycles() {
  const visit = (node, path) => {
    if (path.includes(node)) return breach(`src/domain/${node}`, 1, `cyclic includes: ${[...path, node].join(' -> ')}`)
    for (const next of domainEdges.get(node) ?? []) visit(next, [...path, node])
  }
  for (const node of domainEdges.keys()) visit(node, [])
}

// Code with comments and literals blanked, so that braces and words count.
const bare = (text) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (m) => m.replace(/[^\n]/g, ' '))
    .replace(/\/\/[^\n]*/g, '')
    .replace(/"(?:\\.|[^"\\\n])*"/g, (m) => '"' + ' '.repeat(m.length - 2) + '"')
    .replace(/'(?:\\.|[^'\\\n])+'/g, (m) => "'" + ' '.repeat(m.length - 2) + "'")

function countParameters(signature) {
  const inner = signature.slice(signature.indexOf('(') + 1, signature.lastIndexOf(')'))
  let depth = 0
  let n = inner.trim() && inner.trim() !== 'void' ? 1 : 0
  for (const c of inner) {
    if (c === '(') depth++
    if (c === ')') depth--
    if (c === ',' && depth === 0) n++
  }
  return n
}

function checkFunction(file, first, signature, body) {
  const length = body.length
  if (length > LIMITS.function) breach(file, first, `a function of ${length} lines (at most ${LIMITS.function})`)
  const parameters = countParameters(signature)
  const dictated = /\bMHD_/.test(signature) // a callback's signature is its library's
  if (!dictated && parameters > LIMITS.parameters) breach(file, first, `${parameters} parameters (at most ${LIMITS.parameters})`)
  let depth = 0
  let deepest = 0
  for (const line of body) {
    for (const c of line) {
      if (c === '{') deepest = Math.max(deepest, ++depth)
      if (c === '}') depth--
    }
  }
  if (deepest - 1 > LIMITS.nesting) breach(file, first, `nested ${deepest - 1} deep (at most ${LIMITS.nesting})`)
  return length
}

// A function starts at a line in column 0 that is no preprocessor line and
// whose statement reaches `{`; it ends at `}` in column 0.
function* functions(lines) {
  for (let i = 0; i < lines.length; i++) {
    if (!/^[A-Za-z_]/.test(lines[i]) || /^(typedef|struct|enum|union|extern)\b[^()]*$/.test(lines[i])) continue
    let signature = lines[i]
    let k = i
    while (!/[;{]/.test(signature) && k + 1 < lines.length) signature += ' ' + lines[++k]
    const brace = signature.indexOf('{')
    const head = brace < 0 ? '' : signature.slice(0, brace)
    if (brace < 0 || signature.indexOf(';') >= 0 && signature.indexOf(';') < brace || head.includes('=') || !/\)\s*$/.test(head)) {
      i = k
      continue
    }
    let end = k
    if (!/\}\s*$/.test(lines[k])) while (end < lines.length - 1 && !/^\}/.test(lines[end])) end++
    yield { first: i, signature: head, body: lines.slice(i, end + 1) }
    i = end
  }
}

const stats = { files: 0, lines: 0, functions: [], statics: 0 }

function checkFile(file) {
  const text = readFileSync(file, 'utf8')
  const lines = text.split('\n')
  const clean = bare(text).split('\n')
  const limit = file.endsWith('.h') ? LIMITS.header : LIMITS.file
  if (lines.length - 1 > limit && file.startsWith('src/'))
    breach(file, 1, `${lines.length - 1} lines (at most ${limit})`)
  clean.forEach((line, i) => {
    if (BANNED.test(line)) breach(file, i + 1, `banned function: ${line.trim()}`)
    if (/\t/.test(lines[i])) breach(file, i + 1, 'a tab')
    if (/\s+$/.test(lines[i])) breach(file, i + 1, 'trailing white space')
  })
  lines.forEach((line, i) => {
    const include = /^#include "([^"]+)"/.exec(line)
    if (include && file.startsWith('src/')) checkInclude(file, i + 1, include[1])
  })
  if (!text.startsWith('/*')) breach(file, 1, 'no head comment that says what this file is')
  if (file.endsWith('.c'))
    for (const f of functions(clean)) {
      stats.functions.push(checkFunction(file, f.first + 1, f.signature, f.body))
      if (/^static\b/.test(f.signature)) stats.statics++
    }
  stats.files++
  stats.lines += lines.length
}

for (const folder of ['src', 'tests/unit', 'tests/fuzz']) for (const file of walk(folder)) checkFile(file)
checkDomainCycles()

const sorted = stats.functions.sort((a, b) => a - b)
const at = (q) => sorted[Math.floor((sorted.length - 1) * q)]
console.log(
  `${stats.files} files, ${stats.lines} lines, ${sorted.length} functions ` +
    `(median ${at(0.5)} lines, 95 % up to ${at(0.95)}, longest ${at(1)}; ` +
    `${Math.round((100 * stats.statics) / sorted.length)} % static)`,
)
for (const b of breaches) console.log(b)
console.log(breaches.length ? `lint: ${breaches.length} breaches` : 'lint: clean')
process.exit(breaches.length ? 1 : 0)
