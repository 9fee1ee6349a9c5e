import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { describeWithOracle, hasCommand } from '../oracle.js';
import { build, CALLGATE, callgate, type Outcome, profile } from './callgate.js';

const missing = ['unshare', 'setarch', 'busybox', 'chmod'].filter((command) => !hasCommand(command));
const lacks =
  process.platform !== 'linux'
    ? 'Linux'
    : missing.length > 0
      ? `the commands ${missing.join(', ')}`
      : undefined;

// setarch -R asks for personality(ADDR_NO_RANDOMIZE): no other layer has a say in it, so this machine does not show.
const LIKE = ['--like', 'docker@28.5.2'];
let directory: string;

beforeAll(build);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callgate-report-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Process numbers, directories and this machine's versions differ from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(directory, 'DIR')
    .replace(/(unshare|setarch)\[\d+\]/g, '$1[PID]')
    .replace(/\(process \d+\)/g, '(process PID)')
    .replace(/0x[0-9a-f]{8,}/g, '0xADDRESS')
    .replace(/^(- callgate: ).*$/m, '$1VERSION')
    .replace(/^setarch: .*\n/, '')
    .replace(/Linux \d+\.\d+[\w.+-]*/g, 'Linux VERSION')
    .replace(/Node\.js \d+\.\d+\.\d+/g, 'Node.js VERSION');
}

describeWithOracle(lacks, 'the report of run', () => {
  it('one call, for a person', () => {
    const { status, stderr } = callgate('run', ...LIKE, '--', 'setarch', '-R', 'true');
    expect(status).toBe(1);
    expect(steady(stderr)).toMatchInlineSnapshot(`
      "callgate: 2 calls denied; setarch ended with 1
        ✗ personality(PER_LINUX|ADDR_NO_RANDOMIZE) → EPERM  twice  setarch[PID]
          rule     no rule applies, so the default action of docker@28.5.2 answers: ERRNO (EPERM)
          matters  maybe: the last denied call before the command ended with 1
          remedy   allow personality with these arguments only: one rule in front of the profile's →
                   allowed; opens 1 call
                   {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}
                   widens exactly (proved): personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE)
                   on x86_64, x86, x32
      "
    `);
  });

  it('as Markdown, in a file and on standard error', () => {
    const file = join(directory, 'report.md');
    const flags = [...LIKE, '--format', 'markdown', '--report', file];
    const { stdout, stderr } = callgate('run', ...flags, '--', 'sh', '-c', 'echo out; setarch -R true 2>&1');
    // The command's own output stays its own.
    expect(stdout).toMatch(/^out\nsetarch: .*Operation not permitted\n$/);
    expect(readFileSync(file, 'utf8')).toBe(stderr);
    expect(steady(stderr)).toMatchInlineSnapshot(`
      "### 2 calls denied; the command ended with 1

      Command: \`sh -c "echo out; setarch -R true 2>&1"\`

      #### \`personality → EPERM\`, twice

      - \`personality(PER_LINUX|ADDR_NO_RANDOMIZE)\` twice by \`setarch[PID]\`
      - **Rule:** no rule applies, so the default action of docker@28.5.2 answers: ERRNO (EPERM)
      - **Does it matter:** maybe: the last denied call before the command ended with 1
      - **Remedy:** allow personality with these arguments only: one rule in front of the profile's → allowed; opens 1 call
        - widens exactly (proved): personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) on x86_64, x86, x32

      \`\`\`json
      {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}
      \`\`\`

      - callgate: VERSION
      - Engine: docker 28.5.2
      - Runtime: runc 1.3.3
      - libseccomp: 2.5.6
      - Kernel: Linux VERSION
      - Architecture: x86_64
      - Capabilities: default capabilities
      - Profile: default profile
      - Host: Linux VERSION, Node.js VERSION
      "
    `);
  });

  it('as annotations, and a summary behind what the step has written already', () => {
    const summary = join(directory, 'summary.md');
    writeFileSync(summary, 'before\n');
    const words = [
      'run',
      ...LIKE,
      '--format',
      'github',
      '--fail-on-denial',
      '--',
      'sh',
      '-c',
      'setarch -R true 2>&1 || true',
    ];
    const { status, stderr } = spawnSync(process.execPath, [CALLGATE, ...words], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', GITHUB_STEP_SUMMARY: summary },
    });
    expect(status).toBe(1);
    expect(steady(stderr)).toMatchInlineSnapshot(`
      "::error title=seccomp%3A personality → EPERM::personality(PER_LINUX|ADDR_NO_RANDOMIZE), twice by setarch[PID]%0ARule: no rule applies, so the default action of docker@28.5.2 answers: ERRNO (EPERM)%0ADoes it matter: maybe not: the command went on and ended with 0%0ARemedy: allow personality with these arguments only: one rule in front of the profile's → allowed; opens 1 call%0Awidens exactly (proved): personality when personality == (PER_LINUX|ADDR_NO_RANDOMIZE) on x86_64, x86, x32%0A{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 262144, "op": "SCMP_CMP_EQ"}]}
      "
    `);
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n### 2 calls denied; the command ended with 0\n/);
  });

  it('as JSON on standard error, the same as in a file', () => {
    const file = join(directory, 'report.json');
    const flags = ['--profile', profile('chmod.json'), '--format', 'json', '--report', file];
    const { stderr } = callgate(
      'run',
      ...flags,
      '--',
      'sh',
      '-c',
      `busybox chmod 400 ${directory} 2>&1; true`,
    );
    expect(stderr.slice(stderr.indexOf('{'))).toBe(readFileSync(file, 'utf8'));
    const { causes, exit } = JSON.parse(readFileSync(file, 'utf8'));
    expect(exit).toEqual({ code: 0, signal: null });
    expect(causes).toMatchObject([
      {
        syscalls: ['chmod'],
        count: 1,
        kinds: [{ text: `chmod("${directory}", 0400)`, count: 1 }],
        impact: { kind: 'went-on' },
        remedy: { opens: { count: 1, calls: ['chmod'] } },
      },
    ]);
  });

  it('names each call as it happens with --follow', () => {
    const { stderr } = callgate(
      'run',
      ...LIKE,
      '--follow',
      '--',
      'sh',
      '-c',
      'unshare -U true; sleep 0.3; echo end >&2',
    );
    const lines = stderr.split('\n');
    const at = lines.findIndex((line) =>
      line.startsWith('callgate: unshare(CLONE_NEWUSER) → EPERM  unshare['),
    );
    expect(at).toBeGreaterThanOrEqual(0);
    expect(at).toBeLessThan(lines.indexOf('end'));
    expect(lines.indexOf('end')).toBeLessThan(
      lines.findIndex((line) => line.startsWith('callgate: 1 call denied')),
    );
  });

  it('shows a program’s name and strings, whatever is in them', () => {
    const program = join(directory, '\u001b[2J\n::error::x ##[error]y');
    const copy = spawnSync('cp', ['/bin/busybox', program]);
    expect(copy.status).toBe(0);
    for (const format of ['human', 'markdown', 'github', 'json']) {
      const flags = ['--profile', profile('chmod.json'), '--format', format, '--follow'];
      const { stderr } = callgate('run', ...flags, '--', program, 'chmod', '400', 'a\n::warning::b\u001b[1m');
      // What the command itself writes stands before it.
      const own = stderr.slice(stderr.indexOf('callgate: chmod'));
      expect(own).not.toContain('\u001b');
      expect(own).not.toContain('##[');
      expect(own).not.toMatch(/^\s*::(?!warning title=seccomp%3A chmod → EPERM::)/m);
    }
  });
});

