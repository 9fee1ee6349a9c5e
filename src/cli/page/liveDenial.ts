import { describeDenial } from '../../explain/denial.js';
import type { FilterPrediction } from '../../explain/predict.js';
import { verdictWord } from '../../explain/verdict.js';
import type { Denial } from '../../linux/supervisor/denial.js';
import { containerWord } from '../../linux/watch/containerWord.js';
import type { WatchedDenial } from '../../linux/watch/watch.js';
import type { Policy } from '../../policy/policy.js';
import { kindOf } from '../../web/core/verdictKind.js';
import type { LiveDenial } from '../../web/live/liveGroup.js';

/** A denial of `run` for the page. */
export function liveDenial(
  denial: Denial,
  policy: Policy,
  prediction: FilterPrediction | undefined,
): LiveDenial {
  const { auditArch, number, args, strings, pid, time } = denial;
  // The first call of a kind stays the same as its count grows.
  const key = `${time} ${pid} ${auditArch} ${number} ${args.join()} ${strings.map(({ text }) => text).join()}`;
  return { key, ...told(denial, describeDenial(denial, policy, prediction)) };
}

/** A denial of `watch` for the page. */
export function watchedLiveDenial(denial: WatchedDenial): LiveDenial {
  const { key, call, container, assumed } = denial;
  const described = told(denial, call);
  return {
    key,
    ...described,
    word: assumed ? `${described.word} (assumed)` : described.word,
    container: containerWord(container),
  };
}

function told(
  { exe, number, time, lastTime, count }: Denial,
  { name, text, verdict, rule }: ReturnType<typeof describeDenial>,
): Omit<LiveDenial, 'key'> {
  return {
    call: name ?? `syscall_0x${number.toString(16)}`,
    text,
    kind: kindOf(verdict),
    word: verdictWord(verdict),
    ...(rule === undefined ? {} : { rule: rule.text }),
    ...(exe === undefined ? {} : { exe }),
    time,
    lastTime,
    count,
  };
}
