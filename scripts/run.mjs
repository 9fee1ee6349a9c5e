// Runs a TypeScript script on Node 20: node scripts/run.mjs SCRIPT.ts [ARGUMENT…]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node scripts/run.mjs SCRIPT.ts [ARGUMENT…]\n');
  process.exit(2);
}
// Below node_modules, where packages are found that cannot be bundled, and in reach of dist/.
const cache = fileURLToPath(new URL('../node_modules/.cache', import.meta.url));
await mkdir(cache, { recursive: true });
const directory = await mkdtemp(join(cache, 'callgate-script-'));
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
