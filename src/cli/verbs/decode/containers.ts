import type { Context } from '../../../engine/context.js';
import type { ContextInput } from '../../../engine/contextInput.js';
import { resolveContext } from '../../../engine/resolveContext.js';
import { type KnownSet, nearnessOf } from '../../../explain/decode/knownSets.js';
import { predict } from '../../../explain/predict.js';
import { countVerdicts, summarize } from '../../../explain/summary.js';
import { type InspectedContainer, readDockerInspects } from '../../../profile/dockerInspect.js';
import { printable } from '../../../profile/printable.js';
import { type ContextFlags, resolveFlags } from '../../context/contextFlags.js';
import { contextLine } from '../../context/contextLine.js';
import type { Io } from '../../io/io.js';
import { contextJson } from '../../output/json.js';
import { paint, wrap } from '../../output/paint.js';

/** What confines a container that `docker inspect` describes. */
export interface ConfinedContainer {
  readonly kind: 'container';
  readonly name: string;
  readonly privileged: boolean;
  readonly seccomp: { readonly kind: InspectedContainer['seccomp']['kind']; readonly effect: string };
  readonly capabilities: readonly string[];
  readonly nearest?: string;
  readonly noNewPrivileges: boolean;
  readonly appArmor?: string;
  readonly labels: readonly string[];
  readonly maskedPaths?: number;
  readonly context: object;
  readonly contextLine: string;
  readonly notes: readonly string[];
}

/**
 * Reads the output of `docker inspect`, and says what the engine of the flags makes of each container.
 *
 * @throws CallgateError `INPUT` for a text that is none
 */
export async function decodeContainers(
  text: Uint8Array,
  file: string,
  flags: ContextFlags,
  known: readonly KnownSet[],
  io: Io,
): Promise<readonly ConfinedContainer[]> {
  // Whatever the flags say of engine, runtime, libseccomp and kernel; the rest is the container's own.
  const { resolved: base } = await resolveFlags(flags, io);
  const found: ConfinedContainer[] = [];
  for (const container of readDockerInspects(text, file)) {
    const { seccomp, capAdd: _, capDrop: __, ...rest } = container;
    const { context, notes } = await resolveContext(inspectedInput(container, base.context));
    const nearest = nearnessOf(context.capabilities, known);
    found.push({
      kind: 'container',
      ...rest,
      seccomp: { kind: seccomp.kind, effect: await effectOf(context) },
      capabilities: context.capabilities,
      ...(nearest === undefined ? {} : { nearest }),
      context: contextJson(context),
      contextLine: await contextLine(context),
      notes: [...base.notes, ...notes].map((note) => note.text),
    });
  }
  return found;
}

function inspectedInput(
  { seccomp, capAdd, capDrop, privileged }: InspectedContainer,
  { engine, runtime, libseccomp, kernel, arch }: Context,
): ContextInput {
  return {
    engine: `${engine.name}@${engine.version}`,
    runtime: `${runtime.name}@${runtime.version}`,
    libseccomp,
    kernel,
    arch,
    capAdd,
    capDrop,
    privileged,
    ...(seccomp.kind === 'profile' ? { profile: seccomp.profile } : {}),
    ...(seccomp.kind === 'unconfined' ? { securityOpt: ['seccomp=unconfined'] } : {}),
  };
}

async function effectOf(context: Context): Promise<string> {
  const prediction = await predict(context);
  switch (prediction.kind) {
    case 'filter': {
      const rows = summarize(prediction.policy, [context.arch]);
      const { denied, conditional, total } = countVerdicts(rows);
      return `${denied} of ${total} calls are denied, ${conditional} depend on their arguments`;
    }
    case 'unconfined':
      return `no filter: ${prediction.reason}`;
    case 'loadError':
      return `no container starts with this profile: ${prediction.message}`;
    case 'unknown':
      return prediction.message;
  }
}

const WIDTH = 14;
const INDENT = ' '.repeat(WIDTH + 2);

/** A container for a person: one line for each thing that can deny. */
export function containerText(container: ConfinedContainer, io: Io): string {
  const colours = paint(io);
  const { name, privileged, seccomp, capabilities, nearest, noNewPrivileges, appArmor, labels, maskedPaths } =
    container;
  const profile = {
    default: 'the engine’s default profile',
    unconfined: 'unconfined',
    profile: 'a profile of its own',
  };
  const names = capabilities.map((cap) => cap.replace(/^CAP_/, '')).join(' ') || 'none';
  const rows: readonly (readonly [string, string])[] = [
    ['privileged', privileged ? 'yes: every capability and device, no AppArmor, no masked paths' : 'no'],
    ['seccomp', `${profile[seccomp.kind]}: ${seccomp.effect}`],
    ['capabilities', nearest ?? names],
    ...(nearest === undefined ? [] : [['', names] as const]),
    [
      'no_new_privs',
      noNewPrivileges ? 'set: setuid programs and file capabilities have no effect' : 'not set',
    ],
    ['AppArmor', appArmor ?? 'not told'],
    ...(labels.length === 0 ? [] : [['SELinux', labels.join(' ')] as const]),
    ...(maskedPaths === undefined ? [] : [['masked paths', `${maskedPaths}`] as const]),
  ];
  const lines = [
    `${colours.bold(name === '' ? 'container' : printable(name))}  ${colours.dim(container.contextLine)}`,
    ...rows.map(
      ([key, text]) => `  ${colours.cyan(key.padEnd(WIDTH))}${wrap(printable(text), io.columns, INDENT)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
