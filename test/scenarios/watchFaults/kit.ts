import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContainerRuntime } from '../../oracles/containers.js';
import { installedLibseccomp, installedRuntime } from '../../oracles/installed.js';
import { callgate } from '../callgate.js';

/** Not in a temporary directory; runtimes take no links. */
export function placeOf(name: string): string {
  const place = fileURLToPath(new URL('../../../node_modules/.cache/callgate-test', import.meta.url));
  mkdirSync(place, { recursive: true });
  return mkdtempSync(join(realpathSync(place), name));
}

const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  syscalls: [
    { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    { names: ['rmdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
  ],
};

/** What all faults share. */
export interface Kit {
  readonly root: string;
  readonly seccomp: (runtime: ContainerRuntime, socket: string) => object;
  /** That an agent has open after a container to which nothing happened. */
  readonly fds: number;
  readonly remove: () => void;
}

export function makeKit(): Kit {
  const directory = placeOf('watch-');
  const root = join(directory, 'rootfs');
  for (const name of ['dev', 'proc', 'sys', 'sample']) mkdirSync(join(root, name), { recursive: true });
  const source = fileURLToPath(new URL('../programs/denied.c', import.meta.url));
  const program = join(root, 'denied');
  execFileSync('gcc', ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  for (const path of [directory, root, program]) chmodSync(path, 0o755);
  const profile = join(directory, 'profile.json');
  writeFileSync(profile, JSON.stringify(PROFILE));
  const made = new Map<ContainerRuntime, object>();
  const seccompOf = (runtime: ContainerRuntime): object => {
    const path = join(directory, `${runtime}.json`);
    const { status, stderr } = callgate(
      ...['extend', 'docker@28.5.2', '--profile', profile, '--watch', '-o', path],
      ...['--runtime', `${runtime}@${installedRuntime(runtime).version}`, '--arch', 'amd64'],
      ...['--libseccomp', installedLibseccomp()],
    );
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  };
  return {
    root,
    fds: Number.POSITIVE_INFINITY,
    seccomp: (runtime, listenerPath) => {
      const seccomp = made.get(runtime) ?? seccompOf(runtime);
      made.set(runtime, seccomp);
      return { ...seccomp, listenerPath };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
