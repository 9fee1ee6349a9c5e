import { METHOD } from '../../../explain/proof.js';
import { verdictWord } from '../../../explain/verdict.js';
import type { Coverage } from '../../../record/coverage.js';
import type { ContainerProfile } from '../../../record/forContainer.js';
import type { Runs } from '../../../record/runs.js';
import { syscallName } from '../../../syscalls/table.js';
import { contextJson, SCHEMA_VERSION } from '../../output/json.js';
import type { Replay } from './replay.js';

export interface RecordReport {
  readonly command: readonly string[];
  readonly exit: number;
  readonly runs: Runs;
  readonly told: ContainerProfile;
  readonly coverage: Coverage;
  readonly replayed: readonly Replay[];
}

/** All that record tells, for machines. */
export function recordJson({ command, exit, runs, told, coverage, replayed }: RecordReport): object {
  const { prediction, comparison, recorded, additions, fallBack, notes } = told;
  return {
    schemaVersion: SCHEMA_VERSION,
    context: contextJson(prediction.context),
    command: command.length === 0 ? null : command,
    exit: { code: exit },
    runs: runs.runs,
    coverage,
    calls: runs.calls.map(({ abi, number, count }) => ({
      syscall: syscallName(number, abi) ?? null,
      number,
      abi,
      count,
    })),
    profile: { recorded, added: additions, enosys: fallBack },
    comparison:
      comparison === undefined
        ? null
        : {
            ...comparison,
            within: comparison.beyond.length === 0,
            proved: true,
            method: METHOD,
            beyond: comparison.beyond.map(({ syscall, number, abi, when }) => ({
              syscall,
              number,
              abi,
              ...(when === undefined ? {} : { when: when.join(' or ') }),
            })),
          },
    replays: replayed.map(({ exit: code, error, denials }) => ({
      exit: { code, ...(error === undefined ? {} : { error: error.message }) },
      denials: denials.map(({ name, abi, text, verdict, count }) => ({
        syscall: name ?? null,
        abi,
        text,
        verdict,
        word: verdictWord(verdict),
        count,
      })),
    })),
    notes,
  };
}
