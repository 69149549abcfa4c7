// Millwright on PostgreSQL: one server, and two behind HAProxy on the same machine and database.

import fs from 'node:fs'
import path from 'node:path'
import { startNode } from './millwright.mjs'
import { rate, table } from './report.mjs'
import { freePort, processorSeconds, residentMemory, start, stop, tail } from './system.mjs'
import { measure } from './wrk.mjs'

const SCENARIOS = [['one work order by id', 'by_id'], ['page of 50, with total', 'page'],
    ['purchase order with 3 lines', 'create'], ['status counts and overdue', 'stats']]
const LEAST = 0.85 // of what one server answers, behind the same proxy

const sum = (of) => (servers) => servers.reduce((total, it) => total + of(it.pid), 0)

async function startProxy(folder, servers) {
    const port = await freePort(), file = path.join(folder, `haproxy-${servers.length}.cfg`)
    const list = servers.map((it, i) => `    server n${i} ${new URL(it.url).host}\n`).join('')
    fs.writeFileSync(file, `global
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    http-reuse always
listen bench
    bind 127.0.0.1:${port}
    balance roundrobin
${list}`)
    const proxy = start('/usr/sbin/haproxy', ['-db', '-f', file], { log: path.join(folder, 'haproxy.log'), stopSignal: 'SIGUSR1' })
    return { proxy, url: `http://127.0.0.1:${port}` }
}

/** What wrk drives: these servers behind a proxy. */
async function behind(folder, millwright, processes) {
    const { proxy, url } = await startProxy(folder, processes)
    const all = [...processes.map((it) => it.process), proxy]
    return {
        ...millwright, url, name: `${processes.length} behind HAProxy`,
        processor: () => [sum(processorSeconds)(all)], memory: () => sum(residentMemory)(all),
        complaints: () => tail(proxy.log) + tail(millwright.log),
        stop: () => stop(proxy),
    }
}

const verdict = (ratio) => `${Math.round(100 * ratio)} %${ratio < LEAST ? '  MISSED' : ''}`

// A table: the rates of one server, of it behind HAProxy, and of two there.
export async function measureNodes(folder, millwright, option, say) {
    const other = await startNode(millwright)
    const proxied = [await behind(folder, millwright, [millwright]), await behind(folder, millwright, [millwright, other])]
    const rows = []
    for (const [title, script] of SCENARIOS) {
        const rates = []
        for (const server of [millwright, ...proxied]) {
            say(`nodes, ${script}: ${server.name}`)
            rates.push((await measure(server, script, { seconds: option.seconds })).rate)
        }
        rows.push([title, ...rates.map(rate), verdict(rates[2] / rates[1])])
    }
    for (const server of proxied) await server.stop()
    await stop(other.process)
    return table(['on PostgreSQL, req/s', 'one', 'one behind HAProxy', 'two behind HAProxy', `two / one (goal ${100 * LEAST} %)`], rows)
}
