// Waiting for what comes to pass by itself.
import { setTimeout as sleep } from 'node:timers/promises';

const FOREVER_MS = 60_000;

/** What `holds` answers, once that is something. */
export async function until(what, holds) {
  for (const end = Date.now() + FOREVER_MS; Date.now() < end; await sleep(50)) {
    const result = await holds();
    if (result) return result;
  }
  throw new Error(`it never came to pass that ${what}`);
}
