// All measurements, with the peers in the same run: `npm run bench` writes docs/benchmarks.md.
// Needs gcc; measures libseccomp, bubblewrap, firejail and strace where they are installed.
import { rmSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { filterTables } from './filters.js';
import { markdown, scratch } from './measure.js';
import { startTables } from './starts.js';

try {
  const tables = [...(await filterTables()), ...(await startTables())];
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Linux ${release()}, Node.js ${process.versions.node}`;
  const text = [
    '# Benchmarks',
    '',
    `\`npm run bench\` on ${machine}, ${new Date().toISOString().slice(0, 10)}. Compare figures within one run only.`,
    '',
    ...tables.map(markdown),
  ].join('\n');
  writeFileSync('docs/benchmarks.md', text);
  process.stdout.write(text);
} finally {
  rmSync(scratch, { recursive: true });
}
