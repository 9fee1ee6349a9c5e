import type { Position } from '../error.js';
import type { OciArg } from './argument.js';
import { nearest } from './nearest.js';
import { quote } from './node.js';
import type { Condition, Profile, ProfileRule } from './profile.js';
import { ACTIONS, ARCHITECTURES, CAPABILITIES, CONDITION_ARCHES, FLAGS, OPERATORS } from './words.js';

/** Something in a profile that is wrong, or not what it seems, at every version of every engine. */
export interface Finding {
  /** Stable word for tools. */
  readonly rule: FindingRule;
  /** `error`: an engine or runtime refuses it, so no container starts. `warning`: it has no effect. `note`: it means something else. */
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
  /** The value in the profile, e.g. `['syscalls', 3, 'action']`. */
  readonly path: readonly (string | number)[];
  /** Where it, or the nearest thing around it, stands. */
  readonly at?: Position;
  /** The bad word, where there is one. */
  readonly word?: string;
  readonly expected?: string;
  /** The valid word that was probably meant. */
  readonly nearest?: string;
}

/** What a finding is about. */
export type FindingRule =
  | 'no-default-action'
  | 'unknown-action'
  | 'unknown-operator'
  | 'unknown-architecture'
  | 'unknown-flag'
  | 'unknown-capability'
  | 'unknown-condition-arch'
  | 'bad-kernel-version'
  | 'argument-index'
  | 'unused-value-two'
  | 'empty-mask'
  | 'name-and-names'
  | 'no-names'
  | 'empty-name'
  | 'architectures-and-arch-map'
  | 'errno-too-large'
  | 'unused-errno'
  | 'notify-without-listener';

type Path = readonly (string | number)[];

/** Further findings are dropped: nobody reads them, and each costs a search for the nearest word. */
const MAX_FINDINGS = 1000;

/** libseccomp takes errno values below MAX_ERRNO (src/system.c). */
const MAX_ERRNO = 4094;

/**
 * Checks the words and combinations that moby leaves to the runtime, whatever its version. That a version does not know
 * a valid word yet is no finding here.
 * @example validateProfile(profile).filter(({ level }) => level === 'error')
 */
