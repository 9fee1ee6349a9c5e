import { existsSync } from 'node:fs';
import { CallgateError } from '../error.js';

/** In the built package a thread's entry lies beside or above the module; the sources use the built one. */
const PLACES = ['./', '../', '../../dist/', '../../../dist/'];

/** The file of a thread. @throws {CallgateError} HOST when the installation is not whole */
export function workerEntry(name: string): URL {
  const url = PLACES.map((place) => new URL(`${place}${name}.js`, import.meta.url)).find(existsSync);
  if (url !== undefined) return url;
  throw new CallgateError('HOST', `${name}.js is missing from the installation of callgate`, {
    hint: 'install it again; in a checkout, run npm run build',
  });
}
