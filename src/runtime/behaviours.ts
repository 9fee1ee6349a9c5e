import type { RuntimeName } from '../engine/context.js';
import { compareVersions } from '../versions.js';
import type { Behaviour, BehaviourName, BehaviourRow } from './behaviour.js';
import { crunBehaviours } from './crunBehaviours.js';
import { runcBehaviours } from './runcBehaviours.js';

/** In what releases of youki differ. */
const youkiBehaviours: readonly BehaviourRow[] = [
  {
    behaviour: 'conditions-anded',
    since: '0.7.0',
    text: 'Before, each comparison of a rule was a rule of its own.',
    source: 'youki-dev/youki v0.6.0',
  },
];

const of = (runtime: RuntimeName, rows: readonly BehaviourRow[]): readonly Behaviour[] =>
  rows.map((row) => ({ runtime, ...row }));

/** All ways in which releases of the runtimes differ. */
export const behaviours: readonly Behaviour[] = [
  ...of('runc', runcBehaviours),
  ...of('crun', crunBehaviours),
  ...of('youki', youkiBehaviours),
];

const byRuntime = new Map<string, Behaviour>(
  behaviours.map((row) => [`${row.runtime} ${row.behaviour}`, row]),
);

const answers = new Map<string, Behaviour | undefined>();

/** The record, if this release behaves so. */
export function findBehaviour(
  runtime: RuntimeName,
  version: string,
  name: BehaviourName,
): Behaviour | undefined {
  const key = `${runtime} ${version} ${name}`;
  if (!answers.has(key)) answers.set(key, lookUp(runtime, version, name));
  return answers.get(key);
}

function lookUp(runtime: RuntimeName, version: string, name: BehaviourName): Behaviour | undefined {
  const row = byRuntime.get(`${runtime} ${name}`);
  if (row === undefined) return undefined;
  const branch = /^\d+\.\d+/.exec(version)?.[0] ?? '';
  const since = row.sinceByBranch?.[branch] ?? row.since;
  const until = row.untilByBranch?.[branch] ?? row.until;
  if (since !== undefined && compareVersions(version, since) < 0) return undefined;
  if (until !== undefined && compareVersions(version, until) >= 0) return undefined;
  return row;
}
