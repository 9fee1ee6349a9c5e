import { execFile, execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentPath } from '../../../src/linux/watch/agentPath.js';
import { containerWord } from '../../../src/linux/watch/containerWord.js';
import { readProcessState } from '../../../src/linux/watch/processState.js';
import { type Watch, type WatchedDenial, type WatchOptions, watch } from '../../../src/linux/watch/watch.js';
import { describeWithOracle, hasCommand, isRoot } from '../../oracle.js';

const run = promisify(execFile);

function lacks(): string | undefined {
  if (process.platform !== 'linux' || !isRoot) return 'root on Linux';
  return hasCommand('gcc') ? undefined : 'gcc';
}

describeWithOracle(lacks(), 'the agent', () => {
  let program: string;
  let built: string;
  beforeAll(() => {
    built = mkdtempSync(join(tmpdir(), 'callgate-notifier-'));
    program = join(built, 'notifier');
    const source = fileURLToPath(new URL('./notifier.c', import.meta.url));
    execFileSync('gcc', ['-O1', '-Wall', '-Wextra', '-Werror', '-o', program, source]);
  });
  afterAll(() => rmSync(built, { recursive: true, force: true }));

  let directory: string;
  let socketPath: string;
  const agents: Watch[] = [];
  const denials = new Map<string, WatchedDenial>();
  const problems: string[] = [];
  const listen = async (more: WatchOptions = {}): Promise<Watch> => {
    const agent = await watch({
      socketPath,
      onDenial: (denial) => void denials.set(denial.key, denial),
      onProblem: (text) => void problems.push(text),
      ...more,
    });
    agents.push(agent);
    return agent;
  };
  /** The errnos that a notifier prints. */
  const notify = async (mode: string): Promise<string> =>
    (await run(program, [socketPath, mode])).stdout.trim();

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-agent-'));
    socketPath = join(directory, 'own', 'watch.sock');
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
    denials.clear();
    problems.length = 0;
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives calls of a profile that is none of ours the default errno, and reads their strings', async () => {
    const agent = await listen({ defaultErrno: 13 });
    expect(await notify('state')).toBe('13 13 13');
    await agent.flush();
    expect([...denials.values()]).toMatchObject([
      {
        text: 'mount("source", "/target", "tmpfs", 0, NULL) → EACCES',
        count: 3,
        assumed: true,
        container: { id: 'state', bundle: '/' },
        exe: program,
      },
    ]);
  });

  it('answers one container while the memory of another holds its reader up', async () => {
    const agent = await listen();
    const hanging = notify('hang');
    const others = await Promise.all([notify('state'), notify('state'), notify('state')]);
    expect(others).toEqual(['1 1 1', '1 1 1', '1 1 1']);
    expect(await hanging).toBe('1 1 1');
    await agent.flush();
    const texts = [...denials.values()].map(({ container, text }) => `${container.id} ${text}`);
    expect(texts.filter((text) => /^hang mount\(0x[0-9a-f]+, /.test(text))).toHaveLength(1);
    expect(texts).toContain('state mount("source", "/target", "tmpfs", 0, NULL) → EPERM');
  });

  it.each([
    ['garbage', /the connection ended before the container’s state was complete/],
    ['pipe', /it sent no seccomp listener/],
  ])('refuses a connection with %s, and goes on', async (mode, problem) => {
    const agent = await listen();
    expect(await notify(mode)).toBe('');
    await agent.flush();
    expect(problems.join()).toMatch(problem);
    expect(await notify('state')).toBe('1 1 1');
    expect(agent.counts().listeners).toBeLessThanOrEqual(1);
  });

  it('ends while a connection is silent', async () => {
    const agent = await listen();
    const silent = notify('nothing');
    // The agent's end of the connection has the name as well that its socket was bound by.
    const ends = (): number => readFileSync('/proc/net/unix', 'utf8').split(directory).length - 1;
    await expect.poll(ends, { timeout: 30_000 }).toBeGreaterThan(1);
    await agent.flush();
    await agent.close();
    expect(await silent).toBe('');
    expect(existsSync(socketPath)).toBe(false);
  });

  it('stops although a flush is asked for after that', async () => {
    const agent = await listen();
    const closed = agent.close();
    await agent.flush();
    await closed;
    expect(existsSync(socketPath)).toBe(false);
  });

  it('keeps its socket to itself, and takes the place of a dead one', async () => {
    const agent = await listen();
    expect(lstatSync(socketPath).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(directory, 'own')).mode & 0o777).toBe(0o700);
    await expect(listen()).rejects.toThrow(/another agent listens on/);
    expect(await notify('state')).toBe('1 1 1');
    await agent.close();

    // A killed agent leaves its socket.
    const script = `const server = require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await expect(run(process.execPath, ['-e', script])).rejects.toThrow();
    expect(existsSync(socketPath)).toBe(true);
    await listen();
    expect(await notify('state')).toBe('1 1 1');
  });

  it.each<[string, () => void, RegExp]>([
    ['a directory that others can write to', () => chmodSync(directory, 0o777), /is not safe/],
    ['a file in its place', () => writeFileSync(join(directory, 'watch.sock'), ''), /is no agent's socket/],
    [
      'a link in its place',
      () => symlinkSync('/nowhere', join(directory, 'watch.sock')),
      /is no agent's socket/,
    ],
  ])('refuses %s', async (_, prepare, message) => {
    prepare();
    await expect(listen({ socketPath: join(directory, 'watch.sock') })).rejects.toThrow(message);
  });

  it('refuses a directory behind a link', async () => {
    mkdirSync(join(directory, 'real'));
    symlinkSync(join(directory, 'real'), join(directory, 'link'));
    await expect(listen({ socketPath: join(directory, 'link', 'watch.sock') })).rejects.toThrow(
      /is not safe/,
    );
  });

  it.each([
    [{ socketPath: 'watch.sock' }, /must be absolute/],
    [{ socketPath: `/tmp/${'x'.repeat(120)}` }, /too long for a socket/],
    [{ defaultErrno: 0 }, /0 is no errno/],
    [{ defaultErrno: 5000 }, /5000 is no errno/],
  ])('refuses %j', async (options, message) => {
    await expect(listen(options)).rejects.toThrow(message);
  });

  it('does not take a live socket that is no agent of ours', async () => {
    mkdirSync(join(directory, 'own'), { mode: 0o700 });
    const server = createServer().listen(socketPath);
    try {
      await expect(listen()).rejects.toThrow(/another agent listens on/);
    } finally {
      server.close();
    }
  });
});

describe('the state that a runtime sends', () => {
  const state = {
    ociVersion: '1.0.2',
    id: 'web',
    status: 'creating',
    pid: 7,
    bundle: '/b',
    annotations: { a: 'b', c: 1 },
  };
  const whole = { ociVersion: '1.0.2', fds: ['seccompFd'], pid: 8, metadata: 'm', state };

  it('is read', () => {
    expect(readProcessState(JSON.stringify(whole))).toEqual({
      container: { id: 'web', pid: 8, bundle: '/b', annotations: { a: 'b' } },
      metadata: 'm',
      listenerIndex: 0,
    });
    const other = { ...whole, fds: ['other', 'seccompFd'], pid: undefined, metadata: 5 };
    expect(readProcessState(JSON.stringify(other))).toMatchObject({
      container: { pid: 7 },
      listenerIndex: 1,
    });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"fds":["seccompFd"]}',
    '{"fds":[],"state":{"id":"x"}}',
    '{"fds":["seccompFd"],"state":{"id":""}}',
  ])('is not read from %j', (text) => {
    expect(readProcessState(text)).toBeUndefined();
  });
});

describe('names', () => {
  it.each([
    [{}, 'web', 'web'],
    [{}, 'ab'.repeat(32), 'abababababab'],
    [
      {
        'io.kubernetes.cri.container-name': 'app',
        'io.kubernetes.cri.sandbox-name': 'web-0',
        'io.kubernetes.cri.sandbox-namespace': 'shop',
      },
      'ab'.repeat(32),
      'shop/web-0/app',
    ],
    [{ 'io.kubernetes.container.name': 'app' }, 'web', 'web'],
  ])('%j of %s: %s', (annotations, id, word) => {
    expect(
      containerWord({ id, pid: 1, bundle: undefined, annotations: annotations as Record<string, string> }),
    ).toBe(word);
  });

  it.each([
    [{}, 0, '/run/callgate/watch.sock'],
    [{ XDG_RUNTIME_DIR: '/run/user/1000' }, 0, '/run/callgate/watch.sock'],
    [{ XDG_RUNTIME_DIR: '/run/user/7' }, 1000, '/run/user/7/callgate/watch.sock'],
    [{}, 1000, '/run/user/1000/callgate/watch.sock'],
  ])('where it listens with %j as user %d: %s', (env, uid, path) => {
    expect(agentPath(env, uid)).toBe(path);
  });
});
