import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { type DescribedDenial, describeDenial } from '../explain/denial.js';
import { verdictWord } from '../explain/verdict.js';
import type { Profile } from '../profile/profile.js';
import { confine } from './confinement.js';
import { spawn as spawnFiltered } from './spawn.js';
import type { Denial } from './supervisor/denial.js';

/** A kind of call that was denied, in words. */
export interface ReportedDenial extends Denial {
  readonly call: DescribedDenial;
  /** One line: `unshare(CLONE_NEWUSER) → EPERM`. */
  readonly text: string;
}

/** As for spawn() of node:child_process, and the container that the command is to be confined as. */
export interface ConfinedSpawnOptions extends SpawnOptions {
  /** What to put the command under: `docker@28.5.2`, `./profile.json`, `bpf:FILE`, `unconfined` …, or a read profile. */
  readonly seccomp: string | Profile;
  /** Capabilities that a command started as root keeps, instead of the container's own. */
  readonly capabilities?: readonly string[];
  /** Default: false when this process has CAP_SYS_ADMIN, as `docker run` does, else true. */
  readonly noNewPrivileges?: boolean;
  /** For each kind of denied call, and again with a higher count when it was repeated. Without it the kernel alone enforces. */
  readonly onDenial?: (denial: ReportedDenial) => void;
}

/**
 * Starts a command as node:child_process.spawn does, under the seccomp filter and capabilities of a container. The
 * process that is returned is the command itself, with Node's streams, signals and exit code.
 *
 * When it cannot be started, the child emits 'error' with a CallgateError and exits with 125 (the launcher failed),
 * 126 (not executable) or 127 (not found). It never runs unfiltered.
 *
 * @throws {CallgateError} for an unknown target, a bad profile, or a machine that cannot do what is asked
 * @example
 * const child = spawn('unshare', ['-U', 'true'], {
 *   seccomp: 'docker@28.5.2',
 *   stdio: 'inherit',
 *   onDenial: ({ text }) => console.error(text), // unshare(CLONE_NEWUSER) → EPERM
 * });
 */
export function spawn(command: string, args: readonly string[], options: ConfinedSpawnOptions): ChildProcess {
  const { seccomp, capabilities, onDenial, ...plain } = options;
  const confinement = confine(seccomp, capabilities);
  const report = (denial: Denial): void => {
    const call = describeDenial(denial, confinement.policy, confinement.prediction);
    onDenial?.({ ...denial, call, text: `${call.text} → ${verdictWord(call.verdict)}` });
  };
  return spawnFiltered(command, args, {
    ...plain,
    filter: confinement.program,
    filterFlags: confinement.flags,
    ...(process.geteuid?.() === 0 ? { capabilities: confinement.capabilities } : {}),
    ...(onDenial === undefined ? {} : { onDenial: report }),
  });
}
