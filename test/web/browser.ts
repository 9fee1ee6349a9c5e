import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const PAGE = resolve(import.meta.dirname, '../../dist/web');

/** Undefined where everything is there. */
export const lacksBrowser: string | undefined = existsSync(CHROMIUM)
  ? existsSync(join(PAGE, 'index.html'))
    ? undefined
    : 'the built page (npm run build)'
  : 'chromium';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      // The tests run as root in CI.
      '--no-sandbox',
      '--disable-quic',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface StaticServer {
  readonly url: string;
  readonly close: () => void;
}

/** The plainest of file servers, below a path as GitHub Pages has it. A build that replaces the files changes nothing. */
export async function serveFiles(): Promise<StaticServer> {
  const entries = readdirSync(PAGE, { recursive: true, encoding: 'utf8' }).filter(
    (entry) => extname(entry) in TYPES,
  );
  const files = new Map(entries.map((entry) => [`/below/${entry}`, readFileSync(join(PAGE, entry))]));
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const file = files.get(path);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(file);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/below/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The page, open from a file server; the tests of a file share it, as a reader's visits do. */
export interface OpenPage {
  readonly url: string;
  readonly browser: Browser;
  /** Follows a link to a place in the page. What went wrong before is forgotten. */
  readonly go: (hash?: string) => Promise<Visit>;
  readonly close: () => Promise<void>;
}

export interface Visit {
  readonly page: Page;
  /** What went wrong in the page, and every request that was not one for a file of it. */
  readonly complaints: readonly string[];
}

export async function openPage(options: BrowserContextOptions = {}): Promise<OpenPage> {
  const [browser, server] = await Promise.all([launchBrowser(), serveFiles()]);
  const { page, complaints } = await watched(browser, server.url, options);
  return {
    url: server.url,
    browser,
    go: async (hash = '#/map') => {
      complaints.length = 0;
      await page.goto(`${server.url}${hash}`);
      return { page, complaints };
    },
    close: async () => {
      server.close();
      await browser.close();
    },
  };
}

/** A page of which every request to another place than `url` fails, and that complains of whatever goes wrong. */
export async function watched(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await context.route('**/*', (route) => {
    const asked = route.request().url();
    if (asked.startsWith(url) || asked.startsWith('data:') || asked.startsWith('blob:'))
      return route.continue();
    complaints.push(`request: ${asked}`);
    return route.abort();
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return { page, complaints };
}

/** Waits until the map shows a context that its sentence names. */
export async function mapShows(page: Page, words: string): Promise<void> {
  await page.locator('.sentence', { hasText: words }).first().waitFor();
  await page.locator('.cell').first().waitFor();
}
