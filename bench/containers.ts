import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expand } from '../src/engine/expand.js';
import { resolveContext } from '../src/engine/resolveContext.js';
import { IN_OWN_CGROUP_TREE } from '../test/oracles/containers.js';
import { scratch } from './measure.js';

const NOTHING = 'int main(void) { return 0; }\n';

/** A root file system whose only file is a static program that does nothing, /nothing. @throws without a compiler */
export function emptyRoot(folder: string): string {
  for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(folder, name), { recursive: true });
  execFileSync('gcc', ['-O2', '-static', '-x', 'c', '-o', join(folder, 'nothing'), '-'], { input: NOTHING });
  return folder;
}

/** Words that run a command in a plain cgroup tree: crun refuses mixed ones, and no controllers are needed here. */
export const inOwnCgroups = (...command: readonly string[]): readonly [string, ...string[]] => [
  'unshare',
  ...['--mount', 'sh', '-c', `${IN_OWN_CGROUP_TREE}; exec "$@"`, 'sh', ...command],
];

/** The command line that measures a container of Docker's default filter with a static program that does nothing. */
export async function containerStart(
  runtime: 'runc' | 'crun',
  rounds: number,
  probe: string,
): Promise<readonly [string, ...string[]]> {
  const bundle = join(scratch, `bundle-${runtime}`);
  emptyRoot(join(bundle, 'rootfs'));
  const { context } = await resolveContext({ engine: 'docker@28.2.0', arch: 'x86_64' });
  const expansion = await expand(context);
  if (expansion.kind !== 'seccomp') throw new Error(expansion.kind);
  const { defaultAction, defaultErrnoRet, architectures, syscalls } = expansion.oci;
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/nothing'],
      cwd: '/',
      capabilities: { bounding: ['CAP_CHOWN'], effective: ['CAP_CHOWN'], permitted: ['CAP_CHOWN'] },
    },
    root: { path: 'rootfs', readonly: false },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network' }, { type: 'ipc' }, { type: 'uts' }],
      seccomp: {
        defaultAction,
        ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
        architectures,
        syscalls: syscalls.map(({ names, action, errnoRet, args }) => ({
          names,
          action,
          ...(errnoRet === undefined ? {} : { errnoRet }),
          args: args.map(({ index, value, valueTwo, op }) => ({
            index,
            value: Number(value),
            valueTwo: Number(valueTwo),
            op,
          })),
        })),
      },
    },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  const global = runtime === 'crun' ? ['--cgroup-manager=disabled'] : [];
  const run = [
    runtime,
    ...global,
    '--root',
    join(scratch, 'state'),
    'run',
    '--bundle',
    bundle,
    `bench-${runtime}`,
  ];
  return inOwnCgroups(probe, 'start', String(rounds), ...run);
}
