import {
  type NamedSet,
  type SetName,
  setOfList,
  setOfMask,
  setsOfIab,
  setsOfText,
} from './capabilityText.js';
import type { CapabilitiesRecord } from './record.js';

/** What has been read of one `capsh --print` or one /proc/PID/status. */
export interface Block {
  readonly format: 'capsh' | 'status';
  readonly sets: ReadonlyMap<SetName, NamedSet>;
  readonly name?: string;
  readonly pid?: number;
  readonly noNewPrivileges?: boolean;
  readonly seccomp?: NonNullable<CapabilitiesRecord['seccomp']>;
  readonly filters?: number;
  readonly uid?: string;
  readonly gid?: string;
  readonly securebits?: string;
  /** The set of a list that goes on in the next line. */
  readonly open?: SetName;
}

const STATUS_SETS: Readonly<Record<string, SetName>> = {
  CapInh: 'inheritable',
  CapPrm: 'permitted',
  CapEff: 'effective',
  CapBnd: 'bounding',
  CapAmb: 'ambient',
};
const STATUS = /^(Cap(?:Inh|Prm|Eff|Bnd|Amb)|Name|Pid|NoNewPrivs|Seccomp|Seccomp_filters|Uid|Gid):\s*(.*)$/;
const CAPSH = /^(?:(Current|Current IAB|Securebits): ?|(Bounding set|Ambient set) =|(uid|gid)=)(.*)$/;
/** cap_iab(3)'s text, which can be empty. */
const IAB = /^[!^%a-z0-9_, ]*$/;
const CONTINUED = /^\s*(?:cap_[a-z_]+|\d{1,2})(?:,(?:cap_[a-z_]+|\d{1,2}))*,?\s*$/;

/** Whether a line can belong to a block; cheap, because every line of a log is asked. */
export function mayBeBlockLine(line: string): boolean {
  const first = line.charCodeAt(0);
  // B C A S N P U G u g c, and the blank of a line that goes on
  return line.length < 4096 && 'BCASNPUGugc '.includes(String.fromCharCode(first));
}

/**
 * Adds a line to a block.
 *
 * @returns the block, `'new'` when the line begins another one, undefined when it belongs to none
 */
export function addLine(line: string, block: Block | undefined): Block | 'new' | undefined {
  if (block?.open !== undefined && CONTINUED.test(line)) return continued(line, block, block.open);
  const status = STATUS.exec(line);
  if (status !== null) return addStatus(status[1] ?? '', (status[2] ?? '').trim(), block);
  const capsh = CAPSH.exec(line);
  return capsh === null
    ? undefined
    : addCapsh(capsh[1] ?? capsh[2] ?? capsh[3] ?? '', (capsh[4] ?? '').trim(), block);
}

function addStatus(key: string, value: string, block: Block | undefined): Block | 'new' | undefined {
  if (block !== undefined && (block.format !== 'status' || key === 'Name')) return 'new';
  const so: Block = block ?? { format: 'status', sets: new Map() };
  const set = STATUS_SETS[key];
  if (set !== undefined) {
    if (!/^[0-9a-fA-F]{1,16}$/.test(value)) return undefined;
    return so.sets.has(set) ? 'new' : withSets(so, [setOfMask(value, set)]);
  }
  switch (key) {
    case 'Name':
      return { ...so, name: value };
    case 'Pid':
      return /^\d+$/.test(value) ? { ...so, pid: Number(value) } : undefined;
    case 'NoNewPrivs':
      return { ...so, noNewPrivileges: value === '1' };
    case 'Seccomp':
      return { ...so, seccomp: value === '2' ? 'filter' : value === '1' ? 'strict' : 'disabled' };
    case 'Seccomp_filters':
      return /^\d+$/.test(value) ? { ...so, filters: Number(value) } : undefined;
    case 'Uid':
      return { ...so, uid: value.split(/\s+/)[1] ?? value };
    default:
      return { ...so, gid: value.split(/\s+/)[1] ?? value };
  }
}

