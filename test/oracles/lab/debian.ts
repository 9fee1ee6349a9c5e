import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { libseccompReleases } from '../../../src/syscalls/table.js';

const run = promisify(execFile);

/** In a suite's directory: which packages its tree was made of. */
const UNPACKED = 'unpacked';

/** Where packages and unpacked suites are kept between runs: `CALLGATE_LAB`, or a directory of the system's own. */
export const LAB = process.env['CALLGATE_LAB'] ?? join(tmpdir(), 'callgate-lab');

/** Releases of Debian, oldest first. */
export const ALL_SUITES = ['bullseye', 'bookworm', 'trixie', 'sid'] as const;
export type SuiteName = (typeof ALL_SUITES)[number];

/** Mirrors drop old releases one day, and what is new today cannot always be installed or be known. */
export const OPTIONAL: readonly SuiteName[] = ['bullseye', 'sid'];

const USABLE = join(LAB, 'usable.json');

/** Keeps which suites the tests are to run. */
export function keepSuites(names: readonly SuiteName[]): void {
  writeFileSync(USABLE, JSON.stringify(ALL_SUITES.filter((name) => names.includes(name))));
}

/** Those that have been fetched and whose releases are known. */
export const SUITES: readonly SuiteName[] = existsSync(USABLE)
  ? (JSON.parse(readFileSync(USABLE, 'utf8')) as SuiteName[])
  : [];

/** What the lab runs of each suite; apt adds what these depend on. */
const PACKAGES = [
  ...['runc', 'crun', 'libseccomp2', 'docker.io', 'containerd', 'podman', 'conmon'],
  ...['tar', 'coreutils', 'dash', 'mount', 'util-linux'],
];

/** A suite's packages, unpacked into a tree of its own that shares nothing with the system. */
export interface Suite {
  readonly name: SuiteName;
  readonly root: string;
  /** Debian's version of a package that is in the tree. */
  readonly packaged: (name: string) => string;
}

/** `1.0.0~rc93+ds1-5+deb11u5` → `1.0.0-rc93` */
export function upstreamRelease(packaged: string): string {
  return packaged
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/~(rc\d+)/, '-$1')
    .replace(/[+~].*$/, '');
}

/** The release whose tables and behaviour a suite's library has: a distribution's own can know more names. */
export function libseccompOf(suite: Suite): string {
  const packaged = suite.packaged('libseccomp2');
  return libseccompReleases.includes(packaged) ? packaged : upstreamRelease(packaged);
}

/** What is missing to fetch packages, or undefined. */
export function lacksApt(): string | undefined {
  return ['/usr/bin/apt-get', '/usr/bin/dpkg-deb'].every((path) => existsSync(path))
    ? undefined
    : 'apt and dpkg of Debian';
}

/** The suite's tree with what the lab runs of it. */
export async function fetchSuite(name: SuiteName): Promise<Suite> {
  return await fetchTree(name, name, PACKAGES);
}

/**
 * A tree of a suite's packages and what they depend on. The mirror is asked once a day; what has not changed since is
 * neither fetched nor unpacked again.
 *
 * @param folder where it is kept, below the lab's
 */
export async function fetchTree(
  name: SuiteName,
  folder: string,
  packages: readonly string[],
): Promise<Suite> {
  const directory = join(LAB, folder);
  const stamp = join(directory, `fetched-${new Date().toISOString().slice(0, 10)}`);
  if (!existsSync(stamp)) {
    const options = aptOptions(name, directory);
    await run('apt-get', [...options, '-qq', 'update']);
    await run('apt-get', [...options, '-qq', '--yes', '--download-only', 'install', ...packages]);
    await run('apt-get', [...options, '-qq', 'autoclean']);
    unpack(directory);
    writeFileSync(stamp, '');
  }
  return openSuite(name, folder);
}

/** A suite that has been fetched before. */
export function openSuite(name: SuiteName, folder: string = name): Suite {
  const directory = join(LAB, folder);
  const versions = new Map(
    debs(directory).map((file) => {
      const [packageName = '', version = ''] = file.split('_');
      return [packageName, decodeURIComponent(version)];
    }),
  );
  return {
    name,
    root: join(directory, 'root'),
    packaged(packageName) {
      const version = versions.get(packageName);
      if (version === undefined) throw new Error(`${name} has no package ${packageName}`);
      return version;
    },
  };
}

function archives(directory: string): string {
  return join(directory, 'apt', 'archives');
}

function debs(directory: string): readonly string[] {
  return readdirSync(archives(directory))
    .filter((file) => file.endsWith('.deb'))
    .sort();
}

/** An apt of the suite's own: no package counts as installed, so that it resolves the whole closure. */
function aptOptions(name: SuiteName, directory: string): readonly string[] {
  const apt = join(directory, 'apt');
  for (const path of ['lists/partial', 'archives/partial']) mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(join(apt, 'sources.list'), sources(name));
  const settings = {
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache::archives': archives(directory),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '3',
  };
  return Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
}

/** The machine's own mirrors of Debian, with the suite in the place of the installed release. */
function sources(name: SuiteName): string {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  const targets = execFileSync(
    'apt-get',
    ['indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages'],
    { encoding: 'utf8' },
  );
  const mirrors = new Map(targets.split('\n').map((line) => line.split(' ') as [string, string]));
  const keys = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const lines = ['', '-security'].flatMap((part) => {
    const mirror = mirrors.get(codename + part);
    // Sid has no repository of security fixes.
    if (mirror === undefined || (name === 'sid' && part !== '')) return [];
    return [`deb ${keys} ${mirror} ${name}${part} main`];
  });
  if (lines.length === 0) throw new Error(`apt has no mirror of Debian ${codename} to derive others from`);
  return `${lines.join('\n')}\n`;
}

function unpack(directory: string): void {
  const root = join(directory, 'root');
  const list = join(directory, UNPACKED);
  const wanted = debs(directory).join('\n');
  if (existsSync(list) && readFileSync(list, 'utf8') === wanted) return;
  rmSync(list, { force: true });
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const deb of debs(directory)) {
    execFileSync('dpkg-deb', ['--extract', join(archives(directory), deb), root]);
  }
  finish(root);
  writeFileSync(list, wanted);
}

/** What base-files, base-passwd and maintainer scripts would add, as far as the programs ask for it. */
function finish(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const name of ['etc', 'proc', 'sys', 'dev', 'tmp', 'run', 'mnt', 'root', 'work', 'var/lib']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(join(root, 'etc/resolv.conf'), '');
}
