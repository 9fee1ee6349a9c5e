import { type ContextTarget, parseContextTarget, parseTarget, type Target } from '../../engine/target.js';
import { CallgateError } from '../../error.js';
import type { ContextFlags } from './contextOptions.js';

/** Flags for what a target's word leaves open: `--engine docker@28.5.2` says nothing of `podman` and of `docker@20.10.9`. */
export function leftOpen(flags: ContextFlags, target: Target): ContextFlags {
  if (target.kind !== 'context') return flags;
  const { engine, runtime, libseccomp, kernel, arch, platform, ...rest } = flags;
  const atArch = target.arch === undefined;
  return {
    ...rest,
    ...(engine !== undefined && isOpen(target, 'engine', engine) ? { engine } : {}),
    ...(runtime !== undefined && isOpen(target, 'runtime', runtime) ? { runtime } : {}),
    ...(libseccomp !== undefined && target.libseccomp === undefined ? { libseccomp } : {}),
    ...(kernel !== undefined && target.kernel === undefined ? { kernel } : {}),
    ...(arch !== undefined && atArch ? { arch } : {}),
    ...(platform !== undefined && atArch ? { platform } : {}),
  };
}

/** A name without a version leaves open which release it is. */
function isOpen(target: ContextTarget, part: 'engine' | 'runtime', word: string): boolean {
  const said = target[part];
  if (said === undefined) return true;
  return said.version === undefined && parseContextTarget(word)[part]?.name === said.name;
}

/**
 * What is said of a target's container in one word: by its own, then by `--like`. A profile's file says nothing of it; the
 * target that it is compared with does.
 *
 * @param beside the target that a file is compared with
 * @throws CallgateError `USAGE` for a `--like` that names no container
 */
export function likeBeside(
  { like }: ContextFlags,
  target: Target,
  beside: Target | undefined,
): ContextTarget | undefined {
  const given = like === undefined ? undefined : parseTarget(like);
  if (given !== undefined && given.kind !== 'context')
    throw new CallgateError('USAGE', `--like ${like} beside a target: which one is meant?`, {
      expected: 'a container beside a target, such as --like docker@28.5.2',
    });
  if (target.kind === 'context') return given === undefined ? target : filled(target, given);
  const onThisHost = target.kind === 'pid' || target.kind === 'container';
  return given ?? (beside?.kind === 'context' && !onThisHost ? beside : undefined);
}

function filled(own: ContextTarget, like: ContextTarget): ContextTarget {
  return {
    ...like,
    ...own,
    ...part('engine', own, like),
    ...part('runtime', own, like),
    capAdd: [...like.capAdd, ...own.capAdd],
    capDrop: [...like.capDrop, ...own.capDrop],
    privileged: own.privileged || like.privileged,
    unconfined: own.unconfined || like.unconfined,
  };
}

function part<Part extends 'engine' | 'runtime'>(
  name: Part,
  own: ContextTarget,
  like: ContextTarget,
): Partial<Pick<ContextTarget, Part>> {
  const [mine, other] = [own[name], like[name]];
  const open = mine === undefined || (mine.version === undefined && other?.name === mine.name);
  return open && other !== undefined ? ({ [name]: other } as Partial<Pick<ContextTarget, Part>>) : {};
}
