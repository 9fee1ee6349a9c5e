// Writes the build context of the agent's image (packaging/agent/Containerfile) into a new directory: the built package
// and what it needs at run time, from this checkout; nothing is fetched.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [directory] = process.argv.slice(2);
if (directory === undefined || existsSync(directory)) {
  console.error('usage: node scripts/agent-context.mjs NEW-DIRECTORY');
  process.exit(2);
}
const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const target = join(directory, 'callgate');
mkdirSync(join(target, 'node_modules'), { recursive: true });
for (const file of ['package.json', 'LICENSE', 'NOTICE']) cpSync(join(root, file), join(target, file));
cpSync(join(root, 'dist'), join(target, 'dist'), {
  recursive: true,
  filter: (path) => !['web', 'types'].some((name) => path === join(root, 'dist', name)),
});
for (const name of Object.keys(optionalDependencies)) {
  const from = join(root, 'node_modules', name);
  // npm has installed those of this machine.
  if (existsSync(from))
    cpSync(from, join(target, 'node_modules', name), { recursive: true, dereference: true });
}
cpSync(join(root, 'packaging/agent/Containerfile'), join(directory, 'Dockerfile'));
readable(target);

/** The image's user is none of those who own files here. */
function readable(path) {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) readable(below);
    else chmodSync(below, 0o644);
  }
}
