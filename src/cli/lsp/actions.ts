import { type CodeAction, CodeActionKind, type Range, TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Fix } from '../../lint/edit.js';
import { lint } from '../../lint/lint.js';
import { mend } from '../../lint/mend.js';
import type { Checked } from './check.js';
import { rangeOf, toDiagnostic } from './diagnostic.js';

/** The fixes of findings in a range, and one action that makes all of them. */
export async function codeActions(
  document: TextDocument,
  { findings, profile }: Checked,
  range: Range,
  only: readonly string[] | undefined,
): Promise<CodeAction[]> {
  const wanted = (kind: string): boolean =>
    only === undefined || only.some((one) => kind === one || kind.startsWith(`${one}.`));
  const actions: CodeAction[] = [];
  if (wanted(CodeActionKind.QuickFix)) {
    for (const finding of findings) {
      if (finding.fix === undefined || !touches(rangeOf(finding, document), range)) continue;
      actions.push({
        title: finding.fix.title,
        kind: CodeActionKind.QuickFix,
        diagnostics: [toDiagnostic(finding, document)],
        isPreferred: true,
        edit: { changes: { [document.uri]: edits(finding.fix, document) } },
      });
    }
  }
  const mendable = findings.some(({ fix }) => fix !== undefined);
  if (profile !== undefined && mendable && wanted(CodeActionKind.SourceFixAll)) {
    const { text } = await mend(profile, await lint(profile));
    const whole = { start: document.positionAt(0), end: document.positionAt(document.getText().length) };
    actions.push({
      title: 'mend all that callgate can mend safely',
      kind: CodeActionKind.SourceFixAll,
      edit: { changes: { [document.uri]: [TextEdit.replace(whole, text)] } },
    });
  }
  return actions;
}

function edits(fix: Fix, document: TextDocument): TextEdit[] {
  return fix.edits.map(({ from, to, text }) =>
    TextEdit.replace({ start: document.positionAt(from), end: document.positionAt(to) }, text),
  );
}

function touches(a: Range, b: Range): boolean {
  const before = (left: Range['start'], right: Range['start']): boolean =>
    left.line < right.line || (left.line === right.line && left.character < right.character);
  return !before(a.end, b.start) && !before(b.end, a.start);
}
