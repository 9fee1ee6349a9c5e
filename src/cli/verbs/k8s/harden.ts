import { type Command, Option } from 'commander';
import { CallgateError } from '../../../error.js';
import { defaultCluster, kubernetesVersion } from '../../../kubernetes/facts.js';
import { type Hardened, harden } from '../../../kubernetes/harden/harden.js';
import { unifiedDiff } from '../../../kubernetes/harden/unifiedDiff.js';
import type { HardenOptions } from '../../../kubernetes/harden/wish.js';
import type { Io } from '../../io/io.js';
import { addFormat } from '../../output/format.js';
import { jsonText, SCHEMA_VERSION } from '../../output/json.js';
import { paint } from '../../output/paint.js';
import { manifestPaths } from './manifestFiles.js';

interface Flags {
  readonly level: HardenOptions['level'];
  readonly profile: string;
  readonly keepUnconfined?: boolean;
  readonly dryRun?: boolean;
  readonly recursive?: boolean;
  readonly kubernetes?: string;
  readonly format: 'human' | 'json';
}

export function defineHarden(command: Command, io: Io, exit: (code: number) => void): void {
  addFormat(command, ['human', 'json'])
    .description(
      'Give every pod of a manifest a seccomp profile, in place: comments, order and anchors stay.',
    )
    .argument(
      '<manifests...>',
      'YAML or JSON files, directories; - reads standard input and prints the result',
    )
    .addOption(
      new Option('--level <level>', 'seccomp: the profile only; restricted: all that Pod Security asks for')
        .choices(['seccomp', 'restricted'])
        .default('seccomp'),
    )
    .option(
      '--profile <WHAT>',
      'RuntimeDefault, or Localhost:PATH below the kubelet’s seccomp directory',
      'RuntimeDefault',
    )
    .option('--keep-unconfined', 'leave pods and containers that say Unconfined')
    .option('--kubernetes <VER>', 'release that the manifests are for (default: the newest known)')
    .option('--dry-run', 'print what would change as a patch, and change nothing')
    .option('-R, --recursive', 'directories with all that is below them')
    .addHelpText(
      'after',
      `
The profile goes to the pod, where one line serves all containers; a container that says Unconfined, or is named in an
annotation, gets its own. A mapping behind an anchor is changed once, where all who use it may have the change. Windows
pods, and patches that name no image, are left as they are. The level restricted sets allowPrivilegeEscalation, drops
all capabilities and asks for a user other than root: try such pods before they go anywhere.

Exit: 0; with --dry-run 1 when something would change; 2 for bad input.

Examples:
  callgate k8s harden --dry-run deploy.yaml
  callgate k8s harden -R ./manifests
  helm template ./chart | callgate k8s harden - --level restricted > hardened.yaml
  callgate k8s harden pod.yaml --profile Localhost:profiles/web.json
`,
    )
    .action((words: readonly string[], flags: Flags) => exit(run(words, flags, io)));
}

function run(words: readonly string[], flags: Flags, io: Io): number {
  const options: HardenOptions = {
    level: flags.level,
    profile: wantedProfile(flags.profile),
    keepUnconfined: flags.keepUnconfined === true,
    cluster: {
      ...defaultCluster,
      ...(flags.kubernetes === undefined ? {} : { version: kubernetesVersion(flags.kubernetes) }),
    },
  };
  const paths = words.flatMap((word) => manifestPaths(word, flags.recursive === true));
  const files = paths.map((path) => {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(io.read(path));
    return { path, text, hardened: harden(text, path === '-' ? '<stdin>' : path, options) };
  });
  // Nothing is written before everything has been read and understood.
  if (flags.dryRun !== true)
    for (const { path, hardened } of files)
      if (path !== '-' && hardened.edits.length > 0) io.write(path, hardened.text);
  if (flags.format === 'json')
    io.out(jsonText({ schemaVersion: SCHEMA_VERSION, files: files.map(fileJson) }));
  else for (const file of files) report(file, flags.dryRun === true, io);
  const changes = files.some(({ hardened }) => hardened.edits.length > 0);
  return flags.dryRun === true && changes ? 1 : 0;
}

interface File {
  readonly path: string;
  readonly text: string;
  readonly hardened: Hardened;
}

function fileJson({ path, text, hardened }: File): object {
  const { changed, unchanged, notes, edits } = hardened;
  return { file: path, changed, unchanged, notes, diff: unifiedDiff(text, edits, patchName(path)) };
}

function report({ path, text, hardened }: File, dryRun: boolean, io: Io): void {
  const colours = paint(io);
  const { edits, changed, unchanged, notes } = hardened;
  if (dryRun) io.out(unifiedDiff(text, edits, patchName(path)));
  else if (path === '-') io.out(hardened.text);
  const state = edits.length === 0 ? 'nothing to change' : `${changed} ${dryRun ? 'to change' : 'changed'}`;
  io.err(`${colours.bold(path === '-' ? '<stdin>' : path)}: ${state}, ${unchanged} as wished already\n`);
  for (const note of notes) io.err(`note: ${note}\n`);
}

/** `patch -p1` and `git apply` want it relative. */
const patchName = (path: string): string => (path === '-' ? 'stdin' : path.replace(/^(\.?\/)+/, ''));

function wantedProfile(word: string): HardenOptions['profile'] {
  if (word === 'RuntimeDefault') return { type: 'RuntimeDefault' };
  const [, path] = /^Localhost:(.+)$/s.exec(word) ?? [];
  if (path !== undefined && !path.startsWith('/') && !path.split('/').includes('..'))
    return { type: 'Localhost', localhostProfile: path };
  throw new CallgateError('USAGE', `--profile ${word}`, {
    expected: 'RuntimeDefault, or Localhost:PATH with a path relative to the kubelet’s seccomp directory',
  });
}
