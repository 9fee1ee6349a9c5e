import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterAll, expect, it } from 'vitest';
import { toReturnValue } from '../../src/policy/action.js';
import { decide } from '../../src/policy/decide.js';
import { applyRuntime } from '../../src/runtime/apply.js';
import type { LoadErrorResult } from '../../src/runtime/result.js';
import type { AbiName } from '../../src/syscalls/abi.js';
import { abi } from '../../src/syscalls/abis.js';
import { libseccompReleases, syscallNumber } from '../../src/syscalls/table.js';
import { describeWithOracle } from '../oracle.js';
import { readProgram, run, seccompData } from '../oracles/classicBpf.js';
import { deviations } from '../oracles/deviations.js';
import { lacksLibseccomp, libseccompPath, openLibseccomp } from '../oracles/libseccomp.js';
import { type Configuration, Dice, makeConfiguration } from '../oracles/libseccompConfigurations.js';
import { type NativeRun, runNative, stubAnswers } from '../oracles/libseccompRun.js';

const CONFIGURATIONS = Number(process.env['CALLGATE_CONFIGURATIONS'] ?? 2400);
const FIRST_SEED = Number(process.env['CALLGATE_SEED'] ?? 1);
const CALLS = 600;
/** Predicted endless loops that are tried out, each in a process of its own for this long. */
const LOOPS_TRIED = 3;
const LOOP_MS = 1500;

const counted = {
  configurations: 0,
  programs: 0,
  loadErrors: 0,
  unknown: 0,
  calls: 0,
  abis: new Set<string>(),
  deviations: new Map<string, number>(),
};

/** The distribution's row where the data has one: Debian 12's library has newer tables than its upstream release. */
function releaseOf(version: string): string {
  return libseccompReleases.findLast((row) => row.startsWith(`${version}-`)) ?? version;
}

function printable(configuration: Configuration): string {
  return JSON.stringify(configuration, (_, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  );
}

describeWithOracle(lacksLibseccomp, `libseccomp, ${CONFIGURATIONS} random configurations`, () => {
  const library = openLibseccomp();
  const libseccomp = process.env['CALLGATE_LIBSECCOMP_TABLES'] ?? releaseOf(library.version);
  const loops: Configuration[] = [];

  afterAll(() => {
    console.info(
      `libseccomp ${library.version}: ${counted.configurations} configurations, ${counted.programs} programs, ` +
        `${counted.loadErrors} load errors, ${counted.unknown} unknown, ${counted.calls} calls on ${counted.abis.size} ABIs; ` +
        `deviations: ${[...counted.deviations].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}`,
    );
  });

  it('gives every call the verdict of the library’s program, and fails where the library fails', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CONFIGURATIONS; seed++) {
      const configuration = makeConfiguration(seed);
      const { oci, runtime, nativeAbi } = configuration;
      const result = applyRuntime(oci, { runtime, libseccomp, nativeAbi });
      counted.configurations++;
      const deviation = deviations.find((row) => row.applies(result));
      if (deviation !== undefined) {
        counted.deviations.set(deviation.name, (counted.deviations.get(deviation.name) ?? 0) + 1);
        loops.push(configuration);
        continue;
      }
      const native = runNative(library, configuration);
      const context = `seed ${seed}: ${printable(configuration)}`;
      if (result.kind === 'loadError') {
        counted.loadErrors++;
        expect(failurePoint(result), context).toEqual(nativeFailurePoint(native));
        continue;
      }
      if (result.kind === 'unknown') {
        counted.unknown++;
        continue;
      }
      if (result.kind !== 'policy') throw new Error(`${result.kind}, ${context}`);
      if (native.kind !== 'program') throw new Error(`the library fails (${native.code}), ${context}`);
      counted.programs++;
      expect(result.instructions, context).toBeLessThanOrEqual(native.program.length / 8);
      const different = compareCalls(configuration, result, native, seed);
      if (different !== undefined) throw new Error(`${different}, ${context}`);
    }
  }, 180_000);

  it('is right about the configurations that come to no program', { timeout: 60_000 }, () => {
    const koffi = createRequire(import.meta.url).resolve('@koromix/koffi-linux-x64');
    for (const configuration of loops.filter(isSimple).slice(0, LOOPS_TRIED)) {
      const script = loopScript(configuration, koffi);
      const { signal, stdout } = spawnSync(process.execPath, ['-e', script], {
        timeout: LOOP_MS,
        encoding: 'utf8',
      });
      expect({ signal, stdout }, printable(configuration)).toEqual({
        signal: 'SIGTERM',
        stdout: 'started\n',
      });
    }
  });
});

/** The script below reads errnos as new releases do, and takes the library's own native ABI. */
function isSimple({ oci, nativeAbi }: Configuration): boolean {
  const errnos = [oci.defaultErrnoRet, ...oci.syscalls.map((rule) => rule.errnoRet)];
  return nativeAbi === 'x86_64' && !errnos.includes(4095);
}

function failurePoint({ at }: LoadErrorResult): unknown {
  return at === undefined ? 'before the rules' : { rule: at.rule, name: at.name };
}

function nativeFailurePoint(native: NativeRun): unknown {
  if (native.kind === 'program') return 'nowhere';
  return native.rule === undefined ? 'before the rules' : { rule: native.rule, name: native.name };
}

