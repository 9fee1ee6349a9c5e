import { keysIn } from '../../src/editor/profileKeys.js';
import { DOCKER } from '../../src/profile/layouts.js';
import type { Shape, StructShape } from '../../src/profile/shape.js';
import {
  ACTIONS,
  ARCHITECTURES,
  CAPABILITIES,
  CONDITION_ARCHES,
  FLAGS,
  OPERATORS,
} from '../../src/profile/words.js';
import { constantGroup } from '../../src/syscalls/constants.js';
import { syscallNames } from '../../src/syscalls/libseccomp.js';
import { DRAFT, known, oneOf, type Schema } from './schema.js';

/** Names newer than the list are no mistake of their author's: the linter knows better which are. */
const call = known([...syscallNames].sort(), '^[a-z_][a-z0-9_]*$');
const errnoNames = oneOf([...(constantGroup('ERRNO', 'x86_64')?.members.keys() ?? [])]);
const errnoNumber: Schema = { maximum: 4094 };

/** What the reader takes for a text or number and the engines do not: by key. */
const WORDS: Readonly<Record<string, Schema>> = {
  defaultAction: oneOf(ACTIONS),
  action: oneOf(ACTIONS),
  defaultErrno: errnoNames,
  errno: errnoNames,
  defaultErrnoRet: errnoNumber,
  errnoRet: errnoNumber,
  architectures: oneOf(ARCHITECTURES),
  architecture: oneOf(ARCHITECTURES),
  subArchitectures: oneOf(ARCHITECTURES),
  flags: oneOf(FLAGS),
  names: call,
  name: call,
  index: { maximum: 5 },
  op: oneOf(OPERATORS),
  caps: oneOf(CAPABILITIES),
  arches: oneOf(CONDITION_ARCHES),
  minKernel: { pattern: '^([0-9]+\\.[0-9]+)?$' },
};

/** What an object must have beside keys that are known. */
const RULES: Readonly<Record<string, Schema>> = {
  profile: {
    required: ['defaultAction'],
    // Docker refuses both together.
    not: {
      required: ['architectures', 'archMap'],
      properties: { architectures: { type: 'array', minItems: 1 }, archMap: { type: 'array', minItems: 1 } },
    },
  },
  rule: { required: ['action'], oneOf: [{ required: ['names'] }, { required: ['name'] }] },
  argument: { required: ['index', 'op'] },
};

/** Docker's profiles, which are those of Podman and CRI-O too, and linux.seccomp of the OCI runtime spec: as they are read. */
export function profileSchema(): Schema {
  return {
    $schema: DRAFT,
    title: 'Seccomp profile of Docker, Podman, CRI-O and the OCI runtime spec',
    ...objectSchema(DOCKER, undefined),
  };
}

function schemaOf(shape: Shape, key: string): Schema {
  const words = WORDS[key] ?? {};
  switch (shape.kind) {
    case 'string':
      return { type: 'string', ...words };
    case 'boolean':
      return { type: 'boolean' };
    case 'uint':
      return { type: 'integer', minimum: 0, ...words };
    // Go reads null as nothing.
    case 'list':
      return { type: ['array', 'null'], items: schemaOf(shape.of, key) };
    case 'struct':
      return shape.pointer === true && (key === 'includes' || key === 'excludes')
        ? { ...objectSchema(shape, key), type: ['object', 'null'] }
        : objectSchema(shape, key);
  }
}

/** @param key whose value the object is, or whose list it is in; undefined for the document */
function objectSchema(shape: StructShape, key: string | undefined): Schema {
  const described = new Map(keysIn(key).map((one) => [one.key, one.about]));
  const properties = [...shape.fields.values()].map(({ name, shape: inner }) => {
    const about = described.get(name);
    return [name, { ...(about === undefined ? {} : { description: about }), ...schemaOf(inner, name) }];
  });
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    ...RULES[shape.title],
  };
}
