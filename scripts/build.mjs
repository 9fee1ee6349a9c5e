// Bundles src/ into dist/ (lazy parts stay separate chunks, so that a verb loads only the data that it touches)
// and writes the type declarations and the web page beside.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { facts, isFact } from './facts.mjs';
import { licensesOf } from './licenses.mjs';
import { buildPage } from './page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
// Built beside and then put in place, so that whoever uses the old one meanwhile never finds half of it.
const fresh = join(root, `.dist-${process.pid}`);
const stale = join(root, `.dist-${process.pid}-old`);
const { optionalDependencies, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const external = Object.keys(optionalDependencies);

const common = {
  cwd: root,
  platform: 'node',
  external: (id) =>
    id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
  resolve: {
    extensionAlias: { '.js': ['.ts', '.js'] },
    // What Node would take of them is CommonJS: it cannot be cut to what is used, and its shim needs node:module.
    alias: {
      yaml: join(root, 'node_modules/yaml/browser/index.js'),
      'compare-versions': join(root, 'node_modules/compare-versions/lib/esm/index.js'),
    },
  },
  transform: { define: { __CALLGATE_VERSION__: JSON.stringify(version) } },
  plugins: [facts],
};
// Names stay, for the stack of a failure that nobody foresaw.
const minify = { compress: true, mangle: false, codegen: { removeWhitespace: true } };
// What the command loads when it cannot do without.
const later = ['main', 'runReport', 'startPlan'];
// Each is one file, because each file that Node loads takes its time; `run` has its own, for it starts most often.
const small = ['callgate', 'keptRun'];

/** One byte for each character is half the memory, and read in half the time. */
const ascii = (code) =>
  code.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The rooms that may import from Node, and the packages that ask for what they need by require(). */
const needsNode = (id) =>
  /\/src\/(cli|linux|web)\/|\/node_modules\/(commander|picocolors|prom-client)\//.test(id);

rmSync(fresh, { recursive: true, force: true });
// A build that fails leaves nothing behind.
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
const bundle = await rolldown({
  ...common,
  input: {
    index: 'src/index.ts',
    linux: 'src/linux/index.ts',
    ...Object.fromEntries(later.map((name) => [name, `src/cli/${name}.ts`])),
    supervisorWorker: 'src/linux/supervisor/worker.ts',
    watchWorker: 'src/linux/watch/agentWorker.ts',
    memoryReaderWorker: 'src/linux/watch/memoryReaderWorker.ts',
  },
});
const { output } = await bundle.write({
  dir: fresh,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  minify,
  // What many share is two files: whoever uses the library in a browser must not meet the parts that need Node.
  codeSplitting: {
    groups: [
      { name: 'core', minShareCount: 6, test: (id) => !isFact(id) && !needsNode(id), priority: 1 },
      { name: 'host', minShareCount: 6, test: needsNode },
    ],
  },
});
await bundle.close();
for (const { fileName, code } of output)
  if (code !== undefined) writeFileSync(join(fresh, fileName), ascii(code));
writeFileSync(join(fresh, 'licenses.md'), licensesOf(output, 'dist/chunks'));
for (const name of small) {
  const rest = [...later, ...small].filter((other) => other !== name).map((other) => `./${other}.js`);
  const part = await rolldown({
    ...common,
    input: `src/cli/${name}.ts`,
    plugins: [
      facts,
      { name: 'rest', resolveId: (id) => (rest.includes(id) ? { id, external: true } : undefined) },
    ],
  });
  await part.write({
    file: join(fresh, `${name}.js`),
    format: 'esm',
    codeSplitting: false,
    minify: { compress: true, mangle: true, codegen: { removeWhitespace: true } },
  });
  await part.close();
}
chmodSync(join(fresh, 'callgate.js'), 0o755);
const typescript = join(root, 'node_modules/typescript/bin/tsc');
const types = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(fresh, 'types')];
execFileSync(process.execPath, [typescript, ...types], { stdio: 'inherit' });
mkdirSync(join(fresh, 'man'));
writeFileSync(
  join(fresh, 'man', 'callgate.1'),
  execFileSync(process.execPath, [join(fresh, 'callgate.js'), 'man']),
);
await buildPage(join(fresh, 'web'));
if (existsSync(dist)) renameSync(dist, stale);
renameSync(fresh, dist);
rmSync(stale, { recursive: true, force: true });
