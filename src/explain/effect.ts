import type { Action } from '../policy/action.js';
import { abi as abiOf } from '../syscalls/abis.js';
import { kernelRemoved, kernelSince } from '../syscalls/table.js';
import { compareVersions } from '../versions.js';
import type { Question } from './answer.js';
import type { Effect, Reason } from './explanation.js';
import { reactionsTo } from './libc.js';
import { verdictOf, verdictWord } from './verdict.js';

/** What the program sees: the filter's answer, or the kernel's when the filter lets the call through. */
export function effectOf(action: Action, question: Question, kernel: string): Effect {
  if (action.kind !== 'allow' && action.kind !== 'log') {
    // Nobody answers: without a tracer or a listener the kernel says ENOSYS (kernel/seccomp.c).
    const result = verdictWord(verdictOf(action, question.abi));
    return { result, by: 'seccomp' };
  }
  return kernelHas(question, kernel) === false
    ? { result: 'ENOSYS', by: 'kernel' }
    : { result: 'runs', by: 'kernel' };
}

/** Whether a kernel release has the call; undefined when the data does not say. */
function kernelHas({ name, abi }: Question, kernel: string): boolean | undefined {
  if (name === undefined) return undefined;
  const removed = kernelRemoved(name);
  if (removed !== undefined && compareVersions(kernel, removed) >= 0) return false;
  const since = kernelSince(name, abi);
  return since === undefined ? undefined : compareVersions(kernel, since.version) >= 0;
}

/** Whether the kernel has the call at all. */
export function kernelReason(question: Question, kernel: string): readonly Reason[] {
  const { name, abi } = question;
  if (name === undefined) {
    return [{ stage: 'kernel', text: `no call known to callgate has number ${question.number} on ${abi}` }];
  }
  if (abi === 'x86_64' && (name === 'uretprobe' || name === 'uprobe')) {
    const text = `kernels with seccomp_uprobe_exception let ${name} pass every filter, whatever it answers; which releases have it is not established`;
    return [{ stage: 'kernel', text, source: 'kernel/seccomp.c' }];
  }
  const since = kernelSince(name, abi);
  const removed = kernelRemoved(name);
  if (removed !== undefined && compareVersions(kernel, removed) >= 0) {
    return [
      { stage: 'kernel', text: `Linux ${kernel} has no ${name} any more: it was removed in ${removed}` },
    ];
  }
  if (since === undefined)
    return [{ stage: 'kernel', text: `callgate does not know which Linux releases have ${name} on ${abi}` }];
  const when = since.exact ? `since ${since.version}` : `since ${since.version} or earlier`;
  return compareVersions(kernel, since.version) >= 0
    ? [{ stage: 'kernel', text: `Linux has ${name} on ${abi} ${when}, so ${kernel} has it` }]
    : [
        {
          stage: 'kernel',
          text: `Linux ${kernel} has no ${name}: ${abi} has it ${when}; an allowed call gets ENOSYS`,
        },
      ];
}

/** What C libraries and language runtimes do with this answer. */
export function libcReasons(action: Action, { name, abi }: Question): readonly Reason[] {
  const { errno } = verdictOf(action, abi);
  if (name === undefined || (errno !== 'EPERM' && errno !== 'ENOSYS')) return [];
  return reactionsTo(name, errno, abiOf(abi).bits).map(({ program, since, usedFor, text, source }) => ({
    stage: 'libc',
    text: `${program}${since === undefined ? '' : ` ≥ ${since}`} (${usedFor}) ${text}`,
    source,
  }));
}
