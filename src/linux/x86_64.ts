import { assembler, littleEndian } from './assembler.js';
import type { CodeParameters, Machine } from './machine.js';
import { AT, ENTRY_BYTES, EXIT_LAUNCHER, EXIT_NOT_EXECUTABLE } from './table.js';

const WRITE = 1;
const EXECVE = 59;
const EXIT = 60;
const EXIT_GROUP = 231;

/** arch/x86/entry/syscalls/syscall_64.tbl. */
const numbers = {
  fcntl: 72,
  prctl: 157,
  capset: 126,
  setgroups: 116,
  setgid: 106,
  setuid: 105,
  clone: 56,
  futex: 202,
  sendmsg: 46,
  close: 3,
  gettid: 186,
  seccomp: 317,
  exit: 60,
} as const;

/**
 * rbx: the entry, r12: argv, r13: envp, ebp: the exit code. syscall(2) destroys rcx and r11. The stack is only
 * read, so the thread of a clone can share it.
 */
function code({ table, report, statusFd }: CodeParameters): Uint8Array {
  const asm = assembler();
  const jump = (opcode: number, target: string): void => {
    asm.emit([opcode]);
    asm.fixup(target, (view, at, distance) => {
      if (distance - 1 < -128 || distance - 1 > 127) throw new RangeError(`${target} is too far`);
      view.setInt8(at, distance - 1);
    });
    asm.emit([0]);
  };
  const je = (target: string): void => jump(0x74, target);
  const jne = (target: string): void => jump(0x75, target);
  const jae = (target: string): void => jump(0x73, target);
  const jmp = (target: string): void => jump(0xeb, target);

  asm.emit([0x4c, 0x8d, 0x64, 0x24, 0x08]); // lea r12, [rsp+8]
  asm.emit([0x48, 0x8b, 0x0c, 0x24]); // mov rcx, [rsp]
  asm.emit([0x4d, 0x8d, 0x6c, 0xcc, 0x08]); // lea r13, [r12+rcx*8+8]
  asm.emit([0xbb, ...littleEndian(table)]); // mov ebx, table

  asm.label('next');
  asm.emit([0x8b, 0x03]); // mov eax, [rbx]
  asm.emit([0x83, 0xf8, 0xff]); // cmp eax, EXECUTE
  je('execute');
  asm.emit([0x8b, 0x7b, AT.args]); // mov edi, [rbx+4]
  asm.emit([0x83, 0xf8, 0xfe]); // cmp eax, WAIT
  je('wait');
  asm.emit([0x8b, 0x73, AT.args + 4]); // mov esi, [rbx+8]
  asm.emit([0x8b, 0x53, AT.args + 8]); // mov edx, [rbx+12]
  asm.emit([0x44, 0x8b, 0x53, AT.args + 12]); // mov r10d, [rbx+16]
  asm.emit([0x44, 0x8b, 0x43, AT.args + 16]); // mov r8d, [rbx+20]
  asm.emit([0x44, 0x8b, 0x4b, AT.args + 20]); // mov r9d, [rbx+24]
  asm.emit([0x8b, 0x4b, AT.fd]); // mov ecx, [rbx+44]
  asm.emit([0x85, 0xc9]); // test ecx, ecx
  je('call');
  asm.emit([0x8b, 0x39]); // mov edi, [rcx]
  asm.label('call');
  asm.emit([0x0f, 0x05]); // syscall
  asm.emit([0x48, 0x3d, ...littleEndian(-4095)]); // cmp rax, -4095
  jae('failed');
  asm.emit([0x8b, 0x4b, AT.store]); // mov ecx, [rbx+28]
  asm.emit([0x85, 0xc9]); // test ecx, ecx
  je('stored');
  asm.emit([0x89, 0x01]); // mov [rcx], eax
  asm.label('stored');
  asm.emit([0x85, 0xc0]); // test eax, eax
  jne('advance');
  asm.emit([0x8b, 0x4b, AT.thread]); // mov ecx, [rbx+40]
  asm.emit([0x85, 0xc9]); // test ecx, ecx
  je('advance');
  asm.emit([0x89, 0xcb]); // mov ebx, ecx
  jmp('next');

  asm.label('advance');
  asm.emit([0x48, 0x83, 0xc3, ENTRY_BYTES]); // add rbx, 48
  jmp('next');

  asm.label('wait');
  asm.emit([0xf3, 0x90]); // pause
  asm.emit([0x83, 0x3f, 0x00]); // cmp dword [rdi], 0
  je('wait');
  jmp('advance');

  asm.label('failed');
  asm.emit([0xf7, 0xd8]); // neg eax
  asm.emit([0x3b, 0x43, AT.ignore]); // cmp eax, [rbx+32]
  je('advance');
  asm.emit([0x3b, 0x43, AT.repeat]); // cmp eax, [rbx+36]
  je('next');
  asm.emit([0xbd, ...littleEndian(EXIT_LAUNCHER)]); // mov ebp, 125
  jmp('report');

  asm.label('execute');
  asm.emit([0x49, 0x8b, 0x3c, 0x24]); // mov rdi, [r12]
  asm.emit([0x49, 0x8d, 0x74, 0x24, 0x08]); // lea rsi, [r12+8]
  asm.emit([0x4c, 0x89, 0xea]); // mov rdx, r13
  asm.emit([0xb8, ...littleEndian(EXECVE), 0x0f, 0x05]); // mov eax, execve; syscall
  asm.emit([0xf7, 0xd8]); // neg eax
  asm.emit([0xbd, ...littleEndian(EXIT_NOT_EXECUTABLE)]); // mov ebp, 126
  asm.emit([0x83, 0xf8, 0x02]); // cmp eax, ENOENT
  jne('report');
  asm.emit([0xff, 0xc5]); // inc ebp: 127

  asm.label('report');
  asm.emit([0xbe, ...littleEndian(report)]); // mov esi, report
  asm.emit([0x89, 0x1e]); // mov [rsi], ebx
  asm.emit([0x89, 0x46, 0x04]); // mov [rsi+4], eax
  asm.emit([0xbf, ...littleEndian(statusFd)]); // mov edi, statusFd
  asm.emit([0xba, ...littleEndian(8)]); // mov edx, 8
  asm.emit([0xb8, ...littleEndian(WRITE), 0x0f, 0x05]); // mov eax, write; syscall
  asm.emit([0x89, 0xef]); // mov edi, ebp
  asm.emit([0xb8, ...littleEndian(EXIT_GROUP), 0x0f, 0x05]); // mov eax, exit_group; syscall
  asm.emit([0xb8, ...littleEndian(EXIT), 0x0f, 0x05]); // mov eax, exit; syscall
  asm.emit([0x0f, 0x0b]); // ud2: a filter that denies both exits still ends the process here
  return asm.finish();
}

export const x86_64: Machine = {
  name: 'x86_64',
  elfMachine: 62,
  auditArch: 0xc000003e,
  numbers,
  code,
};
