import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDefaults } from '../../../src/engine/defaults.js';
import type { OciSeccomp } from '../../../src/engine/oci.js';
import { decide } from '../../../src/policy/decide.js';
import type { Policy } from '../../../src/policy/policy.js';
import { applyRuntime } from '../../../src/runtime/apply.js';
import type { RuntimeTarget } from '../../../src/runtime/target.js';
import { newestNumber } from '../../../src/syscalls/libseccomp.js';
import { describeWithOracle } from '../../oracle.js';
import { EVERY_CALL } from '../calls.js';
import {
  CONTAINER_RUNTIMES,
  type ContainerRuntime,
  lacksForContainers,
  type PlacedRuntime,
  runProbe,
} from '../containers.js';
import { mismatches } from '../expected.js';
import { ociJson } from '../oci-json.js';
import { dockerDefault } from '../predict.js';
import { showResult } from '../probe/binary.js';
import { AUDIT_ARCH, mayRun } from '../probe/calls.js';
import { randomOci } from '../random-oci.js';
import { behavesAs } from './backports.js';
import { lacksApt, libseccompOf, openSuite, SUITES, type SuiteName, upstreamRelease } from './debian.js';
import { judge } from './judge.js';
import { each } from './pool.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

const DOCKER = ['20.10.9', '20.10.24', '26.1.5', '28.5.2', '29.7.2'];
/** Random profiles for a runtime with the library of its own release; with another one half as many do. */
const CUSTOM = Number(process.env['CALLGATE_LAB_PROFILES'] ?? 50);
const SEED = 314;
/** What other releases of the runtimes, of Go and of the C library call besides; nothing that raises the stub's bound. */
const ALSO_ESSENTIAL = [
  ...[
    'readlinkat',
    'readlink',
    'stat',
    'lstat',
    'getcwd',
    'getppid',
    'lseek',
    'recvfrom',
    'mprotect',
    'getrandom',
  ],
  ...[
    'rt_sigtimedwait',
    'restart_syscall',
    'sched_getaffinity',
    'prlimit64',
    'epoll_ctl',
    'eventfd2',
    'setitimer',
  ],
  ...['timer_create', 'timer_settime', 'timer_delete', 'clock_gettime', 'clock_nanosleep', 'tkill', 'kill'],
];
/** Newer calls that they try: any errno will do, a signal would end them. */
const TRIED = ['openat2', 'clone3', 'close_range', 'faccessat2', 'rseq', 'set_robust_list'];
const RUNNABLE = EVERY_CALL.filter(mayRun);

interface Configuration {
  readonly name: string;
  readonly oci: OciSeccomp;
  readonly capabilities: readonly string[];
}

const combinations = CONTAINER_RUNTIMES.flatMap((runtime) =>
  SUITES.flatMap((suite) => SUITES.map((library) => ({ runtime, suite, library }))),
);

