import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContextInput } from '../../../src/engine/contextInput.js';
import { expand } from '../../../src/engine/expand.js';
import type { OciSeccomp } from '../../../src/engine/oci.js';
import { rawOci } from '../../../src/engine/rawOci.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { comparePolicies } from '../../../src/policy/compare.js';
import { readOciConfig, readProfile } from '../../../src/profile/read.js';
import { applyRuntime } from '../../../src/runtime/apply.js';
import type { RuntimeTarget } from '../../../src/runtime/target.js';
import { describeWithOracle, isRoot } from '../../oracle.js';
import { runtimeScript } from '../dockerd.js';
import { bare, profiles } from '../dockerdJudge.js';
import { lacksApt, libseccompOf, openSuite, SUITES, type Suite, upstreamRelease } from './debian.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

const CUSTOM = 30;
const SEED = 1618;
/** No ctr before that has options for them. */
const FIRST_WITH_OPTIONS = '1.5';

interface Case {
  readonly options: readonly string[];
  readonly input: ContextInput;
}

const lacks = lacksApt() ?? (isRoot ? undefined : 'root');
describeWithOracle(lacks, 'containerd of other releases', () => {
  const rows: ReportRow[] = [];
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'callgate-containerd-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    keepRows('3-containerd', rows);
  });

  it.each(SUITES)('of %s', async (name) => {
    const suite = openSuite(name);
    const version = upstreamRelease(suite.packaged('containerd'));
    const base = join(folder, name);
    mkdirSync(base);
    const cases = makeCases(base, version < FIRST_WITH_OPTIONS);
    const configs = runAll(suite, base, cases);
    const wrong: string[] = [];
    const runc = { name: 'runc', version: upstreamRelease(suite.packaged('runc')) } as const;
    const target: RuntimeTarget = { runtime: runc, libseccomp: libseccompOf(suite), nativeAbi: 'x86_64' };
    for (const [index, { options, input }] of cases.entries()) {
      const { context } = await resolveContext({
        engine: `containerd@${version}`,
        hostKernel: release(),
        nearest: true,
        ...input,
      });
      const expansion = await expand(context);
      const predicted = expansion.kind === 'seccomp' ? expansion.oci : expansion.kind;
      const real = configs[index] ?? 'no answer';
      const [left, right] = [real, predicted].map((value) =>
        JSON.stringify(sorted(comparable(value)), plain),
      );
      if (left !== right && !sameFilter(real, predicted, target))
        wrong.push(`${options}:\n  real ${left}\n  predicted ${right}`);
    }
    rows.push({
      what: `containerd ${version}, ctr, bundles`,
      equal: cases.length - wrong.length,
      refused: 0,
      probes: 0,
      mismatches: wrong.length,
      note: '',
    });
    expect(wrong).toEqual([]);
  });
});

/** What containerd puts into a bundle, or in other words what became of it. */
type Put = OciSeccomp | string;

function comparable(put: Put): unknown {
  return typeof put === 'string' ? put : bare(put);
}

/** Its own default is told with other groups of names in our data: what counts is what the runtime makes of it. */
function sameFilter(real: Put, predicted: Put, target: RuntimeTarget): boolean {
  if (typeof real === 'string' || typeof predicted === 'string') return false;
  const [a, b] = [applyRuntime(real, target), applyRuntime(predicted, target)];
  if (a.kind !== 'policy' || b.kind !== 'policy') return false;
  return comparePolicies(a.policy, b.policy).length === 0;
}

function makeCases(base: string, defaultOnly: boolean): readonly Case[] {
  const builtin = { options: ['--seccomp'], input: {} };
  if (defaultOnly) return [builtin];
  const documents = fc.sample(profiles, { seed: SEED, numRuns: CUSTOM }).map((document, index) => {
    const text = JSON.stringify(document);
    const file = join(base, `${index}.json`);
    writeFileSync(file, text);
    return {
      options: ['--seccomp', '--seccomp-profile', file],
      input: { profile: readProfile(text, file) },
    };
  });
  return [
    builtin,
    { options: ['--seccomp', '--cap-add', 'CAP_SYS_ADMIN'], input: { capAdd: ['SYS_ADMIN'] } },
    { options: ['--seccomp', '--cap-drop', 'CAP_SYS_CHROOT'], input: { capDrop: ['SYS_CHROOT'] } },
    ...documents,
  ];
}

/** What containerd puts into each case's bundle, or what ctr says instead. */
function runAll(suite: Suite, base: string, cases: readonly Case[]): readonly Put[] {
  const bundles = join(base, 'bundles');
  const tree = join(base, 'tree');
  mkdirSync(bundles);
  mkdirSync(tree);
  writeFileSync(join(base, 'runtime'), runtimeScript(bundles), { mode: 0o755 });
  writeFileSync(join(base, 'config.toml'), daemonConfig(base));
  const run = ['run', '-d', '--null-io', '--rootfs', '--runc-binary', join(base, 'runtime')];
  const commands = cases.map(({ options }, index) => {
    const words = ['ctr', '-a', join(base, 'socket'), ...run, ...options, tree, `case${index}`, '/program'];
    return `${words.map((word) => `'${word}'`).join(' ')} 2>'${join(base, `said${index}`)}'`;
  });
  const script = [
    enterSuite(suite),
    'set +e',
    `containerd --config '${base}/config.toml' >'${base}/log' 2>&1 &`,
    'daemon=$!',
    `tries=0; until [ -S '${base}/socket' ] || [ $tries -gt 150 ]; do sleep 0.1; tries=$((tries+1)); done`,
    ...commands,
    'kill $daemon; wait $daemon; exit 0',
  ].join('\n');
  const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stderr}${readFileSync(join(base, 'log'), 'utf8').slice(-2000)}`);
  return cases.map((_, index) => {
    const config = join(bundles, `case${index}`);
    if (!existsSync(config)) return readFileSync(join(base, `said${index}`), 'utf8').trim();
    const read = readOciConfig(readFileSync(config, 'utf8'), 'config.json');
    return read.kind === 'unconfined' ? 'unconfined' : rawOci(read.profile);
  });
}

/** A daemon of our own, without the plugins that need the network or other file systems. */
function daemonConfig(base: string): string {
  const plugins = [
    ...['grpc.v1.cri', 'cri.v1.images', 'cri.v1.runtime', 'snapshotter.v1.btrfs', 'snapshotter.v1.zfs'],
    ...['snapshotter.v1.devmapper', 'internal.v1.opt', 'nri.v1.nri', 'grpc.v1.transfer', 'transfer.v1.local'],
  ];
  return `version = 2
root = "${base}/root"
state = "${base}/state"
disabled_plugins = [${plugins.map((plugin) => `"io.containerd.${plugin}"`).join(', ')}]
[grpc]
  address = "${base}/socket"
`;
}

/** Go's order of the fields does not matter. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, sorted(item)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
