import { Document, isMap, isSeq } from 'yaml';
import facts from '../../data/kubernetes/seccomp.json' with { type: 'json' };
import { CallgateError } from '../error.js';
import { errnoNumber } from '../syscalls/constants.js';
import type { OciArg } from './argument.js';
import { type JsonValue, writeJson } from './jsonWriter.js';
import { toOci, type WritableOci } from './oci.js';
import type { Profile } from './profile.js';

const { operator } = facts;
const EPERM = errnoNumber('EPERM', 'x86_64');
const LARGEST = (1n << 63n) - 1n;

/** How the object is called and written. */
export interface SpoOptions {
  readonly name: string;
  /** For releases of the operator whose SeccompProfile is namespaced; newer ones have it for the cluster. */
  readonly namespace?: string | undefined;
  /** Default: YAML. */
  readonly json?: boolean;
}

/**
 * A profile as the Security Profiles Operator's SeccompProfile (v1beta1 as its newest release has it). In YAML a rule's
 * comment stands above it. Reading the result gives the same profile without the comments.
 *
 * @throws CallgateError `INPUT` for what that resource cannot say, and where a rule depends on the container, as formatOci
 * @example formatSpo(readProfile('{"defaultAction": "SCMP_ACT_LOG"}', 'p.json'), { name: 'log' }).includes('kind: SeccompProfile') // true
 */
export function formatSpo(profile: Profile, { name, namespace, json = false }: SpoOptions): string {
  const oci = toOci(profile);
  check(oci, profile);
  // The resource takes no rule without names, and such a rule says nothing.
  const rules = [...oci.syscalls.entries()].filter(([, { names }]) => names.length > 0);
  const resource = {
    apiVersion: operator.apiVersion,
    kind: 'SeccompProfile',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      defaultAction: oci.defaultAction,
      ...(oci.architectures.length === 0 ? {} : { architectures: oci.architectures }),
      ...(oci.flags === undefined || oci.flags.length === 0 ? {} : { flags: oci.flags }),
      ...(oci.listenerPath === undefined ? {} : { listenerPath: oci.listenerPath }),
      ...(oci.listenerMetadata === undefined ? {} : { listenerMetadata: oci.listenerMetadata }),
      syscalls: rules.map(([, { names, action, errnoRet, args }]) => ({
        action,
        names: [...new Set(names)],
        ...(errnoRet === undefined ? {} : { errnoRet }),
        ...(args.length === 0 ? {} : { args: args.map(argument) }),
      })),
    },
  };
  if (json) return writeJson(resource);
  const document = new Document(resource);
  const written = document.getIn(['spec', 'syscalls']);
  if (isSeq(written))
    for (const [place, rule] of written.items.entries()) {
      const comment = profile.rules[rules[place]?.[0] ?? -1]?.comment;
      if (isMap(rule) && comment !== undefined) rule.commentBefore = ` ${comment.replace(/\s+/g, ' ')}`;
    }
  return document.toString({ lineWidth: 0 });
}

function argument({ index, value, valueTwo, op }: OciArg): Record<string, JsonValue> {
  return { index, op, ...(value === 0n ? {} : { value }), ...(valueTwo === 0n ? {} : { valueTwo }) };
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
