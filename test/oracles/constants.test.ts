import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { constantNames, constantValue } from '../../src/syscalls/constants.js';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { PATIENCE } from '../patience.js';

// glibc's headers and the kernel's cannot be included together, so each is asked by itself.
const HEADERS = (
  'sys/socket.h netinet/in.h sys/mman.h fcntl.h sched.h signal.h errno.h sys/stat.h sys/wait.h sys/ipc.h sys/shm.h ' +
  'sys/resource.h sys/epoll.h sys/file.h time.h unistd.h sys/eventfd.h sys/timerfd.h sys/inotify.h sys/xattr.h ' +
  'sys/ioctl.h sys/time.h sys/mount.h linux/prctl.h linux/ptrace.h linux/personality.h linux/netlink.h linux/futex.h ' +
  'linux/keyctl.h linux/bpf.h linux/seccomp.h linux/membarrier.h linux/io_uring.h linux/userfaultfd.h linux/memfd.h ' +
  'linux/random.h linux/close_range.h linux/kcmp.h linux/mempolicy.h linux/perf_event.h linux/mount.h ' +
  'linux/reboot.h linux/fs.h linux/landlock.h linux/fanotify.h linux/module.h linux/kexec.h linux/net.h ' +
  'linux/ipc.h linux/pidfd.h linux/mman.h linux/sched.h asm/prctl.h'
).split(' ');

const lacks = !hasCommand('gcc')
  ? 'gcc'
  : process.arch !== 'x64' || spawnSync('gcc', ['-E', '-'], { input: '#include <linux/bpf.h>' }).status !== 0
    ? 'linux-libc-dev for x86_64'
    : undefined;

describeWithOracle(lacks, 'constants against the headers of this machine', () => {
  test(
    'every constant that a header defines has its value',
    () => {
      const names = new Set(constantNames);
      const found = new Map<string, bigint>();
      const folder = mkdtempSync(join(tmpdir(), 'callgate-constants-'));
      try {
        for (const header of HEADERS) {
          const include = `#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n#include <sys/types.h>\n#include <${header}>\n`;
          const macros = spawnSync('gcc', ['-E', '-dM', '-'], { input: include, encoding: 'utf8' });
          const text = spawnSync('gcc', ['-E', '-P', '-'], { input: include, encoding: 'utf8' });
          if (macros.status !== 0) continue;
          const defined = new Set([
            ...[...macros.stdout.matchAll(/^#define (\w+) /gm)].map(([, name]) => name),
            ...[...text.stdout.matchAll(/\b[A-Z][A-Z0-9_]+\b/g)].map(([name]) => name),
          ]);
          const asked = [...names].filter((name) => defined.has(name) && !found.has(name));
          const source = join(folder, 'ask.c');
          const program = join(folder, 'ask');
          const lines = asked.map((name) => `printf("${name} %lld\\n", (long long)(${name}));`);
          for (;;) {
            const body = `${include}int main(void) {\n${lines.join('\n')}\nreturn 0; }\n`;
            writeFileSync(source, body);
            const built = spawnSync('gcc', ['-w', '-fmax-errors=0', source, '-o', program], {
              encoding: 'utf8',
            });
            if (built.status === 0) break;
            const bad = new Set(
              [...built.stderr.matchAll(/ask\.c:(\d+):\d+: error/g)].map(([, line]) => Number(line) - 7),
            );
            const kept = lines.filter((_, index) => !bad.has(index));
            if (kept.length === lines.length) throw new Error(built.stderr.slice(0, 500));
            lines.splice(0, lines.length, ...kept);
          }
          for (const line of spawnSync(program, { encoding: 'utf8' }).stdout.trim().split('\n')) {
            const [name, value] = line.split(' ');
            if (name !== undefined && value !== undefined) found.set(name, BigInt(value));
          }
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
      expect(found.size).toBeGreaterThan(1000);
      const differing = [...found].filter(([name, value]) => constantValue(name, 'x86_64') !== value);
      expect(differing).toEqual([]);
    },
    60_000 * PATIENCE,
  );
});
