import type { ProfileRule } from '../../profile/profile.js';
import { errnoNumber } from '../../syscalls/constants.js';
import { type Answer, answer, type Question } from '../answer.js';
import type { FilterPrediction } from '../predict.js';
import { copesWith, ENOSYS, isBetter } from './betterAnswer.js';
import type { Candidate } from './candidate.js';
import { kernelNote } from './capabilities.js';
import { type Editor, newRule } from './editor.js';
import { place } from './place.js';

/** Rules that would answer the calls better: ENOSYS where callers fall back, allowed with these arguments, allowed. */
export function ruleCandidates(
  before: FilterPrediction,
  editor: Editor,
  questions: readonly Question[],
  was: readonly Answer[],
): readonly Candidate[] {
  const names = namesOf(questions);
  if (names === undefined) return [];
  const list = names.join(', ');
  const note = kernelNote(before, questions);
  const candidates: (Candidate | undefined)[] = [];
  const build = (title: string, rules: readonly ProfileRule[]): Candidate | undefined => {
    const works = (after: FilterPrediction): boolean =>
      questions.every((question, index) => {
        const old = was[index];
        return old !== undefined && isBetter(old, answer(after.policy, question), question);
      });
    const placed = place(editor, before, rules, works);
    if (placed === undefined) return undefined;
    const count = rules.length === 1 ? 'one rule' : `${rules.length} rules`;
    return {
      kind: 'profile-rule',
      title: `${title}: ${placed.adds ? `${count} ` : ''}${placed.how}`,
      ...(placed.adds ? { patch: rules.map(ruleText).join(',\n') } : {}),
      change: { kind: 'profile', text: placed.text, layout: editor.layout },
      after: placed.after,
      ...(note === undefined || rules[0]?.action !== 'SCMP_ACT_ALLOW' ? {} : { note }),
    };
  };
  const fatal = questions.every((question, index) => {
    const verdict = was[index]?.verdict;
    return verdict !== undefined && copesWith(ENOSYS, question) && !copesWith(verdict, question);
  });
  const errnoRet = errnoNumber('ENOSYS', before.context.arch);
  if (fatal && errnoRet !== undefined)
    candidates.push(
      build(`answer ${list} with ENOSYS, so that ${names.length === 1 ? 'its' : 'their'} callers fall back`, [
        newRule(names, 'SCMP_ACT_ERRNO', { errnoRet }),
      ]),
    );
  if (questions.some(hasArguments))
    candidates.push(build(`allow ${list} with these arguments only`, exactRules(questions)));
  candidates.push(build(`allow ${list}`, [newRule(names, 'SCMP_ACT_ALLOW')]));
  return candidates.filter((candidate) => candidate !== undefined);
}

/** Each name once; undefined when a call has none, because no rule can name it. */
function namesOf(questions: readonly Question[]): readonly string[] | undefined {
  const names = questions.flatMap(({ name }) => (name === undefined ? [] : [name]));
  return names.length === questions.length ? [...new Set(names)] : undefined;
}

const hasArguments = ({ args = [] }: Question): boolean => args.some((value) => value !== undefined);

/** One rule for the calls that may have any arguments, and one for each call with given ones. */
function exactRules(questions: readonly Question[]): readonly ProfileRule[] {
  const plain = namesOf(questions.filter((question) => !hasArguments(question))) ?? [];
  const exact = questions.filter(hasArguments).flatMap(({ name, args = [] }) =>
    name === undefined || plain.includes(name)
      ? []
      : [
          newRule([name], 'SCMP_ACT_ALLOW', {
            args: args.flatMap((value, index) =>
              value === undefined ? [] : [{ index, value, valueTwo: 0n, op: 'SCMP_CMP_EQ' }],
            ),
          }),
        ],
  );
  return plain.length === 0 ? exact : [newRule(plain, 'SCMP_ACT_ALLOW'), ...exact];
}

/** A rule in one line, as it stands in a profile. */
export function ruleText({ names, action, errnoRet, args }: ProfileRule): string {
  const shown = args
    .map(
      ({ index, value, valueTwo, op }) =>
        `{"index": ${index}, "value": ${value}, ${valueTwo === 0n ? '' : `"valueTwo": ${valueTwo}, `}"op": "${op}"}`,
    )
    .join(', ');
  const errno = errnoRet === undefined ? '' : `, "errnoRet": ${errnoRet}`;
  return `{"names": ${JSON.stringify(names)}, "action": "${action}"${errno}${args.length > 0 ? `, "args": [${shown}]` : ''}}`;
}
