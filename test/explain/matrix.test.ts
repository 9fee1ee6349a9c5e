import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/engine/context.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { engineWords } from '../../src/engine/versionList.js';
import { type MatrixRow, matrix } from '../../src/explain/matrix.js';
import { verdictWord } from '../../src/explain/verdict.js';
import { readProfile } from '../../src/profile/read.js';
import { type ParsedCall, parseCall } from '../../src/syscalls/call.js';
import { syscallsOf } from '../../src/syscalls/table.js';
import { PATIENCE } from '../patience.js';

async function rowsOf(
  contexts: readonly Context[],
  calls: readonly ParsedCall[],
): Promise<readonly MatrixRow[]> {
  const rows: MatrixRow[] = [];
  for await (const batch of matrix(contexts, () => calls)) rows.push(...batch);
  return rows;
}

async function words(
  ...inputs: readonly Parameters<typeof resolveContext>[0][]
): Promise<readonly Context[]> {
  return Promise.all(
    inputs.map(async (input) => (await resolveContext({ hostArch: 'x86_64', ...input })).context),
  );
}

const told = ({ verdict, loadError, unknown }: MatrixRow): string =>
  verdict === undefined ? (loadError ?? unknown ?? 'no such call') : verdictWord(verdict);

describe('matrix', () => {
  test('faccessat2 is allowed only where profile and libseccomp both know it', async () => {
    const found: Record<string, string> = {};
    for (const engine of ['docker@19.03.15', 'docker@20.10.0'])
      for (const libseccomp of ['2.4.3', '2.4.4']) {
        const contexts = await words({ engine, libseccomp, runtime: 'runc@1.0.0-rc92' });
        const [row] = await rowsOf(contexts, [parseCall('faccessat2', 'x86_64')]);
        found[`${engine} ${libseccomp}`] = row === undefined ? '' : told(row);
      }
    expect(found).toEqual({
      'docker@19.03.15 2.4.3': 'EPERM',
      'docker@19.03.15 2.4.4': 'EPERM',
      'docker@20.10.0 2.4.3': 'EPERM',
      'docker@20.10.0 2.4.4': 'allowed',
    });
  });

  test.each([
    ['clone3', { engine: 'docker@20.10.9', libseccomp: '2.4.3', runtime: 'runc@1.0.2' }, 'ENOSYS'],
    ['clone3', { engine: 'docker@20.10.9', libseccomp: '2.4.3', runtime: 'runc@1.0.0-rc92' }, 'EPERM'],
    ['ptrace', { engine: 'docker@18.09.9' }, 'EPERM'],
    ['ptrace', { engine: 'docker@18.09.9', capAdd: ['SYS_PTRACE'] }, 'allowed'],
    ['ptrace', { engine: 'docker@19.03.15', kernel: '4.4' }, 'EPERM'],
    ['ptrace', { engine: 'docker@19.03.15', kernel: '5.4' }, 'allowed'],
    ['socket(AF_VSOCK)', { engine: 'docker@28.5.2' }, 'EPERM'],
    ['socketcall', { engine: 'docker@28.5.2' }, 'no such call'],
  ])('%s with %j → %s', async (call, input, expected) => {
    const rows = await rowsOf(await words(input), [parseCall(call, 'x86_64')]);
    expect(rows.map(told)).toEqual([expected]);
  });

  test('a load error is a row', async () => {
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: [],
      syscalls: [{ names: ['chmod'], action: 'SCMP_ACT_NONSENSE' }],
    });
    const profile = readProfile(new TextEncoder().encode(text), 'bad.json');
    const rows = await rowsOf(
      await words({ engine: 'docker@28.5.2', profile }, { engine: 'docker@28.5.2' }),
      [parseCall('chmod', 'x86_64')],
    );
    expect(rows.map(told)).toEqual([expect.stringMatching(/not a valid action/), 'allowed']);
    expect(rows[0]?.verdict).toBeUndefined();
  });

  test('all calls with all releases of Docker, with runc and crun, in bounded time', {
    timeout: 120_000,
  }, async () => {
    const started = performance.now();
    const contexts: Context[] = [];
    for (const runtime of ['runc', 'crun'])
      for (const engine of await engineWords('docker@*'))
        contexts.push((await resolveContext({ engine, runtime, arch: 'amd64' })).context);
    const args = Array.from({ length: 6 }, () => undefined);
    const calls = syscallsOf('x86_64').map(
      ({ name, number }): ParsedCall => ({ name, number, abi: 'x86_64', args }),
    );
    const rows = await rowsOf(contexts, calls);
    expect(rows).toHaveLength(424 * calls.length);
    expect(rows.every(({ verdict }) => verdict !== undefined)).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000 * PATIENCE);
  });
});
