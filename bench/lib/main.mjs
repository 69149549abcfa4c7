// The benchmark: starts the servers, checks that they answer alike, drives the scenarios and prints one table.

import os from 'node:os'
import path from 'node:path'
import fs from 'node:fs'
import { parseArgs } from 'node:util'
import { startBare } from './bare.mjs'
import { crm } from './crm.mjs'
import { check, checkCursors, checkSearch } from './check.mjs'
import { searchWords } from './data.mjs'
import { bulkCreate, collectCursors, startMillwright, writeBodies } from './millwright.mjs'
import { measureNodes } from './nodes.mjs'
import { startPeer } from './peer.mjs'
import { measured, megabytes, milliseconds, rate, SERVER_COLUMNS, table, times } from './report.mjs'
import { listsTable, measureStock } from './stock.mjs'
import { Failure, guarded, machine, stop, temporaryFolder } from './system.mjs'
import { measure, whileWriting } from './wrk.mjs'

const HELP = `usage: bench/run [options]

Compares Millwright (build/millwright) with a FastAPI + SQLAlchemy + PostgreSQL service doing the same work.

  --seconds N      of measuring per scenario (default 8)
  --rows N         work orders both are loaded with (default 100000)
  --only NAME      one scenario; may be repeated: NAMES
  --peer STYLE     how the peer reads: orm (default), as FastAPI and SQLAlchemy teach it, or lean, by hand
  --postgres       Millwright on the peer's PostgreSQL instead of SQLite, and two servers of it behind HAProxy
  --no-peer        measure Millwright alone
  --no-millwright  measure the peer alone
  --stock          also a large stock ledger (--only stock: nothing else)
  --postings N     in it (default 1000000)
  --growth         also Millwright at 1,000, 100,000 and 1,000,000 work orders (--only growth: nothing else)
  --crm            also customers: import, lists and searches of 10,000 and 1,000,000 (--only crm: nothing else)
  --folder DIR     where the temporary data lies (default ${os.tmpdir()})
`

// Both servers; the goal is the ratio of their rates.
const COMPARED = [
    { name: 'by-id', title: 'one work order by id', script: 'by_id', goal: 25, postgres: 4 },
    { name: 'page', title: 'page of 50, filtered, sorted, exact total', script: 'page', goal: 40, postgres: 8 },
    { name: 'create', title: 'purchase order with 3 lines, durable', script: 'create', goal: 15, postgres: 3 },
    { name: 'create-1', title: 'the same, a single client', script: 'create', load: { threads: 1, connections: 1 } },
    { name: 'sale', title: 'sale of 3 lines with stock, ledger, payment', script: 'sale', rateGoal: 3000 },
    { name: 'sale-hot', title: 'the same, all of one product', script: 'sale_hot', rateGoal: 2500 },
    { name: 'stats', title: 'status counts and overdue', script: 'stats', goal: 100, postgres: 50 },
    { name: 'page-writes', title: 'the page, during 100 creates/s', script: 'page', writes: 100 },
    { name: 'stats-writes', title: 'the counts, during 100 creates/s', script: 'stats', writes: 100 },
]
// Millwright alone.
const ALONE = [
    { name: 'cursor', title: 'page of 50 by cursor, anywhere', script: 'cursor' },
    { name: 'search', title: 'search by the beginning of a word', script: 'search' },
    { name: 'connections', title: 'by id over 1,000 connections', script: 'by_id', load: { connections: 1000 },
        memoryGoal: 64 },
]
const OTHERS = ['bulk', 'start', 'limit', 'nodes', 'growth', 'stock', 'crm']
const NAMES = [...COMPARED, ...ALONE].map(({ name }) => name).concat(OTHERS)

