import type { OciArg } from '../../profile/argument.js';
import { signatureOf } from '../../syscalls/signature.js';
import { namesIn } from '../names.js';
import type { LintRule, RawFinding } from '../rule.js';

/**
 * The filter compares whole 64-bit registers, the kernel then reads the low bits of a narrower argument: a program that
 * sets the upper ones makes the same call with another comparison's outcome (seccomp(2), "Caveats").
 */
export const narrowComparison: LintRule = {
  id: 'narrow-comparison',
  level: 'warning',
  title: 'A comparison looks at bits that the kernel ignores',
  check: ({ profile, context }) => {
    const findings: RawFinding[] = [];
    const seen = new Set<string>();
    for (const { name, index, rule } of namesIn(profile)) {
      for (const [position, arg] of rule.args.entries()) {
        const argument = signatureOf(name, context.arch)?.args[arg.index];
        const place = `${index} ${position}`;
        if (argument === undefined || argument.bits === 0 || argument.bits > 32 || seen.has(place)) continue;
        const how = escapes(arg, rule.action, argument.bits);
        if (how === undefined) continue;
        seen.add(place);
        findings.push({
          path: ['syscalls', index, 'args', position],
          level: how.level,
          text: `${name} reads ${argument.bits} bits of ${argument.name}, the filter compares 64: ${how.text}`,
        });
      }
    }
    return findings;
  },
};

const RUNS: ReadonlySet<string> = new Set(['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG']);

function escapes(
  { op, value, valueTwo }: OciArg,
  action: string,
  bits: number,
): { readonly level: 'warning' | 'note'; readonly text: string } | undefined {
  const runs = RUNS.has(action);
  const bypass = (what: string): { level: 'warning'; text: string } => ({ level: 'warning', text: what });
  const upper = runs
    ? 'a register with upper bits set passes it, whatever the low bits say'
    : 'a register with upper bits set escapes it, whatever the low bits say';
  switch (op) {
    case 'SCMP_CMP_NE':
    case 'SCMP_CMP_GT':
    case 'SCMP_CMP_GE':
      return runs
        ? bypass(upper)
        : { level: 'note', text: 'it also holds for every register with upper bits set' };
    case 'SCMP_CMP_LT':
    case 'SCMP_CMP_LE':
      return runs
        ? { level: 'note', text: 'it is unsigned, and fails for every register with upper bits set' }
        : bypass(upper);
    case 'SCMP_CMP_EQ':
      if (value >> BigInt(bits) !== 0n) {
        return bypass('no program sets such a value: the upper bits are no part of the argument');
      }
      return runs ? undefined : bypass(upper);
    case 'SCMP_CMP_MASKED_EQ':
      if ((value & valueTwo) >> BigInt(bits) !== 0n) {
        return bypass('no program sets such a value: the upper bits are no part of the argument');
      }
      return value >> BigInt(bits) !== 0n && !runs ? bypass(upper) : undefined;
    default:
      return undefined;
  }
}
