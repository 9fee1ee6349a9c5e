import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { defaultCluster } from '../../src/kubernetes/facts.js';
import { harden } from '../../src/kubernetes/harden/harden.js';
import { unifiedDiff } from '../../src/kubernetes/harden/unifiedDiff.js';
import type { HardenOptions } from '../../src/kubernetes/harden/wish.js';
import { manifest } from './cluster.js';

const OPTIONS: HardenOptions = {
  level: 'seccomp',
  profile: { type: 'RuntimeDefault' },
  keepUnconfined: false,
  cluster: defaultCluster,
};
const RESTRICTED: HardenOptions = { ...OPTIONS, level: 'restricted' };

/** Lines that are gone and lines that are new. */
function changes(
  text: string,
  options = OPTIONS,
): { readonly gone: readonly string[]; readonly fresh: readonly string[] } {
  const patch = unifiedDiff(text, harden(text, 'm.yaml', options).edits, 'm.yaml')
    .split('\n')
    .slice(2);
  const of = (sign: string): readonly string[] =>
    patch.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  return { gone: of('-'), fresh: of('+') };
}

const SECCOMP = ['securityContext:', '  seccompProfile:', '    type: RuntimeDefault'];
const indented = (by: number, ...lines: readonly string[]): readonly string[] =>
  lines.map((line) => ' '.repeat(by) + line);

