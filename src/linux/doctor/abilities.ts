import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { compile } from '../../bpf/compile.js';
import { encode } from '../../bpf/encode.js';
import { CallgateError } from '../../error.js';
import { buildRanges } from '../../policy/build.js';
import { comparePolicies } from '../../policy/compare.js';
import { leaf } from '../../policy/decision.js';
import type { Policy } from '../../policy/policy.js';
import { holds } from '../capabilities.js';
import { libc, socketPair } from '../ffi.js';
import { type HostFacts, hasUserNotification } from '../host/host.js';
import type { InstalledEngine } from '../host/installed.js';
import { launcher } from '../launcher.js';
import { writeLauncher } from '../launcherFile.js';
import { hostMachine, type Machine } from '../machine.js';
import { dumpFilters } from '../process/dumpFilter.js';
import { liftFilters } from '../process/liftFilters.js';
import { resolveCommand } from '../resolveCommand.js';
import { runCommand } from '../run.js';
import { installSupervisedFilter, noNewPrivileges } from '../script.js';
import { spawn } from '../spawn.js';
import type { Denial } from '../supervisor/denial.js';
import { receiveListener } from '../supervisor/listenerSocket.js';
import { wakeUpAtOnce } from '../supervisor/notification.js';
import { canRecord, canWatch } from './recorders.js';

/** Something that callgate does with the kernel, tried here. */
export interface Ability {
  readonly name: 'run' | 'capabilities' | 'report' | 'dump' | 'record' | 'watch';
  /** What it is for. */
  readonly purpose: string;
  readonly works: boolean;
  /** How it works, or what it lacks. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** getpgrp on x86-64, getpgid on others: calls that no program needs to start. */
const HARMLESS: Readonly<Record<Machine['name'], number>> = { x86_64: 111, aarch64: 155, riscv64: 155 };
/** uname, which the command `uname` cannot do without. */
const UNAME: Readonly<Record<Machine['name'], number>> = { x86_64: 63, aarch64: 160, riscv64: 160 };
const TEST_ERRNO = 77;

function denying(machine: Machine, number: number): Policy {
  const decisions = new Map([[number, leaf({ kind: 'errno', errno: TEST_ERRNO })]]);
  const ranges = buildRanges(decisions, leaf({ kind: 'allow' }));
  return { sections: [{ auditArch: machine.auditArch, ranges }], otherArch: { kind: 'allow' } };
}

/** Tries each ability on a harmless command; less than a second together. Nothing of the host is changed. */
export async function abilities(
  host: HostFacts,
  engines: readonly InstalledEngine[],
): Promise<readonly Ability[]> {
  return [
    await tried('run', 'run commands under a filter', canRun),
    await tried('capabilities', 'give them a container’s capabilities', () => canLimit(host)),
    await tried('report', 'name each denied call while a command runs', canReport),
    await tried('dump', 'read the filters of running processes', canDump),
    await tried('record', 'record what calls a command makes', canRecord),
    await tried('watch', 'name the denied calls of running containers', () => canWatch(engines)),
  ];
}

async function tried(
  name: Ability['name'],
  purpose: string,
  attempt: () => Promise<string> | string,
): Promise<Ability> {
  try {
    return { name, purpose, works: true, detail: await attempt() };
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return {
      name,
      purpose,
      works: false,
      detail: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    };
  }
}

function fails(message: string, hint?: string): CallgateError {
  return new CallgateError('HOST', message, hint === undefined ? {} : { hint });
}

async function canRun(): Promise<string> {
  const machine = hostMachine();
  const filter = compile(denying(machine, HARMLESS[machine.name]), { nativeArch: machine.auditArch });
  const { exitCode, error, noNewPrivileges } = await runCommand('true', [], { filter, stdio: 'ignore' });
  if (error !== undefined) throw error;
  if (exitCode !== 0) throw fails(`"true" ended with ${exitCode} under a filter that allows all it does`);
  return noNewPrivileges
    ? 'with no_new_privs: setuid programs have no effect under it'
    : 'without no_new_privs, as docker run does';
}

function canLimit({ self }: HostFacts): string {
  if (process.geteuid?.() !== 0)
    throw fails('commands of other users than root have no capabilities at all', 'run callgate as root');
  if (!holds(self.capabilities.effective, 'CAP_SETPCAP'))
    throw fails('CAP_SETPCAP is missing, so that none can be dropped');
  const all = self.capabilities.bounding;
  return `up to ${[...all.toString(2)].filter((bit) => bit === '1').length} of them`;
}

async function canReport(): Promise<string> {
  const machine = hostMachine();
  if (!hasUserNotification())
    throw fails(
      'this kernel has no user notification',
      'it takes Linux 5.0 or newer with CONFIG_SECCOMP_FILTER',
    );
  const seen: Denial[] = [];
  const number = UNAME[machine.name];
  const { error, denials } = await runCommand('uname', [], {
    filter: compile(denying(machine, number), { nativeArch: machine.auditArch }),
    onDenial: (denial) => seen.push(denial),
    stdio: 'ignore',
  });
  if (error !== undefined) throw error;
  if (!denials.some((denial) => denial.number === number && denial.errno === TEST_ERRNO))
    throw fails('a call that the filter denies was not reported');
  return hasSyncWakeUp(machine)
    ? 'user notification with SYNC_WAKE_UP'
    : 'user notification; SYNC_WAKE_UP, which makes it several times faster, takes Linux 6.6';
}

/** Asks a listener of a filter that allows everything. */
function hasSyncWakeUp(machine: Machine): boolean {
  const c = libc();
  const filter = encode(compile({ sections: [], otherArch: { kind: 'allow' } }), 'little');
  const [ours, theirs] = socketPair();
  const socketFd = 3;
  const script = [noNewPrivileges(), ...installSupervisedFilter(filter, 0, socketFd)];
  const { image } = launcher(machine, script, 2);
  const file = writeLauncher(image);
  try {
    // The listener waits in the socket until the command has ended.
    spawnSync(file.path, ['true'], {
      argv0: resolveCommand('true', process.env['PATH'], '/'),
      stdio: ['ignore', 'ignore', 'ignore', theirs],
    });
    closeSync(theirs);
    const listener = receiveListener(c, ours);
    if (listener === undefined) return false;
    const known = wakeUpAtOnce(c, listener);
    closeSync(listener);
    return known;
  } finally {
    closeSync(ours);
    file.remove();
  }
}

/** Loads a filter into a process of its own, reads it back, and proves that it is the same. */
async function canDump(): Promise<string> {
  const machine = hostMachine();
  const policy = denying(machine, HARMLESS[machine.name]);
  const filter = compile(policy, { nativeArch: machine.auditArch });
  const child = spawn('cat', [], { filter, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    // What it sends back shows that the filter is in force and cat runs.
    child.stdin?.write('.');
    await Promise.race([once(child.stdout ?? child, 'data'), ended]);
    const { filters } = dumpFilters(child.pid ?? 0);
    const programs = filters.map(({ program }) => program);
    const differences = comparePolicies(
      liftFilters(programs.slice(0, 1), machine.name, 'the dumped filter'),
      policy,
    );
    if (differences.length > 0) throw fails('the filter that was read back is not the one that was loaded');
    return 'PTRACE_SECCOMP_GET_FILTER; the filter of a test process came back equal, by proof';
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
