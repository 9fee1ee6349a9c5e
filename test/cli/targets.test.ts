import { expect, test } from 'vitest';
import { type Io, processIo } from '../../src/cli/io/io.js';
import { main } from '../../src/cli/main.js';

const PROFILE =
  '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}';

async function callgate(
  words: string,
  format = 'json',
): Promise<{ readonly status: number; readonly out: string; readonly err: string }> {
  let [out, err] = ['', ''];
  const io: Io = {
    ...processIo(),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    read: () => Buffer.from(PROFILE),
  };
  return { status: await main([...words.split(' '), '--format', format], io), out, err };
}

interface Side {
  readonly engine: { readonly name: string; readonly version: string };
  readonly runtime: { readonly name: string; readonly version: string };
  readonly arch: string;
}

const word = ({ engine, runtime, arch }: Side): string =>
  `${engine.name} ${engine.version} ${runtime.name} ${runtime.version} ${arch}`;

test.each([
  // What a target says itself counts, whatever the flags say of others.
  [
    'docker@24.0.9+runc@1.1.12 docker@23.0.0+crun@1.14 --runtime runc@1.2.0 --engine docker@20.10.9 --arch arm64',
    'docker 24.0.9 runc 1.1.12 aarch64',
    'docker 23.0.0 crun 1.14 aarch64',
  ],
  [
    'docker podman@5.4.2 --engine docker@20.10.9 --arch amd64',
    'docker 20.10.9 runc 1.0.1 x86_64',
    /^podman 5\.4\.2 crun/,
  ],
  [
    'docker@24.0.9+s390x docker@24.0.9 --arch amd64',
    'docker 24.0.9 runc 1.1.12 s390x',
    'docker 24.0.9 runc 1.1.12 x86_64',
  ],
  // A profile's file says nothing of the container.
  ['docker@20.10.9+arm64 p.json', 'docker 20.10.9 runc 1.0.1 aarch64', 'docker 20.10.9 runc 1.0.1 aarch64'],
  [
    'p.json docker@20.10.9+crun@1.14 --arch amd64',
    'docker 20.10.9 crun 1.14 x86_64',
    'docker 20.10.9 crun 1.14 x86_64',
  ],
  [
    'p.json docker@20.10.9 --engine docker@23.0.0 --arch amd64',
    'docker 23.0.0 runc 1.1.4 x86_64',
    'docker 20.10.9 runc 1.0.1 x86_64',
  ],
  [
    'p.json q.json --like docker@20.10.9 --arch amd64',
    'docker 20.10.9 runc 1.0.1 x86_64',
    'docker 20.10.9 runc 1.0.1 x86_64',
  ],
  [
    'p.json docker@28.5.2 --like docker@20.10.9 --arch amd64',
    'docker 20.10.9 runc 1.0.1 x86_64',
    'docker 28.5.2 runc 1.3.3 x86_64',
  ],
])('diff %s', async (words, left, right) => {
  const { out } = await callgate(`diff ${words}`);
  const found = JSON.parse(out) as { readonly left: Side; readonly right: Side };
  expect(word(found.left)).toMatch(left);
  expect(word(found.right)).toMatch(right);
});

test('one default as a file and as a release are proved equal, whatever the newest release is', async () => {
  const { out: profile } = await callgate('show docker@20.10.9 --arch amd64', 'docker');
  let out = '';
  const io: Io = {
    ...processIo(),
    out: (text) => {
      out += text;
    },
    read: () => Buffer.from(profile),
  };
  const status = await main(['prove', 'old.json', '--equals', 'docker@20.10.9', '--arch', 'amd64'], io);
  expect({ status, out }).toEqual({ status: 0, out: expect.stringMatching(/✓ proved/) as string });
});

test('a --like that names no container does not stand beside a target', async () => {
  const { status, err } = await callgate('show docker@28.5.2 --like ./p.json');
  expect(status).toBe(2);
  expect(err).toMatch(/--like \.\/p\.json beside a target: which one is meant\?/);
});
