// Writes what a release needs for Krew into a new directory: the archive callgate.tar.gz (the built package from this
// checkout; nothing is fetched) and its manifest callgate.yaml, from packaging/krew.yaml.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [directory, uri] = process.argv.slice(2);
if (directory === undefined || uri === undefined || existsSync(directory)) {
  console.error('usage: node scripts/krew.mjs NEW-DIRECTORY ADDRESS-OF-THE-ARCHIVE');
  process.exit(2);
}
const { files, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const content = join(directory, 'content');
mkdirSync(content, { recursive: true });
// A reader of declarations is no user of kubectl.
for (const name of ['package.json', 'LICENSE', ...files]) {
  cpSync(join(root, name), join(content, name), {
    recursive: true,
    filter: (path) => path !== join(root, 'dist', 'types'),
  });
}
const archive = join(directory, 'callgate.tar.gz');
// The same checkout makes the same bytes.
const same = [
  '--sort=name',
  '--mtime=@0',
  '--owner=0',
  '--group=0',
  '--numeric-owner',
  '--mode=a+rX,u+w,go-w',
];
execFileSync('tar', [...same, '-I', 'gzip -n', '-cf', archive, '-C', content, '.'], { stdio: 'inherit' });
rmSync(content, { recursive: true });
const words = { version, uri, sha256: createHash('sha256').update(readFileSync(archive)).digest('hex') };
const manifest = readFileSync(join(root, 'packaging', 'krew.yaml'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\{\{(\w+)\}\}/g, (_, name) => words[name]);
writeFileSync(join(directory, 'callgate.yaml'), manifest);
