import { backportOf } from '../../../src/engine/packageBackports.js';
import { type Suite, upstreamRelease } from './debian.js';

/** The release whose behaviour a package has, and why that is not the one in its name. */
export function behavesAs(suite: Suite, name: string): { readonly version: string; readonly note: string } {
  const packaged = suite.packaged(name);
  const found = backportOf(name === 'docker.io' ? 'docker' : name, packaged);
  if (found === undefined) return { version: upstreamRelease(packaged), note: '' };
  return { version: found.as, note: `as ${found.as}: ${found.change}` };
}
