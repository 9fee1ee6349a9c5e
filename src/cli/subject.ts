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
import { fromMask } from '../linux/capabilities.js';
import { type DumpedFilter, dumpFilters } from '../linux/dumpFilter.js';
import { liftFilters } from '../linux/liftFilters.js';
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
  /** Present for a process under several filters: the newest first. `policy` is what they answer together. */
  readonly stack?: readonly Program[];
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
    return {
      context: filterContext(context, `filter ${subject.path}`),
      notes,
      policy: lifted.policy,
      program,
    };
  }
  if (subject.kind === 'process') return loadProcess(subject);
  return fromPrediction(await predict(context), notes);
}

function filterContext(context: Context, name: string): Context {
  return { ...context, seccomp: { kind: 'filter', name } };
}

function loadProcess({ pid, name, resolved }: Extract<Subject, { kind: 'process' }>): Loaded {
  const { filters, mode, name: command, bounding, differing } = dumpFilters(pid);
  const process = name === `pid:${pid}` ? command : `process ${pid}, ${command}`;
  const context = {
    ...filterContext(resolved.context, `${name} (${process})`),
    capabilities: fromMask(bounding),
  };
  if (mode === 'strict') {
    throw new CallgateError('HOST', `${name} is in seccomp’s strict mode, which has no filter`, {
      hint: 'it may read, write, _exit and sigreturn; any other call kills it',
    });
  }
  const programs = filters.map(({ program }) => program);
  const [program] = programs;
  const notes = [
    ...resolved.notes.filter(({ kind }) => kind !== 'assumption' && kind !== 'packages'),
    ...processNotes(filters, differing).map((text) => ({ kind: 'process', text })),
  ];
  if (program === undefined) return { context, notes, policy: unconfined };
  const policy = liftFilters(programs, context.arch, name);
  return { context, notes, policy, ...(programs.length === 1 ? { program } : { stack: programs }) };
}

function processNotes(filters: readonly DumpedFilter[], differing: readonly number[]): readonly string[] {
  const notes: string[] = [];
  if (filters.length === 0) notes.push('no filter: seccomp allows every call of this process');
  if (filters.length > 1) {
    const lengths = filters.map(({ program }) => program.length).join(', ');
    notes.push(
      `${filters.length} filters are stacked (the newest first: ${lengths} instructions); the kernel takes the strictest answer`,
    );
  }
  if (filters.some(({ log }) => log === true))
    notes.push('its denials are written to the kernel’s log (SECCOMP_FILTER_FLAG_LOG)');
  if (differing.length > 0)
    notes.push(
      `threads with other filters than the first one: ${differing.slice(0, 8).join(', ')}; ask for one by its id`,
    );
  return notes;
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
