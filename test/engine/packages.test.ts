import { describe, expect, test } from 'vitest';
import { distros } from '../../src/engine/bundles.js';
import type { ContextInput } from '../../src/engine/contextInput.js';
import { libseccompOfPackage, upstreamVersion, versionsIn } from '../../src/engine/packageVersion.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { parseTarget } from '../../src/engine/target.js';
import { CallgateError } from '../../src/error.js';

async function resolved(word: string, input: ContextInput = {}) {
  const like = parseTarget(word);
  if (like.kind !== 'context') throw new Error(like.kind);
  const { context, notes } = await resolveContext({ ...input, like });
  const { engine, runtime, libseccomp, kernel } = context;
  return {
    line: `${engine.name} ${engine.version}, ${runtime.name} ${runtime.version}, ${libseccomp}, ${kernel}`,
    notes: notes.map(({ text }) => text),
  };
}

describe('package versions', () => {
  test.each([
    ['20.10.24+dfsg1-1+deb12u1', '20.10.24'],
    ['1.0.0~rc93+ds1-5+deb11u5', '1.0.0-rc93'],
    ['1.6.20~ds1-1+deb12u3', '1.6.20'],
    ['5:28.5.2-1~debian.12~bookworm', '28.5.2'],
    ['1.1.4-1.module+el8.8.0', '1.1.4'],
    ['1.3.0~rc.2-1', '1.3.0-rc.2'],
    ['v2.1.4', '2.1.4'],
    ['0.17+dfsg-1+deb11u2', '0.17'],
    ['unknown', undefined],
  ])('%s is %s', (packaged, upstream) => {
    expect(upstreamVersion(packaged)).toBe(upstream);
  });

  test.each([
    ['2.5.4-1+deb12u1', '2.5.4-1+deb12u1'],
    ['2.5.4-1+deb12u1+b1', '2.5.4-1+deb12u1'],
    ['2.6.0-2', '2.6.0'],
    ['2.5.3-1.amzn2023.0.2', '2.5.3'],
  ])('libseccomp %s has the tables of %s', (packaged, release) => {
    expect(libseccompOfPackage(packaged)).toBe(release);
  });

  test('texts of the data', () => {
    expect(
      versionsIn('2.4.3-1ubuntu3.20.04.3, later 2.5.1-1ubuntu1~20.04.2 in updates and security'),
    ).toEqual(['2.4.3-1ubuntu3.20.04.3', '2.5.1-1ubuntu1~20.04.2']);
    expect(versionsIn('5.15.0-107 shown; 6.8.0-1064-azure on the CI image')[0]).toBe('5.15.0-107');
  });

  test('every version in the data is read', () => {
    for (const { docker, containerd, runc, crun, podman, buildah, libseccomp, kernel } of distros) {
      for (const text of [docker, containerd, runc, crun, podman, buildah, libseccomp, kernel]) {
        if (text === undefined) continue;
        expect(upstreamVersion(versionsIn(text)[0] ?? ''), text).toMatch(/^\d/);
      }
    }
  });
});

describe('distributions as targets', () => {
  test.each([
    ['debian@12', 'docker 20.10.24, runc 1.1.5, 2.5.4-1+deb12u1, 6.1.192'],
    ['debian@13', 'docker 26.1.5, runc 1.1.15, 2.6.0, 6.12.117'],
    // Debian 11's docker.io and runc carry backports, which the lab holds against the packages themselves.
    ['debian@11', 'docker 20.10.10, runc 1.0.0-rc95, 2.5.1-1+deb11u1, 5.10.223'],
    ['Debian@12+podman', 'podman 4.3.1, crun 1.8.1, 2.5.4-1+deb12u1, 6.1.192'],
    ['debian@12+crun', 'docker 20.10.24, crun 1.8.1, 2.5.4-1+deb12u1, 6.1.192'],
    ['debian@12+containerd', 'containerd 1.6.20, runc 1.1.5, 2.5.4-1+deb12u1, 6.1.192'],
    ['debian@12+linux@5.10', 'docker 20.10.24, runc 1.1.5, 2.5.4-1+deb12u1, 5.10'],
    // Docker's own packages bring their runc, which takes the distribution's libseccomp.
    ['debian@12+docker@28.5.2', 'docker 28.5.2, runc 1.3.3, 2.5.4-1+deb12u1, 6.1.192'],
    ['ubuntu@24.04+docker@28.5.2', 'docker 28.5.2, runc 1.3.3, 2.5.5, 6.17.0'],
  ])('%s is %s', async (word, line) => {
    const found = await resolved(word);
    expect(found.line).toBe(line);
    expect(found.notes[0]).toMatch(/^(Debian|Ubuntu) [\d.]+: .*libseccomp 2/);
  });

  test('flags say what the distribution’s release leaves open, and win over it', async () => {
    expect((await resolved('debian@12', { engine: 'podman', libseccomp: '2.5.5' })).line).toBe(
      'podman 4.3.1, crun 1.8.1, 2.5.5, 6.1.192',
    );
  });

  test.each([
    ['ubuntu@24.04', 'which docker Ubuntu 24.04 packages is not known'],
    ['debian@10+docker@18.09.1', 'which libseccomp Debian 10 packages is not known'],
    ['ubuntu@23.04', 'ubuntu 23.04 is not known'],
    ['fedora@40+podman@5.4.2', 'which crun Fedora 40 packages is not known'],
  ])('%s: %s', async (word, message) => {
    await expect(resolved(word)).rejects.toThrow(message);
  });

  test('a distribution without a release', () => {
    expect(() => parseTarget('debian')).toThrow(CallgateError);
  });
});
