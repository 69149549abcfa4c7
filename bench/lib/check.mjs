// Before anything is measured: both servers give the same answers to the same questions. A fast wrong answer
// is worth nothing, so the first difference ends the benchmark.

import { purchaseOrder, rowsFoundBy, searchWords, workOrder } from './data.mjs'
import { call } from './millwright.mjs'
import { Failure } from './system.mjs'

const FIELDS = ['product_name', 'quantity', 'customer_name', 'description', 'due_date', 'priority', 'status']

// The path and the two values where `is` first differs from `should`; null when they are alike.
function difference(is, should, at = '') {
    if (is === null || should === null || typeof is !== 'object' || typeof should !== 'object')
        return Object.is(is, should) ? null
            : `${at || 'it'} is ${JSON.stringify(is)} and should be ${JSON.stringify(should)}`
    for (const key of new Set([...Object.keys(should), ...Object.keys(is)])) {
        const found = difference(is[key], should[key], at ? `${at}.${key}` : key)
        if (found) return found
    }
    return null
}

function same(what, is, should) {
    const found = difference(is, should)
    if (found) throw new Failure(`${what}: ${found}`)
}

// Decimals may be printed as strings.
const seen = (item) => Object.fromEntries(FIELDS.map((name) =>
    [name, name === 'quantity' ? Number(item[name]) : item[name]]))

const list = (page) => `/api/v1/work-orders?status=in_progress&ordering=due_date&page=${page}&page_size=50`

async function checkReads(server, rows, token) {
    for (let i = 0; i < 20; i++) {
        const row = Math.floor(rows / 20 * i)
        const item = await call(server, 'GET', `/api/v1/work-orders/${server.firstId + row}`, { token })
        same(`${server.name}, work order of row ${row}`, seen(item), workOrder(row))
    }
    const one = `/api/v1/work-orders/${server.firstId}`
    await call(server, 'GET', one, { expect: 401 })
    await call(server, 'GET', one, { token: token.slice(0, -6) + 'AAAAAA', expect: 401 })
    const foreign = await server.foreignToken()
    await call(server, 'GET', one, { token: foreign, expect: 404 })
    const theirs = await call(server, 'GET', list(1), { token: foreign })
    same(`${server.name}, another organization's list`, theirs.total, 0)
}

async function checkCreate(server, token) {
    const body = purchaseOrder(server.supplier, 0)
    const order = await call(server, 'POST', '/api/v1/purchase-orders', { body, token, expect: 201 })
    const next = await call(server, 'POST', '/api/v1/purchase-orders', { body, token, expect: 201 })
    const amounts = body.line_items.map((line) => Math.round(line.quantity * line.unit_price * 100) / 100)
    const subtotal = amounts.reduce((sum, amount) => sum + amount)
    same(`${server.name}, the order's totals`, [order.subtotal, order.tax_amount, order.total_amount].map(Number),
        [subtotal, subtotal * 0.18, subtotal * 1.18].map((value) => Math.round(value * 100) / 100))
    same(`${server.name}, the order's lines`, order.line_items.map((line) => Number(line.amount)), amounts)
    const number = (it) => Number(/^PO-(\d{6})$/.exec(it.po_number)?.[1])
    same(`${server.name}, consecutive numbers`, number(next), number(order) + 1)
    await call(server, 'POST', '/api/v1/purchase-orders',
        { body: { ...body, supplier_id: server.supplier + 1000 }, token, expect: 422 })
}

const counts = (stats) => {
    const sorted = (map) => Object.fromEntries(Object.entries(map).filter(([, n]) => n > 0).sort())
    return { total: stats.total, by_status: sorted(stats.by_status), by_priority: sorted(stats.by_priority),
        overdue: stats.overdue }
}

// Checks each server against the data itself, and the lists and statistics of the two against each other.
// Returns the number of pages in the list that is measured.
export async function check(servers, rows) {
    const answers = []
    for (const server of servers) {
        const token = await server.token()
        await checkReads(server, rows, token)
        await checkCreate(server, token)
        const { pages } = await call(server, 'GET', list(1), { token })
        const full = Math.max(1, pages - 1) // the last page may be short
        const wanted = [1, Math.ceil(full / 2), full]
        const answer = { pages, lists: [], stats: null }
        for (const page of wanted) {
            const { items, total } = await call(server, 'GET', list(page), { token })
            if (pages > 1) same(`${server.name}, items on page ${page}`, items.length, 50)
            answer.lists.push({ page, total, items: items.map(seen) })
        }
        answer.stats = counts(await call(server, 'GET', '/api/v1/work-orders/stats', { token }))
        same(`${server.name}, the statistics' total`, answer.stats.total, rows)
        answers.push(answer)
    }
    if (answers[1]) same(`${servers[1].name} against ${servers[0].name}`, answers[1], answers[0])
    return answers[0].pages
}

// What only Millwright has: a search, and a list that is followed by its cursors and misses and repeats nothing.
export async function checkSearch(server, rows) {
    const word = searchWords()[500]
    const found = await call(server, 'GET', `/api/v1/work-orders?page_size=50&search=${word}`,
        { token: await server.token() })
    same(`${server.name}, work orders found by "${word}"`, found.total, rowsFoundBy(word, rows))
}

export async function checkCursors(server, met) {
    const { total } = await call(server, 'GET', list(1), { token: await server.token() })
    same(`${server.name}, work orders and different ones met by following the cursors`, [met.rows, met.different],
        [total, total])
}