describe('harden', () => {
  it('changes three places of a manifest full of comments and anchors, and no other line', () => {
    expect(changes(manifest('anchors.yaml'))).toEqual({
      gone: [
        "          securityContext: {seccompProfile: {type: 'Unconfined'}, runAsUser: 1000}",
        '          securityContext:',
      ],
      fresh: [
        ...indented(6, ...SECCOMP),
        "          securityContext: {seccompProfile: {type: 'RuntimeDefault'}, runAsUser: 1000}",
        '          securityContext: {seccompProfile: {type: RuntimeDefault}}',
      ],
    });
  });

  it('changes a mapping behind an anchor once, for all who use it', () => {
    const { gone, fresh } = changes(manifest('anchors.yaml'), RESTRICTED);
    expect(fresh.filter((line) => line.includes('allowPrivilegeEscalation: false'))).toEqual([
      '            allowPrivilegeEscalation: false',
      "          securityContext: {seccompProfile: {type: 'RuntimeDefault'}, runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
      '            - {name: report, image: registry.example/report:7, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}',
      '                allowPrivilegeEscalation: false',
    ]);
    expect(gone).toHaveLength(3);
  });

  const EDITS: readonly (readonly [string, string, readonly string[], readonly string[], HardenOptions?])[] =
    [
      ['a pod', 'kind: Pod\nspec:\n  containers:\n  - name: a\n    image: i\n', [], indented(2, ...SECCOMP)],
      [
        'wider indentation',
        'kind: Pod\nspec:\n    containers:\n    - {name: a, image: i}\n',
        [],
        ['    securityContext:', '        seccompProfile:', '            type: RuntimeDefault'],
      ],
      [
        'a text without an end of line',
        'kind: Pod\nspec:\n  containers:\n  - name: a\n    image: i',
        [],
        indented(2, ...SECCOMP),
      ],
      [
        'an empty mapping',
        'kind: Pod\nspec:\n  securityContext: {}\n  containers: [{name: a, image: i}]\n',
        ['  securityContext: {}'],
        ['  securityContext: {seccompProfile: {type: RuntimeDefault}}'],
      ],
      [
        'an explicit null',
        'kind: Pod\nspec:\n  securityContext: null # none\n  containers: [{name: a, image: i}]\n',
        ['  securityContext: null # none'],
        ['  securityContext: {seccompProfile: {type: RuntimeDefault}} # none'],
      ],
      [
        'a security context with other fields',
        'kind: Pod\nspec:\n  securityContext:\n    fsGroup: 7 # data\n    # end\n  containers: [{name: a, image: i}]\n',
        [],
        ['    seccompProfile:', '      type: RuntimeDefault'],
      ],
      [
        'Unconfined on the pod',
        'kind: Pod\nspec:\n  securityContext:\n    seccompProfile:\n      type: Unconfined # for now\n  containers: [{name: a, image: i}]\n',
        ['      type: Unconfined # for now'],
        ['      type: RuntimeDefault # for now'],
      ],
      [
        'braces with a trailing comma',
        'kind: Pod\nspec: {containers: [{name: a, image: i}], }\n',
        ['spec: {containers: [{name: a, image: i}], }'],
        [
          'spec: {containers: [{name: a, image: i}], securityContext: {seccompProfile: {type: RuntimeDefault}}, }',
        ],
      ],
      [
        'a base that is merged in',
        'kind: Pod\nx: &x\n  securityContext: &s\n    runAsUser: 7\nspec:\n  <<: *x\n  containers: [{name: a, image: i}]\n',
        [],
        ['    seccompProfile:', '      type: RuntimeDefault'],
      ],
      [
        'a Localhost profile',
        'kind: Pod\nspec:\n  containers: [{name: a, image: i}]\n',
        [],
        [
          ...indented(
            2,
            'securityContext:',
            '  seccompProfile:',
            '    type: Localhost',
            '    localhostProfile: profiles/a.json',
          ),
        ],
        { ...OPTIONS, profile: { type: 'Localhost', localhostProfile: 'profiles/a.json' } },
      ],
      [
        'an annotation where it is read',
        'kind: Pod\nmetadata:\n  annotations: {seccomp.security.alpha.kubernetes.io/pod: localhost/x.json}\nspec:\n  containers: [{name: a, image: i}]\n',
        [],
        [
          ...indented(
            2,
            'securityContext:',
            '  seccompProfile:',
            '    type: Localhost',
            '    localhostProfile: x.json',
          ),
        ],
        { ...OPTIONS, cluster: { ...defaultCluster, version: '1.22' } },
      ],
      [
        'what has a profile already',
        'kind: Pod\nspec:\n  containers: [{name: a, image: i, securityContext: {seccompProfile: {type: Localhost, localhostProfile: x}}}]\n',
        [],
        [],
      ],
      [
        'Unconfined that is to stay',
        'kind: Pod\nspec:\n  containers: [{name: a, image: i, securityContext: {seccompProfile: {type: Unconfined}}}]\n',
        [],
        [],
        { ...OPTIONS, keepUnconfined: true },
      ],
      [
        'a Windows pod',
        'kind: Pod\nspec:\n  os: {name: windows}\n  containers: [{name: a, image: i}]\n',
        [],
        [],
      ],
      ['a patch', 'kind: Deployment\nspec: {template: {spec: {containers: [{name: a}]}}}\n', [], []],
      [
        'a list of capabilities',
        'kind: Pod\nspec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n  containers:\n  - name: a\n    image: i\n    securityContext:\n      allowPrivilegeEscalation: true\n      capabilities:\n        drop: [NET_RAW]\n',
        ['      allowPrivilegeEscalation: true', '        drop: [NET_RAW]'],
        ['      allowPrivilegeEscalation: false', '        drop: [NET_RAW, ALL]'],
        RESTRICTED,
      ],
      [
        'a privileged container',
        'kind: Pod\nspec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n  containers: [{name: a, image: i, securityContext: {privileged: true}}]\n',
        [],
        [],
        RESTRICTED,
      ],
    ];
  it.each(EDITS.map(([what, text, gone, fresh, options]) => ({ what, text, gone, fresh, options })))(
    '$what',
    ({ text, gone, fresh, options }) => expect(changes(text, options)).toEqual({ gone, fresh }),
  );

  it('keeps what Windows shares from Linux: the alias is spread out', () => {
    const text = [
      'kind: List',
      'items:',
      '- kind: Pod',
      '  spec:',
      '    os: {name: windows}',
      '    securityContext: &s {runAsNonRoot: true}',
      '    containers: [{name: a, image: i}]',
      '- kind: Pod',
      '  spec:',
      '    securityContext: *s',
      '    containers: [{name: a, image: i}]',
      '',
    ].join('\n');
    expect(changes(text)).toEqual({
      gone: ['    securityContext: *s'],
      fresh: ['    securityContext: {<<: *s, seccompProfile: {type: RuntimeDefault}}'],
    });
  });

  it('keeps line ends of CR LF', () => {
    const { text } = harden(
      'kind: Pod\r\nspec:\r\n  containers:\r\n  - {name: a, image: i}\r\n',
      'm.yaml',
      OPTIONS,
    );
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  it('writes JSON into JSON', () => {
    const pod = { kind: 'Pod', spec: { containers: [{ name: 'a', image: 'i' }] } };
    for (const space of [undefined, 2, '\t']) {
      const { text } = harden(JSON.stringify(pod, null, space), 'm.json', RESTRICTED);
      expect(JSON.parse(text).spec.securityContext).toEqual({
        seccompProfile: { type: 'RuntimeDefault' },
        runAsNonRoot: true,
      });
    }
  });

  it('changes no value but those', () => {
    const values = (text: string): unknown[] =>
      parseAllDocuments(text, { merge: true }).map((document) => document.toJS());
    const strip = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(strip);
      if (typeof value !== 'object' || value === null) return value;
      const { securityContext: _, ...rest } = value as Record<string, unknown>;
      return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, strip(inner)]));
    };
    for (const options of [OPTIONS, RESTRICTED]) {
      const text = manifest('anchors.yaml');
      const { text: after } = harden(text, 'm.yaml', options);
      expect(strip(values(after))).toEqual(strip(values(text)));
      const kept = (of: string): readonly string[] => of.match(/#.*$/gm) ?? [];
      expect(kept(after)).toEqual(kept(text));
    }
  });
});

describe('unifiedDiff', () => {
  it('is a patch that git applies', () => {
    const directory = mkdtempSync(join(tmpdir(), 'callgate-diff-'));
    try {
      execFileSync('git', ['init', '-q'], { cwd: directory });
      for (const options of [OPTIONS, RESTRICTED])
        for (const text of [
          manifest('anchors.yaml'),
          manifest('three-pods.yaml'),
          manifest('anchors.yaml').trimEnd(),
        ]) {
          const file = 'deep/m.yaml';
          mkdirSync(dirname(join(directory, file)), { recursive: true });
          writeFileSync(join(directory, file), text);
          const hardened = harden(text, file, options);
          execFileSync('git', ['apply', '-'], {
            cwd: directory,
            input: unifiedDiff(text, hardened.edits, file),
          });
          expect(readFileSync(join(directory, file), 'utf8')).toBe(hardened.text);
        }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
