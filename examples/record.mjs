// Records what a command calls, and writes the smallest profile for it.
import { profileFor, resolveContext, singleRun } from 'callgate';
import { recordCommand } from 'callgate/linux';

const { context } = await resolveContext({
  engine: 'docker@28.5.2',
  hostArch: process.arch === 'arm64' ? 'arm64' : 'amd64',
});
const { recording, exitCode } = await recordCommand('cat', ['/etc/hostname'], { stdio: 'ignore' });
const runs = singleRun(context.arch, recording, { command: ['cat', '/etc/hostname'], exit: exitCode });
const { text } = await profileFor(context, runs, {
  dialect: 'docker',
  file: 'cat.json',
  noNewPrivileges: true,
});

console.log(
  recording.recorder,
  JSON.parse(text)
    .syscalls.flatMap(({ names }) => names)
    .includes('openat'),
);
