import { decodeLine } from '../../explain/decode/decoder.js';
import type { SeccompRecord } from '../../explain/decode/record.js';
import { hostMachine } from '../machine.js';
import { followFile } from './followFile.js';
import { lineCutter } from './lineCutter.js';

export interface AuditOptions {
  /** A file, or `-` for standard input. */
  readonly from: string;
  readonly onRecord: (record: SeccompRecord) => void;
  readonly onLines: (count: number) => void;
  readonly onProblem: (text: string) => void;
}

/** Decodes the node's audit stream as it comes: auditd's file, or the journal as JSON on standard input. */
export function auditStream({ from, onRecord, onLines, onProblem }: AuditOptions): {
  readonly stop: () => void;
} {
  const abi = hostMachine().name;
  const cutter = lineCutter((line) => {
    onLines(1);
    const record = decodeLine(line, abi);
    if (record !== undefined) onRecord(record);
  });
  if (from !== '-') return followFile({ path: from, take: cutter.push, onNewFile: cutter.end, onProblem });
  const { stdin } = process;
  const end = (): void => {
    cutter.end();
    onProblem('the audit stream on standard input has ended');
  };
  stdin.on('data', cutter.push).once('end', end);
  stdin.once('error', (error) => onProblem(`the audit stream on standard input: ${error.message}`));
  return { stop: () => void stdin.off('data', cutter.push).off('end', end).destroy() };
}
