import { CallgateError } from '../../error.js';
import { type HostFacts, hostFacts } from '../host/host.js';
import {
  type InstalledEngine,
  type InstalledRuntime,
  installedEngines,
  installedRuntimes,
} from '../host/installed.js';
import { type Ability, abilities } from './abilities.js';
import {
  type Audit,
  audit,
  type KernelOptions,
  kernelOptions,
  type SecurityModules,
  securityModules,
  sysctls,
  userNamespace,
} from './kernel.js';

/** All that a host says about seccomp, and what callgate can do on it. */
export interface Diagnosis {
  readonly host: HostFacts;
  readonly options: KernelOptions | undefined;
  readonly audit: Audit;
  readonly security: SecurityModules;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Whether this process can make a user namespace: tried; undefined where the command unshare is missing. */
  readonly userNamespace: boolean | undefined;
  readonly runtimes: readonly InstalledRuntime[];
  readonly engines: readonly InstalledEngine[];
  readonly abilities: readonly Ability[];
  /** What stands in the way of a profile here, in the words of the software that would complain. */
  readonly findings: readonly string[];
}

/**
 * Examines this host. Commands of engines and runtimes are asked for their versions; a filter is loaded into test
 * processes of its own. Nothing is changed.
 *
 * @throws {CallgateError} HOST when it is no Linux
 */
export async function diagnose(env: NodeJS.ProcessEnv = process.env): Promise<Diagnosis> {
  if (process.platform !== 'linux')
    throw new CallgateError('HOST', `doctor examines Linux, and this is ${process.platform}`);
  const host = hostFacts();
  const options = kernelOptions(host.kernel);
  const [runtimes, engines] = await Promise.all([installedRuntimes(env), installedEngines(env)]);
  return {
    host,
    options,
    audit: audit(),
    security: securityModules(),
    sysctls: sysctls(),
    userNamespace: userNamespace(env),
    runtimes,
    engines,
    abilities: await abilities(host, engines),
    findings: findings(host, runtimes, engines),
  };
}

/** What a container with a profile meets here. */
export function findings(
  host: Pick<HostFacts, 'seccomp' | 'actions'>,
  runtimes: readonly InstalledRuntime[],
  engines: readonly InstalledEngine[],
): readonly string[] {
  const found: string[] = [];
  if (!host.seccomp) {
    found.push(
      'the kernel has no seccomp filters (CONFIG_SECCOMP_FILTER): docker refuses a profile with "seccomp is not enabled in your kernel, cannot run a custom seccomp profile", and its own default one is not applied',
    );
  }
  for (const { name, version, seccomp, features } of runtimes) {
    if (seccomp === false) found.push(withoutSeccomp(name, version));
    const lost = (features?.knownFlags ?? []).filter(
      (flag) => features?.supportedFlags.includes(flag) === false,
    );
    if (lost.length > 0 && seccomp !== false)
      found.push(
        `${name} ${version ?? ''} knows ${lost.join(', ')}, and kernel or libseccomp do not support it`,
      );
  }
  const lacking = ['log', 'kill_process', 'user_notif'].filter((action) => !host.actions.includes(action));
  if (host.seccomp && lacking.length > 0)
    found.push(
      `the kernel does not know the actions ${lacking.join(', ')}: libseccomp refuses profiles that use them`,
    );
  for (const { name, profile } of engines) {
    if (profile === 'unconfined') found.push(`${name} applies no profile to containers that name none`);
    else if (profile !== undefined && profile !== 'builtin' && name === 'docker')
      found.push(`docker’s daemon applies ${profile} in the place of its built-in profile`);
  }
  return found;
}

/** libcontainer/seccomp/seccomp_unsupported.go, and crun's libcrun/seccomp.c. */
function withoutSeccomp(name: InstalledRuntime['name'], version: string | undefined): string {
  const said =
    name === 'runc'
      ? ': it refuses every profile with "seccomp: config provided but seccomp not supported"'
      : '';
  return `${name} ${version ?? ''} was built without seccomp${said}`;
}
