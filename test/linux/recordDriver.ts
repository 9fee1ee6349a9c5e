import { type RecordOptions, recordCommand } from '../../src/linux/record/recordCommand.js';

// Records argv[3] … by the recorder argv[2], in a process of its own; prints what was called, as JSON.
const [recorder, command = '', ...args] = process.argv.slice(2);
const { recording, notEbpf, exitCode, error } = await recordCommand(command, args, {
  recorder: recorder as RecordOptions['recorder'],
  stdio: 'ignore',
});
console.info(
  JSON.stringify({
    exitCode,
    recorder: recording.recorder,
    notEbpf,
    error: error?.message,
    calls: recording.calls.map(({ abi, number, count }) => [abi, number, count]),
  }),
);
