import { expand } from '../../src/engine/expand.js';
import type { OciSeccomp } from '../../src/engine/oci.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import type { Policy } from '../../src/policy/policy.js';
import { applyRuntime } from '../../src/runtime/apply.js';
import type { AbiName } from '../../src/syscalls/abi.js';

/** The policy of an engine's default profile with default capabilities; `only` keeps one architecture. */
export async function defaultPolicy(
  engine: string,
  only?: string,
  arch: AbiName = 'x86_64',
): Promise<Policy> {
  const { context } = await resolveContext({ engine, arch });
  const expansion = await expand(context);
  if (expansion.kind !== 'seccomp') throw new Error(`${engine}: ${expansion.kind}`);
  const { oci } = expansion;
  return policyOf(only === undefined ? oci : { ...oci, architectures: [only] }, arch);
}

/** What runc 1.3.3 with libseccomp 2.5.6 makes of a configuration. */
function policyOf(oci: OciSeccomp, nativeAbi: AbiName = 'x86_64'): Policy {
  const runtime = { name: 'runc' as const, version: '1.3.3' };
  const result = applyRuntime(oci, { runtime, libseccomp: '2.5.6', nativeAbi });
  if (result.kind !== 'policy') throw new Error(JSON.stringify(result));
  return result.policy;
}

const LITTLE = 'X86_64 X86 X32 AARCH64 ARM MIPSEL MIPSEL64 MIPSEL64N32 PPC64LE RISCV64';
const BIG = 'MIPS MIPS64 MIPS64N32 S390X';
const NAMES =
  'bpf kexec_file_load kexec_load open_by_handle_at perf_event_open personality pivot_root ptrace reboot setdomainname ' +
  'sethostname setns syslog unshare finit_module init_module delete_module mount umount umount2 adjtimex ' +
  'clock_adjtime clock_settime settimeofday stime';

/**
 * A deny-list for 14 architectures, as people write them for Kubernetes. libseccomp puts one byte order only into a
 * filter, so the two halves come from hosts of both; the compiler takes them together.
 */
export function denyListPolicy(): Policy {
  const half = (archs: string, native: AbiName) =>
    policyOf(
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: archs.split(' ').map((arch) => `SCMP_ARCH_${arch}`),
        syscalls: [
          { names: NAMES.split(' '), action: 'SCMP_ACT_ERRNO', errnoRet: 1, args: [], origin: { rule: 0 } },
        ],
      },
      native,
    );
  const little = half(LITTLE, 'x86_64');
  return { ...little, sections: [...little.sections, ...half(BIG, 's390x').sections] };
}
