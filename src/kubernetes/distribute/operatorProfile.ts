import { Document } from 'yaml';
import { CallgateError } from '../../error.js';
import type { OciArg } from '../../profile/argument.js';
import { toOci, type WritableOci } from '../../profile/format.js';
import type { Profile } from '../../profile/profile.js';
import { errnoNumber } from '../../syscalls/constants.js';
import { kubernetesFacts } from '../facts.js';

const { operator } = kubernetesFacts;
const EPERM = errnoNumber('EPERM', 'x86_64');
const LARGEST = (1n << 63n) - 1n;

/**
 * A profile as the Security Profiles Operator's SeccompProfile, in YAML.
 *
 * @param namespace for releases of the operator whose SeccompProfile is namespaced; newer ones have it for the cluster
 * @throws CallgateError `INPUT` for what that resource cannot say
 */
export function operatorProfile(profile: Profile, name: string, namespace?: string): string {
  const oci = toOci(profile);
  check(oci, profile);
  return new Document({
    apiVersion: operator.apiVersion,
    kind: 'SeccompProfile',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      defaultAction: oci.defaultAction,
      ...(oci.architectures.length === 0 ? {} : { architectures: oci.architectures }),
      ...(oci.flags === undefined || oci.flags.length === 0 ? {} : { flags: oci.flags }),
      ...(oci.listenerPath === undefined ? {} : { listenerPath: oci.listenerPath }),
      ...(oci.listenerMetadata === undefined ? {} : { listenerMetadata: oci.listenerMetadata }),
      syscalls: oci.syscalls
        .filter(({ names }) => names.length > 0)
        .map(({ names, action, errnoRet, args }) => ({
          action,
          names: [...new Set(names)],
          ...(errnoRet === undefined ? {} : { errnoRet }),
          ...(args.length === 0 ? {} : { args: args.map(argument) }),
        })),
    },
  }).toString({ lineWidth: 0 });
}

/** What pods write as localhostProfile once the operator has installed it. */
export function operatorPath(name: string, namespace?: string): string {
  return `operator/${namespace === undefined ? '' : `${namespace}/`}${name}.json`;
}

function argument({ index, value, valueTwo, op }: OciArg): object {
  return { index, ...(value === 0n ? {} : { value }), ...(valueTwo === 0n ? {} : { valueTwo }), op };
}

function check(oci: WritableOci, { source, locate }: Profile): void {
  const refuse = (message: string, path: readonly (string | number)[], hint?: string): never => {
    const at = locate(path);
    throw new CallgateError('INPUT', `${source}: ${message}`, {
      ...(at === undefined ? {} : { at }),
      ...(hint === undefined ? {} : { hint }),
    });
  };
  // Any other number than the usual one would be lost, and the default action would answer something else.
  if (oci.defaultErrnoRet !== undefined && oci.defaultErrnoRet !== EPERM)
    refuse(
      'a SeccompProfile has no defaultErrnoRet',
      ['defaultErrnoRet'],
      'see --as daemonset and --as oci-artifact',
    );
  for (const [index, word] of oci.architectures.entries())
    if (!operator.architectures.includes(word.replace('SCMP_ARCH_', '')))
      refuse(`a SeccompProfile does not know ${word}`, ['architectures', index]);
  if (oci.listenerPath !== undefined && !new RegExp(operator.listenerPath).test(oci.listenerPath))
    refuse('the operator takes listeners in /var/run/security-profiles-operator only', ['listenerPath']);
  for (const [rule, { args, errnoRet }] of oci.syscalls.entries()) {
    if (errnoRet === 0)
      refuse('a SeccompProfile cannot say errnoRet 0, which it takes for none', [
        'syscalls',
        rule,
        'errnoRet',
      ]);
    for (const { value, valueTwo } of args)
      if (value > LARGEST || valueTwo > LARGEST)
        refuse('a SeccompProfile holds argument values below 2⁶³ only', ['syscalls', rule, 'args']);
  }
}