function parsed() {
    const options = {
        seconds: { type: 'string', default: '8' }, rows: { type: 'string', default: '100000' },
        only: { type: 'string', multiple: true }, growth: { type: 'boolean' }, crm: { type: 'boolean' }, stock: { type: 'boolean' },
        postings: { type: 'string', default: '1000000' },
        peer: { type: 'string', default: 'orm' }, postgres: { type: 'boolean' }, 'no-peer': { type: 'boolean' }, 'no-millwright': { type: 'boolean' },
        folder: { type: 'string', default: os.tmpdir() }, help: { type: 'boolean' },
    }
    try {
        return parseArgs({ options }).values
    } catch (error) {
        throw new Failure(`${error.message}; --help lists the options`)
    }
}

function options() {
    const values = parsed()
    if (values.help) {
        console.log(HELP.replace('NAMES', NAMES.join(', ')))
        process.exit(0)
    }
    const count = (name, least) => {
        const value = Number(values[name])
        if (!Number.isInteger(value) || value < least) throw new Failure(`--${name} must be a number from ${least}`)
        return value
    }
    for (const name of values.only ?? [])
        if (!NAMES.includes(name)) throw new Failure(`--only ${name}: the scenarios are ${NAMES.join(', ')}`)
    if (!['orm', 'lean'].includes(values.peer)) throw new Failure('--peer is orm or lean')
    if (values.postgres && !fs.existsSync('/usr/sbin/haproxy')) throw new Failure('--postgres needs the package haproxy')
    if (values.postgres && values['no-peer']) throw new Failure('--postgres is the peer\'s PostgreSQL')
    if (values['no-peer'] && values['no-millwright']) throw new Failure('nothing is left to measure')
    return {
        seconds: count('seconds', 1), rows: count('rows', 1000), folder: values.folder,
        growth: values.growth || values.only?.includes('growth'),
        peer: values['no-peer'] ? null : values.peer, millwright: !values['no-millwright'],
        postings: count('postings', 20000), stock: values.stock || values.only?.includes('stock'),
        postgres: values.postgres, crm: values.crm || values.only?.includes('crm'),
        apart: values.only?.every((name) => ['growth', 'stock', 'crm'].includes(name)) ?? false,
        wants: (name) => !values.only || values.only.includes(name),
    }
}

const say = (text) => console.error(`bench: ${text}`)

// The files and numbers the wrk scripts read, for one server.
function prepare(server, folder, pages) {
    const file = (name) => path.join(folder, `${server.name.replace(' ', '-')}-${name}`)
    writeBodies(server, file('bodies'))
    fs.writeFileSync(file('words'), searchWords().join('\n') + '\n')
    Object.assign(server.env, {
        BENCH_PAGES: String(pages), BENCH_BODIES: file('bodies'), BENCH_WORDS: file('words'),
        BENCH_CURSORS: file('cursors'),
    })
}

async function followCursors(server) {
    const met = await collectCursors(server, server.env.BENCH_CURSORS)
    say(`cursor: ${met.cursors} cursors through ${met.rows} work orders`)
    await checkCursors(server, met)
}

async function drive(server, scenario, seconds) {
    if (!server) return null
    say(`${scenario.name}: ${server.name}`)
    const work = () => measure(server, scenario.script, { ...scenario.load, seconds })
    return scenario.writes ? whileWriting(server, scenario.writes, work) : work()
}

const verdict = (reached, print) => `${print}${reached ? '' : '  MISSED'}`

function goalOf({ goal, rateGoal, postgres }, ratio, ours, option) {
    if (option.postgres) return postgres ? verdict(!ratio || ratio >= postgres, `${postgres} x`) : ''
    if (goal) return verdict(!ratio || ratio >= goal, `${goal} x`)
    return rateGoal ? verdict(!ours || ours.rate >= rateGoal, `${rate(rateGoal)} req/s`) : ''
}

