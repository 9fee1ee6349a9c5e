import { workflowCommand } from '../explain/report/workflowCommand.js';
import type { LintFinding } from './finding.js';
import { sentence } from './sarif.js';

/** Findings as workflow commands of GitHub Actions (`::error file=…`), one a line. */
export function toGithub(findings: readonly LintFinding[], file: string): string {
  return findings
    .map(({ rule, level, text, at, expected, nearest }) => {
      const place: Readonly<Record<string, string>> =
        at === undefined ? {} : { line: `${at.line}`, col: `${at.column}` };
      const command = ({ error: 'error', warning: 'warning', note: 'notice' } as const)[level];
      const properties = { file, ...place, title: `callgate ${rule}` };
      return workflowCommand(command, properties, sentence(text, nearest, expected));
    })
    .join('');
}
