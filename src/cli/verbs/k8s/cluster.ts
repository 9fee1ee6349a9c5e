import { join } from 'node:path';
import { CallgateError } from '../../../error.js';
import { type ClusterSettings, defaultCluster, kubernetesVersion } from '../../../kubernetes/facts.js';
import { type ManifestObject, readManifests } from '../../../kubernetes/manifests.js';
import { type ClusterNode, nodeOf, nodeOfWord } from '../../../kubernetes/node.js';
import type { LocalhostFiles, PlacementOptions } from '../../../kubernetes/placement.js';
import { type Pool, poolsOf } from '../../../kubernetes/pool.js';
import { field, textOf } from '../../../profile/fields.js';
import type { Profile } from '../../../profile/profile.js';
import { readProfile } from '../../../profile/read.js';
import { hostWords } from '../../context/contextFlags.js';
import type { Io } from '../../io/io.js';
import type { ClusterFlags } from './flags.js';
import { kubectlGet } from './kubectl.js';

/** Everything about a cluster that is not in a workload's manifest. */
export interface Cluster extends Omit<PlacementOptions, 'instead'> {
  readonly pools: readonly Pool[];
  readonly notes: readonly string[];
}

/**
 * Reads the flags that describe a cluster, and what they name.
 *
 * @param objects of the manifests: nodes and runtime classes among them count
 */
export async function loadCluster(
  flags: ClusterFlags,
  objects: readonly ManifestObject[],
  io: Io,
): Promise<Cluster> {
  const notes: string[] = [];
  const nodes = await nodesOf(flags, objects, io, notes);
  const releases = new Set(nodes.flatMap(({ kubernetes }) => kubernetes ?? []));
  const version =
    flags.kubernetes === undefined
      ? ([...releases].sort((a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]))[0] ??
        defaultCluster.version)
      : kubernetesVersion(flags.kubernetes);
  const settings: ClusterSettings = {
    version,
    seccompDefault: flags.seccompDefault === true,
    kubeletRoot: (flags.kubeletRoot ?? defaultCluster.kubeletRoot).replace(/\/+$/, ''),
  };
  const same = nodes.map(({ kubernetes: _, ...node }) => node);
  return {
    pools: await poolsOf(flags.kubernetes === undefined ? nodes : same),
    cluster: settings,
    localhost: localhostFiles(flags.localhostRoot, io),
    handlers: handlersOf(flags, objects),
    notes,
  };
}

async function nodesOf(
  flags: ClusterFlags,
  objects: readonly ManifestObject[],
  io: Io,
  notes: string[],
): Promise<readonly ClusterNode[]> {
  const words = {
    ...(flags.runtime === undefined ? {} : { runtime: flags.runtime }),
    ...(flags.libseccomp === undefined ? {} : { libseccomp: flags.libseccomp }),
    ...(flags.kernel === undefined ? {} : { kernel: flags.kernel }),
    ...(flags.arch === undefined ? {} : { arch: flags.arch }),
  };
  const isNode = ({ kind, node }: ManifestObject): boolean =>
    kind === 'Node' && field(node, 'status', 'nodeInfo') !== undefined;
  const listed =
    flags.nodes === 'live' || (flags.live === true && flags.nodes === undefined && flags.node === undefined)
      ? readManifests(await kubectlGet('nodes', flags, io, false), 'kubectl get nodes').objects
      : flags.nodes === undefined
        ? objects
        : readManifests(io.read(flags.nodes), flags.nodes === '-' ? '<stdin>' : flags.nodes).objects;
  const found = listed.filter(isNode).map((object) => nodeOf(object, words));
  if (flags.nodes !== undefined && found.length === 0)
    throw new CallgateError('INPUT', `${flags.nodes}: no Node with status.nodeInfo`, {
      expected: 'what kubectl get nodes -o json prints',
    });
  const named = (flags.node ?? []).map((word) => nodeOfWord(word, { ...hostWords(), ...words }));
  if (found.length + named.length > 0) return [...found, ...named];
  const node = nodeOfWord('containerd', { ...hostWords(), ...words });
  notes.push('no node is named: one with the newest containerd known stands for all; see --nodes and --node');
  return [node];
}

function handlersOf(
  { runtimeClass = [] }: ClusterFlags,
  objects: readonly ManifestObject[],
): ReadonlyMap<string, string> {
  const handlers = new Map<string, string>();
  for (const { kind, name, node } of objects) {
    const handler = textOf(field(node, 'handler'));
    if (kind === 'RuntimeClass' && handler !== undefined) handlers.set(name, handler);
  }
  for (const word of runtimeClass) {
    const [, name, handler] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (name === undefined || handler === undefined)
      throw new CallgateError('USAGE', `--runtime-class ${word}`, {
        expected: 'NAME=runc, NAME=crun@1.21 …',
      });
    handlers.set(name, handler);
  }
  return handlers;
}

/** Each file is read once. What leads out of the directory is refused before it comes here. */
function localhostFiles(root: string | undefined, io: Io): LocalhostFiles {
  const read = new Map<string, Profile | 'missing'>();
  return (name) => {
    if (root === undefined) return undefined;
    const known = read.get(name);
    if (known !== undefined) return known;
    const profile = profileFile(join(root, name), io);
    read.set(name, profile);
    return profile;
  };
}

function profileFile(path: string, io: Io): Profile | 'missing' {
  let bytes: Uint8Array;
  try {
    bytes = io.read(path);
  } catch (error) {
    const code =
      error instanceof CallgateError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw error;
  }
  return readProfile(bytes, path);
}
