import type { Argument, Option } from 'commander';

/** What a value is, as far as completion knows words for it. */
export type ValueKind =
  | 'architecture'
  | 'abi'
  | 'calls'
  | 'callsAndSets'
  | 'capability'
  | 'directory'
  | 'engine'
  | 'errno'
  | 'file'
  | 'kubernetes'
  | 'kubernetesProfile'
  | 'libseccomp'
  | 'linux'
  | 'platform'
  | 'preset'
  | 'program'
  | 'runtime'
  | 'securityOpt'
  | 'target'
  | 'userns'
  /** Words that only the user knows. */
  | 'free';

/** By the word in angle brackets that --help shows; a flag's name decides where several flags share one. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  a: 'target',
  abi: 'abi',
  'address:port': 'free',
  arch: 'architecture',
  b: 'target',
  call: 'calls',
  'call or text': 'calls',
  calls: 'calls',
  cap: 'capability',
  context: 'target',
  dir: 'directory',
  errno: 'errno',
  file: 'file',
  'file[:service]': 'file',
  'file[:job]': 'file',
  files: 'file',
  image: 'free',
  kinds: 'program',
  labels: 'free',
  line: 'free',
  'linux/arch': 'platform',
  list: 'calls',
  manifests: 'file',
  mode: 'userns',
  n: 'free',
  name: 'free',
  'name=runtime': 'free',
  'name=value': 'free',
  ns: 'free',
  number: 'free',
  opt: 'securityOpt',
  path: 'file',
  '[pattern=]file': 'file',
  port: 'free',
  profiles: 'file',
  socket: 'file',
  tag: 'free',
  target: 'target',
  times: 'free',
  user: 'free',
  what: 'file',
  word: 'target',
};

const BY_FLAG: Readonly<Record<string, ValueKind>> = {
  '--allow': 'callsAndSets',
  '--deny': 'callsAndSets',
  '--engine': 'engine',
  '--runtime': 'runtime',
  '--libseccomp': 'libseccomp',
  '--kernel': 'linux',
  '--kubernetes': 'kubernetes',
  '--preset': 'preset',
  '--context': 'free',
  '--to <WHAT>': 'kubernetesProfile',
  '--profile <WHAT>': 'kubernetesProfile',
};

/** What a flag's value is; undefined for a flag that --help has and this does not know (a test finds it). */
export function kindOfOption(option: Option): ValueKind | undefined {
  const metavar = /[<[](.*)[>\]]$/.exec(option.flags)?.[1] ?? '';
  const long = option.long ?? '';
  return (
    BY_FLAG[`${long} <${metavar}>`] ?? BY_FLAG[long] ?? KINDS[metavar.toLowerCase().replace(/\.\.\.$/, '')]
  );
}

/** As {@link kindOfOption}, for an argument. */
export function kindOfArgument(argument: Argument): ValueKind | undefined {
  return KINDS[argument.name().toLowerCase()];
}
