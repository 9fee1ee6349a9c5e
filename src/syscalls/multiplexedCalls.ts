/** Calls of socketcall(2): SYS_* of include/uapi/linux/net.h. */
export const SOCKET_CALLS: ReadonlyMap<string, number> = new Map(
  [
    'socket',
    'bind',
    'connect',
    'listen',
    'accept',
    'getsockname',
    'getpeername',
    'socketpair',
    'send',
    'recv',
    'sendto',
    'recvfrom',
    'shutdown',
    'setsockopt',
    'getsockopt',
    'sendmsg',
    'recvmsg',
    'accept4',
    'recvmmsg',
    'sendmmsg',
  ].map((name, index) => [name, index + 1]),
);

/** Calls of ipc(2): include/uapi/linux/ipc.h. */
export const IPC_CALLS: ReadonlyMap<string, number> = new Map([
  ['semop', 1],
  ['semget', 2],
  ['semctl', 3],
  ['semtimedop', 4],
  ['msgsnd', 11],
  ['msgrcv', 12],
  ['msgget', 13],
  ['msgctl', 14],
  ['shmat', 21],
  ['shmdt', 22],
  ['shmget', 23],
  ['shmctl', 24],
]);
