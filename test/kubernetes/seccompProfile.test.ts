import { describe, expect, it } from 'vitest';
import { type ClusterSettings, defaultCluster } from '../../src/kubernetes/facts.js';
import { effectiveProfile } from '../../src/kubernetes/seccompProfile.js';
import { workloads } from './cluster.js';

const POD_NOTE = 'seccomp.security.alpha.kubernetes.io/pod';
const OWN_NOTE = 'container.seccomp.security.alpha.kubernetes.io/a';

interface Row {
  readonly pod?: string;
  readonly own?: string;
  readonly podNote?: string;
  readonly ownNote?: string;
  readonly cluster?: Partial<ClusterSettings>;
  readonly os?: string;
  /** Type, where from, file. */
  readonly expected: readonly [string, string, string?];
  readonly refused?: RegExp;
  readonly note?: RegExp;
}

const field = (word: string): object => {
  const [type, localhostProfile] = word.split(' ');
  return {
    ...(type === '-' ? {} : { type }),
    ...(localhostProfile === undefined ? {} : { localhostProfile }),
  };
};

function effective({ pod, own, podNote, ownNote, cluster, os }: Row) {
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      annotations: {
        ...(podNote === undefined ? {} : { [POD_NOTE]: podNote }),
        ...(ownNote === undefined ? {} : { [OWN_NOTE]: ownNote }),
      },
    },
    spec: {
      ...(os === undefined ? {} : { os: { name: os } }),
      ...(pod === undefined ? {} : { securityContext: { seccompProfile: field(pod) } }),
      containers: [
        {
          name: 'a',
          image: 'i',
          ...(own === undefined ? {} : { securityContext: { seccompProfile: field(own) } }),
        },
      ],
    },
  });
  const [workload] = workloads(text);
  const [container] = workload?.pod.containers ?? [];
  if (workload === undefined || container === undefined) throw new Error('no pod');
  return effectiveProfile(workload, container, { ...defaultCluster, ...cluster });
}

const on = (version: string, seccompDefault = false) => ({ cluster: { version, seccompDefault } });

const ROWS: readonly Row[] = [
  // Nothing is said: the kubelet decides, which it does since 1.22 only.
  { expected: ['Unconfined', 'kubelet'] },
  { ...on('1.36', true), expected: ['RuntimeDefault', 'kubelet'] },
  { ...on('1.22', true), expected: ['RuntimeDefault', 'kubelet'] },
  { ...on('1.21', true), expected: ['Unconfined', 'kubelet'] },
  // The container's own field wins over the pod's, the pod's over the kubelet's.
  { pod: 'RuntimeDefault', expected: ['RuntimeDefault', 'pod'] },
  { pod: 'RuntimeDefault', own: 'Unconfined', expected: ['Unconfined', 'container'] },
  { pod: 'Unconfined', ...on('1.36', true), expected: ['Unconfined', 'pod'] },
  {
    own: 'Localhost profiles/x.json',
    expected: ['Localhost', 'container', '/var/lib/kubelet/seccomp/profiles/x.json'],
  },
  {
    own: 'Localhost x.json',
    cluster: { kubeletRoot: '/data/kubelet' },
    expected: ['Localhost', 'container', '/data/kubelet/seccomp/x.json'],
  },
  // Annotations: the only way before 1.19, behind the field of the same level until 1.26, nothing since 1.27.
  { podNote: 'runtime/default', ...on('1.18'), expected: ['RuntimeDefault', 'pod annotation'] },
  { podNote: 'docker/default', ...on('1.18'), expected: ['RuntimeDefault', 'pod annotation'] },
  { pod: 'RuntimeDefault', ...on('1.18'), expected: ['Unconfined', 'kubelet'], note: /came with 1\.19/ },
  {
    podNote: 'localhost/x.json',
    ...on('1.24'),
    expected: ['Localhost', 'pod annotation', '/var/lib/kubelet/seccomp/x.json'],
  },
  { pod: 'RuntimeDefault', podNote: 'unconfined', ...on('1.24'), expected: ['RuntimeDefault', 'pod'] },
  {
    pod: 'RuntimeDefault',
    ownNote: 'unconfined',
    ...on('1.24'),
    expected: ['Unconfined', 'container annotation'],
  },
  { own: 'RuntimeDefault', ownNote: 'unconfined', ...on('1.24'), expected: ['RuntimeDefault', 'container'] },
  {
    podNote: 'runtime/default',
    ...on('1.26'),
    expected: ['RuntimeDefault', 'pod annotation'],
    note: /static pods lose it/,
  },
  { podNote: 'runtime/default', ...on('1.27'), expected: ['Unconfined', 'kubelet'], note: /not read.*1\.27/ },
  {
    podNote: 'nonsense',
    ...on('1.18'),
    expected: ['Unconfined', 'pod annotation'],
    refused: /not a seccomp profile/,
  },
  // What the API server refuses.
  { own: 'Localhost', expected: ['Localhost', 'container'], refused: /must be set/ },
  { own: 'Localhost /etc/x.json', expected: ['Localhost', 'container'], refused: /relative/ },
  { own: 'Localhost a/../../x.json', expected: ['Localhost', 'container'], refused: /"\.\."/ },
  { own: 'RuntimeDefault x.json', expected: ['RuntimeDefault', 'container'], refused: /may only be set/ },
  { own: 'runtime/default', expected: ['Unconfined', 'container'], refused: /valid are/ },
  { own: '-', expected: ['Unconfined', 'container'], refused: /no type/ },
  { own: 'RuntimeDefault', os: 'windows', expected: ['RuntimeDefault', 'container'], refused: /windows/ },
];

describe('effectiveProfile', () => {
  it.each(ROWS)('$expected with $own, $pod, $ownNote, $podNote, $cluster', (row) => {
    const found = effective(row);
    const [type, from, path] = row.expected;
    expect({ type: found.type, from: found.from, path: found.path }).toEqual({ type, from, path });
    if (row.refused === undefined) expect(found.refused).toBeUndefined();
    else expect(found.refused).toMatch(row.refused);
    if (row.note === undefined) expect(found.notes).toEqual([]);
    else expect(found.notes.join()).toMatch(row.note);
  });
});
