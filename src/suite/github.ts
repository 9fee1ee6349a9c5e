import { workflowCommand } from '../explain/report/workflowCommand.js';
import { type SuiteResult, totals } from './results.js';

/** Failures as workflow commands of GitHub Actions, which mark the rows of the suite, and the totals. */
export function toGithub(suites: readonly SuiteResult[]): string {
  const failures = suites.flatMap(({ results }) => results.filter(({ ok }) => !ok));
  const commands = failures.map(({ test, contextName, claim, at, expected, got, reasons }) => {
    const place = { file: at.file, line: `${at.line}`, col: `${at.column}`, title: `callgate test: ${test}` };
    const first = `${claim} [${contextName}]: expected ${expected}, got ${got}`;
    return workflowCommand('error', place, [first, ...reasons].join('\n'));
  });
  const { passed, failed } = totals(suites);
  return `${commands.join('')}${passed} passed, ${failed} failed\n`;
}
