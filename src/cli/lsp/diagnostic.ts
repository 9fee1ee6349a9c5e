import { type Diagnostic, DiagnosticSeverity, type Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { type FindingView, lengthAt } from '../../editor/finding.js';

const SEVERITIES = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
} as const;

export function toDiagnostic(finding: FindingView, document: TextDocument): Diagnostic {
  const { rule, level, text, hint } = finding;
  return {
    range: rangeOf(finding, document),
    severity: SEVERITIES[level],
    source: 'callgate',
    code: rule,
    message: hint === undefined ? text : `${text}\n${hint}`,
  };
}

/** The word, string or bracket that stands at a finding's place. */
export function rangeOf({ line, column }: FindingView, document: TextDocument): Range {
  const start = { line: line - 1, character: column - 1 };
  const whole = document.getText({
    start: { line: start.line, character: 0 },
    end: { line: start.line + 1, character: 0 },
  });
  const length = Math.max(1, lengthAt(whole.replace(/[\r\n]+$/, ''), column));
  return { start, end: { line: start.line, character: start.character + length } };
}
