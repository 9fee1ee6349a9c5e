import type { Verb } from './verb.js';
import { backportVerb } from './verbs/backport.js';
import { compileVerb } from './verbs/compile.js';
import { decodeVerb } from './verbs/decode.js';
import { diffVerb } from './verbs/diff.js';
import { disasmVerb } from './verbs/disasm.js';
import { doctorVerb } from './verbs/doctor.js';
import { extendVerb } from './verbs/extend.js';
import { fixVerb } from './verbs/fix.js';
import { k8sVerb } from './verbs/k8s.js';
import { lintVerb } from './verbs/lint.js';
import { matrixVerb } from './verbs/matrix.js';
import { mergeVerb } from './verbs/merge.js';
import { preflightVerb } from './verbs/preflight.js';
import { proveVerb } from './verbs/prove.js';
import { recordVerb } from './verbs/record.js';
import { runVerb } from './verbs/run.js';
import { showVerb } from './verbs/show.js';
import { simulateVerb } from './verbs/simulate.js';
import { updateVerb } from './verbs/update.js';
import { watchVerb } from './verbs/watch.js';
import { whyVerb } from './verbs/why.js';

/** In the order of --help. */
export const verbs: readonly Verb[] = [
  whyVerb,
  matrixVerb,
  showVerb,
  diffVerb,
  proveVerb,
  runVerb,
  recordVerb,
  watchVerb,
  simulateVerb,
  compileVerb,
  disasmVerb,
  decodeVerb,
  doctorVerb,
  fixVerb,
  extendVerb,
  updateVerb,
  mergeVerb,
  backportVerb,
  lintVerb,
  preflightVerb,
  k8sVerb,
];
