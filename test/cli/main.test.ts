import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processIo } from '../../src/cli/io/io.js';
import { inProcess } from './inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The command with its output kept; files are real. */
async function run(words: string, files: Readonly<Record<string, string>> = {}) {
  const read = (path: string): Uint8Array =>
    files[path] === undefined ? processIo().read(path) : Buffer.from(files[path]);
  const argv = [...words.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  return inProcess(argv, { read });
}

const PROFILE =
  '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "chmod", "action": "SCMP_ACT_ERRNO"}]}';

describe('usage', () => {
  test.each([
    ['', 2, /Usage: callgate/],
    ['shwo docker', 2, /unknown command 'shwo'[\s\S]*Did you mean show/],
    ['why', 2, /missing required argument/],
    ['why clone3 --engin docker', 2, /Did you mean --engine/],
    ['why clnoe3', 2, /call:1:1: no system call is called clnoe3\n {2}hint: did you mean clone3/],
    ['why clone3 --engine docker@99.1.0', 2, /docker 99\.1\.0/],
    ['why clone3 --engine dokcer', 2, /did you mean docker/],
    ['why clone3 --arch amd46', 2, /amd46/],
    ['why clone3 --cap-add SYS_ADMN', 2, /CAP_SYS_ADMN/],
    ['show p.json --format xml', 2, /Allowed choices are/],
    ['show does-not-exist.json', 2, /cannot read does-not-exist\.json: no such file/],
    ['simulate docker', 2, /--calls/],
    ['compile docker', 2, /--output/],
    ['run', 2, /missing required argument/],
    ['run --no-such-flag -- true', 2, /unknown option/],
    ['run --like docker@99.1.0 -- true', 2, /docker 99\.1\.0/],
    ['run --profile does-not-exist.json -- true', 2, /cannot read does-not-exist\.json/],
    ['record -- true', 2, /where does the profile go/],
    ['record -o p.json --from does-not-exist.log', 2, /cannot read does-not-exist\.log/],
  ])('callgate %s → %i', async (words, status, text) => {
    const result = await run(words);
    expect(result.status).toBe(status);
    expect(result.err).toMatch(text);
    expect(result.err).not.toMatch(/\n\s+at /);
    expect(result.out).toBe('');
  });

  test.each([
    '--help',
    'why --help',
    'show --help',
    'run --help',
    'simulate --help',
    'compile --help',
    'disasm --help',
  ])('callgate %s shows examples', async (words) => {
    const { status, out } = await run(words);
    expect(status).toBe(0);
    expect(out).toMatch(/Examples:\n {2}(echo|callgate) /);
  });
});

describe('JSON of the contract', () => {
  test('why', async () => {
    const { status, out } = await run(
      "why 'socket(AF_VSOCK, SOCK_STREAM, 0)' --engine docker@28.5.2 --arch amd64 --format json",
    );
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      call: { syscall: 'socket', number: 41, abi: 'x86_64', args: ['0x28', '0x1', '0x0', null, null, null] },
      context: {
        engine: { name: 'docker', version: '28.5.2' },
        runtime: { name: 'runc', version: '1.3.3' },
        arch: 'x86_64',
        seccomp: 'default',
      },
      verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM', errnoNumber: 1 },
      effect: { result: 'EPERM', by: 'seccomp' },
      reasons: expect.arrayContaining([expect.objectContaining({ stage: 'kernel' })]),
      remedies: expect.arrayContaining([expect.objectContaining({ kind: 'unconfined' })]),
    });
  });

  test('why, by arguments', async () => {
    const { status, out } = await run('why socket --engine docker@28.5.2 --arch amd64 --format json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      verdict: { action: 'BY_ARGUMENTS' },
      cases: [
        { when: 'family == AF_VSOCK', verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' } },
        { when: 'otherwise', verdict: { action: 'SCMP_ACT_ALLOW' } },
      ],
    });
  });

  test('show', async () => {
    const { out } = await run('show p.json --arch amd64 --format json', { 'p.json': PROFILE });
    const shown = JSON.parse(out) as {
      counts: { denied: number };
      syscalls: { syscall: string; number: number }[];
    };
    expect(shown).toMatchObject({ defaultAction: 'SCMP_ACT_ALLOW', counts: { denied: 1, conditional: 0 } });
    expect(shown.syscalls.find(({ syscall }) => syscall === 'chmod')).toMatchObject({
      number: 90,
      abi: 'x86_64',
      verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
    });
  });

  test('simulate runs the program', async () => {
    const calls = 'x86_64 chmod\nx86_64 0 # read\nx86 15\nx32 chmod\n';
    const { status, out } = await run('simulate p.json --arch amd64 --calls calls', {
      'p.json': PROFILE,
      calls,
    });
    expect(status).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { instructions: number });
    expect(lines).toMatchObject([
      { abi: 'x86_64', number: 90, action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
      { abi: 'x86_64', number: 0, action: 'SCMP_ACT_ALLOW' },
      { abi: 'x86', number: 15, action: 'SCMP_ACT_KILL_THREAD' },
      { abi: 'x32', action: 'SCMP_ACT_KILL_THREAD' },
    ]);
    for (const { instructions } of lines) expect(instructions).toBeGreaterThan(1);
  });

  test('a bad line of calls has its place', async () => {
    const { status, err } = await run('simulate p.json --calls calls', {
      'p.json': PROFILE,
      calls: 'x86_64 read\nx86_64 raed\n',
    });
    expect(status).toBe(2);
    expect(err).toMatch(/^callgate: calls:2:8: x86_64 has no syscall raed\n {2}hint: did you mean read/);
  });
});

