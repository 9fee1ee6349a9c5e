// Asks the kernel whether it takes seccomp filters, without ever putting one in force: SECCOMP_FILTER_FLAG_TSYNC makes
// seccomp(2) check and convert the program first and then fail with the id of a thread that cannot follow, here a worker
// that has a filter of its own. Reads programs (32-bit length, then bytes) from the file named by argument 1 and
// prints one character each: 1 taken, 0 EINVAL.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const koffi = createRequire(import.meta.url)('@koromix/koffi-linux-x64');
const libc = koffi.load('libc.so.6');
const prctl = libc.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
const syscall = libc.func('long syscall(long, unsigned long, unsigned long, void *)');
const [SYS_SECCOMP, SET_MODE_FILTER, TSYNC, EINVAL, PR_SET_NO_NEW_PRIVS] = [317, 1, 1, 22, 38];

function load(bytes, flags) {
  const program = Buffer.from(bytes.length > 0 ? bytes : [0]);
  const fprog = Buffer.alloc(16);
  fprog.writeUInt16LE(bytes.length / 8, 0);
  fprog.writeBigUInt64LE(koffi.address(program), 8);
  const result = syscall(SYS_SECCOMP, SET_MODE_FILTER, flags, fprog);
  const errno = koffi.errno();
  return result < 0 ? -errno : Number(result);
}

if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('no_new_privs');
if (!isMainThread) {
  const allow = Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]);
  if (load(allow, 0) !== 0) throw new Error(`worker: ${koffi.errno()}`);
  parentPort.postMessage('ready');
  setInterval(() => {}, 1000);
} else {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', () => {
    const input = readFileSync(process.argv[2]);
    let verdicts = '';
    for (let at = 0; at < input.length; ) {
      const length = input.readUInt32LE(at);
      const result = load(input.subarray(at + 4, at + 4 + length), TSYNC);
      if (result <= 0 && result !== -EINVAL) throw new Error(`seccomp(2) gave ${result}`);
      verdicts += result > 0 ? '1' : '0';
      at += 4 + length;
    }
    process.stdout.write(verdicts, () => process.exit(0));
  });
}
