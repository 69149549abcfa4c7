// The machine's limit: bench/peers/bare.c, compiled here, once answering a constant and once from SQLite.

import fs from 'node:fs'
import path from 'node:path'
import { freePort, processorSeconds, ready, residentMemory, run, start } from './system.mjs'

const root = path.join(path.dirname(new URL(import.meta.url).pathname), '../..')

async function compile(folder) {
    const program = path.join(folder, 'bare')
    // Millwright's own SQLite when it has been built, else the system's.
    const own = path.join(root, 'build/release/sqlite3.o')
    const sqlite = fs.existsSync(own) ? [own, '-lm'] : ['-lsqlite3']
    await run('gcc', ['-std=c17', '-D_GNU_SOURCE', '-O2', '-pthread', '-o', program,
        path.join(root, 'bench/peers/bare.c'), ...sqlite, '-lmicrohttpd'])
    return program
}

// `rows`: 0 for the constant answer.
export async function startBare(folder, rows) {
    const program = path.join(folder, 'bare')
    if (!fs.existsSync(program)) await compile(folder)
    const port = await freePort(), url = `http://127.0.0.1:${port}`
    const database = rows ? [path.join(folder, 'bare.db'), String(rows)] : []
    const process = start(program, [String(port), ...database], { log: path.join(folder, 'bare.log') })
    await ready(process, `${url}/1`)
    return {
        name: 'bare', url, process,
        env: { BENCH_FIRST_ID: '1', BENCH_LAST_ID: String(rows || 100000) },
        token: async () => 'none',
        processor: () => [processorSeconds(process.pid)],
        memory: () => residentMemory(process.pid),
    }
}
