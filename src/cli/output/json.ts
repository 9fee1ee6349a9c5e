import type { Context } from '../../engine/context.js';
import type { Case } from '../../explain/cases.js';
import type { Reason } from '../../explain/explanation.js';
import { verdictOf } from '../../explain/verdict.js';
import type { AbiName } from '../../syscalls/abi.js';

/** Bumped when a key changes its meaning or goes away. */
export const SCHEMA_VERSION = 1;

/** Indented JSON with a final newline; registers in hex. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, hexadecimal, 2)}\n`;
}

/** As {@link jsonText}, on one line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, hexadecimal)}\n`;
}

function hexadecimal(_: string, part: unknown): unknown {
  return typeof part === 'bigint' ? `0x${part.toString(16)}` : part;
}

export function contextJson({ seccomp, ...context }: Context): object {
  // What an engine or a runtime would do says nothing about a filter that is there already.
  if (seccomp.kind === 'filter')
    return { ...context, engine: null, runtime: null, libseccomp: null, seccomp: seccomp.name };
  return { ...context, seccomp: 'profile' in seccomp ? seccomp.profile.source : seccomp.kind };
}

export function casesJson(cases: readonly Case[], abi: AbiName): readonly object[] {
  return cases.map(({ when, action }) => ({ when: when.join(' or '), verdict: verdictOf(action, abi) }));
}

/** The rule that denied a call; null where none is known. */
export function ruleJson(rule: Reason | undefined): object | null {
  if (rule === undefined) return null;
  const { text, stage, source } = rule;
  return { text, stage, ...(source === undefined ? {} : { source }) };
}
