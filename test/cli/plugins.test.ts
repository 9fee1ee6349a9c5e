import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { build, CALLGATE } from '../scenarios/callgate.js';

let home: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  await build();
  home = mkdtempSync(join(tmpdir(), 'callgate it’s a home-'));
  env = {
    ...process.env,
    HOME: home,
    DOCKER_CONFIG: join(home, '.docker'),
    PATH: `${join(home, '.local/bin')}${delimiter}${process.env['PATH']}`,
    NO_COLOR: '1',
  };
});
afterAll(() => rmSync(home, { recursive: true }));

function start(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

const callgate = (...args: readonly string[]) => start(process.execPath, CALLGATE, ...args);

describeWithOracle(hasCommand('docker') ? undefined : 'docker (docker.io)', 'docker callgate', () => {
  beforeAll(() => {
    expect(callgate('install-plugin', 'docker')).toEqual({
      status: 0,
      stdout: `wrote ${join(home, '.docker/cli-plugins/docker-callgate')}\n`,
      stderr: '',
    });
  });

  test('docker lists it among its commands', () => {
    expect(start('docker', '--help').stdout).toMatch(/callgate\* +Say what seccomp does/);
  });

  test.each([
    ['why clone3 --engine docker@20.10.9 --format json', 1],
    ['--version', 0],
    ['why clnoe3', 2],
    ['k8s explain --help', 0],
  ])('docker callgate %s is callgate %s', (line, status) => {
    const words = line.split(' ');
    const plugin = start('docker', 'callgate', ...words);
    expect(plugin).toEqual(callgate(...words));
    expect(plugin.status).toBe(status);
  });

  test('docker’s own flags before it do not disturb it, and words with blanks stay whole', () => {
    const words = ['why', 'socket(AF_VSOCK, SOCK_STREAM, 0)', '--engine', 'docker@28.5.2'];
    const plugin = start('docker', '--log-level', 'error', 'callgate', ...words);
    expect(plugin).toEqual(callgate(...words));
  });

  test('it answers the questions of docker’s completion', () => {
    const plugin = join(home, '.docker/cli-plugins/docker-callgate');
    expect(start(plugin, '__completeNoDesc', 'callgate', 'why', 'clone').stdout).toBe('clone\nclone3\n:36\n');
  });
});

describeWithOracle(
  hasCommand('kubectl') ? undefined : 'kubectl (kubernetes-client)',
  'kubectl callgate',
  () => {
    beforeAll(() => {
      expect(callgate('install-plugin', 'kubectl')).toMatchObject({ status: 0, stderr: '' });
    });

    test('kubectl finds it', () => {
      expect(start('kubectl', 'plugin', 'list').stdout).toContain(join(home, '.local/bin/kubectl-callgate'));
    });

    test.each([['why clone3 --engine containerd@1.7.27'], ['k8s nodes --help']])(
      'kubectl callgate %s',
      (line) => {
        const words = line.split(' ');
        expect(start('kubectl', 'callgate', ...words)).toEqual(callgate(...words));
      },
    );

    test('and its completions', () => {
      const { stdout } = start(join(home, '.local/bin/kubectl_complete-callgate'), 'k8s', 'exp');
      expect(stdout).toMatch(/^explain\tSay .*\n:36\n$/);
    });
  },
);

describe('callgate install-plugin', () => {
  test('writes again over its own file, and takes it away', () => {
    const directory = join(home, 'own');
    const path = join(directory, 'docker-callgate');
    for (const _ of [1, 2]) expect(callgate('install-plugin', 'docker', '--dir', directory).status).toBe(0);
    expect(statSync(path).mode & 0o777 & ~process.umask()).toBe(0o755 & ~process.umask());
    const removed = callgate('install-plugin', 'docker', '--dir', directory, '--remove', '--format', 'json');
    expect(JSON.parse(removed.stdout)).toEqual({ schemaVersion: 1, removed: [path] });
    expect(existsSync(path)).toBe(false);
    expect(callgate('install-plugin', 'docker', '--dir', directory, '--remove')).toMatchObject({ status: 0 });
  });

  test.each([[[]], [['--remove']]])('leaves a file that is not its own %j', (flags) => {
    const directory = join(home, 'foreign');
    mkdirSync(directory, { recursive: true });
    const path = join(directory, 'kubectl_complete-callgate');
    writeFileSync(path, '#!/bin/sh\necho mine\n');
    const refused = callgate('install-plugin', 'kubectl', '--dir', directory, ...flags);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('callgate did not write it');
    expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\necho mine\n');
    expect(existsSync(join(directory, 'kubectl-callgate'))).toBe(false);
  });

  test('says when the directory is not one that kubectl looks into', () => {
    const { stderr } = callgate('install-plugin', 'kubectl', '--dir', join(home, 'elsewhere'));
    expect(stderr).toContain('is not on PATH');
  });
});
