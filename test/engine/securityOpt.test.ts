import { describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/engine/context.js';
import { profileFileError, readSecurityOptions, type SecurityInput } from '../../src/engine/securityOpt.js';

const DECODING = "Decoding seccomp profile failed: invalid character 'b' looking for beginning of value";
const NO_BUILTIN_FILE = 'opening seccomp profile (builtin) failed: open builtin: no such file or directory';

/** One word for an answer: `default`, `unconfined`, `file PATH`, or the error's text. */
function answer(
  engine: EngineName,
  version: string,
  options: readonly string[],
  parts: Partial<SecurityInput> = {},
): string {
  const { seccomp } = readSecurityOptions({ engine, version, options, privileged: false, ...parts });
  switch (seccomp.kind) {
    case 'file':
      return `file ${seccomp.path}`;
    case 'error':
      return `${seccomp.by}: ${seccomp.message}`;
    default:
      return seccomp.kind;
  }
}

type Row = readonly [string, readonly string[], Partial<SecurityInput>, string];

describe('docker', () => {
  const privileged = { privileged: true };
  const rows: readonly Row[] = [
    ['28.5.2', [], {}, 'default'],
    ['28.5.2', ['seccomp=unconfined'], {}, 'unconfined'],
    ['28.5.2', ['seccomp=p.json'], {}, 'file p.json'],
    ['28.5.2', ['seccomp=a=b.json'], {}, 'file a=b.json'],
    ['28.5.2', ['seccomp:p.json'], {}, 'file p.json'],
    ['29.7.2', ['seccomp:unconfined'], {}, 'unconfined'],
    ['28.5.2', ['seccomp:a=b.json'], {}, 'daemon: invalid --security-opt 2: "seccomp:a=b.json"'],
    ['28.5.2', ['seccomp=one.json', 'seccomp=two.json'], {}, 'file two.json'],
    ['28.5.2', ['seccomp'], {}, 'cli: Invalid --security-opt: "seccomp"'],
    ['28.5.2', ['seccomp='], {}, 'cli: Invalid --security-opt: "seccomp="'],
    ['29.0.0', ['seccomp='], {}, 'cli: invalid --security-opt: "seccomp="'],
    [
      '20.10.24',
      ['seccomp='],
      {},
      'cli: opening seccomp profile () failed: open : no such file or directory',
    ],
    ['20.10.24', ['seccomp'], {}, 'cli: Invalid --security-opt: "seccomp"'],
    ['28.5.2', ['secomp=p.json'], {}, 'daemon: invalid --security-opt 2: "secomp=p.json"'],
    ['1.12.6', ['secomp=p.json'], {}, 'daemon: Invalid --security-opt 2: "secomp=p.json"'],
    ['1.10.3', ['seccomp:unconfined'], {}, 'unconfined'],
    ['1.10.3', ['seccomp=unconfined'], {}, 'cli: Invalid --security-opt: "seccomp=unconfined"'],
    ['1.11.0', ['seccomp=unconfined'], {}, 'unconfined'],
    // builtin
    ['25.0.0', ['seccomp=builtin'], {}, 'default'],
    ['24.0.9', ['seccomp=builtin'], {}, `cli: ${NO_BUILTIN_FILE}`],
    ['23.0.0', ['seccomp=builtin'], {}, `cli: ${NO_BUILTIN_FILE}`],
    ['23.0.0', ['seccomp=builtin'], { cliVersion: '25.0.0' }, 'default'],
    ['20.10.24', ['seccomp=builtin'], { cliVersion: '28.2.2' }, `daemon: ${DECODING}`],
    ['28.5.2', ['seccomp=builtin'], { daemonProfile: '/etc/p.json' }, 'default'],
    // privileged
    ['28.5.2', [], privileged, 'unconfined'],
    ['26.1.5', ['seccomp=p.json'], privileged, 'unconfined'],
    ['27.0.1', ['seccomp=p.json'], privileged, 'file p.json'],
    ['27.0.1', ['seccomp=unconfined'], privileged, 'unconfined'],
    ['27.0.1', ['seccomp=builtin'], privileged, `daemon: ${DECODING}`],
    ['26.1.5', ['seccomp=builtin'], privileged, 'unconfined'],
    ['28.5.2', [], { ...privileged, daemonProfile: '/etc/p.json' }, 'unconfined'],
    // the daemon's own
    ['28.5.2', [], { daemonProfile: '/etc/p.json' }, 'file /etc/p.json'],
    ['28.5.2', ['seccomp=unconfined'], { daemonProfile: '/etc/p.json' }, 'unconfined'],
    ['28.5.2', ['seccomp=mine.json'], { daemonProfile: 'unconfined' }, 'file mine.json'],
    ['23.0.0', [], { daemonProfile: 'unconfined' }, 'unconfined'],
    ['23.0.0', [], { daemonProfile: 'builtin' }, 'default'],
    ['20.10.24', [], { daemonProfile: 'unconfined' }, 'file unconfined'],
    ['20.10.24', [], { daemonProfile: '' }, 'default'],
    ['1.12.6', [], { daemonProfile: '/etc/p.json' }, 'default'],
    // a kernel without seccomp
    ['28.5.2', [], { kernelSeccomp: false }, 'unconfined'],
    [
      '28.5.2',
      ['seccomp=p.json'],
      { kernelSeccomp: false },
      'daemon: seccomp is not enabled in your kernel, cannot run a custom seccomp profile',
    ],
    ['28.5.2', ['seccomp=unconfined'], { kernelSeccomp: false }, 'unconfined'],
    ['28.5.2', ['seccomp=builtin'], { kernelSeccomp: false }, 'unconfined'],
  ];
  test.each(rows)('%s %j %j → %s', (version, options, parts, expected) => {
    expect(answer('docker', version, options, parts)).toBe(expected);
  });

  test('other options pass', () => {
    const options = [
      'label=disable',
      'apparmor=unconfined',
      'systempaths=unconfined',
      'label:type:x',
      'no-new-privileges',
    ];
    const read = readSecurityOptions({ engine: 'docker', version: '28.5.2', options, privileged: false });
    expect(read).toMatchObject({
      seccomp: { kind: 'default' },
      noNewPrivileges: true,
      others: ['label=disable', 'apparmor=unconfined', 'systempaths=unconfined', 'label:type:x'],
      notes: [{ kind: 'deprecated' }],
    });
  });

  const bools: readonly (readonly [string, boolean | string])[] = [
    ['no-new-privileges', true],
    ['no-new-privileges=true', true],
    ['no-new-privileges:1', true],
    ['no-new-privileges=false', false],
    ['no-new-privileges=maybe', 'invalid --security-opt 2: "no-new-privileges=maybe"'],
  ];
  test.each(bools)('%s', (option, expected) => {
    const read = readSecurityOptions({
      engine: 'docker',
      version: '28.5.2',
      options: [option],
      privileged: false,
    });
    expect(read.seccomp.kind === 'error' ? read.seccomp.message : read.noNewPrivileges).toBe(expected);
  });
});

describe('the others', () => {
  const rows: readonly (readonly [EngineName, ...Row])[] = [
    ['podman', '5.8.2', ['seccomp=unconfined'], {}, 'unconfined'],
    ['podman', '5.8.2', ['seccomp:p.json'], {}, 'file p.json'],
    ['podman', '5.8.2', ['seccomp=builtin'], {}, 'file builtin'],
    ['podman', '5.8.2', ['seccomp='], {}, 'default'],
    ['podman', '5.8.2', ['seccomp'], {}, 'cli: invalid --security-opt 1: "seccomp"'],
    ['podman', '5.8.2', ['x=y'], {}, 'daemon: invalid --security-opt 2: "x=y"'],
    ['podman', '5.8.2', [], { privileged: true }, 'unconfined'],
    ['podman', '5.8.2', ['seccomp=p.json'], { privileged: true }, 'file p.json'],
    ['podman', '2.0.6', ['seccomp=p.json'], { privileged: true }, 'unconfined'],
    ['containerd', '2.3.4', ['seccomp=p.json'], { privileged: true }, 'unconfined'],
    ['containerd', '2.3.4', ['seccomp=p.json'], {}, 'file p.json'],
    ['cri-o', '1.36.3', ['seccomp=p.json'], { privileged: true }, 'unconfined'],
    ['cri-o', '1.36.3', [], { daemonProfile: '/etc/p.json' }, 'file /etc/p.json'],
  ];
  test.each(rows)('%s %s %j %j → %s', (engine, version, options, parts, expected) => {
    expect(answer(engine, version, options, parts)).toBe(expected);
  });
});

test('what each engine says of a file that is not there', () => {
  const text = (engine: EngineName): string => profileFileError(engine, '/p', 'no such file or directory');
  expect(text('docker')).toBe('opening seccomp profile (/p) failed: open /p: no such file or directory');
  expect(text('podman')).toBe('opening seccomp profile failed: open /p: no such file or directory');
  expect(text('containerd')).toBe('cannot load seccomp profile "/p": open /p: no such file or directory');
  expect(text('cri-o')).toBe(
    'setup seccomp: unable to load local profile "/p": open /p: no such file or directory',
  );
});
