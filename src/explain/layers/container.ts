import json from '../../../data/layers/engines.json' with { type: 'json' };
import type { Context, EngineName } from '../../engine/context.js';
import { compareVersions } from '../../versions.js';
import type { ApparmorRule } from './check.js';
import type { LayerFacts } from './facts.js';

/** What an engine's choices depend on. */
export type Container = Pick<Context, 'engine' | 'privileged'>;

interface Range {
  readonly since: string;
  readonly until?: string;
}

interface EngineLayers {
  readonly apparmor: { readonly profile: string; readonly source: string };
  readonly rules: readonly (Range & { readonly denies: ApparmorRule; readonly source?: string })[];
  readonly sysctls: readonly (Range & { readonly name: string; readonly value: string })[];
  readonly masked: readonly (Range & { readonly paths: readonly string[] })[];
  readonly readonly: readonly (Range & { readonly paths: readonly string[] })[];
  readonly pathSource: string;
}

const engines = json.engines as unknown as Readonly<Partial<Record<EngineName, EngineLayers>>>;

function inRange({ engine }: Container, { since, until }: Range): boolean {
  return (
    compareVersions(engine.version, since) >= 0 &&
    (until === undefined || compareVersions(engine.version, until) < 0)
  );
}

/** Whether the container's AppArmor profile denies something; `words`: the condition under which it does. */
export type ApparmorAnswer =
  | { readonly kind: 'passes' }
  | { readonly kind: 'denies'; readonly profile: string; readonly source: string; readonly words?: string };

/** What AppArmor says where the engine gives its containers the profile of its own template. */
export function apparmorAnswer(context: Container, facts: LayerFacts, rule: ApparmorRule): ApparmorAnswer {
  const row = engines[context.engine.name];
  const { apparmorProfile: asked } = facts;
  const denies = row?.rules.some((entry) => entry.denies === rule && inRange(context, entry)) === true;
  if (row === undefined || !denies || facts.apparmor === false || asked === 'unconfined')
    return { kind: 'passes' };
  const { profile, source } = row.apparmor;
  const found = { kind: 'denies', profile: asked ?? profile, source } as const;
  if (asked !== undefined && asked !== profile)
    return { ...found, words: `the profile ${asked} denies it too` };
  // Engines leave privileged containers unconfined, unless a profile is asked for.
  if (context.privileged && asked === undefined) return { kind: 'passes' };
  if (asked === profile) return found;
  const unknown = [
    ...(facts.apparmor === true ? [] : ['AppArmor is enabled on the host']),
    // Without root it applies no profile (containers/common CheckProfileAndLoadDefault).
    ...(context.engine.name === 'podman' && facts.userNamespace === 'own' ? ['Podman runs as root'] : []),
  ];
  return unknown.length === 0 ? found : { ...found, words: unknown.join(' and ') };
}

/** Settings that are known: the caller's word, and what the engine sets in its containers. */
export function knownSysctls(context: Container, facts: LayerFacts): ReadonlyMap<string, string | undefined> {
  const set = engines[context.engine.name]?.sysctls.filter((entry) => inRange(context, entry)) ?? [];
  return new Map([...set.map(({ name, value }) => [name, value] as const), ...(facts.sysctls ?? [])]);
}

/** Paths that an engine hides from its containers, or mounts read-only in them; undefined where that is not known. */
export function containerPaths(
  context: Container,
):
  | { readonly masked: readonly string[]; readonly readonly: readonly string[]; readonly source: string }
  | undefined {
  const row = engines[context.engine.name];
  if (row === undefined || row.pathSource === '') return undefined;
  if (context.privileged) return { masked: [], readonly: [], source: row.pathSource };
  const paths = (ranges: EngineLayers['masked']): readonly string[] =>
    ranges.filter((entry) => inRange(context, entry)).flatMap((entry) => entry.paths);
  return { masked: paths(row.masked), readonly: paths(row.readonly), source: row.pathSource };
}
