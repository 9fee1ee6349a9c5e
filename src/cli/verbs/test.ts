import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseTarget } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import type { Usable } from '../../explain/usable.js';
import { toGithub } from '../../suite/github.js';
import { toJunit } from '../../suite/junit.js';
import { readSuite } from '../../suite/readSuite.js';
import { type SuiteResult, totals } from '../../suite/results.js';
import { type NotStarted, runSuite, type Targets } from '../../suite/runSuite.js';
import { toTap } from '../../suite/tap.js';
import { placedTarget, writtenOptions } from '../../suite/writtenOptions.js';
import { readConfig } from '../context/config.js';
import {
  addContextFlags,
  type ContextFlags,
  resolveFlags,
  resolveTarget,
  type Subject,
} from '../context/contextFlags.js';
import { findConfig } from '../context/findConfig.js';
import { load } from '../context/subject.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'junit' | 'tap' | 'github';
}

export const testVerb: Verb = {
  name: 'test',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'junit', 'tap', 'github'])
      .description(
        'Hold a profile to what it is meant to do: calls and verdicts, in as many contexts as you name.',
      )
      .argument(
        '[files...]',
        'suites, in YAML or JSON; of a directory every *.test.yaml, *.test.yml and *.test.json (default: the suites of callgate.config.json)',
      )
      .addHelpText(
        'after',
        `
A suite:

  profile: ./profile.json
  contexts:
    new: docker@28.5.2
    old: { like: docker@20.10.9, cap-add: [SYS_ADMIN] }
  tests:
    - name: threads start
      calls:
        clone3: { new: ENOSYS, old: EPERM }
        clone(flags=CLONE_THREAD): allowed
    - name: nothing beyond the default
      within: docker@28.5.2
      never: [mount, 'socket(AF_VSOCK)']
      always: futex

Contexts take the flags of this command by their names; without contexts the command's own flags say it. Verdicts are
allowed, denied, EPERM or any errno, killed, SIGSYS, by arguments, or SCMP_ACT_*.

Exit: 0 when every claim holds, 1 when one does not, 2 for bad input.

Examples:
  callgate test profile.test.yaml
  callgate test tests/ --format junit > results.xml
  callgate test profile.test.yaml --profile ./profile.json --engine docker@27.5.1
`,
      )
      .action(async (files: readonly string[], flags: Flags) => exit(await run(files, flags, io)));
  },
};

async function run(words: readonly string[], flags: Flags, io: Io): Promise<number> {
  const suites: SuiteResult[] = [];
  for (const path of (words.length > 0 ? words : configuredSuites(io)).flatMap(suiteFiles)) {
    const shown = path === '-' ? '<stdin>' : relative(process.cwd(), path) || path;
    const suite = readSuite(io.read(path), shown);
    suites.push(await runSuite(suite, createTargets(path === '-' ? '.' : dirname(path), flags, io)));
  }
  io.out(output(suites, flags.format, io));
  return totals(suites).failed === 0 ? 0 : 1;
}

function configuredSuites(io: Io): readonly string[] {
  const path = findConfig();
  const suites = path === undefined ? undefined : readConfig(path, io).suites;
  if (suites !== undefined) return suites;
  throw new CallgateError('USAGE', 'no suite is named', {
    expected: 'a file, or suites in callgate.config.json',
  });
}

const SUITE_NAME = /\.test\.(?:ya?ml|json)$/;

function suiteFiles(path: string): readonly string[] {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const found = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => SUITE_NAME.test(name))
    .sort();
  if (found.length > 0) return found.map((name) => join(path, name));
  throw new CallgateError('INPUT', `no suite in ${path}`, { expected: 'files named *.test.yaml' });
}

function createTargets(directory: string, flags: Flags, io: Io): Targets {
  const place = (path: string): string => resolve(directory, path);
  return {
    async context(words, profile) {
      const said = words === undefined ? flags : writtenOptions(words, place);
      const withProfile =
        profile === undefined || said.profile !== undefined
          ? said
          : { ...said, profile: placedTarget(profile.text, place) };
      return loaded(await resolveFlags(withProfile, io), io);
    },
    async other(placed, words) {
      const { profile: _, like, ...said } = words === undefined ? flags : writtenOptions(words, place);
      const beside = like === undefined ? undefined : parseTarget(like);
      return load(await resolveTarget(parseTarget(placedTarget(placed.text, place)), said, io, beside), io);
    },
  };
}

async function loaded(subject: Subject, io: Io): Promise<Usable | NotStarted> {
  try {
    return await load(subject, io);
  } catch (error) {
    if (error instanceof CallgateError && error.code === 'INPUT') return { notStarted: error.message };
    throw error;
  }
}

function output(suites: readonly SuiteResult[], format: Flags['format'], io: Io): string {
  switch (format) {
    case 'human':
      return text(suites, io);
    case 'json':
      return jsonText(toJson(suites));
    case 'junit':
      return toJunit(suites);
    case 'tap':
      return toTap(suites);
    case 'github':
      return toGithub(suites);
  }
}

function toJson(suites: readonly SuiteResult[]): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    ...totals(suites),
    suites: suites.map(({ file, results }) => ({
      file,
      results: results.map(({ context, ...rest }) => ({
        ...rest,
        ...(context === undefined ? {} : { context: contextJson(context) }),
      })),
    })),
  };
}

function text(suites: readonly SuiteResult[], io: Io): string {
  const colours = paint(io);
  const lines: string[] = [];
  for (const { results } of suites) {
    for (const { ok, test, claim, contextName, at, expected, got, reasons } of results) {
      if (ok) continue;
      lines.push(
        `${colours.red('✗')} ${colours.bold(`${at.file}:${at.line}:${at.column}`)} ${test}: ${claim} ${colours.dim(`[${contextName}]`)}`,
        `    expected ${expected}, got ${wrap(got, io.columns, '    ')}`,
        ...reasons.map((reason) => `    ${colours.dim(wrap(reason, io.columns, '    '))}`),
      );
    }
  }
  const { passed, failed } = totals(suites);
  lines.push(`${failed === 0 ? colours.green('✓') : colours.red('✗')} ${passed} passed, ${failed} failed`);
  return `${lines.join('\n')}\n`;
}
