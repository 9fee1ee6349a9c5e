import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { resolveContext } from '../../../engine/resolveContext.js';
import { parseTarget } from '../../../engine/target.js';
import { CallgateError } from '../../../error.js';
import { agentDaemonSet } from '../../../kubernetes/distribute/agentDaemonSet.js';
import { daemonSet } from '../../../kubernetes/distribute/daemonSet.js';
import { ociLayout } from '../../../kubernetes/distribute/ociLayout.js';
import { operatorPath } from '../../../kubernetes/distribute/operatorPath.js';
import { type ProfileToInstall, profileToInstall } from '../../../kubernetes/distribute/profileToInstall.js';
import { defaultCluster, kubernetesFacts } from '../../../kubernetes/facts.js';
import { formatSpo } from '../../../profile/formatSpo.js';
import type { Profile } from '../../../profile/profile.js';
import { readProfile } from '../../../profile/read.js';
import { hostWords } from '../../context/contextFlags.js';
import type { Io } from '../../io/io.js';

interface Flags {
  readonly as: 'daemonset' | 'agent' | 'spo' | 'oci-artifact';
  readonly name?: string;
  readonly namespace?: string;
  readonly path: string;
  readonly image?: string;
  readonly audit?: string;
  readonly kubeletRoot: string;
  readonly resolve?: string;
  readonly remove?: boolean;
  readonly overwrite?: boolean;
  readonly tag: string;
  readonly output?: string;
}

export function defineDistribute(command: Command, io: Io, exit: (code: number) => void): void {
  const { distribution } = kubernetesFacts;
  command
    .description('Write what brings profiles to every node of a cluster.')
    .argument('<profiles...>', 'JSON or YAML files')
    .addOption(
      new Option(
        '--as <FORM>',
        'daemonset: DaemonSet and ConfigMap; agent: the same with callgate agent, which also watches; spo: the Security Profiles Operator’s SeccompProfile; oci-artifact: an OCI layout for CRI-O',
      )
        .choices(['daemonset', 'agent', 'spo', 'oci-artifact'])
        .makeOptionMandatory(),
    )
    .option('-o, --output <PATH>', 'file, or directory for oci-artifact (default: standard output)')
    .option('--name <NAME>', 'of the objects (default: from the file’s name)')
    .option('-n, --namespace <NS>', `of the objects (daemonset, agent: ${distribution.namespace} by default)`)
    .option('--path <DIR>', 'below the kubelet’s seccomp directory', 'profiles')
    .option(
      '--image <IMAGE>',
      `daemonset: with a POSIX shell (default: ${distribution.image}); agent: made with packaging/agent`,
    )
    .option('--audit <FILE>', 'agent: the nodes’ audit log, such as /var/log/audit/audit.log')
    .option('--kubelet-root <DIR>', 'the kubelets’ --root-dir', defaultCluster.kubeletRoot)
    .option(
      '--resolve <CONTEXT>',
      'decide the profile’s conditions now, as containerd reads none: containerd@1.7.27+SYS_NICE',
    )
    .option('--remove', 'a DaemonSet that takes the profiles away again')
    .option('--overwrite', 'replace files of the same name that something else installed')
    .option('--tag <TAG>', 'of the artifact in its layout', 'latest')
    .addHelpText(
      'after',
      `
The DaemonSet writes each file beside its place and renames it, so that a killed pod or node leaves whole files only;
it keeps them as they are, follows changes of its ConfigMap, is ready once all are in place, and leaves files of others
alone. Deleting it leaves the profiles, as running pods need them at their next start: --remove takes them away.

Exit: 0, or 2 for bad input.

Examples:
  callgate k8s distribute web.json --as daemonset | kubectl apply -f -
  callgate k8s distribute *.json --as daemonset --name seccomp --path team-a -o seccomp.yaml
  callgate k8s distribute default.json --as daemonset --resolve containerd@1.7.27
  callgate k8s distribute watch.json --as agent --image registry.example/callgate-agent:1 | kubectl apply -f -
  callgate k8s distribute web.json --as spo | kubectl apply -f -
  callgate k8s distribute web.json --as oci-artifact -o layout && skopeo copy oci:layout docker://registry/seccomp:v1
`,
    )
    .action(async (files: readonly string[], flags: Flags) => {
      await run(files, flags, io);
      exit(0);
    });
}

interface Read {
  readonly name: string;
  readonly profile: Profile;
  readonly install: ProfileToInstall;
}

async function run(files: readonly string[], flags: Flags, io: Io): Promise<void> {
  const profiles: Read[] = [];
  for (const file of files) profiles.push(await read(file, flags, io));
  for (const { install } of profiles) for (const note of install.notes) io.err(`note: ${note}\n`);
  switch (flags.as) {
    case 'daemonset':
    case 'agent':
      return writeDaemonSet(profiles, flags, io);
    case 'spo':
      return writeOperator(profiles, flags, io);
    case 'oci-artifact':
      return writeLayout(profiles, flags, io);
  }
}

