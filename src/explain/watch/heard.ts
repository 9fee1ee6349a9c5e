import type { Policy } from '../../policy/policy.js';
import { answerPairs } from '../../policy/product.js';
import { callsUnderFilter } from '../../runtime/needs.js';
import { syscallNumber, syscallsOf } from '../../syscalls/table.js';
import { decisionOf } from '../answer.js';
import { boundedDiagrams } from '../bounded.js';
import type { FilterPrediction } from '../predict.js';
import type { Draft } from './draftRules.js';

/** What an agent hears of. */
export interface Heard {
  /** Calls of the container's own ABI that the agent hears of, for all arguments that are denied. */
  readonly watched: readonly string[];
  /** Calls that are denied as before, in the kernel, and that the agent does not hear of. */
  readonly silent: readonly SilentCall[];
}

/** A denied call that stays in the kernel. */
export interface SilentCall {
  readonly syscall: string;
  /**
   * `runtime`: the runtime itself may make it before the agent has the listener. `number`: its number is so large that
   * naming it would move runc's ENOSYS stub. `libseccomp`: that release has no such call. `unsayable`: a rule for it
   * would change an answer.
   */
  readonly why: 'runtime' | 'number' | 'libseccomp' | 'unsayable';
}

/** Which denied calls a policy hands to the agent, and why not the others. */
export function heard({ before, movesStub }: Draft, after: Policy): Heard {
  const { arch: abi } = before.context;
  const watched: string[] = [];
  const silent: SilentCall[] = [];
  boundedDiagrams((diagrams) => {
    for (const { name, number } of syscallsOf(abi)) {
      const own = diagrams.of(decisionOf(before.policy, { abi, number }));
      const now = diagrams.of(decisionOf(after, { abi, number }));
      const denied = answerPairs(diagrams, own, now).filter(({ left }) => left.kind === 'errno');
      if (denied.length === 0) continue;
      if (denied.every(({ right }) => right.kind === 'notify')) watched.push(name);
      else silent.push({ syscall: name, why: whySilent(name, before, movesStub) });
    }
  });
  return { watched, silent };
}

function whySilent(
  name: string,
  { context }: FilterPrediction,
  movesStub: Draft['movesStub'],
): SilentCall['why'] {
  if (callsUnderFilter.has(name)) return 'runtime';
  if (movesStub(name)) return 'number';
  return syscallNumber(name, context.arch, context.libseccomp) === undefined ? 'libseccomp' : 'unsayable';
}
