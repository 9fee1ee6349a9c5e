import { type RecordOptions, recordCommand } from '../../src/linux/record/recordCommand.js';

/** What the driver prints. */
export interface RecordDriven {
  readonly exitCode: number;
  readonly recorder: string;
  readonly notEbpf?: string;
  /** ABI, number, count. */
  readonly calls: readonly (readonly [string, number, number])[];
}

// Records argv[3] … by the recorder argv[2], in a process of its own; prints what was called, as JSON.
const [recorder, command = '', ...args] = process.argv.slice(2);
const { recording, notEbpf, exitCode } = await recordCommand(command, args, {
  recorder: recorder as RecordOptions['recorder'],
  stdio: 'ignore',
});
const driven: RecordDriven = {
  exitCode,
  recorder: recording.recorder,
  ...(notEbpf === undefined ? {} : { notEbpf }),
  calls: recording.calls.map(({ abi, number, count }) => [abi, number, count]),
};
console.info(JSON.stringify(driven));
