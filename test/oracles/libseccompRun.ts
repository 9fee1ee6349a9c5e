import type { OciArg } from '../../src/profile/argument.js';
import type { Operator } from '../../src/runtime/libseccomp/chain.js';
import { abi, abis } from '../../src/syscalls/abis.js';
import { compareVersions } from '../../src/versions.js';
import type { Libseccomp, NativeComparison, NativeFilter } from './libseccomp.js';
import type { Configuration } from './libseccompConfigurations.js';

/** What the real library made of the calls that a runtime makes of it. */
export type NativeRun =
  | { readonly kind: 'program'; readonly program: Buffer; readonly stub: NativeStub }
  | { readonly kind: 'failed'; readonly rule?: number; readonly name?: string; readonly code: number };

/** Largest number by ABI, and whether s390's number 0 belongs to the stub. */
export interface NativeStub {
  readonly largest: ReadonlyMap<string, number>;
  readonly s390Setup: boolean;
}

const RETURN_VALUES: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x30000,
  SCMP_ACT_ERRNO: 0x50000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

const EEXIST = 17;

/** libseccomp's own token: x32 has one that the kernel does not know. */
function token(name: string): number {
  return name === 'x32' ? 0x4000003e : (abis.find((row) => row.name === name)?.auditArch ?? 0);
}

/** The sequence of library calls that runc and crun make for a configuration, written down once more for the test. */
export function runNative(library: Libseccomp, configuration: Configuration): NativeRun {
  const { oci, runtime, nativeAbi } = configuration;
  const runc = runtime.name === 'runc';
  const since = (version: string): boolean => compareVersions(runtime.version, version) >= 0;
  const word = (action: string, errno: number | undefined): number => {
    const base = RETURN_VALUES[action];
    if (base === undefined) throw new Error(`no action ${action}`);
    const takesErrno = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
    return takesErrno ? (base | ((errno ?? 1) & 0xffff)) >>> 0 : base;
  };
  const readsDefaultErrno = since(runc ? '1.0.0-rc95' : '0.19');
  const defaultAction = word(oci.defaultAction, readsDefaultErrno ? oci.defaultErrnoRet : undefined);
  const filter = library.init(defaultAction);
  if (filter === undefined) return { kind: 'failed', code: 0 };
  try {
    makeNative(filter, nativeAbi);
    const listed = oci.architectures.map((scmp) => abis.find((row) => row.scmp === scmp)?.name ?? '');
    for (const name of listed) {
      const code = filter.addArch(token(name));
      if (code !== 0 && code !== -EEXIST) return { kind: 'failed', code };
    }
    const names = oci.syscalls.flatMap((rule) => rule.names);
    if (runc && since('1.2.0-rc.1') && names.length > 32) filter.setOptimize(2);
    for (const [index, rule] of oci.syscalls.entries()) {
      const action = word(rule.action, since(runc ? '1.0.0-rc91' : '0.14') ? rule.errnoRet : undefined);
      if (action === defaultAction && (!runc || since('1.0.2'))) continue;
      for (const name of rule.names) {
        const number = library.resolve(name);
        if (number === -1) continue;
        for (const comparisons of alternatives(rule.args)) {
          const code = filter.addRule(action, number, comparisons);
          if (code !== 0) return { kind: 'failed', rule: index, name, code };
        }
      }
    }
    const program = filter.exportBpf();
    if (typeof program === 'number') return { kind: 'failed', code: program };
    const stub = new Map<string, number>();
    const permissive = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(oci.defaultAction);
    if (runc && since('1.0.0-rc93') && !permissive) {
      const always = runtime.version.startsWith('1.1.') ? since('1.1.15') : since('1.2.0-rc.1');
      for (const name of new Set(always ? [...listed, nativeAbi] : listed)) {
        const largest = Math.max(0, ...names.map((one) => library.resolveOn(token(name), one)));
        if (largest > 0) stub.set(name, largest);
      }
    }
    return { kind: 'program', program, stub: { largest: stub, s390Setup: since('1.1.3') } };
  } finally {
    filter.release();
  }
}

/** The library is built for x86_64; a filter of another native ABI is one without it. */
function makeNative(filter: NativeFilter, nativeAbi: Configuration['nativeAbi']): void {
  if (nativeAbi === 'x86_64') return;
  filter.removeArch(token('x86_64'));
  filter.addArch(token(nativeAbi));
}

function alternatives(args: readonly OciArg[]): NativeComparison[][] {
  const native = args.map(({ index, value, valueTwo, op }) => ({
    argument: index,
    op: op.slice('SCMP_CMP_'.length).toLowerCase() as Operator,
    a: value,
    b: valueTwo,
  }));
  const repeated = new Set(args.map((arg) => arg.index)).size < args.length;
  return repeated ? native.map((one) => [one]) : [native];
}

/** Whether runc's stub answers a call before the library's program sees it. */
export function stubAnswers(
  { largest: limits, s390Setup }: NativeStub,
  auditArch: number,
  number: number,
): boolean {
  const x32 = auditArch === abi('x86_64').auditArch && (number & 0x40000000) !== 0;
  for (const [name, largest] of limits) {
    if (token(name === 'x32' ? 'x86_64' : name) !== auditArch) continue;
    if (auditArch === abi('x86_64').auditArch && (name === 'x32') !== x32) continue;
    if (number > largest) return true;
    if (s390Setup && (name === 's390' || name === 's390x') && number === 0) return true;
  }
  return false;
}
