import { describe, expect, test } from 'vitest';
import { type CapabilityRequest, containerCapabilities } from '../../src/engine/capabilities.js';
import type { EngineName } from '../../src/engine/context.js';
import { capabilities } from '../../src/syscalls/capabilities.js';

const DEFAULTS = ['CAP_CHOWN', 'CAP_KILL', 'CAP_MKNOD'];
const ALL = capabilities.map(({ name }) => name);
const TO_AUDIT_READ = ALL.slice(0, ALL.indexOf('CAP_AUDIT_READ') + 1);

function ask(
  engine: EngineName,
  version: string,
  parts: Partial<CapabilityRequest>,
): readonly string[] | string {
  const result = containerCapabilities({
    engine,
    version,
    kernel: '6.1',
    defaults: DEFAULTS,
    add: [],
    drop: [],
    privileged: false,
    ...parts,
  });
  return result.kind === 'error' ? result.message : result.capabilities;
}

const without = (list: readonly string[], ...names: readonly string[]): readonly string[] =>
  list.filter((name) => !names.includes(name));

type Row = readonly [string, string, Partial<CapabilityRequest>, readonly string[] | string];

describe('docker', () => {
  const rows: readonly Row[] = [
    ['nothing', '28.5.2', {}, DEFAULTS],
    ['one more', '28.5.2', { add: ['SYS_ADMIN'] }, ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_MKNOD']],
    [
      'prefix and case',
      '28.5.2',
      { add: ['cap_sys_Admin'] },
      ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_MKNOD'],
    ],
    ['one less', '28.5.2', { drop: ['kill'] }, ['CAP_CHOWN', 'CAP_MKNOD']],
    ['add wins over drop', '28.5.2', { add: ['KILL'], drop: ['KILL'] }, DEFAULTS],
    ['add ALL', '28.5.2', { add: ['all'] }, ALL],
    ['add ALL, drop one', '28.5.2', { add: ['ALL'], drop: ['KILL'] }, without(ALL, 'CAP_KILL')],
    ['add ALL, drop ALL', '28.5.2', { add: ['ALL'], drop: ['ALL'] }, ALL],
    ['drop ALL', '28.5.2', { drop: ['ALL'] }, []],
    ['drop ALL, add one', '28.5.2', { drop: ['ALL'], add: ['NET_RAW'] }, ['CAP_NET_RAW']],
    ['privileged', '28.5.2', { privileged: true, drop: ['ALL'] }, ALL],
    [
      'privileged, and an unknown word all the same',
      '28.5.2',
      { privileged: true, drop: ['x'] },
      'invalid CapDrop: unknown capability: "CAP_X"',
    ],
    ['18.09: privileged looks at no word', '18.09.9', { privileged: true, drop: ['x'] }, TO_AUDIT_READ],
    ['unknown', '28.5.2', { add: ['SYS_ADMN'] }, 'invalid CapAdd: unknown capability: "CAP_SYS_ADMN"'],
    ['CAP_ALL is unknown', '28.5.2', { add: ['CAP_ALL'] }, 'invalid CapAdd: unknown capability: "CAP_ALL"'],
    [
      'unknown among the added comes first',
      '28.5.2',
      { add: ['A'], drop: ['B'] },
      'invalid CapAdd: unknown capability: "CAP_A"',
    ],
    [
      'the kernel lacks it',
      '28.5.2',
      { add: ['BPF'], kernel: '5.4' },
      'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_BPF"',
    ],
    ['ALL on an old kernel', '28.5.2', { add: ['ALL'], kernel: '5.4' }, TO_AUDIT_READ],
    ['20.10 ends at AUDIT_READ', '20.10.24', { add: ['ALL'] }, TO_AUDIT_READ],
    ['20.10 privileged ends there too', '20.10.24', { privileged: true }, TO_AUDIT_READ],
    [
      '20.10 does not know BPF',
      '20.10.24',
      { add: ['BPF'] },
      'invalid CapAdd: unknown capability: "CAP_BPF"',
    ],
    [
      '20.10 does not know PERFMON',
      '20.10.24',
      { add: ['CAP_PERFMON'] },
      'invalid CapAdd: unknown capability: "CAP_PERFMON"',
    ],
    ['23.0 does', '23.0.0', { add: ['BPF'], drop: ['ALL'] }, ['CAP_BPF']],
    ['19.03 as 20.10', '19.03.15', { add: ['cap_sys_admin'], drop: ['all'] }, ['CAP_SYS_ADMIN']],
    [
      '18.09: no prefix',
      '18.09.9',
      { add: ['CAP_SYS_ADMIN'] },
      'Unknown capability to add: "CAP_CAP_SYS_ADMIN"',
    ],
    ['18.09: any case', '18.09.9', { add: ['sys_Admin'], drop: ['ALL'] }, ['CAP_SYS_ADMIN']],
    ['18.09: unknown drop', '18.09.9', { drop: ['foo'] }, 'Unknown capability drop: "foo"'],
    ['18.09: add ALL', '18.09.9', { add: ['all'], drop: ['kill'] }, without(TO_AUDIT_READ, 'CAP_KILL')],
    ['18.09: add ALL, drop ALL', '18.09.9', { add: ['all', 'kill'], drop: ['ALL'] }, ['CAP_KILL']],
    ['1.12: add wins over drop', '1.12.6', { add: ['KILL'], drop: ['KILL'] }, DEFAULTS],
  ];
  test.each(rows)('%s (%s)', (_, version, request, expected) => {
    expect(ask('docker', version, request)).toEqual(expected);
  });
});

describe('podman', () => {
  const rows: readonly Row[] = [
    ['one more', '5.8.2', { add: ['sys_admin'] }, ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYS_ADMIN', 'CAP_MKNOD']],
    ['add ALL, drop one', '5.8.2', { add: ['ALL'], drop: ['KILL'] }, without(ALL, 'CAP_KILL')],
    ['drop ALL, add one', '5.8.2', { drop: ['all'], add: ['NET_RAW'] }, ['CAP_NET_RAW']],
    [
      'both ALL',
      '5.8.2',
      { drop: ['ALL'], add: ['ALL'] },
      'adding all caps and removing all caps not allowed',
    ],
    [
      'added and dropped',
      '5.8.2',
      { drop: ['KILL'], add: ['KILL'] },
      'capability "CAP_KILL" cannot be dropped and added',
    ],
    ['unknown', '5.8.2', { add: ['X'] }, '"CAP_X": unknown capability'],
    ['privileged', '5.8.2', { privileged: true }, ALL],
  ];
  test.each(rows)('%s (%s)', (_, version, request, expected) => {
    expect(ask('podman', version, request)).toEqual(expected);
  });
});

describe('the CRI', () => {
  const rows: readonly (readonly [EngineName, ...Row])[] = [
    [
      'containerd',
      'drop wins',
      '2.3.4',
      { add: ['KILL', 'SYS_ADMIN'], drop: ['KILL'] },
      ['CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_MKNOD'],
    ],
    [
      'cri-o',
      'drop wins',
      '1.36.3',
      { add: ['KILL', 'SYS_ADMIN'], drop: ['KILL'] },
      ['CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_MKNOD'],
    ],
    ['containerd', 'add and drop ALL', '2.3.4', { add: ['ALL', 'KILL'], drop: ['ALL'] }, ['CAP_KILL']],
    ['cri-o', 'add ALL, drop one', '1.36.3', { add: ['ALL'], drop: ['CHOWN'] }, without(ALL, 'CAP_CHOWN')],
    ['cri-o', 'unknown', '1.36.3', { add: ['X'] }, 'unknown capability "CAP_X" to add'],
    ['containerd', 'privileged', '2.3.4', { privileged: true }, ALL],
  ];
  test.each(rows)('%s: %s (%s)', (engine, _, version, request, expected) => {
    expect(ask(engine, version, request)).toEqual(expected);
  });

  test('containerd puts CAP_ before a name that has it', () => {
    const result = containerCapabilities({
      engine: 'containerd',
      version: '2.3.4',
      kernel: '6.1',
      defaults: [],
      add: ['CAP_KILL'],
      drop: [],
      privileged: false,
    });
    expect(result).toMatchObject({ capabilities: ['CAP_KILL'], notes: [{ kind: 'capability-prefix' }] });
  });
});
