import type { Command } from 'commander';
import type { Context } from '../../engine/context.js';
import { engineWords, libseccompWords, plainWords, runtimeWords } from '../../engine/versionList.js';
import { CallgateError } from '../../error.js';
import { type MatrixRow, matrix } from '../../explain/matrix.js';
import type { AbiName } from '../../syscalls/abi.js';
import { type ParsedCall, parseCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { syscallsOf } from '../../syscalls/table.js';
import { addContextFlags, type ContextFlags, resolveFlags } from '../context/contextFlags.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { casesJson, contextJson, SCHEMA_VERSION } from '../output/json.js';
import type { Verb } from '../verb.js';
import { matrixText } from './matrix/table.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json';
  readonly all?: boolean;
  readonly expand?: boolean;
}

export const matrixVerb: Verb = {
  name: 'matrix',
  define: (command: Command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json'])
      .description('Say what calls get in many containers: lists and ranges of releases, every combination.')
      .argument('[calls...]', 'clone3 faccessat2 socket(AF_VSOCK) …; * for all')
      .option('--all', 'every call that the architecture has')
      .option('--expand', 'one row for each release, also where neighbours say the same')
      .addHelpText(
        'after',
        `
--engine, --runtime, --libseccomp, --kernel and --arch take lists with commas; the first three take ranges too:
NAME@FROM..TO (either end may be left out), NAME@28.*, and NAME@* for every known release. A bound such as 20.10 takes in
all of it.

Exit: 0, or 2 for bad input.

Examples:
  callgate matrix faccessat2 --engine docker@19.03.15,docker@20.10.0 --libseccomp 2.4.3,2.4.4 --runtime runc@1.0.0-rc92
  callgate matrix clone3 --engine 'docker@20.10.0..23.0.0' --runtime runc,crun
  callgate matrix ptrace personality --engine 'podman@*' --arch amd64,arm64
  callgate matrix --all --engine 'docker@*' --format json
`,
      )
      .action(async (calls: readonly string[], flags: Flags) => {
        await run(calls, flags, io);
        exit(0);
      });
  },
};

async function run(texts: readonly string[], flags: Flags, io: Io): Promise<void> {
  const all = flags.all === true || texts.includes('*');
  if (texts.length === 0 && !all) {
    throw new CallgateError('USAGE', 'a call is missing', { expected: 'calls such as clone3, or --all' });
  }
  const { contexts, notes } = await contextsOf(flags, io);
  const calls = new Map<AbiName, readonly ParsedCall[]>();
  const callsOf = ({ arch }: Context): readonly ParsedCall[] => {
    const known = calls.get(arch);
    if (known !== undefined) return known;
    const found = all ? everyCall(arch) : texts.map((text) => parseCall(text, arch));
    calls.set(arch, found);
    return found;
  };
  const rows = matrix(contexts, callsOf);
  if (flags.format === 'json') await writeJson(rows, notes, io);
  else {
    const chosen = {
      runtime: flags.runtime?.includes('@') === true,
      libseccomp: flags.libseccomp !== undefined,
    };
    io.out(await matrixText(await collect(rows), notes, { expand: flags.expand === true, chosen }, io));
  }
}

function everyCall(abi: AbiName): readonly ParsedCall[] {
  const args = Array.from({ length: 6 }, () => undefined);
  return syscallsOf(abi).map(({ name, number }) => ({ name, number, abi, args }));
}

/** Every combination of the flags' words, each context once. */
async function contextsOf(
  flags: Flags,
  io: Io,
): Promise<{ readonly contexts: readonly Context[]; readonly notes: readonly string[] }> {
  const engines = flags.engine === undefined ? [undefined] : await engineWords(flags.engine);
  const runtimes = flags.runtime === undefined ? [undefined] : runtimeWords(flags.runtime);
  const libraries = flags.libseccomp === undefined ? [undefined] : libseccompWords(flags.libseccomp);
  const kernels = flags.kernel === undefined ? [undefined] : plainWords(flags.kernel);
  const arches = flags.arch === undefined ? [undefined] : plainWords(flags.arch);
  const combinations = arches.length * kernels.length * libraries.length * runtimes.length * engines.length;
  if (combinations > MOST_CONTEXTS) {
    throw new CallgateError('USAGE', `${combinations} combinations are too many`, {
      expected: `at most ${MOST_CONTEXTS}`,
      hint: 'narrow a range',
    });
  }
  const reading = { ...io, read: readOnce(io) };
  const found = new Map<string, Context>();
  const notes = new Set<string>();
  for (const arch of arches)
    for (const kernel of kernels)
      for (const libseccomp of libraries)
        for (const runtime of runtimes)
          for (const engine of engines) {
            const words = given({ arch, kernel, libseccomp, runtime, engine });
            const subject = await resolveFlags({ ...flags, ...words }, reading);
            if (subject.kind !== 'context')
              throw new CallgateError('USAGE', 'a filter is the same in every container', {
                hint: 'see callgate show and diff',
              });
            const { context } = subject.resolved;
            found.set(JSON.stringify(contextJson(context)), context);
            for (const { text } of subject.resolved.notes) notes.add(text);
          }
  return { contexts: [...found.values()], notes: [...notes] };
}

/** Some 200 releases of an engine, 150 of a runtime: more is a slip. */
const MOST_CONTEXTS = 100_000;

function given(words: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(words).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** A profile that stands on standard input can be read once only. */
function readOnce(io: Io): Io['read'] {
  const files = new Map<string, Uint8Array>();
  return (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const bytes = io.read(path);
    files.set(path, bytes);
    return bytes;
  };
}

async function collect(batches: AsyncIterable<readonly MatrixRow[]>): Promise<readonly MatrixRow[]> {
  const rows: MatrixRow[] = [];
  for await (const batch of batches) for (const row of batch) rows.push(row);
  return rows;
}

/** One row a line, context by context, so that the largest matrix is never one string. */
async function writeJson(
  batches: AsyncIterable<readonly MatrixRow[]>,
  notes: readonly string[],
  io: Io,
): Promise<void> {
  io.out(`{"schemaVersion":${SCHEMA_VERSION},"notes":${JSON.stringify(notes)},"rows":[`);
  let separator = '\n';
  for await (const batch of batches) {
    const [first] = batch;
    if (first === undefined) continue;
    const context = JSON.stringify(contextJson(first.context));
    const lines = batch.map((row) => `{"context":${context},${JSON.stringify(rowJson(row)).slice(1)}`);
    io.out(`${separator}${lines.join(',\n')}`);
    separator = ',\n';
  }
  io.out('\n]}\n');
}

function rowJson({ call, verdict, cases, loadError, unknown }: MatrixRow): object {
  const { name, number, abi, args } = call;
  return {
    syscall: name ?? null,
    number: number ?? null,
    abi,
    ...(args.some((value) => value !== undefined) ? { call: formatCall(call) } : {}),
    ...(verdict === undefined ? {} : { verdict }),
    ...(cases === undefined ? {} : { cases: casesJson(cases, abi) }),
    ...(loadError === undefined ? {} : { loadError }),
    ...(unknown === undefined ? {} : { unknown }),
    ...(number === undefined ? { absent: `${abi} has no such call` } : {}),
  };
}
