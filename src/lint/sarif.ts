import type { LintFinding } from './finding.js';
import { lintRules } from './rules.js';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** What was found in one profile; its path is relative to the root of the repository. */
export interface FileFindings {
  readonly file: string;
  readonly findings: readonly LintFinding[];
}

/** Findings as a SARIF 2.1.0 log, which GitHub code scanning and editors read. */
export function toSarif(files: readonly FileFindings[], version: string): object {
  const indexes = new Map(lintRules.map(({ id }, index) => [id, index]));
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'callgate',
            version,
            rules: lintRules.map(({ id, title, level }) => ({
              id,
              shortDescription: { text: title },
              defaultConfiguration: { level },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: files.flatMap(({ file, findings }) =>
          findings.map((finding) => result(finding, file, indexes.get(finding.rule) ?? -1)),
        ),
      },
    ],
  };
}

function result({ rule, level, text, at, expected, nearest }: LintFinding, file: string, ruleIndex: number) {
  const region = at === undefined ? {} : { region: { startLine: at.line, startColumn: at.column } };
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: sentence(text, nearest, expected) },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }],
  };
}

/** A relative reference: `%`, blanks and the like are escaped, and no first segment passes for a scheme. */
function uriOf(file: string): string {
  const uri = file.split(/[\\/]/).map(encodeURIComponent).join('/');
  return uri.replace(/^\/(?=\/)/, '');
}

/** The text with what was meant. */
export function sentence(text: string, nearest: string | undefined, expected: string | undefined): string {
  if (nearest !== undefined) return `${text}; did you mean ${nearest}?`;
  return expected === undefined ? text : `${text}; expected: ${expected}`;
}
