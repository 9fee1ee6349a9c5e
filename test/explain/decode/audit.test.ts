import { describe, expect, it } from 'vitest';
import { decodeLine } from '../../../src/explain/decode/decoder.js';
import samples from './fixtures/samples.json' with { type: 'json' };

const HEAD =
  'audit: type=1326 audit(1600172800.965:102): auid=1000 uid=0 gid=0 ses=16 subj=docker-default pid=91';
const tail = (arch: string, call: string, code: string): string =>
  `sig=0 arch=${arch} syscall=${call} compat=0 ip=0x7f01 code=${code}`;

describe('samples of real logs', () => {
  it.each(samples)('$line', ({ line, expected }) => {
    const record = decodeLine(line, 'x86_64');
    expect(record).toMatchObject(expected);
    // What a sample does not tell, nobody may make up.
    for (const key of ['syscall', 'action', 'comm', 'exe'] as const) {
      if (!(key in expected)) expect(record?.[key]).toBeUndefined();
    }
  });
});

describe('architectures and numbers', () => {
  it.each([
    ['c000003e', '1073742259', 'x32', 'clone3'],
    ['40000003', '102', 'x86', 'socketcall'],
    ['40000028', '403', 'arm', 'clock_gettime64'],
    ['c0000015', '435', 'ppc64le', 'clone3'],
    ['80000015', '435', 'ppc64', 'clone3'],
    ['c00000f3', '452', 'riscv64', 'fchmodat2'],
    ['40000008', '4435', 'mipsel', 'clone3'],
    ['c0000008', '5435', 'mipsel64', 'clone3'],
    ['80000016', '435', 's390x', 'clone3'],
    ['c0000102', '435', 'loongarch64', 'clone3'],
  ])('arch=%s syscall=%s is %s %s', (arch, number, abi, syscall) => {
    const record = decodeLine(`${HEAD} comm="a" exe="/a" ${tail(arch, number, '0x50000')}`, 'x86_64');
    expect(record).toMatchObject({ abi, syscall, number: Number(number), action: 'SCMP_ACT_ERRNO' });
  });

  it('keeps the number where the architecture has no such call, or nobody knows the architecture', () => {
    const none = decodeLine(`${HEAD} comm="a" ${tail('c00000b7', '600', '0x0')}`, 'x86_64');
    expect(none).toMatchObject({ abi: 'aarch64', number: 600 });
    expect(none?.syscall).toBeUndefined();
    const alpha = decodeLine(`${HEAD} comm="a" ${tail('c0009026', '3', '0x0')}`, 'x86_64');
    expect(alpha).toMatchObject({ arch: 'alpha', number: 3 });
    expect(alpha?.abi).toBeUndefined();
  });
});

describe('actions', () => {
  it.each([
    ['0x80000000', 'SCMP_ACT_KILL_PROCESS'],
    ['0x0', 'SCMP_ACT_KILL_THREAD'],
    ['0x30000', 'SCMP_ACT_TRAP'],
    ['0x50000', 'SCMP_ACT_ERRNO'],
    ['0x7fc00000', 'SCMP_ACT_NOTIFY'],
    ['0x7ff00000', 'SCMP_ACT_TRACE'],
    ['0x7ffc0000', 'SCMP_ACT_LOG'],
    ['0x12340000', undefined],
  ])('code=%s is %s', (code, action) => {
    const record = decodeLine(`${HEAD} comm="a" ${tail('c000003e', '1', code)}`, 'x86_64');
    expect(record?.action).toBe(action);
    expect(record?.code).toBe(Number(code));
  });

  it.each([
    ['kill-process', 'SCMP_ACT_KILL_PROCESS'],
    ['kill', 'SCMP_ACT_KILL_THREAD'],
    ['errno', 'SCMP_ACT_ERRNO'],
    ['user-notify', 'SCMP_ACT_NOTIFY'],
    ['log', 'SCMP_ACT_LOG'],
  ])('ausearch’s code=%s is %s', (word, action) => {
    const line = `type=SECCOMP msg=audit(03/04/2025 07:39:37.599:201) : auid=unset uid=root gid=root ses=unset subj=? pid=1 comm=a exe=/a ${tail('x86_64', 'clone3', word)}`;
    expect(decodeLine(line, 'aarch64')).toMatchObject({ abi: 'x86_64', number: 435, action });
  });

  it('says that the errno is not in the record', () => {
    const record = decodeLine(`${HEAD} comm="a" ${tail('c000003e', '435', '0x50000')}`, 'x86_64');
    expect(record?.meaning).toMatch(/errno, which the kernel does not log/);
    expect(record?.errno).toBeUndefined();
  });
});

describe('what a program controls', () => {
  it('reads hexadecimal names', () => {
    const line = `${HEAD} comm=6120622063 exe=2F746D702FC3A4 ${tail('c000003e', '1', '0x0')}`;
    expect(decodeLine(line, 'x86_64')).toMatchObject({ comm: 'a b c', exe: '/tmp/ä' });
  });

  it('is not taken in by names that look like fields', () => {
    const line = `type=SECCOMP msg=audit(03/04/2025 07:39:37.599:201) : auid=unset uid=root gid=root ses=unset pid=7 comm=x sig=0 arch=arm syscall=open exe=/a sig=31 arch=x86_64 syscall=mount compat=0 ip=0x1 code=errno`;
    expect(decodeLine(line, 'x86_64')).toMatchObject({
      syscall: 'mount',
      abi: 'x86_64',
      comm: 'x sig=0 arch=arm syscall=open',
    });
  });

  it('does not put a word of eight hexadecimal digits with an odd length through the decoder', () => {
    const line = `${HEAD} comm=ABC ${tail('c000003e', '1', '0x0')}`;
    expect(decodeLine(line, 'x86_64')?.comm).toBe('ABC');
  });
});

