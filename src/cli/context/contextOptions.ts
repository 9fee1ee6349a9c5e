import type { Command } from 'commander';
import type { ContextOptions } from '../../engine/contextInput.js';
import type { GivenFlags } from './givenContainer.js';

/** The context flags as commander hands them over. */
export interface ContextFlags extends ContextOptions, GivenFlags {
  readonly profile?: string;
  readonly like?: string;
  readonly here?: boolean;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
/** docker's own flags take comma-separated lists of capabilities too. */
const collectList = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(','),
];

/** Adds the flags that say which container is meant. */
export function addContextFlags(command: Command): Command {
  return command
    .option(
      '--engine <NAME[@VER]>',
      'docker, podman, buildah, containerd or cri-o (default: docker, newest known)',
    )
    .option(
      '--runtime <NAME[@VER]>',
      'runc, crun, youki or runsc (default: what the engine release ships with)',
    )
    .option('--libseccomp <VER>', 'default: what that runtime release links')
    .option('--kernel <VER>', 'kernel release (default: newest known; in run: the host’s)')
    .option('--arch <ARCH>', 'any spelling of Go, uname -m, libseccomp or the OCI spec (default: the host’s)')
    .option('--platform <linux/ARCH>', 'as in docker run')
    .option('--cap-add <CAP>', 'as in docker run; may be repeated', collectList)
    .option('--cap-drop <CAP>', 'as in docker run; may be repeated', collectList)
    .option('--privileged', 'as in docker run')
    .option('--security-opt <OPT>', 'as in docker run: seccomp=FILE, seccomp=unconfined, …', collect)
    .option('-u, --user <USER>', 'as in docker run; no seccomp verdict depends on it')
    .option(
      '--profile <TARGET>',
      'profile to use instead of the engine’s own: FILE.json, FILE.yaml, docker@VER, oci:FILE …',
    )
    .option(
      '--from-run <LINE>',
      'a pasted docker run, podman run or nerdctl run line; - reads it from standard input',
    )
    .option('--from-compose <FILE[:SERVICE]>', 'a service of a Compose file')
    .option('--from-devcontainer <FILE>', 'a devcontainer.json')
    .option('--from-workflow <FILE[:JOB]>', 'a job’s container in a GitHub Actions workflow, or JOB/SERVICE')
    .option('--like <TARGET>', 'all of the above in one word: docker@24.0.9+runc@1.1.12+SYS_ADMIN')
    .option(
      '--here',
      'engine, runtime, libseccomp and kernel of this host, for what the other flags leave open',
    )
    .option('--nearest', 'take the nearest older release for a version that is not known');
}
