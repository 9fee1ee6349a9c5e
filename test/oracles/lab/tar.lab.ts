import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadDefaults } from '../../../src/engine/defaults.js';
import { describeWithOracle } from '../../oracle.js';
import { build, CALLGATE } from '../../scenarios/callgate.js';
import { CONTAINER_RUNTIMES, type ContainerRuntime, lacksForContainers, runCommand } from '../containers.js';
import { ociJson } from '../oci-json.js';
import { dockerDefault } from '../predict.js';
import { lacksApt, openSuite, upstreamRelease } from './debian.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

/** Its default profile does not know fchmodat2, which glibc 2.39 and newer try first. */
const ENGINE = 'docker@24.0.9';
const COMPLAINT = 'tar: data: Cannot change mode to rwxrwsr-x: Operation not permitted';
const SETGID = 0o2775;

type Outcome = 'works' | 'fails as reported' | `other: ${string}`;
const EXPECTED: Readonly<Record<ContainerRuntime, Outcome>> = { runc: 'works', crun: 'fails as reported' };

describeWithOracle(lacksApt() ?? lacksForContainers(), 'Debian 13’s tar -xp of a setgid directory', () => {
  const rows: ReportRow[] = [];
  let work = '';
  beforeAll(async () => {
    await build();
    work = mkdtempSync(join(tmpdir(), 'callgate-tar-'));
    mkdirSync(join(work, 'data'));
    chmodSync(join(work, 'data'), SETGID);
    execFileSync('tar', ['-C', work, '-cf', join(work, 'data.tar'), 'data']);
  });
  afterAll(() => {
    rmSync(work, { recursive: true, force: true });
    keepRows('4-tar', rows);
  });

  async function extract(how: () => Promise<string> | string): Promise<Outcome> {
    rmSync(join(work, 'data'), { recursive: true, force: true });
    const words = (await how()).trim();
    if (words.includes(COMPLAINT)) return 'fails as reported';
    const mode = statSync(join(work, 'data')).mode & 0o7777;
    return words === '' && mode === SETGID ? 'works' : `other: mode ${mode.toString(8)}, ${words}`;
  }

  for (const name of CONTAINER_RUNTIMES) {
    const keep = (how: string, version: string, outcome: Outcome): void => {
      const right = outcome === EXPECTED[name];
      rows.push({
        what: `tar -xp, ${ENGINE}, ${how} ${name} ${version}`,
        equal: 0,
        refused: 0,
        probes: 1,
        mismatches: right ? 0 : 1,
        note: outcome,
      });
      expect(outcome).toBe(EXPECTED[name]);
    };

    it(`in a container of ${name}: ${EXPECTED[name]}`, async () => {
      const suite = openSuite('trixie');
      const [, release = ''] = ENGINE.split('@');
      const capabilities = (await loadDefaults('docker')).defaultCapabilities(release) ?? [];
      const seccomp = ociJson(await dockerDefault(release, capabilities));
      const container = { seccomp, capabilities, noNewPrivileges: false };
      const args = ['tar', '-C', '/sample', '-xpf', '/sample/data.tar'];
      const placed = { name, enter: enterSuite(suite) };
      const outcome = await extract(() =>
        runCommand(placed, container, { root: suite.root, args, work }).catch(String),
      );
      keep('real', upstreamRelease(suite.packaged(name)), outcome);
    });

    it(`under callgate run --runtime ${name}: ${EXPECTED[name]}`, async () => {
      const suite = openSuite('trixie');
      const [version, libseccomp] = [name, 'libseccomp2'].map((one) => upstreamRelease(suite.packaged(one)));
      const context = [
        '--engine',
        ENGINE,
        '--runtime',
        `${name}@${version}`,
        '--libseccomp',
        `${libseccomp}`,
      ];
      const tar = [
        ...loader(suite.root),
        join(suite.root, 'usr/bin/tar'),
        '-C',
        work,
        '-xpf',
        join(work, 'data.tar'),
      ];
      const outcome = await extract(() => {
        // callgate's report of the denial does not concern tar.
        const run = [CALLGATE, 'run', '--no-report', ...context, '--', ...tar];
        const { stdout, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8' });
        return stdout + stderr;
      });
      keep('callgate run,', `${version}`, outcome);
    });
  }
});

/** Programs of another release need its loader and its libraries. */
function loader(root: string): readonly string[] {
  return [
    join(root, 'usr/lib64/ld-linux-x86-64.so.2'),
    '--library-path',
    join(root, 'usr/lib/x86_64-linux-gnu'),
  ];
}
