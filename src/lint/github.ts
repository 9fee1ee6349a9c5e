import type { LintFinding } from './finding.js';
import { sentence } from './sarif.js';

/** Findings as workflow commands of GitHub Actions (`::error file=…`), one a line. */
export function toGithub(findings: readonly LintFinding[], file: string): string {
  return findings
    .map(({ rule, level, text, at, expected, nearest }) => {
      const place = at === undefined ? '' : `,line=${at.line},col=${at.column}`;
      const command = { error: 'error', warning: 'warning', note: 'notice' }[level];
      const words = data(sentence(text, nearest, expected));
      return `::${command} file=${property(file)}${place},title=${property(`callgate ${rule}`)}::${words}\n`;
    })
    .join('');
}

/** Escaping of actions/toolkit, packages/core/src/command.ts. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
