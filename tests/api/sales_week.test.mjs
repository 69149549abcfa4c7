// docs/a-week-in-a-sales-team.md, run as it stands there: every block of shell, and
// every answer that it shows.
import { after, before, test } from 'node:test';
import { noCurl, worksByCopying } from '../lib/guide.mjs';
import { startServer } from '../lib/server.mjs';

let server;
before(async () => { server = await startServer(); });
after(() => server.proveAndStop());

test('a week in a sales team works by copying it', { skip: noCurl }, () => worksByCopying(server, 'docs/a-week-in-a-sales-team.md', { answers: 15 }));
