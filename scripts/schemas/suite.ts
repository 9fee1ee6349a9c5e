import type { KEYS as CONFIG_KEYS } from '../../src/cli/context/config.js';
import { verdictWords } from '../../src/suite/expectation.js';
import { CONTEXT_FLAGS, type SUITE_KEYS, TEST_KEYS } from '../../src/suite/readSuite.js';
import { LISTS, SWITCHES } from '../../src/suite/writtenOptions.js';
import { abis } from '../../src/syscalls/abis.js';
import { constantGroup } from '../../src/syscalls/constants.js';
import { closed, DRAFT, type Schema } from './schema.js';

const word: Schema = { type: ['string', 'number', 'boolean'] };
const words: Schema = { anyOf: [word, { type: 'array', items: word }] };

const context: Schema = {
  description: 'A target such as docker@28.5.2+SYS_ADMIN, or flags of the command by their names',
  anyOf: [
    { type: 'string', examples: ['docker@28.5.2', 'podman@5.4.0+crun@1.20', 'containerd@2.1.0+SYS_ADMIN'] },
    closed(Object.fromEntries(CONTEXT_FLAGS.map((flag) => [flag, flagSchema(flag)]))),
  ],
};

function flagSchema(flag: string): Schema {
  if (LISTS.has(flag)) return words;
  return SWITCHES.has(flag) ? { enum: [true, false, 'true', 'false'] } : word;
}

function verdict(): Schema {
  const errnos = abis.flatMap(({ name }) => [...(constantGroup('ERRNO', name)?.members.keys() ?? [])]);
  return {
    anyOf: [
      { type: 'string', enum: [...new Set([...verdictWords(), ...errnos])] },
      { type: 'string', pattern: '^(errno )?[0-9]{1,4}$' },
      { type: 'integer', minimum: 0, maximum: 9999 },
    ],
  };
}

const suiteParts: Readonly<Record<(typeof SUITE_KEYS)[number], Schema>> = {
  profile: { type: 'string', description: 'The profile of every context that names none: a file or target' },
  contexts: {
    type: 'object',
    description: 'Containers by names of your own',
    additionalProperties: { $ref: '#/definitions/context' },
  },
  tests: { type: 'array', items: { $ref: '#/definitions/test' } },
};

const testParts: Readonly<Record<(typeof TEST_KEYS)[number], Schema>> = {
  name: word,
  contexts: { ...words, description: 'In which contexts it is to hold; all by default' },
  calls: {
    type: 'object',
    description: 'Verdicts by call, or by call and context',
    additionalProperties: {
      anyOf: [
        { $ref: '#/definitions/verdict' },
        { type: 'object', additionalProperties: { $ref: '#/definitions/verdict' } },
      ],
    },
  },
  never: { ...words, description: 'Calls that are never let run, whatever their arguments' },
  always: { ...words, description: 'Calls that are always let run' },
  within: { ...words, description: 'Targets that let run all that the context lets run' },
  equals: { ...words, description: 'Targets that answer every call alike' },
};

/** `*.test.yaml`, as `callgate test` reads it. */
export function suiteSchema(): Schema {
  return {
    $schema: DRAFT,
    title: 'Tests of a seccomp profile for callgate test',
    ...closed(suiteParts, { required: ['tests'] }),
    definitions: {
      context,
      verdict: verdict(),
      test: closed(testParts, {
        anyOf: TEST_KEYS.filter((key) => key !== 'name' && key !== 'contexts').map((key) => ({
          required: [key],
        })),
      }),
    },
  };
}

const configParts: Readonly<Record<(typeof CONFIG_KEYS)[number], Schema>> = {
  $schema: { type: 'string' },
  context: { $ref: '#/definitions/context' },
  suites: {
    type: 'array',
    description: 'What callgate test runs when it is given no file',
    items: { type: 'string' },
  },
};

/** `callgate.config.json`. */
export function configSchema(): Schema {
  return {
    $schema: DRAFT,
    title: 'Configuration of callgate for a project',
    ...closed(configParts),
    definitions: { context },
  };
}
