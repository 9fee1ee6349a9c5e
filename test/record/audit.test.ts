import { expect, it } from 'vitest';
import { parseAskedArguments } from '../../src/record/argumentsAsked.js';
import { calls, readLog } from './log.js';

const SYSCALL =
  'type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=41 success=yes exit=3 a0=10 a1=80003 a2=0 a3=7fff items=0 ppid=1 pid=2 comm="x" exe="/x" key=(null)';
const SECCOMP =
  'audit: type=1326 audit(1600172800.243:99): auid=1000 uid=1000 gid=1000 ses=1 pid=2 comm="x" exe="/x" sig=0 arch=c000003e syscall=272 compat=0 ip=0x7f code=0x7ffc0000';

const lines: readonly (readonly [string, string, readonly string[]])[] = [
  ['a record of auditd', SYSCALL, ['socket']],
  ['of a 32-bit program', SYSCALL.replace('c000003e syscall=41', '40000003 syscall=102'), ['x86:socketcall']],
  [
    'interpreted',
    'type=SYSCALL msg=audit(01/01/2024 00:00:00.000:1) : arch=x86_64 syscall=openat success=yes exit=3 a0=AT_FDCWD',
    ['openat'],
  ],
  ['a record of a filter that logs', SECCOMP, ['unshare']],
  ['another record', 'type=CWD msg=audit(1364481363.243:24287): cwd="/home"', []],
];
for (const [title, line, expected] of lines)
  it(`audit: ${title}`, () => {
    expect(calls(readLog(line))).toEqual(expected);
  });

it('audit: the recorder is told by what most lines are', () => {
  expect(readLog(`${SYSCALL}\n${SECCOMP}`).recording.recorder).toBe('audit');
});

it('audit: registers are read', () => {
  const asked = parseAskedArguments('socket:0,socket:1', 'x86_64');
  expect(readLog(SYSCALL, { asked }).recording.calls[0]?.args).toEqual([
    { values: { 0: 0x10n, 1: 0x80003n }, count: 1 },
  ]);
});

it('audit: records that the kernel dropped count as lost', () => {
  const log = [
    SYSCALL,
    'kernel: audit_printk_skb: 12 callbacks suppressed',
    'kernel: audit: audit_lost=100 audit_rate_limit=0 audit_backlog_limit=64',
    'kernel: audit: audit_lost=103 audit_rate_limit=0 audit_backlog_limit=64',
  ];
  expect(readLog(log.join('\n')).recording.lost).toBe(12 + 4);
});
