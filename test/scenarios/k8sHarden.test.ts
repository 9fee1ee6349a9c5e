import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manyManifests } from '../kubernetes/manyManifests.js';
import { callgateHere } from './callgate.js';
import { json, MANIFESTS, scratch, withInput } from './k8sWorld.js';

const { path, write } = scratch();

describe('k8s harden', () => {
  it('writes in place, and finds nothing more to do', async () => {
    const path = write('anchors.yaml', readFileSync(join(MANIFESTS, 'anchors.yaml'), 'utf8'));
    const dry = await callgateHere('k8s', 'harden', '--dry-run', path);
    expect(dry.status).toBe(1);
    expect(dry.stdout).toContain('+        seccompProfile:');
    expect(readFileSync(path, 'utf8')).not.toContain('RuntimeDefault');
    expect((await callgateHere('k8s', 'harden', path)).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('RuntimeDefault');
    expect(await callgateHere('k8s', 'harden', '--dry-run', path)).toMatchObject({ status: 0, stdout: '' });
  });

  it('passes standard input on', async () => {
    const { stdout, status } = withInput(
      'kind: Pod\nspec:\n  containers: [{name: a, image: i}] # one\n',
      'k8s',
      'harden',
      '-',
    );
    expect(stdout).toBe(
      'kind: Pod\nspec:\n  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n  containers: [{name: a, image: i}] # one\n',
    );
    expect(status).toBe(0);
  });

  it('brings every manifest of the thirty to a profile', async () => {
    const many = path('harden-many');
    mkdirSync(many);
    for (const [name, text] of manyManifests()) writeFileSync(join(many, name), text);
    expect((await callgateHere('k8s', 'harden', many, '--level', 'restricted')).status).toBe(0);
    const { workloads } = json(
      await callgateHere('k8s', 'explain', many, '--node', 'containerd@1.7.27', '--format', 'json'),
    );
    const levels = new Map<string, string[]>();
    for (const { name, podSecurity } of workloads)
      levels.set(podSecurity.level, [...(levels.get(podSecurity.level) ?? []), name]);
    // The Windows pod is named as its Linux twin; the level is no matter of seccomp there.
    expect(levels.get('privileged')).toEqual(['root']);
    expect(levels.get('baseline')).toEqual(['pod-0']);
  });
});
