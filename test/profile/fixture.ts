import { readFileSync } from 'node:fs';

/** The bytes of a file in fixtures/. */
export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}
