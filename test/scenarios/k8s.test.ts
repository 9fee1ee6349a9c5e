import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manyManifests } from '../kubernetes/manyManifests.js';
import { CALLGATE, callgateHere, type Outcome, profile } from './callgate.js';
import { json, MANIFESTS, scratch, withInput } from './k8sWorld.js';

const THREE = join(MANIFESTS, 'three-pods.yaml');
const { path, write } = scratch();

const node = (name: string, info: object, labels: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  status: {
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      kernelVersion: '5.15.0-91-generic',
      ...info,
    },
  },
});
const NODES = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    node('a1', {
      containerRuntimeVersion: 'containerd://1.7.27',
      kubeletVersion: 'v1.30.4',
      osImage: 'Ubuntu 22.04.4 LTS',
    }),
    node('a2', {
      containerRuntimeVersion: 'containerd://1.7.27',
      kubeletVersion: 'v1.30.4',
      osImage: 'Ubuntu 22.04.4 LTS',
    }),
    node('b1', {
      containerRuntimeVersion: 'containerd://1.6.20~ds1',
      kubeletVersion: 'v1.30.4',
      osImage: 'Debian GNU/Linux 12 (bookworm)',
      kernelVersion: '6.1.0-18-amd64',
    }),
    node('c1', { containerRuntimeVersion: 'cri-o://1.30.2', kubeletVersion: 'v1.30.4' }, { pool: 'crio' }),
    node('w1', {
      containerRuntimeVersion: 'containerd://1.7.27',
      kubeletVersion: 'v1.30.4',
      operatingSystem: 'windows',
    }),
  ],
});

