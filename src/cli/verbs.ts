import type { Verb } from './verb.js';
import { compileVerb } from './verbs/compile.js';
import { disasmVerb } from './verbs/disasm.js';
import { runVerb } from './verbs/run.js';
import { showVerb } from './verbs/show.js';
import { simulateVerb } from './verbs/simulate.js';
import { whyVerb } from './verbs/why.js';

/** In the order of --help. */
export const verbs: readonly Verb[] = [whyVerb, showVerb, runVerb, simulateVerb, compileVerb, disasmVerb];
