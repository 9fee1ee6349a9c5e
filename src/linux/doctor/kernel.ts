import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { findCommand } from '../host/installed.js';

/** Options of a kernel's build that decide what seccomp and callgate can do; undefined when the build's are not known. */
export type KernelOptions = Readonly<Record<(typeof OPTIONS)[number], string | undefined>>;

const OPTIONS = [
  'CONFIG_SECCOMP',
  'CONFIG_SECCOMP_FILTER',
  'CONFIG_SECCOMP_CACHE_DEBUG',
  'CONFIG_CHECKPOINT_RESTORE',
  'CONFIG_IA32_EMULATION',
  'CONFIG_X86_X32_ABI',
  'CONFIG_USER_NS',
  'CONFIG_AUDITSYSCALL',
  'CONFIG_BPF_SYSCALL',
  'CONFIG_FTRACE_SYSCALLS',
  'CONFIG_DEBUG_INFO_BTF',
  'CONFIG_LSM',
] as const;

/** Settings under /proc/sys that decide what an unprivileged process, or a container, may do. */
const SYSCTLS = [
  'kernel.unprivileged_userns_clone',
  'kernel.apparmor_restrict_unprivileged_userns',
  'user.max_user_namespaces',
  'kernel.yama.ptrace_scope',
  'kernel.unprivileged_bpf_disabled',
  'kernel.perf_event_paranoid',
  'kernel.dmesg_restrict',
  'kernel.io_uring_disabled',
  'vm.unprivileged_userfaultfd',
  'vm.mmap_min_addr',
] as const;

/** What else confines processes here. */
export interface SecurityModules {
  /** In the kernel's order; undefined when securityfs is not mounted. */
  readonly active: readonly string[] | undefined;
  /** AppArmor's profile for Docker's containers; undefined when the list cannot be read. */
  readonly dockerDefault: boolean | undefined;
  readonly selinux: 'enforcing' | 'permissive' | undefined;
}

/** Whether denied calls are logged here. */
export interface Audit {
  /** `audit=` of the kernel's command line. */
  readonly commandLine: string | undefined;
  /** Whether auditd runs; without it records go to the kernel's log. */
  readonly daemon: boolean;
}

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** From /proc/config.gz, or the file beside the kernel. Undefined when neither can be read. */
export function kernelOptions(release: string): KernelOptions | undefined {
  const config =
    unpacked('/proc/config.gz') ?? text(`/boot/config-${release}`) ?? text(`/lib/modules/${release}/config`);
  if (config === undefined) return undefined;
  const lines = OPTIONS.map((name) => [name, new RegExp(`^${name}=(.*)$`, 'm').exec(config)?.[1]] as const);
  return Object.fromEntries(lines) as KernelOptions;
}

function unpacked(path: string): string | undefined {
  try {
    return gunzipSync(readFileSync(path)).toString();
  } catch {
    return undefined;
  }
}

/** Those that this kernel has. */
export function sysctls(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    SYSCTLS.flatMap((name) => {
      const value = text(`/proc/sys/${name.replaceAll('.', '/')}`);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

export function securityModules(): SecurityModules {
  const profiles = text('/sys/kernel/security/apparmor/profiles');
  const enforce = text('/sys/fs/selinux/enforce');
  return {
    active: text('/sys/kernel/security/lsm')?.split(','),
    dockerDefault: profiles === undefined ? undefined : /^docker-default /m.test(profiles),
    selinux: enforce === undefined ? undefined : enforce === '1' ? 'enforcing' : 'permissive',
  };
}

/** Makes one for a command that ends at once. */
export function userNamespace(env: NodeJS.ProcessEnv): boolean | undefined {
  const { status, error } = spawnSync('unshare', ['--user', 'true'], { env, stdio: 'ignore' });
  return error === undefined ? status === 0 : undefined;
}

export function audit(): Audit {
  const pid = text('/run/auditd.pid');
  return {
    commandLine: /(?:^| )audit=(\S+)/.exec(text('/proc/cmdline') ?? '')?.[1],
    daemon:
      findCommand('auditd') !== undefined && pid !== undefined && text(`/proc/${pid}/comm`) === 'auditd',
  };
}
