import { capabilities } from '../../syscalls/capabilities.js';
import type { Question } from '../answer.js';
import { isRecorded } from '../layers/check.js';
import { type FilterPrediction, predict } from '../predict.js';
import type { Candidate } from './candidate.js';

/** Capabilities that a rule naming a call asks for and the container lacks; for several calls, all of them together. */
export async function capabilityCandidates(
  before: FilterPrediction,
  questions: readonly Question[],
): Promise<readonly Candidate[]> {
  const sets = questions.map((question) => wantedFor(before, question));
  const single = sets.flat();
  const together = [...new Set(sets.flatMap(([first = []]) => first))];
  const wanted = new Map([...single, together].map((caps) => [inOrder(caps).join(' '), inOrder(caps)]));
  const result: Candidate[] = [];
  for (const caps of wanted.values()) {
    if (caps.length === 0) continue;
    const { context } = before;
    const flags = caps.map((cap) => `--cap-add ${shortName(cap)}`).join(' ');
    const after = await predict({ ...context, capabilities: inOrder([...context.capabilities, ...caps]) });
    result.push({
      kind: 'capability',
      title: `give the container ${caps.join(' and ')}: ${flags} (what the kernel gives with it: ${purposes(caps)})`,
      patch: flags,
      change: { kind: 'capabilities', add: caps },
      after,
    });
  }
  return result;
}

/** `SYS_ADMIN`, as people write it in flags. */
export function shortName(capability: string): string {
  return capability.replace(/^CAP_/, '');
}

/**
 * Where the profile ties a call to a capability, the kernel may ask for that too: a rule alone would not help then. For
 * a call whose checks are recorded, those are told instead.
 */
export function kernelNote(before: FilterPrediction, questions: readonly Question[]): string | undefined {
  const unrecorded = questions.filter(({ name }) => !isRecorded(name));
  const caps = [...new Set(unrecorded.flatMap((question) => wantedFor(before, question).flat()))];
  if (caps.length === 0) return undefined;
  return `the profile allows this with ${caps.join(' or ')} only: the kernel itself may ask for it too, in some uses or all`;
}

/** One set for each rule that a missing capability keeps from the container. */
function wantedFor(
  { profile, dropped }: FilterPrediction,
  { name }: Question,
): readonly (readonly string[])[] {
  return dropped.flatMap(({ rule: index, condition, values }) => {
    const rule = profile.rules[index];
    if (condition !== 'includes.caps' || name === undefined || rule === undefined) return [];
    return rule.name === name || rule.names.includes(name) ? [values] : [];
  });
}

function inOrder(names: readonly string[]): readonly string[] {
  const set = new Set(names);
  return capabilities.filter((row) => set.has(row.name)).map((row) => row.name);
}

function purposes(names: readonly string[]): string {
  return names
    .map((name) => capabilities.find((row) => row.name === name)?.purpose ?? 'do what it is for')
    .join('; ');
}
