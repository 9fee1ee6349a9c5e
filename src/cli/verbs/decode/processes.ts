import { type KnownSet, nearnessOf } from '../../../explain/decode/knownSets.js';
import { type CapabilitySets, fromMask } from '../../../linux/capabilities.js';
import type { ConfinedProcess } from '../../../linux/process/processTree.js';
import { printable } from '../../../profile/printable.js';
import type { Io } from '../../io/io.js';
import { paint } from '../../output/paint.js';

/** One process a line, as JSON. */
export function processJson(process: ConfinedProcess, known: readonly KnownSet[]): string {
  const { capabilities, filters, otherThreads, ...rest } = process;
  const nearest = nearnessOf(fromMask(capabilities.bounding), known);
  const value = {
    kind: 'process',
    ...rest,
    filters: filters ?? null,
    otherThreads,
    capabilities: Object.fromEntries(
      Object.entries(capabilities).map(([name, mask]: [string, bigint]) => [
        name,
        { mask: hex(mask), names: fromMask(mask) },
      ]),
    ),
    ...(nearest === undefined ? {} : { nearest }),
  };
  return `${JSON.stringify(value)}\n`;
}

/** The processes as a forest, as ps prints one, with what confines each. */
export function processesText(
  processes: readonly ConfinedProcess[],
  known: readonly KnownSet[],
  io: Io,
): string {
  const colours = paint(io);
  const lines = [colours.bold(row('PID', 'UID', 'SECCOMP', 'NNP', 'CAPABILITIES', 'COMMAND'))];
  for (const process of processes) {
    const { pid, uid, noNewPrivileges, depth, name, otherThreads } = process;
    const branch = depth === 0 ? '' : `${'    '.repeat(Math.min(depth, DEEPEST) - 1)} \\_ `;
    const seccomp = seccompWords(process);
    const line = row(
      `${pid}`,
      `${uid}`,
      seccomp,
      noNewPrivileges ? 'yes' : 'no',
      capabilityWords(process.capabilities, known),
      `${branch}${printable(name)}`,
    );
    lines.push(process.seccomp === 'disabled' ? line : line.replace(seccomp, colours.green(seccomp)));
    if (otherThreads.length > 0)
      lines.push(
        `${' '.repeat(8)}${colours.yellow(`threads under other filters: ${otherThreads.slice(0, 8).join(', ')}`)}`,
      );
  }
  return `${lines.join('\n')}\n`;
}

/** Deeper branches are drawn no further to the right. */
const DEEPEST = 12;

function row(pid: string, uid: string, seccomp: string, nnp: string, caps: string, command: string): string {
  return `${pid.padStart(7)} ${uid.padStart(6)} ${seccomp.padEnd(10)} ${nnp.padEnd(3)} ${caps.padEnd(30)} ${command}`;
}

function seccompWords({ seccomp, filters }: ConfinedProcess): string {
  if (seccomp !== 'filter') return seccomp === 'strict' ? 'strict' : 'none';
  return filters === undefined ? 'filters' : `${filters} filter${filters === 1 ? '' : 's'}`;
}

/** What it has, and, where that is less, what it could have by executing a file. */
function capabilityWords({ effective, bounding }: CapabilitySets, known: readonly KnownSet[]): string {
  if (effective === bounding) return setWords(effective, known);
  return `${setWords(effective, known)} of ${setWords(bounding, known)}`;
}

function setWords(mask: bigint, known: readonly KnownSet[]): string {
  const names = fromMask(mask);
  if (names.length === 0) return 'none';
  const near = nearnessOf(names, known);
  if (near?.startsWith('every capability of Linux') === true) return 'all';
  const short = near?.replace(' set of capabilities', '').replace('every capability but', 'all but');
  return short !== undefined && short.length <= 28 ? short : `${names.length}`;
}

const hex = (mask: bigint): string => mask.toString(16).padStart(16, '0');
