import { describe, expect, test } from 'vitest';
import { type CapabilitySets, fromMask, parseCapabilities, toMask } from '../../src/linux/capabilities.js';
import { type CredentialRequest, planCredentials } from '../../src/linux/credentials.js';

const sets = (held: readonly string[], more: Partial<CapabilitySets> = {}): CapabilitySets => ({
  inheritable: 0n,
  permitted: toMask(held),
  effective: toMask(held),
  bounding: toMask(held),
  ambient: 0n,
  ...more,
});
const root = sets(['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP', 'CAP_SYS_ADMIN']);
const containerRoot = sets(['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP']);
const rootWithoutSetpcap = sets(['CAP_CHOWN', 'CAP_SYS_ADMIN']);
const user = sets([], { bounding: toMask(['CAP_CHOWN', 'CAP_SYS_ADMIN']) });

const NNP = 'prctl(PR_SET_NO_NEW_PRIVS)';
const AMBIENT = 'prctl(PR_CAP_AMBIENT_CLEAR_ALL)';
const drop = (name: string): string => `prctl(PR_CAPBSET_DROP, ${name})`;

const cases: readonly {
  readonly title: string;
  readonly own: CapabilitySets;
  readonly euid: number;
  readonly request: CredentialRequest;
  readonly steps?: readonly string[];
  readonly missing?: readonly string[];
  readonly error?: string;
}[] = [
  { title: 'root, nothing asked', own: root, euid: 0, request: {}, steps: [] },
  { title: 'user, nothing asked', own: user, euid: 1000, request: {}, steps: [NNP] },
  { title: 'root without CAP_SYS_ADMIN', own: containerRoot, euid: 0, request: {}, steps: [NNP] },
  {
    title: 'root that wants no_new_privs',
    own: root,
    euid: 0,
    request: { noNewPrivileges: true },
    steps: [NNP],
  },
  {
    title: 'user that cannot do without no_new_privs',
    own: user,
    euid: 1000,
    request: { noNewPrivileges: false },
    error: 'needs CAP_SYS_ADMIN',
  },
  {
    title: "root, a container's capabilities: CAP_SYS_ADMIN leaves the bounding set only",
    own: root,
    euid: 0,
    request: { capabilities: ['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP'] },
    steps: [AMBIENT, drop('CAP_SYS_ADMIN'), 'capset'],
  },
  {
    title: 'root, more than it has',
    own: containerRoot,
    euid: 0,
    request: { capabilities: ['CAP_CHOWN', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETPCAP', 'CAP_SYS_PTRACE'] },
    steps: [AMBIENT, 'capset', NNP],
    missing: ['CAP_SYS_PTRACE'],
  },
  {
    title: 'root that cannot drop',
    own: rootWithoutSetpcap,
    euid: 0,
    request: { capabilities: ['CAP_CHOWN'] },
    error: 'cannot be dropped',
  },
  {
    title: 'root that cannot drop, and need not',
    own: rootWithoutSetpcap,
    euid: 0,
    request: { capabilities: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] },
    steps: [AMBIENT, 'capset'],
  },
  {
    title: 'user: execve leaves it nothing, so the bounding set may stay',
    own: user,
    euid: 1000,
    request: { capabilities: ['CAP_CHOWN'] },
    steps: [AMBIENT, 'capset', NNP],
  },
  {
    title: 'root to user: CAP_SYS_ADMIN is kept over setuid for the filter',
    own: root,
    euid: 0,
    request: { uid: 1000, gid: 100 },
    steps: ['setgroups()', 'setgid(100)', 'prctl(PR_SET_KEEPCAPS)', 'setuid(1000)', 'capset'],
  },
  {
    title: 'root to user with no_new_privs',
    own: root,
    euid: 0,
    request: { uid: 1000, noNewPrivileges: true },
    steps: ['setgroups()', 'setuid(1000)', NNP],
  },
  {
    title: 'an unknown capability',
    own: root,
    euid: 0,
    request: { capabilities: ['CHOWN'] },
    error: 'unknown capability "CHOWN"',
  },
];

describe('the steps to a command’s credentials', () => {
  test.each(cases)('$title', ({ own, euid, request, steps, missing, error }) => {
    if (error !== undefined) {
      expect(() => planCredentials(request, own, euid)).toThrow(error);
      return;
    }
    const plan = planCredentials(request, own, euid);
    expect(plan.steps.map(({ name }) => name)).toEqual(steps);
    expect(plan.missing).toEqual(missing ?? []);
    expect(plan.noNewPrivileges).toBe(steps?.includes(NNP));
  });
});

describe('capability masks', () => {
  test('are read from /proc/PID/status', () => {
    const status =
      'CapInh:\t0000000000000001\nCapPrm:\t000001fffeffffff\nCapEff:\t0000000000000003\nCapBnd:\t8000000000000000\nCapAmb:\t0\n';
    const read = parseCapabilities(status);
    expect(read).toEqual({
      inheritable: 1n,
      permitted: 0x1fffeffffffn,
      effective: 3n,
      bounding: 1n << 63n,
      ambient: 0n,
    });
    expect(fromMask(read.effective)).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
    expect(fromMask(read.bounding)).toEqual(['CAP_63']);
    expect(fromMask(read.permitted)).not.toContain('CAP_SYS_RESOURCE');
  });
});