describe('wrappings', () => {
  const body = `auid=1 uid=0 gid=0 ses=1 pid=5 comm="mount" exe="/bin/mount" ${tail('c000003e', '165', '0x50000')}`;
  const expected = { syscall: 'mount', comm: 'mount', exe: '/bin/mount', pid: 5 };
  it.each([
    ['syslog', `Nov 22 10:00:00 host kernel: [ 12.5] audit: type=1326 audit(1600172800.965:102): ${body}`],
    ['dmesg -T', `[Sun Nov 22 10:00:00 2026] audit: type=1326 audit(1600172800.965:102): ${body}`],
    [
      'journald JSON',
      JSON.stringify({ __REALTIME_TIMESTAMP: '1700000000000000', MESSAGE: `SECCOMP ${body}` }),
    ],
    ['journald bytes', JSON.stringify({ MESSAGE: [...Buffer.from(`SECCOMP ${body}`)] })],
    [
      'container log',
      JSON.stringify({ log: `type=1326 audit(1600172800.965:102): ${body}\n`, stream: 'stderr' }),
    ],
    ['CRI’s log file', `2026-11-22T10:00:00.123456789Z stderr F audit: type=1326 audit(1.0:1): ${body}`],
    [
      'fluentd',
      `2026-11-22 10:00:00.000000000 +0000 kube.var.log: ${JSON.stringify({ log: `audit: type=1326 audit(1.0:1): ${body}\n`, kubernetes: { pod_name: 'web' } })}`,
    ],
    [
      'JSON within JSON',
      JSON.stringify({ log: JSON.stringify({ level: 'info', msg: `SECCOMP ${body}` }), time: '2026' }),
    ],
    ['JSON that was cut', JSON.stringify({ log: `SECCOMP ${body}`, more: 'x'.repeat(99) }).slice(0, -9)],
    ['behind a hole in the file', `\0\0\0\0type=SECCOMP msg=audit(1.0:1): ${body}`],
  ])('%s', (_, line) => expect(decodeLine(line, 'aarch64')).toMatchObject(expected));

  it('takes journald’s time where the message has none', () => {
    const line = JSON.stringify({ __REALTIME_TIMESTAMP: '1700000000000000', MESSAGE: `SECCOMP ${body}` });
    expect(decodeLine(line, 'x86_64')?.time).toBe('2023-11-14T22:13:20.000Z');
  });
});

describe('records that were cut', () => {
  const whole = `type=SECCOMP msg=audit(1600172800.965:102): auid=1 uid=0 gid=0 ses=1 pid=5 comm="mount" exe="/bin/mount" ${tail('c000003e', '165', '0x50000')}`;
  it.each([' code', 'code=0x50000', '0x50000', 'ip=', ' ip='])(
    'before %s the call is told, and the action is not',
    (where) => {
      const record = decodeLine(whole.slice(0, whole.indexOf(where)), 'aarch64');
      expect(record).toMatchObject({ syscall: 'mount', abi: 'x86_64', pid: 5, exe: '/bin/mount' });
      expect(record?.action).toBeUndefined();
      expect(record?.meaning).toMatch(/^mount: the line ends before/);
    },
  );

  it.each(['65 compat', ' compat', ' syscall', ' sig', 'exe='])('before %s nothing is', (where) => {
    expect(decodeLine(whole.slice(0, whole.indexOf(where)), 'aarch64')).toBeUndefined();
  });
});

describe('SIGSYS and strace', () => {
  it.each([
    [
      '[pid  12] --- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x7f, si_syscall=__NR_ptrace, si_arch=AUDIT_ARCH_X86_64} ---',
      { syscall: 'ptrace', abi: 'x86_64', number: 101, pid: 12 },
    ],
    [
      '--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0xf7, si_syscall=__NR_socketcall, si_arch=AUDIT_ARCH_I386} ---',
      { syscall: 'socketcall', abi: 'x86', number: 102 },
    ],
    ['9 +++ killed by SIGSYS (core dumped) +++', { signal: 31, pid: 9 }],
    [
      'type=ANOM_ABEND msg=audit(1600172800.965:1): auid=1 uid=1 gid=1 ses=1 pid=44 comm="x" exe="/x" sig=31 res=1',
      { format: 'abend', pid: 44, comm: 'x', exe: '/x' },
    ],
    [
      '…sigsys_handlers.cc:**CRASHING**:seccomp-bpf failure in syscall 0230',
      { number: 230, format: 'chromium' },
    ],
    [
      '7 unshare(CLONE_NEWUSER) = -1 EPERM (Operation not permitted)',
      { syscall: 'unshare', errno: 'EPERM', text: 'unshare(CLONE_NEWUSER)', pid: 7 },
    ],
    [
      'syscall_0x1c4(0xffffff9c, 0x55) = -1 ENOSYS (Function not implemented)',
      { syscall: 'fchmodat2', errno: 'ENOSYS' },
    ],
  ])('%s', (line, expected) => expect(decodeLine(line, 'x86_64')).toMatchObject(expected));

  it.each([
    'openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOENT (No such file or directory)',
    'type=ANOM_ABEND msg=audit(1600172800.965:1): auid=1 uid=1 gid=1 ses=1 pid=44 comm="x" exe="/x" sig=11 res=1',
    'type=SYSCALL msg=audit(1600172800.965:1): arch=c000003e syscall=59 success=no exit=-13 a0=1',
    'kernel: seccomp is a word, and so is SIGSYS',
    '{"MESSAGE": "nothing"}',
    '{"broken',
    '',
  ])('passes over %s', (line) => expect(decodeLine(line, 'x86_64')).toBeUndefined());
});
