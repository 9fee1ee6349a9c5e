import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContextInput } from '../../../src/engine/contextInput.js';
import { expand } from '../../../src/engine/expand.js';
import { rawOci } from '../../../src/engine/rawOci.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { comparePolicies } from '../../../src/policy/compare.js';
import { readOciConfig } from '../../../src/profile/read.js';
import { applyRuntime } from '../../../src/runtime/apply.js';
import type { RuntimeTarget } from '../../../src/runtime/target.js';
import { capabilities } from '../../../src/syscalls/capabilities.js';
import { describeWithOracle, isRoot } from '../../oracle.js';
import { callCri, type Message } from './cri.js';
import { lacksApt, libseccompOf, openSuite, SUITES, type Suite, upstreamRelease } from './debian.js';
import { makeTree } from './engine.js';
import { describe } from './judge.js';
import { keepRows, type ReportRow } from './report.js';
import { enterSuite } from './room.js';

const IMAGE = 'docker.io/callgate/probe:1';
const PROGRAM = 'probe';
/** Before 1.6 the interface was v1alpha2. */
const WITH_V1 = SUITES.filter((name) => name !== 'bullseye');

interface Case {
  readonly name: string;
  /** LinuxContainerSecurityContext.capabilities: add and drop. */
  readonly capabilities: Message;
  readonly input: ContextInput;
}

const CASES: readonly Case[] = [
  { name: 'RuntimeDefault', capabilities: {}, input: {} },
  { name: 'drop ALL', capabilities: { 2: ['ALL'] }, input: { capDrop: ['ALL'] } },
  { name: 'add SYS_ADMIN', capabilities: { 1: ['SYS_ADMIN'] }, input: { capAdd: ['SYS_ADMIN'] } },
  {
    name: 'drop ALL, add SYS_PTRACE, BPF',
    capabilities: { 1: ['SYS_PTRACE', 'BPF'], 2: ['ALL'] },
    input: { capAdd: ['SYS_PTRACE', 'BPF'], capDrop: ['ALL'] },
  },
  ...capabilities.map(({ name }) => {
    const word = name.slice('CAP_'.length);
    return {
      name: `only ${word}`,
      capabilities: { 1: [word], 2: ['ALL'] },
      input: { capAdd: [word], capDrop: ['ALL'] },
    };
  }),
];

const lacks = lacksApt() ?? (isRoot ? undefined : 'root');
describeWithOracle(lacks, 'containerd of other releases through the CRI', () => {
  const rows: ReportRow[] = [];
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'callgate-cri-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    keepRows('3-cri', rows);
  });

  it.each(WITH_V1)('of %s', async (name) => {
    const suite = openSuite(name);
    const version = upstreamRelease(suite.packaged('containerd'));
    const base = join(folder, name);
    mkdirSync(base);
    const runc = { name: 'runc', version: upstreamRelease(suite.packaged('runc')) } as const;
    const target: RuntimeTarget = { runtime: runc, libseccomp: libseccompOf(suite), nativeAbi: 'x86_64' };
    const wrong: string[] = [];
    const daemon = await startDaemon(suite, base);
    try {
      const sandbox = await callCri(daemon.socket, 'RunPodSandbox', { 1: SANDBOX });
      for (const one of CASES) {
        const text = await bundleOf(daemon.socket, base, sandbox, one);
        const read = readOciConfig(text, 'config.json');
        const { context } = await resolveContext({
          engine: `containerd@${version}`,
          hostKernel: release(),
          nearest: true,
          ...one.input,
        });
        const expansion = await expand(context);
        if (read.kind === 'unconfined' || expansion.kind !== 'seccomp') throw new Error('no filter');
        const [real, predicted] = [
          applyRuntime(rawOci(read.profile), target),
          applyRuntime(expansion.oci, target),
        ];
        if (real.kind !== 'policy' || predicted.kind !== 'policy') throw new Error('no policy');
        const differences = comparePolicies(real.policy, predicted.policy);
        if (differences.length > 0) wrong.push(`${one.name}: ${describe(differences)}`);
        const { process } = JSON.parse(text) as {
          process: { capabilities: { bounding?: readonly string[] } };
        };
        const bounding = [...(process.capabilities.bounding ?? [])].sort().join();
        const expected = [...context.capabilities].sort().join();
        if (bounding !== expected) wrong.push(`${one.name}: bounding ${bounding}, predicted ${expected}`);
      }
    } finally {
      await daemon.stop();
    }
    rows.push({
      what: `containerd ${version}, CRI, bundles`,
      equal: CASES.length - wrong.length,
      refused: 0,
      probes: 0,
      mismatches: wrong.length,
      note: '',
    });
    expect(wrong).toEqual([]);
  });
});

