import { relative } from 'node:path';
import { CallgateError } from '../../error.js';
import type { LintFinding } from '../../lint/finding.js';
import { toGithub } from '../../lint/github.js';
import { lint } from '../../lint/lint.js';
import { mend } from '../../lint/mend.js';
import { sentence, toSarif } from '../../lint/sarif.js';
import { addContextFlags, type ContextFlags } from '../context/contextFlags.js';
import { contextLine } from '../context/contextLine.js';
import { openProfile, type ProfileFile } from '../context/profileFile.js';
import type { Io } from '../io/io.js';
import { addFormat } from '../output/format.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../output/json.js';
import { paint, wrap } from '../output/paint.js';
import type { Verb } from '../verb.js';
import { version } from '../version.js';

interface Flags extends ContextFlags {
  readonly format: 'human' | 'json' | 'sarif' | 'github';
  readonly fix?: boolean;
}

export const lintVerb: Verb = {
  name: 'lint',
  define: (command, io, exit) => {
    addFormat(addContextFlags(command), ['human', 'json', 'sarif', 'github'])
      .description('Find what is wrong in a profile, or otherwise than it seems.')
      .argument('<files...>', 'profiles; - for standard input')
      .option('--fix', 'mend what can be mended safely, in place; comments and layout stay')
      .addHelpText(
        'after',
        `
Each finding names a rule, which docs/lint explains.

Exit: 0 when nothing is found, 1 when something is, 2 for bad input.

Examples:
  callgate lint ./profile.json
  callgate lint ./profile.json --engine docker@20.10.9 --runtime runc@1.0.1
  callgate lint ./profile.json --fix
  callgate lint profiles/*.json --format github
  callgate lint ./profile.json --format sarif > lint.sarif
`,
      )
      .action(async (paths: readonly string[], flags: Flags) => exit(await run(paths, flags, io)));
  },
};

interface Linted {
  /** As it is shown: relative to the current directory. */
  readonly file: string;
  readonly profile: ProfileFile;
  readonly findings: readonly LintFinding[];
}

async function run(paths: readonly string[], flags: Flags, io: Io): Promise<number> {
  const linted: Linted[] = [];
  for (const path of paths) {
    const profile = await openProfile(path, flags, io);
    const found = await lint(profile);
    const findings = flags.fix === true ? await fixed(path, profile, found, io) : found;
    const file = path === '-' ? '<stdin>' : relative(process.cwd(), path) || path;
    linted.push({ file, profile, findings });
  }
  io.out(await output(linted, flags.format, io));
  return linted.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

async function output(linted: readonly Linted[], format: Flags['format'], io: Io): Promise<string> {
  switch (format) {
    case 'human': {
      const texts = linted.map(({ profile, findings }) => humanText(profile, findings, io));
      return (await Promise.all(texts)).join('\n');
    }
    case 'json': {
      const [first, second] = linted;
      const whole =
        first !== undefined && second === undefined ? toJson(first) : { files: linted.map(named) };
      return jsonText({ schemaVersion: SCHEMA_VERSION, ...whole });
    }
    case 'sarif':
      return jsonText(toSarif(linted, version));
    case 'github':
      return linted.map(({ findings, file }) => toGithub(findings, file)).join('');
  }
}

async function fixed(
  path: string,
  file: ProfileFile,
  found: readonly LintFinding[],
  io: Io,
): Promise<readonly LintFinding[]> {
  if (path === '-') {
    throw new CallgateError('USAGE', '--fix writes to the file, and standard input is none', {
      hint: 'name a file',
    });
  }
  const { text, applied, findings } = await mend(file, found);
  if (applied === 0) return findings;
  if (!file.exact) {
    throw new CallgateError(
      'INPUT',
      `${path} is not in UTF-8: it cannot be edited without a change elsewhere`,
    );
  }
  io.write(path, text);
  io.err(`callgate: ${path}: ${applied} fixed\n`);
  return findings;
}

const named = (linted: Linted): object => ({ file: linted.file, ...toJson(linted) });

function toJson({ profile: { context, notes }, findings }: Linted): object {
  return {
    context: contextJson(context),
    findings: findings.map(({ fix, ...finding }) => ({
      ...finding,
      ...(fix === undefined ? {} : { fix: fix.title }),
    })),
    notes: notes.map(({ text }) => text),
  };
}

async function humanText(
  { context, profile }: ProfileFile,
  findings: readonly LintFinding[],
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const lines: string[] = [colours.dim(await contextLine(context)), ''];
  const colour = { error: colours.red, warning: colours.yellow, note: colours.cyan };
  for (const { rule, level, text, at, expected, nearest, fix } of findings) {
    const where = at === undefined ? profile.source : `${at.file}:${at.line}:${at.column}`;
    lines.push(`${where}: ${colour[level](level)} ${colours.bold(rule)}`);
    lines.push(`    ${wrap(sentence(text, nearest, expected), io.columns, '    ')}`);
    if (fix !== undefined) lines.push(`    ${colours.dim(`--fix: ${fix.title}`)}`);
  }
  if (findings.length === 0) lines.push('nothing found');
  else lines.push('', summary(findings));
  return `${lines.join('\n')}\n`;
}

function summary(findings: readonly LintFinding[]): string {
  const parts = (['error', 'warning', 'note'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${level}${count === 1 ? '' : 's'}`];
  });
  return parts.join(', ');
}
