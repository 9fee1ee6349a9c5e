import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { describeHost } from '../../src/linux/host/here.js';
import {
  type InstalledEngine,
  type InstalledRuntime,
  installedEngines,
  installedRuntimes,
} from '../../src/linux/host/installed.js';
import { containerPid } from '../../src/linux/process/containerPid.js';

const folder = mkdtempSync(join(tmpdir(), 'callgate-here-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A directory with commands that print what the real ones do, in front of everything else. */
function commands(scripts: Readonly<Record<string, string>>): { readonly PATH: string } {
  const directory = mkdtempSync(join(folder, 'bin-'));
  for (const [name, body] of Object.entries(scripts))
    writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return { PATH: `${directory}:${process.env['PATH']}` };
}

const print = (text: string): string => `cat <<'END'\n${text}\nEND`;

/** Everything that a test host does not have. */
const ABSENT = Object.fromEntries(
  [
    'docker',
    'dockerd',
    'podman',
    'containerd',
    'crio',
    'buildah',
    'crictl',
    'dpkg-query',
    'rpm',
    'apk',
    'pacman',
  ].map((name) => [name, 'echo "not for this test" >&2; exit 1']),
);

describe('what a host has', () => {
  test('a daemon that runs says its version, runtime and profile', async () => {
    const info = {
      ServerVersion: '28.5.2',
      DefaultRuntime: 'crun',
      SecurityOptions: ['name=apparmor', 'name=seccomp,profile=/etc/p.json', 'name=cgroupns'],
    };
    const engines = await installedEngines(
      commands({
        ...ABSENT,
        docker: print(JSON.stringify(info)),
        dockerd: print('Docker version 20.10.24+dfsg1, build 5d6db84'),
      }),
    );
    expect(engines.find(({ name }) => name === 'docker')).toEqual({
      name: 'docker',
      version: '28.5.2',
      daemon: 'running',
      runtime: 'crun',
      profile: '/etc/p.json',
    });
  });

  test('a daemon that does not run has what its settings say', async () => {
    const home = mkdtempSync(join(tmpdir(), 'callgate-settings-'));
    mkdirSync(join(home, 'docker'));
    writeFileSync(
      join(home, 'docker', 'daemon.json'),
      '{"seccomp-profile": "/etc/p.json", "default-runtime": "crun", "debug": true}',
    );
    const docker = { docker: 'exit 1', dockerd: print('Docker version 28.5.2, build 1') };
    const env = { ...commands({ ...ABSENT, ...docker }), XDG_CONFIG_HOME: home };
    const engines = await installedEngines(env);
    rmSync(home, { recursive: true });
    expect(engines.find(({ name }) => name === 'docker')).toMatchObject({
      version: '28.5.2',
      runtime: 'crun',
      profile: '/etc/p.json',
    });
  });

  test('a daemon that does not run is asked for its version by its command', async () => {
    const engines = await installedEngines(
      commands({
        ...ABSENT,
        docker:
          '[ "$1" = info ] && echo "{\\"ServerVersion\\":\\"\\"}" && exit; echo "Cannot connect to the Docker daemon" >&2; exit 1',
        dockerd: print('Docker version 20.10.24+dfsg1, build 5d6db84'),
      }),
    );
    expect(engines.find(({ name }) => name === 'docker')).toMatchObject({
      version: '20.10.24+dfsg1',
      daemon: 'Cannot connect to the Docker daemon',
    });
  });

  test.each([
    [
      'containerd',
      'containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3',
      '1.6.20~ds1',
    ],
    [
      'containerd',
      'containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4e490e9fbdc236c0e811ccaba3376',
      '2.1.4',
    ],
    ['crio', 'crio version 1.31.0\nVersion:        1.31.0\nGitCommit: x', '1.31.0'],
    ['buildah', 'buildah version 1.28.2 (image-spec 1.1.0-rc2, runtime-spec 1.0.2-dev)', '1.28.2'],
    ['podman', 'podman version 4.3.1', '4.3.1'],
  ])('%s --version: %s', async (command, text, version) => {
    const engines = await installedEngines(commands({ ...ABSENT, [command]: print(text) }));
    const name = command === 'crio' ? 'cri-o' : command;
    expect(engines.find((engine) => engine.name === name)?.version).toBe(version);
  });

  test.each<[string, string, Partial<InstalledRuntime>]>([
    [
      'runc',
      'runc version 1.2.5\ncommit: v1.2.5-0-g59923ef1\nspec: 1.2.0\ngo: go1.23.7\nlibseccomp: 2.5.5',
      { version: '1.2.5', seccomp: true, libseccomp: { version: '2.5.5', linkage: 'static' } },
    ],
    [
      'runc',
      'runc version 1.1.0\nspec: 1.0.2-dev\ngo: go1.19',
      { version: '1.1.0', seccomp: false, libseccomp: undefined },
    ],
    [
      'crun',
      'crun version 1.8.1\nspec: 1.0.0\n+SYSTEMD +SELINUX +APPARMOR +CAP +SECCOMP +EBPF +YAJL',
      { version: '1.8.1', seccomp: true },
    ],
    ['crun', 'crun version 1.8.1\nspec: 1.0.0\n+SYSTEMD +YAJL', { version: '1.8.1', seccomp: undefined }],
  ])('%s --version: %s', async (name, text, expected) => {
    const script = `[ "$1" = features ] && exit 1\n${print(text)}`;
    const runtimes = await installedRuntimes(commands({ ...ABSENT, [name]: script }));
    expect(runtimes.find((runtime) => runtime.name === name)).toMatchObject(expected);
  });

  test('a runtime with the shared library has the package’s version', async () => {
    const script = `# libseccomp.so.2\n[ "$1" = features ] && exit 1\n${print('runc version 1.1.5+ds1\nlibseccomp: 2.5.4')}`;
    const runtimes = await installedRuntimes(
      commands({ ...ABSENT, runc: script, 'dpkg-query': print('2.5.4-1+deb12u1') }),
    );
    expect(runtimes.find(({ name }) => name === 'runc')?.libseccomp).toEqual({
      version: '2.5.4-1+deb12u1',
      linkage: 'shared',
    });
  });

  test('features count more than words', async () => {
    const features = { linux: { seccomp: { enabled: false, actions: ['SCMP_ACT_ALLOW'] } } };
    const script = `[ "$1" = features ] && ${print(JSON.stringify(features)).replace('\n', '\n')}\n[ "$1" = features ] || echo "runc version 1.3.6"`;
    const runtimes = await installedRuntimes(commands({ ...ABSENT, runc: script }));
    expect(runtimes.find(({ name }) => name === 'runc')).toMatchObject({
      seccomp: false,
      features: { actions: ['SCMP_ACT_ALLOW'] },
    });
  });
});

const engine = (
  name: InstalledEngine['name'],
  version: string,
  more: Partial<InstalledEngine> = {},
): InstalledEngine => ({
  name,
  version,
  daemon: undefined,
  runtime: undefined,
  profile: undefined,
  ...more,
});
const runtime = (name: InstalledRuntime['name'], version: string, libseccomp: string): InstalledRuntime => ({
  name,
  path: `/usr/bin/${name}`,
  version,
  seccomp: true,
  libseccomp: { version: libseccomp, linkage: 'shared' },
  features: undefined,
});
const BOTH = [runtime('runc', '1.1.5+ds1', '2.5.4-1+deb12u1'), runtime('crun', '1.8.1', '2.5.4-1+deb12u1')];

describe('a host as a context', () => {
  test.each<[string, readonly InstalledEngine[], readonly InstalledRuntime[], string]>([
    [
      'docker first',
      [engine('docker', '20.10.24+dfsg1'), engine('podman', '4.3.1')],
      BOTH,
      'docker 20.10.24, runc 1.1.5, 2.5.4-1+deb12u1, 6.1.0',
    ],
    [
      'docker with another default runtime',
      [engine('docker', '28.5.2', { runtime: 'crun' })],
      BOTH,
      'docker 28.5.2, crun 1.8.1, 2.5.4-1+deb12u1, 6.1.0',
    ],
    ['podman alone', [engine('podman', '4.3.1')], BOTH, 'podman 4.3.1, crun 1.8.1, 2.5.4-1+deb12u1, 6.1.0'],
    [
      'podman with runc',
      [engine('podman', '4.3.1', { runtime: 'runc' })],
      BOTH,
      'podman 4.3.1, runc 1.1.5, 2.5.4-1+deb12u1, 6.1.0',
    ],
  ])('%s', async (_, engines, runtimes, line) => {
    const { packages } = describeHost(engines, runtimes, '6.1.0-18-amd64');
    const { context } = await resolveContext({ packages });
    const { engine: e, runtime: r, libseccomp, kernel } = context;
    expect(`${e.name} ${e.version}, ${r.name} ${r.version}, ${libseccomp}, ${kernel}`).toBe(line);
  });

  test('what is not found is said', async () => {
    const { packages } = describeHost([engine('docker', '28.5.2')], [], '6.1.0');
    const { context, notes } = await resolveContext({ packages });
    expect(context.runtime).toEqual({ name: 'runc', version: '1.3.3' });
    expect(notes.map(({ text }) => text)).toContain('this host: no version of runc was found');
  });

  test('the daemon’s profile counts', () => {
    expect(
      describeHost([engine('docker', '28.5.2', { profile: '/etc/p.json' })], BOTH, '6.1').daemonProfile,
    ).toBe('/etc/p.json');
    expect(
      describeHost([engine('docker', '28.5.2', { profile: 'builtin' })], BOTH, '6.1').daemonProfile,
    ).toBeUndefined();
  });

  test('no engine at all', () => {
    expect(() => describeHost([], BOTH, '6.1')).toThrow('no container engine is installed here');
    expect(() => describeHost([engine('docker', '28.5.2')], BOTH, '6.1', 'podman')).toThrow(
      'podman is not installed here',
    );
  });
});

describe('a container’s process', () => {
  const self = String(process.pid);
  test.each([
    [
      'docker knows it',
      { docker: `[ "$*" = "inspect --type container --format {{.State.Pid}} web" ] && echo ${self}` },
      'docker',
    ],
    ['docker does not, podman does', { podman: `echo ${self}` }, 'podman'],
    [
      'docker has it stopped, crictl knows it',
      {
        docker: 'echo 0',
        crictl: `case "$1" in ps) echo abc123 ;; inspect) [ "$6" = abc123 ] && echo ${self} ;; esac`,
      },
      'crictl',
    ],
  ])('%s', async (_, scripts, source) => {
    expect(await containerPid('web', commands({ ...ABSENT, ...scripts }))).toEqual({
      pid: process.pid,
      source,
    });
  });

  test('runc’s and crun’s state directories', async () => {
    const run = join(folder, 'run');
    mkdirSync(join(run, 'crun', 'web'), { recursive: true });
    mkdirSync(join(run, 'runc', '0123456789abcdef'), { recursive: true });
    writeFileSync(join(run, 'crun', 'web', 'status'), JSON.stringify({ pid: process.pid }));
    const state = join(run, 'runc', '0123456789abcdef', 'state.json');
    writeFileSync(state, JSON.stringify({ init_process_pid: process.pid }));
    const env = { ...commands(ABSENT), XDG_RUNTIME_DIR: run };
    expect((await containerPid('web', env)).source).toBe(join(run, 'crun', 'web', 'status'));
    expect((await containerPid('01234567', env)).source).toBe(state);
    // The number has gone to a process that started at another time.
    writeFileSync(state, JSON.stringify({ init_process_pid: process.pid, init_process_start: 1 }));
    await expect(containerPid('01234567', env)).rejects.toThrow('no running container');
  });

  test('nobody knows it: all that was tried is named', async () => {
    const failed = containerPid(
      'web',
      commands({ ...ABSENT, docker: 'echo "No such container: web" >&2; exit 1' }),
    );
    await expect(failed).rejects.toMatchObject({
      message: 'no running container web was found',
      hint: expect.stringMatching(/docker: No such container: web; podman: .*crictl: .*\/run\/runc/),
    });
  });

  test.each(['--help', '', 'a b', '../x'])('%j is no name', async (name) => {
    await expect(containerPid(name)).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('a daemon of another machine has no pids of this one', async () => {
    const env = { ...commands({ ...ABSENT, docker: `echo ${self}` }), DOCKER_HOST: 'tcp://10.0.0.1:2376' };
    await expect(containerPid('web', env)).rejects.toMatchObject({
      hint: expect.stringContaining('another machine'),
    });
  });
});
