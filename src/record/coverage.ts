import type { Runs } from './runs.js';

/** What a recording holds, and what it cannot. */
export interface Coverage {
  readonly runs: number;
  readonly calls: number;
  readonly kinds: number;
  readonly lost: number;
  readonly recorders: readonly string[];
  /** What is not known, one thing a line. */
  readonly unknown: readonly string[];
}

const RECORDERS: Readonly<Record<Runs['runs'][number]['recorder'], string>> = {
  'user-notification': 'user notification',
  ebpf: 'eBPF',
  strace: 'strace log',
  audit: 'audit log',
};

/**
 * Says what a recording cannot know, as far as that depends on how it was made.
 *
 * @example
 * const runs = singleRun('x86_64', { recorder: 'strace', lost: 0, calls: [{ abi: 'x86_64', number: 0, count: 3 }] }, { source: 'log' });
 * coverageOf(runs, { portable: false, restricted: false }).kinds; // 1
 */
export function coverageOf(
  { runs, calls, arch }: Runs,
  { portable, restricted }: { readonly portable: boolean; readonly restricted: boolean },
): Coverage {
  const lost = runs.reduce((sum, run) => sum + run.lost, 0);
  const unknown = [
    `what the program does otherwise: other input, features, load, errors, signals, time-outs${runs.length === 1 ? ' (--merge adds runs)' : ''}`,
    portable
      ? `what C libraries and kernels newer than callgate's data call on ${arch} and elsewhere`
      : `what other C libraries, kernels and architectures than this machine's call instead (--portable adds the known ones)`,
    restricted
      ? 'arguments that were not asked for with --args: those calls are allowed with any'
      : 'which arguments matter: every call is allowed with any (--args CALL:INDEX restricts)',
    'whether what was recorded was right: a recorded attack is allowed too',
  ];
  if (lost > 0) unknown.unshift(`${lost} calls that the recorder missed`);
  if (runs.some(({ recorder }) => recorder === 'audit'))
    unknown.push('calls that no audit rule and no filter had logged, and arguments beyond the fourth');
  return {
    runs: runs.length,
    calls: runs.reduce((sum, run) => sum + run.calls, 0),
    kinds: calls.length,
    lost,
    recorders: [...new Set(runs.map(({ recorder }) => RECORDERS[recorder]))],
    unknown,
  };
}
