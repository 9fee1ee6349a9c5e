import type { CapabilitiesRecord, SeccompRecord } from '../../../explain/decode/record.js';
import { printable } from '../../../profile/printable.js';
import { type Paint, wrap } from '../../output/paint.js';

/** A record about a call, for a person. */
export function seccompText(record: SeccompRecord, colours: Paint, columns: number): string {
  const { time, pid, comm, exe, abi, arch, number, syscall, text, assumed } = record;
  const who = [
    time,
    comm === undefined ? undefined : printable(comm),
    exe === undefined ? undefined : printable(exe),
    pid === undefined ? undefined : `pid ${pid}`,
    [abi ?? arch, number].filter((part) => part !== undefined).join(' '),
    assumed === undefined ? undefined : 'architecture assumed',
  ].filter((part) => part !== undefined && part !== '');
  const call =
    text === undefined ? (syscall ?? (number === undefined ? 'SIGSYS' : `call ${number}`)) : printable(text);
  return `${colours.bold(call)}  ${colours.dim(who.join(' · '))}\n  ${wrap(record.meaning, columns, '  ')}\n`;
}

/** Sets of capabilities, for a person. */
export function capabilitiesText(
  { process, sets, meaning }: CapabilitiesRecord,
  nearest: string | undefined,
  colours: Paint,
  columns: number,
): string {
  const who = [
    process?.name === undefined ? undefined : printable(process.name),
    process?.pid === undefined ? undefined : `pid ${process.pid}`,
  ];
  const title = who.filter((part) => part !== undefined).join(' · ');
  const lines = [`${colours.bold(title === '' ? 'Capabilities' : title)}  ${colours.dim(meaning)}`];
  if (nearest !== undefined) lines.push(`  ${nearest}`);
  for (const { set, mask, names } of sets) {
    const words = names.length === 0 ? 'none' : names.map((name) => name.replace(/^CAP_/, '')).join(' ');
    lines.push(
      `  ${colours.cyan((set ?? 'mask').padEnd(12))}${mask}  ${wrap(words, columns, ' '.repeat(32))}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
