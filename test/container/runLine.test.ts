import { describe, expect, test } from 'vitest';
import { readRunLine } from '../../src/container/runLine.js';
import { CallgateError } from '../../src/error.js';

const rows: readonly [line: string, expected: object][] = [
  ['docker run alpine', { engine: 'docker', image: 'alpine', command: [], capAdd: [], privileged: false }],
  [
    'docker run --rm -it -e A=1 --security-opt seccomp=./p.json --cap-add=SYS_NICE debian:12 sh -c \'echo "$X" | cat\'',
    {
      image: 'debian:12',
      command: ['sh', '-c', 'echo "$X" | cat'],
      securityOpt: ['seccomp=./p.json'],
      capAdd: ['SYS_NICE'],
    },
  ],
  ['$ sudo -E DOCKER_HOST=x docker run --privileged alpine', { privileged: true, image: 'alpine' }],
  ['# docker run -it alpine id', { image: 'alpine', command: ['id'] }],
  [
    'docker --context prod container run \\\n  -v "$PWD:/w" \\\n  --name web -p80:80 nginx',
    { image: 'nginx', command: [] },
  ],
  ['docker run -itu 1000:1000 alpine', { user: '1000:1000', image: 'alpine' }],
  ['docker run --privileged=false alpine --privileged', { privileged: false, command: ['--privileged'] }],
  [
    'docker run --platform linux/arm64 --runtime /usr/bin/crun alpine',
    { platform: 'linux/arm64', runtime: 'crun' },
  ],
  [
    'docker run --cap-drop ALL --cap-add CHOWN --cap-add SETUID alpine',
    { capDrop: ['ALL'], capAdd: ['CHOWN', 'SETUID'] },
  ],
  // The daemon refuses this as one capability that it does not know; podman splits it.
  ['docker run --cap-add CHOWN,SETUID alpine', { capAdd: ['CHOWN,SETUID'] }],
  ['podman run --cap-add CHOWN,SETUID alpine', { engine: 'podman', capAdd: ['CHOWN', 'SETUID'] }],
  [
    'sudo nerdctl run --security-opt seccomp=unconfined alpine',
    { engine: 'containerd', securityOpt: ['seccomp=unconfined'] },
  ],
  ['docker create --init alpine; docker run other', { image: 'alpine', command: [] }],
  ['docker run alpine true && echo done', { command: ['true'] }],
  ['docker run $(cat flags) alpine', { image: '$(cat flags)', command: ['alpine'] }],
  ['docker run --net host -l a=b alpine # a remark', { image: 'alpine', command: [] }],
  ['docker run \'al\'"pi"ne a\\ b', { image: 'alpine', command: ['a b'] }],
];

describe('a pasted command line', () => {
  test.each(rows)('%s', (line, expected) => {
    expect(readRunLine(line)).toMatchObject(expected);
  });
});

const refusals: readonly [line: string, message: string, column: number][] = [
  ['docker run --cap-ad SYS_NICE alpine', 'docker run has no flag --cap-ad', 12],
  ['docker run -it', 'docker run without an image', 8],
  ['docker ps -a', 'this docker command starts no container', 8],
  ['kubectl run web', 'this line starts no container', 1],
  ['', 'this line starts no container', 1],
  ["docker run -e 'A=1 alpine", "the quote ' is not closed", 15],
  ['docker run "alpine', 'the quote " is not closed', 12],
  ['docker run $(cat x alpine', '$( is not closed', 12],
  ['docker run --cap-add', '--cap-add needs a value', 12],
  ['docker run --privileged=maybe alpine', '--privileged=maybe', 1],
];

describe('refused with its place', () => {
  test.each(refusals)('%s', (line, message, column) => {
    const read = () => readRunLine(line);
    expect(read).toThrow(CallgateError);
    expect(read).toThrow(message);
    try {
      read();
    } catch (error) {
      expect((error as CallgateError).at).toMatchObject({ line: 1, column });
    }
  });
});

test('a megabyte of hostile words ends in time', () => {
  for (const part of ['\\', '"', "'", '$(', 'a ', '-', '--x=']) {
    const line = `docker run ${part.repeat(1_000_000 / part.length)}`;
    try {
      expect(readRunLine(line).image).toBeDefined();
    } catch (error) {
      expect(error).toBeInstanceOf(CallgateError);
    }
  }
});