function addCapsh(key: string, value: string, block: Block | undefined): Block | 'new' | undefined {
  if (block !== undefined && (block.format !== 'capsh' || key === 'Current')) return 'new';
  const so: Block = block ?? { format: 'capsh', sets: new Map() };
  switch (key) {
    case 'Current': {
      const sets = setsOfText(value);
      return sets === undefined ? undefined : withSets(so, sets);
    }
    case 'Bounding set':
      return { ...withSets(so, [setOfList(value, 'bounding')]), open: 'bounding' };
    case 'Ambient set':
      return { ...withSets(so, [setOfList(value, 'ambient')]), open: 'ambient' };
    case 'Current IAB': {
      if (!IAB.test(value)) return undefined;
      // Says nothing of the bits that the bounding set, where it is printed, tells already.
      const fresh = setsOfIab(value).filter(({ set }) => set !== undefined && !so.sets.has(set));
      return withSets(so, fresh);
    }
    case 'Securebits': {
      const nnp = /no-new-privs=([01])/.exec(value)?.[1];
      return {
        ...so,
        securebits: value.split(' ')[0] ?? value,
        ...(nnp === undefined ? {} : { noNewPrivileges: nnp === '1' }),
      };
    }
    case 'uid':
      return block === undefined ? undefined : { ...so, uid: /^\d+/.exec(value)?.[0] ?? value };
    default:
      return block === undefined ? undefined : { ...so, gid: /^\d+/.exec(value)?.[0] ?? value };
  }
}

function withSets({ open: _, ...block }: Block, added: readonly NamedSet[]): Block {
  const sets = new Map(block.sets);
  for (const one of added) if (one.set !== undefined) sets.set(one.set, one);
  return { ...block, sets };
}

function continued(line: string, block: Block, open: SetName): Block {
  const more = setOfList(line, open);
  const mask = BigInt(`0x${block.sets.get(open)?.mask ?? '0'}`) | BigInt(`0x${more.mask}`);
  return { ...withSets(block, [setOfMask(mask.toString(16), open)]), open };
}

const ORDER: readonly SetName[] = ['effective', 'permitted', 'inheritable', 'bounding', 'ambient'];

/** The record of a block; undefined when it holds no capability and no seccomp mode. */
export function recordOf({ sets, name, pid, open: _, ...block }: Block): CapabilitiesRecord | undefined {
  if (sets.size === 0 && block.seccomp === undefined) return undefined;
  const process = { ...(name === undefined ? {} : { name }), ...(pid === undefined ? {} : { pid }) };
  return {
    kind: 'capabilities',
    ...block,
    ...(Object.keys(process).length === 0 ? {} : { process }),
    sets: ORDER.flatMap((set) => sets.get(set) ?? []),
    meaning: blockMeaning(block, sets),
  };
}

function blockMeaning(
  { seccomp, filters, noNewPrivileges }: Pick<Block, 'seccomp' | 'filters' | 'noNewPrivileges'>,
  sets: Block['sets'],
): string {
  const parts: string[] = [];
  const effective = sets.get('effective');
  const bounding = sets.get('bounding');
  if (effective !== undefined) parts.push(countWords(effective, 'in effect'));
  if (bounding !== undefined) parts.push(countWords(bounding, 'can be had at most'));
  if (seccomp === 'filter')
    parts.push(
      `under ${filters === undefined ? 'seccomp filters' : `${filters} seccomp filter${filters === 1 ? '' : 's'}`}`,
    );
  if (seccomp === 'strict') parts.push('in seccomp’s strict mode');
  if (seccomp === 'disabled') parts.push('no seccomp filter');
  if (noNewPrivileges === true) parts.push('no_new_privs is set');
  return parts.join('; ');
}

function countWords({ names }: NamedSet, what: string): string {
  return names.length === 0
    ? `no capability ${what}`
    : `${names.length} capabilit${names.length === 1 ? 'y' : 'ies'} ${what}`;
}
