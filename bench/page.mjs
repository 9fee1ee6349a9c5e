// What the explorer page costs a reader: scripts before the first map, a moved slider, a typed key, a denied call.
// node bench/page.mjs [--json], with the built page and Chromium
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const directory = join(dirname(fileURLToPath(import.meta.url)), '../dist/web');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const sent = [];
const server = createServer((request, response) => {
  const path = new URL(request.url, 'http://page').pathname;
  const body = readFileSync(join(directory, path === '/' ? 'index.html' : path));
  sent.push({ path, bytes: gzipSync(body, { level: 9 }).length });
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html' });
  response.end(body);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.locator('.cell').first().waitFor();
const scriptBytes = sent
  .filter(({ path }) => path.endsWith('.js'))
  .reduce((sum, { bytes }) => sum + bytes, 0);
await page.locator('.mark').first().waitFor({ state: 'attached' });

/** Milliseconds from the slider's event to the frame that shows the whole map. */
const slider = await page.evaluate(async () => {
  const input = document.querySelector('.timeline input');
  const times = [];
  for (let index = 0; index <= Number(input.max); index++) {
    const before = performance.getEntriesByName('callgate-map-shown').length;
    input.value = String(index);
    const start = performance.now();
    input.dispatchEvent(new Event('input', { bubbles: true }));
    while (performance.getEntriesByName('callgate-map-shown').length === before)
      await new Promise((next) => setTimeout(next));
    // Signals have changed the cells: style, layout and paint come with the next frame.
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
    times.push(performance.now() - start);
  }
  return times;
});

/** Milliseconds from a key to the findings, in a profile of 2,000 lines. */
const names = Array.from({ length: 1985 }, (_, index) => `        "read"${index < 1984 ? ',' : ''}`);
const text = `{\n  "defaultAction": "SCMP_ACT_ERRNO",\n  "architectures": ["SCMP_ARCH_X86_64"],\n  "syscalls": [\n    {\n      "names": [\n${names.join('\n')}\n      ],\n      "action": "SCMP_ACT_ALLOW"\n    }\n  ]\n}\n`;
await page
  .getByLabel('Choose …')
  .setInputFiles({ name: 'long.json', mimeType: 'application/json', buffer: Buffer.from(text) });
await page.getByRole('button', { name: 'Profile', exact: true }).click();
await page.locator('.finding').first().waitFor();
const editor = page.getByRole('textbox', { name: 'Profile', exact: true });
await editor.focus();
await page.keyboard.press('Control+Home');
await page.keyboard.press('ArrowDown');
const keys = [];
for (let run = 0; run < 20; run++) {
  const before = await page.evaluate(() => {
    window.lastKey = undefined;
    addEventListener(
      'keydown',
      () => {
        window.lastKey = performance.now();
      },
      { capture: true },
    );
    return performance.getEntriesByName('callgate-linted').length;
  });
  await page.keyboard.press('Space');
  await page.waitForFunction(
    (count) => performance.getEntriesByName('callgate-linted').length > count,
    before,
  );
  keys.push(
    await page.evaluate(
      () => performance.getEntriesByName('callgate-linted').at(-1).startTime - window.lastKey,
    ),
  );
}
/** Milliseconds from the supervisor's hearing of a call to the page that shows it. */
const live = await (async () => {
  const script = 'sleep 2; for i in $(seq 20); do unshare -U true; sleep 0.2; done';
  const command = [
    join(directory, '../callgate.js'),
    'run',
    '--ui',
    '--like',
    'docker@28.5.2',
    '--',
    'sh',
    '-c',
    script,
  ];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise((found) => {
    child.stderr.on('data', (data) => {
      const address = /http:\S+/.exec(String(data))?.[0];
      if (address !== undefined) found(address);
    });
  });
  const watching = await browser.newPage();
  await watching.addInitScript(() => {
    window.delays = [];
    new PerformanceObserver((list) => {
      for (const { name, startTime, detail } of list.getEntries())
        if (name === 'callgate-denial-shown') window.delays.push(performance.timeOrigin + startTime - detail);
    }).observe({ type: 'mark' });
  });
  await watching.goto(url);
  await watching.getByText('The command ended').waitFor({ timeout: 60_000 });
  const delays = await watching.evaluate(() => window.delays);
  child.kill('SIGINT');
  return delays;
})();
await browser.close();
server.close();

const sorted = (times) => [...times].sort((a, b) => a - b);
const row = (times) => {
  const all = sorted(times);
  return { median: all[all.length >> 1], least: all[0], most: all.at(-1), runs: all.length };
};
const result = {
  scriptBytesBeforeMap: scriptBytes,
  sliderMs: row(slider),
  lintMs: row(keys),
  denialShownMs: row(live),
};
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
else console.table(result);
