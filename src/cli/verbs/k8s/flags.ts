import type { Command } from 'commander';
import type { KubectlFlags } from './kubectl.js';

export const repeat = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Which manifests are meant. */
export interface ManifestFlags extends KubectlFlags {
  readonly live?: boolean;
  readonly recursive?: boolean;
}

/** Which nodes are meant, and what neither they nor the manifests tell. */
export interface ClusterFlags extends KubectlFlags {
  readonly live?: boolean;
  readonly nodes?: string;
  readonly node?: readonly string[];
  readonly runtime?: string;
  readonly libseccomp?: string;
  readonly kernel?: string;
  readonly arch?: string;
  readonly kubernetes?: string;
  readonly seccompDefault?: boolean;
  readonly kubeletRoot?: string;
  readonly localhostRoot?: string;
  readonly runtimeClass?: readonly string[];
}

export function addManifestFlags(command: Command): Command {
  return command
    .option('-R, --recursive', 'directories with all that is below them')
    .option('--live', 'the cluster that kubectl is set up for, its nodes too')
    .option('-n, --namespace <NS>', 'of a live cluster')
    .option('-A, --all-namespaces', 'of a live cluster')
    .option('-l, --selector <LABELS>', 'of a live cluster’s objects')
    .option('--context <NAME>', 'of kubectl’s configuration')
    .option('--kubeconfig <FILE>', 'kubectl’s configuration');
}

export function addClusterFlags(command: Command): Command {
  return command
    .option(
      '--nodes <FILE>',
      'what kubectl get nodes -o json prints; - for standard input, live to ask kubectl',
    )
    .option(
      '--node <WORD>',
      'a node in a word: containerd@1.7.27+linux@5.15, or NAME=WORD; may be repeated',
      repeat,
    )
    .option('--runtime <NAME[@VER]>', 'runc or crun on all nodes, which nodes do not tell')
    .option('--libseccomp <VER>', 'on all nodes, which nodes do not tell')
    .option('--kernel <VER>', 'on all nodes')
    .option('--arch <ARCH>', 'of all nodes')
    .option(
      '--kubernetes <VER>',
      'release of API server and kubelets (default: the nodes’, else the newest known)',
    )
    .option('--seccomp-default', 'the kubelets have seccompDefault: true')
    .option('--kubelet-root <DIR>', 'the kubelets’ --root-dir (default: /var/lib/kubelet)')
    .option('--localhost-root <DIR>', 'where a copy of the kubelets’ directory seccomp stands here')
    .option(
      '--runtime-class <NAME=RUNTIME>',
      'the runtime that a RuntimeClass means; may be repeated',
      repeat,
    );
}
