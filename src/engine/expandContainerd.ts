import type { Note, Profile, ProfileRule } from '../profile/profile.js';
import { abi } from '../syscalls/abis.js';
import { architecturesOf } from './architectures.js';
import type { HostArch } from './archWords.js';
import { behaves } from './behaviours.js';
import { failedCondition, type World } from './condition.js';
import type { ExpandContext } from './expandDocker.js';
import type { DroppedRule, Expansion } from './expansion.js';
import { droppedFieldNote, topLevelFields } from './fields.js';
import { kernelAtLeast } from './minKernel.js';
import type { OciRule } from './oci.js';

/**
 * containerd's RuntimeDefault: Go code over capabilities, GOARCH and kernel (contrib/seccomp), which the data tells as
 * a profile with conditions.
 */
export function expandContainerdDefault(profile: Profile, context: ExpandContext): Expansion {
  // Its code compares with GOARCH; the data tells that in moby's words.
  const { dockerWord = '', scmp } = abi(context.arch === 'x32' ? 'x86_64' : context.arch);
  const host: HostArch = { word: dockerWord, mapEntry: scmp };
  const world: World = {
    arch: host.word,
    capabilities: new Set(context.capabilities),
    kernel: context.kernel,
    atLeast: (minKernel) => kernelAtLeast(TWO_NUMBERS, context.kernel, minKernel),
  };
  const dropped: DroppedRule[] = [];
  const syscalls: OciRule[] = [];
  for (const [index, rule] of profile.rules.entries()) {
    const failure = failedCondition(rule, world);
    if (failure !== undefined && 'message' in failure) return { kind: 'error', message: failure.message };
    if (failure === undefined) syscalls.push(ociRule(profile, rule, index, true));
    else dropped.push({ rule: index, ...failure });
  }
  const { architectures } = architecturesOf(profile, host);
  return {
    kind: 'seccomp',
    oci: {
      defaultAction: profile.defaultAction,
      ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
      architectures,
      syscalls,
    },
    dropped,
    notes: [],
  };
}

/** The kernel package of containerd compares two numbers, as moby does since then. */
const TWO_NUMBERS = '20.10.0';

/**
 * A Localhost profile (or nerdctl's `--security-opt seccomp=FILE`): WithProfile reads the file straight into the OCI
 * type, so everything that is Docker's own is lost without a word: conditions, archMap, the old `name`.
 */
export function expandContainerdFile(profile: Profile, context: ExpandContext): Expansion {
  const engine = { name: 'containerd', version: context.engine.version } as const;
  const { kept, notes: fieldNotes } = topLevelFields(profile, engine);
  const errnoRet = behaves('containerd', engine.version, 'errno-ret');
  const notes: Note[] = [...fieldNotes];
  const lost = (field: string, effect: string, path: readonly (string | number)[]): void => {
    notes.push(droppedFieldNote(engine, field, undefined, effect, profile.locate(path)));
  };
  if (profile.archMap.length > 0) {
    lost('archMap', 'the filter knows the native ABI only, calls of any other ABI are killed', ['archMap']);
  }
  for (const [index, rule] of profile.rules.entries()) {
    for (const side of ['includes', 'excludes'] as const) {
      const { caps, arches, minKernel } = rule[side];
      if (caps.length === 0 && arches.length === 0 && minKernel === undefined) continue;
      lost(side, `rule ${index} applies to every container`, ['syscalls', index, side]);
    }
    if (rule.name !== undefined && rule.name !== '')
      lost('name', `rule ${index} ${rule.names.length > 0 ? 'is for its names only' : 'does nothing'}`, [
        'syscalls',
        index,
        'name',
      ]);
    if (rule.errno !== undefined)
      lost('errno', 'the number of errnoRet counts, else EPERM', ['syscalls', index, 'errno']);
    if (!errnoRet && rule.errnoRet !== undefined) {
      notes.push(
        droppedFieldNote(
          engine,
          'errnoRet',
          'errno-ret',
          'the calls get EPERM',
          profile.locate(['syscalls', index, 'errnoRet']),
        ),
      );
    }
  }
  return {
    kind: 'seccomp',
    oci: {
      defaultAction: profile.defaultAction,
      ...kept,
      architectures: profile.architectures,
      syscalls: profile.rules.map((rule, index) => ociRule(profile, rule, index, errnoRet)),
    },
    dropped: [],
    notes,
  };
}

function ociRule(profile: Profile, rule: ProfileRule, index: number, errnoRet: boolean): OciRule {
  const at = profile.locate(['syscalls', index]);
  return {
    names: rule.names,
    action: rule.action,
    ...(errnoRet && rule.errnoRet !== undefined ? { errnoRet: rule.errnoRet } : {}),
    args: rule.args,
    origin: { rule: index, ...(at === undefined ? {} : { at }) },
  };
}
