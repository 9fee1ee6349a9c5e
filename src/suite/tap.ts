import type { ClaimResult, SuiteResult } from './results.js';

/** Results in the Test Anything Protocol, version 13. */
export function toTap(suites: readonly SuiteResult[]): string {
  const results = suites.flatMap((suite) => suite.results);
  const lines = ['TAP version 13', `1..${results.length}`];
  results.forEach((result, index) => {
    lines.push(`${result.ok ? 'ok' : 'not ok'} ${index + 1} - ${description(result)}`);
    if (!result.ok) lines.push(...details(result));
  });
  return `${lines.join('\n')}\n`;
}

/** A # would begin a directive. */
function description({ test, claim, contextName }: ClaimResult): string {
  return `${test}: ${claim} [${contextName}]`.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ');
}

/** A YAML block; JSON strings are YAML strings. */
function details({ at, expected, got, reasons }: ClaimResult): readonly string[] {
  return [
    '  ---',
    `  at: ${JSON.stringify(`${at.file}:${at.line}:${at.column}`)}`,
    `  expected: ${JSON.stringify(expected)}`,
    `  got: ${JSON.stringify(got)}`,
    ...(reasons.length === 0
      ? []
      : ['  reasons:', ...reasons.map((reason) => `    - ${JSON.stringify(reason)}`)]),
    '  ...',
  ];
}
