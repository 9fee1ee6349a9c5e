import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContextInput } from '../../../src/engine/contextInput.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { readProfile } from '../../../src/profile/read.js';
import { describeWithOracle, isRoot } from '../../oracle.js';
import { ociJson } from '../oci-json.js';
import { randomOci } from '../random-oci.js';
import { lacksApt, libseccompOf, openSuite, SUITES, upstreamRelease } from './debian.js';
import { judgeProcess, makeTree, whileRunning } from './engine.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

const CUSTOM = 8;
const SEED = 2718;

/** Podman prepares more in a container than runtimes by themselves do, so these deny only what they name. */
const profiles = fc
  .sample(randomOci, { seed: SEED, numRuns: 20 * CUSTOM })
  .filter(({ defaultAction }) => defaultAction === 'SCMP_ACT_ALLOW' || defaultAction === 'SCMP_ACT_LOG')
  .slice(0, CUSTOM)
  .map(ociJson);

interface Case {
  readonly options: readonly string[];
  readonly input: ContextInput;
}

const BUILTIN: readonly Case[] = [
  { options: [], input: {} },
  { options: ['--cap-drop=all'], input: { capDrop: ['all'] } },
  { options: ['--cap-add=sys_admin'], input: { capAdd: ['sys_admin'] } },
];

/** "Backport seccomp patches from upstream to allow execution of newer syscalls": no release has this profile. */
const PATCHED = /^0\.33\.4\+ds1-1\+deb11u/;

const lacks = lacksApt() ?? (isRoot ? undefined : 'root');
describeWithOracle(lacks, 'Podman of other releases', () => {
  const rows: ReportRow[] = [];
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'callgate-podman-'));
    chmodSync(folder, 0o755);
    for (const [index, text] of profiles.entries()) writeFileSync(join(folder, `${index}.json`), text);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    keepRows('3-podman', rows);
  });

  it.each(SUITES)('of %s', async (name) => {
    const suite = openSuite(name);
    const version = upstreamRelease(suite.packaged('podman'));
    const crun = upstreamRelease(suite.packaged('crun'));
    const patched = PATCHED.test(suite.packaged('golang-github-containers-common'));
    const base = join(folder, name);
    const tree = join(base, 'tree');
    mkdirSync(tree, { recursive: true });
    const cases: readonly Case[] = [
      ...(patched ? [] : BUILTIN),
      ...profiles.map((text, index) => ({
        options: [`--security-opt=seccomp=${join(folder, `${index}.json`)}`],
        input: { profile: readProfile(text, `${index}.json`) },
      })),
    ];
    const wrong: string[] = [];
    for (const [index, { options, input }] of cases.entries()) {
      const program = `cg${process.pid}-${name.slice(0, 3)}${index}`;
      makeTree(tree, program);
      const { context } = await resolveContext({
        engine: `podman@${version}`,
        runtime: `crun@${crun}`,
        libseccomp: libseccompOf(suite),
        hostKernel: release(),
        nearest: true,
        ...input,
      });
      const podman = ['podman', '--root', join(base, 'root'), '--runroot', join(base, 'run'), ...GLOBAL];
      // What the release has built in: Debian 11 and 12 set fewer capabilities in their containers.conf.
      const settings = ['env', 'CONTAINERS_CONF=/dev/null'];
      const command = [...settings, ...podman, 'run', ...RUN, ...options, '--rootfs', tree, `/${program}`];
      const entered = ['unshare', '--mount', 'sh', '-c', `${enterSuite(suite)}\nexec "$@"`, 'sh', ...command];
      const judgement = await whileRunning(entered, program, (pid) => judgeProcess(pid, context));
      if (judgement.kind !== 'equal') wrong.push(`${options}: ${JSON.stringify(judgement)}`);
    }
    rows.push({
      what: `podman ${version}, crun ${crun}, libseccomp ${libseccompOf(suite)}`,
      equal: cases.length - wrong.length,
      refused: 0,
      probes: 0,
      mismatches: wrong.length,
      note: patched ? 'not its default profile: Debian has patched later rules into it' : '',
    });
    expect(wrong).toEqual([]);
  });
});

const GLOBAL = [
  '--storage-driver=vfs',
  '--cgroup-manager=cgroupfs',
  '--events-backend=file',
  '--runtime=crun',
];
/** Nothing that needs cgroup controllers, a bridge or CAP_SYS_RESOURCE. */
const RUN = [
  '--rm',
  '--network=none',
  '--cgroups=disabled',
  '--ulimit=nofile=1024:1024',
  '--ulimit=nproc=1024:1024',
];
