import { execFileSync } from 'node:child_process';
import { libseccompReleases } from '../../src/syscalls/libseccomp.js';
import type { ContainerRuntime } from './containers.js';

function output(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

/** Upstream release of the installed runtime: `runc version 1.1.5+ds1` → `1.1.5`. */
export function installedRuntime(name: ContainerRuntime): { name: ContainerRuntime; version: string } {
  const version = /^\w+ version (\d+\.\d+(?:\.\d+)?(?:-rc\.?\d+)?)/.exec(output(name, '--version'))?.[1];
  if (version === undefined) throw new Error(`${name} --version says no version`);
  return { name, version };
}

/** The installed libseccomp, by the distribution's release where the data has it: Debian 12's knows newer calls than upstream's. */
export function installedLibseccomp(): string {
  const packaged = output('dpkg-query', '--show', '--showformat', '${Version}', 'libseccomp2');
  if (libseccompReleases.includes(packaged)) return packaged;
  return packaged.replace(/-[^-]*$/, '').replace(/[+~].*$/, '');
}
