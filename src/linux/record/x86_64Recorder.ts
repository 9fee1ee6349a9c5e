import { assembler, littleEndian } from '../assembler.js';
import {
  CLONE_THREAD_FLAGS,
  EINTR,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
} from '../constants.js';
import { elf, READ_BASE } from '../elf.js';
import { HASH_MULTIPLIER, LAYOUT, MAX_VALUES, PROBES } from './recorderTable.js';

/** Where the recorder finds the listener and the memory of {@link LAYOUT}. */
export const LISTENER_FD = 3;
export const TABLE_FD = 4;

const POLL = 7;
const MMAP = 9;
const IOCTL = 16;
const SCHED_YIELD = 24;
const CLONE = 56;
const EXIT_GROUP = 231;

const { kinds, values, sought, notification, response, poll } = LAYOUT;

/**
 * A static executable that lets every call go on that its listener gives it, and counts them in shared memory. It ends
 * when no process is left under the filter. In the loop of a JavaScript engine a call would take twice as long.
 *
 * rbx: the memory, r8: the call's key, r9: the multiplier, rbp: its slot, r14d: the mask, r15: the value's slot.
 * syscall(2) destroys rcx and r11.
 */
export function x86_64Recorder(): Uint8Array {
  const asm = assembler();
  const emit = (...bytes: number[]): void => asm.emit(bytes);
  const at = (base: number[], offset: number): void => emit(...base, ...littleEndian(offset));
  /** Near jumps: the distance takes 32 bits. */
  const jump = (opcode: number[], target: string): void => {
    emit(...opcode);
    asm.fixup(target, (view, place, distance) => view.setInt32(place, distance - 4, true));
    emit(0, 0, 0, 0);
  };
  const jmp = (target: string): void => jump([0xe9], target);
  const je = (target: string): void => jump([0x0f, 0x84], target);
  const jne = (target: string): void => jump([0x0f, 0x85], target);
  const jae = (target: string): void => jump([0x0f, 0x83], target);
  const jb = (target: string): void => jump([0x0f, 0x82], target);
  const jg = (target: string): void => jump([0x0f, 0x8f], target);
  const syscall = (number: number): void => {
    emit(0xb8, ...littleEndian(number)); // mov eax, number
    emit(0x0f, 0x05); // syscall
  };
  const ioctl = (request: number, argument: number): void => {
    emit(0xbf, ...littleEndian(LISTENER_FD)); // mov edi, LISTENER_FD
    emit(0xbe, ...littleEndian(request)); // mov esi, request
    at([0x48, 0x8d, 0x93], argument); // lea rdx, [rbx+argument]
    syscall(IOCTL);
  };

  emit(0x31, 0xff); // xor edi, edi
  emit(0xbe, ...littleEndian(LAYOUT.size)); // mov esi, size
  emit(0xba, ...littleEndian(3)); // mov edx, PROT_READ | PROT_WRITE
  emit(0x41, 0xba, ...littleEndian(1)); // mov r10d, MAP_SHARED
  emit(0x41, 0xb8, ...littleEndian(TABLE_FD)); // mov r8d, TABLE_FD
  emit(0x45, 0x31, 0xc9); // xor r9d, r9d
  syscall(MMAP);
  emit(0x48, 0x3d, ...littleEndian(-4095)); // cmp rax, -4095
  jae('failed');
  emit(0x48, 0x89, 0xc3); // mov rbx, rax

  // Linux before 6.11 lets a RECV wait for ever when the last process has gone, while poll tells of it everywhere. So that
  // the loop need not poll, a thread of its own waits: a call wakes nobody who asks for no event but the end.
  emit(0xbf, ...littleEndian(CLONE_THREAD_FLAGS)); // mov edi, CLONE_THREAD_FLAGS
  emit(0x31, 0xf6); // xor esi, esi: neither thread has a stack
  emit(0x31, 0xd2); // xor edx, edx
  emit(0x45, 0x31, 0xd2); // xor r10d, r10d
  emit(0x45, 0x31, 0xc0); // xor r8d, r8d
  syscall(CLONE);
  emit(0x48, 0x85, 0xc0); // test rax, rax
  jg('receive');
  jne('failed');

  asm.label('wait');
  at([0x48, 0x8d, 0xbb], poll); // lea rdi, [rbx+poll]
  emit(0xbe, ...littleEndian(1)); // mov esi, 1
  emit(0xba, ...littleEndian(-1)); // mov edx, -1
  syscall(POLL);
  emit(0x83, 0xf8, 1); // cmp eax, 1
  jne('wait');
  emit(0x31, 0xff); // xor edi, edi
  asm.label('exit');
  syscall(EXIT_GROUP);
  emit(0x0f, 0x0b); // ud2
  asm.label('failed');
  emit(0xbf, ...littleEndian(1)); // mov edi, 1
  jmp('exit');

  // The caller is gone again, or all are, and the other thread is about to end this one.
  asm.label('nobody');
  syscall(SCHED_YIELD);
  asm.label('receive');
  at([0x48, 0x8d, 0xbb], notification); // lea rdi, [rbx+notification]
  emit(0x31, 0xc0); // xor eax, eax
  emit(0xb9, ...littleEndian(LAYOUT.notificationBytes / 8)); // mov ecx, words
  emit(0xf3, 0x48, 0xab); // rep stosq: the kernel wants zeros
  ioctl(SECCOMP_IOCTL_NOTIF_RECV, notification);
  emit(0x85, 0xc0); // test eax, eax
  jne('nobody');
  at([0x48, 0xff, 0x83], LAYOUT.calls); // inc qword [rbx+calls]
  at([0x4c, 0x8b, 0x83], notification + 16); // mov r8, [rbx+notification.data]: nr, arch
  emit(0x49, 0xb9, ...littleEndian(Number(HASH_MULTIPLIER & 0xffffffffn))); // mov r9, multiplier
  emit(...littleEndian(Number(HASH_MULTIPLIER >> 32n)));
  emit(0x4c, 0x89, 0xc0); // mov rax, r8
  emit(0x49, 0x0f, 0xaf, 0xc1); // imul rax, r9
  emit(0x48, 0xc1, 0xe8, 64 - LAYOUT.kindBits); // shr rax, 52
  emit(0xb9, ...littleEndian(PROBES)); // mov ecx, PROBES

  asm.label('kind');
  emit(0x48, 0x89, 0xc5); // mov rbp, rax
  emit(0x48, 0xc1, 0xe5, Math.log2(LAYOUT.kindBytes)); // shl rbp, 5
  at([0x48, 0x8d, 0xac, 0x2b], kinds); // lea rbp, [rbx+rbp+kinds]
  emit(0x48, 0x8b, 0x55, 0); // mov rdx, [rbp]
  emit(0x4c, 0x39, 0xc2); // cmp rdx, r8
  je('known');
  emit(0x48, 0x85, 0xd2); // test rdx, rdx
  je('new');
  emit(0xff, 0xc0); // inc eax
  emit(0x25, ...littleEndian(2 ** LAYOUT.kindBits - 1)); // and eax, 4095
  emit(0xff, 0xc9); // dec ecx
  jne('kind');
  at([0x48, 0xff, 0x83], LAYOUT.lost); // inc qword [rbx+lost]
  jmp('answer');
  asm.label('new');
  emit(0x4c, 0x89, 0x45, 0); // mov [rbp], r8
  asm.label('known');
  emit(0x48, 0xff, 0x45, 8); // inc qword [rbp+8]
  emit(0x44, 0x8b, 0x75, 16); // mov r14d, [rbp+16]
  emit(0x45, 0x85, 0xf6); // test r14d, r14d
  je('answer');

  emit(0x4c, 0x89, 0xc0); // mov rax, r8
  emit(0x31, 0xc9); // xor ecx, ecx
  asm.label('argument');
  emit(0x31, 0xd2); // xor edx, edx
  emit(0x41, 0x0f, 0xa3, 0xce); // bt r14d, ecx
  jae('masked');
  at([0x48, 0x8b, 0x94, 0xcb], notification + 32); // mov rdx, [rbx+rcx*8+notification.data.args]
  asm.label('masked');
  at([0x48, 0x89, 0x94, 0xcb], sought + 8); // mov [rbx+rcx*8+sought+8], rdx
  emit(0x48, 0x31, 0xd0); // xor rax, rdx
  emit(0x49, 0x0f, 0xaf, 0xc1); // imul rax, r9
  emit(0x48, 0x89, 0xc2); // mov rdx, rax
  emit(0x48, 0xc1, 0xea, 32); // shr rdx, 32
  emit(0x48, 0x31, 0xd0); // xor rax, rdx
  emit(0xff, 0xc1); // inc ecx
  emit(0x83, 0xf9, 6); // cmp ecx, 6
  jb('argument');
  at([0x4c, 0x89, 0x83], sought); // mov [rbx+sought], r8
  emit(0x25, ...littleEndian(2 ** LAYOUT.valueBits - 1)); // and eax, 65535
  emit(0x41, 0xba, ...littleEndian(PROBES)); // mov r10d, PROBES

  asm.label('value');
  emit(0x41, 0x89, 0xc7); // mov r15d, eax
  emit(0x49, 0xc1, 0xe7, Math.log2(LAYOUT.valueBytes)); // shl r15, 6
  at([0x4e, 0x8d, 0xbc, 0x3b], values); // lea r15, [rbx+r15+values]
  at([0x48, 0x8d, 0xb3], sought); // lea rsi, [rbx+sought]
  emit(0x4c, 0x89, 0xff); // mov rdi, r15
  emit(0xb9, ...littleEndian(7)); // mov ecx, 7
  emit(0x49, 0x83, 0x3f, 0); // cmp qword [r15], 0
  je('add');
  emit(0xf3, 0x48, 0xa7); // repe cmpsq
  je('count');
  emit(0xff, 0xc0); // inc eax
  emit(0x25, ...littleEndian(2 ** LAYOUT.valueBits - 1)); // and eax, 65535
  emit(0x41, 0xff, 0xca); // dec r10d
  jne('value');
  asm.label('full');
  emit(0x48, 0xff, 0x45, 24); // inc qword [rbp+24]
  jmp('answer');
  asm.label('add');
  emit(0x81, 0x7d, 20, ...littleEndian(MAX_VALUES)); // cmp dword [rbp+20], MAX_VALUES
  jae('full');
  emit(0xff, 0x45, 20); // inc dword [rbp+20]
  emit(0xf3, 0x48, 0xa5); // rep movsq
  asm.label('count');
  emit(0x49, 0xff, 0x47, 56); // inc qword [r15+56]

  asm.label('answer');
  at([0x48, 0x8b, 0x83], notification); // mov rax, [rbx+notification.id]
  at([0x48, 0x89, 0x83], response); // mov [rbx+response.id], rax
  // A stop signal may interrupt it before it has answered, and a freezer or tracer (notification.ts: repeated). Another
  // error says that the caller is gone.
  asm.label('send');
  ioctl(SECCOMP_IOCTL_NOTIF_SEND, response);
  emit(0x83, 0xf8, -EINTR & 0xff); // cmp eax, -EINTR
  je('send');
  jmp('receive');
  return elf({ machine: 62, entry: READ_BASE, read: asm.finish(), write: new Uint8Array() });
}