describe('formats', () => {
  test('compile writes whole files that read back as the same policy', async () => {
    const path = join(directory, 'filter.bpf');
    const { status, err } = await run(`compile p.json --arch amd64 -o ${path}`, { 'p.json': PROFILE });
    expect([status, err]).toEqual([0, expect.stringMatching(/filter\.bpf: \d+ instructions/)]);
    expect(readFileSync(path).length % 8).toBe(0);
    const shown = await run(`show bpf:${path} --arch amd64 --format json`);
    const { syscalls } = JSON.parse(shown.out) as {
      syscalls: { syscall: string; verdict: { action: string } }[];
    };
    expect(
      syscalls.filter(({ verdict }) => verdict.action !== 'SCMP_ACT_ALLOW').map(({ syscall }) => syscall),
    ).toEqual(['chmod']);
    const listing = await run(`disasm bpf:${path}`);
    expect(listing.out).toContain('SCMP_ACT_ALLOW');
    expect(readdirSync(directory)).toEqual(['filter.bpf']);
  });

  test('a directory that does not take the file leaves nothing behind', async () => {
    const { status, err } = await run(`compile p.json -o ${join(directory, 'none', 'filter.bpf')}`, {
      'p.json': PROFILE,
    });
    expect([status, err]).toEqual([2, expect.stringMatching(/cannot write .*no such file or directory/)]);
    expect(existsSync(join(directory, 'none'))).toBe(false);
  });

  test('a filter that the kernel would refuse is refused', async () => {
    const path = join(directory, 'bad.bpf');
    writeFileSync(path, Buffer.from([0x20, 0, 0, 0, 0x40, 0, 0, 0]));
    const { status, err } = await run(`show bpf:${path}`);
    rmSync(path);
    expect([status, err]).toEqual([2, expect.stringMatching(/the kernel would refuse this filter/)]);
  });

  test.each([
    [
      'oci',
      (text: string) =>
        expect(JSON.parse(text)).toMatchObject({
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['chmod'] }],
        }),
    ],
    ['docker', (text: string) => expect(JSON.parse(text)).toMatchObject({ syscalls: [{ name: 'chmod' }] })],
    ['table', (text: string) => expect(text).toMatch(/│ chmod\s+│ 90\s+│ x86_64 │ ✗ EPERM/)],
    ['human', (text: string) => expect(text).toMatch(/✗ EPERM \(1\)\n {2}chmod\n/)],
  ])('show --format %s', async (format, check) => {
    const { status, out } = await run(`show p.json --arch amd64 --format ${format}`, { 'p.json': PROFILE });
    expect(status).toBe(0);
    check(out);
  });

  test('why for a person: verdict, reasons, remedies', async () => {
    const { out } = await run(
      'why clone3 --engine docker@20.10.9 --runtime runc@1.0.2 --libseccomp 2.5.1 --arch amd64',
    );
    expect(out).toMatch(/^clone3 {2}x86_64 435\n/);
    for (const word of ['✗ EPERM', 'Why', 'glibc', 'Remedies', 'seccomp=unconfined'])
      expect(out).toContain(word);
  });

  test('a rule is offered only where that release reads it: errnoRet since Docker 20.10.10', async () => {
    const old = await run(
      'why clone3 --engine docker@20.10.9 --runtime crun@1.8.1 --libseccomp 2.5.4 --arch amd64',
    );
    const young = await run(
      'why fchmodat2 --engine docker@24.0.9 --runtime crun@1.8.1 --libseccomp 2.5.5 --arch amd64',
    );
    expect(old.out).not.toContain('errnoRet');
    expect(young.out).toContain('"errnoRet": 38');
  });

  test('comments in a profile are accepted with a note', async () => {
    const { status, out } = await run('show p.json --arch amd64', { 'p.json': `// mine\n${PROFILE}` });
    expect([status, out]).toEqual([0, expect.stringContaining('refuse')]);
  });
});

const RED = '\u001b[31mred\u0007';

test.each([
  [`why clone3 --kernel ${RED}`],
  [`why clone3 --engine docker@${RED}`],
  [`why clone3 --no-${RED}`],
  [RED],
  [`show ${RED}.json`],
  [`show p${RED}.json`],
  [`why chmod --profile p${RED}.json`],
  [`lint p${RED}.json`],
  [`diff p${RED}.json docker@28.5.2`],
  [`prove p${RED}.json --never mount`],
  ['why chmod --profile flag.json'],
  ['lint flag.json --format github'],
])('no control character of a name or a file reaches the terminal: %j', async (words) => {
  const flag = '{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["\\u001b[31m"]}';
  const { out, err } = await run(words, { [`p${RED}.json`]: PROFILE, 'flag.json': flag });
  expect(out + err).toMatch(/\ufffd|\\u001b/);
  expect(out + err).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});

test('a working directory that is gone is said', async () => {
  const home = process.cwd();
  const gone = mkdtempSync(join(tmpdir(), 'callgate-gone-'));
  process.chdir(gone);
  rmSync(gone, { recursive: true });
  try {
    expect(await run('why clone3')).toMatchObject({
      status: 2,
      err: 'callgate: the working directory is not there any more\n',
    });
    expect((await run('run --like docker@28.5.2 -- true')).status).toBe(125);
  } finally {
    process.chdir(home);
  }
});
