import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode } from '../../src/bpf/encode.js';
import type { Program } from '../../src/bpf/instruction.js';
import type { Action } from '../../src/policy/action.js';
import type { Call } from '../../src/policy/decide.js';
import { hasCommand } from '../oracle.js';
import { X86, X86_64 } from './arbitrary.js';

/** Calls to be made one after the other under filters that are all in force. */
export interface KernelBatch {
  /** From the oldest to the newest, 8 at most. */
  readonly filters: readonly Program[];
  /** 4096 at most. */
  readonly calls: readonly Call[];
  /**
   * Default true: a tracer takes allowed calls away, TRACE has a tracer and the newest filter's USER_NOTIF a listener.
   * False: allowed calls run, and TRACE and USER_NOTIF have nobody.
   */
  readonly traced?: boolean;
}

/** What the kernel said. */
export interface KernelAnswers {
  /** One word for each call of each batch, see verdictWord. */
  readonly words: readonly (readonly string[])[];
  /** seccomp_data.instruction_pointer of the calls, by audit arch. */
  readonly instructionPointers: ReadonlyMap<number, bigint>;
}

/** A call to be made under a filter. */
export interface KernelQuestion {
  readonly program: Program;
  readonly call: Call;
}

/** What keeps calls from being asked for here; undefined when nothing does. */
export function lacksKernelVerdicts(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Linux on x86-64';
  if (!hasCommand('gcc')) return 'the command gcc';
  const program = [{ code: 0x06, jt: 0, jf: 0, k: 0x50007 }];
  const answers = kernelVerdicts(
    [X86_64, X86].map((auditArch) => ({ program, call: { auditArch, number: 1, args: [] } })),
  );
  return answers.join() === 'errno 7,errno 7' ? undefined : 'a kernel with seccomp, ptrace and int $0x80';
}

/** Whether an x86-64 kernel can be asked so: int $0x80 has registers of 32 bits. */
export function canBeAsked({ auditArch, args }: Call): boolean {
  return auditArch === X86_64 || (auditArch === X86 && args.every((value) => value < 1n << 32n));
}

/** What seccomp(2)'s real filters answer to real calls, none of which runs: one word a question. */
export function kernelVerdicts(questions: readonly KernelQuestion[]): readonly string[] {
  const batches = questions.map(({ program, call }) => ({ filters: [program], calls: [call] }));
  return kernelAnswers(batches).words.flat();
}

/** What the kernel answers to all calls of all batches. */
export function kernelAnswers(batches: readonly KernelBatch[]): KernelAnswers {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-verdict-'));
  try {
    const asker = join(directory, 'asker');
    const source = fileURLToPath(new URL('kernelVerdict.c', import.meta.url));
    execFileSync('gcc', ['-O1', '-static', '-no-pie', '-pthread', '-o', asker, source]);
    const { stdout } = spawnSync(asker, {
      input: Buffer.concat(batches.map(record)),
      timeout: 600_000,
      maxBuffer: 1 << 26,
    });
    const [head = '', ...lines] = stdout.toString().split('\n').slice(0, -1);
    const [native = '0', compat = '0'] = head.split(' ');
    return {
      words: batches.map(({ calls }) => lines.splice(0, calls.length)),
      instructionPointers: new Map([
        [X86_64, BigInt(native)],
        [X86, BigInt(compat)],
      ]),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function record({ filters, calls, traced = true }: KernelBatch): Buffer {
  const words = (...values: readonly number[]) => Buffer.from(Uint32Array.from(values).buffer);
  return Buffer.concat([
    words(Number(traced), filters.length, calls.length),
    ...filters.flatMap((program) => [words(program.length), encode(program, 'little')]),
    ...calls.map(({ auditArch, number, args }) => {
      const registers = BigUint64Array.from({ length: 6 }, (_, index) => args[index] ?? 0n);
      return Buffer.concat([words(Number(auditArch === X86), number), Buffer.from(registers.buffer)]);
    }),
  ]);
}

/** MAX_ERRNO of include/linux/err.h, to which kernel/seccomp.c cuts. */
const MAX_ERRNO = 4095;

/** An action as the asker words it; it cannot tell LOG from ALLOW. */
export function verdictWord(action: Action): string {
  switch (action.kind) {
    case 'errno':
      return `errno ${Math.min(action.errno, MAX_ERRNO)}`;
    case 'trace':
    case 'trap':
      return `${action.kind} ${action.data}`;
    case 'log':
      return 'allow';
    case 'allow':
    case 'notify':
    case 'kill_thread':
    case 'kill_process':
      return action.kind;
  }
}
