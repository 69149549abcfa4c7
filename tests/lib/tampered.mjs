// Books that somebody with a shell changes behind the program's back, and what
// `millwright verify` says of them.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newOrganization } from './client.mjs';
import { Database } from './database.mjs';
import { startServer, tempFolder } from './server.mjs';

/** The books need a database file: a reason to skip where there is none. */
const skip = process.env.MILLWRIGHT_TEST_DATABASE ? 'needs a database file' : false;

export class Books {
  /** `fill(admin, server)` makes what the books hold, once, before the tests. */
  constructor(fill) {
    before(() => (skip ? undefined : this.#make(fill)));
    after(() => {
      for (const folder of [this.folder, this.original]) if (folder) rmSync(folder, { recursive: true, force: true });
    });
  }

  async #make(fill) {
    [this.folder, this.original] = [tempFolder(), tempFolder()];
    this.server = await startServer({ data: this.folder });
    const { admin } = await newOrganization(this.server);
    await fill(admin, this.server);
    await this.server.stop();
    cpSync(this.folder, this.original, { recursive: true });
    this.database = new Database(this.file);
  }

  get file() { return path.join(this.folder, 'millwright.db'); }

  /** Edits a fresh copy of the books and runs verify on it: `{code, stdout, stderr}`. */
  async tampered(edit) {
    rmSync(this.folder, { recursive: true, force: true });
    cpSync(this.original, this.folder, { recursive: true });
    edit();
    return this.server.run('verify', ['--quiet']);
  }

  /** An edit by SQL, which may be a function that makes it; CHECKs do not stand in its way. */
  plain(sql) {
    return () => this.database.run(`PRAGMA ignore_check_constraints = ON; ${typeof sql === 'function' ? sql() : sql}`);
  }

  /** An edit of a table that triggers protect. */
  protected(table, sql) {
    return () => this.database.edit(table, typeof sql === 'function' ? sql() : sql);
  }

  /**
   * Tests that verify finds nothing in the books as they are, and of each case
   * `[what, edit, says]` that it says so in one line; `more` adds tests.
   */
  describe(name, cases, more = () => {}) {
    describe(name, { skip }, () => {
      test('finds nothing wrong with what the program wrote', async () => {
        const { code, stdout, stderr } = await this.tampered(() => {});
        assert.equal(code, 0, stdout + stderr);
        assert.match(stdout, /^verified: \d+ organizations?, \d+ journal rows, \d+ documents/m);
      });

      for (const [what, edit, says] of cases)
        test(`names ${what}`, async () => {
          const { code, stdout, stderr } = await this.tampered(edit);
          assert.equal(code, 1, stdout + stderr);
          assert.match(stdout, typeof says === 'function' ? says() : says);
          assert.equal(stdout.trim().split('\n').length, 1, stdout);
        });
      more();
    });
  }
}
