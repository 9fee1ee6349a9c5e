import { type ChildProcess, spawn } from 'node:child_process';
import { request, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFeed, type LiveFeed } from '../../src/cli/page/liveFeed.js';
import { type PageServer, servePage } from '../../src/cli/page/pageServer.js';
import type { LiveDenial } from '../../src/web/live/liveGroup.js';
import { describeWithOracle } from '../oracle.js';
import { lacksBrowser, launchBrowser, watched } from './browser.js';

const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

function denial(index: number, part: Partial<LiveDenial> = {}): LiveDenial {
  const time = Date.now();
  return {
    key: `${index}`,
    call: 'unshare',
    text: `unshare(${index})`,
    kind: 'errno',
    word: 'EPERM',
    exe: '/usr/bin/probe',
    time,
    lastTime: time,
    count: 1,
    ...part,
  };
}

/** The status of a request with headers that fetch() would not let through. */
function status(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((done, failed) => {
    request(url, { headers }, (response) => {
      response.resume();
      done(response.statusCode ?? 0);
    })
      .on('error', failed)
      .end();
  });
}

describeWithOracle(lacksBrowser, 'the page that callgate serves', () => {
  let feed: LiveFeed;
  const connections: ServerResponse[] = [];
  let server: PageServer;
  let browser: Browser;
  beforeAll(async () => {
    feed = createFeed({ title: `run: ${MARKUP}`, context: MARKUP });
    const recorded: LiveFeed = {
      ...feed,
      connect: (response) => {
        connections.push(response);
        feed.connect(response);
      },
    };
    server = await servePage({ port: 0, feed: recorded });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    feed.close();
    await browser.close();
    await server.close();
  });

  test('answers its own page only', async () => {
    const { origin, pathname, host } = new URL(server.url);
    const other = pathname.replace(/[0-9a-f]/g, (digit) => (digit === '0' ? '1' : '0'));
    for (const path of ['', 'events', 'icon.svg']) {
      const url = `${server.url}${path}`;
      expect(await status(url, { host: 'evil.example' })).toBe(403);
      expect(await status(url, { host: `evil.example:${new URL(url).port}` })).toBe(403);
      expect(await status(url, { origin: 'http://evil.example' })).toBe(403);
      expect(await status(url, { origin: 'null' })).toBe(403);
      expect(await status(`${origin}${other}${path}`)).toBe(403);
      expect(await status(`${origin}/${path}`)).toBe(403);
    }
    expect(await status(`${origin}/${pathname.slice(1, 9)}/`)).toBe(403);
    expect(await status(server.url, { origin: `http://${host}` })).toBe(200);
    expect(await status(server.url, { host: `localhost:${new URL(server.url).port}` })).toBe(200);
    for (const path of ['../package.json', '%2e%2e/package.json', 'assets/../../callgate.js', 'nothing.js'])
      expect([403, 404]).toContain(await status(`${server.url}${path}`));
    const response = await fetch(server.url);
    expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
  });

  test('shows denied calls, groups a storm of them, and comes back after a cut', async () => {
    const { page, complaints } = await watched(browser, server.url);
    await page.goto(`${server.url}#/live`);
    await page.getByText('Connected').waitFor();
    feed.denial(denial(0, { text: 'unshare(CLONE_NEWUSER)' }));
    await page.getByRole('button', { name: 'unshare(CLONE_NEWUSER)' }).waitFor();
    for (let index = 1; index < 10_000; index++) feed.denial(denial(index));
    await page.locator('.live-total', { hasText: '10000 denied calls in 1 group' }).waitFor();
    expect(await page.locator('.live-count').allTextContents()).toEqual(['10000']);

    const [cut] = connections;
    cut?.destroy();
    await page.getByText('Connection lost; trying again').waitFor();
    feed.denial(denial(0, { text: 'unshare(CLONE_NEWUSER)', count: 3 }));
    await page.getByText('Connected').waitFor();
    await page.locator('.live-total', { hasText: '10002 denied calls' }).waitFor();
    // The browser itself tells of the connection that was cut.
    expect(complaints.filter((text) => !text.includes('ERR_'))).toEqual([]);
    await page.context().close();
  });

  test('takes markup in every field for text', async () => {
    const { page, complaints } = await watched(browser, server.url);
    feed.denial(
      denial(20_000, {
        call: MARKUP,
        text: MARKUP,
        word: MARKUP,
        rule: MARKUP,
        exe: MARKUP,
        container: MARKUP,
      }),
    );
    feed.say(MARKUP);
    await page.goto(`${server.url}#/live`);
    await page.locator('tr', { hasText: MARKUP }).first().waitFor();
    const named = encodeURIComponent(MARKUP);
    for (const hash of [
      `#/map?engine=docker@${named}`,
      `#/map?engine=${named}&find=${named}&call=${named}`,
      `#/map?runtime=${named}`,
      `#/map?libseccomp=${named}&kernel=${named}&arch=${named}&cap=+${named}`,
      `#/compare?engine=docker@${named}&to.engine=docker@${named}`,
      `#/filter?call=${named}`,
      `#/${named}`,
    ]) {
      await page.goto(`${server.url}${hash}`);
      await page.locator('.failure, .cell, .listing').first().waitFor({ state: 'attached' });
    }
    await page.goto(`${server.url}#/map`);
    const profile = JSON.stringify({
      defaultAction: MARKUP,
      syscalls: [{ names: [MARKUP], action: MARKUP, comment: MARKUP }],
      [MARKUP]: 1,
    });
    await page.getByLabel('Choose …').setInputFiles({
      name: `${MARKUP.replaceAll('/', '')}.json`,
      mimeType: 'application/json',
      buffer: Buffer.from(profile),
    });
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Profile', exact: true }).click();
    await page.locator('.finding').first().waitFor();
    await page.goto(`${server.url}#/fix`);
    for (const text of [
      MARKUP,
      `${MARKUP}: Operation not permitted, clone3`,
      `docker run --cap-add ${MARKUP} x`,
      `{"denials": [], "context": {"engine": "${MARKUP}"}}`,
    ]) {
      await page.getByLabel('What went wrong?').fill(text);
      await page.getByRole('button', { name: 'Diagnose' }).click();
      await page.locator('.failure, .diagnosis').first().waitFor();
    }
    expect(await page.locator('img').count()).toBe(0);
    // Vite's own script is the only one.
    expect(await page.locator('body script').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

const CALLGATE = resolve(import.meta.dirname, '../../dist/callgate.js');

describeWithOracle(lacksBrowser, 'callgate run --ui', () => {
  test('streams what a command is denied, and ends with its code after Ctrl-C', async () => {
    const script = 'read go; unshare -U true; exit 7';
    const child = spawn(
      process.execPath,
      [CALLGATE, 'run', '--ui', '--like', 'docker@28.5.2', '--', 'sh', '-c', script],
      {
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    );
    const url = await addressOf(child);
    const browser = await launchBrowser();
    try {
      const { page, complaints } = await watched(browser, url.replace(/#.*/, ''));
      await page.goto(url);
      await page.getByText('Connected').waitFor();
      child.stdin?.end('go\n');
      await page.getByRole('button', { name: 'unshare(CLONE_NEWUSER)' }).waitFor();
      await page.getByText('The command ended with 7.').waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
    const ended = new Promise<number | null>((done) => child.on('close', done));
    child.kill('SIGINT');
    expect(await ended).toBe(7);
  });
});

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let text = '';
    child.stderr?.on('data', (data: Buffer) => {
      text += data.toString();
      const url = /http:\S+/.exec(text)?.[0];
      if (url !== undefined) done(url);
    });
    child.on('close', () => failed(new Error(text)));
  });
}
