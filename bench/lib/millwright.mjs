// Millwright itself, run as a user runs it: one process, one data folder, everything through its API.

import fs from 'node:fs'
import path from 'node:path'
import { products, purchaseOrder, sale, workOrders } from './data.mjs'
import { Failure, freePort, processorSeconds, ready, residentMemory, run, start, stop, tail } from './system.mjs'

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '../..')
export const binary = process.env.MILLWRIGHT_BIN ?? path.join(root, 'build/millwright')
const LOAD_BATCH = 1000
const PASSWORD = 'a-long-benchmark-password'
const SECRET = 'the same secret at all servers of a benchmark'

// One call of the API; anything but the expected status is a failure that shows the answer.
export async function call(server, method, where, { body, token, expect = 200 } = {}) {
    const headers = { 'content-type': 'application/json' }
    if (token) headers.authorization = `Bearer ${token}`
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(server.url + where, { method, headers, body: sent })
    const text = await answer.text()
    if (![expect].flat().includes(answer.status))
        throw new Failure(`${server.name}: ${method} ${where} gave ${answer.status}, not ${expect}:\n` +
            `${text.slice(0, 1500)}\n${server.complaints?.() ?? ''}`)
    return text ? JSON.parse(text) : null
}

// An organization with its admin; token() logs in again before the access token's 30 minutes end.
export async function openOrganization(server, name) {
    await call(server, 'POST', '/api/v1/auth/register', {
        body: { email: `${name}@example.com`, username: name, password: PASSWORD, organization_name: `Bench ${name}` },
        expect: 201,
    })
    let token, until = 0
    return async () => {
        if (Date.now() > until) {
            const answer = await call(server, 'POST', '/api/v1/auth/login',
                { body: { username: name, password: PASSWORD } })
            token = answer.access_token
            until = Date.now() + 10 * 60000
        }
        return token
    }
}

// Creates rows [from, from + count) in batches; the seconds the server took, without making the JSON.
export async function bulkCreate(server, token, from, count, batch) {
    let seconds = 0
    for (let row = from; row < from + count; row += batch) {
        const body = JSON.stringify({ items: workOrders(row, Math.min(batch, from + count - row)) })
        const start = performance.now()
        const answer = await call(server, 'POST', '/api/v1/work-orders/bulk',
            { body, token: await token(), expect: [200, 201] })
        seconds += (performance.now() - start) / 1000
        if (answer.failed) throw new Failure(`bulk: ${answer.failed} rows failed`)
    }
    return seconds
}

// Starts the program on its folder; resolves when /health answers.
export async function boot(it) {
    const port = await freePort()
    it.url = `http://127.0.0.1:${port}`
    it.process = start(binary, ['serve', '--data', it.data, '--listen', `127.0.0.1:${port}`], {
        log: it.log, cwd: it.folder, env: {
            MILLWRIGHT_RATE_LIMIT: 'off', MILLWRIGHT_LOG_LEVEL: 'warning', MILLWRIGHT_REGISTRATION: 'open',
            MILLWRIGHT_SECRET: SECRET, ...(it.database && { MILLWRIGHT_DATABASE: it.database.url }),
        },
    })
    return ready(it.process, `${it.url}/health`)
}

async function move(it, database) {
    const from = performance.now()
    const { stdout } = await run(binary, ['copy', '--quiet', '--from', `sqlite:${path.join(it.data, 'millwright.db')}`, '--to', database.url])
    const rows = Number(/^copied and compared: (\d+) rows/m.exec(stdout)[1])
    it.copied = { rows, rate: rows / (performance.now() - from) * 1000 }
    await database.vacuum()
    it.database = database
}

// Another server on the same PostgreSQL.
export async function startNode({ folder, database }) {
    const data = path.join(folder, 'millwright-other')
    fs.mkdirSync(data)
    const it = { folder, data, database, log: path.join(folder, 'millwright-other.log') }
    await boot(it)
    return it
}

// Starts Millwright, loads `rows` work orders and starts it again on them, as after a machine's restart.
// In SQLite, unless there is a database to copy all of it to: {url, vacuum(), processor(), memory()}.
export async function startMillwright(folder, rows, { name = `millwright-${rows}`, database } = {}) {
    if (!fs.existsSync(binary)) throw new Failure(`${binary} is missing; run make first`)
    const data = path.join(folder, name)
    fs.mkdirSync(data, { recursive: true })
    const it = { name: 'Millwright', folder, data, log: path.join(folder, 'millwright.log') }
    it.processor = () => [processorSeconds(it.process.pid), ...(database ? [database.processor()] : [])]
    it.memory = () => residentMemory(it.process.pid) + (database?.memory() ?? 0)
    it.complaints = () => tail(it.log)
    it.stop = () => stop(it.process)

    it.readyEmpty = await boot(it)
    it.token = await openOrganization(it, 'bench')
    it.foreignToken = await openOrganization(it, 'another')
    it.loadRate = rows / await bulkCreate(it, it.token, 0, rows, LOAD_BATCH)
    await it.stop()
    if (database) await move(it, database)
    it.readyLoaded = await boot(it)
    it.memoryIdle = it.memory()

    const edge = async (ordering) => {
        const answer = await call(it, 'GET', `/api/v1/work-orders?page_size=1&ordering=${ordering}`,
            { token: await it.token() })
        if (answer.total !== rows) throw new Failure(`Millwright has ${answer.total} work orders, not ${rows}`)
        return answer.items[0].id
    }
    it.firstId = await edge('id')
    const lastId = await edge('-id')
    if (lastId - it.firstId + 1 !== rows) throw new Failure(`ids ${it.firstId} to ${lastId} are not ${rows} rows`)
    it.env = { BENCH_FIRST_ID: String(it.firstId), BENCH_LAST_ID: String(lastId) }
    const vendor = await call(it, 'POST', '/api/v1/vendors',
        { body: { name: 'Steel & Sons' }, token: await it.token(), expect: 201 })
    it.supplier = vendor.id
    const stocked = await call(it, 'POST', '/api/v1/products/bulk',
        { body: { items: products() }, token: await it.token() })
    it.firstProduct = stocked.results[0].id
    return it
}

// Follows next_cursor to the end of the list in progress; every cursor met, one a line, into a file.
export async function collectCursors(server, file) {
    const list = '/api/v1/work-orders?status=in_progress&ordering=due_date&page_size=50&count=none'
    const cursors = [], ids = new Set()
    let rows = 0
    for (let cursor = null; ;) {
        const where = cursor ? `${list}&cursor=${encodeURIComponent(cursor)}` : list
        const answer = await call(server, 'GET', where, { token: await server.token() })
        for (const item of answer.items) ids.add(item.id)
        rows += answer.items.length
        cursor = answer.next_cursor
        if (!cursor) break
        cursors.push(encodeURIComponent(cursor))
    }
    fs.writeFileSync(file, cursors.join('\n') + '\n')
    return { cursors: cursors.length, rows, different: ids.size }
}

export function writeBodies(server, file) {
    const write = (name, body) =>
        fs.writeFileSync(name, Array.from({ length: 1000 }, (_, n) => JSON.stringify(body(n)) + '\n').join(''))
    write(file, (n) => purchaseOrder(server.supplier, n))
    write(`${file}-sales`, (n) => sale(server.firstProduct, n))
    write(`${file}-hot`, (n) => sale(server.firstProduct, n, server.firstProduct))
}
