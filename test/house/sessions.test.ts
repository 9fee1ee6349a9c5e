import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processIo } from '../../src/cli/io/io.js';
import { main } from '../../src/cli/main.js';

const root = join(import.meta.dirname, '..', '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);

interface Session {
  readonly page: string;
  readonly command: string;
  readonly output: string;
}

/** What a page shows of verbs that depend on nothing but their words. */
const sessions = pages.flatMap((page): readonly Session[] => {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((part) => {
      const [command = '', ...lines] = part.split('\n');
      return {
        page,
        command: command.replace(/^(?:npx )?callgate /, ''),
        output: lines.join('\n').trimEnd(),
      };
    })
    .filter(({ command }) => /^(?:why|show|diff|prove|matrix) /.test(command));
});

describe('sessions of the pages are what comes', () => {
  test('there are some', () => expect(sessions.length).toBeGreaterThan(1));

  test.each(sessions)('$page: $command', async ({ command, output }) => {
    let out = '';
    const io = {
      ...processIo(),
      out: (text: string) => {
        out += text;
      },
      colour: false,
      columns: 100,
    };
    await main([...command.split(' '), '--arch', 'amd64'], io);
    expect(out.trimEnd()).toBe(output);
  });
});
