// Assertions in the words of the API.
import assert from 'node:assert/strict';

const MEMBERS = ['type', 'title', 'status', 'detail', 'code', 'request_id', 'timestamp'];

/** The answer is an RFC 9457 problem of this status and code; gives its body. */
export function isProblem(answer, status, code) {
  assert.equal(answer.status, status, `expected ${status} ${code ?? ''}, got ${answer.status}: ${answer.text}`);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  for (const member of MEMBERS) assert.ok(answer.body[member], `the problem has no ${member}: ${answer.text}`);
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.request_id, answer.headers['x-request-id']);
  assert.match(answer.body.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  if (code) assert.equal(answer.body.code, code, answer.text);
  return answer.body;
}

/** A 422 whose issues are exactly these fields, in any order: {field: code}. */
export function isInvalid(answer, issues) {
  const { errors } = isProblem(answer, 422, 'validation_failed');
  const found = Object.fromEntries((errors ?? []).map((e) => [e.field, e.code]));
  assert.deepEqual(found, issues, answer.text);
  for (const e of errors) assert.ok(e.message, 'an issue says what to do');
  return errors;
}

export function hasStatus(answer, status) {
  assert.equal(answer.status, status, answer.text);
  return answer.body;
}

/** Runs `attempt` and insists that neither the lists nor the journal moved. */
export async function changesNothing(client, lists, attempt) {
  const look = async () => {
    const totals = [];
    for (const list of lists) totals.push(await client.total(list));
    return { totals, sequence: await client.sequence() };
  };
  const before = await look();
  const result = await attempt();
  assert.deepEqual(await look(), before, 'a refused request changed something');
  return result;
}
