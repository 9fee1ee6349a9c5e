import { describeDenial, escapeUnseen } from '../explain/denial.js';
import type { Report, WeighedCause } from '../explain/report/report.js';
import { wideningLines } from '../explain/summaryOfWidening.js';
import type { RunResult } from '../linux/run.js';
import type { Denial } from '../linux/supervisor/denial.js';
import type { Loaded } from './context/subject.js';
import { contextJson, jsonText, ruleJson, SCHEMA_VERSION } from './output/json.js';

/** The whole report: every kind of denied call, and the causes with their remedies. */
export function runJson(report: Report, result: RunResult, loaded: Loaded): string {
  const { exitCode, signal, error, denials, unlisted, supervisorLost } = result;
  const { missingCapabilities, noNewPrivileges } = result;
  const value = {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(loaded.context),
    command: report.command,
    exit: {
      code: exitCode,
      signal: signal ?? null,
      ...(error === undefined ? {} : { error: error.message }),
    },
    causes: report.causes.map(causeJson),
    denials: denials.map((denial) => denialJson(denial, loaded)),
    unlisted,
    supervisorLost,
    missingCapabilities,
    noNewPrivileges,
    versions: Object.fromEntries(report.context),
    notes: report.notes,
  };
  return escapeUnseen(jsonText(value));
}

function denialJson(denial: Denial, { policy, prediction }: Loaded): object {
  const { name, abi, args, verdict, rule } = describeDenial(denial, policy, prediction);
  return {
    time: new Date(denial.time).toISOString(),
    lastTime: new Date(denial.lastTime).toISOString(),
    pid: denial.pid,
    exe: denial.exe ?? null,
    syscall: name ?? null,
    number: denial.number,
    abi,
    args,
    verdict,
    count: denial.count,
    rule: ruleJson(rule),
  };
}

function causeJson({
  verdict,
  rule,
  syscalls,
  kinds,
  count,
  impact,
  reactions,
  remedy,
  noRemedy,
  behind,
}: WeighedCause): object {
  return {
    verdict,
    rule: ruleJson(rule),
    syscalls,
    kinds: kinds.map(({ text, count: seen, exe, pid }) => ({ text, count: seen, exe: exe ?? null, pid })),
    count,
    impact,
    reactions: reactions.map(ruleJson),
    behind,
    ...(noRemedy === undefined ? {} : { noRemedy }),
    remedy:
      remedy === undefined
        ? null
        : {
            kind: remedy.kind,
            title: remedy.title,
            verdict: remedy.verdict,
            opens: remedy.opens,
            ...(remedy.patch === undefined ? {} : { patch: remedy.patch }),
            ...(remedy.note === undefined ? {} : { note: remedy.note }),
            widensExactly: wideningLines(remedy.widening),
          },
  };
}
