// Makes the pictures of the explorer in docs/explorer from the built page: node scripts/screenshots.mjs
// As root on Linux with Chromium; what the live view shows is really denied.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'docs/explorer');

/** What a test run might try. */
const COMMAND = `for i in 1 2 3; do unshare -U true; done; unshare -n true; setarch -R true
mount -t tmpfs none /mnt; hostname elsewhere; date -s 2020-01-01; /usr/bin/python3 -c 'import threading; threading.Thread(target=print).start()'`;

const shots = [
  {
    name: 'map',
    hash: '#/map?engine=docker@20.10.9',
    ready: '.mark',
    act: async (page) => {
      await page.getByRole('button', { name: /^Next change/ }).click();
      await page.locator('.change').first().waitFor();
    },
  },
  {
    name: 'overview',
    hash: '#/map?engine=podman',
    ready: '.mark',
    act: (page) => page.getByRole('button', { name: 'Overview' }).click(),
  },
  {
    name: 'cell',
    hash: '#/map?engine=docker@20.10.9&call=clone3',
    ready: '.mark',
    scheme: 'dark',
    width: 1440,
    height: 900,
  },
  { name: 'compare', hash: '#/compare?engine=docker@24.0.9&to.engine=docker@28.5.2', ready: 'tr[data-call]' },
  {
    name: 'fix',
    hash: '#/fix?engine=docker@28.5.2',
    ready: '.fix-form',
    act: async (page) => {
      await page
        .getByLabel('What went wrong?')
        .fill('docker run --rm --cap-drop ALL debian:12 numactl --show');
      await page.getByRole('button', { name: 'Diagnose' }).click();
      await page.locator('.card').first().waitFor();
    },
  },
  {
    name: 'profile',
    hash: '#/profile?engine=docker@28.5.2',
    ready: '.editor-bar',
    scheme: 'dark',
    act: async (page) => {
      await page.getByRole('button', { name: 'Start from the engine’s own profile' }).click();
      await page.locator('.finding').nth(1).click();
    },
  },
  { name: 'filter', hash: '#/filter?engine=docker@28.5.2', ready: '.cost-table', height: 1130 },
  { name: 'live', hash: '#/live', ready: '.remark', height: 460 },
  { name: 'phone', hash: '#/map?engine=docker@28.5.2', ready: '.mark', width: 390, height: 844 },
];

const callgate = spawn(
  process.execPath,
  [join(root, 'dist/callgate.js'), 'run', '--ui', '--like', 'docker@28.5.2', '--', 'sh', '-c', COMMAND],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
const url = await new Promise((resolve) => {
  callgate.stderr.on('data', (data) => {
    const found = /http:\S+(?=#)/.exec(String(data))?.[0];
    if (found !== undefined) resolve(found);
  });
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
mkdirSync(out, { recursive: true });
for (const { name, hash, ready, scheme = 'light', width = 1280, height = 800, act } of shots) {
  const viewport = { width, height };
  const context = await browser.newContext({ viewport, colorScheme: scheme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${url}${hash}`);
  await page.locator(ready).first().waitFor({ state: 'attached' });
  await act?.(page);
  // Answers that take longer come one after the other.
  if (name === 'cell') await page.locator('.remedies li').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.strip-waiting, [aria-busy="true"]') === null);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await context.close();
}
await browser.close();
callgate.kill('SIGINT');
