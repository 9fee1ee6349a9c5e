import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inProcess } from './inProcess.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-given-'));
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write(
    'numa.json',
    '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "mbind", "action": "SCMP_ACT_ERRNO"}]}',
  );
  write('.env', 'PROFILE=numa\n');
  write(
    'compose.yaml',
    `services:
  db: {image: postgres, cap_add: [SYS_NICE]}
  own: {image: postgres, security_opt: ["seccomp=./\${PROFILE}.json"]}
  open: {image: postgres, security_opt: ["seccomp=unconfined"]}
`,
  );
  write('devcontainer.json', '{"runArgs": ["--cap-add=SYS_NICE"]}');
  write('ci.yml', 'jobs: {test: {container: {image: debian, options: --cap-add SYS_NICE}}}');
});
afterAll(() => rmSync(directory, { recursive: true }));

async function verdict(...flags: readonly string[]): Promise<string> {
  const words = flags.map((flag) => flag.replace('DIR', directory));
  const { status, out, err } = await inProcess(['why', 'mbind', '--format', 'json', ...words], {
    env: { PATH: process.env['PATH'] },
  });
  if (status === 2) return err.replaceAll(directory, 'DIR');
  const { verdict: found, context } = JSON.parse(out);
  return `${context.engine.name} ${found.action}`;
}

describe('the container of a file or command line decides', () => {
  test.each<[flags: readonly string[], expected: string]>([
    [['--from-run', 'docker run debian'], 'docker SCMP_ACT_ERRNO'],
    [['--from-run', 'docker run --cap-add SYS_NICE debian'], 'docker SCMP_ACT_ALLOW'],
    [['--from-run', 'podman run --security-opt seccomp=unconfined debian'], 'podman SCMP_ACT_ALLOW'],
    [['--from-run', 'docker run --security-opt seccomp=DIR/numa.json debian'], 'docker SCMP_ACT_ERRNO'],
    // Flags of callgate come after those of the line, as if written at its end.
    [['--from-run', 'docker run debian', '--cap-add', 'SYS_NICE'], 'docker SCMP_ACT_ALLOW'],
    [['--from-run', 'podman run debian', '--engine', 'docker@28.5.2'], 'docker SCMP_ACT_ERRNO'],
    [['--from-run', 'podman run debian', '--like', 'docker@28.5.2+SYS_NICE'], 'docker SCMP_ACT_ALLOW'],
    [['--from-compose', 'DIR/compose.yaml:db'], 'docker SCMP_ACT_ALLOW'],
    [['--from-compose', 'DIR/compose.yaml:own'], 'docker SCMP_ACT_ERRNO'],
    [['--from-compose', 'DIR/compose.yaml:open'], 'docker SCMP_ACT_ALLOW'],
    [['--from-devcontainer', 'DIR/devcontainer.json'], 'docker SCMP_ACT_ALLOW'],
    [['--from-workflow', 'DIR/ci.yml:test'], 'docker SCMP_ACT_ALLOW'],
    [['--from-workflow', 'DIR/ci.yml'], 'docker SCMP_ACT_ALLOW'],
  ])('%j → %s', async (flags, expected) => {
    expect(await verdict(...flags)).toBe(expected);
  });

  test.each<[flags: readonly string[], expected: RegExp]>([
    [
      ['--from-run', 'docker run --cap-ad X a'],
      /<command line>:1:12: docker run has no flag --cap-ad\n.*--cap-add\?/,
    ],
    [['--from-compose', 'DIR/compose.yaml'], /DIR\/compose\.yaml:2:3: 3 services/],
    [['--from-compose', 'DIR/compose.yaml:dd'], /db\?/],
    [['--from-compose', 'DIR/none.yaml'], /cannot read DIR\/none\.yaml: no such file/],
    [['--from-run', 'docker run a', '--from-compose', 'x'], /more than one container is described/],
    [['--from-run', 'docker run --cap-add CHOWN,KILL a'], /CHOWN,KILL/],
  ])('%j is refused', async (flags, expected) => {
    const err = await verdict(...flags);
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
