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

/** What seccomp(2)'s real filters answer to real calls, none of which runs: one word a question, see verdictWord. */
export function kernelVerdicts(questions: readonly KernelQuestion[]): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-verdict-'));
  try {
    const asker = join(directory, 'asker');
    const source = fileURLToPath(new URL('kernelVerdict.c', import.meta.url));
    execFileSync('gcc', ['-O1', '-static', '-no-pie', '-pthread', '-o', asker, source]);
    const { stdout } = spawnSync(asker, {
      input: Buffer.concat(questions.map(record)),
      timeout: 120_000,
      maxBuffer: 1 << 24,
    });
    return stdout.toString().split('\n').slice(0, -1);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function record({ program, call: { auditArch, number, args } }: KernelQuestion): Buffer {
  const head = Buffer.alloc(60);
  head.writeUInt32LE(auditArch === X86 ? 1 : 0, 0);
  head.writeUInt32LE(number, 4);
  for (let index = 0; index < 6; index++) head.writeBigUInt64LE(args[index] ?? 0n, 8 + 8 * index);
  head.writeUInt32LE(program.length, 56);
  return Buffer.concat([head, encode(program, 'little')]);
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