function compareCalls(
  configuration: Configuration,
  result: Extract<ReturnType<typeof applyRuntime>, { kind: 'policy' }>,
  native: Extract<NativeRun, { kind: 'program' }>,
  seed: number,
): string | undefined {
  const { endian } = abi(configuration.nativeAbi);
  const program = readProgram(native.program, endian);
  const dice = new Dice(seed ^ 0x5eed);
  const words = new Map(
    [configuration.nativeAbi, ...listedAbis(configuration)].map((name) => [name, abi(name)]),
  );
  const values = probes(configuration);
  for (let call = 0; call < CALLS; call++) {
    const row = dice.pick([...words.values()]);
    const number = pickNumber(dice, configuration, row.name);
    const args = dice.several(6, () => dice.pick(values));
    // The multiplexers' call numbers are small.
    if (dice.chance(0.3)) args[0] = BigInt(dice.below(26));
    const data = seccompData(number, row.auditArch, args, endian);
    const expected = stubAnswers(native.stub, row.auditArch, number) ? 0x50026 : run(program, data);
    const action = decide(result.policy, { auditArch: row.auditArch, number, args });
    counted.calls++;
    counted.abis.add(row.name);
    if (toReturnValue(action) !== expected)
      return `${row.name} ${number} (${args.map((one) => `0x${one.toString(16)}`).join(', ')}): the library says 0x${expected.toString(16)}, the model 0x${toReturnValue(action).toString(16)}`;
  }
  return undefined;
}

function listedAbis({ oci }: Configuration): AbiName[] {
  return oci.architectures.map((scmp) => scmp.slice('SCMP_ARCH_'.length).toLowerCase() as AbiName);
}

/** Both sides of every comparison, in either half of the word. */
function probes({ values }: Configuration): bigint[] {
  const near = values.flatMap((value) => [
    ...[value, value + 1n, value - 1n, value ^ 0x100000000n, value & 0xffffffffn],
    ...[value | 0xffffffff00000000n, value + 0x100000000n, value - 0x100000000n, ~value],
  ]);
  return [...new Set([0n, ...near].map((value) => BigInt.asUintN(64, value)))];
}

function pickNumber(dice: Dice, { oci }: Configuration, name: AbiName): number {
  const named = dice.pick(oci.syscalls).names;
  const call = named.length === 0 ? undefined : syscallNumber(dice.pick(named), name);
  const { numberBase, auditArch } = abi(name);
  const number = call ?? numberBase + dice.pick([102, 117, dice.below(470)]);
  if (dice.chance(0.75)) return number;
  return (
    dice.pick([
      ...[number + 1, number - 1, number ^ 0x40000000, number | 0x80000000, dice.below(600)],
      ...[
        numberBase + 102,
        numberBase + 117,
        0x3fffffff,
        0x40000000,
        0xbfffffff,
        0xfffffffe,
        0xffffffff,
        auditArch,
      ],
    ]) >>> 0
  );
}

/** The library's calls for a configuration as a program of its own, up to the export. */
function loopScript({ oci, runtime }: Configuration, koffi: string): string {
  const text = printable({ oci, runtime, nativeAbi: 'x86_64', values: [] });
  return `
    const koffi = require(${JSON.stringify(koffi)});
    const library = koffi.load(${JSON.stringify(libseccompPath)});
    const init = library.func('void *seccomp_init(uint32_t)');
    const archAdd = library.func('int seccomp_arch_add(void *, uint32_t)');
    const archName = library.func('uint32_t seccomp_arch_resolve_name(const char *)');
    const resolve = library.func('int seccomp_syscall_resolve_name(const char *)');
    const add = library.func('int seccomp_rule_add_array(void *, uint32_t, int, unsigned int, const void *)');
    const exportBpf = library.func('int seccomp_export_bpf(void *, int)');
    const { oci } = JSON.parse(${JSON.stringify(text)});
    const words = { KILL: 0, KILL_PROCESS: 0x80000000, TRAP: 0x30000, ERRNO: 0x50000, TRACE: 0x7ff00000, LOG: 0x7ffc0000, ALLOW: 0x7fff0000 };
    const word = (action, errno) => (words[action.slice(9)] | (/ERRNO|TRACE/.test(action) ? (errno ?? 1) & 0xffff : 0)) >>> 0;
    const operators = ['', 'NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'];
    const fallback = word(oci.defaultAction, oci.defaultErrnoRet);
    const filter = init(fallback);
    for (const arch of oci.architectures) archAdd(filter, archName(arch.slice(10).toLowerCase()));
    require('node:fs').writeSync(1, 'started\\n');
    for (const { names, action, errnoRet, args } of oci.syscalls) {
      if (word(action, errnoRet) === fallback) continue;
      const repeated = new Set(args.map((arg) => arg.index)).size < args.length;
      for (const name of names) {
        if (resolve(name) === -1) continue;
        for (const list of repeated ? args.map((arg) => [arg]) : [args]) {
          const bytes = Buffer.alloc(Math.max(24, list.length * 24));
          list.forEach((arg, at) => {
            bytes.writeUInt32LE(arg.index, at * 24);
            bytes.writeInt32LE(operators.indexOf(arg.op.slice(9)), at * 24 + 4);
            bytes.writeBigUInt64LE(BigInt(arg.value), at * 24 + 8);
            bytes.writeBigUInt64LE(BigInt(arg.valueTwo), at * 24 + 16);
          });
          add(filter, word(action, errnoRet), resolve(name), list.length, bytes);
        }
      }
    }
    exportBpf(filter, require('node:fs').openSync('/dev/null', 'w'));
    require('node:fs').writeSync(1, 'ended\\n');
  `;
}
