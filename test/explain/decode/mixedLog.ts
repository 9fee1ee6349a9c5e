import samples from './fixtures/samples.json' with { type: 'json' };

export interface Piece {
  readonly bytes: Uint8Array;
  readonly lines: number;
  /** Of the lines, those that hold a record. */
  readonly records: number;
}

type Line = readonly [text: string | Buffer, records: number];

const TAIL = 'sig=0 arch=c000003e syscall=165 compat=0 ip=0x7f01 code=0x50000';
const BODY = `auid=1 uid=0 gid=0 ses=1 pid=5 comm="mount" exe="/bin/mount" ${TAIL}`;
const RECORD = `audit: type=1326 audit(1600172800.965:102): ${BODY}`;

/** What logs hold: records in every wrapping, lines of other programs, and damage. */
const USUAL: readonly Line[] = [
  ...samples.map(({ line }): Line => [line, 1]),
  [`Nov 22 10:00:00 host kernel: [   12.5] ${RECORD}`, 1],
  [`[Sun Nov 22 10:00:00 2026] ${RECORD}`, 1],
  [JSON.stringify({ __REALTIME_TIMESTAMP: '1700000000000000', MESSAGE: `SECCOMP ${BODY}` }), 1],
  [JSON.stringify({ MESSAGE: [...Buffer.from(`SECCOMP ${BODY}`)] }), 1],
  [`2026-11-22T10:00:00.123456789Z stderr F ${RECORD}`, 1],
  [`2026-11-22 10:00:00 +0000 kube.x: ${JSON.stringify({ log: `${RECORD}\n` })}`, 1],
  [`${RECORD}\r`, 1],
  ['7 unshare(CLONE_NEWUSER) = -1 EPERM (Operation not permitted)', 1],
  ['[pid 9] openat(AT_FDCWD, "/x", O_RDONLY) = -1 ENOENT (No such file or directory)', 0],
  ['type=SYSCALL msg=audit(1600172800.965:1): arch=c000003e syscall=59 success=no exit=-13 a0=1', 0],
  [RECORD.slice(0, -30), 1],
  [RECORD.slice(0, 60), 0],
  ['{"level":"info","msg":"a container started","syscall":"none"}', 0],
  ['{"broken', 0],
  [Buffer.from([0, 0, 0, 0]), 0],
  [Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]), 0],
  ['', 0],
];
const ORDINARY: Line = [
  'Nov 22 10:00:00 host systemd[1]: Started a service that has nothing to do with this.',
  0,
];
/** Longer than any record; what is behind the limit is left out. */
const LONG: Line = [`a program that writes no line ends: ${'x'.repeat(300_000)}`, 0];
/** One in as many rounds is long. */
const LONG_EVERY = 64;

/** A log of about so many bytes, piece by piece, with what a reader must find in it. */
export function* mixedLog(bytes: number): Generator<Piece> {
  const usual = round(USUAL.flatMap((line) => [line, ORDINARY, ORDINARY]));
  const long = round([LONG, ORDINARY]);
  let written = 0;
  for (let count = 1; written < bytes; count++) {
    const piece = count % LONG_EVERY === 0 ? long : usual;
    written += piece.bytes.length;
    yield piece;
  }
}

function round(lines: readonly Line[]): Piece {
  const bytes = Buffer.concat(lines.flatMap(([text]) => [Buffer.from(text), Buffer.from('\n')]));
  return { bytes, lines: lines.length, records: lines.reduce((sum, [, records]) => sum + records, 0) };
}
