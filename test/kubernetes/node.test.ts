import { describe, expect, it } from 'vitest';
import { readManifests } from '../../src/kubernetes/manifests.js';
import { type ClusterNode, nodeOf, nodeOfWord } from '../../src/kubernetes/node.js';
import { poolsFor, poolsOf } from '../../src/kubernetes/pool.js';
import { workloads } from './cluster.js';

function node(info: object, name = 'n', labels: object = {}): ClusterNode {
  const text = JSON.stringify({ kind: 'Node', metadata: { name, labels }, status: { nodeInfo: info } });
  const [object] = readManifests(text, 'nodes.json').objects;
  if (object === undefined) throw new Error('no node');
  return nodeOf(object);
}

const UBUNTU = { osImage: 'Ubuntu 22.04.4 LTS', architecture: 'arm64', kernelVersion: '5.15.0-1051-aws' };

describe('nodeOf', () => {
  it.each<readonly [string, object, object]>([
    [
      'containerd',
      { ...UBUNTU, containerRuntimeVersion: 'containerd://1.7.27' },
      {
        engine: { name: 'containerd', version: '1.7.27' },
        runtime: { name: 'runc', version: '1.2.5' },
        kernel: '5.15.0',
        arch: 'aarch64',
      },
    ],
    [
      'a distributor’s suffix',
      { ...UBUNTU, containerRuntimeVersion: 'containerd://1.7.27-k3s1' },
      { engine: { version: '1.7.27' } },
    ],
    [
      'CRI-O',
      { ...UBUNTU, containerRuntimeVersion: 'cri-o://1.31.0-2.rhaos4.18' },
      { engine: { name: 'cri-o', version: '1.31.0' }, runtime: { name: 'crun' } },
    ],
    [
      'dockershim',
      { ...UBUNTU, containerRuntimeVersion: 'docker://20.10.9' },
      { engine: { name: 'docker', version: '20.10.9' } },
    ],
    [
      'a release that is too new',
      { ...UBUNTU, containerRuntimeVersion: 'containerd://99.0.0' },
      { engine: { name: 'containerd' } },
    ],
    [
      'Debian’s own package',
      { containerRuntimeVersion: 'containerd://1.6.20~ds1', osImage: 'Debian GNU/Linux 12 (bookworm)' },
      { runtime: { version: '1.1.5' }, libseccomp: '2.5.4-1+deb12u1' },
    ],
    [
      'docker.com’s package on Debian',
      { containerRuntimeVersion: 'containerd://1.6.20', osImage: 'Debian GNU/Linux 12 (bookworm)' },
      { libseccomp: '2.5.4' },
    ],
  ])('%s', async (_, info, context) => {
    const [pool] = await poolsOf([node(info)]);
    expect(pool?.context).toMatchObject(context);
  });

  it('says what nodeInfo leaves open', () => {
    const { unknown } = node({ ...UBUNTU, containerRuntimeVersion: 'containerd://1.7.27' });
    expect(unknown).toHaveLength(2);
    expect(node({ containerRuntimeVersion: 'containerd://1.7.27' }).unknown).toHaveLength(4);
  });

  it('goes on where a node is not known, and says so', async () => {
    const pools = await poolsOf([
      node({ containerRuntimeVersion: 'rkt://1.30.0' }, 'a'),
      node({}, 'b'),
      node({ containerRuntimeVersion: 'containerd://0.2.0' }, 'c'),
      node({ containerRuntimeVersion: 'containerd://1.7.27' }, 'd'),
    ]);
    expect(pools.map(({ unsupported }) => unsupported ?? 'known')).toEqual([
      expect.stringContaining('rkt://1.30.0'),
      expect.stringContaining('containerRuntimeVersion'),
      expect.stringContaining('containerd 0.2.0 is not known'),
      'known',
    ]);
  });

  it('a word that means no node is an error', async () => {
    expect(() => nodeOfWord('pid:1')).toThrow(/not a node/);
    await expect(poolsOf([nodeOfWord('containerd@0.2.0')])).rejects.toThrow(/not known/);
  });
});

describe('poolsFor', () => {
  const pod = (spec: string) => {
    const [workload] = workloads(`kind: Pod\nspec: {${spec}, containers: [{name: a, image: i}]}`);
    if (workload === undefined) throw new Error('no pod');
    return workload.pod;
  };

  it('follows the node selector, and the operating system', async () => {
    const pools = await poolsOf([
      node({ containerRuntimeVersion: 'containerd://1.7.27' }, 'plain'),
      node({ containerRuntimeVersion: 'containerd://2.1.0' }, 'gpu', { pool: 'gpu' }),
      node({ operatingSystem: 'windows' }, 'win'),
    ]);
    const names = (spec: string) => poolsFor(pod(spec), pools).map(({ name }) => name);
    expect(names('nodeSelector: {pool: gpu}')).toEqual(['gpu']);
    expect(names('nodeSelector: {}')).toEqual(['plain', 'gpu']);
    expect(names('os: {name: windows}')).toEqual(['win']);
    // Nobody has the label: nothing is known of it.
    expect(names('nodeSelector: {zone: z}')).toEqual(['plain', 'gpu']);
  });
});
