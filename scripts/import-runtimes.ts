import { execFileSync } from 'node:child_process';
import { compareVersions } from '../src/versions.js';
import { writeFacts } from './reviewable.js';
import { readSnapshot } from './snapshot.js';

interface RawEngines {
  readonly docker: readonly RawDocker[];
  readonly containerd: readonly RawDocker[];
  readonly runc: readonly {
    readonly version: string;
    readonly date: string;
    readonly libseccomp: string | null;
    readonly from?: string;
  }[];
  readonly distros: readonly RawDistro[];
}

interface RawDocker {
  readonly version: string;
  readonly containerd?: string | null;
  readonly runc: string | null;
  readonly runcCommit?: string;
  readonly from?: string | null;
}

type RawDistro = Readonly<Record<string, string | null | Readonly<Record<string, string>>>> & {
  readonly distro: string;
  readonly version: string;
};

// crun and youki are not in the snapshot: their releases are the tags of two git directories.
const [snapshot, crun, youki, data = 'data'] = process.argv.slice(2);
if (snapshot === undefined || crun === undefined || youki === undefined) {
  throw new Error(
    'usage: node scripts/run.mjs scripts/import-runtimes.ts SNAPSHOT CRUN_GIT YOUKI_GIT [DATA]',
  );
}

const raw = await readSnapshot<RawEngines>(snapshot, 'engines.json');

/** `1.0.0-rc4-205-g9f9c96235` is a commit after 1.0.0-rc4. */
const DESCRIBED = /^(.*)-\d+-g[0-9a-f]+$/;

function described(field: string, version: string | null | undefined): object {
  if (version === null || version === undefined) return {};
  const release = DESCRIBED.exec(version)?.[1];
  return release === undefined ? { [field]: version } : { [field]: release, [`${field}Build`]: version };
}

function bundle(row: RawDocker): object {
  const { version, containerd, runc, from } = row;
  return {
    version,
    ...described('containerd', containerd),
    ...described('runc', runc),
    ...(from === null || from === undefined ? {} : { from }),
  };
}

function tags(directory: string): readonly object[] {
  const format = '--format=%(refname:short) %(creatordate:short)';
  const text = execFileSync('git', ['-C', directory, 'for-each-ref', format, 'refs/tags'], {
    encoding: 'utf8',
  });
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([tag = '', date = '']) => {
      const version = tag.replace(/^v/, '');
      return /^\d+(\.\d+)+$/.test(version) ? [{ version, date, tag }] : [];
    })
    .sort((a, b) => compareVersions(a.version, b.version));
}

function distro(row: RawDistro): object {
  const known = Object.entries(row).filter(([key, value]) => value !== null && key !== 'unverified');
  return Object.fromEntries(known);
}

await writeFacts(data, 'bundles.json', {
  origin: {
    docker: 'moby/moby: Dockerfile, installers and commit lists of each tag',
    containerd: 'containerd/containerd: vendor.conf and script/setup/runc-version of each tag',
    runc: 'opencontainers/runc: script/release.sh and Dockerfile of each tag (libseccomp of the static release binary)',
    crun: 'containers/crun tags',
    youki: 'youki-dev/youki tags',
  },
  docker: raw.docker.map(bundle),
  containerd: raw.containerd.map(bundle),
  runc: raw.runc.map(({ version, date, libseccomp, from }) => ({
    version,
    date,
    ...(libseccomp === null ? {} : { libseccomp }),
    ...(from === undefined ? {} : { from }),
  })),
  crun: tags(crun),
  youki: tags(youki),
  distros: raw.distros.map(distro),
});
