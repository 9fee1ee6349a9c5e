import { expect, it } from 'vitest';
import { describeWithOracle } from '../oracle.js';
import { CONTAINER_RUNTIMES, lacksForContainers, runProbe } from './containers.js';
import { showResult } from './probe/binary.js';
import { harmless, type ProbeCall } from './probe/calls.js';

const MKDIR: ProbeCall = harmless('x86_64', 83);
const GETPGRP: ProbeCall = harmless('x86_64', 111);
const UNKNOWN: ProbeCall = harmless('x86_64', 999);
const PAUSE: ProbeCall = harmless('x86_64', 34);
const EXIT: ProbeCall = harmless('x86_64', 60);
const VFORK: ProbeCall = harmless('x86_64', 58);
const X86_MKDIR: ProbeCall = harmless('x86', 39);
const X86_VFORK: ProbeCall = harmless('x86', 190);
const X32_MKDIR: ProbeCall = harmless('x32', 83);
const CALLS = [MKDIR, GETPGRP, UNKNOWN, PAUSE, EXIT, VFORK, X86_MKDIR, X86_VFORK, X32_MKDIR];

/** Allows all but three calls. */
const DENY_LIST = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 1001 },
    { names: ['getpgrp'], action: 'SCMP_ACT_KILL_PROCESS' },
    { names: ['pause'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
  ],
};

const UNCONFINED = [
  // A kernel may have the x32 ABI or not.
  ['real', /^errno 14, returned, errno 38, blocked, exited, returned, errno 14, returned, errno (14|38)$/],
  ['verdict', /^(reached(, )?){9}$/],
] as const;

const DENIED = [
  ['real', 'errno 1001, signal 31, errno 38, returned, exited, returned, errno 1001, returned, signal 31'],
  ['verdict', 'errno 1001, signal 31, reached, returned, reached, reached, errno 1001, reached, signal 31'],
] as const;

describeWithOracle(lacksForContainers(), 'the probe in a container', () => {
  for (const runtime of CONTAINER_RUNTIMES) {
    for (const noNewPrivileges of [true, false]) {
      it.each(UNCONFINED)(
        `${runtime}, noNewPrivileges ${noNewPrivileges}, unconfined, %s`,
        async (mode, expected) => {
          const results = await runProbe(runtime, { capabilities: [], noNewPrivileges }, mode, CALLS);
          expect(results.map(showResult).join(', ')).toMatch(expected);
        },
      );
      it.each(DENIED)(
        `${runtime}, noNewPrivileges ${noNewPrivileges}, deny-list, %s`,
        async (mode, expected) => {
          const container = { seccomp: DENY_LIST, capabilities: [], noNewPrivileges };
          const results = await runProbe(runtime, container, mode, CALLS);
          expect(results.map(showResult).join(', ')).toBe(expected);
        },
      );
    }
    it(`${runtime} says why a container does not start`, async () => {
      const container = {
        seccomp: { defaultAction: 'SCMP_ACT_NONSENSE' },
        capabilities: [],
        noNewPrivileges: true,
      };
      await expect(runProbe(runtime, container, 'verdict', CALLS)).rejects.toThrow(/SCMP_ACT_NONSENSE/);
    });
  }
});
