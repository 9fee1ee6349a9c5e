import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../../src/bpf/instruction.js';
import { kernelTypes } from '../../src/linux/record/btf.js';
import { attach, createMap, element, MAP_TYPE } from '../../src/linux/record/ebpf.js';
import { ebpfAssembler } from '../../src/linux/record/ebpfAssembler.js';
import { standaloneLauncher } from '../../src/linux/standalone/launcher.js';
import { isRoot } from '../oracle.js';

/** Whether a number is in the bitmap that the kernel has made of a filter (struct action_cache of kernel/seccomp.c). */
export interface KernelBitmap {
  readonly native: (number: number) => boolean;
  readonly compat: (number: number) => boolean;
}

const BTF = '/sys/kernel/btf/vmlinux';
const PIDS = '/proc/self/ns/pid';

/** Helpers of include/uapi/linux/bpf.h. */
const GET_CURRENT_TASK = 35;
const PROBE_READ_KERNEL = 113;
const GET_NS_CURRENT_PID_TGID = 120;

/** Of each of the two bitmaps, from its first bit on. */
const BYTES = 64;
const BITS = 8 * BYTES;

const MEMBERS = [
  ['task_struct', 'seccomp'],
  ['seccomp', 'filter'],
  ['seccomp_filter', 'cache'],
  ['action_cache', 'allow_native'],
  ['action_cache', 'allow_compat'],
] as const;

interface Offsets {
  readonly filter: number;
  readonly native: number;
  readonly compat: number;
}

function bitmapOffsets(): Offsets | undefined {
  const { offsets } = kernelTypes(BTF, MEMBERS, 'btf_trace_sys_enter');
  const [seccomp, filter, cache, native, compat] = offsets;
  if (seccomp === undefined || filter === undefined || cache === undefined) return undefined;
  if (native === undefined || compat === undefined) return undefined;
  return { filter: seccomp + filter, native: cache + native, compat: cache + compat };
}

/** What keeps the kernel's bitmaps from being read here; undefined when nothing does. */
export function lacksKernelBitmaps(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Linux on x86-64';
  if (!isRoot) return 'root';
  if (!existsSync(BTF)) return BTF;
  if (bitmapOffsets() === undefined) return 'Linux 5.11, whose filters have bitmaps';
  try {
    closeSync(createMap({ type: MAP_TYPE.array, keyBytes: 4, valueBytes: 8, entries: 1 }));
    return undefined;
  } catch {
    return 'eBPF';
  }
}

/** Copies both bitmaps of the newest filter of one process into a map, whenever that process makes a call. */
function copier(pid: number, map: number, { filter, native, compat }: Offsets): Uint8Array {
  const a = ebpfAssembler();
  // The process by its id in this namespace: struct bpf_pidns_info { u32 pid, tgid }.
  const { dev, ino } = statSync(PIDS);
  a.move(1, dev);
  a.move(2, ino);
  // A number is sign-extended.
  a.shiftLeft(2, 32);
  a.shiftRight(2, 32);
  a.moveRegister(3, 10);
  a.add(3, -8);
  a.move(4, 8);
  a.call(GET_NS_CURRENT_PID_TGID);
  a.jumpIf('unequal', 0, 0, 'end');
  a.load('word', 1, 10, -4);
  a.jumpIf('unequal', 1, pid, 'end');
  a.call(GET_CURRENT_TASK);
  a.moveRegister(3, 0);
  a.add(3, filter);
  a.moveRegister(1, 10);
  a.add(1, -8);
  a.move(2, 8);
  a.call(PROBE_READ_KERNEL);
  a.load('double', 6, 10, -8);
  for (const [index, offset] of [native, compat].entries()) {
    a.loadMapValue(1, map);
    a.add(1, index * BYTES);
    a.move(2, BYTES);
    a.moveRegister(3, 6);
    a.add(3, offset);
    a.call(PROBE_READ_KERNEL);
  }
  a.label('end');
  a.end();
  return a.finish();
}

/** Puts a filter on a `cat`, by callgate's own launcher, and reads what the kernel has made of it out of its memory. */
export async function kernelBitmap(program: Program): Promise<KernelBitmap> {
  const offsets = bitmapOffsets();
  if (offsets === undefined) throw new Error('this kernel has no bitmaps');
  const folder = mkdtempSync(join(tmpdir(), 'callgate-bitmap-'));
  const launcher = join(folder, 'launcher');
  writeFileSync(launcher, standaloneLauncher(program, 0, 'x86_64'), { mode: 0o755 });
  const cat = spawn(launcher, ['/bin/cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const fds: number[] = [];
  const echo = async (): Promise<void> => {
    cat.stdin.write('.');
    await Promise.race([
      once(cat.stdout, 'data'),
      once(cat, 'exit').then(() => Promise.reject(new Error('cat does not run under this filter'))),
    ]);
  };
  try {
    // Once it answers, its filter is in force.
    await echo();
    const map = createMap({ type: MAP_TYPE.array, keyBytes: 4, valueBytes: 2 * BYTES, entries: 1 });
    fds.push(map);
    const attached = attach({
      tracepoint: 'sys_enter',
      program: copier(cat.pid ?? 0, map, offsets),
      typeId: undefined,
    });
    fds.push(attached.program, attached.link);
    await echo();
    const bits = element(map, new Uint8Array(4), 2 * BYTES);
    const has = (at: number): boolean => ((bits.getUint8(at >> 3) >> (at & 7)) & 1) === 1;
    return { native: has, compat: (number) => has(BITS + number) };
  } finally {
    cat.kill('SIGKILL');
    for (const fd of fds.reverse()) closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}
