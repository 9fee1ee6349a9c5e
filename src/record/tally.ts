import type { AbiName } from '../syscalls/abi.js';
import type { RecordedArguments, RecordedCall } from './recording.js';

/** Calls counted by kind, in bounded memory. */
export interface Tally {
  /**
   * Counts a call; `values` are those of the arguments that were asked for.
   *
   * @returns false when it could not be kept, because there are too many kinds
   */
  readonly add: (
    abi: AbiName,
    number: number,
    values?: RecordedArguments['values'],
    count?: number,
  ) => boolean;
  /** Adds what another recording has of a call. */
  readonly merge: (call: RecordedCall) => boolean;
  /** By ABI in the order of appearance, then by number. */
  readonly calls: () => readonly RecordedCall[];
}

/** No kernel has as many calls; a hostile log has. */
const MOST_KINDS = 4096;
/** A call with more values than this is allowed with any: see argumentRules.ts. */
const MOST_VALUES = 256;

interface Entry {
  readonly abi: AbiName;
  readonly number: number;
  count: number;
  /** Undefined as soon as the call was seen without values. */
  values: Map<string, { readonly values: RecordedArguments['values']; count: number }> | undefined;
  incomplete: boolean;
}

export function createTally(): Tally {
  const entries = new Map<AbiName, Map<number, Entry>>();
  let kinds = 0;

  const entryOf = (abi: AbiName, number: number): Entry | undefined => {
    let own = entries.get(abi);
    if (own === undefined) {
      own = new Map();
      entries.set(abi, own);
    }
    let entry = own.get(number);
    if (entry === undefined) {
      if (kinds === MOST_KINDS) return undefined;
      kinds++;
      entry = { abi, number, count: 0, values: new Map(), incomplete: false };
      own.set(number, entry);
    }
    return entry;
  };

  const add: Tally['add'] = (abi, number, values, count = 1) => {
    const entry = entryOf(abi, number);
    if (entry === undefined) return false;
    entry.count += count;
    if (values === undefined) forgetValues(entry);
    else addValues(entry, values, count);
    return true;
  };

  const merge: Tally['merge'] = ({ abi, number, count, args, argsIncomplete }) => {
    const entry = entryOf(abi, number);
    if (entry === undefined) return false;
    entry.count += count;
    if (args === undefined) forgetValues(entry);
    else for (const each of args) addValues(entry, each.values, each.count);
    if (argsIncomplete === true) entry.incomplete = true;
    return true;
  };

  const calls = (): readonly RecordedCall[] =>
    [...entries.values()].flatMap((own) =>
      [...own.values()].sort((a, b) => a.number - b.number).map(finished),
    );

  return { add, merge, calls };
}

/** A call whose values nobody looked at, or could not read: with those of others they are not the whole truth. */
function forgetValues(entry: Entry): void {
  if (entry.values !== undefined && entry.values.size > 0) entry.incomplete = true;
  entry.values = undefined;
}

function addValues(entry: Entry, values: RecordedArguments['values'], count: number): void {
  if (entry.values === undefined) {
    entry.incomplete = true;
    return;
  }
  const key = Object.entries(values).join(' ');
  const known = entry.values.get(key);
  if (known !== undefined) known.count += count;
  else if (entry.values.size < MOST_VALUES) entry.values.set(key, { values, count });
  else entry.incomplete = true;
}

function finished({ abi, number, count, values, incomplete }: Entry): RecordedCall {
  return {
    abi,
    number,
    count,
    ...(values === undefined ? {} : { args: [...values.values()].map((each) => ({ ...each })) }),
    ...(incomplete ? { argsIncomplete: true } : {}),
  };
}
