import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { encode } from '../../bpf/encode.js';
import { OP } from '../../bpf/instruction.js';
import { CallgateError } from '../../error.js';
import { RET } from '../../policy/action.js';
import { MFD_CLOEXEC, SECCOMP_FILTER_FLAG_SPEC_ALLOW } from '../constants.js';
import { libc, socketPair } from '../ffi.js';
import { hasUserNotification, listenerFlags } from '../host/host.js';
import { writeLauncher } from '../launcherFile.js';
import { hostMachine } from '../machine.js';
import { closeOnExec, installSupervisedFilter } from '../script.js';
import { spawnWritten } from '../startLauncher.js';
import { receiveListener } from '../supervisor/listenerSocket.js';
import { wakeUpAtOnce } from '../supervisor/notification.js';
import type { CallRecorder } from './callRecorder.js';
import { initialTable, LAYOUT, readTable, type WantedArguments } from './recorderTable.js';
import { LISTENER_FD, x86_64Recorder } from './x86_64Recorder.js';

/** Every call, of every ABI, is a notification. */
const FILTER = encode([{ code: OP.ret, jt: 0, jf: 0, k: RET.notify }], 'little');

/** Milliseconds in which the recorder notices that the last process has gone. */
const GRACE = 500;

/**
 * Records by seccomp user notification, which needs no privilege. The filter makes each call wait for a small process
 * beside the command, which counts it and lets it go on. That process outlives this one: a command is not left without
 * an answer when callgate is killed. When the recorder itself is killed, the kernel answers ENOSYS to every call, which
 * ends most programs; the command is killed then.
 *
 * It does not see calls that a stricter filter, of the environment or the command itself, denies: the kernel takes the
 * strictest verdict. And a command that listens itself gets EBUSY, as there can be one listener.
 *
 * @throws {CallgateError} HOST when the kernel, or the architecture, is not one that this works on
 */
export function notificationRecorder(wanted: readonly WantedArguments[]): CallRecorder {
  if (hostMachine().name !== 'x86_64') {
    throw new CallgateError('HOST', `calls cannot be recorded on ${hostMachine().name}`, {
      expected: 'x86_64',
      hint: 'record with strace -f -o FILE, and import that: callgate record --from FILE',
    });
  }
  if (!hasUserNotification()) {
    throw new CallgateError('HOST', 'this kernel has no user notification (SECCOMP_RET_USER_NOTIF)', {
      expected: 'Linux 5.5 or newer with CONFIG_SECCOMP_FILTER',
    });
  }
  const c = libc();
  const table = c.memfdCreate('callgate-recording', MFD_CLOEXEC);
  if (table < 0) throw new CallgateError('HOST', `no memory for the recording (errno ${c.errno()})`);
  ftruncateSync(table, LAYOUT.size);
  writeSync(table, initialTable(wanted, LISTENER_FD), 0, LAYOUT.values, 0);
  let socket: number | undefined;
  let recorder: ChildProcess | undefined;
  const close = (): void => {
    if (socket !== undefined) closeSync(socket);
    closeSync(table);
  };
  return {
    kind: 'user-notification',
    filters: true,
    launcher: {
      steps: (firstFd) => [
        closeOnExec(firstFd),
        ...installSupervisedFilter(FILTER, listenerFlags() | SECCOMP_FILTER_FLAG_SPEC_ALLOW, firstFd),
      ],
      open: () => {
        const [ours, theirs] = socketPair();
        socket = ours;
        return [theirs];
      },
    },
    started: ({ child }) => {
      const listener = socket === undefined ? undefined : receiveListener(c, socket);
      // Without one the launcher has failed, and says at which step.
      if (listener === undefined) return;
      try {
        wakeUpAtOnce(c, listener);
        recorder = startRecorder(listener, table);
      } finally {
        // From now on the recorder alone holds it: with its end the kernel answers.
        closeSync(listener);
      }
      const kill = (): void => void child.kill('SIGKILL');
      recorder.once('error', kill);
      recorder.once('exit', (code) => {
        if (code !== 0) kill();
      });
    },
    calls: () => {
      const word = new BigUint64Array(1);
      readSync(table, word, 0, 8, LAYOUT.calls);
      return Number(word[0]);
    },
    finish: async () => {
      const ended = recorder === undefined || (await hasEnded(recorder));
      // Most of it is for values, and to read that takes milliseconds.
      const bytes = new Uint8Array(wanted.length === 0 ? LAYOUT.values : LAYOUT.size);
      readSync(table, bytes, 0, bytes.length, 0);
      return {
        recording: { recorder: 'user-notification', ...readTable(bytes) },
        leftBehind: !ended,
        // It ends with 0 when the last process has gone, and not before.
        recorderLost: ended && recorder !== undefined && recorder.exitCode !== 0,
      };
    },
    close,
  };
}

/** In a session of its own, so that the terminal's Ctrl-C, which is for the command, does not end it. */
function startRecorder(listener: number, table: number): ChildProcess {
  const file = writeLauncher(x86_64Recorder());
  try {
    const recorder = spawnWritten(file.path, ['callgate-recorder'], {
      argv0: 'callgate-recorder',
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', listener, table],
      cwd: '/',
      env: {},
    });
    recorder.unref();
    return recorder;
  } finally {
    file.remove();
  }
}

async function hasEnded(recorder: ChildProcess): Promise<boolean> {
  const over = (): boolean => recorder.exitCode !== null || recorder.signalCode !== null;
  if (over()) return true;
  const waiting = new AbortController();
  await Promise.race([once(recorder, 'exit'), delay(GRACE, undefined, { signal: waiting.signal })]).finally(
    () => waiting.abort(),
  );
  return over();
}
