import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../../src/bpf/compile.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import type { Explanation } from '../../../src/explain/explanation.js';
import type { LayerFacts } from '../../../src/explain/layers/facts.js';
import { predict } from '../../../src/explain/predict.js';
import { usable } from '../../../src/explain/usable.js';
import { why } from '../../../src/explain/why.js';
import { hostLayerFacts } from '../../../src/linux/host/layerFacts.js';
import { launch } from '../../../src/linux/spawn.js';
import { abi } from '../../../src/syscalls/abis.js';
import { parseCall } from '../../../src/syscalls/call.js';
import { errnoName } from '../../../src/syscalls/constants.js';
import type { LayerCase } from './cases.js';

const host = hostLayerFacts();

function contextOf({ filtered, add = [], drop = [] }: LayerCase) {
  return resolveContext({
    engine: 'docker@28.5.2',
    arch: 'x86_64',
    hostKernel: release(),
    capAdd: add,
    capDrop: drop,
    securityOpt: filtered === true ? [] : ['seccomp=unconfined'],
  });
}

/** No profile of AppArmor's is put on the probe. */
function factsOf({ facts = {}, uid = 0 }: LayerCase): LayerFacts {
  return {
    apparmor: false,
    userNamespace: 'initial',
    ...(uid === 0 ? {} : { user: 'other' }),
    ...facts,
    sysctls: new Map([...(host.sysctls ?? []), ...(facts.sysctls ?? [])]),
  };
}

/** What callgate says of a case on this host's kernel. */
export async function foretell(row: LayerCase): Promise<Explanation> {
  const { context } = await contextOf(row);
  return why(parseCall(row.call, 'x86_64'), context, factsOf(row));
}

/** A setting of the host that is another than the case's cannot be had without changing the host. */
export function lacking({ facts, before = [], notRun }: LayerCase): string | undefined {
  if (notRun !== undefined) return notRun;
  const other = [...(facts?.sysctls ?? [])].find(
    ([name, value]) =>
      !name.startsWith('net.') &&
      !before.some((word) => word.startsWith(`/proc/sys/${name.replaceAll('.', '/')}=`)) &&
      host.sysctls?.get(name) !== value,
  );
  return other === undefined ? undefined : `${other[0]} is ${host.sysctls?.get(other[0]) ?? 'absent'} here`;
}

export interface Asker {
  /** The errno that the kernel answered, `0` for success. */
  readonly ask: (row: LayerCase) => Promise<string>;
  readonly remove: () => void;
}

/** Compiles the probe. */
export function asker(): Asker {
  const directory = mkdtempSync(join(tmpdir(), 'callgate-layers-'));
  chmodSync(directory, 0o755);
  const probe = join(directory, 'probe');
  execFileSync('gcc', ['-O1', '-static', '-o', probe, join(import.meta.dirname, 'probe.c')]);
  return {
    ask: (row) => askKernel(probe, row),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

async function askKernel(probe: string, row: LayerCase): Promise<string> {
  const { context } = await contextOf(row);
  const call = parseCall(row.call, 'x86_64');
  const memory = [...(row.memory ?? [])];
  const args = call.args.map((value) => (value === undefined ? (memory.shift() ?? '0') : `${value}`));
  const { policy } = usable(await predict(context));
  const { child } = launch(probe, [...(row.before ?? []), `${call.number}`, ...args], {
    filter: compile(policy, { nativeArch: abi('x86_64').auditArch }),
    capabilities: context.capabilities,
    ...(row.uid === undefined ? {} : { uid: row.uid, gid: row.uid }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the probe ended with ${code}: ${err}`);
  const errno = Number(out);
  return errno === 0 ? '0' : (errnoName(errno, 'x86_64') ?? out.trim());
}
