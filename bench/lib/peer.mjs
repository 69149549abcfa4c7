// The peer: a PostgreSQL cluster of its own and two uvicorn workers.

import { createHmac, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { csvLine } from './data.mjs'
import { Failure, familyMemory, freePort, processorSeconds, ready, run, start, stop, tail } from './system.mjs'

const here = path.dirname(new URL(import.meta.url).pathname)
const application = path.join(here, '../peers/fastapi')
const PYTHON = '/usr/bin/python3' // Debian's, which has Debian's packages; another may come first in PATH

// What an administrator sets on a machine that PostgreSQL shares with its application. Durability is the default.
const SETTINGS = {
    shared_buffers: '512MB', effective_cache_size: '2GB', work_mem: '16MB', maintenance_work_mem: '256MB',
    random_page_cost: 1.1, effective_io_concurrency: 100, jit: 'off', max_parallel_workers_per_gather: 0,
    wal_buffers: '16MB', max_wal_size: '4GB', checkpoint_timeout: '30min', fsync: 'on', synchronous_commit: 'on',
    full_page_writes: 'on', timezone: 'UTC', max_connections: 200,
}

function binaries() {
    const versions = fs.readdirSync('/usr/lib/postgresql').sort((a, b) => b - a)
    return `/usr/lib/postgresql/${versions[0]}/bin`
}

// PostgreSQL refuses to run as root.
async function postgresUser() {
    if (process.getuid() !== 0) return {}
    const id = async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)
    return { uid: await id('-u'), gid: await id('-g') }
}

async function startPostgres(folder) {
    const bin = binaries(), user = await postgresUser(), port = await freePort()
    const home = path.join(folder, 'postgres'), data = path.join(home, 'data')
    fs.mkdirSync(home)
    if (user.uid !== undefined) fs.chownSync(home, user.uid, user.gid)
    await run(`${bin}/initdb`, ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
        { ...user, cwd: home })
    const settings = { ...SETTINGS, listen_addresses: '127.0.0.1', port, unix_socket_directories: home }
    fs.appendFileSync(path.join(data, 'postgresql.conf'),
        Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`).join(''))
    const server = start(`${bin}/postgres`, ['-D', data],
        { log: path.join(folder, 'postgres.log'), user, stopSignal: 'SIGINT', cwd: home })
    for (;;) {
        const up = await run(`${bin}/pg_isready`, ['-q', '-h', home, '-p', String(port)]).then(() => true, () => false)
        if (up) break
        if (server.exited !== null) throw new Failure(`postgres did not start:\n${tail(server.log)}`)
    }
    const sql = (database, text) => run(`${bin}/psql`, ['-h', home, '-p', String(port), '-U', 'bench', '-d', database, '-qXc', text])
    return { server, home, port, sql, url: `postgresql+asyncpg://bench@/postgres?host=${home}&port=${port}` }
}

async function load(folder, rows, env) {
    const csv = path.join(folder, 'work-orders.csv')
    const file = fs.openSync(csv, 'w')
    for (let row = 0; row < rows;) {
        let chunk = ''
        for (const end = Math.min(rows, row + 10000); row < end; row++) chunk += csvLine(row)
        fs.writeSync(file, chunk)
    }
    fs.closeSync(file)
    await run(PYTHON, [path.join(application, 'load.py'), csv], { env: { ...process.env, ...env } })
    fs.rmSync(csv)
}

function signedToken(secret, organization) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const text = part({ alg: 'HS256', typ: 'JWT' }) + '.' +
        part({ sub: '1', org: organization, iat: now, exp: now + 1800 })
    return text + '.' + createHmac('sha256', secret).update(text).digest('base64url')
}

// An empty database beside the peer's own, for a role that row-level security holds for.
async function databaseFor({ server, home, port, sql }, name) {
    await sql('postgres', `CREATE ROLE ${name} LOGIN`)
    await sql('postgres', `CREATE DATABASE ${name} OWNER ${name}`)
    return {
        url: `postgres:///${name}?host=${home}&port=${port}&user=${name}`,
        vacuum: () => sql(name, 'VACUUM (ANALYZE)'),
        processor: () => processorSeconds(server.pid), memory: () => familyMemory(server.pid),
    }
}

// style: how it reads work orders, 'orm' or 'lean' (see bench/README.md).
export async function startPeer(folder, rows, style) {
    const secret = randomBytes(32).toString('hex')
    const postgres = await startPostgres(folder)
    const env = { PEER_DATABASE: postgres.url, PEER_SECRET: secret, PEER_STYLE: style, PYTHONDONTWRITEBYTECODE: '1' }
    await load(folder, rows, env)
    const port = await freePort(), url = `http://127.0.0.1:${port}`
    const server = start(PYTHON, ['-m', 'uvicorn', 'app:app', '--host', '127.0.0.1', '--port', String(port),
        '--workers', '2', '--loop', 'uvloop', '--http', 'httptools', '--no-access-log', '--log-level', 'warning'],
    { log: path.join(folder, 'peer.log'), env, cwd: application })
    await ready(server, `${url}/health`)
    return {
        name: 'the peer', url,
        env: { BENCH_FIRST_ID: '1', BENCH_LAST_ID: String(rows) },
        firstId: 1, supplier: 1, firstProduct: 1,
        token: async () => signedToken(secret, 1),
        foreignToken: async () => signedToken(secret, 2),
        processor: () => [processorSeconds(server.pid), processorSeconds(postgres.server.pid)],
        memory: () => familyMemory(server.pid) + familyMemory(postgres.server.pid),
        stop: async () => { await stop(server); await stop(postgres.server) },
        complaints: () => tail(server.log) + tail(postgres.server.log),
        database: (name) => databaseFor(postgres, name),
    }
}
