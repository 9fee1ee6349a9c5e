import { loadDefaults } from '../../engine/defaults.js';
import { CallgateError } from '../../error.js';
import { type Counts, countVerdicts, summarize } from '../../explain/summary.js';
import { usable } from '../../explain/usable.js';
import { verdictOf, verdictWord } from '../../explain/verdict.js';
import type { AbiName } from '../../syscalls/abi.js';
import { type Failure, failureOf } from './failure.js';
import { type Predicted, predicted } from './prediction.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';

/** What a context does to every call of its ABI. */
export interface MapReply {
  readonly context: ContextView;
  /** In the order of the ABI's table. */
  readonly cells: readonly CellVerdict[];
  readonly counts: Counts;
  readonly notes: readonly string[];
  /** No container starts, or what happens is not known. */
  readonly failure?: Failure;
}

export interface CellVerdict {
  readonly kind: VerdictKind;
  /** `allowed`, `EPERM`, `by arguments` … */
  readonly word: string;
  /** `EPERM: family == AF_VSOCK; allowed: otherwise` */
  readonly cases?: string;
}

/** The context that the words come to. */
export interface ContextView {
  readonly engine: string;
  readonly version: string;
  readonly runtime: string;
  readonly runtimeVersion: string;
  readonly libseccomp: string;
  readonly kernel: string;
  readonly arch: AbiName;
  readonly capabilities: readonly string[];
  /** Of a container that asks for none. */
  readonly ownCapabilities: readonly string[];
}

export async function mapOf(words: ContextWords): Promise<MapReply> {
  const found = await predicted(words);
  const { context, notes } = found.resolved;
  const view = await viewOf(found);
  try {
    const shown = usable(found.prediction, notes);
    const rows = summarize(shown.policy, [context.arch]);
    const cells = rows.map(({ verdict, cases, abi }): CellVerdict => {
      const told = cases?.map(
        ({ when, action }) => `${verdictWord(verdictOf(action, abi))}: ${when.join(' or ')}`,
      );
      return {
        kind: kindOf(verdict),
        word: verdictWord(verdict),
        ...(told === undefined ? {} : { cases: told.join('; ') }),
      };
    });
    const texts = shown.notes.filter(({ kind }) => kind !== 'comment').map(({ text }) => text);
    return { context: view, cells, counts: countVerdicts(rows), notes: [...new Set(texts)] };
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return {
      context: view,
      cells: [],
      counts: { allowed: 0, conditional: 0, denied: 0, total: 0 },
      notes: notes.map(({ text }) => text),
      failure: failureOf(error),
    };
  }
}

async function viewOf({ resolved }: Predicted): Promise<ContextView> {
  const { engine, runtime, libseccomp, kernel, arch, capabilities } = resolved.context;
  const defaults = await loadDefaults(engine.name);
  return {
    engine: engine.name,
    version: engine.version,
    runtime: runtime.name,
    runtimeVersion: runtime.version,
    libseccomp,
    kernel,
    arch,
    capabilities,
    ownCapabilities: defaults.defaultCapabilities(engine.version) ?? [],
  };
}
