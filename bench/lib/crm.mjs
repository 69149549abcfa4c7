// Customers: how fast a file of them is imported, and what lists, searches and statistics cost with 10,000
// and with 1,000,000 of them.

import fs from 'node:fs'
import path from 'node:path'
import { call, startMillwright } from './millwright.mjs'
import { milliseconds, rate, table, times } from './report.mjs'
import { Failure, sleep } from './system.mjs'
import { scatter } from './data.mjs'
import { measure } from './wrk.mjs'

const SIZES = [10000, 1000000]
const FIRST = ['Asha', 'Bruno', 'Chen', 'Dara', 'Emil', 'Farah', 'Goran', 'Hana', 'Ivo', 'Jun', 'Kiran', 'Lena', 'Mateo',
    'Nadia', 'Omar', 'Priya', 'Quinn', 'Rosa', 'Samir', 'Tara']
const SYLLABLES = ['ba', 'cor', 'den', 'fil', 'gra', 'hem', 'jol', 'kan', 'lur', 'mos', 'nep', 'pri', 'qua', 'rov', 'sti', 'tam']
const TRADES = ['Textiles', 'Garments', 'Traders', 'Mills', 'Exports', 'Weaving', 'Dyeing', 'Apparel', 'Fabrics', 'Yarns']
const STATUSES = ['active', 'active', 'active', 'inactive', 'prospect', 'vip']
const COLUMNS = 'name,email,phone,contact_person,city,tax_id,credit_limit,status'

const pick = (list, row, column) => list[scatter(row, column) % list.length]
const surname = (n) => { const s = [n >> 8, n >> 4, n].map((k) => SYLLABLES[k & 15]).join(''); return s[0].toUpperCase() + s.slice(1) }

function customer(row) {
    const family = surname(scatter(row, 1) % 4096)
    return [`${family} ${pick(TRADES, row, 2)}`, `${pick(FIRST, row, 3)}.${family}${row}@example.com`.toLowerCase(),
        `+91 ${90000 + scatter(row, 4) % 9999} ${String(row).padStart(6, '0')}`, `${pick(FIRST, row, 3)} ${family}`,
        `City ${scatter(row, 5) % 400}`, `TX${scatter(row, 6)}`, scatter(row, 7) % 100000, pick(STATUSES, row, 8)]
}

function writeFile(file, rows) {
    const out = fs.openSync(file, 'w')
    fs.writeSync(out, COLUMNS + '\n')
    for (let row = 0; row < rows; row += 10000)
        fs.writeSync(out, Array.from({ length: Math.min(10000, rows - row) }, (_, i) => customer(row + i).join(',') + '\n').join(''))
    fs.closeSync(out)
}

// Sends the file and waits; the job as it ended.
async function importFile(server, file) {
    const headers = { authorization: `Bearer ${await server.token()}`, 'content-type': 'text/csv' }
    const answer = await fetch(`${server.url}/api/v1/customers/import-jobs?key=email`,
        { method: 'POST', headers, body: await fs.openAsBlob(file) })
    if (answer.status !== 202) throw new Failure(`import-jobs gave ${answer.status}: ${await answer.text()}`)
    const { id } = await answer.json()
    for (;;) {
        const job = await call(server, 'GET', `/api/v1/jobs/${id}`, { token: await server.token() })
        if (job.status === 'done' && !job.failed) return job
        if (!['queued', 'running'].includes(job.status) || job.failed) throw new Failure(`the import: ${JSON.stringify(job)}`)
        await sleep(200)
    }
}

// What somebody types: beginnings of three letters and more of a name, an e-mail address or a phone number.
function typed(rows) {
    return Array.from({ length: 500 }, (_, i) => {
        const [name, email, phone] = customer(scatter(i, 9) % rows)
        const text = [name, email, phone.slice(10)][i % 3]
        return text.slice(0, 3 + scatter(i, 10) % 8).trim()
    })
}

