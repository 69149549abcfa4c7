// The database file, looked at and edited with the sqlite3 program: what an
// administrator with a shell can do behind the server's back.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** The file of a server that keeps its data in SQLite; null with PostgreSQL. */
export const databaseFile = (server) => (server.database ? null : path.join(server.data, 'millwright.db'));

export class Database {
  constructor(file) { this.file = file; }

  /** Runs SQL; rows come back as objects. */
  run(sql) {
    const text = execFileSync('sqlite3', ['-json', '-bail', this.file, sql], { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 }).toString();
    return text.trim() ? JSON.parse(text) : [];
  }

  value(sql) { return Object.values(this.run(sql)[0] ?? {})[0]; }

  /** Edits a table that triggers protect, and leaves no trace of how. */
  edit(table, sql) {
    const triggers = this.run(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '${table}'`);
    const drop = triggers.map((t) => `DROP TRIGGER ${t.name};`).join('');
    const restore = triggers.map((t) => `${t.sql};`).join('');
    this.run(`BEGIN; ${drop} ${sql}; ${restore} COMMIT;`);
  }
}
