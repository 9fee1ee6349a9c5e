import { describe, expect, test } from 'vitest';
import { parseTarget, type Target } from '../../src/engine/target.js';
import { CallgateError } from '../../src/error.js';

const context = (parts: object): object => ({
  kind: 'context',
  capAdd: [],
  capDrop: [],
  privileged: false,
  unconfined: false,
  ...parts,
});

const rows: readonly (readonly [string, object])[] = [
  ['unconfined', { kind: 'unconfined' }],
  ['p.json', { kind: 'file', path: 'p.json' }],
  ['a+b@c.YAML', { kind: 'file', path: 'a+b@c.YAML' }],
  ['./docker@20', { kind: 'file', path: './docker@20' }],
  ['../p', { kind: 'file', path: '../p' }],
  ['/etc/p', { kind: 'file', path: '/etc/p' }],
  ['file:docker', { kind: 'file', path: 'docker' }],
  ['oci:config.json', { kind: 'oci', path: 'config.json' }],
  ['bpf:f.bpf', { kind: 'bpf', path: 'f.bpf' }],
  ['inspect:-', { kind: 'inspect', path: '-' }],
  ['container:web', { kind: 'container', name: 'web' }],
  ['pid:1234', { kind: 'pid', pid: 1234 }],
  ['docker', context({ engine: { name: 'docker' } })],
  ['docker@20.10.9', context({ engine: { name: 'docker', version: '20.10.9' } })],
  ['CRIO@1.31.0', context({ engine: { name: 'cri-o', version: '1.31.0' } })],
  [
    'docker@24.0.9+runc@1.1.12+libseccomp@2.5.5+linux@6.6+SYS_ADMIN',
    context({
      engine: { name: 'docker', version: '24.0.9' },
      runtime: { name: 'runc', version: '1.1.12' },
      libseccomp: '2.5.5',
      kernel: '6.6',
      capAdd: ['CAP_SYS_ADMIN'],
    }),
  ],
  [
    'cap_bpf+arm64+crun+docker@28+-NET_RAW+privileged',
    context({
      engine: { name: 'docker', version: '28' },
      runtime: { name: 'crun' },
      arch: 'aarch64',
      capAdd: ['CAP_BPF'],
      capDrop: ['CAP_NET_RAW'],
      privileged: true,
    }),
  ],
  ['docker+-all+all', context({ engine: { name: 'docker' }, capAdd: ['ALL'], capDrop: ['ALL'] })],
  ['runc@1.1.5+unconfined', context({ runtime: { name: 'runc', version: '1.1.5' }, unconfined: true })],
];

test.each(rows)('%s', (word, expected) => {
  expect(parseTarget(word)).toEqual(expected as Target);
});

describe('errors', () => {
  const errors: readonly (readonly [string, string])[] = [
    ['', 'a target is missing'],
    ['dokcer', '"dokcer" is not an engine, a runtime, an architecture or a capability; did you mean docker?'],
    ['docker@', '"docker@" has no version after the @; write docker@VERSION, or docker for the newest'],
    ['docker+podman', '"docker+podman" names two of engine; leave one engine out'],
    ['docker+runc+crun', '"docker+runc+crun" names two of runtime; leave one runtime out'],
    [
      'docker+SYS_ADMN',
      '"SYS_ADMN" is not an engine, a runtime, an architecture or a capability; did you mean SYS_ADMIN?',
    ],
    [
      'docker@20.10.24+dfsg1',
      '"dfsg1" of "docker@20.10.24+dfsg1" is a distribution\'s suffix, not part of a release; leave it out, or name the distribution for all that it packages: debian@12',
    ],
    ['docker+', '"" is not an engine, a runtime, an architecture or a capability'],
    ['toString@1', '"tostring" is not an engine, a runtime, an architecture or a capability'],
    ['pid:0', '"0" is not a process id'],
    ['pid:12x', '"12x" is not a process id'],
    ['pid:99999999999', '"99999999999" is not a process id'],
    ['oci:', '"oci:" names nothing after the colon'],
  ];
  test.each(errors)('%s', (word, message) => {
    let error: unknown;
    try {
      parseTarget(word);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(CallgateError);
    const { message: text, hint, code } = error as CallgateError;
    expect(code).toBe('USAGE');
    expect(hint === undefined ? text : `${text}; ${hint}`).toBe(message);
  });
});
