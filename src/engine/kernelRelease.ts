import json from '../../data/kernels.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import { compareVersions } from '../versions.js';
import type { ChosenRelease } from './releaseWord.js';

/** The newest kernel whose system calls the data holds. */
export const newestKernel: string = json.newest;

/** The numbers in front of `uname -r`: `5.15.0` of `5.15.0-91-generic`. */
export function kernelNumbers(release: string): string | undefined {
  return /^\d{1,3}\.\d{1,3}(?:\.\d{1,5})?(?![\d])/.exec(release.trim())?.[0];
}

/** @throws CallgateError `USAGE` for a word that is no kernel release, `UNKNOWN` for one newer than the data */
export function chooseKernel(word: string, nearest: boolean): ChosenRelease {
  const version = kernelNumbers(word);
  if (version === undefined) {
    throw new CallgateError('USAGE', `"${word}" is not a kernel release`, {
      expected: `such as ${newestKernel} or 5.15`,
    });
  }
  if (compareVersions(version, newestKernel) <= 0 || version.startsWith(`${newestKernel}.`))
    return { version, notes: [] };
  if (nearest) {
    const text = `linux ${version} is not known; ${newestKernel}, the nearest older release, stands for it`;
    return { version: newestKernel, notes: [{ kind: 'nearest', text }] };
  }
  throw new CallgateError('UNKNOWN', `linux ${version} is not known`, {
    hint: `the newest one is ${newestKernel}; --nearest takes it`,
  });
}
