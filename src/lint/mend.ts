import { readProfile } from '../profile/read.js';
import { applyFixes } from './edit.js';
import type { LintFinding } from './finding.js';
import { lint } from './lint.js';
import type { SubjectInput } from './subject.js';

/** Fixes that touch each other are made one after the other; no text that a person wrote calls for more rounds. */
const MOST_ROUNDS = 10;

/** A text after its fixes. */
export interface Mended {
  readonly text: string;
  readonly applied: number;
  /** What is left. */
  readonly findings: readonly LintFinding[];
}

/** Applies the fixes of findings to a profile's text until there are none; everything else of the text stays as it is. */
export async function mend(
  input: SubjectInput & { readonly text: string },
  findings: readonly LintFinding[],
): Promise<Mended> {
  let current: Mended = { text: input.text, applied: 0, findings };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const fixes = current.findings.flatMap(({ fix }) => fix ?? []);
    if (fixes.length === 0) break;
    const { text, applied } = applyFixes(current.text, fixes);
    const profile = readProfile(text, input.profile.source);
    const { seccomp } = input.context;
    const context = { ...input.context, seccomp: 'profile' in seccomp ? { ...seccomp, profile } : seccomp };
    const left = await lint({ ...input, profile, text, context });
    current = { text, applied: current.applied + applied, findings: left };
  }
  return current;
}
