import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { behaves } from '../../engine/behaviours.js';
import { upstreamVersion } from '../../engine/packageVersion.js';
import { CallgateError } from '../../error.js';
import type { InstalledEngine } from '../host/installed.js';
import type { LiveRecorder } from '../record/callRecorder.js';
import { recordCommand } from '../record/recordCommand.js';
import { watch } from '../watch/watch.js';

/** Records a harmless command by each recorder. @throws {CallgateError} HOST when none works */
export async function canRecord(): Promise<string> {
  const ebpf = await recorded('ebpf');
  const notified = await recorded('user-notification');
  if (ebpf !== undefined && notified !== undefined)
    throw new CallgateError(
      'HOST',
      notified.message,
      notified.hint === undefined ? {} : { hint: notified.hint },
    );
  if (ebpf === undefined)
    return `inside the kernel (eBPF), which costs least${notified === undefined ? '; by user notification too' : ''}`;
  return `by user notification; not inside the kernel (eBPF): ${ebpf.message}`;
}

/** Undefined when it works. */
async function recorded(recorder: LiveRecorder): Promise<CallgateError | undefined> {
  try {
    const { recording, error } = await recordCommand('true', [], { recorder, stdio: 'ignore' });
    if (error !== undefined) return error;
    return recording.calls.length > 0
      ? undefined
      : new CallgateError('HOST', 'no call of a command was recorded');
  } catch (error) {
    if (error instanceof CallgateError) return error;
    throw error;
  }
}

/** Opens an agent's socket in a place of its own. @throws {CallgateError} HOST */
export async function canWatch(engines: readonly InstalledEngine[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-doctor-'));
  try {
    const agent = await watch({ socketPath: join(directory, 'watch.sock') });
    await agent.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
  const told = engines.flatMap(({ name, version }) => {
    const upstream = version === undefined ? undefined : upstreamVersion(version);
    if (upstream === undefined) return [];
    return [
      `${name} ${upstream} ${behaves(name, upstream, 'listener') ? 'hands listeners on' : 'does not hand listeners on'}`,
    ];
  });
  return ['an agent can listen', ...told].join('; ');
}
