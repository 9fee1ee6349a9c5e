import { describe, expect, it } from 'vitest';
import { bundledWith, distros, libseccompOf, runtimeReleases } from '../../src/engine/bundles.js';
import type { EngineName } from '../../src/engine/context.js';
import { loadDefaults } from '../../src/engine/defaults.js';
import { libseccompReleases } from '../../src/syscalls/table.js';
import { compareVersions } from '../../src/versions.js';

/** Actions that the rules of a default profile give a name, in order, `?` where a rule has a condition. */
async function actions(engine: EngineName, version: string, name: string): Promise<string> {
  const profile = (await loadDefaults(engine)).profile(version);
  const rules = profile?.rules.filter((rule) => rule.name === name || rule.names.includes(name)) ?? [];
  return rules
    .map(({ action, errnoRet, args, includes, excludes }) => {
      const caps = [...includes.caps, ...excludes.caps.map((cap) => `!${cap}`)].join('+');
      const when = args.length > 0 ? '?' : '';
      return `${action.replace('SCMP_ACT_', '')}${errnoRet === undefined ? '' : ` ${errnoRet}`}${when}${caps && ` ${caps}`}`;
    })
    .join(', ');
}

describe('default profiles at the versions where they turn', () => {
  const cases: readonly (readonly [EngineName, string, string, string])[] = [
    ['docker', '20.10.9', 'clone3', ''],
    ['docker', '20.10.9', 'faccessat2', 'ALLOW'],
    ['docker', '20.10.10', 'clone3', 'ALLOW CAP_SYS_ADMIN, ERRNO 38 !CAP_SYS_ADMIN'],
    ['docker', '19.03.15', 'clone3', ''],
    ['docker', '23.0.7', 'name_to_handle_at', 'ALLOW'],
    ['docker', '24.0.0', 'name_to_handle_at', 'ALLOW CAP_SYS_ADMIN'],
    ['docker', '29.4.2', 'socketcall', 'ERRNO 38'],
    ['docker', '29.4.3', 'socketcall', 'ALLOW'],
    ['docker', '24.0.9', 'io_uring_setup', 'ALLOW'],
    ['docker', '25.0.0', 'io_uring_setup', ''],
    ['docker', '1.10.0', 'personality', ''],
    ['docker', '1.13.0', 'personality', 'ALLOW?, ALLOW?, ALLOW?'],
    ['docker', '28.5.2', 'socket', 'ALLOW?'],
    ['docker', '29.7.2', 'socket', 'ALLOW?, ALLOW?, ALLOW?'],
    ['containerd', '1.5.5', 'clone3', ''],
    ['containerd', '1.5.6', 'clone3', 'ERRNO 38 !CAP_SYS_ADMIN, ALLOW CAP_SYS_ADMIN'],
    ['containerd', '1.7.30', 'io_uring_setup', 'ALLOW'],
    ['containerd', '2.0.0', 'io_uring_setup', ''],
    ['cri-o', '1.23.0', 'unshare', 'ALLOW'],
    ['cri-o', '1.24.0', 'unshare', 'ALLOW CAP_SYS_ADMIN'],
    ['podman', '5.8.2', 'mount', 'ALLOW'],
    ['buildah', '0.1', 'read', ''],
  ];
  it.each(cases)('%s %s: %s', async (engine, version, name, expected) => {
    expect(await actions(engine, version, name)).toBe(expected);
  });

  it('keeps what surrounds the rules', async () => {
    const profile = (await loadDefaults('docker')).profile('28.5.2');
    expect(profile).toMatchObject({
      dialect: 'docker',
      source: 'docker@28.5.2',
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: [],
      notes: [],
    });
    expect(profile?.archMap[0]).toEqual({
      architecture: 'SCMP_ARCH_X86_64',
      subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    });
    expect(profile?.locate(['syscalls', 0])).toBeUndefined();
  });

  it('has the old form with one name for each rule before 1.13', async () => {
    const rules = (await loadDefaults('docker')).profile('1.10.0')?.rules ?? [];
    expect(rules[0]).toEqual({
      name: 'accept',
      names: [],
      action: 'SCMP_ACT_ALLOW',
      args: [],
      includes: { caps: [], arches: [] },
      excludes: { caps: [], arches: [] },
    });
  });

  it('refuses a version that it does not know', async () => {
    const { profile, defaultCapabilities } = await loadDefaults('docker');
    expect(() => profile('20.10.99')).toThrow('docker 20.10.99 is not known');
    expect(() => defaultCapabilities('__proto__')).toThrow('not known');
  });
});

