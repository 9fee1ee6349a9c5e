import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProfile } from '../../src/profile/read.js';
import { inProcess } from './inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-record-'));
  writeFileSync(join(directory, 'trace'), TRACE);
});
afterAll(() => rmSync(directory, { recursive: true }));

const TRACE = [
  'execve("/bin/x", ["x"], 0x7ffe /* 20 vars */) = 0',
  'openat(AT_FDCWD, "/etc/x", O_RDONLY|O_CLOEXEC) = 3',
  'socket(AF_UNIX, SOCK_STREAM, 0) = 4',
  'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 9',
  'exit_group(0) = ?',
].join('\n');

/** The command; `@name` is a file of the directory. */
const callgate = (...words: readonly string[]) =>
  inProcess(
    words.map((word) => word.replace(/^@/, `${directory}/`)),
    { columns: 200 },
  );

const content = (name: string): string => readFileSync(join(directory, name), 'utf8');
const x86 = ['--arch', 'amd64', '--engine', 'docker@28.5.2'];

describe('record --from', () => {
  it('writes the profile, and tells what is in it, what not, and what is beyond the default', async () => {
    const { status, err, out } = await callgate('record', '-o', '@p.json', '--from', '@trace', ...x86);
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err).toMatch(
      /recorded 5 kinds of call, 5 in all, in 1 run \(strace log\); none is known to be missing/,
    );
    expect(err).toMatch(
      /allows +\d+ calls of \d+ that docker 28\.5\.2 allows by default, [78]\d(\.\d)? % fewer; ✓ nothing beyond it \(proved\)/,
    );
    expect(err).toMatch(/^ {2}unknown +what the program does otherwise/m);
    const { rules, defaultAction } = readProfile(content('p.json'), 'p.json');
    expect(defaultAction).toBe('SCMP_ACT_ERRNO');
    expect(rules.flatMap(({ names }) => names)).toEqual(expect.arrayContaining(['openat', 'rt_sigreturn']));
  });

  it('proves for others what it says itself', async () => {
    await callgate('record', '-o', '@p.json', '--from', '@trace', ...x86);
    const context = ['--profile', '@p.json', ...x86];
    expect((await callgate('prove', '@p.json', '--within', 'docker@28.5.2', ...x86)).status).toBe(0);
    expect((await callgate('why', 'openat', ...context)).status).toBe(0);
    expect((await callgate('why', 'mkdir', ...context)).status).toBe(1);
    expect((await callgate('why', 'clone(CLONE_NEWUSER)', ...context)).status).toBe(1);
    expect((await callgate('preflight', '@p.json', '--program', 'glibc-static', ...x86)).out).toMatch(
      /is allowed what it needs/,
    );
  });

  it('keeps to recorded values with --args', async () => {
    await callgate(
      'record',
      '-o',
      '@p.json',
      '--from',
      '@trace',
      '--args',
      'socket:0,socket:1,clone:0',
      ...x86,
    );
    const ask = async (call: string): Promise<number> =>
      (await callgate('why', call, '--profile', '@p.json', ...x86)).status;
    expect(await ask('socket(AF_UNIX, SOCK_STREAM, 0)')).toBe(0);
    expect(await ask('socket(AF_UNIX, SOCK_DGRAM, 0)')).toBe(1);
    expect(await ask('socket(AF_INET, SOCK_STREAM, 0)')).toBe(1);
    expect(await ask('clone(SIGCHLD)')).toBe(0);
    expect(await ask('clone(CLONE_VM|SIGCHLD)')).toBe(1);
  });

  it('keeps a recording that can be added to', async () => {
    writeFileSync(join(directory, 'more'), 'mkdir("/x", 0777) = 0');
    await callgate('record', '--recording', '@one.rec', '--from', '@trace', ...x86);
    const { status, err } = await callgate(
      ...[
        'record',
        '-o',
        '@p.json',
        '--recording',
        '@both.rec',
        '--from',
        '@more',
        '--merge',
        '@one.rec',
        ...x86,
      ],
    );
    expect(status).toBe(0);
    expect(err).toMatch(/6 kinds of call, 6 in all, in 2 runs/);
    const { runs } = JSON.parse(content('both.rec')) as { runs: readonly object[] };
    expect(runs).toMatchObject([{ source: join(directory, 'more') }, { source: join(directory, 'trace') }]);
  });

  it('writes all that it tells as JSON', async () => {
    await callgate('record', '--report', '@r.json', '-o', '@p.json', '--from', '@trace', ...x86);
    expect(JSON.parse(content('r.json'))).toMatchObject({
      schemaVersion: 1,
      command: null,
      context: { engine: { name: 'docker', version: '28.5.2' } },
      runs: [{ recorder: 'strace', calls: 5, lost: 0 }],
      coverage: { kinds: 5, lost: 0 },
      profile: { recorded: ['clone', 'execve', 'exit_group', 'openat', 'socket'] },
      comparison: { within: true, proved: true, beyond: [] },
      replays: [],
    });
  });

  for (const [format, pattern] of [
    ['docker', /"archMap"/],
    ['oci', /"architectures": \["SCMP_ARCH_X86_64"\]/],
    ['spo', /^apiVersion: security-profiles-operator/],
  ] as const)
    it(`writes the format ${format}, which callgate reads`, async () => {
      const file = format === 'spo' ? '@p.yaml' : '@p2.json';
      await callgate('record', '-o', file, '--format', format, '--from', '@trace', ...x86);
      expect(content(file.slice(1))).toMatch(pattern);
      expect((await callgate('prove', file, '--equals', '@p.json', ...x86)).status).toBe(0);
    });
});

