import type { Verb } from './verb.js';

/** A verb that is loaded when it is wanted, with the facts that it needs and no others. */
export interface NamedVerb {
  readonly name: string;
  readonly load: () => Promise<Verb>;
  /** Not in --help: for programs, not for people. */
  readonly hidden?: true;
}

/** In the order of --help. */
export const verbs: readonly NamedVerb[] = [
  { name: 'why', load: async () => (await import('./verbs/why.js')).whyVerb },
  { name: 'matrix', load: async () => (await import('./verbs/matrix.js')).matrixVerb },
  { name: 'show', load: async () => (await import('./verbs/show.js')).showVerb },
  { name: 'diff', load: async () => (await import('./verbs/diff.js')).diffVerb },
  { name: 'prove', load: async () => (await import('./verbs/prove.js')).proveVerb },
  { name: 'run', load: async () => (await import('./verbs/run.js')).runVerb },
  { name: 'record', load: async () => (await import('./verbs/record.js')).recordVerb },
  { name: 'watch', load: async () => (await import('./verbs/watch.js')).watchVerb },
  { name: 'agent', load: async () => (await import('./verbs/agent.js')).agentVerb },
  { name: 'simulate', load: async () => (await import('./verbs/simulate.js')).simulateVerb },
  { name: 'compile', load: async () => (await import('./verbs/compile.js')).compileVerb },
  { name: 'disasm', load: async () => (await import('./verbs/disasm.js')).disasmVerb },
  { name: 'decode', load: async () => (await import('./verbs/decode.js')).decodeVerb },
  { name: 'doctor', load: async () => (await import('./verbs/doctor.js')).doctorVerb },
  { name: 'ui', load: async () => (await import('./verbs/ui.js')).uiVerb },
  { name: 'fix', load: async () => (await import('./verbs/fix.js')).fixVerb },
  { name: 'extend', load: async () => (await import('./verbs/extend.js')).extendVerb },
  { name: 'update', load: async () => (await import('./verbs/update.js')).updateVerb },
  { name: 'merge', load: async () => (await import('./verbs/merge.js')).mergeVerb },
  { name: 'backport', load: async () => (await import('./verbs/backport.js')).backportVerb },
  { name: 'lint', load: async () => (await import('./verbs/lint.js')).lintVerb },
  { name: 'preflight', load: async () => (await import('./verbs/preflight.js')).preflightVerb },
  { name: 'test', load: async () => (await import('./verbs/test.js')).testVerb },
  { name: 'k8s', load: async () => (await import('./verbs/k8s.js')).k8sVerb },
  { name: 'lsp', load: async () => (await import('./verbs/lsp.js')).lspVerb },
  { name: 'completion', load: async () => (await import('./verbs/completion.js')).completionVerb },
  {
    name: 'install-plugin',
    load: async () => (await import('./verbs/installPlugin.js')).installPluginVerb,
  },
  { name: 'man', load: async () => (await import('./verbs/man.js')).manVerb, hidden: true },
];
