import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Operator } from '../../src/runtime/libseccomp/chain.js';

/** A comparison as `struct scmp_arg_cmp` takes it. */
export interface NativeComparison {
  readonly argument: number;
  readonly op: Operator;
  readonly a: bigint;
  readonly b: bigint;
}

/** One filter context of the real library. Error codes are negative, as the library returns them. */
export interface NativeFilter {
  addArch(token: number): number;
  removeArch(token: number): number;
  setOptimize(level: 1 | 2): number;
  addRule(action: number, syscall: number, comparisons: readonly NativeComparison[]): number;
  /** `struct sock_filter[]`, 8 bytes each, or the error code. */
  exportBpf(): Buffer | number;
  release(): void;
}

export interface Libseccomp {
  readonly version: string;
  /** Undefined when the library refuses the default action. */
  init(defaultAction: number): NativeFilter | undefined;
  /** Native number, negative for pseudo numbers, -1 for unknown names. */
  resolve(name: string): number;
  resolveOn(token: number, name: string): number;
}

const DEFAULT_PATH = '/usr/lib/x86_64-linux-gnu/libseccomp.so.2';
const OPERATORS: Record<Operator, number> = { ne: 1, lt: 2, le: 3, eq: 4, ge: 5, gt: 6, masked_eq: 7 };
const CTL_OPTIMIZE = 8;

/** The library that the tests compare with: `CALLGATE_LIBSECCOMP`, or the installed one. */
export const libseccompPath = process.env['CALLGATE_LIBSECCOMP'] ?? DEFAULT_PATH;

/** Why the library cannot be used here, or undefined. */
export const lacksLibseccomp = existsSync(libseccompPath) ? undefined : `libseccomp (${libseccompPath})`;

export function openLibseccomp(path: string = libseccompPath): Libseccomp {
  // biome-ignore lint/suspicious/noExplicitAny: koffi's prebuilt addon has no types of its own
  const koffi: any = createRequire(import.meta.url)('@koromix/koffi-linux-x64');
  const library = koffi.load(path);
  const libc = koffi.load('libc.so.6');
  const memfdCreate = libc.func('int memfd_create(const char *name, unsigned int flags)');
  const version = koffi.decode(library.func('void *seccomp_version()')(), koffi.array('uint32_t', 3));
  const init = library.func('void *seccomp_init(uint32_t)');
  const release = library.func('void seccomp_release(void *)');
  const archAdd = library.func('int seccomp_arch_add(void *, uint32_t)');
  const archRemove = library.func('int seccomp_arch_remove(void *, uint32_t)');
  const attrSet = library.func('int seccomp_attr_set(void *, int, uint32_t)');
  const ruleAdd = library.func(
    'int seccomp_rule_add_array(void *, uint32_t, int, unsigned int, const void *)',
  );
  const exportBpf = library.func('int seccomp_export_bpf(void *, int)');
  const resolve = library.func('int seccomp_syscall_resolve_name(const char *)');
  const resolveArch = library.func('int seccomp_syscall_resolve_name_arch(uint32_t, const char *)');
  return {
    version: `${version[0]}.${version[1]}.${version[2]}`,
    resolve: (name) => resolve(name),
    resolveOn: (token, name) => resolveArch(token, name),
    init(defaultAction) {
      const context = init(defaultAction);
      if (context === null) return undefined;
      return {
        addArch: (token) => archAdd(context, token),
        removeArch: (token) => archRemove(context, token),
        setOptimize: (level) => attrSet(context, CTL_OPTIMIZE, level),
        addRule: (action, syscall, comparisons) =>
          ruleAdd(context, action, syscall, comparisons.length, encode(comparisons)),
        exportBpf() {
          const fd: number = memfdCreate('callgate-test', 0);
          try {
            const code: number = exportBpf(context, fd);
            if (code < 0) return code;
            const program = Buffer.alloc(fstatSync(fd).size);
            readSync(fd, program, 0, program.length, 0);
            return program;
          } finally {
            closeSync(fd);
          }
        },
        release: () => release(context),
      };
    },
  };
}

function encode(comparisons: readonly NativeComparison[]): Buffer | null {
  if (comparisons.length === 0) return null;
  const bytes = Buffer.alloc(comparisons.length * 24);
  comparisons.forEach(({ argument, op, a, b }, index) => {
    bytes.writeUInt32LE(argument, index * 24);
    bytes.writeInt32LE(OPERATORS[op], index * 24 + 4);
    bytes.writeBigUInt64LE(a, index * 24 + 8);
    bytes.writeBigUInt64LE(b, index * 24 + 16);
  });
  return bytes;
}
