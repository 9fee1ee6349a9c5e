// How long thirty mixed manifests take (one of 3,000 lines) on four kinds of nodes, start of the process included.
// node scripts/run.mjs bench/kubernetes.ts [--json], after npm run build
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { manyManifests } from '../test/kubernetes/manyManifests.js';

const RUNS = 7;
const NODES = ['containerd@1.4.9', 'containerd@1.7.27', 'containerd@2.1', 'cri-o@1.30+crun'];
const directory = mkdtempSync(join(tmpdir(), 'callgate-bench-'));

function measure(verb: string, ...flags: readonly string[]): object {
  const args = ['dist/callgate.js', 'k8s', verb, directory, ...flags, '--format', 'json'];
  const wall: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: resolve('.'), maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
    wall.push(performance.now() - started);
  }
  wall.sort((a, b) => a - b);
  return { verb, leastMs: Math.round(wall[0] ?? 0), medianMs: Math.round(wall[RUNS >> 1] ?? 0) };
}

try {
  for (const [name, text] of manyManifests()) writeFileSync(join(directory, name), text);
  const nodes = NODES.flatMap((node) => ['--node', node]);
  const rows = [
    measure('impact', '--to', 'RuntimeDefault', ...nodes),
    measure('explain', '--call', 'clone3,fchmodat2', ...nodes),
  ];
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`);
  else console.table(rows);
} finally {
  rmSync(directory, { recursive: true });
}
