import { beforeAll, describe, expect, it } from 'vitest';
import { runText } from '../../../src/cli/runText.js';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import { escapeUnseen } from '../../../src/explain/denial.js';
import { type FilterPrediction, predict } from '../../../src/explain/predict.js';
import { reportAsGithub } from '../../../src/explain/report/github.js';
import { reportAsMarkdown } from '../../../src/explain/report/markdown.js';
import type { ObservedDenial } from '../../../src/explain/report/observed.js';
import { type Report, reportOf } from '../../../src/explain/report/report.js';
import { denied } from './observations.js';

let prediction: FilterPrediction;
beforeAll(async () => {
  const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64', kernel: '6.6' });
  const found = await predict(context);
  if (found.kind !== 'filter') throw new Error(found.kind);
  prediction = found;
});

const io = {
  out: () => {},
  err: () => {},
  read: () => new Uint8Array(),
  write: () => {},
  env: {},
  colour: false,
  columns: 100,
};

function report(
  denials: readonly ObservedDenial[],
  command: readonly string[] = ['server', '--all'],
): Promise<Report> {
  const about = { command, context: [['Engine', 'docker 28.5.2']] as const, notes: [] };
  const ending = { exitCode: 1, signal: undefined };
  return reportOf({ denials, unlisted: 0, ending }, about, prediction.policy, prediction);
}

const usual = (): Promise<Report> =>
  report([
    denied('clone3', [0x7ffen, 88n], { count: 3 }),
    denied('get_mempolicy', [], { firstPlace: 3, pid: 43, count: 2 }),
    denied('get_mempolicy', [0n, 0n, 0n, 0n, 1n], { firstPlace: 5, pid: 43 }),
    denied('unshare', [0x10000000n], { firstPlace: 6 }),
  ]);

