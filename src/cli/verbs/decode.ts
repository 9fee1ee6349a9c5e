import { existsSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { type Decoder, decoder, maskRecord } from '../../explain/decode/decoder.js';
import { type KnownSet, knownSets, nearness } from '../../explain/decode/knownSets.js';
import type { CapabilitiesRecord, Decoded, SeccompRecord } from '../../explain/decode/record.js';
import type { AbiName } from '../../syscalls/abi.js';
import { findAbi } from '../../syscalls/abis.js';
import { chunks } from '../chunks.js';
import { recordJson } from '../decodedJson.js';
import { addFormat } from '../format.js';
import type { Io } from '../io.js';
import { linesOf } from '../lines.js';
import { type Paint, paint, wrap } from '../paint.js';
import { printable } from '../symptomText.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly format: 'human' | 'json';
  readonly arch?: string;
}

export const decodeVerb: Verb = {
  name: 'decode',
  define: (command, io, exit) => {
    addFormat(command, ['human', 'json'])
      .description('Say what audit records, strace logs and capability masks mean.')
      .argument('[what...]', 'files, - for standard input, a mask of capabilities, or a line of a log')
      .option('--arch <ARCH>', 'for lines that do not tell their architecture (default: x86_64)')
      .addHelpText(
        'after',
        `
Reads line by line: audit records as the kernel, journald (text and JSON), auditd, ausearch and syslog write them; SIGSYS
as strace, Android and Chromium tell it; calls that failed with EPERM or ENOSYS in strace logs; masks of
capabilities, capsh --print, /proc/PID/status. Other lines are passed over. JSON: one object a line.

An audit record tells the action and not its errno. By default a filter's ERRNO is not logged at all, so a log
without records does not mean that nothing was denied.

Exit: 0 when something was found, 1 when not, 2 for bad input.

Examples:
  dmesg | callgate decode
  journalctl -o json -f _TRANSPORT=audit | callgate decode --format json
  callgate decode /var/log/audit/audit.log
  callgate decode 00000000a80425fb
  callgate decode /proc/self/status
`,
      )
      .action(async (what: readonly string[], flags: Flags) => exit(await run(what, flags, io)));
  },
};

/** Output is handed over in pieces of about this many characters. */
const PIECE = 1 << 16;

async function run(what: readonly string[], flags: Flags, io: Io): Promise<number> {
  const assumed = flags.arch === undefined ? 'x86_64' : findAbi(flags.arch);
  if (assumed === undefined) throw new CallgateError('USAGE', `no architecture is called ${flags.arch}`);
  const known = await knownSets();
  const write = flags.format === 'json' ? (one: Decoded) => jsonLine(one, known) : humanWriter(io, known);
  let found = 0;
  let output = '';
  const put = (records: readonly Decoded[]): void => {
    found += records.length;
    for (const record of records) output += write(record);
    if (output.length > PIECE) flush();
  };
  const flush = (): void => {
    if (output !== '') io.out(output);
    output = '';
  };
  for (const word of what.length === 0 ? ['-'] : what) decodeWord(word, assumed, put, flush);
  flush();
  if (found === 0) io.err('callgate: no record of seccomp or of capabilities was found\n');
  return found > 0 ? 0 : 1;
}

/** A number without a prefix is a mask only when it is as long as the kernel writes it, so that files can be called `42`. */
const MASK = /^(?:0x[0-9a-f]{1,16}|[0-9a-f]{8,16})$/i;

type Put = (records: readonly Decoded[]) => void;

function decodeWord(word: string, assumed: AbiName, put: Put, flush: () => void): void {
  if (MASK.test(word)) return put([maskRecord(word)]);
  const { line, end }: Decoder = decoder(assumed);
  if (word !== '-' && !existsSync(word) && /\s/.test(word)) {
    for (const one of word.split('\n')) put(line(one));
    return put(end());
  }
  try {
    for (const lines of linesOf(chunks(word))) {
      for (const one of lines) put(line(one));
      // What follows may take its time (dmesg --follow).
      flush();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || error instanceof CallgateError) throw error;
    throw new CallgateError('INPUT', `cannot read ${word === '-' ? 'standard input' : word}: ${code}`, {
      cause: error,
    });
  }
  put(end());
}

function jsonLine(record: Decoded, known: readonly KnownSet[]): string {
  if (record.kind === 'seccomp') return recordJson(record);
  const nearest = nearness(record, known);
  return `${JSON.stringify({ ...record, ...(nearest === undefined ? {} : { nearest }) })}\n`;
}

function humanWriter(io: Io, known: readonly KnownSet[]): (record: Decoded) => string {
  const colours = paint(io);
  return (record) =>
    record.kind === 'seccomp'
      ? seccompText(record, colours, io.columns)
      : capabilitiesText(record, nearness(record, known), colours, io.columns);
}

function seccompText(record: SeccompRecord, colours: Paint, columns: number): string {
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

function capabilitiesText(
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
