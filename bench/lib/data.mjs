// The work orders both servers are loaded with, and the words they are searched by. The same row number
// always gives the same row.

const NOUNS = ['Bracket', 'Flange', 'Shaft', 'Housing', 'Gasket', 'Manifold', 'Spindle', 'Bearing', 'Coupling',
    'Hopper', 'Conveyor', 'Frame', 'Impeller', 'Valve', 'Piston', 'Roller', 'Sprocket', 'Bushing', 'Collar', 'Jig']
const CLIENTS = Array.from({ length: 200 }, (_, i) => `Client ${String(i + 1).padStart(3, '0')} Ltd`)
const PRIORITIES = ['low', 'medium', 'medium', 'medium', 'high', 'high', 'urgent']
// Of 100 work orders, 25 are in progress.
const STATUSES = [['draft', 10], ['pending', 20], ['ready', 5], ['in_progress', 25], ['paused', 5],
    ['completed', 30], ['cancelled', 5]].flatMap(([status, n]) => Array(n).fill(status))
const SYLLABLES = ['ba', 'cor', 'den', 'fil', 'gra', 'hem', 'jol', 'kan', 'lur', 'mos', 'nep', 'pri', 'qua', 'rov',
    'sti', 'tam']

// 4,096 made-up words of three syllables, so that a search finds some rows rather than a tenth of them all.
const word = (n) => SYLLABLES[n >> 8 & 15] + SYLLABLES[n >> 4 & 15] + SYLLABLES[n & 15]

// A number in [0, 2^32) that depends on the row and the column only (the finaliser of MurmurHash3).
export function scatter(row, column) {
    let h = Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 1, 0x85ebca6b)
    h = Math.imul(h ^ h >>> 16, 0x85ebca6b)
    h = Math.imul(h ^ h >>> 13, 0xc2b2ae35)
    return (h ^ h >>> 16) >>> 0
}

const pick = (list, row, column) => list[scatter(row, column) % list.length]
const DAY = 86400000
const today = Math.floor(Date.now() / DAY)

export const day = (offset) => new Date((today + offset) * DAY).toISOString().slice(0, 10)

export function workOrder(row) {
    return {
        product_name: `${pick(NOUNS, row, 0)} ${word(scatter(row, 3) % 4096)} ${String(row + 1).padStart(7, '0')}`,
        quantity: 1 + scatter(row, 1) % 500,
        customer_name: pick(CLIENTS, row, 2),
        description: `Cut, weld and finish as drawing ${scatter(row, 4) % 90000 + 10000}, ` +
            `revision ${scatter(row, 5) % 9}. Deburr all edges.`,
        due_date: day(scatter(row, 6) % 365 - 120),
        priority: pick(PRIORITIES, row, 7),
        status: pick(STATUSES, row, 8),
    }
}

// Rows [from, from + count) as an array.
export const workOrders = (from, count) => Array.from({ length: count }, (_, i) => workOrder(from + i))

// Beginnings of words; each finds one row in 4,096.
export const searchWords = () => Array.from({ length: 1000 }, (_, n) => word(n * 4).slice(0, -1))

export function rowsFoundBy(beginning, rows) {
    let count = 0
    for (let row = 0; row < rows; row++) if (workOrder(row).product_name.includes(` ${beginning}`)) count++
    return count
}

export function csvLine(row) {
    const it = workOrder(row)
    return [`WO-${String(row + 1).padStart(6, '0')}`, it.product_name, it.quantity, it.customer_name,
        `"${it.description}"`, it.due_date, it.priority, it.status].join(',') + '\n'
}

export const PRODUCTS = 1000

export const products = () => Array.from({ length: PRODUCTS }, (_, i) => ({
    sku: `SKU-${String(i).padStart(4, '0')}`, name: `Product ${i}`, price: 10 + i % 7, cost: 5, quantity: 10000000,
}))

// Three lines; all of one product when `hot` is its id.
export const sale = (firstProduct, n, hot) => ({
    payment_method: 'cash',
    lines: [0, 1, 2].map((line) => ({
        product_id: hot ?? firstProduct + (n * 3 + line) * 7 % PRODUCTS, quantity: 1 + (n + line) % 3,
    })),
})

export const purchaseOrder = (supplier, n) => ({
    supplier_id: supplier,
    po_date: day(0),
    due_date: day(7 + n % 90),
    tax_rate: 18,
    notes: `Deliver to gate ${1 + n % 4}`,
    line_items: [0, 1, 2].map((line) => ({
        material_code: `M-${1000 + (n * 3 + line) % 500}`,
        material_name: `Steel sheet ${1 + (n + line) % 12} mm`,
        quantity: 1 + (n * 7 + line) % 200,
        unit_price: (100 + (n * 13 + line * 29) % 9900) / 100,
    })),
})
