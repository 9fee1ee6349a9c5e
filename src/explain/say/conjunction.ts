import { compares, type OciArg } from '../../profile/argument.js';

/** Comparisons that must all hold: `never` when they cannot, undefined when one rule cannot say them. */
export type Conjunction = readonly OciArg[] | 'never' | undefined;

/**
 * Both lists of comparisons in one rule. A rule that compares one argument twice means "any of them" to runtimes, so
 * two comparisons of an argument have to become one.
 */
export function conjoin(left: readonly OciArg[], right: readonly OciArg[]): Conjunction {
  let result = [...left];
  for (const arg of right) {
    const other = result.find(({ index }) => index === arg.index);
    if (other === undefined) {
      result.push(arg);
      continue;
    }
    const both = oneOf(other, arg);
    if (both === undefined || both === 'never') return both;
    result = result.map((each) => (each === other ? both : each));
  }
  return result.sort((a, b) => a.index - b.index);
}

function oneOf(left: OciArg, right: OciArg): OciArg | 'never' | undefined {
  if (left.op === right.op && left.value === right.value && left.valueTwo === right.valueTwo) return left;
  if (left.op === 'SCMP_CMP_EQ') return compares(right, left.value) ? left : 'never';
  if (right.op === 'SCMP_CMP_EQ') return compares(left, right.value) ? right : 'never';
  if (left.op !== 'SCMP_CMP_MASKED_EQ' || right.op !== 'SCMP_CMP_MASKED_EQ') return undefined;
  const common = left.value & right.value;
  if ((left.valueTwo & common) !== (right.valueTwo & common)) return 'never';
  return { ...left, value: left.value | right.value, valueTwo: left.valueTwo | right.valueTwo };
}

const OPPOSITE: ReadonlyMap<string, string> = new Map([
  ['SCMP_CMP_EQ', 'SCMP_CMP_NE'],
  ['SCMP_CMP_NE', 'SCMP_CMP_EQ'],
  ['SCMP_CMP_LT', 'SCMP_CMP_GE'],
  ['SCMP_CMP_GE', 'SCMP_CMP_LT'],
  ['SCMP_CMP_LE', 'SCMP_CMP_GT'],
  ['SCMP_CMP_GT', 'SCMP_CMP_LE'],
]);

/** Alternatives that hold where not all of these comparisons do; undefined: there is no word for it. */
export function negate(args: readonly OciArg[]): readonly (readonly OciArg[])[] | undefined {
  const opposite = args.map((arg) => ({ ...arg, op: OPPOSITE.get(arg.op) ?? '' }));
  return opposite.some(({ op }) => op === '') ? undefined : opposite.map((arg) => [arg]);
}

/** Alternatives that hold where none of the rules' comparisons do; undefined: rules cannot say it. */
export function noneOf(
  rules: readonly { readonly args: readonly OciArg[] }[],
): readonly (readonly OciArg[])[] | undefined {
  let result: readonly (readonly OciArg[])[] = [[]];
  for (const { args } of rules) {
    const negated = negate(args);
    if (negated === undefined) return undefined;
    const next: (readonly OciArg[])[] = [];
    for (const one of result)
      for (const other of negated) {
        const both = conjoin(one, other);
        if (both === undefined) return undefined;
        if (both !== 'never') next.push(both);
      }
    if (next.length > MOST_ALTERNATIVES) return undefined;
    result = next;
  }
  return result;
}

/** Beyond this no one reads the rules, and libseccomp's tree grows with their product. */
const MOST_ALTERNATIVES = 64;
