// Runs one scenario of bench/wrk against a server and measures both sides of it.

import path from 'node:path'
import { Failure, run, sleep } from './system.mjs'

const scripts = path.join(path.dirname(new URL(import.meta.url).pathname), '../wrk')

async function wrk(script, url, env, { threads = 2, connections = 64, seconds }) {
    const args = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, '--timeout', '10s',
        '-s', path.join(scripts, `${script}.lua`), url]
    const { stdout } = await run('wrk', args, { env: { ...process.env, ...env, BENCH_WRK: scripts } })
    const line = stdout.split('\n').find((text) => text.startsWith('{'))
    if (!line) throw new Failure(`wrk ${args.join(' ')} said:\n${stdout}`)
    return JSON.parse(line)
}

// server: {name, url, token(), env, processor(), memory()}. Returns {rate, p50, p99 (ms), cpu (by part, in
// processors), memory (MiB, the highest seen)}. Any answer above 399 and any broken connection is a failure.
export async function measure(server, script, options) {
    const env = { ...server.env, ...options.env, BENCH_TOKEN: await server.token() }
    await wrk(script, server.url, env, { ...options, seconds: 1 }) // warms caches and connections

    let memory = server.memory()
    const sampling = setInterval(() => { memory = Math.max(memory, server.memory()) }, 500)
    const before = server.processor(), from = performance.now()
    const result = await wrk(script, server.url, env, options).finally(() => clearInterval(sampling))
    const after = server.processor(), wall = (performance.now() - from) / 1000
    if (result.refused || result.broken)
        throw new Failure(`${server.name}, ${script}: ${result.refused} answers above 399 and ${result.broken} ` +
            `broken connections in ${result.requests} requests\n${server.complaints?.() ?? ''}`)
    await sleep(200)
    return {
        rate: result.requests / result.seconds,
        p50: result.p50 / 1000,
        p99: result.p99 / 1000,
        cpu: after.map((seconds, part) => (seconds - before[part]) / wall),
        memory,
    }
}

// Creates `perSecond` work orders a second while `work` runs, keeping the beat whether or not the answers come
// in time (64 at most under way). Returns what work returned, and as `writes` how many a second were answered.
export async function whileWriting(server, perSecond, work) {
    const token = await server.token()
    const body = JSON.stringify({ product_name: 'Made meanwhile', quantity: 1, status: 'in_progress' })
    const underWay = new Set()
    let written = 0, failure = null
    const create = async () => {
        const answer = await fetch(`${server.url}/api/v1/work-orders`, {
            method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body,
        })
        const text = await answer.text()
        if (answer.status !== 201)
            throw new Failure(`${server.name}: creating gave ${answer.status}: ${text.slice(0, 500)}`)
        written++
    }
    const from = performance.now()
    let due = 0
    const beat = setInterval(() => {
        for (const now = (performance.now() - from) / 1000 * perSecond; due < now; due++) {
            if (underWay.size >= 64) continue
            const one = create().catch((error) => { failure ??= error }).finally(() => underWay.delete(one))
            underWay.add(one)
        }
    }, 1000 / perSecond)
    const result = await work().finally(() => clearInterval(beat))
    const writes = written / (performance.now() - from) * 1000
    await Promise.all(underWay)
    if (failure) throw failure
    return { ...result, writes }
}
