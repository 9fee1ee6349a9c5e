import type { Context } from '../../engine/context.js';
import type { Question } from '../answer.js';
import { type Check, checksOf } from './check.js';
import { argumentTruth, sysctlTruth } from './condition.js';
import { apparmorAnswer, knownSysctls } from './container.js';
import type { LayerFacts } from './facts.js';
import type { Layer } from './layer.js';
import { pathLayers } from './path.js';

/**
 * What the kernel asks about a call that the filter lets through, in the kernel's order: capabilities, settings,
 * namespaces, the engine's AppArmor profile and paths. A condition that nobody has told is said, not guessed.
 *
 * @returns empty where no check is recorded for the call
 */
export function layersOf(question: Question, context: Context, facts: LayerFacts): readonly Layer[] {
  const asked = checksOf(question.name, context.kernel).flatMap((check) => {
    const layer = layerOf(check, question, context, facts);
    return layer === undefined ? [] : [layer];
  });
  return [
    ...asked.filter((layer, index) => !isToldBefore(layer, asked.slice(0, index))),
    ...pathLayers(question, context, facts),
  ];
}

/** A special case of what was denied in general says nothing more. */
function isToldBefore({ verdict, layer, detail }: Layer, before: readonly Layer[]): boolean {
  return (
    verdict === 'depends' &&
    before.some(
      (earlier) => earlier.verdict === 'denies' && earlier.layer === layer && earlier.detail === detail,
    )
  );
}

/** The first layer that denies for certain. */
export function firstDenier(layers: readonly Layer[]): Layer | undefined {
  return layers.find(({ verdict, errno }) => verdict === 'denies' && errno !== undefined);
}

function layerOf(check: Check, question: Question, context: Context, facts: LayerFacts): Layer | undefined {
  const registers = (check.args ?? []).map((condition) => argumentTruth(condition, question));
  if (registers.some(({ kind }) => kind === 'fails')) return undefined;
  const open = registers.flatMap((found) => (found.kind === 'open' ? [found.words] : []));
  const sure = open.length === 0;
  const { layer, source } = check;
  const passes = (detail: string): Layer | undefined =>
    sure && check.fact === undefined ? { layer, verdict: 'passes', detail, source } : undefined;

  const apparmor = check.apparmor === undefined ? undefined : apparmorAnswer(context, facts, check.apparmor);
  if (apparmor?.kind === 'passes') return undefined;
  if (apparmor?.words !== undefined) open.push(apparmor.words);

  if (check.sysctl !== undefined) {
    const values = knownSysctls(context, facts);
    const found = sysctlTruth(check.sysctl, values);
    const value = values.get(check.sysctl.name);
    // A setting that this kernel does not have says nothing.
    if (found.kind === 'fails')
      return value === undefined ? undefined : passes(`${check.sysctl.name} is ${value}`);
    if (found.kind === 'open' && check.whenKnown === true) return undefined;
    if (found.kind === 'open') open.push(found.words);
  }
  const held = heldCapability(check, context, facts);
  if (held !== undefined)
    return passes(`the container has ${held}${outsideOnly(check, facts) ? IN_THE_HOSTS : ''}`);
  if (check.fact !== undefined) open.push(check.fact);

  const cited = apparmor === undefined ? source : `${source}; ${apparmor.source}`;
  return {
    layer,
    verdict: open.length === 0 ? 'denies' : 'depends',
    ...(check.errno === '' ? {} : { errno: check.errno }),
    detail: detailOf(check, facts, apparmor?.profile, knownSysctls(context, facts)),
    ...(open.length === 0 ? {} : { when: open.join(' and ') }),
    ...(check.fact === undefined ? {} : { circumstance: true }),
    source: cited,
  };
}

const IN_THE_HOSTS = ' (in the host’s user namespace; with one of its own it would be denied)';

const outsideOnly = ({ namespace }: Check, { userNamespace }: LayerFacts): boolean =>
  namespace === 'initial' && userNamespace === undefined;

function heldCapability(check: Check, context: Context, facts: LayerFacts): string | undefined {
  if (facts.user === 'other') return undefined;
  if (check.namespace === 'initial' && facts.userNamespace === 'own') return undefined;
  return check.capability?.find((name) => context.capabilities.includes(name));
}

function detailOf(
  check: Check,
  facts: LayerFacts,
  profile: string | undefined,
  values: ReadonlyMap<string, string | undefined>,
): string {
  const { capability, sysctl, layer } = check;
  if (profile !== undefined) return `${profile} denies it`;
  const value = sysctl === undefined ? undefined : values.get(sysctl.name);
  const setting =
    sysctl === undefined ? undefined : value === undefined ? sysctl.name : `${sysctl.name} is ${value}`;
  const lacking = capability === undefined ? undefined : lackOf(check, capability, facts);
  if (setting !== undefined) return lacking === undefined ? setting : `${setting}: ${lacking}`;
  if (lacking !== undefined) return lacking;
  return layer === 'devices' ? 'the container’s device rules' : 'a user namespace cannot be made there';
}

function lackOf({ namespace }: Check, capability: readonly string[], facts: LayerFacts): string {
  const needs = `needs ${capability.join(' or ')}`;
  if (facts.user === 'other') return `${needs}, and a process that is not root’s has no capability in effect`;
  if (namespace === 'initial' && facts.userNamespace === 'own')
    return `${needs} in the host’s user namespace, and the container has one of its own`;
  return `${needs}, which the container does not have`;
}
