import type { EngineName } from '../../engine/context.js';
import { loadDefaults } from '../../engine/defaults.js';
import { resolveContextNow } from '../../engine/resolveContext.js';
import { CallgateError } from '../../error.js';
import { questionOf } from '../../explain/answer.js';
import { historyOf } from '../../explain/history.js';
import { verdictWord } from '../../explain/verdict.js';
import { parseCall } from '../../syscalls/call.js';
import { inputOf } from './input.js';
import { predicted } from './prediction.js';
import { kindOf } from './verdictKind.js';
import type { VerdictKind } from './verdictKinds.js';
import type { ContextWords } from './words.js';
import { releasesOf } from './world.js';

/** What a call gets from each release of an engine's own default profile. */
export interface Strip {
  readonly engine: EngineName;
  readonly spans: readonly StripSpan[];
  /** In words, or why there is none. */
  readonly text: string;
}

export interface StripSpan {
  readonly from: string;
  readonly to: string;
  /** How many releases. */
  readonly count: number;
  readonly kind: VerdictKind;
  readonly word: string;
}

/** @throws CallgateError as predicted() */
export async function stripOf(words: ContextWords, callText: string, engine: EngineName): Promise<Strip> {
  const { resolved } = await predicted(words);
  const { runtime, libseccomp, kernel, arch } = resolved.context;
  const { profile: _, ...own } = words;
  const there = { ...own, engine, version: '', unconfined: false, privileged: false };
  const question = questionOf(parseCall(callText, arch));
  if (question === undefined) return { engine, spans: [], text: 'no such call on this architecture' };
  try {
    const { context } = resolveContextNow(
      { ...(await inputOf(there)), runtime: `${runtime.name}@${runtime.version}`, libseccomp, kernel },
      await loadDefaults(engine),
    );
    const history = await historyOf(context, question);
    const releases = (await releasesOf(engine)).map(({ version }) => version);
    const spans = (history?.spans ?? []).map(({ from, to, verdict, loadError }) => ({
      from,
      to,
      count: releases.indexOf(to) - releases.indexOf(from) + 1,
      kind: verdict === undefined ? ('none' as const) : kindOf(verdict),
      word:
        verdict === undefined
          ? loadError === undefined
            ? 'not known'
            : 'no container starts'
          : verdictWord(verdict),
    }));
    return { engine, spans, text: history?.text ?? '' };
  } catch (error) {
    if (!(error instanceof CallgateError)) throw error;
    return { engine, spans: [], text: error.message };
  }
}
