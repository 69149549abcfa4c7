// A large stock ledger: a receipt dated before all of them, after which every cost behind it is
// worked out again, what lists of it cost, and the proof that `millwright verify` makes of it.

import fs from 'node:fs'
import path from 'node:path'
import { binary, boot, call, openOrganization } from './millwright.mjs'
import { milliseconds, rate, table, times } from './report.mjs'
import { Failure, processorSeconds, residentMemory, run, stop, tail } from './system.mjs'
import { measure } from './wrk.mjs'

const BATCH = 1000
const FEW = 10000 // postings that lists are measured with before all of them are there
const DAY = 86400000
const instant = (t) => new Date(t).toISOString().slice(0, 19) + 'Z'

// Three receipts at three costs, then two deliveries: stock grows, and no two costs are the same.
function move(products, i, t) {
    const receipt = i % 5 < 3
    return { kind: receipt ? 'receipt' : 'delivery', product_id: products[Math.floor(i / 5) % products.length],
        quantity: receipt ? 10 + i % 7 : 9 + i % 4, ...receipt && { unit_cost: (500 + i % 1009) / 100 },
        effective_at: instant(t) }
}

async function makeProducts(it, count) {
    const token = await it.token(), products = []
    for (let n = 0; n < count; n++)
        products.push((await call(it, 'POST', '/api/v1/products',
            { body: { sku: `P-${n}`, name: `Product ${n}` }, token, expect: 201 })).id)
    return products
}

// Moves in the order in which they happened, through the API; moves a second.
async function load(it, products, [begin, end], first) {
    const start = performance.now()
    for (let from = begin; from < end; from += BATCH) {
        const items = Array.from({ length: Math.min(BATCH, end - from) }, (_, k) =>
            move(products, from + k, first + (from + k) * 20000))
        const answer = await call(it, 'POST', '/api/v1/stock-moves/bulk',
            { body: { items }, token: await it.token(), expect: [200, 201] })
        if (answer.failed) throw new Failure(`stock: ${answer.failed} moves failed: ${JSON.stringify(answer).slice(0, 500)}`)
    }
    return (end - begin) / (performance.now() - start) * 1000
}

const today = new Date().toISOString().slice(0, 10)
const LISTS = [
    ['a page of stock levels, with its total', () => ['/api/v1/stock-levels?page_size=50']],
    ['the levels of a product', (products) => products.map((id) => `/api/v1/stock-levels?product_id=${id}`)],
    ['what is in stock', () => ['/api/v1/stock-levels?usage=internal&on_hand__gt=0&page_size=50']],
    ['the levels of a product as of today', (products) => products.map((id) => `/api/v1/stock-levels?product_id=${id}&as_of=${today}`)],
    ['the newest of a product’s ledger', (products) => products.map((id) => `/api/v1/products/${id}/ledger?ordering=-effective_at,-order_id&page_size=10&count=none`)],
    ['the same, with its total', (products) => products.map((id) => `/api/v1/products/${id}/ledger?ordering=-effective_at,-order_id&page_size=10`)],
]

// Processor seconds an answer, list by list: what others do on the machine does not count.
async function listCosts(it, products, seconds) {
    const costs = []
    for (const [, paths] of LISTS) {
        it.env = { BENCH_PATHS: path.join(it.folder, 'stock-paths') }
        fs.writeFileSync(it.env.BENCH_PATHS, paths(products).join('\n') + '\n')
        // The first total of a table is counted, and kept: that is not what is measured.
        await call(it, 'GET', paths(products)[0], { token: await it.token() })
        const { rate, cpu: [processors] } = await measure(it, 'paths', { seconds })
        costs.push({ rate, cost: processors / rate })
    }
    return costs
}

// What lists cost with FEW postings behind the same levels, and with all of them.
export function listsTable(few, many, postings, verdict) {
    const rows = LISTS.map(([title], i) => {
        const grown = many[i].cost / few[i].cost
        return [title, ...[few, many].flatMap((it) => [rate(it[i].rate), milliseconds(it[i].cost * 1000)]), verdict(grown < 2, times(grown))]
    })
    return table(['lists of stock', ...[FEW, postings].flatMap((n) => [`${rate(n)} postings: req/s`, 'CPU ms']), 'dearer by'], rows)
}

async function dateBack(it, product, first) {
    const body = { kind: 'receipt', product_id: product, quantity: 7, unit_cost: 3.25, effective_at: instant(first - DAY) }
    const start = performance.now()
    await call(it, 'POST', '/api/v1/stock-moves', { body, token: await it.token(), expect: 201 })
    return (performance.now() - start) / 1000
}

async function verify(it) {
    const start = performance.now()
    await run(binary, ['verify', '--quiet', '--data', it.data])
    return (performance.now() - start) / 1000
}

// A server of its own on a new folder: `postings` of `count` products by one valuation method. Lists are
// measured for so many seconds each; 0: not at all.
export async function measureStock(folder, { postings, count, method, listSeconds }) {
    const data = path.join(folder, `stock-${count}-${method}`)
    fs.mkdirSync(data, { recursive: true })
    const it = { name: 'Millwright', folder, data, log: path.join(folder, 'stock.log') }
    it.complaints = () => tail(it.log)
    it.processor = () => [processorSeconds(it.process.pid)]
    it.memory = () => residentMemory(it.process.pid)
    await boot(it)
    it.token = await openOrganization(it, 'bench')
    await call(it, 'PUT', '/api/v1/system-settings', { body: { valuation_method: method }, token: await it.token() })
    const products = await makeProducts(it, count)
    const first = Math.floor(Date.now() / 1000) * 1000 - (postings / 2) * 20000 - DAY
    await load(it, products, [0, FEW / 2], first)
    const few = listSeconds && await listCosts(it, products, listSeconds)
    const loadRate = await load(it, products, [FEW / 2, postings / 2], first)
    const many = listSeconds && await listCosts(it, products, listSeconds)
    const seconds = await dateBack(it, products[0], first)
    await stop(it.process)
    const proof = await verify(it)
    fs.rmSync(data, { recursive: true })
    return { loadRate, replayRate: postings / count / seconds, seconds, proof, few, many }
}