/** PodSandboxConfig: the host's network, so that no CNI plugin is needed. */
const SANDBOX: Message = {
  1: { 1: 'pod', 2: 'uid', 3: 'default' },
  3: tmpdir(),
  8: { 2: { 1: { 1: 2 } } },
};

/** What the runtime would get for a container with the engine's default profile. */
async function bundleOf(
  socket: string,
  base: string,
  sandbox: string,
  { name, capabilities: asked }: Case,
): Promise<string> {
  const security: Message = { 1: asked, 15: { 1: 0 } };
  const id = await callCri(socket, 'CreateContainer', {
    1: sandbox,
    2: { 1: { 1: name.replace(/\W/g, '-') }, 2: { 1: IMAGE }, 3: [`/${PROGRAM}`], 15: { 2: security } },
    3: SANDBOX,
  });
  // The runtime keeps the bundle and fails.
  await callCri(socket, 'StartContainer', { 1: id }).catch(() => undefined);
  return readFileSync(join(base, 'bundles', id), 'utf8');
}

/** The pod's process and its shim end with the namespace of processes. */
const NAMESPACES = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child'];

interface Daemon {
  readonly socket: string;
  readonly stop: () => Promise<void>;
}

async function startDaemon(suite: Suite, base: string): Promise<Daemon> {
  mkdirSync(join(base, 'bundles'));
  writeFileSync(join(base, 'runtime'), runtimeScript(join(base, 'bundles')), { mode: 0o755 });
  writeFileSync(join(base, 'config.toml'), daemonConfig(base));
  makeImage(base);
  const socket = join(base, 'socket');
  const script = [
    enterSuite(suite),
    'set +e',
    `load() { ctr -a '${socket}' -n k8s.io images import "$@" --snapshotter native '${base}/image.tar'; }`,
    `until [ -S '${socket}' ]; do sleep 0.1; done >'${base}/import' 2>&1 && {`,
    // Since 2.0 the client leaves unpacking to the daemon, which does it for its own default snapshotter only.
    `  { load --local || load; } >>'${base}/import' 2>&1 && : >'${base}/ready'; } &`,
    `exec containerd --config '${base}/config.toml' >'${base}/log' 2>&1`,
  ].join('\n');
  const child = spawn('unshare', [...NAMESPACES, 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 200 && !existsSync(join(base, 'ready')); tries++) await sleep(100);
  const stop = async (): Promise<void> => await ended(child);
  if (existsSync(join(base, 'ready'))) return { socket, stop };
  await stop();
  const said = ['import', 'log'].map((name) => readFileSync(join(base, name), 'utf8').slice(-2000));
  throw new Error(said.join('\n'));
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await exit;
}

/** Pods are started for real; of their containers the bundle is kept. */
function runtimeScript(bundles: string): string {
  return `#!/bin/sh
bundle= create= previous=
for word; do
  [ "$previous" != --bundle ] || bundle=$word
  [ "$word" != create ] || create=1
  previous=$word
done
case $create in
  '') exec runc "$@" ;;
esac
read -r config <"$bundle/config.json"
# Not every machine has the controller of processor time.
shares='"cpu":{"shares":2}' none='"cpu":{}'
case $config in
  *'"io.kubernetes.cri.container-type":"sandbox"'*"$shares"* | *"$shares"*'"io.kubernetes.cri.container-type":"sandbox"'*)
    printf '%s\\n' "\${config%%"$shares"*}$none\${config#*"$shares"}" >"$bundle/config.json"
    exec runc "$@" ;;
  *'"io.kubernetes.cri.container-type":"sandbox"'*) exec runc "$@" ;;
esac
cp "$bundle/config.json" '${bundles}'/"\${bundle##*/}"
exit 1
`;
}

/** No cgroups, no scores: neither can be set everywhere. */
function daemonConfig(base: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${base}/root"
state = "${base}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]
[grpc]
  address = "${base}/socket"
[${cri}]
  sandbox_image = "${IMAGE}"
  disable_cgroup = true
  restrict_oom_score_adj = true
  disable_apparmor = true
[${cri}.containerd]
  snapshotter = "native"
  default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  BinaryName = "${base}/runtime"
`;
}

/** An archive as `docker save` writes it, with one layer. */
function makeImage(base: string): void {
  const folder = join(base, 'image');
  const tree = join(base, 'tree');
  mkdirSync(folder);
  mkdirSync(tree);
  makeTree(tree, PROGRAM);
  execFileSync('tar', ['-C', tree, '-cf', join(folder, 'layer.tar'), '.']);
  const [digest] = execFileSync('sha256sum', [join(folder, 'layer.tar')], { encoding: 'utf8' }).split(' ');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: [`/${PROGRAM}`] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [IMAGE], Layers: ['layer.tar'] }];
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const names = ['manifest.json', 'config.json', 'layer.tar'];
  execFileSync('tar', ['-C', folder, '-cf', join(base, 'image.tar'), ...names]);
}
