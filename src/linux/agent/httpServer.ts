import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallgateError } from '../../error.js';
import { isOwnHost, type ListenAddress } from './listenAddress.js';

/** What a path answers. */
export interface Page {
  readonly status: 200 | 503;
  readonly type: string;
  readonly body: string;
}

export interface AgentServer {
  /** As it was given, with the port that it got. */
  readonly address: ListenAddress;
  readonly close: () => Promise<void>;
}

export interface ServerOptions {
  readonly address: ListenAddress;
  /** Names that a Host may have beside addresses. */
  readonly names: readonly string[];
  readonly pages: ReadonlyMap<string, () => Page | Promise<Page>>;
}

/** Whoever scrapes or probes asks one short thing. */
const MOST_MILLISECONDS = 5000;
const MOST_CONNECTIONS = 64;
const MOST_HEADER_BYTES = 8192;

/**
 * Serves a few pages that can only be read.
 *
 * @throws {CallgateError} HOST when the address is taken
 */
export async function serveAgent({ address, names, pages }: ServerOptions): Promise<AgentServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    const { headers, method, url = '' } = request;
    if (!isOwnHost(headers.host, address, names) || headers.origin !== undefined)
      return refuse(response, 403, 'not for you');
    const page = pages.get(url.replace(/\?.*$/s, ''));
    if (page === undefined) return refuse(response, 404, [...pages.keys()].join(' '));
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'only read');
    const { status, type, body } = await page();
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(method === 'HEAD' ? undefined : body);
  };
  const server = createServer({ maxHeaderSize: MOST_HEADER_BYTES }, (request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'this failed');
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = MOST_MILLISECONDS;
  server.requestTimeout = MOST_MILLISECONDS;
  server.keepAliveTimeout = MOST_MILLISECONDS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new CallgateError(
          'HOST',
          `cannot listen on ${address.host}:${address.port}: ${cause.code ?? cause.message}`,
          {
            cause,
          },
        ),
      ),
    );
    server.listen(address.port, address.host, resolve);
  });
  return {
    address: { ...address, port: (server.address() as AddressInfo).port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