// Rows of the table, and Millwright's rate for one by id.
async function compare(option, peer, millwright) {
    const rows = []
    let byId = null
    for (const scenario of COMPARED.filter(({ name }) => option.wants(name))) {
        const theirs = await drive(peer, scenario, option.seconds)
        const ours = await drive(millwright, scenario, option.seconds)
        const ratio = theirs && ours ? ours.rate / theirs.rate : null
        if (scenario.name === 'by-id') byId = ours?.rate
        const writes = scenario.writes
            ? ` (answered ${[theirs, ours].filter(Boolean).map((it) => Math.round(it.writes)).join(' and ')})` : ''
        rows.push([scenario.title + writes, ...measured(theirs), ...measured(ours),
            ratio ? times(ratio) : '', goalOf(scenario, ratio, ours, option)])
    }
    return { rows, byId }
}

async function alone(option, millwright) {
    const rows = []
    for (const scenario of ALONE.filter(({ name }) => option.wants(name))) {
        if (scenario.name === 'cursor') await followCursors(millwright)
        if (scenario.name === 'search') await checkSearch(millwright, option.rows)
        const ours = await drive(millwright, scenario, option.seconds)
        const goal = scenario.memoryGoal
        rows.push([scenario.title, ...measured(null), ...measured(ours), '',
            goal ? verdict(ours.memory <= goal, `${goal} MiB`) : ''])
    }
    return rows
}

// What a server that does nothing would reach, and what part of it Millwright reaches.
async function limits(option, folder, byId) {
    const rows = []
    const bares = [['bare libmicrohttpd, constant answer', 0], ['bare libmicrohttpd and SQLite, by id', option.rows]]
    for (const [title, count] of bares) {
        say(`limit: ${title}`)
        const bare = await startBare(folder, count)
        const result = await measure(bare, 'by_id', { seconds: option.seconds })
        await stop(bare.process)
        const part = byId ? `by id is ${Math.round(100 * byId / result.rate)} %` : ''
        rows.push([title, ...measured(null), ...measured(result), '', part])
    }
    return rows
}

async function bulk(millwright) {
    const count = 50000
    say('bulk: Millwright')
    const seconds = await bulkCreate(millwright, millwright.foreignToken, 0, count, 5000)
    return count / seconds
}

async function facts(option, millwright) {
    const rows = []
    if (option.wants('bulk')) {
        const perSecond = await bulk(millwright)
        rows.push(['bulk creation, 5,000 work orders a call', `${rate(perSecond)} rows/s`,
            verdict(perSecond >= 20000, '20,000 rows/s')])
        rows.push(['the load itself, 1,000 a call', `${rate(millwright.loadRate)} rows/s`, ''])
    }
    if (option.wants('start')) {
        rows.push(['ready after start, new folder', `${milliseconds(millwright.readyEmpty)} ms`, ''])
        rows.push([`ready after start, ${rate(option.rows)} work orders`, `${milliseconds(millwright.readyLoaded)} ms`,
            verdict(millwright.readyLoaded <= 100, '100 ms')])
        rows.push(['resident memory just after start', `${megabytes(millwright.memoryIdle)} MiB`, ''])
        rows.push(['resident memory after everything above', `${megabytes(millwright.memory())} MiB`, ''])
    }
    return rows
}

// The same work over tables of three sizes.
async function growth(option, folder) {
    const scenarios = [['one by id', 'by_id'], ['page by cursor, anywhere', 'cursor'], ['purchase order', 'create'],
        ['page by number, with total', 'page']]
    const rows = [], rates = []
    for (const size of [1000, 100000, 1000000]) {
        say(`growth: loading ${size} work orders`)
        const millwright = await startMillwright(folder, size)
        prepare(millwright, folder, await check([millwright], size))
        await followCursors(millwright)
        const results = []
        for (const [name, script] of scenarios)
            results.push(await drive(millwright, { name, script }, option.seconds))
        rates.push(results.map((it) => it.rate))
        rows.push([rate(size), ...results.flatMap((it) => [rate(it.rate), milliseconds(it.p99)]),
            milliseconds(millwright.readyLoaded), megabytes(millwright.memory())])
        await millwright.stop()
        fs.rmSync(millwright.data, { recursive: true })
    }
    const change = scenarios.flatMap((_, i) => {
        const column = rates.map((row) => row[i])
        const spread = Math.max(...column) / Math.min(...column)
        return [i < 3 ? verdict(spread < 2, times(spread)) : times(spread), '']
    })
    rows.push(['greatest / least (goal < 2)', ...change, '', ''])
    const header = ['work orders', ...scenarios.flatMap(([title]) => [`${title}, req/s`, 'p99 ms']), 'ready ms', 'MiB']
    return table(header, rows)
}

