import { resolveContext } from '../engine/resolveContext.js';
import { engineNames } from '../engine/target.js';
import { answer } from '../explain/answer.js';
import { type Prediction, predict } from '../explain/predict.js';
import { verdictWord } from '../explain/verdict.js';
import { abis } from '../syscalls/abis.js';
import { capabilities } from '../syscalls/capabilities.js';
import { purposeOf } from '../syscalls/purpose.js';
import { kernelSince, syscallNumber } from '../syscalls/table.js';
import { placeAt } from './place.js';

export interface Hover {
  /** The word's offsets, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly markdown: string;
}

/** What a word of a profile means: a call with who blocks it, or a capability. */
export async function hoverAt(text: string, offset: number): Promise<Hover | undefined> {
  // A pointer stands on a character, a caret between two.
  const place = placeAt(text, offset) ?? placeAt(text, offset + 1);
  if (place === undefined || place.kind === 'key') return undefined;
  const word = text.slice(place.from, place.to);
  const key = place.keys.at(-1);
  const { from, to } = place;
  if (key === 'caps') {
    const found = capabilities.find(({ name }) => name === word);
    if (found === undefined) return undefined;
    return {
      from,
      to,
      markdown: `**${found.name}** (${found.number}), since Linux ${found.kernel}\n\n${found.purpose}`,
    };
  }
  if (key !== 'names' && key !== 'name') return undefined;
  const markdown = await callMarkdown(word);
  return markdown === undefined ? undefined : { from, to, markdown };
}

/** Architectures that most containers run on; the others are a click away in callgate why. */
const SHOWN = ['x86_64', 'aarch64', 'x86', 'arm', 'riscv64', 's390x', 'ppc64le'] as const;

async function callMarkdown(name: string): Promise<string | undefined> {
  const numbers = SHOWN.flatMap((abi) => {
    const number = syscallNumber(name, abi);
    return number === undefined ? [] : [`${abi} ${number}`];
  });
  if (!abis.some((abi) => syscallNumber(name, abi.name) !== undefined)) return undefined;
  const about = purposeOf(name);
  const since = kernelSince(name, 'x86_64') ?? kernelSince(name, 'aarch64');
  const lines = [
    `**${name}**${about === undefined ? '' : `: ${about.purpose}`}`,
    ...(about?.risk === undefined ? [] : [`Why profiles deny it: ${about.risk}`]),
    [
      ...(since === undefined ? [] : [`since Linux ${since.exact ? '' : 'about '}${since.version}`]),
      ...(numbers.length === 0 ? [] : [numbers.join(', ')]),
    ].join('; '),
    ...(await verdictLines(name)),
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** What the newest release of each engine answers by default on x86_64. */
async function verdictLines(name: string): Promise<readonly string[]> {
  const number = syscallNumber(name, 'x86_64');
  if (number === undefined) return [];
  const found = (await newestDefaults()).flatMap(({ engine, prediction }) => {
    if (prediction.kind !== 'filter') return [];
    const { verdict, cases } = answer(prediction.policy, { name, number, abi: 'x86_64' });
    const word = cases === undefined ? verdictWord(verdict) : 'by its arguments';
    return [`- ${engine}: ${word}`];
  });
  return found.length === 0 ? [] : [['By default, on x86_64:', ...found].join('\n')];
}

interface EngineDefault {
  /** With its release. */
  readonly engine: string;
  readonly prediction: Prediction;
}

let loaded: Promise<readonly EngineDefault[]> | undefined;

function newestDefaults(): Promise<readonly EngineDefault[]> {
  loaded ??= Promise.all(
    engineNames.map(async (engine) => {
      const { context } = await resolveContext({ engine, arch: 'x86_64' });
      return { engine: `${engine} ${context.engine.version}`, prediction: await predict(context) };
    }),
  );
  return loaded;
}