describe('record refuses', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['nothing to record', ['-o', '@p.json'], /which command/],
    ['nowhere to write', ['--', 'true'], /where does the profile go/],
    ['a file and a command', ['-o', '@p.json', '--from', '@trace', '--', 'true'], /--from and a command/],
    ['a profile', ['-o', '@p.json', '--profile', '@p.json', '--', 'true'], /record writes the profile/],
    ['replays of nothing', ['-o', '@p.json', '--from', '@trace', '--verify'], /which command/],
    ['replays without a number', ['-o', '@p.json', '--verify', 'often', '--', 'true'], /how often/],
    ['the command’s output', ['-o', '-', '--', 'true'], /standard output is the command’s/],
    [
      'an unknown call',
      ['-o', '@p.json', '--args', 'sokcet:0', '--', 'true'],
      /no system call is called sokcet/,
    ],
    ['an address', ['-o', '@p.json', '--args', 'openat:1', '--', 'true'], /filename is an address/],
    ['a missing file', ['-o', '@p.json', '--from', '@nothing'], /cannot read .*nothing: no such file/],
    ['a file without calls', ['-o', '@p.json', '--from', import.meta.filename], /no call is recorded in it/],
    ['a broken recording', ['-o', '@p.json', '--from', '@broken.rec'], /this is no JSON/],
  ];
  for (const [title, words, message] of cases)
    it(title, async () => {
      writeFileSync(join(directory, 'broken.rec'), '{ "callgateRecording": 1,');
      const { status, err } = await callgate('record', ...words);
      expect(err).toMatch(message);
      expect(status).toBe(2);
    });

  it('a directory that is not there, before the command has run', async () => {
    const made = join(directory, 'made');
    const { status, err } = await callgate('record', '-o', '@nowhere/p.json', '--', 'touch', made);
    expect({ status, made: existsSync(made) }).toEqual({ status: 125, made: false });
    expect(err).toMatch(/cannot write .*: no such file or directory/);
  });
});

it('record reads a large log in pieces', async () => {
  const lines = `${'4242  close(3) = 0\n'.repeat(10_000)}`;
  writeFileSync(join(directory, 'large'), lines.repeat(20));
  expect(statSync(join(directory, 'large')).size).toBeGreaterThan(3_000_000);
  const { err } = await callgate('record', '-o', '@p.json', '--from', '@large', ...x86);
  expect(err).toMatch(/200,000 in all/);
});
