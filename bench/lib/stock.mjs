// A large stock ledger: a receipt dated before all of them, after which every cost behind it is
// worked out again, and the proof that `millwright verify` makes of it.

import fs from 'node:fs'
import path from 'node:path'
import { binary, boot, call, openOrganization } from './millwright.mjs'
import { Failure, run, stop, tail } from './system.mjs'

const BATCH = 1000
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
async function load(it, products, moves, first) {
    const start = performance.now()
    for (let from = 0; from < moves; from += BATCH) {
        const items = Array.from({ length: Math.min(BATCH, moves - from) }, (_, k) =>
            move(products, from + k, first + (from + k) * 20000))
        const answer = await call(it, 'POST', '/api/v1/stock-moves/bulk',
            { body: { items }, token: await it.token(), expect: [200, 201] })
        if (answer.failed) throw new Failure(`stock: ${answer.failed} moves failed: ${JSON.stringify(answer).slice(0, 500)}`)
    }
    return moves / (performance.now() - start) * 1000
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

// A server of its own on a new folder: `postings` of `count` products by one valuation method.
export async function measureStock(folder, { postings, count, method }) {
    const data = path.join(folder, `stock-${count}-${method}`)
    fs.mkdirSync(data, { recursive: true })
    const it = { name: 'Millwright', folder, data, log: path.join(folder, 'stock.log') }
    it.complaints = () => tail(it.log)
    await boot(it)
    it.token = await openOrganization(it, 'bench')
    await call(it, 'PUT', '/api/v1/system-settings', { body: { valuation_method: method }, token: await it.token() })
    const products = await makeProducts(it, count)
    const first = Math.floor(Date.now() / 1000) * 1000 - (postings / 2) * 20000 - DAY
    const loadRate = await load(it, products, postings / 2, first)
    const seconds = await dateBack(it, products[0], first)
    await stop(it.process)
    const proof = await verify(it)
    fs.rmSync(data, { recursive: true })
    return { loadRate, replayRate: postings / count / seconds, seconds, proof }
}
