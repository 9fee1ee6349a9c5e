import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { type Io, processIo } from '../../src/cli/io/io.js';
import { main } from '../../src/cli/main.js';
import { type WatchOutput, watchAsJson, watchAsText } from '../../src/cli/verbs/watch/output.js';
import type { WatchedDenial } from '../../src/linux/watch/watch.js';
import { readProfile } from '../../src/profile/read.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-watch-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A command's world with its output kept. */
function world() {
  const text = { out: '', err: '' };
  const io: Io = {
    ...processIo(),
    out: (more) => {
      text.out += more;
    },
    err: (more) => {
      text.err += more;
    },
    colour: false,
    columns: 100,
  };
  return { io, text };
}

async function run(...argv: readonly string[]) {
  const { io, text } = world();
  return { status: await main(argv, io), ...text };
}

describe('extend --watch', () => {
  it('writes the profile and says what the agent hears of', async () => {
    const file = join(directory, 'watch.json');
    const socket = join(directory, 'agent.sock');
    const args = ['--watch', '--listener-path', socket, '-o', file];
    const { status, out, err } = await run('extend', 'docker@28.5.2', '--arch', 'amd64', ...args);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/calls go to the agent when they are denied/);
    expect(out).toMatch(/denied as before, unseen \(naming it would move runc’s ENOSYS answers\):\n.*listns/);
    expect(out).toMatch(/callgate watch --listener-path/);
    expect(readProfile(readFileSync(file), file).listenerPath).toBe(socket);
    const preflight = await run('preflight', file, '--engine', 'docker@28.5.2', '--arch', 'amd64');
    expect(preflight.status).toBe(0);
    const lint = await run('lint', file, '--engine', 'docker@28.5.2', '--arch', 'amd64', '--format', 'json');
    expect(
      (JSON.parse(lint.out) as { findings: { level: string }[] }).findings.filter(
        ({ level }) => level === 'error',
      ),
    ).toEqual([]);
  });

  it('as JSON', async () => {
    const { out } = await run('extend', 'docker@28.5.2', '--arch', 'amd64', '--watch', '--format', 'json');
    const json = JSON.parse(out) as { watched: string[]; silent: object[]; equal: boolean; layout: string };
    expect(json.watched).toEqual(expect.arrayContaining(['mount', 'clone', 'clone3', 'unshare']));
    expect(json).toMatchObject({ equal: true, proved: true, layout: 'docker' });
    expect(json.silent).toContainEqual({ syscall: 'listns', why: 'number' });
  });

  test.each([
    [['extend', 'docker@28.5.2', '--watch', '--allow', 'mount'], /--watch changes no answer/],
    [['extend', 'docker@20.10.24', '--watch'], /does not hand listenerPath on/],
    [['extend', 'docker@28.5.2', '--watch', '--listener-path', 'here.sock'], /must be absolute/],
    [['watch', '--default-errno', 'EPREM'], /no such errno/],
    [['watch', '--listener-path', 'here.sock'], /must be absolute/],
  ])('%j is refused', async (argv, message) => {
    const { status, err } = await run(...argv);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});

const container = { id: 'ab'.repeat(32), pid: 7, bundle: '/b', annotations: {} };
const denial = (count: number, key = '1.0'): WatchedDenial => ({
  container,
  key,
  time: 0,
  lastTime: 1000,
  firstPlace: 0,
  lastPlace: 0,
  pid: 9,
  exe: '/bin/sh',
  auditArch: 0xc000003e,
  number: 272,
  args: [0x10000000n],
  strings: [],
  errno: 1,
  count,
  call: {
    abi: 'x86_64',
    name: 'unshare',
    args: [{ name: 'unshare_flags', value: 0x10000000n, text: 'CLONE_NEWUSER' }],
    text: 'unshare(CLONE_NEWUSER)',
    verdict: { action: 'SCMP_ACT_ERRNO', errno: 'EPERM' },
  },
  text: 'unshare(CLONE_NEWUSER) → EPERM',
  assumed: false,
});

function play(output: WatchOutput): void {
  const event = { container, metadata: undefined, profile: 'docker@28.5.2', unlisted: 0 };
  output.listening('/run/x.sock');
  output.container({ ...event, kind: 'started' });
  output.denial(denial(1));
  output.denial(denial(5));
  output.denial(denial(2, '1.1'));
  output.container({ ...event, kind: 'ended', unlisted: 3 });
  output.summary({ answered: 10n, vanished: 0n, listeners: 0 });
}

describe('the output of watch', () => {
  it('has a line for each kind, and counts at the end', () => {
    const { io, text } = world();
    play(watchAsText(io));
    expect(text.out).toBe(
      'abababababab unshare(CLONE_NEWUSER) → EPERM  sh[9]\n'.repeat(2) +
        '7  unshare → EPERM  in 1 container\n3 more, of other kinds\n',
    );
    expect(text.err).toBe(
      'callgate: listening on /run/x.sock; Ctrl-C ends it\ncallgate: 10 denied calls of 1 container\n',
    );
  });

  it('is an object a line', () => {
    const { io, text } = world();
    play(watchAsJson(io));
    const events = text.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event }) => event)).toEqual([
      'listening',
      'started',
      'denial',
      'denial',
      'denial',
      'ended',
      'summary',
    ]);
    expect(events[3]).toMatchObject({
      schemaVersion: 1,
      container: { id: container.id, name: 'abababababab', pid: 7 },
      syscall: 'unshare',
      args: [{ name: 'unshare_flags', value: '0x10000000', text: 'CLONE_NEWUSER' }],
      verdict: { errno: 'EPERM' },
      count: 5,
      pid: 9,
    });
    expect(events[6]).toMatchObject({
      answered: 10,
      containers: 1,
      kinds: [{ syscall: 'unshare', verdict: 'EPERM', count: 7, containers: 1 }],
      unlisted: 3,
    });
  });

  it('lets no container’s name act on a terminal', () => {
    const { io, text } = world();
    const output = watchAsText(io);
    output.denial({ ...denial(1), container: { ...container, id: 'x\u001b[2J' } });
    expect(text.out).toMatch(/^"x\\u001b\[2J" unshare/);
  });
});
