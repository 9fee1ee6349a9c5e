import type { Command } from 'commander';
import { CallgateError } from '../../error.js';
import type { LayerFacts } from '../../explain/layers/facts.js';
import { hostLayerFacts } from '../../linux/host/layerFacts.js';
import type { ContextFlags } from './contextFlags.js';

/** What is said of the container beyond its context. */
export interface LayerFlags extends ContextFlags {
  readonly sysctl?: readonly string[];
  readonly userns?: string;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the flags that only the layers behind the filter depend on. */
export function addLayerFlags(command: Command): Command {
  return command
    .option(
      '--sysctl <NAME=VALUE>',
      'a setting of the host or container, for the layers behind the filter; may be repeated',
      collect,
    )
    .option(
      '--userns <MODE>',
      'host, or any other word for a user namespace of the container’s own (rootless, userns-remap)',
    );
}

/**
 * What is known of host and container: `--here`, `--sysctl`, `--userns`, `--user`, `--security-opt apparmor=`.
 *
 * @param text the call as it was written; a path that it names counts
 * @throws {CallgateError} USAGE for a setting without a value
 */
export function layerFacts(flags: LayerFlags, text: string): LayerFacts {
  const host = flags.here === true ? hostLayerFacts() : {};
  const profile = flags.securityOpt
    ?.map((option) => /^apparmor[=:](.+)$/.exec(option)?.[1])
    .findLast(Boolean);
  const path = /"((?:[^"\\]|\\.)*)"/.exec(text)?.[1];
  return {
    ...host,
    ...(isRoot(flags.user) ? {} : { user: 'other' }),
    ...(flags.userns === undefined ? {} : { userNamespace: flags.userns === 'host' ? 'initial' : 'own' }),
    ...(profile === undefined ? {} : { apparmorProfile: profile }),
    ...(path === undefined ? {} : { path }),
    sysctls: new Map([...(host.sysctls ?? []), ...(flags.sysctl ?? []).map(readSetting)]),
  };
}

const isRoot = (user = 'root'): boolean => /^(?:0+|root)(?::|$)/.test(user);

function readSetting(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  if (at < 1) {
    throw new CallgateError('USAGE', `--sysctl ${word} has no value`, {
      expected: '--sysctl NAME=VALUE, as in docker run',
    });
  }
  // sysctl(8) takes both spellings.
  return [word.slice(0, at).trim().replaceAll('/', '.'), word.slice(at + 1).trim()];
}
