// Runs a TypeScript script on Node 20: node scripts/run.mjs SCRIPT.ts [ARGUMENT…]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node scripts/run.mjs SCRIPT.ts [ARGUMENT…]\n');
  process.exit(2);
}
const directory = await mkdtemp(join(tmpdir(), 'callgate-script-'));
try {
  const file = join(directory, 'script.mjs');
  await build({
    input: script,
    platform: 'node',
    logLevel: 'warn',
    output: { file, format: 'esm', codeSplitting: false },
  });
  process.argv = [process.execPath, resolve(script), ...rest];
  await import(pathToFileURL(file).href);
} finally {
  await rm(directory, { recursive: true });
}
