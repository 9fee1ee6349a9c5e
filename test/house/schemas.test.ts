import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaFiles } from '../../scripts/make-schemas.js';
import { readConfig } from '../../src/cli/context/config.js';
import { processIo } from '../../src/cli/io/io.js';
import { suiteFindings } from '../../src/editor/suiteFindings.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { engineNames } from '../../src/engine/target.js';
import { CallgateError } from '../../src/error.js';
import { formatDocker } from '../../src/profile/format.js';
import { readProfile } from '../../src/profile/read.js';
import { validateProfile } from '../../src/profile/validate.js';
import { CONTEXT_FLAGS } from '../../src/suite/readSuite.js';

const root = resolve(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const compiled = (name: string) =>
  new Ajv({ allErrors: true }).compile(JSON.parse(text(`schemas/${name}.schema.json`)));

const profile = compiled('seccomp-profile');
const suite = compiled('callgate-test');
const config = compiled('callgate-config');

/** What a schema has against a value. */
function against(validate: typeof profile, value: unknown): readonly string[] {
  validate(value);
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}

test('the schemas are those that scripts/make-schemas.ts makes', () => {
  for (const [name, made] of schemaFiles()) expect(text(join('schemas', name))).toBe(made);
});

describe('profiles', () => {
  test.each(engineNames)('every default profile of %s is one', async (engine) => {
    const { releases, profile: of, profileId } = await loadDefaults(engine);
    const seen = new Map(releases.map(({ version }) => [profileId(version), version]));
    for (const version of seen.values()) {
      const found = of(version);
      if (found === undefined) continue;
      expect({ version, errors: against(profile, JSON.parse(formatDocker(found))) }).toEqual({
        version,
        errors: [],
      });
    }
  });

  test.each([
    'test/profile/fixtures/chmod-old-form.json',
    'test/profile/fixtures/deny-list.json',
    'test/profile/fixtures/numa.json',
    'test/scenarios/profiles/chmod.json',
    'test/scenarios/profiles/clone3-enosys.json',
    'test/scenarios/profiles/deny-list.json',
  ])('%s is one', (path) => expect(against(profile, JSON.parse(text(path)))).toEqual([]));

  const rule = (part: object) => ({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', ...part }],
  });
  test.each([
    ['no default action', { syscalls: [] }],
    ['an action that is none', { defaultAction: 'SCMP_ACT_DENY' }],
    ['an unknown key', { defaultAction: 'SCMP_ACT_ALLOW', syscals: [] }],
    [
      'architectures and archMap',
      {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_X86'],
        archMap: [{ architecture: 'SCMP_ARCH_X86_64' }],
      },
    ],
    ['an architecture that is none', { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_AMD64'] }],
    ['a flag that is none', { defaultAction: 'SCMP_ACT_ALLOW', flags: ['LOG'] }],
    ['names that are no list', rule({ names: 'read' })],
    ['no action', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['read'] }] }],
    ['name and names', rule({ name: 'write' })],
    ['an errno beyond what the kernel has', rule({ action: 'SCMP_ACT_ERRNO', errnoRet: 5000 })],
    ['an argument that no call has', rule({ args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] })],
    ['an operator that is none', rule({ args: [{ index: 0, value: 0, op: 'EQ' }] })],
    ['a capability that is none', rule({ includes: { caps: ['SYS_ADMIN'] } })],
    ['an architecture in other words', rule({ excludes: { arches: ['x86_64'] } })],
    ['a kernel that is none', rule({ includes: { minKernel: 'new' } })],
    ['a negative value', rule({ args: [{ index: 0, value: -1, op: 'SCMP_CMP_EQ' }] })],
  ])('the schema and the reader have something against %s', (_, value) => {
    expect(against(profile, value)).not.toEqual([]);
    expect(saidOf(JSON.stringify(value))).not.toEqual([]);
  });

  test('a call newer than callgate is no mistake of form', () => {
    expect(against(profile, rule({ names: ['brand_new_call2'] }))).toEqual([]);
    expect(against(profile, rule({ names: ['no call'] }))).not.toEqual([]);
  });

  /** What reader and validation say, missing actions among them, which only they that start containers refuse. */
  function saidOf(json: string): readonly string[] {
    try {
      const read = readProfile(json, 'p.json');
      return [
        ...read.notes.map((note) => note.text),
        ...validateProfile(read).map((finding) => finding.text),
      ];
    } catch (error) {
      if (error instanceof CallgateError) return [error.message];
      throw error;
    }
  }
});

