import type { ContextFlags } from './contextFlags.js';

/** Flags that say which container is meant; `--arch` alone says only how to read a number. */
const CONTAINER_FLAGS = [
  'engine',
  'runtime',
  'libseccomp',
  'kernel',
  'capAdd',
  'capDrop',
  'privileged',
  'securityOpt',
  'profile',
  'like',
  'here',
  'fromRun',
  'fromCompose',
  'fromDevcontainer',
  'fromWorkflow',
] as const satisfies readonly (keyof ContextFlags)[];

/** Whether a command line says where something was seen. */
export function namesContainer(flags: ContextFlags): boolean {
  return CONTAINER_FLAGS.some((flag) => flags[flag] !== undefined);
}
