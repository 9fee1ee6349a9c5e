import { check } from '../bpf/check.js';
import { compile } from '../bpf/compile.js';
import { decode } from '../bpf/encode.js';
import type { Program } from '../bpf/instruction.js';
import { lift } from '../bpf/lift.js';
import type { Context } from '../engine/context.js';
import { CallgateError } from '../error.js';
import { withoutForeignByteOrder } from '../explain/byteOrder.js';
import { type FilterPrediction, type Prediction, predict } from '../explain/predict.js';
import { unconfined } from '../explain/summary.js';
import type { Policy } from '../policy/policy.js';
import type { Note } from '../profile/profile.js';
import { abi as abiOf } from '../syscalls/abis.js';
import type { Subject } from './contextFlags.js';
import type { Io } from './io.js';

/** A target with its policy at hand. */
export interface Loaded {
  readonly context: Context;
  readonly notes: readonly Note[];
  readonly policy: Policy;
  /** Absent for a filter that was read as it is, and for no filter. */
  readonly prediction?: FilterPrediction;
  /** Present for a filter that was read as it is. */
  readonly program?: Program;
}

/**
 * Loads a target's policy.
 *
 * @throws CallgateError `INPUT` when no container starts with it, in the runtime's words
 */
export async function load(subject: Subject, io: Io): Promise<Loaded> {
  const { context, notes } = subject.resolved;
  if (subject.kind === 'bpf') {
    const program = readProgram(subject.path, io, abiOf(context.arch).endian);
    const lifted = lift(program);
    if (!lifted.ok) {
      throw new CallgateError(
        'INPUT',
        `${subject.path}: what the filter does cannot be decided: instruction ${lifted.instruction}: ${lifted.reason}`,
      );
    }
    return { context, notes, policy: lifted.policy, program };
  }
  return fromPrediction(await predict(context), notes);
}

function fromPrediction(prediction: Prediction, notes: readonly Note[]): Loaded {
  const { context } = prediction;
  switch (prediction.kind) {
    case 'filter':
      return {
        context,
        notes: [...notes, ...prediction.profile.notes, ...prediction.notes],
        policy: prediction.policy,
        prediction,
      };
    case 'unconfined':
      return {
        context,
        notes: [...notes, { kind: 'unconfined', text: `no filter: ${prediction.reason}` }],
        policy: unconfined,
      };
    case 'loadError': {
      const rest = withoutForeignByteOrder(prediction);
      if (rest !== undefined) {
        const text = `${context.runtime.name} ${context.runtime.version} refuses this profile (${prediction.message}); told without ${rest.architectures.join(', ')}, whose programs this machine cannot run`;
        return fromPrediction(rest.prediction, [...notes, { kind: 'other-byte-order', text }]);
      }
      throw loadError(prediction);
    }
    case 'unknown':
      throw new CallgateError('UNKNOWN', prediction.message);
  }
}

function loadError({
  context,
  stage,
  message,
  reason,
  at,
  nearest,
}: Extract<Prediction, { kind: 'loadError' }>): CallgateError {
  const { name, version } = stage === 'engine' ? context.engine : context.runtime;
  const hint = nearest === undefined ? reason : `did you mean ${nearest}?`;
  return new CallgateError('INPUT', `no container starts with this profile: ${name} ${version}: ${message}`, {
    ...(at === undefined ? {} : { at }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function readProgram(path: string, io: Io, endian: 'little' | 'big'): Program {
  const program = decode(io.read(path), endian);
  const verdict = check(program);
  if (verdict.ok) return program;
  const where = verdict.instruction < 0 ? '' : `instruction ${verdict.instruction}: `;
  throw new CallgateError(
    'INPUT',
    `${path}: the kernel would refuse this filter: ${where}${verdict.reason}`,
    {
      expected: 'struct sock_filter[], 8 bytes an instruction',
    },
  );
}

/** The program of a target: as it was read, or compiled from its policy. */
export function programOf({ program, policy, context }: Loaded): Program {
  return program ?? compile(policy, { nativeArch: abiOf(context.arch).auditArch });
}
