// How many lines of audit logs are decoded in a second, on one core.
// node scripts/run.mjs bench/decode.ts [--json]

import { linesOf } from '../src/cli/io/lines.js';
import { recordJson } from '../src/cli/verbs/decode/json.js';
import { decoder } from '../src/explain/decode/decoder.js';
import samples from '../test/explain/decode/fixtures/samples.json' with { type: 'json' };

const LINES = 300_000;
const PIECE = 1 << 18;

const audit = samples.map(({ line }) => line).filter((line) => line.includes('syscall='));
const ordinary =
  'Nov 22 10:00:00 host systemd[1]: Started a service that has nothing to do with any of this.';

/** A log's bytes in pieces, as the kernel hands a file over. */
function pieces(lines: readonly string[]): readonly Uint8Array[] {
  const text = Buffer.from(
    `${Array.from({ length: LINES }, (_, n) => lines[n % lines.length]).join('\n')}\n`,
  );
  return Array.from({ length: Math.ceil(text.length / PIECE) }, (_, n) =>
    text.subarray(n * PIECE, (n + 1) * PIECE),
  );
}

/** Lines a second: from bytes to records, and to the text of JSON lines. Best of five, by CPU time. */
function measure(log: string, lines: readonly string[], toText: boolean) {
  const input = pieces(lines);
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const { line, end } = decoder('x86_64');
    const started = process.cpuUsage();
    for (const batch of linesOf(input)) {
      let output = '';
      for (const one of batch) {
        for (const record of line(one)) {
          if (toText && record.kind === 'seccomp') output += recordJson(record);
        }
      }
      Buffer.byteLength(output);
    }
    end();
    const { user, system } = process.cpuUsage(started);
    best = Math.max(best, (LINES / (user + system)) * 1e6);
  }
  return { log, to: toText ? 'JSON lines' : 'records', linesPerSecond: Math.round(best) };
}

const mixed = audit.flatMap((line) => [line, ...Array.from({ length: 9 }, () => ordinary)]);
const rows = [
  measure('audit records only', audit, false),
  measure('audit records only', audit, true),
  measure('one record in ten lines', mixed, true),
];
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`);
else console.table(rows);