const SUITE = `
profile: ./profile.json
contexts:
  new: docker@28.5.2
  old: { like: docker@20.10.9, cap-add: [SYS_ADMIN, NET_ADMIN], privileged: false, kernel: 5.15 }
tests:
  - name: threads start
    calls:
      clone3: { new: ENOSYS, old: EPERM }
      clone(flags=CLONE_THREAD): allowed
      mbind: by arguments
      kexec_load: errno 1
      chmod: 38
  - name: nothing beyond the default
    contexts: [new]
    within: docker@28.5.2
    equals: [docker@28.5.2]
    never: [mount, 'socket(AF_VSOCK)']
    always: futex
`;

describe('suites', () => {
  test('what the reader takes is one', () => {
    expect(suiteFindings(SUITE, 'a.test.yaml')).toEqual([]);
    expect(against(suite, parse(SUITE))).toEqual([]);
  });

  test.each([
    ['tests: {}'],
    ['contexts: {new: docker}'],
    ['tests: [{name: x}]'],
    ['tests: [{cals: {clone3: EPERM}}]'],
    ['test: [{calls: {clone3: EPERM}}]'],
    ['tests: [{calls: {clone3: EPREM}}]'],
    ['tests: [{calls: {clone3: [EPERM]}}]'],
    ['tests: [{never: {mount: EPERM}}]'],
    ['contexts: {new: {engin: docker}}\ntests: [{never: mount}]'],
    ['contexts: [docker]\ntests: [{never: mount}]'],
    ['[]'],
  ])('neither takes %s', (written) => {
    expect(suiteFindings(written, 'a.test.yaml')).not.toEqual([]);
    expect(against(suite, parse(written))).not.toEqual([]);
  });

  test.each(CONTEXT_FLAGS)('both take the flag %s, and neither its like', (flag) => {
    for (const [name, wrong] of [[flag, false] as const, [`${flag}x`, true] as const]) {
      const written = `contexts: {a: {${name}: 'true'}}\ntests: [{never: mount}]`;
      expect([
        suiteFindings(written, 'a.test.yaml').length > 0,
        against(suite, parse(written)).length > 0,
      ]).toEqual([wrong, wrong]);
    }
  });
});

describe('configurations', () => {
  const read = (written: string): boolean => {
    try {
      readConfig('callgate.config.json', { ...processIo(), read: () => Buffer.from(written) });
      return true;
    } catch (error) {
      if (error instanceof CallgateError) return false;
      throw error;
    }
  };
  test.each([
    ['{}', true],
    ['{"$schema": "./node_modules/callgate/schemas/callgate-config.schema.json"}', true],
    ['{"context": "docker@28.5.2", "suites": ["a.test.yaml"]}', true],
    ['{"context": {"engine": "docker@28.5.2", "cap-add": ["SYS_NICE"], "privileged": true}}', true],
    ['{"context": {"engine": ["docker", "podman"]}}', false],
    ['{"context": {"privileged": "perhaps"}}', false],
    ['{"contxt": "docker"}', false],
    ['{"suites": "a.test.yaml"}', false],
    ['[]', false],
  ])('%s: %s', (written, taken) => {
    expect(read(written)).toBe(taken);
    expect(against(config, JSON.parse(written)).length === 0).toBe(taken);
  });
});