export function validateProfile(profile: Profile): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (
    rule: FindingRule,
    level: Finding['level'],
    path: Path,
    text: string,
    more: { expected?: string; word?: string; nearest?: string | undefined } = {},
  ): void => {
    if (findings.length >= MAX_FINDINGS) return;
    const at = locateNearest(profile, path);
    findings.push({
      rule,
      level,
      text,
      path,
      ...(at === undefined ? {} : { at }),
      ...(more.word === undefined ? {} : { word: more.word }),
      ...(more.expected === undefined ? {} : { expected: more.expected }),
      ...(more.nearest === undefined ? {} : { nearest: more.nearest }),
    });
  };
  /** Reports a word that is not one of a list. */
  const word = (
    rule: FindingRule,
    level: Finding['level'],
    path: Path,
    found: string,
    valid: readonly string[],
    text: string,
  ): boolean => {
    if (valid.includes(found)) return true;
    if (findings.length >= MAX_FINDINGS) return false;
    add(rule, level, path, text, { expected: valid.join(', '), word: found, nearest: nearest(found, valid) });
    return false;
  };

  const checkHead = (): void => {
    const { defaultAction, defaultErrnoRet } = profile;
    if (defaultAction === '') {
      const off = profile.rules.length === 0 ? 'Docker leaves seccomp off without a word' : 'runc refuses it';
      add('no-default-action', 'error', [], `no defaultAction: ${off}`, { expected: ACTIONS.join(', ') });
    } else checkAction(['defaultAction'], defaultAction);
    checkErrno(['defaultErrnoRet'], defaultErrnoRet, defaultAction);
    profile.architectures.forEach((arch, i) => {
      const path = ['architectures', i];
      word('unknown-architecture', 'error', path, arch, ARCHITECTURES, `${quote(arch)} is no architecture`);
    });
    profile.archMap.forEach(({ architecture, subArchitectures }, i) => {
      const entry = ['archMap', i];
      const text = (arch: string): string => `${quote(arch)} is no architecture`;
      word(
        'unknown-architecture',
        'error',
        [...entry, 'architecture'],
        architecture,
        ARCHITECTURES,
        text(architecture),
      );
      subArchitectures.forEach((arch, j) => {
        word(
          'unknown-architecture',
          'error',
          [...entry, 'subArchitectures', j],
          arch,
          ARCHITECTURES,
          text(arch),
        );
      });
    });
    if (profile.architectures.length > 0 && profile.archMap.length > 0) {
      add(
        'architectures-and-arch-map',
        'error',
        ['archMap'],
        'architectures and archMap together, which Docker refuses',
        {
          expected: 'one of the two',
        },
      );
    }
    profile.flags?.forEach((flag, i) => {
      word('unknown-flag', 'error', ['flags', i], flag, FLAGS, `${quote(flag)} is no filter flag`);
    });
  };

  const checkAction = (path: Path, action: string): void => {
    word('unknown-action', 'error', path, action, ACTIONS, `${quote(action)} is no action`);
  };

  const checkErrno = (path: Path, errno: number | undefined, action: string): void => {
    if (errno === undefined) return;
    if (action !== 'SCMP_ACT_ERRNO' && action !== 'SCMP_ACT_TRACE' && ACTIONS.includes(action)) {
      add('unused-errno', 'error', path, `an errno with ${action}, which crun refuses and runc ignores`);
    } else if (action === 'SCMP_ACT_ERRNO' && errno > MAX_ERRNO) {
      add('errno-too-large', 'error', path, `the errno ${errno} is too large`, {
        expected: `at most ${MAX_ERRNO}`,
      });
    }
  };

  const checkRule = (rule: ProfileRule, path: Path): void => {
    const hasName = rule.name !== undefined && rule.name !== '';
    if (hasName && rule.names.length > 0) {
      add('name-and-names', 'error', [...path, 'name'], 'name and names together, which Docker refuses', {
        expected: 'one of the two',
      });
    }
    if (!hasName && rule.names.length === 0) {
      // Docker drops such a rule without looking at the rest of it.
      add('no-names', 'warning', path, 'a rule without names has no effect');
    }
    rule.names.forEach((name, i) => {
      if (name === '') add('empty-name', 'error', [...path, 'names', i], 'an empty name, which runc refuses');
    });
    checkAction([...path, 'action'], rule.action);
    checkErrno([...path, 'errnoRet'], rule.errnoRet, rule.action);
    rule.args.forEach((arg, i) => {
      checkArg(arg, [...path, 'args', i]);
    });
    checkCondition(rule.includes, [...path, 'includes']);
    checkCondition(rule.excludes, [...path, 'excludes']);
  };

  const checkArg = (arg: OciArg, path: Path): void => {
    if (arg.index > 5) {
      add('argument-index', 'error', [...path, 'index'], `no syscall has an argument ${arg.index}`, {
        expected: '0 to 5',
      });
    }
    const known = word(
      'unknown-operator',
      'error',
      [...path, 'op'],
      arg.op,
      OPERATORS,
      `${quote(arg.op)} is no operator`,
    );
    if (arg.op === 'SCMP_CMP_MASKED_EQ') {
      if (arg.value === 0n) {
        add(
          'empty-mask',
          'note',
          [...path, 'value'],
          'value is the mask of SCMP_CMP_MASKED_EQ: with 0 everything matches',
        );
      }
    } else if (known && arg.valueTwo !== 0n) {
      add('unused-value-two', 'note', [...path, 'valueTwo'], `valueTwo means nothing with ${arg.op}`, {
        expected: 'valueTwo with SCMP_CMP_MASKED_EQ only',
      });
    }
  };

  const checkCondition = (condition: Condition, path: Path): void => {
    condition.caps.forEach((cap, i) => {
      const text = `${quote(cap)} is no capability: it is never present`;
      word('unknown-capability', 'warning', [...path, 'caps', i], cap, CAPABILITIES, text);
    });
    condition.arches.forEach((arch, i) => {
      const text = `${quote(arch)} is not one of Docker’s architecture words: it never matches`;
      word('unknown-condition-arch', 'warning', [...path, 'arches', i], arch, CONDITION_ARCHES, text);
    });
    const { minKernel } = condition;
    if (minKernel !== undefined && minKernel !== '' && !isKernelVersion(minKernel)) {
      add('bad-kernel-version', 'error', [...path, 'minKernel'], `${quote(minKernel)} is no kernel version`, {
        expected: 'two numbers up to 255, such as "4.8"',
      });
    }
  };

  checkHead();
  profile.rules.forEach((rule, i) => {
    checkRule(rule, ['syscalls', i]);
  });
  const notify = profile.rules.findIndex(({ action }) => action === 'SCMP_ACT_NOTIFY');
  const notifies = notify !== -1 || profile.defaultAction === 'SCMP_ACT_NOTIFY';
  if (notifies && (profile.listenerPath ?? '') === '') {
    const path = notify === -1 ? ['defaultAction'] : ['syscalls', notify, 'action'];
    add(
      'notify-without-listener',
      'error',
      path,
      'SCMP_ACT_NOTIFY without a listenerPath, which runc refuses',
    );
  }
  return findings;
}

/** The position of a value, or of the nearest thing around it that has one. */
export function locateNearest(profile: Profile, path: Path): Position | undefined {
  for (let length = path.length; length >= 0; length--) {
    const at = profile.locate(path.slice(0, length));
    if (at !== undefined) return at;
  }
  return undefined;
}

/** KernelVersion.UnmarshalJSON of moby's profiles/seccomp (since 20.10). */
function isKernelVersion(text: string): boolean {
  const match = /^(\d+)\.(\d+)$/.exec(text);
  if (match === null) return false;
  const [kernel, major] = [Number(match[1]), Number(match[2])];
  return kernel <= 255 && major <= 255 && (kernel > 0 || major > 0);
}