// Beginnings of two words that stand in one record.
function typedTwo(rows) {
    return Array.from({ length: 200 }, (_, i) => {
        const [name, , , person] = customer(scatter(i, 11) % rows)
        return (i % 2 ? name : person).split(' ').map((word) => word.slice(0, 3 + i % 3)).join(' ')
    })
}

const list = (parameters) => `/api/v1/customers?page_size=10&${parameters}`
const searches = (words, parameters = '') => (rows) => words(rows).map((text) => list(`search=${encodeURIComponent(text)}${parameters}`))

// A page has as many records with few as with many; totals of 60 filters are kept at a time.
const WORK = [
    ['a page of the list, with its total', () => [list('')]],
    ['by name', () => [list('ordering=name')]],
    ['the newest', () => [list('ordering=-created_at')]],
    ['of a city, with its total', () => Array.from({ length: 60 }, (_, i) => list(`city=City+${i}`))],
    ['of a city, by name', () => Array.from({ length: 60 }, (_, i) => list(`city=City+${i}&ordering=name`))],
    ['of a status, by name', () => ['vip', 'prospect', 'inactive'].map((status) => list(`status=${status}&ordering=name`))],
    ['of a status, the newest', () => ['vip', 'prospect', 'inactive'].map((status) => list(`status=${status}&ordering=-created_at`))],
    ['search as one types (count=none)', searches(typed, '&count=none'), 3000],
    ['search with its total', searches(typed)],
    ['search for two words', searches(typedTwo, '&count=none')],
    ['search for two words, with its total', searches(typedTwo)],
    ['search of a status, with its total', searches(typed, '&status=vip')],
    ['search of a city, with its total', (rows) => searches(typed)(rows).map((where, i) => `${where}&city=City+${i % 60}`)],
    ['search by name, with its total', searches(typed, '&ordering=name')],
    ['statistics', () => ['/api/v1/customers/stats']],
]

// Every total that is kept is counted once: that is not what is measured.
async function warm(server, paths) {
    for (const where of paths.slice(0, 60)) await call(server, 'GET', where, { token: await server.token() })
}

export async function crm(option, folder, say) {
    const results = []
    for (const rows of SIZES) {
        const file = path.join(folder, `customers-${rows}.csv`)
        writeFile(file, rows)
        const server = await startMillwright(folder, 1000, { name: `crm-${rows}` })
        say(`crm: importing ${rows} customers`)
        const job = await importFile(server, file)
        const seconds = (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000
        const rates = []
        for (const [title, paths] of WORK) {
            say(`crm: ${title}, ${rows} customers`)
            const all = paths(rows)
            server.env.BENCH_PATHS = path.join(folder, `crm-paths-${rows}`)
            fs.writeFileSync(server.env.BENCH_PATHS, all.join('\n') + '\n')
            await warm(server, all)
            rates.push(await measure(server, 'paths', { seconds: option.seconds }))
        }
        results.push({ imported: job.rows_per_second ?? rows / Math.max(seconds, 1), rates })
        await server.stop()
        fs.rmSync(server.data, { recursive: true })
    }
    const cost = (it) => it.cpu[0] / it.rate // seconds of processor for an answer: other work on the machine counts less
    const goal = (reached) => (reached ? '' : 'MISSED')
    const lines = WORK.map(([title, , least = 0], i) => {
        const [few, many] = results.map((it) => it.rates[i])
        const dearer = cost(many) / cost(few)
        return [title, ...[few, many].flatMap((it) => [rate(it.rate), (cost(it) * 1e6).toFixed(0), milliseconds(it.p99)]),
            times(dearer), goal(dearer <= 2 && many.rate >= least)]
    })
    const [few, many] = results.map((it) => it.imported)
    lines.push(['import, rows/s (goal 25,000)', rate(few), '', '', rate(many), '', '', '', goal(many >= 25000)])
    const head = SIZES.flatMap((n) => [`${rate(n)}: req/s`, 'CPU µs', 'p99 ms'])
    return table(['customers', ...head, 'dearer by', 'goal 2'], lines)
}
