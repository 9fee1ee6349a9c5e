import { execFile } from 'node:child_process';
import { CallgateError } from '../../../error.js';
import type { Io } from '../../io/io.js';

/** Which cluster is meant, as kubectl's own flags say it. */
export interface KubectlFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

const MOST_BYTES = 256 * 1024 * 1024;
const LONGEST_MS = 120_000;

/**
 * What `kubectl get WHAT -o json` prints, with the user's own kubectl and its configuration.
 *
 * @throws CallgateError `HOST` in kubectl's words
 */
export function kubectlGet(
  what: string,
  flags: KubectlFlags,
  io: Io,
  namespaced = true,
): Promise<Uint8Array> {
  const args = [
    'get',
    what,
    '-o',
    'json',
    ...(namespaced && flags.allNamespaces === true ? ['--all-namespaces'] : []),
    ...(namespaced && flags.namespace !== undefined ? ['--namespace', flags.namespace] : []),
    ...(namespaced && flags.selector !== undefined ? ['--selector', flags.selector] : []),
    ...(flags.context === undefined ? [] : ['--context', flags.context]),
    ...(flags.kubeconfig === undefined ? [] : ['--kubeconfig', flags.kubeconfig]),
  ];
  const options = { encoding: 'buffer', maxBuffer: MOST_BYTES, timeout: LONGEST_MS, env: io.env } as const;
  return new Promise((resolve, reject) => {
    execFile('kubectl', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(failure(error, stderr.toString('utf8').trim(), args));
    });
  });
}

function failure(
  error: Error & { readonly code?: unknown },
  said: string,
  args: readonly string[],
): CallgateError {
  if (error.code === 'ENOENT')
    return new CallgateError('HOST', 'kubectl is not on PATH', {
      hint: 'give files, or the output of kubectl get … -o json on standard input',
      cause: error,
    });
  return new CallgateError('HOST', `kubectl ${args.slice(0, 2).join(' ')} failed: ${said || error.message}`, {
    cause: error,
  });
}
