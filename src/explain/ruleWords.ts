import type { OciArg } from '../profile/argument.js';
import { type ArgumentWords, inParentheses } from './cases.js';

/** A rule's comparisons as a person reads them: `family == AF_VSOCK`. */
export function conditionText(conditions: readonly (readonly OciArg[])[], words: ArgumentWords): string {
  return conditions.map((all) => all.map((arg) => comparisonText(arg, words)).join(' && ')).join(' or ');
}

function comparisonText({ index, op, value, valueTwo }: OciArg, words: ArgumentWords): string {
  const name = words.name(index);
  const datum = inParentheses(words.value(index, value));
  switch (op) {
    case 'SCMP_CMP_EQ':
      return `${name} == ${datum}`;
    case 'SCMP_CMP_NE':
      return `${name} != ${datum}`;
    case 'SCMP_CMP_LT':
      return `${name} < ${datum}`;
    case 'SCMP_CMP_LE':
      return `${name} <= ${datum}`;
    case 'SCMP_CMP_GT':
      return `${name} > ${datum}`;
    case 'SCMP_CMP_GE':
      return `${name} >= ${datum}`;
    case 'SCMP_CMP_MASKED_EQ':
      return `(${name} & ${datum}) == ${inParentheses(words.value(index, valueTwo))}`;
    default:
      return `${name} ${op} ${datum}`;
  }
}
