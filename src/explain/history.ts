import type { Context } from '../engine/context.js';
import { type EngineRelease, loadDefaults } from '../engine/defaults.js';
import { expandProfile } from '../engine/expand.js';
import type { Profile } from '../profile/profile.js';
import { compareVersions } from '../versions.js';
import { answer, type Question } from './answer.js';
import type { Case } from './cases.js';
import { partsAbout } from './profileAbout.js';
import { createSharedOutcomes, type Outcome } from './sharedPolicies.js';
import { unconfined } from './summary.js';
import { type Verdict, verdictOf, verdictWord } from './verdict.js';

/** What a call gets with each release of an engine's own default profile, everything else as it is. */
export interface History {
  /** `EPERM until 20.10.9, ENOSYS since 20.10.10 (docker, same runtime and libseccomp)`. */
  readonly text: string;
  /** In version order. */
  readonly spans: readonly HistorySpan[];
}

/** Releases next to each other that say the same. */
export interface HistorySpan extends Told {
  readonly from: string;
  readonly to: string;
  /**
   * The span takes an earlier answer up again. `parallel`: its branch began before the change that it lacks came to an
   * older branch. `again`: the change had been out.
   */
  readonly back?: 'parallel' | 'again';
}

interface Told {
  /** Absent: no container starts, or what happens is not known. */
  readonly verdict?: Verdict;
  readonly cases?: readonly Case[];
  readonly loadError?: string;
  readonly unknown?: string;
}

/**
 * The history of a call's answer over an engine's releases, with the context's runtime, libseccomp, kernel and
 * capabilities throughout. Undefined where the engine's default profile does not decide.
 *
 * @throws CallgateError `UNKNOWN` for a libseccomp that the data does not hold
 * @example
 * const { context } = await resolveContext({ engine: 'docker@20.10.9' });
 * (await historyOf(context, { abi: 'x86_64', number: 435 }))?.spans.length > 1; // true
 */
export async function historyOf(context: Context, question: Question): Promise<History | undefined> {
  if (context.seccomp.kind !== 'default' || context.privileged) return undefined;
  const { name } = context.engine;
  const defaults = await loadDefaults(name);
  const outcomeOf = createSharedOutcomes();
  const about = partsAbout(question, context.libseccomp);
  const parts = new Map<string, Profile>();
  // Releases that come to the same share one outcome.
  const tellings = new Map<Outcome, Telling>();
  const spans: Span[] = [];
  for (const release of defaults.releases.toSorted((a, b) => compareVersions(a.version, b.version))) {
    const { version } = release;
    const id = defaults.profileId(version);
    const earlier = id === undefined ? undefined : parts.get(id);
    const profile = earlier === undefined ? defaults.profile(version) : undefined;
    const part = profile === undefined ? earlier : about(profile);
    if (id !== undefined && part !== undefined) parts.set(id, part);
    const there = { ...context, engine: { name, version } };
    const outcome = part === undefined ? UNCONFINED : outcomeOf(there, expandProfile(part, there, true));
    const known = tellings.get(outcome) ?? telling(outcome, question);
    tellings.set(outcome, known);
    const last = spans.at(-1);
    if (last !== undefined && last.key === known.key) last.to = release;
    else spans.push({ from: release, to: release, ...known });
  }
  const told = spans.map((span, index): HistorySpan => {
    const back = backOf(spans, index);
    return {
      from: span.from.version,
      to: span.to.version,
      ...span.told,
      ...(back === undefined ? {} : { back }),
    };
  });
  return { text: `${textOf(told)} (${name}, same runtime and libseccomp)`, spans: told };
}

const UNCONFINED: Outcome = { kind: 'policy', policy: unconfined };

/** An answer, and a word that equal answers have in common. */
interface Telling {
  readonly told: Told;
  readonly key: string;
}

interface Span extends Telling {
  readonly from: EngineRelease;
  to: EngineRelease;
}

function telling(outcome: Outcome, question: Question): Telling {
  const told = tell(outcome, question);
  return { told, key: keyOf(told, question) };
}

function tell(outcome: Outcome, question: Question): Told {
  switch (outcome.kind) {
    case 'loadError':
      return { loadError: outcome.message };
    case 'unknown':
      return { unknown: outcome.message };
    case 'policy': {
      const { verdict, cases } = answer(outcome.policy, question);
      return { verdict, ...(cases === undefined ? {} : { cases }) };
    }
  }
}

function keyOf({ verdict, cases = [], loadError, unknown }: Told, { abi }: Question): string {
  const told = cases.map(({ when, action }) => [when, verdictOf(action, abi)]);
  // Two ways not to start are one answer.
  return JSON.stringify([verdict, told, loadError !== undefined, unknown !== undefined]);
}

/**
 * Whether a span goes back behind a change that a lower version number has: by the days of the releases, because an
 * older branch can get a change later than a newer one begins.
 */
function backOf(spans: readonly Span[], index: number): HistorySpan['back'] {
  const [span, before] = [spans[index], spans[index - 1]];
  if (span === undefined || before === undefined) return undefined;
  if (!spans.slice(0, index - 1).some(({ key }) => key === span.key)) return undefined;
  return span.from.date < before.from.date ? 'parallel' : 'again';
}

function textOf(spans: readonly HistorySpan[]): string {
  const [only] = spans;
  if (spans.length === 1 && only !== undefined) return `${word(only)} in every release`;
  return spans
    .map((span, index) => {
      const before = spans[index - 1];
      const other = before !== undefined && word(before) === word(span) ? ' of other values' : '';
      const again = span.back === 'again' ? ' again' : '';
      const parallel =
        span.back === 'parallel' ? ` (a parallel branch: ${span.from} is older than ${before?.from})` : '';
      const when = index === spans.length - 1 ? `since ${span.from}` : `until ${span.to}`;
      return `${word(span)}${other}${again} ${when}${parallel}`;
    })
    .join(', ');
}

function word({ verdict, loadError }: Told): string {
  if (verdict !== undefined) return verdictWord(verdict);
  return loadError === undefined ? 'unknown' : 'no container starts';
}
