import { existsSync } from 'node:fs';
import { CallgateError } from '../../error.js';
import { type Decoder, decoder, maskRecord } from '../../explain/decode/decoder.js';
import { type KnownSet, knownSets, nearness } from '../../explain/decode/knownSets.js';
import type { Decoded } from '../../explain/decode/record.js';
import { containerPid } from '../../linux/process/containerPid.js';
import { processTree } from '../../linux/process/processTree.js';
import type { AbiName } from '../../syscalls/abi.js';
import { findAbi } from '../../syscalls/abis.js';
import { addContextFlags, type ContextFlags } from '../context/contextFlags.js';
import { chunks } from '../io/chunks.js';
import type { Io } from '../io/io.js';
import { linesOf } from '../io/lines.js';
import { addFormat } from '../output/format.js';
import { paint } from '../output/paint.js';
import type { Verb } from '../verb.js';
import { containerText, decodeContainers } from './decode/containers.js';
import { explanationText, recordExplainer } from './decode/explainRecord.js';
import { explanationJson } from './decode/explanationJson.js';
import { gathered, looksLikeInspect } from './decode/inspectInput.js';
import { recordJson } from './decode/json.js';
import { processesText, processJson } from './decode/processes.js';
import { capabilitiesText, seccompText } from './decode/text.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json';
}

export const decodeVerb: Verb = {
  name: 'decode',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json'])
      .description('Say what audit records, strace logs, capability masks, containers and processes mean.')
      .argument(
        '[what...]',
        'files, - for standard input, a mask of capabilities, a line of a log, pid:N, container:NAME, inspect:FILE',
      )
      .addHelpText(
        'after',
        `
Reads line by line: audit records as the kernel, journald (text and JSON), auditd, ausearch and syslog write them, and
collectors wrap them; SIGSYS as strace, Android and Chromium tell it; calls that failed with EPERM or ENOSYS in strace
logs; masks of capabilities, capsh --print, /proc/PID/status. Other lines are passed over. The output of docker inspect
is told container by container; pid:N and container:NAME show a process and all below it. JSON: one object a line.

With --engine, --profile, --like or --here each call is explained as callgate why does, and where the log cannot come from that
filter this is said. --arch is for lines that do not tell their architecture.

An audit record tells the action and not its errno. By default a filter's ERRNO is not logged at all, so a log
without records does not mean that nothing was denied.

Exit: 0 when something was found, 1 when not, 2 for bad input.

Examples:
  dmesg | callgate decode
  journalctl -o json -f _TRANSPORT=audit | callgate decode --format json
  callgate decode /var/log/audit/audit.log --engine docker@28.5.2
  callgate decode 00000000a80425fb
  callgate decode /proc/self/status
  docker inspect web | callgate decode --here
  callgate decode pid:1
`,
      )
      .action(async (what: readonly string[], flags: Flags) => exit(await run(what, flags, io)));
  },
};

async function run(what: readonly string[], flags: Flags, io: Io): Promise<number> {
  const assumed = flags.arch === undefined ? 'x86_64' : findAbi(flags.arch);
  if (assumed === undefined) throw new CallgateError('USAGE', `no architecture is called ${flags.arch}`);
  const known = await knownSets();
  const output = writer(io);
  const put = await recordWriter(flags, known, output, io);
  for (const word of what.length === 0 ? ['-'] : what) {
    const target = /^(pid|container|inspect):(.+)$/s.exec(word);
    if (target === null) await decodeWord(word, { assumed, known, flags, output, put, io });
    else await decodeTarget(target[1] ?? '', target[2] ?? '', { assumed, known, flags, output, put, io });
  }
  output.flush();
  if (output.found() === 0) io.err('callgate: no record of seccomp or of capabilities was found\n');
  return output.found() > 0 ? 0 : 1;
}

/** Output is handed over in pieces of about this many characters. */
const PIECE = 1 << 16;

interface Output {
  readonly add: (text: string) => void;
  readonly flush: () => void;
  readonly found: () => number;
}

function writer(io: Io): Output {
  let [text, found] = ['', 0];
  const flush = (): void => {
    if (text !== '') io.out(text);
    text = '';
  };
  return {
    add: (more) => {
      found++;
      text += more;
      if (text.length > PIECE) flush();
    },
    flush,
    found: () => found,
  };
}

/** Writes records; a promise where one has to be explained first. */
type Put = (records: readonly Decoded[]) => void | Promise<void>;

interface Task {
  readonly assumed: AbiName;
  readonly known: readonly KnownSet[];
  readonly flags: Flags;
  readonly output: Output;
  readonly put: Put;
  readonly io: Io;
}

async function recordWriter(flags: Flags, known: readonly KnownSet[], output: Output, io: Io): Promise<Put> {
  const write = flags.format === 'json' ? (one: Decoded) => jsonLine(one, known) : humanWriter(io, known);
  const explain = await recordExplainer(flags, io);
  if (explain === undefined) {
    return (records) => {
      for (const record of records) output.add(write(record));
    };
  }
  return async (records) => {
    for (const record of records) {
      const text = write(record);
      const told = record.kind === 'seccomp' ? await explain(record) : undefined;
      if (told === undefined) output.add(text);
      else if (flags.format === 'human') output.add(text + explanationText(told, io));
      else output.add(`${text.slice(0, -2)},${explanationJson(told)}}\n`);
    }
  };
}

async function decodeTarget(kind: string, name: string, task: Task): Promise<void> {
  const { known, flags, output, io } = task;
  if (kind === 'inspect') return decodeInspect(io.read(name), name, task);
  if (kind === 'pid' && !/^[1-9]\d{0,9}$/.test(name))
    throw new CallgateError('USAGE', `pid:${name} is no process`, { expected: 'pid:NUMBER' });
  const pid = kind === 'pid' ? Number(name) : (await containerPid(name, io.env)).pid;
  const processes = processTree(pid);
  if (flags.format === 'json') for (const one of processes) output.add(processJson(one, known));
  else output.add(processesText(processes, known, io));
}

async function decodeInspect(
  text: Uint8Array,
  file: string,
  { flags, known, output, io }: Task,
): Promise<void> {
  for (const container of await decodeContainers(text, file, flags, known, io)) {
    output.add(flags.format === 'json' ? `${JSON.stringify(container)}\n` : containerText(container, io));
  }
}

/** A number without a prefix is a mask only when it is as long as the kernel writes it, so that files can be called `42`. */
const MASK = /^(?:0x[0-9a-f]{1,16}|[0-9a-f]{8,16})$/i;

async function decodeWord(word: string, task: Task): Promise<void> {
  const { assumed, put, output } = task;
  if (MASK.test(word)) return put([maskRecord(word)]);
  const { line, end }: Decoder = decoder(assumed);
  if (word !== '-' && !existsSync(word) && /\s/.test(word)) {
    for (const one of word.split('\n')) await put(line(one));
    return put(end());
  }
  const pieces = chunks(word);
  const first = pieces.next();
  if (first.done === true) return;
  if (looksLikeInspect(first.value))
    return await decodeInspect(gathered(first.value, pieces), word === '-' ? '<stdin>' : word, task);
  for (const lines of linesOf(resumed(first.value, pieces))) {
    for (const one of lines) {
      const records = line(one);
      // Most lines hold nothing, and most runs explain nothing: neither has to wait.
      const waits = records.length === 0 ? undefined : put(records);
      if (waits !== undefined) await waits;
    }
    // What follows may take its time (dmesg --follow).
    output.flush();
  }
  return put(end());
}

function* resumed(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield first;
  yield* rest;
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
