import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble } from '../../src/bpf/assemble.js';
import { encode } from '../../src/bpf/encode.js';
import type { Program } from '../../src/bpf/instruction.js';

/** What seccomp(2) says to each program: true for taken. Nothing is put in force. */
export function askKernel(programs: readonly Program[]): readonly boolean[] | string {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-kernel-'));
  try {
    const file = join(directory, 'programs');
    const parts = programs.flatMap((program) => {
      const bytes = encode(program, 'little');
      return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes];
    });
    writeFileSync(file, Buffer.concat(parts));
    const judge = fileURLToPath(new URL('kernelJudge.mjs', import.meta.url));
    const run = spawnSync(process.execPath, [judge, file], { encoding: 'utf8', timeout: 60_000 });
    return run.status === 0 ? [...run.stdout].map((verdict) => verdict === '1') : `${run.stderr}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const first =
  process.platform === 'linux' && process.arch === 'x64'
    ? askKernel([assemble('ret #0x7fff0000'), []])
    : 'Linux on x86-64';
/** What keeps programs from being shown to the kernel; undefined when nothing does. */
export const lacksKernel =
  typeof first === 'string' ? `a kernel that takes seccomp filters (${first.slice(0, 200)})` : undefined;
