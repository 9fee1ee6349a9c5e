import { readFileSync } from 'node:fs';

/** What the path of a process's cgroup tells about its container. */
export interface CgroupNames {
  /** The engine's id. */
  readonly container?: string;
  readonly podUid?: string;
}

/**
 * The container of a process that an audit record names; empty when it has ended, as one that was killed mostly has, or is in
 * none, or this process does not see the host's processes.
 */
export function cgroupOf(pid: number): CgroupNames {
  try {
    return readCgroup(readFileSync(`/proc/${pid}/cgroup`, 'latin1'));
  } catch {
    return {};
  }
}

/**
 * Engines name cgroups after containers, and kubelets after pods, with systemd's driver and without: `…/pod1234-…/ID`,
 * `…-pod1234_….slice/cri-containerd-ID.scope`.
 *
 * @example readCgroup('0::/kubepods/podb1946ac9-2493-4f4c-9f1b-6a1f3c7d2e10/x\n').podUid // 'b1946ac9-2493-4f4c-9f1b-6a1f3c7d2e10'
 */
export function readCgroup(text: string): CgroupNames {
  const container = /(?:^|[/-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m.exec(text)?.[1];
  const uid = /[/-]pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})[./]/.exec(text)?.[1];
  return {
    ...(container === undefined ? {} : { container }),
    ...(uid === undefined ? {} : { podUid: uid.replaceAll('_', '-') }),
  };
}
