import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Proposal } from '../../editor/complete.js';
import { ask } from '../state/client.js';

const TYPES = { key: 'property', constant: 'constant', call: 'function', capability: 'function' } as const;

/** Words of a profile for the string that is being written. */
export async function completeWord({ state, pos }: CompletionContext): Promise<CompletionResult | null> {
  const found = await ask('proposals', state.doc.toString(), pos);
  if (found === undefined || !found.quoted) return null;
  const { from, to, proposals } = found;
  return { from, to, options: proposals.map(option), validFor: /^\w*$/ };
}

function option({ word, kind, about }: Proposal): Completion {
  return { label: word, type: TYPES[kind], ...(about === undefined ? {} : { info: about }) };
}
