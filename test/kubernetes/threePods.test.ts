import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { verdictWord } from '../../src/explain/verdict.js';
import { why } from '../../src/explain/why.js';
import { type ExplainedWorkload, explainWorkloads } from '../../src/kubernetes/explain.js';
import { cluster, manifest, pools, workloads } from './cluster.js';

/**
 * The three ways of seccompProfile on nodes of several ages. What the verdicts come from:
 * - containerd 1.4.9 has no rule for clone3 and its largest number is above 435, so that runc's stub does not answer:
 *   EPERM with both runtimes. 1.5.6 has the rule for ENOSYS.
 * - fchmodat2 (452) came to containerd's profile with 1.6.28 and 1.7.13; before, runc's stub answers ENOSYS and crun, which has
 *   none, EPERM. CRI-O's own profile answers ENOSYS to whatever it does not know, with both.
 * - CRI-O lets clone3 through until 1.30.5; since 1.30.6 it answers ENOSYS.
 * - get_mempolicy wants CAP_SYS_NICE in containerd's profile; containers-common's allows it.
 */
const NODES = [
  ['containerd@1.4.9', ['EPERM', 'ENOSYS', 'EPERM']],
  ['containerd@1.4.9+crun', ['EPERM', 'EPERM', 'EPERM']],
  ['containerd@1.5.6', ['ENOSYS', 'ENOSYS', 'EPERM']],
  ['containerd@1.5.6+crun', ['ENOSYS', 'EPERM', 'EPERM']],
  ['containerd@1.7.27', ['ENOSYS', 'allowed', 'EPERM']],
  ['containerd@1.7.27+crun', ['ENOSYS', 'allowed', 'EPERM']],
  ['containerd@2.1', ['ENOSYS', 'allowed', 'EPERM']],
  ['containerd@2.1+crun', ['ENOSYS', 'allowed', 'EPERM']],
  ['cri-o@1.30.0', ['allowed', 'ENOSYS', 'allowed']],
  ['cri-o@1.30.0+crun', ['allowed', 'ENOSYS', 'allowed']],
  ['cri-o@1.30', ['ENOSYS', 'ENOSYS', 'allowed']],
  ['cri-o@1.30+crun', ['ENOSYS', 'ENOSYS', 'allowed']],
] as const;
/** Compared with why itself. */
const CHECKED = [
  'containerd@1.4.9',
  'containerd@1.4.9+crun',
  'containerd@1.7.27',
  'cri-o@1.30.0',
  'cri-o@1.30+crun',
];
const CALLS = ['clone3', 'fchmodat2', 'get_mempolicy'];

const DENY_LIST = readFileSync(join(import.meta.dirname, '../scenarios/profiles/deny-list.json'), 'utf8');
/** The same without architectures of the other byte order and RISC-V, which old releases of runc do not know. */
const LITTLE_ENDIAN = JSON.stringify({
  ...JSON.parse(DENY_LIST),
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
});

async function explained(profile: string): Promise<readonly ExplainedWorkload[]> {
  return explainWorkloads(workloads(manifest('three-pods.yaml')), {
    ...cluster({ 'profiles/deny-list.json': profile }),
    pools: await pools(...NODES.map(([node]) => node)),
    calls: CALLS,
  });
}

const words = (
  pods: readonly ExplainedWorkload[],
  pod: string,
): readonly (readonly [string, readonly string[]])[] =>
  pods
    .filter(({ workload }) => workload.name === pod)
    .flatMap(({ containers }) => containers)
    .flatMap(({ pools: on }) => on)
    .map(({ pool, calls, refused }) => [
      pool.name,
      refused === undefined
        ? calls.map(({ answer }) => (answer === undefined ? 'absent' : verdictWord(answer.verdict)))
        : ['refused'],
    ]);

describe('three pods', () => {
  let pods: readonly ExplainedWorkload[];
  beforeAll(async () => {
    pods = await explained(LITTLE_ENDIAN);
  });

  it('RuntimeDefault is another filter on each', () => {
    expect(words(pods, 'runtime-default')).toEqual(NODES);
  });

  it.each(['unconfined', 'localhost'])('%s lets all three through everywhere', (pod) => {
    expect(words(pods, pod)).toEqual(NODES.map(([node]) => [node, ['allowed', 'allowed', 'allowed']]));
  });

  it('says what why says of the same context', async () => {
    const [, runtimeDefault] = pods;
    expect(runtimeDefault?.workload.name).toBe('runtime-default');
    // why compares whole histories for each call: one node with each runtime is enough of it.
    for (const { pools: on } of runtimeDefault?.containers ?? [])
      for (const { placement, calls } of on.filter(({ pool }) => CHECKED.includes(pool.name))) {
        if (placement.kind !== 'context') throw new Error(placement.kind);
        for (const { call, answer, effect } of calls) {
          const alone = await why(call, placement.context);
          expect(answer?.verdict).toEqual(alone.verdict);
          expect(effect).toEqual(alone.effect);
        }
      }
  });

  it('the deny-list as it was published starts no container on x86_64', async () => {
    const published = await explained(DENY_LIST);
    expect(words(published, 'localhost')).toEqual(NODES.map(([node]) => [node, ['refused']]));
    const refusals = published
      .flatMap(({ containers }) => containers)
      .flatMap(({ pools: on }) => on)
      .flatMap(({ pool, refused }) => (refused === undefined ? [] : [[pool.name, refused] as const]));
    const by = new Map(refusals);
    expect(by.get('containerd@1.4.9')).toContain('SCMP_ARCH_RISCV64 is not a valid arch');
    expect(by.get('containerd@1.7.27')).toMatch(/numerical argument out of domain.*SCMP_ARCH_MIPS64N32/);
    expect(by.get('cri-o@1.30+crun')).toMatch(/Numerical argument out of domain/);
  });

  it('tells the level that each meets, and why no higher', () => {
    const levels = pods.map(({ workload, podSecurity }) => [workload.name, podSecurity.level]);
    expect(levels).toEqual([
      ['unconfined', 'privileged'],
      ['runtime-default', 'baseline'],
      ['localhost', 'baseline'],
    ]);
    expect(pods[0]?.podSecurity.findings[0]).toMatchObject({
      level: 'baseline',
      check: 'seccompProfile_baseline',
      at: { line: 12 },
    });
  });

  it('tells where the profile comes from, and the file as the kubelet finds it', () => {
    const profiles = pods.map(({ containers }) => containers[0]?.pools[0]?.placement.profile);
    expect(profiles).toMatchObject([
      { type: 'Unconfined', from: 'container', at: { line: 12, column: 11 } },
      { type: 'RuntimeDefault', from: 'pod', at: { line: 21 } },
      {
        type: 'Localhost',
        from: 'container',
        path: '/var/lib/kubelet/seccomp/profiles/deny-list.json',
      },
    ]);
  });
});
