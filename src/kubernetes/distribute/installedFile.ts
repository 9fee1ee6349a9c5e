import { CallgateError } from '../../error.js';

/** A profile that is to be on every node. */
export interface InstalledFile {
  /** Below the kubelet's seccomp directory, e.g. `profiles/web.json`. */
  readonly path: string;
  readonly text: string;
}

/** A ConfigMap holds at most 1 MiB, with its keys and the script. */
const MOST_BYTES = 1_000_000;

/** A ConfigMap's keys have no slash. */
export const keyOf = (path: string): string => path.replaceAll('/', '--');

/**
 * Profiles as a ConfigMap holds them.
 *
 * @throws CallgateError `INPUT` for more than it holds
 */
export function dataOf(files: readonly InstalledFile[]): Readonly<Record<string, string>> {
  const data = Object.fromEntries(files.map(({ path, text }) => [keyOf(path), text]));
  const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
  if (bytes > MOST_BYTES)
    throw new CallgateError('INPUT', `the profiles have ${bytes} bytes, a ConfigMap holds 1 MiB`, {
      hint: 'put them into several, each with a --name of its own',
    });
  return data;
}
