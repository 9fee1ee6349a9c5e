import type { Prediction } from '../../explain/predict.js';
import { formatDocker } from '../../profile/format.js';
import type { Profile } from '../../profile/profile.js';
import { readProfile } from '../../profile/read.js';

/** A rule that names a call, as it stands in the profile's text. */
export interface RuleText {
  /** Index in `syscalls`. */
  readonly rule: number;
  /** What became of it here. */
  readonly fate: 'applies' | 'left out' | 'without effect';
  /** Why, where it does not apply. */
  readonly why?: string;
  readonly lines: readonly RuleLine[];
}

export interface RuleLine {
  /** 1-based in the profile's text; absent for lines that stand for others. */
  readonly number?: number;
  readonly text: string;
  /** Names the call. */
  readonly marked: boolean;
}

/** Lines of a long list of names around the one that is looked for. */
const NEAR = 2;
const MOST_RULES = 50;

/** The rules of a prediction's profile that name a call; of an engine's own profile as Docker's layout writes it. */
export function ruleTexts(
  prediction: Prediction,
  name: string,
  own: string | undefined,
): readonly RuleText[] {
  if (!('profile' in prediction) || prediction.profile === undefined) return [];
  const { profile } = prediction;
  const text = own ?? formatDocker(profile);
  const placed = own === undefined ? readProfile(text, profile.source) : profile;
  return profile.rules
    .flatMap((rule, index) => (rule.name === name || rule.names.includes(name) ? [index] : []))
    .slice(0, MOST_RULES)
    .map((index) => ({
      rule: index,
      ...fateOf(prediction, index, name),
      lines: excerpt(text, placed, index, name),
    }));
}

function fateOf(prediction: Prediction, index: number, name: string): Pick<RuleText, 'fate' | 'why'> {
  if (prediction.kind !== 'filter') return { fate: 'without effect', why: 'no filter is loaded' };
  const dropped = prediction.dropped.find(({ rule }) => rule === index);
  if (dropped !== undefined) return { fate: 'left out', why: dropped.text };
  const { oci, runtime, context } = prediction;
  const resolved = runtime.rules.filter((rule) => rule.name === name && originOf(rule.rule) === index);
  if (resolved.length === 0 || resolved.some(({ outcome }) => outcome === 'applied'))
    return { fate: 'applies' };
  const [first] = resolved;
  return {
    fate: 'without effect',
    why: outcomeWords(first?.outcome ?? '', context.runtime.name, context.libseccomp),
  };

  function originOf(rule: number): number {
    return oci.syscalls[rule]?.origin?.rule ?? rule;
  }
}

function outcomeWords(outcome: string, runtime: string, libseccomp: string): string {
  switch (outcome) {
    case 'unknown-name':
      return `libseccomp ${libseccomp} does not know the name`;
    case 'not-on-abi':
      return `libseccomp ${libseccomp} has no number for it here`;
    case 'redundant':
      return `${runtime} drops a rule whose action is the default`;
    default:
      return 'another rule takes its place';
  }
}

function excerpt(text: string, profile: Profile, index: number, name: string): readonly RuleLine[] {
  const start = profile.locate(['syscalls', index])?.line;
  if (start === undefined) return [];
  const lines = text.split(/\r\n|\r|\n/);
  const end = (profile.locate(['syscalls', index + 1])?.line ?? endOfLast(lines, start) + 1) - 1;
  const word = new RegExp(`(?<![\\w-])${name}(?![\\w-])`);
  const whole = lines.slice(start - 1, Math.max(start, end)).map((line, offset) => ({
    number: start + offset,
    text: line,
    marked: word.test(line),
  }));
  return folded(whole);
}

/** The last rule ends before the brackets that close the list and the profile. */
function endOfLast(lines: readonly string[], start: number): number {
  const indent = /^\s*/.exec(lines[start - 1] ?? '')?.[0].length ?? 0;
  const after = lines.findIndex(
    (line, at) => at >= start && line.trim() !== '' && (/^\s*/.exec(line)?.[0].length ?? 0) < indent,
  );
  return after < 0 ? lines.length : after;
}

/** Long runs of lines that say nothing about the call become one line. */
function folded(lines: readonly RuleLine[]): readonly RuleLine[] {
  const kept = (at: number): boolean =>
    at < 2 ||
    at >= lines.length - 8 ||
    lines.slice(Math.max(0, at - NEAR), at + NEAR + 1).some(({ marked }) => marked);
  const result: RuleLine[] = [];
  let hidden = 0;
  for (const [at, line] of lines.entries()) {
    if (kept(at)) {
      if (hidden > 0)
        result.push({ text: `… ${hidden} more line${hidden === 1 ? '' : 's'} …`, marked: false });
      hidden = 0;
      result.push(line);
    } else hidden++;
  }
  return result;
}
