import { isIP } from 'node:net';
import { CallgateError } from '../../error.js';

/** Where an HTTP server listens. */
export interface ListenAddress {
  /** An IP address. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * @example listenAddress('127.0.0.1:9464') // { host: '127.0.0.1', port: 9464 }
 * @throws {CallgateError} USAGE
 */
export function listenAddress(word: string): ListenAddress {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(word) ?? [];
  const host = bracketed ?? plain ?? '';
  if (isIP(host) !== 0 && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new CallgateError('USAGE', `--listen ${word} is no address`, {
    expected: 'an IP address and a port: 127.0.0.1:9464, 0.0.0.0:9464, [::1]:9464',
  });
}

/**
 * Whether a request's Host is one of the server's own. A page in somebody's browser can have a name that leads to any
 * address (DNS rebinding), and then says that name; whoever means this server names its address, or a name that it was told.
 *
 * @param port that the server listens on; somebody in between may have changed it
 */
export function isOwnHost(
  host: string | undefined,
  address: ListenAddress,
  names: readonly string[],
): boolean {
  if (host === undefined) return false;
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host) ?? [];
  const name = (bracketed ?? plain).toLowerCase();
  if (names.includes(name)) return true;
  if (isLoopback(address.host)) return name === 'localhost' || isLoopback(name);
  return name === 'localhost' || isIP(name) !== 0;
}

const isLoopback = (host: string): boolean => host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
