import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallgateError } from '../../error.js';
import type { LiveFeed } from './liveFeed.js';
import { type PageFile, pageFiles } from './pageFiles.js';

export interface PageServer {
  /** With the token that it takes; nobody else can read the page. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Options {
  /** 0: any free one. */
  readonly port: number;
  /** Denials to stream; absent: the page only computes. */
  readonly feed?: LiveFeed;
}

/** As the page's own policy, and nobody may frame it. */
const POLICY =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * Serves the page on the loopback address. Other programs' pages cannot reach it: Host and Origin must be its own
 * (a name that somebody rebinds to 127.0.0.1 is not), and every path begins with a token of 128 random bits.
 *
 * @throws CallgateError `HOST` when the port is taken
 */
export async function servePage({ port, feed }: Options): Promise<PageServer> {
  const token = randomBytes(16).toString('hex');
  const files = withLive(pageFiles(), feed !== undefined);
  let own: ReadonlySet<string> = new Set();
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = admitted(request, own, token);
    if (path === undefined) return refuse(response, 403, 'not yours');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only read');
    if (path === 'events' && feed !== undefined) return feed.connect(response);
    const file = files.get(path === '' ? 'index.html' : path);
    if (file === undefined) return refuse(response, 404, 'no such file');
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new CallgateError('HOST', `cannot listen on port ${port}: ${cause.code ?? cause.message}`, { cause }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  own = new Set([`127.0.0.1:${bound}`, `localhost:${bound}`]);
  return {
    url: `http://127.0.0.1:${bound}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The path behind the token; undefined for a request that is not the page's own. */
function admitted(
  { headers, url = '' }: IncomingMessage,
  own: ReadonlySet<string>,
  token: string,
): string | undefined {
  const { host, origin } = headers;
  if (host === undefined || !own.has(host)) return undefined;
  if (origin !== undefined && origin !== `http://${host}`) return undefined;
  const [, given = '', path] = /^\/([^/?#]*)\/([^?#]*)/.exec(url) ?? [];
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return path !== undefined && a.length === b.length && timingSafeEqual(a, b) ? path : undefined;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Tells the page that there is something to listen to. */
function withLive(files: ReadonlyMap<string, PageFile>, live: boolean): ReadonlyMap<string, PageFile> {
  const index = files.get('index.html');
  if (!live || index === undefined) return files;
  const text = new TextDecoder()
    .decode(index.body)
    .replace('name="callgate-live" content="no"', 'name="callgate-live" content="yes"');
  return new Map(files).set('index.html', { ...index, body: new TextEncoder().encode(text) });
}
