// The bill of materials of the package (CycloneDX, to standard output): what is installed with it, and what a build has
// put into dist/. Asks the npm registry for the tool.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Packages named in the lists of licences that the build writes: `name version (…)`, `name - version (…)`. */
const bundled = ['dist/licenses.md', 'dist/web/licenses.md'].flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/^## (\S+) (?:- )?(\d\S*) \(/gm)].map(
    ([, name, version]) => `${name}@${version}`,
  ),
);

const tool = ['--yes', '@cyclonedx/cyclonedx-npm@6', '--package-lock-only'];
const bill = JSON.parse(execFileSync('npx', tool, { encoding: 'utf8', maxBuffer: 1 << 28 }));
const isInstalled = ({ properties = [] }) =>
  !properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
const nameOf = ({ group, name, version }) => `${group === undefined ? name : `${group}/${name}`}@${version}`;

const components = bill.components.filter((part) => isInstalled(part) || bundled.includes(nameOf(part)));
const missing = bundled.filter((name) => !components.some((part) => nameOf(part) === name));
if (missing.length > 0) throw new Error(`not in package-lock.json: ${missing}`);
const kept = new Set([bill.metadata.component['bom-ref'], ...components.map((part) => part['bom-ref'])]);
const dependencies = bill.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
process.stdout.write(`${JSON.stringify({ ...bill, components, dependencies }, null, 2)}\n`);
