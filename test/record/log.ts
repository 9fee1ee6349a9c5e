import { type LogOptions, type LogRecording, logReader } from '../../src/record/logReader.js';
import { syscallName } from '../../src/syscalls/table.js';

/** What a log's text comes to. */
export function readLog(text: string, options: Partial<LogOptions> = {}): LogRecording {
  const reader = logReader({ arch: 'x86_64', ...options });
  for (const line of text.split('\n')) reader.line(line);
  return reader.finish();
}

/** `name*count` of each call, with the ABI where it is not x86_64. */
export function calls({ recording }: LogRecording): readonly string[] {
  return recording.calls.map(({ abi, number, count }) => {
    const name = syscallName(number, abi) ?? `0x${number.toString(16)}`;
    return `${abi === 'x86_64' ? '' : `${abi}:`}${name}${count === 1 ? '' : `*${count}`}`;
  });
}
