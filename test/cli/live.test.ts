import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { inContainer, lacksForContainers } from '../oracles/containers.js';
import { ociJson } from '../oracles/oci-json.js';
import { dockerDefault } from '../oracles/predict.js';
import { inProcess } from './inProcess.js';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command in this process. */
async function callgate(env: NodeJS.ProcessEnv, ...argv: readonly string[]): Promise<Outcome> {
  const write = (): never => {
    throw new Error('nothing is to be written');
  };
  const { status, out, err } = await inProcess(argv, { env, write });
  return { code: status, out, err };
}

const folder = mkdtempSync(join(tmpdir(), 'callgate-live-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeWithOracle(lacksForContainers(), 'targets that run', () => {
  test('a container of runc: shown, asked, and compared with what was expected', async () => {
    const oci = await dockerDefault('28.5.2', []);
    const container = { seccomp: ociJson(oci), capabilities: [], noNewPrivileges: true };
    await inContainer('runc', container, async (pid) => {
      const shown = await callgate({}, 'show', `pid:${pid}`, '--format', 'json');
      const { context, counts, notes } = JSON.parse(shown.out);
      expect(context).toMatchObject({ engine: null, runtime: null, capabilities: [], arch: 'x86_64' });
      expect(context.seccomp).toBe(`pid:${pid} (probe)`);
      expect(counts.denied).toBeGreaterThan(50);
      expect(notes).toEqual([]);

      const why = await callgate({}, 'why', 'clone3', '--profile', `pid:${pid}`);
      expect(why.code).toBe(1);
      expect(why.out).toMatch(/✗ ENOSYS[^]*answers: ENOSYS/);

      const flags = ['--runtime', 'runc@1.1.5', '--libseccomp', '2.5.4-1+deb12u1', '--cap-drop', 'ALL'];
      const same = await callgate({}, 'diff', `pid:${pid}`, 'docker@28.5.2', ...flags);
      expect(same).toMatchObject({ code: 0, err: '' });
      const other = await callgate({}, 'diff', `pid:${pid}`, 'docker@20.10.9', ...flags, '--format', 'json');
      expect(other.code).toBe(1);
      expect(JSON.parse(other.out).changes.map(({ syscall }: { syscall: string }) => syscall)).toContain(
        'clone3',
      );

      const listed = await callgate({}, 'disasm', `pid:${pid}`);
      expect(listed.out.split('\n').length).toBeGreaterThan(300);
    });
  });

  test('a process without a filter, and one that is not there', async () => {
    const child: ChildProcess = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const shown = await callgate({}, 'show', `pid:${child.pid}`);
      expect(shown.out).toMatch(/✗ 0 denied[^]*note: no filter: seccomp allows every call/);
    } finally {
      child.kill('SIGKILL');
    }
    const gone = await callgate({}, 'show', 'pid:2147483646');
    expect(gone).toMatchObject({ code: 2, out: '' });
    expect(gone.err).toMatch(/^callgate: there is no process 2147483646\n/);
  });

  test('a container that nobody knows', async () => {
    const outcome = await callgate(
      { PATH: '/nonexistent', XDG_RUNTIME_DIR: folder },
      'show',
      'container:no-such-one',
    );
    expect(outcome.code).toBe(2);
    expect(outcome.err).toMatch(/no running container no-such-one was found\n {2}hint: tried docker: /);
  });
});
