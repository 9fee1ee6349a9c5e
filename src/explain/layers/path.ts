import type { Context } from '../../engine/context.js';
import { constantValue } from '../../syscalls/constants.js';
import { signatureOf } from '../../syscalls/signature.js';
import type { Question } from '../answer.js';
import { apparmorAnswer, containerPaths } from './container.js';
import type { LayerFacts } from './facts.js';
import type { Layer } from './layer.js';

const OPENING: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat', 'truncate']);
const WRITES = ['O_WRONLY', 'O_RDWR', 'O_CREAT', 'O_TRUNC'];

/** What stands in the way of opening a path: masks, read-only mounts, AppArmor's rules for them, devices. */
export function pathLayers(question: Question, context: Context, facts: LayerFacts): readonly Layer[] {
  const found = containerPaths(context);
  if (question.name === undefined || !OPENING.has(question.name) || found === undefined) return [];
  const { masked, readonly, source } = found;
  if (masked.length === 0) return [];
  const { path } = facts;
  if (path === undefined) {
    return [
      {
        layer: 'path',
        verdict: 'depends',
        detail: `masked paths read as empty, read-only ones refuse to be written (EROFS)`,
        when: `the path is in ${masked.join(', ')} (masked), or written and in ${readonly.join(', ')} (read-only)`,
        source,
      },
    ];
  }
  const writes = writing(question);
  const layers: Layer[] = [];
  const mask = masked.find((entry) => within(path, entry));
  if (mask !== undefined) {
    const below = path !== mask && !mask.includes('*');
    layers.push({
      layer: 'path',
      verdict: 'denies',
      ...(below ? { errno: 'ENOENT' } : {}),
      detail: below
        ? `${mask} is masked: an empty read-only directory is mounted over it`
        : `${mask} is masked: it is there, and empty (/dev/null or an empty directory is mounted over it)`,
      source,
    });
  }
  const fixed = readonly.find((entry) => within(path, entry));
  if (fixed !== undefined && writes !== false) {
    layers.push({
      layer: 'path',
      verdict: writes === undefined ? 'depends' : 'denies',
      errno: 'EROFS',
      detail: `${fixed} is mounted read-only`,
      ...(writes === undefined ? { when: 'it is opened for writing' } : {}),
      source,
    });
  }
  const apparmor = apparmorAnswer(context, facts, 'proc-sys');
  if (apparmor.kind === 'denies' && apparmorProtects(path) && writes !== false) {
    const when = [
      ...(writes === undefined ? ['it is opened for writing'] : []),
      ...(apparmor.words === undefined ? [] : [apparmor.words]),
    ].join(' and ');
    layers.push({
      layer: 'apparmor',
      verdict: when === '' ? 'denies' : 'depends',
      errno: 'EACCES',
      detail: `${apparmor.profile} denies writing there`,
      ...(when === '' ? {} : { when }),
      source: apparmor.source,
    });
  }
  return layers;
}

function within(path: string, entry: string): boolean {
  if (!entry.includes('*')) return path === entry || path.startsWith(`${entry}/`);
  const pattern = entry.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/]*')}(?:/|$)`).test(path);
}

/** The templates' deny rules, which have been the same in all releases but for details below /proc/PID. */
function apparmorProtects(path: string): boolean {
  if (/^\/proc\/(?:kcore|sysrq-trigger)$/.test(path)) return true;
  if (/^\/proc\/[^/]+$/.test(path)) return true;
  if (path.startsWith('/proc/sys/')) return !/^\/proc\/sys\/kernel\/shm/.test(path);
  return path.startsWith('/sys/') && !path.startsWith('/sys/fs/cgroup');
}

/** Undefined where the flags are not given, or in memory. */
function writing({ name = '', abi, args }: Question): boolean | undefined {
  if (name === 'creat' || name === 'truncate') return true;
  const index = signatureOf(name, abi)?.args.findIndex((arg) => arg.name === 'flags') ?? -1;
  const flags = args?.[index];
  if (flags === undefined) return undefined;
  return WRITES.some((word) => (flags & (constantValue(word, abi) ?? 0n)) !== 0n);
}
