import type { FullProfile } from '../../src/engine/expandProfile.js';
import type { StoredArg, StoredCondition, StoredHead, StoredRule } from '../../src/engine/storedProfile.js';
import type { RawArg, RawCondition, RawProfile, RawRule } from './rawProfile.js';

/** A snapshot's profile in the stored form, in full. */
export function toStored(raw: RawProfile): FullProfile {
  return { head: head(raw), rules: rules(raw.syscalls) };
}

function head(raw: RawProfile): StoredHead {
  const architectures = raw.architectures ?? [];
  const archMap = raw.archMap ?? [];
  return {
    defaultAction: raw.defaultAction,
    ...(raw.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: raw.defaultErrnoRet }),
    ...(raw.defaultErrno === undefined ? {} : { defaultErrno: raw.defaultErrno }),
    ...(architectures.length === 0 ? {} : { architectures }),
    ...(archMap.length === 0
      ? {}
      : {
          archMap: archMap.map((entry) => [entry.architecture, ...(entry.subArchitectures ?? [])] as const),
        }),
  };
}

/** Neighbours of the single-name form that differ in the name only become one stored rule. */
function rules(raw: readonly RawRule[]): readonly StoredRule[] {
  const result: StoredRule[] = [];
  let lastShape = '';
  for (const rule of raw) {
    const stored = storedRule(rule);
    const last = result.at(-1);
    const shape = stored.single ? shapeOf(stored) : '';
    if (last !== undefined && shape !== '' && shape === lastShape) {
      result[result.length - 1] = { ...last, names: [...last.names, ...stored.names] };
    } else {
      result.push(stored);
    }
    lastShape = shape;
  }
  return result;
}

/** A rule without its names. */
export function shapeOf(rule: StoredRule): string {
  return JSON.stringify({ ...rule, names: [] });
}

function storedRule(raw: RawRule): StoredRule {
  const names = raw.names ?? [];
  if (raw.name !== undefined && names.length > 0) throw new Error(`a rule has name and names: ${raw.name}`);
  const args = (raw.args ?? []).map(storedArg);
  const includes = storedCondition(raw.includes);
  const excludes = storedCondition(raw.excludes);
  return {
    names: raw.name === undefined ? names : [raw.name],
    ...(raw.name === undefined ? {} : { single: true as const }),
    action: raw.action,
    ...(raw.errnoRet === undefined ? {} : { errnoRet: raw.errnoRet }),
    ...(raw.errno === undefined ? {} : { errno: raw.errno }),
    ...(args.length === 0 ? {} : { args }),
    ...(includes === undefined ? {} : { includes }),
    ...(excludes === undefined ? {} : { excludes }),
  };
}

function storedArg({ index, op, value, valueTwo = 0 }: RawArg): StoredArg {
  if (!Number.isSafeInteger(value) || !Number.isSafeInteger(valueTwo)) {
    throw new Error(`a value is too large for a JSON number: ${value}, ${valueTwo}`);
  }
  return valueTwo === 0 ? [index, op, value] : [index, op, value, valueTwo];
}

function storedCondition(raw: RawCondition | null | undefined): StoredCondition | undefined {
  const caps = raw?.caps ?? [];
  const arches = raw?.arches ?? [];
  const minKernel = raw?.minKernel;
  if (caps.length === 0 && arches.length === 0 && minKernel === undefined) return undefined;
  return {
    ...(caps.length === 0 ? {} : { caps }),
    ...(arches.length === 0 ? {} : { arches }),
    ...(minKernel === undefined ? {} : { minKernel }),
  };
}
