import { describe, expect, test } from 'vitest';
import { readCompose } from '../../src/container/compose.js';
import { readDevcontainer } from '../../src/container/devcontainer.js';
import { readWorkflow } from '../../src/container/workflow.js';
import { CallgateError } from '../../src/error.js';

const COMPOSE = `
x-hard: &hard
  cap_drop: [ALL]
  security_opt:
    - no-new-privileges:true
services:
  db:
    image: postgres:\${PG_VERSION:-16}
    cap_add: [SYS_NICE]
    security_opt: ["seccomp:./\${PROFILE}.json"]
    command: postgres -c 'a b'
  web:
    <<: *hard
    extends: db
    platform: linux/arm64
    user: "1000"
    privileged: false
  worker:
    extends: { file: other/base.yaml, service: base }
    cap_add: [NET_ADMIN]
    privileged: \${PRIVILEGED}
  circle: { extends: circle }
  runtime: { image: a, runtime: crun, cap_add: [$$X] }
`;

const read = (path: string): string => {
  if (path === 'app/other/base.yaml') return 'services: {base: {image: base, cap_add: [CHOWN]}}';
  throw new CallgateError('INPUT', `cannot read ${path}`);
};
const compose = (service: string, variables: Record<string, string> = { PROFILE: 'numa' }) =>
  readCompose(COMPOSE, 'app/compose.yaml', { service, variables, read });

describe('compose', () => {
  test.each<[string, object]>([
    [
      'db',
      {
        image: 'postgres:16',
        capAdd: ['SYS_NICE'],
        securityOpt: ['seccomp:./numa.json'],
        command: ['postgres', '-c', 'a b'],
        directory: 'app',
        engine: 'docker',
        notes: [],
      },
    ],
    [
      'web',
      {
        capAdd: ['SYS_NICE'],
        capDrop: ['ALL'],
        securityOpt: ['seccomp:./numa.json', 'no-new-privileges:true'],
        platform: 'linux/arm64',
        user: '1000',
        privileged: false,
      },
    ],
    ['worker', { image: 'base', capAdd: ['CHOWN', 'NET_ADMIN'], privileged: false }],
    ['runtime', { runtime: 'crun', capAdd: ['$X'] }],
  ])('the service %s', (service, expected) => {
    expect(compose(service)).toMatchObject(expected);
  });

  test('a variable without a value is empty, and it says so', () => {
    expect(compose('worker').notes.map(({ text }) => text)).toEqual([
      'the variable PRIVILEGED is not set; as in Compose it counts as empty',
    ]);
  });

  test.each<[string, string, object]>([
    ['circle', 'deep', { line: 22 }],
    ['webb', 'no service "webb"', { line: 7 }],
  ])('%s is refused', (service, message, at) => {
    expect(() => compose(service)).toThrow(message);
    try {
      compose(service);
    } catch (error) {
      expect((error as CallgateError).at).toMatchObject({ file: 'app/compose.yaml', ...at });
    }
  });

  test.each([
    ['services: {a: {cap_add: NET_ADMIN}}', 'unexpected string "NET_ADMIN"'],
    ['services: {a: {cap_add: [[x]]}}', 'unexpected array'],
    ['services: {a: {privileged: perhaps}}', 'privileged: "perhaps"'],
    ['services: {a: {image: "${"}}', 'begins no variable'],
    ['services: {a: {image: "${TAG:?no tag}"}}', 'the variable TAG has no value: no tag'],
    ['services: {a: 1}', 'unexpected number 1'],
    ['services: {a: {}, b: {}}', '2 services'],
    ['version: "3"', 'no services in this file'],
    ['a: [', 'Flow sequence'],
  ])('%s', (text, message) => {
    expect(() => readCompose(text, 'compose.yaml')).toThrow(CallgateError);
    expect(() => readCompose(text, 'compose.yaml')).toThrow(message);
  });
});

describe('devcontainer', () => {
  test('runArgs and its own words, with comments', () => {
    const text = `{
      // for gdb
      "image": "debian:12", "runArgs": ["--cap-add=SYS_PTRACE", "--security-opt", "seccomp=unconfined"],
      "capAdd": ["NET_ADMIN"], "containerUser": "dev", "features": {"x": {}},
    }`;
    expect(readDevcontainer(text, '.devcontainer/devcontainer.json')).toMatchObject({
      image: 'debian:12',
      capAdd: ['SYS_PTRACE', 'NET_ADMIN'],
      securityOpt: ['seccomp=unconfined'],
      user: 'dev',
      notes: [{ kind: 'features' }],
    });
  });

  test('a service of a Compose file beside it', () => {
    const words = readDevcontainer(
      '{"dockerComposeFile": ["../compose.yaml", "x.yaml"], "service": "db", "privileged": true}',
      'app/dev/devcontainer.json',
      {
        read: (path) => (path === 'app/dev/../compose.yaml' ? COMPOSE : read(path)),
        variables: { PROFILE: 'p' },
      },
    );
    expect(words).toMatchObject({ image: 'postgres:16', capAdd: ['SYS_NICE'], privileged: true });
    expect(words.notes).toHaveLength(1);
  });

  test.each([
    ['[]', 'unexpected array'],
    ['{"dockerComposeFile": "a"}', 'without a service'],
    ['{"runArgs": ["debian"]}', '"debian" is no flag'],
    ['{"runArgs": ["--cap"]}', 'no flag --cap'],
  ])('%s', (text, message) => {
    expect(() => readDevcontainer(text, 'devcontainer.json')).toThrow(message);
  });
});

describe('workflow', () => {
  const WORKFLOW = `
jobs:
  test:
    container:
      image: node:20
      options: --cap-add SYS_PTRACE --security-opt "seccomp=unconfined"
    services:
      db: { image: postgres, options: "--health-cmd 'pg_isready -U x'" }
  plain: { runs-on: ubuntu-24.04 }
  short: { container: debian }
`;

  test.each<[string, object]>([
    ['test', { image: 'node:20', capAdd: ['SYS_PTRACE'], securityOpt: ['seccomp=unconfined'] }],
    ['test/db', { image: 'postgres', capAdd: [] }],
    ['short', { image: 'debian', securityOpt: [] }],
  ])('%s', (name, expected) => {
    expect(readWorkflow(WORKFLOW, 'ci.yml', name)).toMatchObject(expected);
  });

  test.each<[string, string | undefined, string]>([
    [WORKFLOW, undefined, '3 containers'],
    [WORKFLOW, 'plain', 'no container "plain"'],
    ['jobs: {a: {}}', undefined, 'no job of this workflow has a container'],
    ['jobs: {a: {container: {options: "--cap-ad X"}}}', undefined, 'no flag --cap-ad'],
  ])('%#: refused', (text, name, message) => {
    expect(() => readWorkflow(text, 'ci.yml', name)).toThrow(message);
  });
});
