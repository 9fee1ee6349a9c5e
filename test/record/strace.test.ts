import { describe, expect, it } from 'vitest';
import { parseAskedArguments } from '../../src/record/argumentsAsked.js';
import { calls, readLog } from './log.js';

describe('a line of strace', () => {
  const styles: readonly (readonly [string, string, readonly string[]])[] = [
    ['alone', 'openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3', ['openat']],
    ['with -o and -f', '4242  close(3) = 0', ['close']],
    ['with -f on a terminal', '[pid  4242] close(3) = 0', ['close']],
    ['with -Y', '[pid  4242<sh (x)>] close(3) = 0', ['close']],
    ['with -Y and -o', '4242<python3.11> close(3) = 0', ['close']],
    ['with -t', '4242  12:34:56 close(3) = 0', ['close']],
    ['with -tt', '12:34:56.123456 close(3) = 0', ['close']],
    ['with -ttt', '4242  1700000000.123456 close(3) = 0', ['close']],
    ['with -r', '     0.000123 close(3) = 0', ['close']],
    ['with -r and -t', '12:34:56 (+     0.000123) close(3) = 0', ['close']],
    ['with -i', '[00007f1234567890] close(3) = 0', ['close']],
    ['with -n', '[   3] close(3) = 0', ['close']],
    ['with all of them', '[pid 42] 12:34:56 [00007f1234567890] [   3] close(3) = 0', ['close']],
    ['with -y', 'read(3</tmp/a, (b>), "x)", 2) = 1', ['read']],
    ['with -T', 'close(3) = 0 <0.000012>', ['close']],
    ['that failed', 'access("/nowhere", F_OK) = -1 ENOENT (No such file or directory)', ['access']],
    ['without a result', 'exit_group(0)                           = ?', ['exit_group']],
    [
      'cut in two',
      '7  wait4(-1,  <unfinished ...>\n8  close(3) = 0\n7  <... wait4 resumed>NULL, 0, NULL) = 8',
      ['close', 'wait4'],
    ],
    ['whose first half is not there', '7  <... futex resumed> ) = 0', ['futex']],
    [
      'of a call without a name',
      'syscall_0x1f4(0x1, 0, 0, 0, 0, 0) = -1 ENOSYS (Function not implemented)',
      ['0x1f4'],
    ],
    ['that is a signal', '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---', []],
    ['that is an end', '4242  +++ exited with 0 +++', []],
    ['about itself', 'strace: Process 4243 attached', []],
    ['of -k', ' > /usr/lib/x86_64-linux-gnu/libc.so.6(__close+0x14) [0xf7a44]', []],
    ['of the program', 'close the door (please)', []],
  ];
  for (const [title, text, expected] of styles)
    it(title, () => {
      const read = readLog(text);
      expect(calls(read)).toEqual(expected);
      expect(read.recording).toMatchObject({ recorder: 'strace', lost: 0 });
    });

  it('with a name that no table has is counted as lost, and named', () => {
    const { recording, notes } = readLog('frobnicate(1) = 0\nfrobnicate(1, 2 <unfinished ...>\nprintf("x")');
    expect(recording).toMatchObject({ calls: [], lost: 2 });
    expect(notes.join()).toContain('frobnicate');
  });
});

describe('programs of another ABI', () => {
  it('are followed from the line that tells the mode', () => {
    const log = [
      '10  execve("/i386", ["/i386"], []) = 0',
      'strace: [ Process PID=10 runs in 32 bit mode. ]',
      '10  brk(NULL) = 0',
      '11  brk(NULL) = 0',
      '[ Process PID=10 runs in x32 mode. ]',
      '10  getpid() = 10',
      '[ Process PID=10 runs in 64 bit mode. ]',
      '10  getpid() = 10',
    ];
    expect(calls(readLog(log.join('\n')))).toEqual(['brk', 'getpid', 'execve', 'x86:brk', 'x32:getpid']);
  });

  it('are known by calls that the native ABI does not have', () => {
    expect(calls(readLog('10  mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0x1000'))).toEqual([
      'x86:mmap2',
    ]);
    expect(calls(readLog('10  old_mmap({addr=NULL, length=4096}) = 0x1000'))).toEqual(['mmap']);
  });
});

describe('the table of strace -c', () => {
  const rows = [
    '------ ----------- ----------- --------- --------- ----------------',
    ' 61.54    0.000040           2        16           mmap',
    ' 38.46    0.000025          12         2         1 access',
    '------ ----------- ----------- --------- --------- ----------------',
    '100.00    0.000065           3        18         1 total',
  ];
  const title = '% time     seconds  usecs/call     calls    errors syscall';

  it('is read with its counts', () => {
    expect(calls(readLog([title, ...rows].join('\n')))).toEqual(['mmap*16', 'access*2']);
  });

  it('of another mode counts for that', () => {
    const text = ['System call usage summary for 32 bit mode:', title, ...rows].join('\n');
    expect(calls(readLog(text))).toEqual(['x86:access*2', 'x86:mmap*16']);
  });

  it('with chosen columns', () => {
    const text =
      '    calls syscall\n--------- ----------------\n       67 wait4\n        1 listen\n--------- ----\n       68 total';
    expect(calls(readLog(text))).toEqual(['listen', 'wait4*67']);
  });
});

describe('argument values', () => {
  const values = (log: string, list: string) => {
    const [call] = readLog(log, { asked: parseAskedArguments(list, 'x86_64') }).recording.calls;
    return call?.args?.map((each) => ({ ...each.values, count: each.count }));
  };

  it('are read from constants, numbers, names and sets of flags', () => {
    expect(
      values('socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3', 'socket:0,socket:1'),
    ).toEqual([{ 0: 10n, 1: 0x80001n, count: 1 }]);
    const clone =
      'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 9';
    expect(values(clone, 'clone:0')).toEqual([{ 0: 0x1200011n, count: 1 }]);
    expect(values(`7  ${clone.slice(0, -5)} <unfinished ...>`, 'clone:0')).toEqual([
      { 0: 0x1200011n, count: 1 },
    ]);
    expect(values('fcntl(3</tmp/a,b>, F_SETFD, FD_CLOEXEC) = 0', 'fcntl:1')).toEqual([{ 1: 2n, count: 1 }]);
    expect(values('ioctl(0, 0x5413 /* TIOCGWINSZ */, 0x7ffe) = 0', 'ioctl:1')).toEqual([
      { 1: 0x5413n, count: 1 },
    ]);
  });

  it('that occur again are counted', () => {
    expect(
      values('socket(AF_UNIX, SOCK_STREAM, 0) = 3\nsocket(AF_UNIX, SOCK_DGRAM, 0) = 3', 'socket:0'),
    ).toEqual([{ 0: 1n, count: 2 }]);
  });

  it('that cannot be read leave the call without any', () => {
    const log = 'socket(AF_UNIX, SOCK_STREAM, 0) = 3\nsocket(AF_NONESUCH, SOCK_STREAM, 0) = 3';
    const [call] = readLog(log, { asked: parseAskedArguments('socket:0', 'x86_64') }).recording.calls;
    expect(call).toMatchObject({ count: 2, argsIncomplete: true });
    expect(call).not.toHaveProperty('args');
  });
});
