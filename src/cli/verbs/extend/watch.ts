import type { FilterPrediction } from '../../../explain/predict.js';
import { METHOD } from '../../../explain/proof.js';
import type { SilentCall } from '../../../explain/watch/heard.js';
import { type WatchProfile, watchProfile } from '../../../explain/watch/watchProfile.js';
import { agentPath } from '../../../linux/watch/agentPath.js';
import { contextLine } from '../../context/contextLine.js';
import type { Io } from '../../io/io.js';
import { contextJson, jsonText, SCHEMA_VERSION } from '../../output/json.js';
import { paint, wrap } from '../../output/paint.js';

export interface WatchFlags {
  readonly format: 'human' | 'json' | 'profile';
  readonly output?: string;
  readonly listenerPath?: string;
}

/** `callgate extend TARGET --watch`: the profile under which `callgate watch` hears of the denials. */
export async function extendWatch(
  before: FilterPrediction,
  notes: readonly string[],
  { format, output, listenerPath = agentPath() }: WatchFlags,
  io: Io,
): Promise<void> {
  const watch = await watchProfile(before, listenerPath);
  if (output !== undefined) io.write(output, watch.text);
  switch (format) {
    case 'json':
      return io.out(jsonText(toJson(watch, before, listenerPath, notes)));
    case 'profile':
      return output === undefined ? io.out(watch.text) : undefined;
    case 'human':
      return io.out(await toText(watch, before, { listenerPath, output, notes }, io));
  }
}

function toJson(
  { watched, silent, layout, text }: WatchProfile,
  { context }: FilterPrediction,
  listenerPath: string,
  notes: readonly string[],
): object {
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(context),
    listenerPath,
    watched,
    silent,
    equal: true,
    proved: true,
    method: METHOD,
    layout,
    profile: JSON.parse(text),
    notes,
  };
}

const WHY: Readonly<Record<SilentCall['why'], string>> = {
  runtime: 'the runtime may make it itself before the agent has the listener',
  number: 'naming it would move runc’s ENOSYS answers',
  libseccomp: 'libseccomp does not know it',
  unsayable: 'a rule for it would change an answer',
};

async function toText(
  { watched, silent }: WatchProfile,
  { context }: FilterPrediction,
  told: {
    readonly listenerPath: string;
    readonly output: string | undefined;
    readonly notes: readonly string[];
  },
  io: Io,
): Promise<string> {
  const colours = paint(io);
  const list = (names: readonly string[]): string => wrap(names.join(' '), io.columns, '  ');
  const lines = [colours.dim(await contextLine(context)), ''];
  lines.push(
    `${colours.bold(`${watched.length} calls`)} go to the agent when they are denied, and get the answer that they got:`,
    `  ${list(watched)}`,
  );
  for (const why of Object.keys(WHY) as SilentCall['why'][]) {
    const names = silent.filter((call) => call.why === why).map(({ syscall }) => syscall);
    if (names.length > 0)
      lines.push(`denied as before, unseen (${WHY[why]}):`, `  ${colours.dim(list(names))}`);
  }
  lines.push('', 'Proved: every call of every ABI gets the same answer as before.', '');
  if (told.output === undefined) lines.push('Nothing is written: give -o FILE, or --format profile.');
  else
    lines.push(
      `Written to ${told.output}. No container starts with it unless the agent listens:`,
      `  callgate watch --listener-path ${told.listenerPath}`,
      `  docker run --security-opt seccomp=${told.output} IMAGE`,
    );
  lines.push(...told.notes.map((note) => `note: ${wrap(note, io.columns, '      ')}`));
  return `${lines.join('\n')}\n`;
}
