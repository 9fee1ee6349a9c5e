import type { ContextInput } from '../engine/contextInput.js';
import { loadDefaults } from '../engine/defaults.js';
import { resolveContext } from '../engine/resolveContext.js';
import { parseTarget, type Target } from '../engine/target.js';
import { CallgateError } from '../error.js';
import { predict } from '../explain/predict.js';
import { type Usable, usable } from '../explain/usable.js';
import type { Profile } from '../profile/profile.js';
import { readProfile } from '../profile/read.js';
import type { Targets } from './runSuite.js';
import type { ContextWords } from './suite.js';
import { writtenOptions } from './writtenOptions.js';

/** The text of a profile that a suite names, by its path as the suite writes it. */
export type ProfileReader = (path: string) => string | Uint8Array;

/**
 * Targets of a suite that are releases and profiles; it must name no process, filter or container's file.
 *
 * @param base what the suite's contexts leave open
 * @example
 * const suite = readSuite('contexts: {old: docker@20.10.9}\ntests: [{calls: {clone3: EPERM}}]', 'profile.test.yaml');
 * totals([await runSuite(suite, profileTargets(() => text))]) // { passed: 1, failed: 0 }
 */
export function profileTargets(read: ProfileReader, base: ContextInput = {}): Targets {
  const readFile = (path: string): Profile => readProfile(read(path), path);
  const usableOf = async (input: ContextInput): Promise<Usable> => {
    const { context, notes } = await resolveContext({ readProfile: readFile, ...base, ...input });
    return usable(await predict(context), notes);
  };
  return {
    context: async (words, profile) => {
      const { profile: own, ...input } = inputOf(words);
      const word = own ?? profile?.text;
      try {
        return await usableOf(
          word === undefined ? input : await withProfile(input, parseTarget(word), readFile),
        );
      } catch (error) {
        if (error instanceof CallgateError && error.code === 'INPUT') return { notStarted: error.message };
        throw error;
      }
    },
    other: async ({ text }, words) => {
      const { profile: _, ...input } = inputOf(words);
      const target = parseTarget(text);
      return usableOf(
        target.kind === 'context' ? { ...input, like: target } : await withProfile(input, target, readFile),
      );
    },
  };
}

/** A context's words; its profile is a target still. */
function inputOf(
  words: ContextWords | undefined,
): Omit<ContextInput, 'profile'> & { readonly profile?: string } {
  if (words === undefined) return {};
  const written = writtenOptions(words, (path) => path);
  const { like, fromRun, fromCompose, fromDevcontainer, fromWorkflow, ...options } = written;
  const described = fromRun ?? fromCompose ?? fromDevcontainer ?? fromWorkflow;
  if (described !== undefined) throw unreadable(described);
  if (like === undefined) return options;
  const target = parseTarget(like);
  if (target.kind !== 'context') throw unreadable(like);
  return { ...options, like: target };
}

/** A container with another profile than its engine's own: a file's, a release's, or none. */
async function withProfile(
  input: ContextInput,
  target: Target,
  readFile: (path: string) => Profile,
): Promise<ContextInput> {
  switch (target.kind) {
    case 'file':
      return { ...input, profile: readFile(target.path) };
    case 'unconfined':
      return { ...input, securityOpt: ['seccomp=unconfined'] };
    case 'context': {
      const { context } = await resolveContext({ like: target });
      const profile = (await loadDefaults(context.engine.name)).profile(context.engine.version);
      if (profile === undefined) throw unreadable(context.engine.name);
      return { ...input, profile };
    }
    case 'oci':
    case 'inspect':
    case 'bpf':
    case 'pid':
    case 'container':
      throw unreadable(`${target.kind}:`);
  }
}

function unreadable(word: string): CallgateError {
  return new CallgateError('USAGE', `${word} is no profile and no release`, {
    expected: 'a profile’s file, a release such as docker@28.5.2, or unconfined',
  });
}
