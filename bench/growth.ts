import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI } from './denied.js';
import { cell, probe, type Row, scratch, type Table } from './measure.js';

const RULES = [1, 10, 100, 1000, 10_000];

/** Rules that each allow one more command of ioctl. */
function profile(rules: number): string {
  const path = join(scratch, `rules-${rules}.json`);
  const syscalls = Array.from({ length: rules }, (_, index) => ({
    names: ['ioctl'],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 1, value: 0x5401 + 7 * index, op: 'SCMP_CMP_EQ' }],
  }));
  const document = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86_64'], syscalls };
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** What the command takes for larger and larger profiles. */
export function growthTable(): Table {
  const rows = RULES.map((count): Row => {
    const path = profile(count);
    const rounds = count > 1000 ? '1' : '3';
    const verbs = [
      ['show', path],
      ['why', 'ioctl(0, 0x5401)', '--profile', path],
      ['compile', path, '-o', join(scratch, 'rules.bpf')],
    ];
    const timings = verbs.map((words) => probe('cost', rounds, 'node', CLI, ...words));
    return [
      String(count),
      ...timings.map((timing) =>
        timing === undefined ? 'refused' : `${cell(timing, 0)}, ${timing.memory?.toFixed(0) ?? '–'} MiB`,
      ),
    ];
  });
  return {
    title: 'Profiles that grow',
    columns: ['rules with a comparison', 'show', 'why', 'compile'],
    rows,
    remark:
      'Milliseconds of processor time of the whole command, median (least), and the most memory that it had. Refused: a filter has 4096 instructions at most, and the reason is said.',
  };
}
