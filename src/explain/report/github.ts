import type { Report, WeighedCause } from './report.js';
import { MOST_CAUSES } from './report.js';
import {
  countWords,
  folded,
  matterWords,
  remedyWords,
  shownKinds,
  times,
  titleOf,
  whoWords,
} from './words.js';
import { workflowCommand } from './workflowCommand.js';

/** A report as annotations of GitHub Actions, one for each cause. */
export function reportAsGithub(report: Report, failing: boolean): string {
  const [causes, more] = folded(report.causes, MOST_CAUSES, 'cause');
  const lines = causes.map((cause) => annotation(cause, failing));
  if (more !== undefined)
    lines.push(workflowCommand('notice', { title: 'callgate' }, `${countWords(report)}: ${more}`));
  return lines.join('');
}

function annotation(cause: WeighedCause, failing: boolean): string {
  const level = cause.impact.kind === 'falls-back' ? 'notice' : failing ? 'error' : 'warning';
  const [kinds, more] = shownKinds(cause);
  const lines = [
    ...kinds.map((kind) => `${kind.text}, ${times(kind.count)} by ${whoWords(kind)}`),
    ...(more === undefined ? [] : [more]),
    ...(cause.rule === undefined ? [] : [`Rule: ${cause.rule.text}`]),
    `Does it matter: ${matterWords(cause)}`,
    ...remedyWords(cause).map((text, index) => (index === 0 ? `Remedy: ${text}` : text)),
    ...(cause.remedy?.patch === undefined ? [] : [cause.remedy.patch]),
  ];
  return workflowCommand(level, { title: `seccomp: ${titleOf(cause)}` }, lines.join('\n'));
}
