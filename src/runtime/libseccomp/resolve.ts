import type { AbiName } from '../../syscalls/abi.js';
import { isKnownName, multiplexed, syscallNumber } from '../../syscalls/table.js';
import { misplacedNumber, releaseHas } from './releases.js';

/** Numbers that a rule on a name gets on one ABI, in the order in which the library adds them. */
export type Placement = readonly Place[];

export interface Place {
  /** As in seccomp_data.nr, or a negative stand-in: the library keeps such a rule, but not in the program. */
  readonly number: number;
  /** Set for the multiplexing call: argument 0 is compared with this, whatever the rule says of argument 0. */
  readonly call?: number;
}

/** Stand-ins for libseccomp's negative pseudo numbers; only their being different matters. */
const pseudoNumbers = new Map<string, number>();

function pseudoNumber(name: string): number {
  const known = pseudoNumbers.get(name);
  if (known !== undefined) return known;
  const number = -100 - pseudoNumbers.size;
  pseudoNumbers.set(name, number);
  return number;
}

const caches = new Map<string, Map<string, Placement>>();

/**
 * Where a rule on `name` goes on an ABI (arch_filter_rule_add, abi_rule_add): to its number, to socketcall or ipc,
 * to both, or nowhere. The name must be known to the release.
 */
export function placementOf(name: string, abi: AbiName, libseccomp: string): Placement {
  const key = `${abi} ${libseccomp}`;
  let cache = caches.get(key);
  if (cache === undefined) {
    cache = new Map();
    caches.set(key, cache);
  }
  let placement = cache.get(name);
  if (placement === undefined) {
    placement = computePlacement(name, abi, libseccomp);
    cache.set(name, placement);
  }
  return placement;
}

function computePlacement(name: string, abi: AbiName, libseccomp: string): Placement {
  if (!isKnownName(name, libseccomp)) return [];
  const number = syscallNumber(name, abi, libseccomp);
  if (!hasMultiplexing(abi, libseccomp)) return [{ number: number ?? pseudoNumber(name) }];
  const way = multiplexed(name, abi, libseccomp);
  const carrier = way === undefined ? undefined : syscallNumber(way.via, abi, libseccomp);
  if (way === undefined || carrier === undefined) return number === undefined ? [] : [{ number }];
  const places: Place[] = [{ number: carrier, call: way.call }];
  const direct = misplacedNumber(name, abi, libseccomp) ?? number;
  if (direct !== undefined) places.push({ number: direct });
  else if (releaseHas(libseccomp, 'direct-pseudo-rule')) places.push({ number: pseudoNumber(name) });
  return places;
}

/** ABIs whose rules go through abi_rule_add drop calls that they lack; the others keep a pseudo rule. */
function hasMultiplexing(abi: AbiName, libseccomp: string): boolean {
  return multiplexed('socket', abi, libseccomp) !== undefined;
}
