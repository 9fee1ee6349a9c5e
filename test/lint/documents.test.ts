import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { lint } from '../../src/lint/lint.js';
import { lintRules } from '../../src/lint/rules.js';
import { readProfile } from '../../src/profile/read.js';

const directory = new URL('../../docs/lint/', import.meta.url);
const page = (id: string): string => readFileSync(new URL(`${id}.md`, directory), 'utf8');

/** The context flags of the page's command. */
function flagsOf(text: string): Record<string, string> {
  const command = /```sh\ncallgate lint profile\.json(.*)\n```/.exec(text)?.[1] ?? '';
  return Object.fromEntries([...command.matchAll(/--(\w+) (\S+)/g)].map((match) => [match[1], match[2]]));
}

function example(text: string, title: 'Bad' | 'Good'): string {
  const found = new RegExp(`## ${title}\n[^#]*?\`\`\`json\n(.*?)\`\`\``, 's').exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${title} example`);
  return found;
}

async function found(text: string, flags: Record<string, string>): Promise<readonly string[]> {
  const profile = readProfile(text, 'profile.json');
  const { context } = await resolveContext({ arch: 'amd64', ...flags, profile });
  return (await lint({ profile, text, context })).map(({ rule }) => rule);
}

describe('the page of each rule', () => {
  it('exists, and no others do', () => {
    const pages = readdirSync(directory).map((name) => name.replace(/\.md$/, ''));
    expect(pages.sort()).toEqual(lintRules.map(({ id }) => id).sort());
  });

  it.each(lintRules.map(({ id }) => id))('%s: its bad example is found, its good one is not', async (id) => {
    const text = page(id);
    expect(text.startsWith(`# ${id}\n`)).toBe(true);
    expect(await found(example(text, 'Bad'), flagsOf(text))).toContain(id);
    expect(await found(example(text, 'Good'), flagsOf(text))).not.toContain(id);
  });
});
