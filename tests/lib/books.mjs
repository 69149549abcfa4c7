// What must be true of an organization's books, recounted from the outside.
import assert from 'node:assert/strict';

/** Every record of a collection, page by page. */
export async function all(client, path) {
  const items = [];
  let cursor;
  do {
    const page = await client.ok(client.get(`${path}${path.includes('?') ? '&' : '?'}page_size=1000&ordering=id&count=none${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`));
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

/**
 * Every number from 1 to the last was given exactly once: it is on a record,
 * or in the journal as that of a deleted one.
 */
export async function numbersAreRight(client, collection, field, prefix) {
  const numbers = (await all(client, `/${collection}?fields=id,${field}`)).map((r) => r[field]);
  const deleted = (await all(client, `/audit-logs?resource=${collection}&action=delete`)).map((e) => e.changes[field]);
  const given = [...numbers, ...deleted].filter((n) => n.startsWith(prefix)).map((n) => Number(n.slice(prefix.length))).sort((a, b) => a - b);
  given.forEach((n, i) => assert.equal(n, i + 1, `${prefix}${i + 1} of ${collection}: ${n < i + 1 ? 'given twice' : 'missing'}`));
  return given.length;
}

/** Lists, totals and statistics agree with a recount of every record. */
export async function totalsAreRight(client, collection, sum) {
  const records = await all(client, `/${collection}`);
  const stats = await client.ok(client.get(`/${collection}/stats`));
  assert.equal(await client.total(`/${collection}`), records.length);
  assert.equal(stats.total, records.length);
  for (const [status, n] of Object.entries(stats.by_status)) {
    const these = records.filter((r) => r.status === status);
    assert.equal(n, these.length, `${collection} that are ${status}`);
    assert.equal(await client.total(`/${collection}?status=${status}`), these.length);
    if (!sum) continue;
    const expected = these.reduce((total, r) => total + Math.round(r[sum] * 10000), 0);
    assert.equal(Math.round(stats[`${sum}_by_status`][status] * 10000), expected, `${sum} of ${status}`);
  }
  return records;
}

/** The journal has every sequence from 1 on. */
export async function journalIsWhole(client) {
  const entries = await all(client, '/audit-logs?fields=id,sequence');
  entries.map((e) => e.sequence).sort((a, b) => a - b).forEach((n, i) => assert.equal(n, i + 1));
  return entries.length;
}

/** `millwright verify` finds nothing wrong. */
export async function verifies(server) {
  const { code, stdout, stderr } = await server.run('verify', ['--quiet']);
  assert.equal(code, 0, stdout + stderr);
}
