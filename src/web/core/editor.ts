import { loadDefaults } from '../../engine/defaults.js';
import { CallgateError } from '../../error.js';
import { profileOf } from '../../explain/predict.js';
import type { Fix } from '../../lint/edit.js';
import type { LintFinding } from '../../lint/finding.js';
import { lint } from '../../lint/lint.js';
import { mend } from '../../lint/mend.js';
import { formatDocker } from '../../profile/format.js';
import { ACTIONS, ARCHITECTURES, CONDITION_ARCHES, FLAGS, OPERATORS } from '../../profile/words.js';
import { capabilities } from '../../syscalls/capabilities.js';
import { syscallNames } from '../../syscalls/libseccomp.js';
import { purposeOf } from '../../syscalls/purpose.js';
import { predicted } from './prediction.js';
import type { ContextWords } from './words.js';

/** A finding at a line and column of the text, both from 1. */
export interface FindingView {
  /** Id of the rule; `syntax` for a text that cannot be read. */
  readonly rule: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly hint?: string;
  readonly fix?: Fix;
}

/** What the linter says of the words' profile, in their context. */
export async function lintOf(words: ContextWords): Promise<readonly FindingView[]> {
  if (words.profile === undefined) return [];
  const { text } = words.profile;
  try {
    return (await findingsOf(words, text)).map(viewOf);
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    const { message, at, expected, hint } = error;
    const more = [expected === undefined ? undefined : `expected ${expected}`, hint].filter(
      (part) => part !== undefined,
    );
    return [
      {
        rule: 'syntax',
        level: 'error',
        text: message,
        line: at?.line ?? 1,
        column: at?.column ?? 1,
        ...(more.length === 0 ? {} : { hint: more.join('; ') }),
      },
    ];
  }
}

async function findingsOf(words: ContextWords, text: string): Promise<readonly LintFinding[]> {
  const { context, noNewPrivileges } = (await predicted(words)).resolved;
  const { seccomp } = context;
  if (seccomp.kind !== 'profile') return [];
  return lint({ profile: seccomp.profile, text, context, noNewPrivileges });
}

function viewOf({ rule, level, text, at, expected, nearest, fix }: LintFinding): FindingView {
  const hint =
    nearest !== undefined
      ? `did you mean ${nearest}?`
      : expected === undefined
        ? undefined
        : `expected ${expected}`;
  return {
    rule,
    level,
    text,
    line: at?.line ?? 1,
    column: at?.column ?? 1,
    ...(hint === undefined ? {} : { hint }),
    ...(fix === undefined ? {} : { fix }),
  };
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

/** Words that a profile may hold, with what they mean. */
export interface Vocabulary {
  readonly actions: readonly string[];
  readonly operators: readonly string[];
  readonly architectures: readonly string[];
  readonly conditionArches: readonly string[];
  readonly flags: readonly string[];
  readonly capabilities: readonly WordView[];
  readonly calls: readonly WordView[];
}

export interface WordView {
  readonly word: string;
  readonly about: string;
}

export function vocabularyOf(): Vocabulary {
  return {
    actions: ACTIONS,
    operators: OPERATORS,
    architectures: ARCHITECTURES,
    conditionArches: CONDITION_ARCHES,
    flags: FLAGS,
    capabilities: capabilities.map(({ name, purpose }) => ({ word: name, about: purpose })),
    calls: syscallNames.map((name) => ({ word: name, about: purposeOf(name)?.purpose ?? '' })),
  };
}
