import { Document, isMap, isSeq } from 'yaml';
import { toOci } from './format.js';
import { writeJson } from './jsonWriter.js';
import type { Profile } from './profile.js';

/** Of a Kubernetes object's name (RFC 1123 subdomain, shortened to a label). */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Writes the Security Profiles Operator's SeccompProfile in YAML, where a rule's comment stands above it, or in JSON for a
 * file whose name ends so. Reading the result gives the same profile without the comments.
 *
 * @param file names the object too: what Kubernetes does not take in a name becomes a hyphen
 * @throws CallgateError `INPUT` where a rule depends on the container, as {@link toOci}
 */
export function formatSpo(profile: Profile, file: string): string {
  const { defaultAction, defaultErrnoRet, architectures, flags, syscalls } = toOci(profile);
  const resource = {
    apiVersion: 'security-profiles-operator.x-k8s.io/v1beta1',
    kind: 'SeccompProfile',
    metadata: { name: objectName(file) },
    spec: {
      defaultAction,
      ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
      ...(architectures.length === 0 ? {} : { architectures }),
      ...(flags === undefined ? {} : { flags }),
      syscalls: syscalls.map(({ names, action, errnoRet, args }) => ({
        action,
        // A string in the resource's schema.
        ...(errnoRet === undefined ? {} : { errnoRet: String(errnoRet) }),
        names,
        ...(args.length === 0
          ? {}
          : {
              args: args.map(({ index, value, valueTwo, op }) => ({
                index,
                op,
                value,
                ...(valueTwo === 0n ? {} : { valueTwo }),
              })),
            }),
      })),
    },
  };
  if (file.endsWith('.json')) return writeJson(resource);
  const document = new Document(resource);
  const rules = document.getIn(['spec', 'syscalls']);
  if (isSeq(rules))
    for (const [index, rule] of rules.items.entries()) {
      const comment = profile.rules[index]?.comment;
      if (isMap(rule) && comment !== undefined) rule.commentBefore = ` ${comment.replace(/\s+/g, ' ')}`;
    }
  return document.toString({ lineWidth: 0 });
}

function objectName(file: string): string {
  const word = file
    .replace(/^.*\//, '')
    .replace(/\.[a-z]+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return NAME.test(word) ? word : 'recorded';
}