describe('default capabilities', () => {
  const cases: readonly (readonly [EngineName, string, number | undefined])[] = [
    ['docker', '1.10.0', 14],
    ['docker', '29.7.2', 14],
    ['containerd', '2.3.4', 14],
    ['podman', '0.2', 14],
    ['podman', '4.3.1', 14],
    ['podman', '4.4.0', 10],
    ['podman', '5.8.2', 11],
    ['buildah', '1.11.0', 13],
    ['buildah', '1.44.0', 11],
    ['cri-o', '1.0.0', undefined],
    ['cri-o', '1.17.5', 11],
    ['cri-o', '1.36.3', 9],
  ];
  it.each(cases)('%s %s: %s', async (engine, version, count) => {
    const { defaultCapabilities } = await loadDefaults(engine);
    expect(defaultCapabilities(version)?.length).toBe(count);
  });
});

describe('bundles', () => {
  it.each([
    ['20.10.0', { runc: '1.0.0-rc92' }],
    ['20.10.6', { runc: '1.0.0-rc93' }],
    ['20.10.8', { runc: '1.0.1' }],
    ['20.10.17', { runc: '1.1.2' }],
    ['23.0.0', { runc: '1.1.4', libseccomp: '2.5.4' }],
    ['27.4.0', { runc: '1.2.2', libseccomp: '2.5.5' }],
    ['28.5.2', { runc: '1.3.3', libseccomp: '2.5.6' }],
    ['29.7.2', { runc: '1.4.3', libseccomp: '2.6.0', containerd: '2.3.3' }],
    ['18.09.4', { runc: '1.0.0-rc6', runcBuild: '1.0.0-rc6-69-g2b18fe1d8' }],
  ])('docker %s', (version, parts) => expect(bundledWith('docker', version)).toMatchObject(parts));

  it('says nothing where nothing is known', () => {
    expect(bundledWith('docker', '1.10.0')).toEqual({ source: expect.any(String) });
    expect(bundledWith('podman', '5.8.2')).toEqual({ source: expect.any(String) });
    expect(libseccompOf('crun', '1.21')).toBeUndefined();
    expect(libseccompOf('runc', '1.0.0-rc92')).toBeUndefined();
  });

  it('names only releases that the data has', async () => {
    const known = new Set(runtimeReleases('runc').map(({ version }) => version));
    const missing = [];
    for (const engine of ['docker', 'containerd'] as const) {
      for (const { version } of (await loadDefaults(engine)).releases) {
        const { runc } = bundledWith(engine, version);
        if (runc !== undefined && !known.has(runc)) missing.push(`${engine} ${version}: runc ${runc}`);
      }
    }
    expect(missing).toEqual([]);
    const linked = runtimeReleases('runc').flatMap(({ libseccomp }) => libseccomp ?? []);
    expect(linked.filter((version) => !libseccompReleases.includes(version))).toEqual([]);
  });

  it.each(['runc', 'crun', 'youki'] as const)('orders the releases of %s', (runtime) => {
    const versions = runtimeReleases(runtime).map(({ version }) => version);
    expect(versions).toEqual([...versions].sort(compareVersions));
    expect(versions.length).toBeGreaterThan(10);
  });

  it('knows what Debian 12 packages', () => {
    expect(distros.find(({ distro, version }) => distro === 'Debian' && version === '12')).toMatchObject({
      runc: '1.1.5+ds1-1+deb12u1',
      libseccomp: '2.5.4-1+deb12u1',
    });
  });
});