describe('a report', () => {
  it('for a person', async () => {
    expect(runText(await usual(), io)).toMatchInlineSnapshot(`
      "callgate: 7 calls denied for 3 causes; server ended with 1
        ✗ unshare(CLONE_NEWUSER) → EPERM  once  program[42]
          rule     syscalls[15] of docker@28.5.2 allows it, but docker leaves it out here: needs
                   CAP_SYS_ADMIN, which the container does not have
          matters  maybe: the last denied call before the command ended with 1
          remedy   allow unshare with these arguments only: one rule in front of the profile's → allowed;
                   opens 1 call
                   {"names": ["unshare"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 268435456, "op": "SCMP_CMP_EQ"}]}
                   widens exactly (proved): unshare when unshare_flags == CLONE_NEWUSER on x86_64, x86,
                   x32
        ✗ get_mempolicy → EPERM  3 times
            get_mempolicy(NULL, NULL, 0, 0, 0)  twice  program[43]
            get_mempolicy(NULL, NULL, 0, 0, MPOL_F_NODE)  once  program[43]
          rule     syscalls[27] of docker@28.5.2 allows it, but docker leaves it out here: needs
                   CAP_SYS_NICE, which the container does not have
          matters  maybe not: its caller (process 43) went on to other denied calls; the command ended
                   with 1 later
          remedy   allow get_mempolicy with these arguments only: 2 rules in front of the profile's →
                   allowed; opens 1 call
                   {"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 0, "op": "SCMP_CMP_EQ"}]},
                   {"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 1, "op": "SCMP_CMP_EQ"}]}
                   widens exactly (proved): get_mempolicy when flags == 0 or flags == MPOL_F_NODE on
                   x86_64, x86, x32
        ✗ clone3(0x7ffe, 88) → ENOSYS  3 times  program[42]
          rule     syscalls[18] of docker@28.5.2 names clone3: ENOSYS
          matters  hardly: callers that are known take another way; its caller (process 42) went on to
                   other denied calls; the command ended with 1 later; glibc ≥ 2.34 (pthread_create,
                   posix_spawn, system, popen) takes clone instead
      "
    `);
  });

  it('as Markdown', async () => {
    expect(reportAsMarkdown(await usual())).toMatchInlineSnapshot(`
      "### 7 calls denied for 3 causes; the command ended with 1

      Command: \`server --all\`

      #### \`unshare → EPERM\`, once

      - \`unshare(CLONE_NEWUSER)\` once by \`program[42]\`
      - **Rule:** syscalls\\[15\\] of docker@28.5.2 allows it, but docker leaves it out here: needs CAP_SYS_ADMIN, which the container does not have
      - **Does it matter:** maybe: the last denied call before the command ended with 1
      - **Remedy:** allow unshare with these arguments only: one rule in front of the profile's → allowed; opens 1 call
        - widens exactly (proved): unshare when unshare_flags == CLONE_NEWUSER on x86_64, x86, x32

      \`\`\`json
      {"names": ["unshare"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 268435456, "op": "SCMP_CMP_EQ"}]}
      \`\`\`

      #### \`get_mempolicy → EPERM\`, 3 times

      - \`get_mempolicy(NULL, NULL, 0, 0, 0)\` twice by \`program[43]\`
      - \`get_mempolicy(NULL, NULL, 0, 0, MPOL_F_NODE)\` once by \`program[43]\`
      - **Rule:** syscalls\\[27\\] of docker@28.5.2 allows it, but docker leaves it out here: needs CAP_SYS_NICE, which the container does not have
      - **Does it matter:** maybe not: its caller (process 43) went on to other denied calls; the command ended with 1 later
      - **Remedy:** allow get_mempolicy with these arguments only: 2 rules in front of the profile's → allowed; opens 1 call
        - widens exactly (proved): get_mempolicy when flags == 0 or flags == MPOL_F_NODE on x86_64, x86, x32

      \`\`\`json
      {"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 0, "op": "SCMP_CMP_EQ"}]},
      {"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 1, "op": "SCMP_CMP_EQ"}]}
      \`\`\`

      #### \`clone3 → ENOSYS\`, 3 times

      - \`clone3(0x7ffe, 88)\` 3 times by \`program[42]\`
      - **Rule:** syscalls\\[18\\] of docker@28.5.2 names clone3: ENOSYS
      - **Does it matter:** hardly: callers that are known take another way; its caller (process 42) went on to other denied calls; the command ended with 1 later; glibc ≥ 2.34 (pthread_create, posix_spawn, system, popen) takes clone instead

      - Engine: docker 28.5.2
      "
    `);
  });

  it('as annotations', async () => {
    expect(reportAsGithub(await usual(), true)).toMatchInlineSnapshot(`
      "::error title=seccomp%3A unshare → EPERM::unshare(CLONE_NEWUSER), once by program[42]%0ARule: syscalls[15] of docker@28.5.2 allows it, but docker leaves it out here: needs CAP_SYS_ADMIN, which the container does not have%0ADoes it matter: maybe: the last denied call before the command ended with 1%0ARemedy: allow unshare with these arguments only: one rule in front of the profile's → allowed; opens 1 call%0Awidens exactly (proved): unshare when unshare_flags == CLONE_NEWUSER on x86_64, x86, x32%0A{"names": ["unshare"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 268435456, "op": "SCMP_CMP_EQ"}]}
      ::error title=seccomp%3A get_mempolicy → EPERM::get_mempolicy(NULL, NULL, 0, 0, 0), twice by program[43]%0Aget_mempolicy(NULL, NULL, 0, 0, MPOL_F_NODE), once by program[43]%0ARule: syscalls[27] of docker@28.5.2 allows it, but docker leaves it out here: needs CAP_SYS_NICE, which the container does not have%0ADoes it matter: maybe not: its caller (process 43) went on to other denied calls; the command ended with 1 later%0ARemedy: allow get_mempolicy with these arguments only: 2 rules in front of the profile's → allowed; opens 1 call%0Awidens exactly (proved): get_mempolicy when flags == 0 or flags == MPOL_F_NODE on x86_64, x86, x32%0A{"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 0, "op": "SCMP_CMP_EQ"}]},%0A{"names": ["get_mempolicy"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 4, "value": 1, "op": "SCMP_CMP_EQ"}]}
      ::notice title=seccomp%3A clone3 → ENOSYS::clone3(0x7ffe, 88), 3 times by program[42]%0ARule: syscalls[18] of docker@28.5.2 names clone3: ENOSYS%0ADoes it matter: hardly: callers that are known take another way; its caller (process 42) went on to other denied calls; the command ended with 1 later; glibc ≥ 2.34 (pthread_create, posix_spawn, system, popen) takes clone instead
      "
    `);
  });

  it('of nothing', async () => {
    const nothing = await report([]);
    expect(runText(nothing, io)).toBe('');
    expect(reportAsGithub(nothing, false)).toBe('');
    expect(reportAsMarkdown(nothing)).toMatch(/^### no call was denied; the command ended with 1\n/);
  });

  it('folds long lists', async () => {
    const kinds = Array.from({ length: 40 }, (_, index) =>
      denied('unshare', [BigInt(0x10000000 + index)], { firstPlace: index }),
    );
    const long = await report(kinds);
    for (const text of [runText(long, io), reportAsMarkdown(long), reportAsGithub(long, false)])
      expect(text).toContain('… and 37 more kinds');
    expect(runText(long, io).split('\n').length).toBeLessThan(24);
  });
});

/** What a program can choose: its own name, the strings it passes, and the words of its command line. */
const HOSTILE = [
  'a\u001b[31mred',
  'a\u009b31m',
  'line\n::error::injected',
  'cr\r::set-output name=a::b',
  '##[error]old style',
  '``` </summary> @everyone [x](javascript:alert(1))',
  '`',
  '<img src=x onerror=alert(1)>',
  '| a | b |',
  '%0A::warning::x',
  'right\u202eleft\u2066',
  'zero\u200bwidth\u200f',
  ' ::notice::x',
  '\u0000',
  '\ud800',
];

describe('what a program chose', () => {
  it.each(HOSTILE.map((text) => [JSON.stringify(text), text] as const))('%s', async (_, text) => {
    const strings = [
      { index: 0, text, truncated: false },
      { index: 1, text, truncated: true },
    ];
    const found = await report(
      [
        denied('mount', [1n, 2n, 3n], { exe: `/tmp/${text}`, strings }),
        denied('unshare', [], { firstPlace: 1, exe: text }),
      ],
      [text, text],
    );
    const [human, markdown, github] = [
      runText(found, io),
      reportAsMarkdown(found),
      reportAsGithub(found, false),
    ];
    for (const form of [human, markdown, github]) {
      expect(form).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800]/,
      );
      expect(form).not.toContain('##[');
    }
    // The runner looks at the beginning of a line, blanks left out.
    for (const line of human.split('\n')) expect(line.trimStart()).not.toMatch(/^::/);
    for (const line of github.split('\n')) expect(line).toMatch(/^(?:$|::warning title=[^:]*::)/);
    expect(github.split('\n').filter((line) => line !== '')).toHaveLength(found.causes.length);
    // Outside of code nothing of it is left.
    expect(withoutCode(markdown)).not.toMatch(/[<`]|@everyone|javascript|error::|notice::|\| a/);
  });

  it('is not hidden in JSON, and can be read back', () => {
    for (const text of HOSTILE) {
      const json = escapeUnseen(JSON.stringify({ text }));
      expect(json).toMatch(/^[\u0020-\u007e]*$/);
      expect(JSON.parse(json)).toEqual({ text });
    }
  });
});

/** A text without its code spans (CommonMark 6.1) and fenced blocks. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^(`{3,})json\n[^]*?\n\1$/gm, '').replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '');
}
