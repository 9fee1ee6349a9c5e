import type { Context } from '../../engine/context.js';

/** A simulated container under the name of the file that its profile goes to. */
export function writtenContext(context: Context, output: string | undefined): Context {
  const { seccomp } = context;
  if (seccomp.kind !== 'profile' && seccomp.kind !== 'oci') return context;
  const profile = { ...seccomp.profile, source: output ?? '(not written)' };
  return { ...context, seccomp: { ...seccomp, profile } };
}
