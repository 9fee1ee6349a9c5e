import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { agentDaemonSet } from '../../src/kubernetes/distribute/agentDaemonSet.js';
import { daemonSet } from '../../src/kubernetes/distribute/daemonSet.js';
import { defaultCluster } from '../../src/kubernetes/facts.js';
import { harden } from '../../src/kubernetes/harden/harden.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { manifest } from './cluster.js';
import { manyManifests } from './manyManifests.js';

/**
 * kubectl validates against a schema that it asks a server for. Without one, `kubectl set env --local` still decodes
 * each object into Kubernetes' own Go types and prints it again: a value of the wrong type is an error, and a field that the
 * types do not know is gone from what is printed.
 */
describeWithOracle(hasCommand('kubectl') ? undefined : 'kubectl', 'kubectl takes', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-kubectl-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const kubectl = (input: string, ...args: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync('kubectl', args, {
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: '/dev/null' },
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };

  const objects = (yaml: string): readonly unknown[] =>
    parseAllDocuments(yaml, { merge: true })
      .map((document) => document.toJS({ maxAliasCount: 1000 }) as unknown)
      .filter((value) => value !== null);

  /** What kubectl's types make of the objects. */
  const typed = (yaml: string): readonly unknown[] => {
    const text = objects(yaml)
      .map((object) => JSON.stringify(object))
      .join('\n');
    const printed = kubectl(text, 'set', 'env', '--local', '-f', '-', '-o', 'json', 'CALLGATE_CHECK=1');
    return printed.split(/^(?=\{)/m).map((part) => JSON.parse(part) as unknown);
  };

  /** What one value says and the other does not; nothing, an empty list and an empty mapping say nothing. */
  const lost = (said: unknown, kept: unknown, path = ''): readonly string[] => {
    if (typeof said === 'object' && Object.keys(said ?? {}).length === 0) return [];
    if (typeof said !== 'object' || said === null)
      return said === kept ? [] : [`${path}: ${said} became ${kept}`];
    if (typeof kept !== 'object' || kept === null) return [`${path} is gone`];
    return Object.entries(said).flatMap(([key, value]) =>
      lost(value, (kept as Record<string, unknown>)[key], `${path}/${key}`),
    );
  };

  const check = (yaml: string): readonly string[] => {
    const before = objects(yaml);
    const after = typed(yaml);
    expect(after).toHaveLength(before.length);
    return before.flatMap((object, index) => lost(object, after[index]));
  };

  it('the check finds what is wrong', () => {
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: i}]}\n';
    expect(check(pod)).toEqual([]);
    expect(() => check(pod.replace('image: i', 'image: i, securityContext: {runAsUser: zero}'))).toThrow(
      /runAsUser/i,
    );
    expect(check(pod.replace('image: i', 'image: i, securitycontext2: {a: 1}'))).toEqual([
      '/spec/containers/0/securitycontext2 is gone',
    ]);
  });

  it.each([false, true])('the DaemonSet, remove: %s', async (remove) => {
    const yaml = await daemonSet([{ path: 'profiles/a.json', text: '{}\n' }], {
      name: 'profiles',
      namespace: 'kube-system',
      image: 'registry.example/busybox:1',
      kubeletRoot: '/var/lib/kubelet',
      remove,
      overwrite: true,
    });
    const [config = '', set = ''] = yaml.split(/^---\n/m);
    expect(check(set)).toEqual([]);
    const [made] = objects(config) as { data: Record<string, string> }[];
    for (const [key, text] of Object.entries(made?.data ?? {})) writeFileSync(join(directory, key), text);
    const files = Object.keys(made?.data ?? {}).map((key) => `--from-file=${key}=${join(directory, key)}`);
    const printed = kubectl(
      '',
      'create',
      'configmap',
      'profiles',
      '-n',
      'kube-system',
      '--dry-run=client',
      '-o',
      'json',
      ...files,
    );
    expect((JSON.parse(printed) as typeof made)?.data).toEqual(made?.data);
  });

  it('the agent’s DaemonSet', () => {
    const yaml = agentDaemonSet([{ path: 'profiles/a.json', text: '{}\n' }], {
      name: 'callgate',
      namespace: 'kube-system',
      image: 'registry.example/callgate-agent:1',
      kubeletRoot: '/var/lib/kubelet',
      overwrite: true,
      audit: '/var/log/audit/audit.log',
    });
    const [, set = ''] = yaml.split(/^---\n/m);
    expect(check(set)).toEqual([]);
  });

  it('every manifest that harden has changed', () => {
    const kinds = [...manyManifests()].flatMap(([name, text]) =>
      /^(deployment|statefulset|daemonset|job|cronjob|pod|replicaset)-\d/.test(name) ? [text] : [],
    );
    expect(kinds.length).toBe(21);
    // Old releases of kubectl know neither os nor CronJob's present version.
    const [deployment = '', cronJob = ''] = manifest('anchors.yaml').split(/^---\n/m);
    const texts = [...kinds, deployment, cronJob, manifest('three-pods.yaml')].map((text) =>
      text.replace(/batch\/v1(?=\n(?:#.*\n)?kind: CronJob)/, 'batch/v1beta1'),
    );
    const hardened = (['seccomp', 'restricted'] as const).flatMap((level) => {
      const profile = { type: 'RuntimeDefault' } as const;
      const options = { level, profile, keepUnconfined: false, cluster: defaultCluster };
      return texts.map((text) => harden(text, 'm.yaml', options).text);
    });
    expect(check(hardened.join('---\n'))).toEqual([]);
  });
});
