import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { installScript } from '../../src/kubernetes/distribute/installScript.js';
import { readProfile } from '../../src/profile/read.js';
import { callgateHere, type Outcome, profile } from './callgate.js';
import { scratch } from './k8sWorld.js';

const { path, write } = scratch();

describe('k8s distribute', () => {
  it('daemonset: the profile and the script are in the ConfigMap as they are', async () => {
    const { stdout, stderr, status } = await callgateHere(
      'k8s',
      'distribute',
      profile('deny-list.json'),
      '--as',
      'daemonset',
    );
    const [config, set] = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(config.data['install.sh']).toBe(installScript);
    expect(config.data['profiles--deny-list.json']).toBe(readFileSync(profile('deny-list.json'), 'utf8'));
    const { containers, volumes } = set.spec.template.spec;
    expect(containers[0].securityContext).toMatchObject({
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(volumes.filter((volume: object) => 'hostPath' in volume)).toMatchObject([
      { hostPath: { path: '/var/lib/kubelet/seccomp' } },
    ]);
    expect(stderr).toContain('localhostProfile: profiles/deny-list.json');
    expect(status).toBe(0);
  });

  it('agent: one DaemonSet that does not change with its profiles', async () => {
    const write = (...more: readonly string[]): Promise<Outcome> =>
      callgateHere('k8s', 'distribute', '--as', 'agent', '--name', 'callgate', ...more);
    const image = ['--image', 'registry.example/callgate-agent:1'];
    const audit = ['--audit', '/var/log/audit/audit.log'];
    const { stdout, stderr, status } = await write(profile('deny-list.json'), ...image, ...audit);
    const [config, set] = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(status).toBe(0);
    expect(Object.keys(config.data)).toEqual(['profiles--deny-list.json']);
    expect(stderr).toContain('localhostProfile: profiles/deny-list.json');
    const { spec } = set;
    expect(spec.updateStrategy).toEqual({ type: 'OnDelete' });
    const [agent] = spec.template.spec.containers;
    expect(agent.args.join(' ')).toBe(
      '--profiles /profiles --seccomp-root /host/seccomp --name callgate --listener-path /run/callgate/watch.sock --audit /var/log/audit/audit.log --listen 0.0.0.0:9464',
    );
    expect(agent.securityContext).toMatchObject({
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] },
    });
    const paths = spec.template.spec.volumes.flatMap((volume: { hostPath?: { path: string } }) =>
      volume.hostPath === undefined ? [] : [volume.hostPath.path],
    );
    expect(paths).toEqual(['/var/lib/kubelet/seccomp', '/run/callgate', '/var/log/audit']);

    const other = await write(profile('deny-list.json'), ...image, ...audit, '--path', 'other');
    expect(other.stdout.split(/^---\n/m)[1]).toBe(stdout.split(/^---\n/m)[1]);
    expect((await write(profile('deny-list.json'))).stderr).toMatch(/the agent’s image is your own/);
    expect((await write(profile('deny-list.json'), ...image, '--remove')).stderr).toMatch(
      /does not take profiles away/,
    );
    expect((await write(profile('deny-list.json'), ...image, '--audit', 'audit.log')).status).toBe(2);
  });

  it('--resolve decides conditions, so that containerd reads what is meant', async () => {
    const path = write(
      'gated.json',
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [
          { names: ['read'], action: 'SCMP_ACT_ALLOW' },
          { names: ['bpf'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_SYS_ADMIN'] } },
        ],
      }),
    );
    expect((await callgateHere('k8s', 'distribute', path, '--as', 'daemonset')).stderr).toContain(
      '--resolve',
    );
    const names = async (context: string): Promise<readonly string[]> => {
      const { stdout } = await callgateHere(
        'k8s',
        'distribute',
        path,
        '--as',
        'daemonset',
        '--resolve',
        context,
      );
      const [config] = parseAllDocuments(stdout).map((document) => document.toJS());
      return JSON.parse(config.data['profiles--gated.json']).syscalls.flatMap(
        ({ names }: { names: string[] }) => names,
      );
    };
    expect(await names('containerd@1.7.27')).toEqual(['read']);
    expect(await names('containerd@1.7.27+SYS_ADMIN')).toEqual(['read', 'bpf']);
  });

  it('spo: the resource says the same, or nothing is written', async () => {
    const { stdout, status } = await callgateHere(
      'k8s',
      'distribute',
      profile('deny-list.json'),
      '--as',
      'spo',
    );
    const before = readProfile(readFileSync(profile('deny-list.json')), 'a');
    const after = readProfile(stdout, 'a.yaml');
    expect(after.rules.map(({ names, action, errnoRet }) => ({ names, action, errnoRet }))).toEqual(
      before.rules.map(({ names, action, errnoRet }) => ({ names, action, errnoRet })),
    );
    expect(status).toBe(0);
    for (const wrong of [
      { defaultErrnoRet: 38 },
      { architectures: ['SCMP_ARCH_LOONGARCH64'] },
      { listenerPath: '/run/x' },
    ]) {
      const path = write(
        'wrong.json',
        JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', ...wrong, syscalls: [] }),
      );
      expect(await callgateHere('k8s', 'distribute', path, '--as', 'spo')).toMatchObject({
        status: 2,
        stdout: '',
      });
    }
  });

  it('oci-artifact: a layout whose digests hold', async () => {
    const layout = path('layout');
    expect(
      (
        await callgateHere(
          'k8s',
          'distribute',
          profile('deny-list.json'),
          '--as',
          'oci-artifact',
          '-o',
          layout,
          '--tag',
          'v1',
        )
      ).status,
    ).toBe(0);
    const read = (path: string): Buffer => readFileSync(join(layout, path));
    const blob = ({ digest, size }: { digest: string; size: number }): Buffer => {
      const bytes = read(`blobs/${digest.replace(':', '/')}`);
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
      expect(bytes.length).toBe(size);
      return bytes;
    };
    expect(JSON.parse(read('oci-layout').toString())).toEqual({ imageLayoutVersion: '1.0.0' });
    const [entry] = JSON.parse(read('index.json').toString()).manifests;
    expect(entry.annotations).toEqual({ 'org.opencontainers.image.ref.name': 'v1' });
    const manifest = JSON.parse(blob(entry).toString());
    expect(manifest.config.mediaType).toBe('application/vnd.cncf.seccomp-profile.config.v1+json');
    expect(blob(manifest.config).toString()).toBe('{}');
    expect(manifest.layers).toHaveLength(1);
    expect(blob(manifest.layers[0])).toEqual(readFileSync(profile('deny-list.json')));
    expect(
      (
        await callgateHere(
          'k8s',
          'distribute',
          profile('deny-list.json'),
          '--as',
          'oci-artifact',
          '-o',
          layout,
        )
      ).status,
    ).toBe(2);
  });
});
