import type { OciSeccomp } from '../engine/oci.js';
import type { Action } from '../policy/action.js';
import { LAST_NUMBER, overwrite } from '../policy/build.js';
import type { Policy, Range, Section } from '../policy/policy.js';
import type { AbiName } from '../syscalls/abi.js';
import { abi } from '../syscalls/abis.js';
import { resolvedNumber } from '../syscalls/table.js';
import type { Stub, StubLimit } from './result.js';
import { ENOSYS } from './words.js';

const X32_BIT = 0x40000000;
const STUB_ACTION: Action = { kind: 'errno', errno: ENOSYS };

/**
 * The largest number of every ABI that the rules name (findLastSyscalls of patchbpf/enosys_linux.go). Rules that are
 * dropped later count; names that libseccomp has no number for do not, nor do multiplexed ones.
 */
export function findStub(
  oci: OciSeccomp,
  targets: readonly AbiName[],
  libseccomp: string,
  s390Setup: boolean,
): Stub {
  const limits: StubLimit[] = [];
  for (const target of new Set(targets)) {
    let found: StubLimit | undefined;
    const numbers = numbersOn(target, libseccomp);
    for (const rule of oci.syscalls) {
      for (const name of rule.names) {
        const number = numbers.get(name) ?? numberOf(numbers, name, target, libseccomp);
        if (number > (found?.largest ?? 0)) found = { abi: target, largest: number, name };
      }
    }
    if (found !== undefined) limits.push(found);
  }
  const setup = limits
    .filter((limit) => s390Setup && (limit.abi === 's390' || limit.abi === 's390x'))
    .map((limit) => ({ abi: limit.abi, number: 0 }));
  return { limits, numbers: setup };
}

const caches = new Map<string, Map<string, number>>();

function numbersOn(target: AbiName, libseccomp: string): Map<string, number> {
  const key = `${target} ${libseccomp}`;
  const known = caches.get(key);
  if (known !== undefined) return known;
  const numbers = new Map<string, number>();
  caches.set(key, numbers);
  return numbers;
}

/** Negative for names that do not count. */
function numberOf(numbers: Map<string, number>, name: string, target: AbiName, libseccomp: string): number {
  const resolved = resolvedNumber(name, target, libseccomp);
  const number = typeof resolved === 'number' ? resolved : -1;
  // Only names of the table are kept, so that no input can fill the memory.
  if (resolved !== undefined) numbers.set(name, number);
  return number;
}

/** The policy with the stub in front of it: its answer comes before any rule, and before the check for x32. */
export function applyStub(policy: Policy, stub: Stub): Policy {
  return { ...policy, sections: policy.sections.map((section) => stubSection(section, stub)) };
}

function stubSection(section: Section, stub: Stub): Section {
  let { ranges } = section;
  for (const limit of stub.limits)
    if (abi(limit.abi).auditArch === section.auditArch) ranges = stubRanges(ranges, limit);
  for (const { abi: name, number } of stub.numbers)
    if (abi(name).auditArch === section.auditArch) ranges = overwrite(ranges, number, number, STUB_ACTION);
  return { ...section, ranges };
}

/** x86_64 and x32 share an audit arch: each answers only numbers with its own bit 30, and compares all 32 bits. */
function stubRanges(ranges: readonly Range[], { abi: name, largest }: StubLimit): readonly Range[] {
  const parts =
    name === 'x86_64'
      ? [
          [0, X32_BIT - 1],
          [2 * X32_BIT, 3 * X32_BIT - 1],
        ]
      : name === 'x32'
        ? [
            [X32_BIT, 2 * X32_BIT - 1],
            [3 * X32_BIT, LAST_NUMBER],
          ]
        : [[0, LAST_NUMBER]];
  let result = ranges;
  for (const [from = 0, to = 0] of parts) {
    const first = Math.max(from, largest + 1);
    if (first <= to) result = overwrite(result, first, to, STUB_ACTION);
  }
  return result;
}
