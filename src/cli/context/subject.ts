import { compile } from '../../bpf/compile.js';
import type { Program } from '../../bpf/instruction.js';
import { readFilter } from '../../bpf/readFilter.js';
import type { Context } from '../../engine/context.js';
import { CallgateError } from '../../error.js';
import { predict } from '../../explain/predict.js';
import { unconfined } from '../../explain/summary.js';
import { type Usable, usable } from '../../explain/usable.js';
import { fromMask } from '../../linux/capabilities.js';
import { type DumpedFilter, dumpFilters } from '../../linux/process/dumpFilter.js';
import { liftFilters } from '../../linux/process/liftFilters.js';
import { abi as abiOf } from '../../syscalls/abis.js';
import type { Io } from '../io/io.js';
import type { Subject } from './contextFlags.js';

/** A target with its policy at hand. */
export interface Loaded extends Usable {
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
    const filter = readFilter(io.read(subject.path), subject.path, abiOf(context.arch).endian);
    return { context: filterContext(context, `filter ${subject.path}`), notes, ...filter };
  }
  if (subject.kind === 'process') return loadProcess(subject);
  return usable(await predict(context), notes);
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

/** The program of a target: as it was read, or compiled from its policy. */
export function programOf({ program, policy, context }: Loaded): Program {
  return program ?? compile(policy, { nativeArch: abiOf(context.arch).auditArch });
}
