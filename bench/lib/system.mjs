// Processes, ports, temporary files and what /proc says about them. Everything started or made here is
// ended and removed when the benchmark ends, whichever way it ends.

import { spawn, execFile } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const children = new Set() // what start() started
const helpers = new Set() // what run() waits for
const folders = new Set()

// Runs a program to its end: {stdout, stderr}, or an error when it fails.
export function run(command, args, options) {
    const result = promisify(execFile)(command, args, { maxBuffer: 2 ** 24, ...options })
    helpers.add(result.child)
    result.child.on('exit', () => helpers.delete(result.child))
    return result
}

// Starts a program in a session of its own, so that only we decide when it ends; its output goes to
// `log`. A `user` ({uid, gid}) makes it run as that user. Signal `stopSignal` ends it.
export function start(command, args, { log, env = {}, user = {}, stopSignal = 'SIGTERM', cwd } = {}) {
    const output = fs.openSync(log, 'a')
    const child = spawn(command, args, {
        ...user, cwd, env: { ...process.env, ...env }, detached: true, stdio: ['ignore', output, output],
    })
    fs.closeSync(output)
    const it = { pid: child.pid, child, log, stopSignal, exited: null, command: path.basename(command) }
    it.exit = new Promise((resolve) => {
        child.on('error', (error) => { it.exited = error.message; resolve() })
        child.on('exit', (code, signal) => { it.exited = signal ?? `status ${code}`; children.delete(it); resolve() })
    })
    children.add(it)
    return it
}

export async function stop(it, patience = 30000) {
    if (it.exited !== null) return
    it.child.kill(it.stopSignal)
    const timer = setTimeout(() => it.child.kill('SIGKILL'), patience)
    await it.exit
    clearTimeout(timer)
}

export function temporaryFolder(parent) {
    const folder = fs.mkdtempSync(path.join(parent, 'millwright-bench-'))
    fs.chmodSync(folder, 0o755) // the postgres user passes through it
    folders.add(folder)
    return folder
}

async function cleanUp() {
    for (const helper of helpers) helper.kill('SIGKILL')
    await Promise.all([...children].map((it) => stop(it, 5000)))
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true })
    folders.clear()
}

// Calls main() and cleans up after it, or after Ctrl-C and SIGTERM.
export function guarded(main) {
    let ending = false
    const end = async (status) => {
        if (ending) return
        ending = true
        await cleanUp()
        process.exit(status)
    }
    for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]])
        process.once(signal, () => { console.error(`\n${signal}: cleaning up`); end(128 + number) })
    main().then(end, (error) => {
        if (!ending) console.error(error instanceof Failure ? `bench: ${error.message}` : error)
        end(1)
    })
}

// What went wrong, in words for the person who runs the benchmark.
export class Failure extends Error {}

export function freePort() {
    return new Promise((resolve, reject) => {
        const server = net.createServer().on('error', reject)
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address()
            server.close(() => resolve(port))
        })
    })
}

function answers(url) {
    return new Promise((resolve) => {
        http.get(url, { agent: false }, (answer) => { answer.resume(); resolve(answer.statusCode === 200) })
            .on('error', () => resolve(false))
    })
}

// Waits until `url` answers 200; the milliseconds it took.
export async function ready(it, url, patience = 30000) {
    const from = performance.now()
    while (!(await answers(url))) {
        if (it.exited !== null || performance.now() - from > patience)
            throw new Failure(`${it.command} did not start (${it.exited ?? 'no answer'}):\n${tail(it.log)}`)
        await sleep(1)
    }
    return performance.now() - from
}

export const tail = (file, bytes = 2000) => fs.readFileSync(file, 'utf8').slice(-bytes)

function readProc(pid, name) {
    try { return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8') } catch { return '' }
}

// A process and all its descendants.
export function family(pid) {
    const parents = new Map()
    for (const entry of fs.readdirSync('/proc')) {
        if (!/^\d+$/.test(entry)) continue
        const stat = readProc(entry, 'stat')
        if (stat) parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    }
    const pids = [pid]
    for (let i = 0; i < pids.length; i++)
        for (const [child, parent] of parents) if (parent === pids[i]) pids.push(child)
    return pids
}

const TICKS = 100 // USER_HZ: fixed on every Linux architecture we run on

// Seconds of processor time (user + system) the family of `pid` has used, with children that have ended.
export function processorSeconds(pid) {
    let ticks = 0
    for (const one of family(pid)) {
        const stat = readProc(one, 'stat')
        const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        for (const i of [11, 12, 13, 14]) ticks += Number(field[i] ?? 0)
    }
    return ticks / TICKS
}

function kilobytes(pid, file, key) {
    return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readProc(pid, file))?.[1] ?? 0)
}

// MiB: the resident memory of one process, and the proportional share (each shared page counted once) of
// a family of processes.
export const residentMemory = (pid) => kilobytes(pid, 'status', 'VmRSS') / 1024
export const familyMemory = (pid) =>
    family(pid).reduce((sum, one) => sum + kilobytes(one, 'smaps_rollup', 'Pss'), 0) / 1024

// Durable 4 KiB writes a second in a folder: what one commit costs on this disk.
export function syncsPerSecond(folder) {
    const file = path.join(folder, 'sync-probe')
    const handle = fs.openSync(file, 'w')
    const block = Buffer.alloc(4096, 1)
    const from = performance.now()
    let count = 0
    while (performance.now() - from < 300) {
        fs.writeSync(handle, block)
        fs.fdatasyncSync(handle)
        count++
    }
    const seconds = (performance.now() - from) / 1000
    fs.closeSync(handle)
    fs.rmSync(file)
    return count / seconds
}

export function machine(folder) {
    const model = os.cpus()[0]?.model ?? 'unknown processor'
    const disk = fs.statfsSync(folder).type === 0x01021994 ? ' (tmpfs: nothing here is durable!)' : ''
    return `${os.cpus().length} x ${model}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, ` +
        `${Math.round(syncsPerSecond(folder))} durable writes/s in ${folder}${disk}`
}