// What a large ledger costs: one product's, and a thousand products'.
async function stock({ postings, seconds }, folder) {
    const rows = []
    let lists
    for (const [count, method] of [[1, 'moving_average'], [1, 'fifo'], [1000, 'moving_average'], [1000, 'fifo']]) {
        say(`stock: ${rate(postings)} postings, products: ${count}, ${method}`)
        const listSeconds = count > 1 && method === 'moving_average' ? seconds : 0
        const it = await measureStock(folder, { postings, count, method, listSeconds })
        if (listSeconds) lists = listsTable(it.few, it.many, postings, verdict)
        rows.push([`${count === 1 ? 'one product' : `${count} products`}, ${method}`, `${rate(it.loadRate)} moves/s`,
            `${milliseconds(it.seconds * 1000)} ms`,
            count > 1 ? '' : verdict(it.replayRate >= 200000, `${rate(it.replayRate)} postings/s`),
            verdict(it.proof <= 5, `${it.proof.toFixed(1)} s`)])
    }
    return table([`stock, ${rate(postings)} postings`, 'entered', 'a receipt dated before all', 'worked out again',
        'verify'], rows) + '\n\n' + lists
}

async function comparison(option, folder) {
    if (option.peer) say(`the peer: ${rate(option.rows)} work orders into PostgreSQL`)
    const peer = option.peer ? await startPeer(folder, option.rows, option.peer) : null
    if (option.millwright) say(`Millwright: ${rate(option.rows)} work orders through its API`)
    const database = option.postgres ? await peer.database('millwright') : undefined
    const millwright = option.millwright ? await startMillwright(folder, option.rows, { database }) : null
    if (database) say(`copied to PostgreSQL and compared: ${rate(millwright.copied.rows)} rows, ${rate(millwright.copied.rate)} a second`)

    const servers = [peer, millwright].filter(Boolean)
    const pages = await check(servers, option.rows)
    for (const server of servers) prepare(server, folder, pages)

    const { rows, byId } = await compare(option, peer, millwright)
    if (millwright && !option.postgres) rows.push(...await alone(option, millwright))
    if (option.wants('limit') && !option.postgres) rows.push(...await limits(option, folder, byId))
    const columns = (name) => [`${name} req/s`, ...SERVER_COLUMNS.slice(1)]
    console.log('\n' + table(['scenario', ...columns('peer'), ...columns('Millwright'), 'ratio', 'goal'], rows))
    if (millwright && option.postgres && option.wants('nodes'))
        console.log('\n' + await measureNodes(folder, millwright, option, say))
    if (millwright && !option.postgres) {
        const more = await facts(option, millwright)
        if (more.length) console.log('\n' + table(['Millwright', 'measured', 'goal'], more))
    }
    for (const server of servers) await server.stop()
}

async function main() {
    const option = options()
    const folder = temporaryFolder(option.folder)
    console.log(machine(folder))
    if (!option.apart) await comparison(option, folder)
    if (option.stock && option.millwright) console.log('\n' + await stock(option, folder))
    if (option.growth && option.millwright) console.log('\n' + await growth(option, folder))
    if (option.crm && option.millwright) console.log('\n' + await crm(option, folder, say))
    return 0
}

guarded(main)
