import { readRunLine } from '../../container/runLine.js';
import type { ContainerWords } from '../../container/words.js';
import { CallgateError } from '../../error.js';
import { parseCallOrText } from '../../explain/callOrText.js';
import { presets } from '../../explain/presets.js';
import { readReport } from '../../explain/reportCalls.js';
import { askedCall, findSymptoms, type Symptom } from '../../explain/symptoms.js';
import type { ParsedCall } from '../../syscalls/call.js';
import { formatCall } from '../../syscalls/callText.js';
import { capabilityName } from '../../syscalls/capabilities.js';

import { predicted } from './prediction.js';
import type { ContextWords } from './words.js';

/** What a pasted text comes down to: calls, in a context that the text may tell more of. */
export interface Diagnosis {
  readonly source: 'call' | 'report' | 'command line' | 'text';
  readonly calls: readonly ParsedCall[];
  readonly words: ContextWords;
  /** The bounding set that the text tells, full names. */
  readonly capabilities?: readonly string[];
  readonly symptoms: readonly SymptomView[];
  /** What was read, what could not be, what stands beside. */
  readonly remarks: readonly string[];
}

export interface SymptomView {
  readonly call?: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly cause: string;
  readonly source: string;
  readonly fix?: string;
  readonly objection?: string;
}

/** Nobody reads on after this many. */
const MOST_SYMPTOMS = 8;

/** @throws CallgateError `INPUT` for a text that points to nothing, `USAGE` for a mistyped call */
export async function diagnose(words: ContextWords, pasted: string): Promise<Diagnosis> {
  const text = pasted.trim();
  if (text === '') throw new CallgateError('INPUT', 'there is nothing to diagnose', { hint: EXAMPLES });
  if (text.startsWith('{') && text.includes('"denials"')) return fromReport(words, text);
  if (RUN_LINE.test(text)) return fromRunLine(words, readRunLine(text));
  const { arch } = (await predicted(words)).resolved.context;
  const call = parseCallOrText(text, arch);
  if (call !== undefined) return { source: 'call', calls: [call], words, symptoms: [], remarks: [] };
  return fromText(words, text);
}

/** A prompt, `sudo` and variables may stand before it. */
const RUN_LINE =
  /^(?:[#$>]\s+)?(?:\w+=\S*\s+)*(?:sudo\s+)?(?:docker|podman|nerdctl)\s(?:[^\n]*\s)?(?:run|create)\s/;

const EXAMPLES =
  'paste an error message, a docker run line, a report of callgate run, a line of strace or of an audit log, or a call';

async function fromText(words: ContextWords, text: string): Promise<Diagnosis> {
  const { context } = (await predicted(words)).resolved;
  const symptoms = await findSymptoms(text, context.arch, context);
  const [first] = symptoms;
  if (first === undefined) {
    throw new CallgateError('INPUT', 'nothing in this text points to a system call or to seccomp', {
      hint: EXAMPLES,
    });
  }
  const call = askedCall(first, context.arch);
  return {
    source: 'text',
    calls: call === undefined ? [] : [call],
    words,
    symptoms: symptoms.slice(0, MOST_SYMPTOMS).map((symptom) => symptomView(symptom, context.arch)),
    remarks: [],
  };
}

function symptomView(symptom: Symptom, arch: ParsedCall['abi']): SymptomView {
  const { confidence, cause, source, fix, objection } = symptom;
  const call = askedCall(symptom, arch);
  return {
    ...(call === undefined ? {} : { call: formatCall(call, arch) }),
    confidence,
    cause,
    source,
    ...(fix === undefined ? {} : { fix }),
    ...(objection === undefined ? {} : { objection }),
  };
}

function fromReport(words: ContextWords, text: string): Diagnosis {
  const { calls, context, capabilities, seccomp } = readReport(text, 'report');
  const [engine = '', version = ''] = context.engine?.split('@') ?? [];
  const { profile, ...own } = words;
  const isOwn = seccomp === 'default' || seccomp === 'unconfined';
  const remarks =
    isOwn || profile !== undefined
      ? []
      : [
          `the report’s profile ${seccomp} is not in it: give it on the left, until then the engine’s own stands for it`,
        ];
  return {
    source: 'report',
    calls,
    words: {
      ...own,
      engine: engine as ContextWords['engine'],
      version,
      runtime: context.runtime ?? '',
      libseccomp: context.libseccomp ?? '',
      kernel: context.kernel ?? '',
      arch: context.arch ?? words.arch,
      unconfined: seccomp === 'unconfined',
      ...(isOwn || profile === undefined ? {} : { profile }),
    },
    capabilities,
    symptoms: [],
    remarks,
  };
}

/** A line tells the container; of its command, programs are known whose calls a preset allows. */
async function fromRunLine(words: ContextWords, line: ContainerWords): Promise<Diagnosis> {
  const { profile, ...own } = words;
  const { engine = 'docker', image = '', command, securityOpt, notes } = line;
  const seccomp = securityOpt.flatMap((option) => /^seccomp[=:](.*)$/s.exec(option)?.[1] ?? []).at(-1);
  const isFile = seccomp !== undefined && seccomp !== 'unconfined' && seccomp !== 'builtin';
  const there: ContextWords = {
    ...own,
    ...(engine === words.engine ? {} : { engine, version: '' }),
    runtime: line.runtime ?? words.runtime,
    arch: line.platform?.replace(/^linux\//, '') ?? words.arch,
    capAdd: line.capAdd.map(fullName),
    capDrop: line.capDrop.map(fullName),
    privileged: line.privileged,
    unconfined: seccomp === 'unconfined',
    ...(isFile && profile !== undefined ? { profile } : {}),
  };
  const { arch } = (await predicted(there)).resolved.context;
  const named = new Set([image, ...command].flatMap((word) => word.toLowerCase().split(/[/:@\s]/)));
  const known = presets.filter(({ programs }) => programs.some((program) => named.has(program)));
  const calls = known.flatMap(({ rules }) => rules.flatMap((rule) => rule.calls));
  return {
    source: 'command line',
    calls: [...new Set(calls)].flatMap((call) => parseCallOrText(call, arch) ?? []),
    words: there,
    symptoms: [],
    remarks: [
      ...notes.map(({ text }) => text),
      ...(isFile && profile === undefined
        ? [
            `the profile ${seccomp} is not in the line: give it on the left; until then the engine’s own stands for it`,
          ]
        : []),
      ...known.map(
        ({ name, purpose, beside }) =>
          `its program is of the kind ${name}: ${purpose}${beside === undefined ? '' : `. ${beside}`}`,
      ),
      ...(known.length === 0 ? [UNKNOWN_PROGRAM] : []),
    ],
  };
}

/** The switches of the page know full names; what is none is for the engine to refuse. */
const fullName = (word: string): string => capabilityName(word) ?? word.toUpperCase();

const UNKNOWN_PROGRAM =
  'what its program calls is not known: run it under callgate run --report and paste the report, or paste its error message';
