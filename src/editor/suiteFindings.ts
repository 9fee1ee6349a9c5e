import { CallgateError } from '../error.js';
import { readExpectation } from '../suite/expectation.js';
import { readSuite } from '../suite/readSuite.js';
import { parseCall } from '../syscalls/call.js';
import { errorView, type FindingView } from './finding.js';

/** Findings after this many are not told: nobody reads them. */
const MOST = 100;

/** What is wrong with a `*.test.yaml` before it is run: its form, its calls and its verdicts. */
export function suiteFindings(text: string, file: string): readonly FindingView[] {
  const findings: FindingView[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof CallgateError)) throw error;
      findings.push(errorView(error));
      return undefined;
    }
  };
  const suite = attempt(() => readSuite(text, file));
  for (const claim of suite?.tests.flatMap(({ claims }) => claims) ?? []) {
    if (findings.length >= MOST) break;
    const written = claim.kind === 'verdict' ? claim.call : claim.object;
    if (claim.kind === 'within' || claim.kind === 'equals') continue;
    const { file: name, line, column } = written.at;
    attempt(() => parseCall(written.text, 'x86_64', { file: name, line, offset: column - 1 }));
    if (claim.kind === 'verdict') attempt(() => readExpectation(claim.expected, 'x86_64'));
  }
  return findings;
}