async function read(file: string, { resolve }: Flags, io: Io): Promise<Read> {
  const bytes = io.read(file);
  const profile = readProfile(bytes, file === '-' ? '<stdin>' : file);
  const like = resolve === undefined ? undefined : parseTarget(resolve);
  if (like !== undefined && like.kind !== 'context')
    throw new CallgateError('USAGE', `--resolve ${resolve}`, {
      expected: 'such as containerd@1.7.27+SYS_NICE',
    });
  const context = like === undefined ? undefined : (await resolveContext({ like, ...hostWords() })).context;
  const install = profileToInstall(profile, new TextDecoder().decode(bytes), context);
  const resolved = context === undefined ? profile : readProfile(install.text, profile.source);
  return { name: objectName(file), profile: resolved, install };
}

/** RFC 1123, as names of objects must be. */
function objectName(file: string): string {
  const name = basename(file)
    .replace(/\.(json|ya?ml)$/i, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50);
  return name === '' ? 'profile' : name;
}

function checkedName(name: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new CallgateError('USAGE', `--name ${name}`, {
    expected: 'at most 63 of a-z, 0-9 and -, as Kubernetes names objects',
  });
}

async function writeDaemonSet(profiles: readonly Read[], flags: Flags, io: Io): Promise<void> {
  const { path, image, remove, overwrite, audit } = flags;
  if (!/^[\w][\w.-]*(\/[\w][\w.-]*)*$/.test(path))
    throw new CallgateError('USAGE', `--path ${path}`, {
      expected: 'a relative path of letters, digits, . _ -',
    });
  const name = checkedName(flags.name ?? `seccomp-${profiles[0]?.name ?? 'profiles'}`);
  const files = profiles.map((profile) => ({
    path: `${path}/${profile.name}.json`,
    text: profile.install.text,
  }));
  const twice = files.find((file, index) => files.findIndex((other) => other.path === file.path) !== index);
  if (twice !== undefined) throw new CallgateError('USAGE', `two files would be ${twice.path}`);
  const common = {
    name,
    namespace: flags.namespace ?? kubernetesFacts.distribution.namespace,
    kubeletRoot: flags.kubeletRoot.replace(/\/+$/, ''),
    overwrite: overwrite === true,
  };
  const yaml =
    flags.as === 'agent'
      ? agentDaemonSet(files, {
          ...common,
          image: agentImage(flags),
          ...(audit === undefined ? {} : { audit }),
        })
      : await daemonSet(files, {
          ...common,
          image: image ?? kubernetesFacts.distribution.image,
          remove: remove === true,
        });
  print(yaml, flags, io);
  for (const file of files)
    io.err(`pods: seccompProfile: {type: Localhost, localhostProfile: ${file.path}}\n`);
}

/** There is none that every cluster could pull. */
function agentImage({ image, remove, audit }: Flags): string {
  if (image === undefined)
    throw new CallgateError('USAGE', 'the agent’s image is your own', {
      hint: 'build it as docs/agent.md says, and name it with --image',
    });
  if (remove === true)
    throw new CallgateError('USAGE', 'the agent does not take profiles away', {
      hint: 'delete its DaemonSet, then --as daemonset --remove with the same --name',
    });
  if (audit !== undefined && !/^(\/[\w.-]+){2,}$/.test(audit))
    throw new CallgateError('USAGE', `--audit ${audit}`, { expected: 'the path of a file in a directory' });
  return image;
}

function writeOperator(profiles: readonly Read[], flags: Flags, io: Io): void {
  if (flags.name !== undefined && profiles.length > 1)
    throw new CallgateError('USAGE', 'one --name for several profiles', {
      hint: 'leave it out: files name them',
    });
  const named = profiles.map(({ profile, name }) => ({ profile, name: checkedName(flags.name ?? name) }));
  const yaml = named
    .map(({ profile, name }) => formatSpo(profile, { name, namespace: flags.namespace }))
    .join('---\n');
  print(yaml, flags, io);
  for (const { name } of named)
    io.err(
      `pods: seccompProfile: {type: Localhost, localhostProfile: ${operatorPath(name, flags.namespace)}}\n`,
    );
}

async function writeLayout(profiles: readonly Read[], { output, tag }: Flags, io: Io): Promise<void> {
  const [profile, second] = profiles;
  if (profile === undefined || second !== undefined)
    throw new CallgateError('USAGE', 'an artifact holds one profile');
  if (output === undefined) throw new CallgateError('USAGE', 'a layout is a directory: name it with -o');
  if (existsSync(output) && readdirSync(output).length > 0)
    throw new CallgateError('USAGE', `${output} is there already`, { hint: 'name a new directory' });
  const beside = join(dirname(output), `.${basename(output)}.${process.pid}`);
  try {
    for (const [path, content] of await ociLayout(profile.install.text, tag)) {
      mkdirSync(dirname(join(beside, path)), { recursive: true });
      io.write(join(beside, path), content);
    }
    rmSync(output, { recursive: true, force: true });
    renameSync(beside, output);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  io.err(`push it with: skopeo copy oci:${output}:${tag} docker://REGISTRY/NAME:${tag}\n`);
  for (const { name, since } of kubernetesFacts.artifact.annotations)
    io.err(
      `pods (CRI-O ${since} and newer, where allowed_annotations lists it): ${name}/POD: REGISTRY/NAME:${tag}\n`,
    );
}

function print(yaml: string, { output }: Flags, io: Io): void {
  if (output === undefined) io.out(yaml);
  else io.write(output, yaml);
}
