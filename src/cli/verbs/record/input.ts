import { statSync } from 'node:fs';
import { CallgateError } from '../../../error.js';
import { type LogOptions, logReader } from '../../../record/logReader.js';
import { isRecording, readRecording } from '../../../record/recordingFile.js';
import { type Runs, singleRun } from '../../../record/runs.js';
import { chunks } from '../../io/chunks.js';
import { linesOf } from '../../io/lines.js';

/** What a file says that was called. */
export interface RecordInput {
  readonly runs: Runs;
  readonly notes: readonly string[];
}

/** No recording that callgate writes is larger. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads a recording, the output of strace, or an audit log; a log of any size in bounded memory.
 *
 * @param onProgress hears how much of the file is read, 0 to 1; not for standard input
 * @throws CallgateError `INPUT` for a file that cannot be read, and for one without a call
 */
export function readRecorded(
  path: string,
  options: LogOptions,
  onProgress: (part: number) => void = () => {},
): RecordInput {
  const name = path === '-' ? '<stdin>' : path;
  const pieces = chunks(path);
  const first = pieces.next();
  const start: Uint8Array = first.done === true ? new Uint8Array() : first.value;
  if (isRecording(Buffer.from(start.subarray(0, 256)).toString('utf8')))
    return { runs: readRecording(wholeText(start, pieces, name), name), notes: [] };
  const reader = logReader(options);
  const size = path === '-' ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
  for (const lines of linesOf(counted(start, pieces, size, onProgress)))
    for (const line of lines) reader.line(line);
  const { recording, notes } = reader.finish();
  if (recording.calls.length === 0)
    throw new CallgateError('INPUT', `${name}: no call is recorded in it`, {
      expected:
        'a recording of callgate, the output of strace -f, or audit records of type SYSCALL or SECCOMP',
      ...(notes[0] === undefined ? {} : { hint: notes[0] }),
    });
  return { runs: singleRun(options.arch, recording, { source: name }), notes };
}

function* counted(
  start: Uint8Array,
  rest: Iterable<Uint8Array>,
  size: number | undefined,
  onProgress: (part: number) => void,
): Generator<Uint8Array> {
  yield start;
  let done = start.length;
  for (const piece of rest) {
    yield piece;
    done += piece.length;
    if (size !== undefined && size > 0) onProgress(Math.min(1, done / size));
  }
}

function wholeText(start: Uint8Array, rest: Iterable<Uint8Array>, name: string): string {
  // A piece is good only until the next one is asked for.
  const parts = [Buffer.from(start)];
  let length = start.length;
  for (const piece of rest) {
    length += piece.length;
    if (length > MOST_BYTES)
      throw new CallgateError('INPUT', `${name}: more than ${MOST_BYTES} bytes are no recording`);
    parts.push(Buffer.from(piece));
  }
  return Buffer.concat(parts).toString('utf8');
}
