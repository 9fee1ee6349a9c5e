// Builds src/web into a directory of static files that any server can serve.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { licensesOf } from './licenses.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Every address in the page is relative, so that it works below any path. */
export async function buildPage(outDir) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const output = [];
  // Of the page and of its worker, which Vite's own list of licences leaves out.
  const collect = {
    name: 'collect',
    generateBundle: (_, bundle) => void output.push(...Object.values(bundle)),
  };
  await build({
    configFile: false,
    root: join(root, 'src/web'),
    base: './',
    logLevel: 'warn',
    define: { __CALLGATE_VERSION__: JSON.stringify(version) },
    json: { stringify: true },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    plugins: [collect],
    worker: { format: 'es', plugins: () => [collect] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // light-dark() is left to the browser, which knows the reader's theme.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1000,
    },
  });
  writeFileSync(join(outDir, 'licenses.md'), licensesOf(output, 'the page'));
}
