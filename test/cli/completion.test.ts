import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kindOfArgument, kindOfOption } from '../../src/cli/complete/valueKind.js';
import { processIo } from '../../src/cli/io/io.js';
import { createProgram } from '../../src/cli/program.js';
import { verbs } from '../../src/cli/verbs.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { build } from '../scenarios/callgate.js';
import { callgateOnPath } from './callgateOnPath.js';

let world: ReturnType<typeof callgateOnPath>;
beforeAll(async () => {
  await build();
  world = callgateOnPath();
  mkdirSync(join(world.directory, 'profiles'));
  writeFileSync(join(world.directory, 'mine.json'), '{}');
});
afterAll(() => world.remove());

/** What a program prints, with callgate on PATH and none of the user's own settings. */
function shell(command: string, args: readonly string[], input = ''): readonly string[] {
  const { stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    cwd: world.directory,
    env: world.env,
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  const lines = stdout.split('\n').filter((line) => line !== '');
  if (lines.length === 0 && stderr !== '') throw new Error(stderr);
  return lines;
}

/** A line as it is typed, and some of what it can go on to, in that order. */
type Row = readonly [line: string, some: readonly string[], none?: readonly string[] | undefined];

/** What bash and zsh put in for the word, in whole words. */
const ROWS: readonly Row[] = [
  ['callgate wh', ['why']],
  ['callgate k8s ex', ['explain']],
  ['callgate why --en', ['--engine']],
  ['callgate why clone3 --engine pod', ['podman', 'podman@']],
  ['callgate why clone3 --engine docker@28.', ['docker@28.5.2', 'docker@28.5.1', 'docker@28.0.0']],
  ['callgate why clone3 --engine=docker@28.5', ['--engine=docker@28.5.2', '--engine=docker@28.5.1']],
  ['callgate why clone3 --runtime cr', ['crun', 'crun@']],
  ['callgate why clo', ['clock_adjtime', 'clone', 'clone3'], ['mount']],
  ['callgate show docker@28.5.2+runc@1.1.1', ['docker@28.5.2+runc@1.1.15', 'docker@28.5.2+runc@1.1.10']],
  ['callgate show docker@28.5.2+SYS_AD', ['docker@28.5.2+SYS_ADMIN']],
  ['callgate show debian@1', ['debian@12']],
  ['callgate show --format j', ['json'], ['human']],
  ['callgate why mbind --cap-add SYS_NICE,SYS_PT', ['SYS_NICE,SYS_PTRACE']],
  ['callgate why mbind --arch ar', ['arm64']],
  ['callgate extend docker --allow @io', ['@io-uring']],
  ['callgate extend docker --preset agent', ['agent-sandbox']],
  ['callgate show ./mi', ['./mine.json']],
  ['callgate show oci:mi', ['oci:mine.json']],
  ['callgate why mbind --security-opt seccomp=mi', ['seccomp=mine.json']],
  ['callgate why clone3 --format json --for', [], ['--format']],
  ['callgate run --like docker@28.5.2 -- ./mi', ['./mine.json']],
  ['callgate completion z', ['zsh'], ['bash']],
];

/** The words of a candidates' list that a row is about. */
function expectRow(found: readonly string[], [, some, none]: Row): void {
  expect(found.filter((word) => some.includes(word))).toEqual(some);
  for (const word of none ?? []) expect(found).not.toContain(word);
}

/** Keys of both shells' editors. */
const START_OF_LINE = '\x01';

/**
 * Types lines into a shell on a terminal, lets it put in everything that each could go on to, and has it print the words
 * of the line that came out.
 */
function typed(command: string, setup: readonly string[], insertAll: string): readonly (readonly string[])[] {
  const lines = ROWS.map(([line]) => `${line}${insertAll}${START_OF_LINE}printf '<%s>\\n' :::`);
  const input = [
    'stty cols 30000',
    `cd '${world.directory}'`,
    ...setup,
    ...lines.map((line) => `${line} `),
    'exit',
    '',
  ].join('\n');
  const found: string[][] = [];
  for (const line of shell('script', ['-qec', command, '/dev/null'], input)) {
    const word = /^(?:.*\r)?<(.*)>\r?$/.exec(line)?.[1];
    if (word === ':::') found.push([]);
    else if (word !== undefined) found.at(-1)?.push(word);
  }
  return found;
}

describeWithOracle(hasCommand('bash') && hasCommand('script') ? undefined : 'bash, script', 'in bash', () => {
  let found: readonly (readonly string[])[];
  beforeAll(() => {
    const quiet = ['bell-style none', 'enable-bracketed-paste off', 'horizontal-scroll-mode off'];
    found = typed(
      'bash --norc --noprofile -i',
      [
        'set -o emacs',
        ...quiet.map((setting) => `bind 'set ${setting}'`),
        'source <(callgate completion bash)',
      ],
      '\x1b*',
    );
  });

  test.each(ROWS.map((row, index) => [row[0], row, index] as const))('%s', (line, [, some, none], index) => {
    // readline replaces what stands behind the last of its breaks, an @ included.
    const cut = /^.*[@:=]/.exec(line.split(' ').at(-1) ?? '')?.[0].replace(/@$/, '') ?? '';
    const [first, ...others] = (found[index] ?? []).slice(line.split(' ').length - 1);
    const words = [...(first === undefined ? [] : [first]), ...others.map((word) => cut + word)];
    expectRow(words, [line, some, none]);
  });
});

describeWithOracle(hasCommand('zsh') && hasCommand('script') ? undefined : 'zsh, script', 'in zsh', () => {
  let found: readonly (readonly string[])[];
  beforeAll(() => {
    const setup = [
      'autoload -Uz compinit && compinit -D',
      'source <(callgate completion zsh)',
      'zle -C all-matches complete-word _generic',
      "bindkey -e && bindkey '^T' all-matches",
      "zstyle ':completion:all-matches:*' completer _all_matches _complete",
      "zstyle ':completion:all-matches:*' insert yes",
    ];
    found = typed('zsh -f -i', setup, '\x14');
  });

  test.each(ROWS.map((row, index) => [row[0], row, index] as const))('%s', (line, [, some, none], index) => {
    expectRow((found[index] ?? []).slice(line.split(' ').length - 1), [line, some, none]);
  });
});

describeWithOracle(hasCommand('fish') ? undefined : 'fish', 'in fish', () => {
  let found: readonly (readonly string[])[];
  beforeAll(() => {
    const script = ROWS.map(([line]) => `echo '<==>'; complete -C "${line}"`);
    const lines = shell('fish', [
      '--no-config',
      '-c',
      ['callgate completion fish | source', ...script].join('\n'),
    ]);
    const sections: string[][] = [];
    for (const line of lines) {
      if (line === '<==>') sections.push([]);
      else sections.at(-1)?.push(line.split('\t')[0] ?? '');
    }
    found = sections;
  });

  test.each(ROWS.map((row, index) => [row[0], row, index] as const))('%s', (_, row, index) => {
    expectRow(found[index] ?? [], row);
  });
});

describe('the definitions', () => {
  test('every flag and argument of --help is known to completion, one way or the other', async () => {
    const program = await createProgram(verbs, processIo(), () => undefined);
    const unknown: string[] = [];
    for (const verb of program.commands) {
      for (const command of [verb, ...verb.commands]) {
        for (const option of command.options) {
          if (!option.required && !option.optional) continue;
          if (option.argChoices === undefined && kindOfOption(option) === undefined)
            unknown.push(`${command.name()} ${option.flags}`);
        }
        for (const argument of command.registeredArguments) {
          const known = argument.name() === 'command' || kindOfArgument(argument) !== undefined;
          if (argument.argChoices === undefined && !known)
            unknown.push(`${command.name()} <${argument.name()}>`);
        }
      }
    }
    expect(unknown).toEqual([]);
  });
});