describe('k8s explain', () => {
  it('tells nodes apart by what they are, and says what they do not tell', async () => {
    const outcome = await callgateHere(
      'k8s',
      'explain',
      THREE,
      '--nodes',
      write('nodes.json', NODES),
      '--call',
      'clone3,fchmodat2',
      '--format',
      'json',
    );
    const { nodes, workloads, kubernetes } = json(outcome);
    expect(kubernetes).toMatchObject({ version: '1.30', seccompDefault: false });
    expect(nodes).toMatchObject([
      { name: 'a1 (+1)', nodes: ['a1', 'a2'], context: { engine: { version: '1.7.27' }, kernel: '5.15.0' } },
      {
        nodes: ['b1'],
        context: {
          engine: { version: '1.6.20' },
          runtime: { version: '1.1.5' },
          libseccomp: '2.5.4-1+deb12u1',
        },
        unknown: [],
      },
      { nodes: ['c1'], context: { engine: { name: 'cri-o', version: '1.30.2' } } },
      { nodes: ['w1'], windows: true },
    ]);
    expect(nodes[0].unknown.join()).toMatch(/runtime.*libseccomp/);
    const [, runtimeDefault, localhost] = workloads;
    expect(
      runtimeDefault.containers[0].nodes.map(
        ({ calls }: { calls: { verdict: { errno?: string; action: string } }[] }) =>
          calls.map(({ verdict }) => verdict.errno ?? verdict.action),
      ),
    ).toEqual([
      ['ENOSYS', 'SCMP_ACT_ALLOW'],
      ['ENOSYS', 'ENOSYS'],
      // Its profile has let clone3 through until a late patch release.
      ['SCMP_ACT_ALLOW', 'ENOSYS'],
    ]);
    // The kernel of these nodes is older than fchmodat2.
    expect(runtimeDefault.containers[0].nodes[0].calls[1].effect).toEqual({ result: 'ENOSYS', by: 'kernel' });
    expect(localhost.containers[0].nodes[0].unknown).toContain('--localhost-root');
    expect(outcome.status).toBe(0);
  });

  it('shows what containerd loses of a file that CRI-O reads whole', async () => {
    const root = path('seccomp', 'profiles');
    mkdirSync(root, { recursive: true });
    const gated = {
      defaultAction: 'SCMP_ACT_ERRNO',
      archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
      syscalls: [
        { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
        { names: ['bpf', 'mount'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    };
    writeFileSync(join(root, 'deny-list.json'), JSON.stringify(gated));
    const outcome = await callgateHere(
      'k8s',
      'explain',
      THREE,
      '--node',
      'containerd@1.7.27',
      '--node',
      'cri-o@1.30',
      '--arch',
      'amd64',
      '--localhost-root',
      path('seccomp'),
      '--call',
      'bpf',
      '--format',
      'json',
    );
    const [onContainerd, onCrio] = json(outcome).workloads[2].containers[0].nodes;
    expect(onContainerd.calls[0].verdict.action).toBe('SCMP_ACT_ALLOW');
    expect(onContainerd.reading).toMatchObject({ widened: ['mount', 'bpf'], narrowed: [] });
    expect(onContainerd.reading.dropped.join()).toMatch(/archMap.*includes/);
    expect(onCrio.calls[0].verdict.action).toBe('SCMP_ACT_ERRNO');
    expect(onCrio.reading).toBeUndefined();
  });

  it('says in the engine’s words that a file is missing, and ends with 1', async () => {
    const outcome = await callgateHere(
      'k8s',
      'explain',
      THREE,
      '--node',
      'containerd@1.7.27',
      '--node',
      'cri-o@1.30',
      '--localhost-root',
      path('none'),
    );
    expect(outcome.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/deny-list.json": open',
    );
    expect(outcome.stdout).toContain('setup seccomp: unable to load local profile');
    expect(outcome.status).toBe(1);
  });

  it('reads standard input, and takes runtime classes from there', async () => {
    const text = `kind: RuntimeClass\nmetadata: {name: fast}\nhandler: crun\n---\nkind: Pod\nmetadata: {name: p}\nspec: {runtimeClassName: fast, containers: [{name: a, image: i}]}\n---\nkind: Pod\nmetadata: {name: q}\nspec: {runtimeClassName: gvisor, containers: [{name: a, image: i}]}\n`;
    const { workloads } = json(
      withInput(text, 'k8s', 'explain', '-', '--node', 'containerd@1.7.27', '--format', 'json'),
    );
    expect(workloads[0].containers[0].nodes[0].context.runtime.name).toBe('crun');
    expect(workloads[1].containers[0].nodes[0].unknown).toContain('gVisor');
  });

  it('asks kubectl for a live cluster', async () => {
    const bin = path('bin');
    mkdirSync(bin);
    const owned = {
      kind: 'Pod',
      metadata: { name: 'made', ownerReferences: [{ controller: true }] },
      spec: { containers: [{ name: 'a', image: 'i' }] },
    };
    const items = [
      {
        kind: 'Deployment',
        metadata: { name: 'd' },
        spec: { template: { spec: { containers: [{ name: 'a', image: 'i' }] } } },
      },
      owned,
    ];
    writeFileSync(
      join(bin, 'kubectl'),
      `#!/bin/sh\ncase "$*" in\n"get nodes -o json --context prod") cat <<'J'\n${NODES}\nJ\n;;\n"get runtimeclasses"*) echo forbidden >&2; exit 1;;\n*"--namespace shop"*) cat <<'J'\n${JSON.stringify({ kind: 'List', items })}\nJ\n;;\n*) echo "unexpected: $*" >&2; exit 9;;\nesac\n`,
    );
    chmodSync(join(bin, 'kubectl'), 0o755);
    const run = (...flags: readonly string[]): Outcome =>
      spawnSync(process.execPath, [CALLGATE, 'k8s', 'explain', '--live', '--format', 'json', ...flags], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
      });
    const found = json(run('-n', 'shop', '--context', 'prod'));
    expect(found.workloads.map(({ name }: { name: string }) => name)).toEqual(['d']);
    expect(found.nodes).toHaveLength(4);
    expect(found.notes.join()).toContain('forbidden');
    const failed = run('-n', 'other');
    expect(failed.status).toBe(2);
    expect(failed.stderr).toContain('unexpected: get deployments,');
  });
});

describe('k8s nodes', () => {
  it('groups nodes by what they do', async () => {
    const outcome = await callgateHere(
      'k8s',
      'nodes',
      '--nodes',
      write('nodes.json', NODES),
      '--node',
      'containerd@1.7.27+linux@5.15',
      '--arch',
      'amd64',
      '--format',
      'json',
    );
    const { groups } = json(outcome);
    expect(groups.map(({ nodes }: { nodes: string[] }) => nodes)).toEqual([
      ['a1', 'a2', 'containerd@1.7.27+linux@5.15'],
      ['b1'],
      ['c1'],
    ]);
    expect(groups[1].difference.narrowed).toEqual(expect.arrayContaining(['fchmodat2', 'cachestat']));
    expect(outcome.status).toBe(1);
    expect(
      (await callgateHere('k8s', 'nodes', '--node', 'containerd@1.7.27', '--node', 'x=containerd@1.7.27'))
        .status,
    ).toBe(0);
  });
});

describe('k8s impact', () => {
  it('goes through thirty mixed manifests in one run', async () => {
    const many = path('many');
    mkdirSync(many);
    for (const [name, text] of manyManifests()) writeFileSync(join(many, name), text);
    expect(readdirSync(many)).toHaveLength(30);
    const calls = write('calls.txt', '# of the web server\nread\nclone3\nio_uring_setup\nmount\n');
    const outcome = await callgateHere(
      'k8s',
      'impact',
      many,
      '--to',
      'RuntimeDefault',
      '--nodes',
      write('nodes.json', NODES),
      '--needs',
      `registry.example/deployment:*=${calls}`,
      '--format',
      'json',
    );
    expect(outcome.stderr).toBe('');
    const { rows, skipped } = json(outcome);
    expect(skipped).toMatchObject({ CustomResourceDefinition: 1, Workflow: 1, Ingress: 1 });
    expect(new Set(rows.map(({ kind }: { kind: string }) => kind)).size).toBe(10);
    const of = (name: string, on: string) =>
      rows.find((row: { name: string; node: string }) => row.name === name && row.node.startsWith(on)).impact;
    const lost = (impact: { lost: { call: string }[] }): readonly string[] =>
      impact.lost.map(({ call }) => call);
    // Nothing was set, so what is needed and blocked is lost: io_uring by CRI-O only, which lets mount pass to the kernel.
    expect(lost(of('deployment-0', 'a1'))).toEqual(['clone3', 'mount']);
    expect(lost(of('deployment-0', 'c1'))).toEqual(['io_uring_setup']);
    // RuntimeDefault already.
    expect(of('deployment-1', 'a1')).toMatchObject({ kind: 'compared', needed: true, lost: [] });
    expect(of('statefulset-0', 'a1')).toMatchObject({ kind: 'compared', needed: false });
    expect(of('root', 'a1')).toMatchObject({ kind: 'compared', lost: [], limited: [] });
    expect(of('training', 'a1')).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('virtual machine'),
    });
    expect(rows.filter(({ impact }: { impact: { kind: string } }) => impact.kind === 'none')).toHaveLength(1);
    expect(outcome.status).toBe(1);
  });

  it('compares with another node, and with a file', async () => {
    const two = await callgateHere(
      'k8s',
      'impact',
      THREE,
      '--node',
      'containerd@1.7.27',
      '--to',
      'node=containerd@2.1',
      '--arch',
      'amd64',
      '--localhost-root',
      path('seccomp'),
      '--format',
      'json',
    );
    expect(json(two).rows[1].impact.lost.map(({ call }: { call: string }) => call)).toEqual([
      'io_uring_setup',
      'io_uring_enter',
      'io_uring_register',
    ]);
    expect(two.status).toBe(0);
    const file = await callgateHere(
      'k8s',
      'impact',
      THREE,
      '--node',
      'containerd@1.7.27',
      '--to',
      `Localhost:${profile('deny-list.json')}`,
      '--arch',
      'amd64',
    );
    expect(file.stdout).toContain('would not be created');
    expect(file.status).toBe(1);
  });
});
