import { CallgateError } from '../../error.js';
import { type Verdict, verdictWord } from '../../explain/verdict.js';
import { allowing } from '../../lint/complete.js';
import {
  lacking,
  type MissingCall,
  type Preflight,
  preflight,
  startsAll,
  startupIds,
} from '../../lint/preflight.js';
import { formatDocker, formatOci } from '../../profile/format.js';
import { toOci } from '../../profile/oci.js';
import { addContextFlags, type ContextFlags } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { openProfile, type ProfileFile } from '../context/profileFile.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json';
  readonly program?: string;
  readonly add?: boolean;
  readonly output?: string;
}

export const preflightVerb: Verb = {
  name: 'preflight',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json'])
      .description('Say whether a container starts with a profile, and what the profile lacks for it.')
      .argument('<file>', 'a profile; - for standard input')
      .option('--program <kinds>', `what is to be started: ${startupIds.join(', ')} (default: all)`)
      .option('--add', 'write the profile with the missing calls allowed')
      .option('-o, --output <file>', 'where --add writes to (default: standard output)')
      .addHelpText(
        'after',
        `
Without no_new_privs a runtime loads the filter before it drops capabilities and changes the user, so the profile has
to allow the runtime's own calls; with --security-opt no-new-privileges it loads it last.

Exit: 0 when everything starts, or --add has seen to it; 1 when not, 2 for bad input.

Examples:
  callgate preflight ./profile.json --runtime runc@1.1.5
  callgate preflight ./profile.json --runtime crun --security-opt no-new-privileges
  callgate preflight ./profile.json --runtime runc@1.1.5 --program glibc-static --add -o complete.json
`,
      )
      .action(async (path: string, flags: Flags) => exit(await run(path, flags, io)));
  },
};

async function run(path: string, flags: Flags, io: Io): Promise<number> {
  if (flags.output !== undefined && flags.add !== true) {
    throw new CallgateError('USAGE', '-o is for the profile that --add writes', { hint: 'add --add' });
  }
  const file = await openProfile(path, flags, io);
  const kinds = programKinds(flags.program);
  const result = await preflight(file.context, file.noNewPrivileges, kinds);
  const say = flags.add === true && flags.output === undefined ? io.err : io.out;
  say(flags.format === 'json' ? jsonText(toJson(result, file)) : await humanText(result, io));
  if (flags.add !== true) return startsAll(result) ? 0 : 1;
  return add(file, result, kinds, flags, io);
}

function programKinds(words: string | undefined): readonly string[] {
  if (words === undefined) return startupIds;
  return words.split(',').map((word) => {
    if (startupIds.includes(word)) return word;
    throw new CallgateError('USAGE', `"${word}" is no kind of program`, { expected: startupIds.join(', ') });
  });
}

/** Writes what is complete, and looks once more whether it is. */
async function add(
  { profile, context, noNewPrivileges }: ProfileFile,
  before: Preflight,
  kinds: readonly string[],
  flags: Flags,
  io: Io,
): Promise<number> {
  const completed = allowing(profile, lacking(before));
  const seccomp = { kind: 'profile', profile: completed } as const;
  const after = await preflight({ ...context, seccomp }, noNewPrivileges, kinds);
  if (!startsAll(after)) {
    throw new CallgateError('INPUT', 'allowing more calls does not make this profile start', {
      hint: after.load.kind === 'refused' ? after.load.message : 'see callgate lint',
    });
  }
  const text = profile.dialect === 'docker' ? formatDocker(completed) : formatOci(toOci(completed));
  io.write(flags.output ?? '-', text);
  if (flags.output !== undefined && flags.format === 'human') io.err(`Written to ${flags.output}\n`);
  return 0;
}

function toJson({ context, ...result }: Preflight, { notes }: ProfileFile): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(context),
    starts: startsAll({ context, ...result }),
    ...result,
    add: lacking({ context, ...result }),
    notes: notes.map(({ text }) => text),
  };
}

async function humanText(result: Preflight, io: Io): Promise<string> {
  const colours = paint(io);
  const { context, load, runtime, startups, noNewPrivileges } = result;
  const { name, version } = context.runtime;
  const yes = (text: string): string => `${colours.green('✓')} ${text}`;
  const no = (text: string): string => `${colours.red('✗')} ${text}`;
  const lines: string[] = [
    colours.dim(
      `${await contextLine(context)} · ${noNewPrivileges ? 'no_new_privs' : 'without no_new_privs'}`,
    ),
    '',
  ];
  switch (load.kind) {
    case 'loads':
      lines.push(yes('the profile loads'));
      break;
    case 'unconfined':
      lines.push(yes(`no filter is loaded: ${load.reason}`));
      break;
    case 'refused': {
      const where = load.at === undefined ? '' : ` (${load.at.file}:${load.at.line}:${load.at.column})`;
      lines.push(no(`${load.by} refuses the profile: ${load.message || load.reason}${where}`));
      break;
    }
    case 'unknown':
      lines.push(`${colours.yellow('?')} unknown: ${load.message}`);
      break;
  }
  if (load.kind !== 'loads') return `${lines.join('\n')}\n`;
  if (runtime === undefined) {
    lines.push(`${colours.yellow('?')} what ${name} calls under the filter is not known`);
  } else {
    const measured = runtime.version === version ? '' : ` (measured with ${name} ${runtime.version})`;
    lines.push(
      runtime.starts
        ? yes(`${name} ${version} is allowed what it needs to start the program${measured}`)
        : no(`${name} ${version} cannot start the program: the filter denies calls of its own${measured}`),
      ...missingLines(runtime.missing, io),
      ...wantedLine(runtime.wanted, io),
    );
  }
  if (context.arch !== 'x86_64') {
    lines.push(colours.dim(`  measured on x86_64: calls that ${context.arch} lacks are left out`));
  }
  for (const { title, starts, missing, wanted } of startups) {
    lines.push(
      starts ? yes(`${title} starts`) : no(`${title} does not get to main()`),
      ...missingLines(missing, io),
      ...wantedLine(wanted, io),
    );
  }
  return `${lines.join('\n')}\n`;
}

function missingLines(missing: readonly MissingCall[], io: Io): readonly string[] {
  if (missing.every(({ text }) => text === undefined)) {
    if (missing.length === 0) return [];
    const words = missing.map(({ call, verdict }) => `${call} ${word(verdict)}`).join(', ');
    return [`    ${wrap(words, io.columns, '    ')}`];
  }
  return missing.map(
    ({ call, verdict, text }) =>
      `    ${call.padEnd(16)} ${word(verdict).padEnd(10)} ${wrap(text ?? '', io.columns, ' '.repeat(32))}`,
  );
}

function wantedLine(wanted: readonly MissingCall[], io: Io): readonly string[] {
  if (wanted.length === 0) return [];
  const words = `made too, in some runs or to no harm: ${wanted.map(({ call }) => call).join(', ')}`;
  return [`    ${paint(io).dim(wrap(words, io.columns, '    '))}`];
}

const word = (verdict: Verdict): string => verdictWord(verdict);
