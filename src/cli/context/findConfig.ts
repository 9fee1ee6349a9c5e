import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ContextFlags } from './contextOptions.js';

const CONFIG_FILE = 'callgate.config.json';

/** The nearest callgate.config.json, from a directory up to the one with .git or the root. */
export function findConfig(from = process.cwd()): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, CONFIG_FILE);
    if (existsSync(path)) return path;
    if (existsSync(join(directory, '.git')) || dirname(directory) === directory) return undefined;
  }
}

/** Whether a command line leaves its context to the project's configuration: no flag says anything of it. */
export function namesNoContext(flags: ContextFlags): boolean {
  const words: Readonly<Record<keyof ContextFlags, unknown>> = {
    engine: flags.engine,
    runtime: flags.runtime,
    libseccomp: flags.libseccomp,
    kernel: flags.kernel,
    arch: flags.arch,
    platform: flags.platform,
    capAdd: flags.capAdd,
    capDrop: flags.capDrop,
    privileged: flags.privileged,
    securityOpt: flags.securityOpt,
    user: flags.user,
    profile: flags.profile,
    like: flags.like,
    nearest: flags.nearest,
    here: flags.here,
    fromRun: flags.fromRun,
    fromCompose: flags.fromCompose,
    fromDevcontainer: flags.fromDevcontainer,
    fromWorkflow: flags.fromWorkflow,
  };
  return Object.values(words).every((value) => value === undefined);
}
