import { describe, expect, it } from 'vitest';
import { CallgateError } from '../../src/error.js';
import { readManifests } from '../../src/kubernetes/manifests.js';
import { workloadsOf } from '../../src/kubernetes/workload.js';
import { PATIENCE } from '../patience.js';

const POD = 'spec: {containers: [{name: a, image: i}]}';

const found = (text: string) => readManifests(text, 'm.yaml').objects.flatMap(workloadsOf);
const names = (text: string): readonly string[] => found(text).map(({ kind, name }) => `${kind}/${name}`);

describe('readManifests', () => {
  it.each<readonly [string, string, readonly string[]]>([
    ['a pod', `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n${POD}`, ['Pod/p']],
    [
      'several documents, empty ones and comments among them',
      `# first\n---\n---\nkind: Pod\nmetadata: {name: p}\n${POD}\n--- # second\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {${POD}}}\n...\n---\n# nothing\n`,
      ['Pod/p', 'Deployment/d'],
    ],
    [
      'a CronJob',
      `kind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {${POD}}}}}`,
      ['CronJob/c'],
    ],
    ['a PodTemplate', `kind: PodTemplate\nmetadata: {name: t}\ntemplate: {${POD}}`, ['PodTemplate/t']],
    ['a generated name', `kind: Job\nmetadata: {generateName: j-}\nspec: {template: {${POD}}}`, ['Job/j-']],
    [
      'a list',
      `kind: List\nitems:\n- kind: Pod\n  metadata: {name: p}\n  ${POD}\n- kind: Service\n`,
      ['Pod/p'],
    ],
    [
      'a list in a list',
      `kind: List\nitems: [{kind: PodList, items: [{kind: Pod, metadata: {name: p}, ${POD}}]}]`,
      ['Pod/p'],
    ],
    ['an Argo Rollout', `kind: Rollout\nmetadata: {name: r}\nspec: {template: {${POD}}}`, ['Rollout/r']],
    [
      'a Knative Service',
      `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\nspec: {template: {${POD}}}`,
      ['Service/k'],
    ],
    [
      'a resource of a kind that is not known',
      `kind: Gang\nmetadata: {name: g}\nspec: {tasks: [{template: {${POD}}}, {template: {${POD}}}]}`,
      ['Gang/g', 'Gang/g'],
    ],
    [
      'merge keys',
      `kind: Pod\nmetadata: {name: p}\nx: &x {containers: [{name: a, image: i}]}\nspec: {<<: *x}`,
      ['Pod/p'],
    ],
    [
      'JSON',
      `{"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}]}}`,
      ['Pod/p'],
    ],
    ['a service', 'kind: Service\nspec: {ports: []}', []],
    ['nothing', '', []],
  ])('finds the pods of %s', (_, text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  it('does not look into documents that cannot hold a pod, and counts them', () => {
    const text = `kind: CustomResourceDefinition\nspec: {containers: [&a *b}}\n---\nkind: Service\n---\nkind: Service\n---\nfoo: bar\n`;
    const { objects, skipped } = readManifests(text, 'm.yaml');
    expect(objects).toEqual([]);
    expect([...skipped]).toEqual([
      ['CustomResourceDefinition', 1],
      ['Service', 2],
      ['documents without a kind', 1],
    ]);
  });

  it('names the chart’s file', () => {
    expect(
      found(`---\n# Source: shop/templates/web.yaml\nkind: Pod\nmetadata: {name: p}\n${POD}\n`)[0]?.template,
    ).toBe('shop/templates/web.yaml');
  });

  it('gives places in the whole text', () => {
    expect(found(`kind: Service\n---\nkind: Pod\nmetadata: {name: p}\n${POD}\n`)[0]?.at).toMatchObject({
      line: 3,
      column: 1,
    });
  });

  it.each([
    ['a syntax error', 'kind: Pod\nspec: {containers: [}\n', /^m\.yaml:2:/],
    ['a chart’s template', 'kind: Pod\nspec:\n  containers: {{ .Values.containers }}\n', /helm template/],
    ['an alias without an anchor', 'kind: Pod\nspec: {containers: *none}\n', /no anchor/],
    ['UTF-16', Buffer.from('\ufeffkind: Pod', 'utf16le'), /UTF-16/],
  ])('says what is wrong with %s', (_, text, message) => {
    const read = (): unknown => readManifests(text, 'm.yaml').objects.flatMap(workloadsOf);
    expect(() => read()).toThrow(CallgateError);
    try {
      read();
    } catch (error) {
      const { at, message: said, hint } = error as CallgateError;
      expect(`${at?.file}:${at?.line}: ${said} ${hint}`).toMatch(message);
    }
  });

  const levels = (text: (level: number) => string, count: number): string =>
    Array.from({ length: count }, (_, level) => text(level)).join('\n');

  it.each<readonly [string, () => string]>([
    [
      'an alias bomb of containers',
      () =>
        `kind: Pod\na0: &a0 [{name: a, image: i}]\n${levels((n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`, 9)}\nspec: {containers: *a9}`,
    ],
    [
      'a bomb of merge keys',
      () =>
        `kind: Pod\nm0: &m0 {k: v}\n${levels((n) => `m${n + 1}: &m${n + 1} {<<: [${Array(9).fill(`*m${n}`).join(', ')}]}`, 30)}\nspec: {<<: *m30, containers: []}`,
    ],
    ['a cycle', () => 'kind: Gang\nspec: &s {template: *s, containers: 1, list: [*s, *s, *s]}'],
    ['a merge cycle', () => 'kind: Pod\nspec: &s {<<: *s, containers: []}'],
    [
      'a bomb of lists',
      () =>
        `kind: List\nitems: &l [{kind: List, items: [{kind: List, items: [{kind: Pod}]}]}]\ncontainers: 1`,
    ],
    ['deep brackets', () => `kind: Pod\ncontainers: ${'['.repeat(100_000)}`],
    ['deep dashes', () => `kind: Pod\ncontainers:\n${'- '.repeat(50_000)}x`],
    ['very many documents', () => '---\nkind: Pod\ncontainers: 1\n'.repeat(5_000)],
    ['deep JSON', () => `{"kind": "Pod", "containers": ${'['.repeat(200_000)}`],
    [
      'a resource with a million values',
      () => `{"kind": "Gang", "x": [${'{"y": [1, 2, 3]},'.repeat(50_000)} 1]}`,
    ],
  ])('is bounded by %s', (_, text) => {
    const input = text();
    const start = process.cpuUsage();
    try {
      found(input);
    } catch (error) {
      expect(error).toBeInstanceOf(CallgateError);
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(10_000 * PATIENCE);
  });
});
