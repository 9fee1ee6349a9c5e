import type { OciArg } from './argument.js';
import type { Decoded, DecodedStruct } from './decode.js';
import type { Notes } from './notes.js';
import type { ArchMapEntry, Condition, Dialect, Profile, ProfileRule } from './profile.js';
import type { Source } from './source.js';

const NO_STRINGS: readonly string[] = [];
const NO_ARGS: readonly OciArg[] = [];
const NO_CONDITION: Condition = { caps: NO_STRINGS, arches: NO_STRINGS };

/** A profile from what was decoded by DOCKER, OCI or SPO of layouts.ts. */
export function buildProfile(source: Source, dialect: Dialect, root: DecodedStruct, notes: Notes): Profile {
  const { fields } = root;
  const rules = items(fields['syscalls']).map(rule);
  return {
    dialect,
    source: source.file,
    defaultAction: text(fields['defaultAction']) ?? '',
    ...optional('defaultErrnoRet', integer(fields['defaultErrnoRet'])),
    ...optional('defaultErrno', text(fields['defaultErrno'])),
    architectures: texts(fields['architectures']),
    archMap: items(fields['archMap']).map(archMapEntry),
    ...optional('flags', fields['flags'] === undefined ? undefined : texts(fields['flags'])),
    ...optional('listenerPath', text(fields['listenerPath'])),
    ...optional('listenerMetadata', text(fields['listenerMetadata'])),
    rules,
    notes: notes.all(),
    locate: (path) => {
      const found = find(root, path);
      return found === undefined ? undefined : source.at(found.at);
    },
  };
}

function find(root: DecodedStruct, path: readonly (string | number)[]): Decoded | undefined {
  let value: Decoded | undefined = root;
  for (const step of path) {
    if (value?.kind === 'struct' && typeof step === 'string' && Object.hasOwn(value.fields, step)) {
      value = value.fields[step];
    } else if (value?.kind === 'list' && typeof step === 'number' && step < value.length)
      value = value.items[step];
    else return undefined;
  }
  return value;
}

function rule(decoded: Decoded | undefined): ProfileRule {
  const fields = fieldsOf(decoded);
  const args = items(fields['args']);
  return {
    ...optional('name', text(fields['name'])),
    names: texts(fields['names']),
    action: text(fields['action']) ?? '',
    ...optional('errnoRet', integer(fields['errnoRet'])),
    ...optional('errno', text(fields['errno'])),
    args: args.length === 0 ? NO_ARGS : args.map(argument),
    includes: condition(fields['includes']),
    excludes: condition(fields['excludes']),
    ...optional('comment', text(fields['comment'])),
  };
}

function argument(decoded: Decoded | undefined): OciArg {
  const fields = fieldsOf(decoded);
  return {
    index: integer(fields['index']) ?? 0,
    value: bigint(fields['value']) ?? 0n,
    valueTwo: bigint(fields['valueTwo']) ?? 0n,
    op: text(fields['op']) ?? '',
  };
}

function condition(decoded: Decoded | undefined): Condition {
  if (decoded === undefined) return NO_CONDITION;
  const fields = fieldsOf(decoded);
  return {
    caps: texts(fields['caps']),
    arches: texts(fields['arches']),
    ...optional('minKernel', text(fields['minKernel'])),
  };
}

function archMapEntry(decoded: Decoded | undefined): ArchMapEntry {
  const fields = fieldsOf(decoded);
  return {
    architecture: text(fields['architecture']) ?? '',
    subArchitectures: texts(fields['subArchitectures']),
  };
}

function fieldsOf(decoded: Decoded | undefined): DecodedStruct['fields'] {
  return decoded?.kind === 'struct' ? decoded.fields : {};
}

function items(decoded: Decoded | undefined): readonly (Decoded | undefined)[] {
  return decoded?.kind === 'list' ? decoded.items.slice(0, decoded.length) : [];
}

function texts(decoded: Decoded | undefined): readonly string[] {
  const list = items(decoded);
  return list.length === 0 ? NO_STRINGS : list.map((item) => text(item) ?? '');
}

function text(decoded: Decoded | undefined): string | undefined {
  return decoded?.kind === 'scalar' && typeof decoded.value === 'string' ? decoded.value : undefined;
}

function bigint(decoded: Decoded | undefined): bigint | undefined {
  return decoded?.kind === 'scalar' && typeof decoded.value === 'bigint' ? decoded.value : undefined;
}

function integer(decoded: Decoded | undefined): number | undefined {
  const value = bigint(decoded);
  return value === undefined ? undefined : Number(value);
}

/** The property, or none where the value is absent. */
function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
