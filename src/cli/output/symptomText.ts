import { askedCall, type Symptom } from '../../explain/symptoms.js';
import { printable } from '../../profile/printable.js';
import type { AbiName } from '../../syscalls/abi.js';
import { formatCall } from '../../syscalls/callText.js';
import type { Io } from '../io/io.js';
import { paint, wrap } from './paint.js';

/** Candidates for a message, as the command's JSON has them. */
export function symptomsJson(symptoms: readonly Symptom[]): readonly object[] {
  return symptoms.map(({ call, confidence, cause, source, ...rest }) => ({
    call: call ?? null,
    confidence,
    cause,
    source,
    ...rest,
  }));
}

/** Candidates for a person, numbered, with what speaks against them. */
export function symptomsText(symptoms: readonly Symptom[], arch: AbiName, io: Io): string {
  const colours = paint(io);
  const lines = [colours.bold(symptoms.length === 1 ? 'Cause' : 'Causes, the likeliest first')];
  for (const [index, symptom] of symptoms.entries()) {
    const { confidence, cause, source, fix, objection, line } = symptom;
    const asked = askedCall(symptom, arch);
    const title = asked === undefined ? 'no call was denied' : formatCall(asked, arch);
    const against = objection === undefined ? '' : colours.yellow(`  ${objection}`);
    lines.push(`  ${index + 1}. ${colours.bold(title)}  ${Math.round(100 * confidence)} %${against}`);
    if (line !== undefined)
      lines.push(`     ${colours.dim(printable(line.slice(0, Math.max(40, io.columns - 8))))}`);
    if (cause !== symptoms[index - 1]?.cause)
      lines.push(`     ${wrap(`${cause} ${colours.dim(`(${source})`)}`, io.columns, '     ')}`);
    if (fix !== undefined && index === 0) lines.push(`     ${wrap(`Way out: ${fix}`, io.columns, '     ')}`);
  }
  return `${lines.join('\n')}\n`;
}
