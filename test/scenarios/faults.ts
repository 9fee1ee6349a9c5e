import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATIENCE } from '../patience.js';
import { CALLGATE } from './callgate.js';
import { LISTENER, ruleOf, strace } from './injection.js';

/** Something that goes wrong around `callgate run` or `callgate record`. */
export interface Fault {
  readonly name: string;
  /** Default: run. Recording confines nothing, so that only hangs and exit codes count there. */
  readonly verb?: 'run' | 'record';
  /** Words before `node callgate.js`, which end in executing what follows. */
  readonly around?: readonly string[];
  /** Words between `callgate run` and the profile. */
  readonly flags?: readonly string[];
  /** The command in place of the witness. */
  readonly command?: readonly string[];
  /** Words before the witness, which end in executing it. */
  readonly inside?: readonly string[];
  /** A line of shell that the witness begins with. */
  readonly first?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What may come of it. */
  readonly ends: readonly Ending[];
  /** Of a refusal: what is said. */
  readonly says?: RegExp;
}

/**
 * How a run ended: `whole` with the command's own code and all of its output, `refused` with 125 to 127 and the reason before
 * the command ran, `killed` with callgate itself, `cut` by the end of the recorder, which is said, `unstarted` where Node
 * itself could not start and nothing ran.
 */
export type Ending = 'whole' | 'refused' | 'killed' | 'cut' | 'unstarted';

export interface Outcome {
  readonly fault: string;
  readonly ending: Ending | undefined;
  readonly status: number | null;
  readonly answers: string;
  readonly milliseconds: number;
  /** What must never be, and was. */
  readonly violations: readonly string[];
  readonly stderr: string;
}

/** How long a run may take that nothing holds up; tests run beside others. */
const LIMIT = 30_000 * PATIENCE;

const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
};

const PLACE = fileURLToPath(new URL('../../node_modules/.cache/callgate-test', import.meta.url));

/** The witness's own exit code. */
const CODE = 7;

/**
 * The command that is run: it tells its mode of seccomp, does three times what the profile denies, and ends with a code
 * of its own. What it does shows in the file system whatever becomes of its output.
 */
const WITNESS = `
while read -r key value; do case $key in Seccomp:) echo "seccomp=$value";; esac; done </proc/self/status 2>/dev/null
for i in 1 2 3; do
  if message=$(mkdir "$0/made$i" 2>&1); then echo MADE; else echo "answer=\${message##*: }"; fi
done
exit ${CODE}`;

/** Runs the witness under a fault and looks at what must never be. */
export async function run(fault: Fault): Promise<Outcome> {
  // Not in a temporary directory: some faults mount others over those.
  mkdirSync(PLACE, { recursive: true });
  const directory = mkdtempSync(join(PLACE, 'fault-'));
  try {
    chmodSync(directory, 0o777);
    const profile = join(directory, 'profile.json');
    writeFileSync(profile, JSON.stringify(PROFILE));
    const words = [
      ...(fault.around ?? []),
      ...[process.execPath, CALLGATE, fault.verb ?? 'run', ...(fault.flags ?? [])],
      ...(fault.verb === 'record' ? ['-o', join(directory, 'recorded.json')] : ['--profile', profile]),
      '--',
      ...(fault.command ?? [
        ...(fault.inside ?? []),
        ...['/bin/sh', '-c', `${fault.first ?? ''}${WITNESS}`, directory],
      ]),
    ];
    const started = Date.now();
    const child = spawn(words[0] ?? '', words.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, LC_ALL: 'C', NO_COLOR: '1', ...fault.env },
    });
    let [stdout, stderr, hung] = ['', '', false];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      hung = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, LIMIT);
    const status = await new Promise<number | null>((resolve) => {
      child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 128)));
    });
    clearTimeout(timer);
    const milliseconds = Date.now() - started;
    const modes = [...stdout.matchAll(/^seccomp=(.*)$/gm)].map((found) => found[1] ?? '');
    const answers = [...stdout.matchAll(/^answer=(.*)$/gm)].map((found) => found[1] ?? '');
    const made = ['made1', 'made2', 'made3'].filter((name) => existsSync(join(directory, name)));
    const isConfined = fault.verb !== 'record';
    const ending = endingOf(status, answers.length + made.length, stdout + stderr);
    const violations = [
      ...(hung ? ['hung'] : []),
      ...(isConfined && (made.length > 0 || stdout.includes('MADE')) ? ['a denied call was made'] : []),
      ...(isConfined ? modes : []).filter((mode) => mode !== '2').map((mode) => `ran with Seccomp: ${mode}`),
      ...(ending !== 'unstarted' && /^ {4}at /m.test(stderr) ? ['a stack was printed'] : []),
      ...(ending === undefined ? [`exit ${status} after ${answers.length} answers`] : []),
      ...(ending === 'refused' && stdout !== '' ? ['refused, but the command ran'] : []),
      ...(ending !== undefined && !fault.ends.includes(ending) ? [`ended ${ending}`] : []),
      ...(ending === 'whole' && answers.includes('Function not implemented') && !/was lost/.test(stderr)
        ? ['nobody said that answers were lost']
        : []),
      ...(fault.says !== undefined && !fault.says.test(stderr) ? [`did not say ${fault.says}`] : []),
    ];
    return {
      fault: fault.name,
      ending,
      status,
      answers: [...new Set(answers)].join(', '),
      milliseconds,
      violations,
      stderr,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function endingOf(status: number | null, answers: number, said: string): Ending | undefined {
  if (status === CODE) return answers === 3 ? 'whole' : undefined;
  // Text for a person is wrapped.
  if (status !== null && status > 128 && /recorder\s+was\s+lost/.test(said)) return 'cut';
  if (status === 137) return 'killed';
  if (status === null || status === 0) return undefined;
  if (status >= 125 && status <= 127 && /callgate: ./.test(said)) return 'refused';
  return answers === 0 && !/seccomp=/.test(said) ? 'unstarted' : undefined;
}

/** Under strace, which does something at the Nth call of that name of each task. */
export function injected(call: string, what: string, when: number, ends: readonly Ending[]): Fault {
  // Of all ioctls and closes those on the listener.
  const on = call === 'ioctl' || call === 'close' ? { path: LISTENER } : {};
  const injection = { call, what, when, ...on };
  return { name: `strace --inject=${ruleOf(injection)}`, around: strace(injection), ends };
}
