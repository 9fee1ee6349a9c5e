import { findBehaviour } from '../runtime/behaviours.js';
import type { FilterPrediction } from './predict.js';

export type FilterFlag = 'LOG' | 'SPEC_ALLOW' | 'TSYNC';

/** Flags of seccomp(2) that the runtime loads this filter with. TSYNC means nothing to a single-threaded loader. */
export function filterFlags({ oci, context }: FilterPrediction): readonly FilterFlag[] {
  const { name, version } = context.runtime;
  const has = (behaviour: Parameters<typeof findBehaviour>[2]): boolean =>
    findBehaviour(name, version, behaviour) !== undefined;
  if (oci.flags !== undefined) {
    if (!has('flags')) return [];
    const known: Readonly<Record<string, FilterFlag>> = {
      SECCOMP_FILTER_FLAG_LOG: 'LOG',
      SECCOMP_FILTER_FLAG_SPEC_ALLOW: 'SPEC_ALLOW',
      SECCOMP_FILTER_FLAG_TSYNC: 'TSYNC',
    };
    return oci.flags.flatMap((flag) => (Object.hasOwn(known, flag) ? [known[flag] ?? 'TSYNC'] : []));
  }
  return [
    ...(has('default-flag-log') ? (['LOG'] as const) : []),
    ...(has('default-flag-spec-allow') ? (['SPEC_ALLOW'] as const) : []),
  ];
}
