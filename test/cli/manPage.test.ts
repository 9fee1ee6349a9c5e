import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processIo } from '../../src/cli/io/io.js';
import { main } from '../../src/cli/main.js';
import { createProgram } from '../../src/cli/program.js';
import { verbs } from '../../src/cli/verbs.js';
import { describeWithOracle, hasCommand } from '../oracle.js';

describeWithOracle(hasCommand('man') ? undefined : 'man (man-db)', 'callgate(1)', () => {
  let directory: string;
  let shown: string;
  let warnings: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'callgate-man-'));
    let page = '';
    const io = {
      ...processIo(),
      out: (text: string) => {
        page += text;
      },
    };
    expect(await main(['man'], io)).toBe(0);
    const path = join(directory, 'callgate.1');
    writeFileSync(path, page);
    const { stdout, stderr, status } = spawnSync('man', ['--warnings=w', '-l', path], {
      encoding: 'utf8',
      maxBuffer: 1 << 24,
      env: { ...process.env, MANWIDTH: '200', MANPAGER: 'cat', MANROFFOPT: '-c', LC_ALL: 'C.UTF-8' },
    });
    expect(status).toBe(0);
    // Bold and underlined letters are struck over one another.
    shown = stdout.replace(/.\x08/g, '').replaceAll('‐\n', '-');
    warnings = stderr;
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('man -l shows it without a warning', () => {
    expect(warnings).toBe('');
    expect(shown).toMatch(/^CALLGATE\(1\) .* CALLGATE\(1\)\n/);
    expect(shown).toMatch(/\nNAME\n +callgate - says exactly what seccomp does/);
  });

  test('it has every verb, subcommand and flag of --help, and the texts under them letter by letter', async () => {
    const program = await createProgram(verbs, processIo(), () => undefined);
    const flat = shown.replace(/\s+/g, ' ');
    const missing: string[] = [];
    for (const { name, hidden } of verbs) {
      const verb = program.commands.find((one) => one.name() === name);
      if (verb === undefined || hidden === true) continue;
      for (const command of [verb, ...verb.commands]) {
        const words = [command.description(), ...command.options.map(({ flags }) => flags)];
        for (const text of words) {
          const wanted = text.replaceAll('…', '...').replace(/\s+/g, ' ');
          if (!flat.includes(wanted)) missing.push(`${command.name()}: ${text}`);
        }
      }
    }
    expect(missing).toEqual([]);
    // Quotes, dots and backslashes of an example are what a shell is to be given.
    expect(shown).toContain(
      "callgate why 'clone(flags=CLONE_NEWUSER|SIGCHLD)' --like containerd@1.7.27+crun\n",
    );
    expect(shown).toContain('callgate why "popen failure: Cannot allocate memory" --engine docker@20.10.9\n');
    expect(shown).toContain('callgate lint ./profile.json --format sarif > lint.sarif\n');
  });
});
