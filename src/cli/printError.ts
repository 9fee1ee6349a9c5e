import type { CallgateError } from '../error.js';
import { printable } from '../profile/printable.js';

/** A foreseen failure as lines for a person: where, what, what was expected, what to do next. */
export function printError(error: CallgateError): string {
  const where = error.at === undefined ? '' : `${error.at.file}:${error.at.line}:${error.at.column}: `;
  const lines = [`callgate: ${where}${error.message}`];
  if (error.expected !== undefined) lines.push(`  expected: ${error.expected}`);
  if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
  return `${printable(lines.join('\n'))}\n`;
}
