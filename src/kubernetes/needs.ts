import { CallgateError } from '../error.js';
import { readReport } from '../explain/reportCalls.js';
import { isRecording, readRecording } from '../record/recordingFile.js';
import type { AbiName } from '../syscalls/abi.js';
import { type ParsedCall, parseCall } from '../syscalls/call.js';
import { syscallName } from '../syscalls/table.js';
import type { Container } from './container.js';
import type { Workload } from './workload.js';

/** Calls that some containers are known to make. */
export interface Needs {
  /** `*`, an image or a workload, with `*` for any part: `nginx:*`, `Deployment/web`, `shop/*`. */
  readonly pattern: string;
  /** Where they were read, for messages. */
  readonly source: string;
  /** As parseCall reads them. */
  readonly calls: readonly string[];
}

/** More calls than any architecture has, with arguments. */
const MOST_CALLS = 20_000;

/**
 * Reads what a program needs: a recording, the report of `callgate run`, a profile that lists what is allowed, a JSON list, or
 * plain text with one call a line.
 *
 * @throws CallgateError `INPUT`
 * @example
 * readNeeds('read\nclone3 # threads\n', 'calls.txt') // ['read', 'clone3']
 */
export function readNeeds(text: string, file: string): readonly string[] {
  const calls = isRecording(text)
    ? readRecording(text, file).calls.map(({ number, abi }) => syscallName(number, abi) ?? String(number))
    : /^\s*[[{]/.test(text)
      ? jsonNeeds(text, file)
      : textNeeds(text);
  if (calls.length > MOST_CALLS) throw new CallgateError('INPUT', `${file}: more than ${MOST_CALLS} calls`);
  return [...new Set(calls)];
}

function textNeeds(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function jsonNeeds(text: string, file: string): readonly string[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (cause) {
    throw new CallgateError('INPUT', `${file}: this is no JSON`, { expected: EXPECTED, cause });
  }
  if (Array.isArray(root)) return words(root, file);
  if (!isObject(root)) throw noNeeds(file);
  if (Array.isArray(root['denials']))
    return readReport(text, file).calls.map(({ name, number }) => name ?? String(number));
  if (Array.isArray(root['syscalls'])) return allowed(root['syscalls'], file);
  throw noNeeds(file);
}

const EXPECTED =
  'a recording, a report of callgate run, a profile, a JSON list of calls, or text with one call a line';

const noNeeds = (file: string): CallgateError =>
  new CallgateError('INPUT', `${file}: no list of calls`, { expected: EXPECTED });

function words(list: readonly unknown[], file: string): readonly string[] {
  return list.map((word) => {
    if (typeof word !== 'string') throw noNeeds(file);
    return word;
  });
}

function allowed(rules: readonly unknown[], file: string): readonly string[] {
  return rules.filter(isObject).flatMap(({ names, name, action }) => {
    if (action !== 'SCMP_ACT_ALLOW' && action !== 'SCMP_ACT_LOG') return [];
    return typeof name === 'string' ? [name] : Array.isArray(names) ? words(names, file) : [];
  });
}

/**
 * The calls that a container is known to make; undefined where nothing is known of it.
 *
 * @throws CallgateError `USAGE` for a call that means nothing
 */
export function needsOf(
  needs: readonly Needs[],
  workload: Workload,
  container: Container,
  abi: AbiName,
): readonly ParsedCall[] | undefined {
  const fitting = needs.filter(({ pattern }) => fits(pattern, workload, container));
  if (fitting.length === 0) return undefined;
  return [...new Set(fitting.flatMap(({ calls }) => calls))].map((text) => parseCall(text, abi));
}

function fits(pattern: string, { kind, name, namespace }: Workload, { image }: Container): boolean {
  const like = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 's');
  return [image, name, `${kind}/${name}`, ...(namespace === undefined ? [] : [`${namespace}/${name}`])].some(
    (word) => like.test(word),
  );
}

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
