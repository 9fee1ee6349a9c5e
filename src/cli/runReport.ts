import { appendFileSync } from 'node:fs';
import { release } from 'node:os';
import { describeDenial } from '../explain/denial.js';
import { reportAsGithub } from '../explain/report/github.js';
import { reportAsMarkdown } from '../explain/report/markdown.js';
import { type Report, reportOf } from '../explain/report/report.js';
import { whoWords } from '../explain/report/words.js';
import { verdictWord } from '../explain/verdict.js';
import type { RunResult } from '../linux/run.js';
import type { Denial } from '../linux/supervisor/denial.js';
import { contextLine, contextRows } from './context/contextLine.js';
import { layerFacts } from './context/layerFlags.js';
import type { Loaded } from './context/subject.js';
import { tellFailure } from './failure.js';
import type { Io } from './io/io.js';
import { paint } from './output/paint.js';
import { liveDenial } from './page/liveDenial.js';
import type { LiveFeed } from './page/liveFeed.js';
import { openLivePage } from './page/livePage.js';
import { untilSignal } from './page/untilSignal.js';
import type { RunFlags } from './runFlags.js';
import { runJson } from './runJson.js';
import { runText } from './runText.js';
import { version } from './version.js';

/** Runs a command with the explorer page open on its denied calls; the page stays until a signal comes. */
export async function withPage(
  words: readonly string[],
  loaded: Loaded,
  io: Io,
  supervise: (feed: LiveFeed) => Promise<number>,
): Promise<number> {
  const head = { title: `run: ${words.join(' ')}`, context: await contextLine(loaded.context) };
  const page = await openLivePage(head, io);
  try {
    const code = await supervise(page.feed);
    page.feed.say(`The command ended with ${code}.`);
    io.err('callgate: the page stays until Ctrl-C\n');
    await untilSignal();
    return code;
  } finally {
    await page.close();
  }
}

/** Tells what was denied, in the form that was asked for, and gives the exit code. */
export async function reportRun(
  command: readonly string[],
  result: RunResult,
  loaded: Loaded,
  flags: RunFlags,
  io: Io,
): Promise<number> {
  const about = {
    command,
    context: await versions(loaded),
    notes: loaded.notes.map(({ text }) => text),
  };
  const { exitCode, signal, denials, unlisted } = result;
  const observation = { denials, unlisted, ending: { exitCode, signal } };
  const report = await reportOf(
    observation,
    about,
    loaded.policy,
    loaded.prediction,
    layerFacts({ ...flags, here: true }, ''),
  );
  const failed = exitCode === 0 && isFailure(report, flags);
  tell(report, failed, result, loaded, flags, io);
  return failed ? 1 : exitCode;
}

function isFailure({ causes, total }: Report, { failOnDenial, failOnAnyDenial }: RunFlags): boolean {
  if (failOnAnyDenial === true) return total > 0;
  const harmless = causes.filter(({ impact }) => impact.kind === 'falls-back');
  return failOnDenial === true && total > harmless.reduce((sum, { count }) => sum + count, 0);
}

function tell(
  report: Report,
  failed: boolean,
  result: RunResult,
  loaded: Loaded,
  flags: RunFlags,
  io: Io,
): void {
  if (typeof flags.report === 'string') {
    const markdown = flags.report.endsWith('.md');
    const text = markdown ? reportAsMarkdown(report) : runJson(report, result, loaded);
    try {
      io.write(flags.report, text);
    } catch (error) {
      // The rest is told all the same, and the exit code stays the command's.
      tellFailure(error, io);
    }
  }
  // A command that was not started tells nothing about its calls.
  if (result.error !== undefined && flags.format !== 'json') return;
  switch (flags.format) {
    case 'human':
      return io.err(runText(report, io));
    case 'json':
      return io.err(runJson(report, result, loaded));
    case 'markdown':
      return io.err(reportAsMarkdown(report));
    case 'github':
      io.err(reportAsGithub(report, failed));
      return summarize(reportAsMarkdown(report), io);
  }
}

/** Every step of a job has a file of its own, which it may have begun already. */
function summarize(text: string, io: Io): void {
  const path = io.env['GITHUB_STEP_SUMMARY'];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, text);
  } catch (error) {
    io.err(
      `callgate: note: $GITHUB_STEP_SUMMARY cannot be written: ${(error as NodeJS.ErrnoException).code}\n`,
    );
  }
}

/** Versions of everything that the verdicts depend on. */
async function versions({ context }: Loaded): Promise<Report['context']> {
  return [
    ['callgate', version],
    ...(await contextRows(context)),
    ['Host', `Linux ${release()}, Node.js ${process.versions.node}`],
  ];
}

/** Whoever wants to hear of a denied call at once. */
export function listener(
  { follow }: RunFlags,
  loaded: Loaded,
  io: Io,
  feed: LiveFeed | undefined,
): (denial: Denial) => void {
  const print = follow === true ? follower(loaded, io) : undefined;
  return (denial) => {
    print?.(denial);
    feed?.denial(liveDenial(denial, loaded.policy, loaded.prediction));
  };
}

/** Prints each kind of denied call once. */
function follower(loaded: Loaded, io: Io): (denial: Denial) => void {
  const seen = new Set<string>();
  return (denial) => {
    const line = denialLine(denial, loaded, io);
    if (seen.has(line) || seen.size >= MOST_LINES) return;
    seen.add(line);
    io.err(line);
  };
}

/** As many kinds as the supervisor keeps apart. */
const MOST_LINES = 10_000;

/** `callgate: unshare(CLONE_NEWUSER) → EPERM  unshare[1234]` and the rule in the next line. */
function denialLine(denial: Denial, { policy, prediction }: Loaded, io: Io): string {
  const colours = paint(io);
  const { text, verdict, rule } = describeDenial(denial, policy, prediction);
  const who = whoWords(denial);
  const head = `callgate: ${colours.bold(text)} → ${colours.red(verdictWord(verdict))}  ${colours.dim(who)}\n`;
  return rule === undefined ? head : `${head}callgate:   ${colours.dim(rule.text)}\n`;
}
