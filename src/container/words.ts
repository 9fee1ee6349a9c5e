import type { ContextInput } from '../engine/contextInput.js';
import type { Position } from '../error.js';
import type { Note } from '../profile/profile.js';

/**
 * What somebody wrote to start a container: a command line, a Compose service, a devcontainer … as far as it bears on
 * what the container may do. The words are unchecked; the engine's own rules come later.
 */
export interface ContainerWords {
  /** For messages: `the service db of compose.yaml`. */
  readonly title: string;
  readonly engine?: 'docker' | 'podman' | 'containerd';
  /** OCI runtime by name (`--runtime crun`), where it is one that callgate knows. */
  readonly runtime?: string;
  readonly image?: string;
  /** The command in the container, where one is given. */
  readonly command: readonly string[];
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  readonly securityOpt: readonly string[];
  readonly user?: string;
  readonly platform?: string;
  /** Directory that relative paths of profiles start from; undefined: the current one. */
  readonly directory?: string;
  readonly notes: readonly Note[];
  readonly at?: Position;
}

/** What a container's words say of a context; flags that a person adds come after them, as on one command line. */
export function withWords(input: ContextInput, words: ContainerWords): ContextInput {
  const {
    engine = words.engine,
    runtime = words.runtime,
    user = words.user,
    platform = words.platform,
  } = input;
  return {
    ...input,
    ...(engine === undefined || input.like?.engine !== undefined ? {} : { engine }),
    ...(runtime === undefined || input.like?.runtime !== undefined ? {} : { runtime }),
    ...(user === undefined ? {} : { user }),
    ...(platform === undefined || input.arch !== undefined ? {} : { platform }),
    capAdd: [...words.capAdd, ...(input.capAdd ?? [])],
    capDrop: [...words.capDrop, ...(input.capDrop ?? [])],
    privileged: words.privileged || input.privileged === true,
    securityOpt: [...words.securityOpt, ...(input.securityOpt ?? [])],
  };
}

/** A `--security-opt` with its profile's path where it leads; any other option as it is. */
export function placedOption(option: string, place: (path: string) => string): string {
  const [, key, value] = /^(seccomp[=:])(?!unconfined$|builtin$)(.+)$/s.exec(option) ?? [];
  return key === undefined || value === undefined ? option : key + place(value);
}
