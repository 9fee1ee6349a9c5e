// Bundles src/ into dist/ (lazy parts stay separate chunks, so that a verb loads only the data that it touches)
// and writes the type declarations and the web page beside.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { licensesOf } from './licenses.mjs';
import { buildPage } from './page.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
// Built beside and then put in place, so that whoever uses the old one meanwhile never finds half of it.
const fresh = join(root, `.dist-${process.pid}`);
const stale = join(root, `.dist-${process.pid}-old`);
const { dependencies, optionalDependencies, version } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const external = Object.keys({ ...dependencies, ...optionalDependencies });

const common = {
  cwd: root,
  platform: 'node',
  external: (id) =>
    id.startsWith('node:') || external.some((name) => id === name || id.startsWith(`${name}/`)),
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  transform: { define: { __CALLGATE_VERSION__: JSON.stringify(version) } },
};
// What the command loads when it cannot do without.
const later = ['main', 'runReport', 'startPlan'];

rmSync(fresh, { recursive: true, force: true });
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
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: false } },
});
await bundle.close();
writeFileSync(join(fresh, 'licenses.md'), licensesOf(output));
// One small file, because each file that Node loads takes its time.
const command = await rolldown({
  ...common,
  input: 'src/cli/callgate.ts',
  plugins: [
    {
      name: 'later',
      resolveId: (id) => (later.some((name) => id === `./${name}.js`) ? { id, external: true } : undefined),
    },
  ],
});
await command.write({
  file: join(fresh, 'callgate.js'),
  format: 'esm',
  codeSplitting: false,
  minify: { compress: true, mangle: true, codegen: { removeWhitespace: true } },
});
await command.close();
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
