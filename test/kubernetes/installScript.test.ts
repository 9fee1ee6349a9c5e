import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installScript } from '../../src/kubernetes/distribute/installScript.js';
import { describeWithOracle, hasCommand, isRoot } from '../oracle.js';

let root: string;
let source: string;
let target: string;
let script: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callgate-install-'));
  source = join(root, 'source');
  target = join(root, 'kubelet', 'seccomp');
  script = join(root, 'install.sh');
  mkdirSync(target, { recursive: true });
  writeFileSync(script, installScript);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function provide(files: Files): void {
  rmSync(source, { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), text);
  }
}

/** Everything below the kubelet's directory. */
function installed(): Files {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(target.length + 1)] = readFileSync(path, 'utf8');
  }
  return found;
}

const profilesOf = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name !== '.test.list'));

const environment = (words: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  SOURCE: source,
  TARGET: target,
  STATE: join(root, 'state'),
  NAME: 'test',
  MODE: 'once',
  ...words,
});

function run(
  shell: readonly string[],
  words: Readonly<Record<string, string>> = {},
): { status: number | null; output: string } {
  const [command = 'sh', ...args] = shell;
  const { status, stdout, stderr } = spawnSync(command, [...args, script], {
    env: environment(words),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, output: stdout + stderr };
}

const A = '{"defaultAction": "SCMP_ACT_ALLOW"}\n';
const B = '{"defaultAction": "SCMP_ACT_ERRNO"}\n';

for (const shell of [['sh'], ['busybox', 'sh']]) {
  const [command = ''] = shell;
  describeWithOracle(hasCommand(command) ? undefined : command, `the script under ${shell.join(' ')}`, () => {
    it('installs, changes and takes away, and lists what is its own', () => {
      provide({ 'profiles/web.json': A, 'profiles/team/db.json': A });
      expect(run(shell).status).toBe(0);
      expect(installed()).toEqual({
        '.test.list': 'profiles/team/db.json\nprofiles/web.json\n',
        'profiles/web.json': A,
        'profiles/team/db.json': A,
      });
      provide({ 'profiles/web.json': B });
      expect(run(shell).status).toBe(0);
      expect(installed()).toEqual({ '.test.list': 'profiles/web.json\n', 'profiles/web.json': B });
    });

    it('writes nothing where nothing changes', () => {
      provide({ 'a.json': A });
      run(shell);
      expect(run(shell).output).toBe('');
    });

    it('mends what somebody changed', () => {
      provide({ 'a.json': A });
      run(shell);
      writeFileSync(join(target, 'a.json'), 'broken');
      expect(run(shell).status).toBe(0);
      expect(installed()['a.json']).toBe(A);
    });

    it('leaves a file of somebody else, takes over one that is the same, and overwrites when told to', () => {
      writeFileSync(join(target, 'a.json'), 'theirs');
      writeFileSync(join(target, 'b.json'), B);
      provide({ 'a.json': A, 'b.json': B });
      const outcome = run(shell);
      expect(outcome.status).toBe(1);
      expect(outcome.output).toContain('a.json: another file of that name is there');
      expect(installed()).toEqual({ 'a.json': 'theirs', 'b.json': B, '.test.list': 'b.json\n' });
      expect(run(shell, { OVERWRITE: '1' }).status).toBe(0);
      expect(installed()['a.json']).toBe(A);
    });

    it('removes its own and nothing else', async () => {
      writeFileSync(join(target, 'other.json'), 'theirs');
      provide({ 'deep/down/a.json': A });
      run(shell);
      const [word = '', ...args] = shell;
      mkdirSync(join(root, 'state'));
      const child = spawn(word, [...args, script], { env: environment({ MODE: 'remove', INTERVAL: '60' }) });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      while (!existsSync(join(root, 'state', 'ready'))) await sleep(10);
      child.kill('SIGTERM');
      await ended;
      expect(installed()).toEqual({ 'other.json': 'theirs' });
      expect(readdirSync(target)).toEqual(['other.json']);
    });

    it('reads a mounted ConfigMap, whose files are links into a directory that is swapped', () => {
      provide({ '..2026_11/profiles/a.json': A });
      symlinkSync('..2026_11', join(source, '..data'));
      symlinkSync('..data/profiles', join(source, 'profiles'));
      expect(run(shell).status).toBe(0);
      expect(profilesOf(installed())).toEqual({ 'profiles/a.json': A });
    });

    it('sweeps parts that a killed run has left', () => {
      provide({ 'a.json': A });
      writeFileSync(join(target, 'b.json.test.part'), 'half of');
      writeFileSync(join(target, 'b.json.other.part'), 'somebody else’s');
      run(shell);
      expect(Object.keys(installed()).sort()).toEqual(['.test.list', 'a.json', 'b.json.other.part']);
    });
  });
}

describeWithOracle(
  isRoot ? (hasCommand('setpriv') ? undefined : 'setpriv') : 'root',
  'root without capabilities, as the DaemonSet runs it',
  () => {
    it('installs into a directory that belongs to root', () => {
      chmodSync(target, 0o755);
      provide({ 'profiles/a.json': A });
      const shell = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', 'sh'];
      expect(run(shell)).toMatchObject({
        status: 0,
        output: expect.stringContaining('profiles/a.json: installed'),
      });
      expect(profilesOf(installed())).toEqual({ 'profiles/a.json': A });
      // The permissions matter: where the directory is another's, root without capabilities cannot write.
      chownSync(target, 12_345, 12_345);
      provide({ 'b.json': A });
      expect(run(shell).status).toBe(1);
    });
  },
);

describe('killed half-way', () => {
  /** Large enough for a copy to have a middle; the shim below stops there for a moment. */
  const content = (round: number, file: number): string =>
    `${round} ${file} ${'x'.repeat(40_000)} ${round}\n`;
  const FILES = Array.from({ length: 4 }, (_, file) => `profiles/${file}.json`);
  const version = (round: number): Files =>
    Object.fromEntries(FILES.map((name, file) => [name, content(round, file)]));

  it('a hundred times, leaves whole files, and the next run ends what it began', async () => {
    const shims = join(root, 'bin');
    mkdirSync(shims);
    writeFileSync(
      join(shims, 'cp'),
      '#!/bin/sh\nhead -c 20000 "$1" >"$2" && sleep 0.02 && tail -c +20001 "$1" >>"$2"\n',
    );
    chmodSync(join(shims, 'cp'), 0o755);
    const env = environment({ PATH: `${shims}:${process.env['PATH'] ?? ''}` });
    provide(version(0));
    const start = performance.now();
    expect(spawnSync('sh', [script], { env }).status).toBe(0);
    const whole = performance.now() - start;
    let before = version(0);
    let killed = 0;
    let unfinished = 0;
    for (let round = 1; killed < 100; round++) {
      const after = version(round);
      provide(after);
      const child = spawn('sh', [script], { env, detached: true, stdio: 'ignore' });
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.on('exit', (_, signal) => resolve(signal)),
      );
      // Another moment each time, from the first lines of the script to the last file.
      await sleep((((round * 37) % 100) / 100) * whole);
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It had ended.
      }
      if ((await ended) === 'SIGKILL') killed++;
      for (const [name, text] of Object.entries(profilesOf(installed()))) {
        if (name.endsWith('.test.part')) {
          unfinished++;
          continue;
        }
        // An earlier round may have been killed before it came to this file.
        expect(FILES).toContain(name);
        const [made = ''] = text.split(' ');
        expect(text === content(Number(made), FILES.indexOf(name))).toBe(true);
        expect([before[name], after[name]].includes(text)).toBe(true);
      }
      before = Object.fromEntries(
        Object.entries(profilesOf(installed())).filter(([name]) => !name.endsWith('.part')),
      );
    }
    expect(unfinished).toBeGreaterThan(0);
    const final = version(1_000_000);
    provide(final);
    expect(run(['sh']).status).toBe(0);
    expect(profilesOf(installed())).toEqual(final);
  });
});
