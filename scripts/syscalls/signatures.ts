import type { RawSignatures } from './raw.js';

type Arguments = readonly (readonly [string, string])[];

/**
 * Orders and forms that differ from the generic one: table → arguments. 64-bit arguments of 32-bit tables are split
 * into registers in src/syscalls/signature.ts, so only other differences stand here.
 */
const CLONE_BACKWARDS: Arguments = [
  ['flags', 'unsigned long'],
  ['newsp', 'unsigned long'],
  ['parent_tid', 'int*'],
  ['tls', 'unsigned long'],
  ['child_tid', 'int*'],
];
const CLONE_BACKWARDS2: Arguments = [
  ['newsp', 'unsigned long'],
  ['flags', 'unsigned long'],
  ['parent_tid', 'int*'],
  ['child_tid', 'int*'],
  ['tls', 'unsigned long'],
];
const OLD_MMAP: Arguments = [['arg', 'struct mmap_arg_struct*']];
const OLD_SELECT: Arguments = [['arg', 'struct sel_arg_struct*']];
const SYNC_FILE_RANGE2: Arguments = [
  ['fd', 'int'],
  ['flags', 'unsigned int'],
  ['offset', 'loff_t'],
  ['nbytes', 'loff_t'],
];
const FADVISE64_64: Arguments = [
  ['fd', 'int'],
  ['offset', 'loff_t'],
  ['len', 'loff_t'],
  ['advice', 'int'],
];
const PPC_FADVISE64_64: Arguments = [
  ['fd', 'int'],
  ['advice', 'int'],
  ['offset', 'loff_t'],
  ['len', 'loff_t'],
];

const VARIANTS: Readonly<Record<string, readonly (readonly [readonly string[], Arguments])[]>> = {
  clone: [
    [
      ['x86', 'arm', 'aarch64', 'mips', 'mips64', 'mips64n32', 'ppc', 'ppc64', 'riscv64', 'loongarch64'],
      CLONE_BACKWARDS,
    ],
    [['s390', 's390x'], CLONE_BACKWARDS2],
  ],
  mmap: [[['x86', 'm68k', 's390', 's390x'], OLD_MMAP]],
  select: [[['x86', 'm68k'], OLD_SELECT]],
  sync_file_range: [[['arm', 'ppc'], SYNC_FILE_RANGE2]],
  fadvise64: [[['mips'], FADVISE64_64]],
  fadvise64_64: [
    [['ppc'], PPC_FADVISE64_64],
    [['s390'], [['args', 'struct fadvise64_64_args*']]],
  ],
};

/**
 * Kernel widths in bits and signedness of the C types that appear; `word` is the ABI's long. Pointers are words.
 * umode_t is an unsigned short, key_serial_t an int32_t, qid_t and uid_t unsigned ints (include/linux/types.h).
 */
const TYPES = {
  int: [32, 'signed'],
  __s32: [32, 'signed'],
  pid_t: [32, 'signed'],
  key_t: [32, 'signed'],
  key_serial_t: [32, 'signed'],
  clockid_t: [32, 'signed'],
  timer_t: [32, 'signed'],
  mqd_t: [32, 'signed'],
  rwf_t: [32, 'signed'],
  'enum landlock_rule_type': [32, 'unsigned'],
  unsigned: [32, 'unsigned'],
  'unsigned int': [32, 'unsigned'],
  u32: [32, 'unsigned'],
  __u32: [32, 'unsigned'],
  uid_t: [32, 'unsigned'],
  gid_t: [32, 'unsigned'],
  qid_t: [32, 'unsigned'],
  umode_t: [16, 'unsigned'],
  long: ['word', 'signed'],
  off_t: ['word', 'signed'],
  'unsigned long': ['word', 'unsigned'],
  size_t: ['word', 'unsigned'],
  uintptr_t: ['word', 'unsigned'],
  aio_context_t: ['word', 'unsigned'],
  old_sigset_t: ['word', 'unsigned'],
  cap_user_header_t: ['word', 'pointer'],
  cap_user_data_t: ['word', 'pointer'],
  __sighandler_t: ['word', 'pointer'],
  loff_t: [64, 'signed'],
  u64: [64, 'unsigned'],
  __u64: [64, 'unsigned'],
} as const;

export function importSignatures(raw: RawSignatures): { readonly types: object; readonly purposes: object } {
  const args: Record<string, Arguments> = {};
  const purposes: Record<string, object> = {};
  for (const [name, signature] of Object.entries(raw)) {
    if (signature.args !== null) args[name] = signature.args.map(([label, type]) => [label, checked(type)]);
    const { category, purpose, risk } = signature;
    purposes[name] = { category, purpose, ...(risk === undefined ? {} : { risk }) };
  }
  const origin = 'Linux 7.2 SYSCALL_DEFINE macros; removed calls from their manual pages (man-pages 6.20)';
  return {
    types: {
      origin,
      variantsOrigin:
        'Linux 7.2 kernel/fork.c (CONFIG_CLONE_BACKWARDS*), arch/*/kernel/sys*.c, mm/mmap.c (old_mmap)',
      types: TYPES,
      variants: VARIANTS,
      args,
    },
    purposes: { origin: 'own words', purposes },
  };
}

/** Const says nothing about width; a type that is neither a pointer nor in the table stops the import. */
function checked(type: string): string {
  const value = type.replace(/\*const$/, '*');
  const plain = value.endsWith('*') ? value : value.replace(/^const /, '');
  if (plain.endsWith('*') || plain in TYPES) return plain;
  if (plain.startsWith('struct ')) return `${plain}*`;
  throw new Error(`no width known for the C type "${type}"`);
}
