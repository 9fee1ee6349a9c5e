import { programWord } from '../denial.js';
import { behindText } from '../layers/next.js';
import { remedyText } from '../remedies/remedies.js';
import { wideningText } from '../summaryOfWidening.js';
import { verdictWord } from '../verdict.js';
import type { Cause, DeniedKind } from './causes.js';
import type { Report, WeighedCause } from './report.js';

/** How many of a cause's kinds a screen shows. */
const MOST_KINDS = 3;
/** And how many names a title. */
const MOST_NAMES = 4;

/** The beginning of a long list, and a word for the rest: undefined when nothing is left out. */
export function folded<T>(
  all: readonly T[],
  most: number,
  what: string,
): readonly [readonly T[], string | undefined] {
  const left = all.length - most;
  return left <= 0
    ? [all, undefined]
    : [all.slice(0, most), `… and ${left} more ${what}${left === 1 ? '' : 's'}`];
}

/** `once`, `twice`, `7 times`. */
export const times = (count: number): string => ['never', 'once', 'twice'][count] ?? `${count} times`;

/** `3 calls denied for 2 causes`. */
export function countWords({ total, causes }: Report): string {
  if (total === 0) return 'no call was denied';
  const calls = `${total} call${total === 1 ? '' : 's'} denied`;
  return causes.length > 1 ? `${calls} for ${causes.length} causes` : calls;
}

/** `get_mempolicy, mbind → EPERM`. */
export function titleOf({ syscalls, verdict }: Cause): string {
  const [names, more] = folded(syscalls, MOST_NAMES, 'call');
  return `${names.join(', ')}${more === undefined ? '' : ` ${more}`} → ${verdictWord(verdict)}`;
}

/** The kinds that a screen has room for. */
export const shownKinds = ({ kinds }: Cause) => folded(kinds, MOST_KINDS, 'kind');

/** `unshare[1234]`. */
export function whoWords({ exe, pid }: Pick<DeniedKind, 'exe' | 'pid'>): string {
  if (exe === undefined) return pid === 0 ? 'an unknown process' : `process ${pid}`;
  return `${programWord(exe)}[${pid}]`;
}

/** Does it matter: what was seen, then what libraries are known to do. */
export function matterWords({ impact, reactions }: Cause): string {
  const answer = { last: 'maybe', unknown: 'not known', 'went-on': 'maybe not', 'falls-back': 'hardly' }[
    impact.kind
  ];
  const [known, more] = folded(
    reactions.map(({ text }) => text),
    2,
    'program',
  );
  return [`${answer}: ${impact.text}`, ...known, ...(more === undefined ? [] : [more])].join('; ');
}

/** Who would deny next, unless the remedy says so already. */
export function behindWords({ behind, impact, remedy }: WeighedCause): string | undefined {
  if (impact.kind === 'falls-back') return undefined;
  const texts = [
    ...new Set(
      behind.map((one) => {
        const text = behindText(one);
        return behind.length === 1 ? text : `${one.syscall}: ${text}`;
      }),
    ),
  ];
  const untold = texts.filter((text) => remedy?.note?.includes(text) !== true);
  const [shown, more] = folded(untold, 2, 'call');
  return untold.length === 0 ? undefined : [...shown, ...(more === undefined ? [] : [more])].join('; ');
}

/** The remedy and what it opens, or why there is none. */
export function remedyWords({ remedy, noRemedy }: WeighedCause): readonly string[] {
  if (noRemedy !== undefined) return [`none can be weighed: ${noRemedy}`];
  if (remedy === undefined) return [];
  if (remedy.kind === 'unconfined') return [`only ${remedyText(remedy)}`];
  const price = remedy.kind === 'image' ? [] : [wideningText(remedy.widening)];
  return [remedyText(remedy), ...price, ...(remedy.note === undefined ? [] : [`note: ${remedy.note}`])];
}
