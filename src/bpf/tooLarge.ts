import { CallgateError } from '../error.js';
import type { Policy, Range, Section } from '../policy/policy.js';
import { abiOfCall, abis } from '../syscalls/abis.js';
import { syscallName } from '../syscalls/table.js';
import { countTests } from './arguments.js';
import { MAX_INSTRUCTIONS } from './instruction.js';

/** The error for a policy whose program the kernel would refuse for its length; names the part that takes most room. */
export function tooLarge(
  policy: Policy,
  length: number,
  sizeOf: (section: Section) => number,
): CallgateError {
  const sized = policy.sections.map((section) => ({ section, size: sizeOf(section) }));
  const largest = sized.reduce<(typeof sized)[number] | undefined>(
    (most, candidate) => (most !== undefined && most.size >= candidate.size ? most : candidate),
    undefined,
  );
  const where = largest === undefined ? '' : `; ${describeSection(largest.section, largest.size)}`;
  return new CallgateError('INPUT', `the filter needs ${length} instructions${where}`, {
    expected: `at most ${MAX_INSTRUCTIONS} instructions (BPF_MAXINSNS)`,
    hint: 'use fewer architectures, or ranges and masks in place of lists of single argument values',
  });
}

function describeSection({ auditArch, ranges }: Section, size: number): string {
  const counted = ranges.map((range) => ({ range, tests: countTests(range.decision) }));
  const worst = counted.reduce((most, candidate) => (candidate.tests > most.tests ? candidate : most), {
    range: undefined as Range | undefined,
    tests: 0,
  });
  const names = abis.filter((row) => row.auditArch === auditArch).map((row) => row.name);
  const label = names.length > 0 ? names.join('+') : `audit arch 0x${auditArch.toString(16)}`;
  const text = `the largest part is ${label} with ${size}`;
  if (worst.range === undefined || worst.tests < ranges.length)
    return `${text} for ${ranges.length} ranges of numbers`;
  const abi = abiOfCall(auditArch, worst.range.from);
  const name =
    (abi === undefined ? undefined : syscallName(worst.range.from, abi)) ?? `number ${worst.range.from}`;
  // The room grows with the comparisons; what the rest of the filter takes is little beside so many.
  const fitting = Math.floor((worst.tests * MAX_INSTRUCTIONS) / size);
  return `${text}, of which ${name} has ${worst.tests} comparisons of arguments (about ${fitting} would fit)`;
}
