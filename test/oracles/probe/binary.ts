import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forks, type ProbeAbi, type ProbeCall, patience } from './calls.js';

/** `real`: the calls run where the filter lets them. `verdict`: the probe asks what the filters say, and no call ever runs. */
export type ProbeMode = 'real' | 'verdict';

/** MAX_CALLS of probe.c. */
const MAX_CALLS = 12288;

const MAGIC = 'callgate-probe-1';
const HEADER = MAGIC.length + 16;
const RECORD = 80;
const ABI_NUMBER: Readonly<Record<ProbeAbi, number>> = { x86_64: 0, x86: 1, x32: 2 };

let compiled: Buffer | undefined;

/** Compiled once per process: it takes a quarter of a second. */
function compile(): Buffer {
  if (compiled !== undefined) return compiled;
  const directory = mkdtempSync(join(tmpdir(), 'callgate-probe-'));
  try {
    const output = join(directory, 'probe');
    const source = fileURLToPath(new URL('./probe.c', import.meta.url));
    const flags = ['-static', '-nostdlib', '-no-pie', '-ffreestanding', '-fno-stack-protector'];
    execFileSync('gcc', [...flags, '-O1', '-Wall', '-Wextra', '-Werror', '-o', output, source]);
    compiled = readFileSync(output);
    return compiled;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The probe as a static executable with this list written into it. */
export function probeBinary(mode: ProbeMode, calls: readonly ProbeCall[]): Buffer {
  if (calls.length === 0 || calls.length > MAX_CALLS) throw new RangeError(`${calls.length} calls`);
  const binary = Buffer.from(compile());
  const start = binary.indexOf(MAGIC);
  binary.writeBigUInt64LE(mode === 'verdict' ? 1n : 0n, start + MAGIC.length);
  binary.writeBigUInt64LE(BigInt(calls.length), start + MAGIC.length + 8);
  calls.forEach((call, index) => {
    const args = Array.from({ length: 6 }, (_, i) => BigInt.asUintN(64, call.args[i] ?? 0n));
    const fields = [BigInt(ABI_NUMBER[call.abi]), BigInt(call.number), ...args];
    fields.push(BigInt(patience(call)), mode === 'real' && forks(call) ? 1n : 0n);
    fields.forEach((field, i) => binary.writeBigUInt64LE(field, start + HEADER + index * RECORD + i * 8));
  });
  return binary;
}

/** What became of one call. */
export type ProbeResult =
  /** The filters let it through (mode `verdict` only, in place of running it). */
  | { readonly kind: 'reached' }
  | { readonly kind: 'errno'; readonly errno: number }
  | { readonly kind: 'returned'; readonly value: bigint }
  | { readonly kind: 'signal'; readonly signal: number }
  | { readonly kind: 'exited' }
  | { readonly kind: 'blocked' };

/** MAX_ERRNO of include/linux/err.h. */
const MAX_ERRNO = 4095n;

/** Reads the `struct result` records that the probe writes. */
export function readResults(output: Buffer): ProbeResult[] {
  const results: ProbeResult[] = [];
  for (let offset = 0; offset < output.length; offset += 16) {
    const kind = output.readBigUInt64LE(offset);
    const value = output.readBigInt64LE(offset + 8);
    switch (kind) {
      case 1n:
        if (value < 0n && value >= -MAX_ERRNO) results.push({ kind: 'errno', errno: Number(-value) });
        else results.push({ kind: 'returned', value });
        break;
      case 2n:
        results.push({ kind: 'reached' });
        break;
      case 3n:
        results.push({ kind: 'signal', signal: Number(value) });
        break;
      case 4n:
        results.push({ kind: 'exited' });
        break;
      case 5n:
        results.push({ kind: 'blocked' });
        break;
      default:
        throw new Error(`the probe did not make call ${offset / 16}`);
    }
  }
  return results;
}

/** For messages: `EPERM` is better read from a number's name, but a test's diff needs only something stable. */
export function showResult(result: ProbeResult): string {
  switch (result.kind) {
    case 'errno':
      return `errno ${result.errno}`;
    case 'returned':
      return 'returned';
    case 'signal':
      return `signal ${result.signal}`;
    case 'reached':
    case 'exited':
    case 'blocked':
      return result.kind;
  }
}
