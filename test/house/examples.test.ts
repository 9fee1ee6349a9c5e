/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/bpf/compile.js';
import { encode } from '../../src/bpf/encode.js';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { predict } from '../../src/explain/predict.js';
import { leaf } from '../../src/policy/decision.js';
import { readProfile } from '../../src/profile/read.js';

/** The core's docstrings are run: what stands behind `//` after an example must be its value. */
const modules = import.meta.glob<Record<string, unknown>>(
  '../../src/{syscalls,profile,engine,container,policy,runtime,bpf,explain,lint,record,suite,kubernetes}/**/*.ts',
  { eager: true },
);
const sources = import.meta.glob<string>(
  '../../src/{syscalls,profile,engine,container,policy,runtime,bpf,explain,lint,record,suite,kubernetes}/**/*.ts',
  { eager: true, query: '?raw', import: 'default' },
);

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;

/** What examples may speak of besides what the modules export. */
async function samples(): Promise<Record<string, unknown>> {
  const text =
    '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}';
  const profile = readProfile(text, 'profile.json');
  const { context } = await resolveContext({ profile });
  const prediction = await predict(context);
  if (prediction.kind !== 'filter') throw new Error('the sample profile has no filter');
  const { oci, policy } = prediction;
  const [allow, deny] = [leaf({ kind: 'allow' }), leaf({ kind: 'errno', errno: 1 })];
  const program = compile(policy);
  return {
    text,
    profile,
    context,
    prediction,
    oci,
    policy,
    program,
    bytes: encode(program, 'little'),
    allow,
    deny,
  };
}

/** Statements of which the last one is the value. */
function lastReturned(code: string): string {
  const lines = code.split('\n');
  return [...lines.slice(0, -1), `return ${lines.at(-1)}`].join('\n');
}

interface Example {
  readonly file: string;
  readonly code: string;
  readonly result?: string;
}

function examplesOf(file: string, text: string): Example[] {
  const found: Example[] = [];
  for (const [, comment = ''] of text.matchAll(/\/\*\*([\s\S]*?)\*\//g)) {
    const body = comment.replace(/^[ \t]*\* ?/gm, '');
    for (const [, example = ''] of body.matchAll(/@example\s+([\s\S]*?)(?=\n@|\s*$(?![\s\S]))/g)) {
      const lines = example.trim().split('\n');
      const comments = lines.filter((line) => line.startsWith('//'));
      const code = lines.filter((line) => !line.startsWith('//')).join('\n');
      const inline = /^([\s\S]*?)\s+\/\/ (.+)$/.exec(code);
      if (inline !== null && lines.length === 1)
        found.push({ file, code: inline[1] ?? '', result: inline[2] ?? '' });
      else if (comments.length === 1 && code.split('\n').length === 1)
        found.push({ file, code, result: (comments[0] ?? '').slice(3) });
      else if (inline !== null)
        found.push({ file, code: lastReturned(inline[1] ?? ''), result: inline[2] ?? '' });
      else found.push({ file, code });
    }
  }
  return found;
}

const examples = Object.entries(sources).flatMap(([file, text]) =>
  examplesOf(file.replace('../../', ''), text),
);

/** Modules so that of two exports of one name that of the example's own file, then of its room, wins. */
function nearestLast(file: string): readonly Record<string, unknown>[] {
  const room = file.replace(/[^/]*$/, '');
  const rank = (path: string): number => (path.endsWith(file) ? 2 : path.includes(room) ? 1 : 0);
  return Object.entries(modules)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([, exported]) => exported);
}

describe('examples of the docstrings', () => {
  test('are there', () => expect(examples.length).toBeGreaterThan(25));

  test.each(examples.map((example) => [`${example.file}: ${example.code}`, example] as const))(
    '%s',
    async (_, { file, code, result }) => {
      const exported = Object.assign({}, ...nearestLast(file)) as Record<string, unknown>;
      const scope = { ...exported, ...(await samples()) };
      const names = Object.keys(scope).filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default');
      const values = names.map((name) => scope[name]);
      // In a block of its own, so that an example may give names that stand here too.
      const run = (text: string): Promise<unknown> => new AsyncFunction(...names, `{${text}\n}`)(...values);
      const isExpression = !/^(const|let|import|for|if) |;\s*$/m.test(code);
      const value = await run(isExpression ? `return (${code});` : code);
      if (result !== undefined) expect(value).toEqual(await run(`return (${result});`));
    },
  );
});