const lacks = lacksApt() ?? lacksForContainers();
describeWithOracle(lacks, 'runtimes and libseccomp of other releases', () => {
  const rows: ReportRow[] = [];
  const configurations: Configuration[] = [];
  let defaults: readonly string[] = [];
  let defaultCount = 0;

  beforeAll(async () => {
    defaults = (await loadDefaults('docker')).defaultCapabilities('28.5.2') ?? [];
    const variants = [[], defaults, [...defaults, 'CAP_SYS_ADMIN']];
    for (const version of DOCKER) {
      for (const capabilities of variants) {
        const oci = await dockerDefault(version, capabilities);
        configurations.push({ name: `docker@${version}, ${capabilities.length} caps`, oci, capabilities });
      }
    }
    defaultCount = configurations.length;
    fc.sample(randomOci, { seed: SEED, numRuns: 3 * CUSTOM }).forEach((oci, index) => {
      const essential = { names: ALSO_ESSENTIAL, action: 'SCMP_ACT_ALLOW', args: [], origin: { rule: 0 } };
      const syscalls = [essential, ...oci.syscalls];
      configurations.push({ name: `profile ${index}`, oci: { ...oci, syscalls }, capabilities: [] });
    });
  });
  afterAll(() => keepRows('1-runtimes', rows));

  it.each(combinations)('$runtime of $suite with libseccomp of $library', async (combination) => {
    const { placed, target, what, note } = place(combination);
    let [equal, refused] = [0, 0];
    const wrong: string[] = [];
    const custom = combination.suite === combination.library ? CUSTOM : CUSTOM / 2;
    const chosen = configurations.filter(({ oci }) => survives(oci, target)).slice(0, defaultCount + custom);
    await each(chosen, availableParallelism(), async ({ name, oci, capabilities }, index) => {
      // Both moments at which a runtime loads the filter; random profiles do not allow what the earlier one needs.
      const noNewPrivileges = capabilities.length === 0 || index % 2 === 0;
      const judgement = await judge(placed, target, oci, { capabilities, noNewPrivileges });
      if (judgement.kind === 'equal') equal++;
      else if (judgement.kind === 'refused') refused++;
      else wrong.push(`${name}: ${judgement.text}`);
    });
    const probed = await probe(placed, target);
    rows.push({
      what,
      equal,
      refused,
      probes: probed.calls,
      mismatches: wrong.length + probed.wrong.length,
      note,
    });
    expect([...wrong, ...probed.wrong]).toEqual([]);
    expect(equal).toBeGreaterThan(custom / 2);
  });

  /** Every number, really called under the default profile, and compared with the same call without a filter. */
  async function probe(
    placed: PlacedRuntime,
    target: RuntimeTarget,
  ): Promise<{ readonly calls: number; readonly wrong: readonly string[] }> {
    const oci = await dockerDefault('28.5.2', defaults);
    const container = { capabilities: defaults, noNewPrivileges: true };
    const [free, held] = await Promise.all([
      runProbe(placed, container, 'real', RUNNABLE),
      runProbe(placed, { ...container, seccomp: ociJson(oci) }, 'real', RUNNABLE),
    ]);
    const baseline = free.map(showResult);
    const wrong = mismatches(policyOf(oci, target), RUNNABLE, held, (index) => baseline[index] ?? '');
    return { calls: RUNNABLE.length, wrong };
  }
});

/** Whether a runtime comes through under the filter, so that there is a process to look at. */
function survives(oci: OciSeccomp, target: RuntimeTarget): boolean {
  const predicted = applyRuntime(oci, target);
  if (predicted.kind !== 'policy') return true;
  return TRIED.every((name) => {
    const number = newestNumber(name, 'x86_64') ?? 0;
    const call = { auditArch: AUDIT_ARCH.x86_64, number, args: [0n, 0n, 0n, 0n, 0n, 0n] };
    const action = decide(predicted.policy, call);
    return action.kind === 'allow' || action.kind === 'log' || (action.kind === 'errno' && action.errno > 0);
  });
}

function policyOf(oci: OciSeccomp, target: RuntimeTarget): Policy {
  const result = applyRuntime(oci, target);
  if (result.kind !== 'policy') throw new Error(`no prediction: ${result.kind}`);
  return result.policy;
}

interface Placed {
  readonly placed: PlacedRuntime;
  readonly target: RuntimeTarget;
  readonly what: string;
  readonly note: string;
}

function place(combination: {
  readonly runtime: ContainerRuntime;
  readonly suite: SuiteName;
  readonly library: SuiteName;
}): Placed {
  const { runtime: name } = combination;
  const suite = openSuite(combination.suite);
  const library = openSuite(combination.library);
  const { version, note } = behavesAs(suite, name);
  const libseccomp = libseccompOf(library);
  return {
    placed: { name, enter: enterSuite(suite, library) },
    target: { runtime: { name, version }, libseccomp, nativeAbi: 'x86_64' },
    what: `${name} ${upstreamRelease(suite.packaged(name))}, libseccomp ${libseccomp}`,
    note,
  };
}
