/**
 * One line that GitHub's runner turns into an annotation. What is in it cannot begin another command: the runner looks
 * for `::` at the beginning of a line and for `##[` anywhere.
 */
export function workflowCommand(
  level: 'error' | 'warning' | 'notice',
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${level} ${list.join(',')}::${data(message)}\n`;
}

/** Escaping of actions/toolkit, packages/core/src/command.ts. */
function data(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll('##[', '#%23[');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