const exits: readonly (readonly [string, readonly string[], string, number])[] = [
  ['nothing denied', ['--fail-on-denial'], 'exit 0', 0],
  ['denied and ended well', ['--fail-on-denial'], 'unshare -U true; exit 0', 1],
  ['denied and ended well, without the flag', [], 'unshare -U true; exit 0', 0],
  ['denied and failed', ['--fail-on-denial'], 'unshare -U true; exit 7', 7],
  ['denied and ended by a signal', ['--fail-on-denial'], 'unshare -U true; kill -TERM $$', 143],
];

describeWithOracle(lacks, 'the exit code', () => {
  it.each(exits)('%s', (_, flags, script, code) => {
    const outcome: Outcome = callgate('run', ...LIKE, ...flags, '--', 'sh', '-c', script);
    expect(outcome.status).toBe(code);
  });

  it('a call whose callers take another way counts with --fail-on-any-denial only', () => {
    const thread = [process.execPath, '-e', 'new (require("worker_threads").Worker)("0", { eval: true })'];
    const status = (...flags: readonly string[]): number | null =>
      callgate('run', '--profile', profile('clone3-enosys.json'), ...flags, '--', ...thread).status;
    expect([status(), status('--fail-on-denial'), status('--fail-on-any-denial')]).toEqual([0, 0, 1]);
  });

  it.each(['--follow', '--fail-on-denial', '--fail-on-any-denial'])(
    '%s and --no-report contradict each other',
    (flag) => {
      const { status, stderr } = callgate('run', ...LIKE, '--no-report', flag, '--', 'true');
      expect(status).toBe(2);
      expect(stderr).toMatch(/^callgate: --no-report leaves nobody/);
    },
  );
});
