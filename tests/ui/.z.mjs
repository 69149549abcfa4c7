import { chromium } from 'playwright-core';
import http from 'node:http'; import { readFileSync } from 'node:fs';
const dir = process.argv[2];
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
const mk = (n, t, per='/x') => ({ openapi: process.argv[3] ?? '3.1.0', info: { title: 'x', version: '1' }, paths: Object.fromEntries(Array.from({ length: n }, (_, i) => [per + i, { get: { tags: ['t' + i % t], responses: { 200: { description: 'x' } } } }])) });
let doc;
const s = http.createServer((q, r) => { if (q.url === '/') { r.setHeader('content-type', 'text/html'); r.end('<!doctype html><meta charset=utf-8><div id=u></div><script src=b.js></script><script>SwaggerUIBundle({url:"/o.json",dom_id:"#u"' + (process.argv[4] ?? '') + '})</script>') } else if (q.url === '/b.js') { r.setHeader('content-type','text/javascript; charset=utf-8'); r.end(readFileSync(dir + '/swagger-ui-bundle.js')) } else { r.setHeader('content-type', 'application/json'); r.end(JSON.stringify(doc)) } }).listen(0, '127.0.0.1');
await new Promise(f => s.on('listening', f));
for (const [n, t] of [[100, 1], [125, 1], [140,1], [184, 18], [400, 20]]) { doc = mk(n, t);
  const p = await b.newPage(); p.on('pageerror', e => console.log(e)); p.on('console', m => console.log(m.type(), m.text().slice(0,300)));
  await p.goto(`http://127.0.0.1:${s.address().port}/`, { waitUntil: 'networkidle' }); await p.waitForTimeout(1000);
  console.log(n, t, await p.$$eval('.opblock', a => a.length), await p.$$eval('.opblock-tag', a => a.length)); await p.close(); }
await b.close(); s.close();
