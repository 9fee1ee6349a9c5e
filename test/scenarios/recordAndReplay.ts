import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLGATE } from './callgate.js';
import { openToAll, type Recordable, runBeside } from './recordable.js';

interface Denial {
  readonly syscall: string;
  readonly args: readonly { readonly text: string }[];
}

/** What record's report says of the profile. */
export interface RecordReport {
  readonly runs: readonly { readonly recorder: string }[];
  readonly coverage: { readonly calls: number; readonly kinds: number; readonly lost: number };
  readonly profile: { readonly recorded: readonly string[] };
  readonly comparison: {
    readonly allows: number;
    readonly defaultAllows: number;
    readonly percentFewer: number;
    readonly beyond: readonly { readonly syscall: string }[];
  };
}

export interface RecordedAndReplayed extends RecordReport {
  readonly replays: readonly { readonly status: number | null; readonly denials: readonly string[] }[];
}

/** Records a program once, and runs it several times under the profile that this gave. */
export async function recordAndReplay(
  { prepare }: Recordable,
  below: string,
  {
    uid,
    times,
    flags = [],
  }: { readonly uid: number | undefined; readonly times: number; readonly flags?: readonly string[] },
): Promise<RecordedAndReplayed> {
  const directory = mkdtempSync(join(below, 'program-'));
  const { command, reset, beside, check, finish } = await prepare(directory);
  openToAll(below);
  // git takes no repository of somebody else.
  if (uid !== undefined) spawnSync('chown', ['-R', `${uid}:${uid}`, directory]);
  const [profile, report] = [join(directory, 'profile.json'), join(directory, 'report.json')];
  const callgate = [process.execPath, CALLGATE];
  try {
    reset();
    const record = ['record', '-o', profile, '--report', report, ...flags, '--', ...command];
    const { status, stderr } = await runBeside([...callgate, ...record], { uid, beside });
    if (status !== 0) throw new Error(`record ended with ${status}:\n${stderr}`);
    check();
    const recorded = JSON.parse(readFileSync(report, 'utf8')) as RecordReport;
    const replays: { status: number | null; denials: readonly string[] }[] = [];
    for (let time = 0; time < times; time++) {
      reset();
      const run = ['run', '--profile', profile, '--report', report, '--', ...command];
      const replay = await runBeside([...callgate, ...run], { uid, beside });
      const { denials } = JSON.parse(readFileSync(report, 'utf8')) as { denials: readonly Denial[] };
      replays.push({
        status: replay.status,
        denials: denials.map(({ syscall, args }) => `${syscall}(${args.map(({ text }) => text).join(', ')})`),
      });
      if (replay.status === 0) check();
    }
    return { ...recorded, replays };
  } finally {
    finish?.();
  }
}
