import { errorView, type FindingView, findingView } from '../../editor/finding.js';
import { loadDefaults } from '../../engine/defaults.js';
import { CallgateError } from '../../error.js';
import { profileOf } from '../../explain/predict.js';
import type { LintFinding } from '../../lint/finding.js';
import { lint } from '../../lint/lint.js';
import { mend } from '../../lint/mend.js';
import { formatDocker } from '../../profile/format.js';
import { predicted } from './prediction.js';
import type { ContextWords } from './words.js';

/** What the linter says of the words' profile, in their context. */
export async function lintOf(words: ContextWords): Promise<readonly FindingView[]> {
  if (words.profile === undefined) return [];
  const { text } = words.profile;
  try {
    return (await findingsOf(words, text)).map(findingView);
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return [errorView(error)];
  }
}

async function findingsOf(words: ContextWords, text: string): Promise<readonly LintFinding[]> {
  const { context, noNewPrivileges } = (await predicted(words)).resolved;
  const { seccomp } = context;
  if (seccomp.kind !== 'profile') return [];
  return lint({ profile: seccomp.profile, text, context, noNewPrivileges });
}

/** The profile's text with every fix made that changes nothing else. */
export async function mendedOf(
  words: ContextWords,
): Promise<{ readonly text: string; readonly applied: number }> {
  const text = words.profile?.text ?? '';
  const { context } = (await predicted(words)).resolved;
  if (context.seccomp.kind !== 'profile') return { text, applied: 0 };
  const input = { profile: context.seccomp.profile, text, context };
  const { text: mended, applied } = await mend(input, await findingsOf(words, text));
  return { text: mended, applied };
}

/** The engine's own profile in Docker's layout, to start from. */
export async function startingText(words: ContextWords): Promise<string> {
  const { profile: _, ...own } = words;
  const { context } = (await predicted({ ...own, unconfined: false, privileged: false })).resolved;
  const profile = profileOf(context, await loadDefaults(context.engine.name));
  return profile === undefined ? EMPTY : formatDocker(profile);
}

const EMPTY = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": []
}
`;
