// The camera reads codes, in a real browser whose camera is a film: a bar code that is drawn here.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, go, openPage, PLAIN_HOST, picture, signIn, startBrowser, startShop } from '../lib/browser.mjs';

const CODE = '8901030001000';
const [WIDTH, HEIGHT, BAR] = [640, 480, 5];

/** The modules of an EAN-13, 1 is dark (GS1 General Specifications 5.2.1). */
function ean13(code) {
  const left = ['0001101', '0011001', '0010011', '0111101', '0100011', '0110001', '0101111', '0111011', '0110111', '0001011'];
  const inverted = (bits) => [...bits].map((b) => (b === '1' ? '0' : '1')).join('');
  const reversed = (bits) => [...bits].reverse().join('');
  const parity = ['LLLLLL', 'LLGLGG', 'LLGGLG', 'LLGGGL', 'LGLLGG', 'LGGLLG', 'LGGGLL', 'LGLGLG', 'LGLGGL', 'LGGLGL'][code[0]];
  const first = [...code.slice(1, 7)].map((d, i) => (parity[i] === 'L' ? left[d] : reversed(inverted(left[d])))).join('');
  const second = [...code.slice(7)].map((d) => inverted(left[d])).join('');
  return `101${first}01010${second}101`;
}

/** A film of it for a camera: uncompressed, black on white. */
function film(code) {
  const bars = ean13(code);
  const start = Math.floor((WIDTH - bars.length * BAR) / 2);
  const line = Buffer.alloc(WIDTH, 235);
  [...bars].forEach((b, i) => b === '1' && line.fill(16, start + i * BAR, start + (i + 1) * BAR));
  const light = Buffer.alloc(WIDTH * HEIGHT, 235);
  for (let y = 120; y < 360; y += 1) line.copy(light, y * WIDTH);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]);
}

let browser;
let shop;
let folder;

before(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millwright-film-'));
  writeFileSync(path.join(folder, 'code.y4m'), film(CODE));
  browser = await startBrowser(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${path.join(folder, 'code.y4m')}`]);
  shop = await startShop();
});
after(async () => {
  await browser?.close();
  await shop?.server.proveAndStop();
  rmSync(folder, { recursive: true, force: true });
});

async function scanning(server) {
  const all = await openPage(browser, server);
  await signIn(all.page, server, shop.username, shop.password);
  await go(all.page, '/pos');
  await all.page.getByRole('button', { name: 'Scan' }).click();
  await all.page.getByRole('dialog', { name: 'Scan with the camera' }).waitFor();
  return all;
}

test('what the camera sees is in the cart', async () => {
  const tea = await shop.goods({ name: 'Tea in a tin', barcode: CODE });
  const { page, wrong, context } = await scanning(shop.server);
  await page.getByRole('dialog').getByText(tea.name).waitFor();
  await picture(page, 'camera');
  await accessible(page, 'the camera');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('listitem').or(page.getByRole('row')).filter({ hasText: tea.name }).first().waitFor();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('without encryption the browser gives no camera, and the page says why', async () => {
  const { page, context } = await scanning({ url: shop.server.url.replace('127.0.0.1', PLAIN_HOST) });
  await page.getByRole('dialog').getByRole('alert').getByText('only over HTTPS').waitFor();
  await context.close();
});
