import { type ClaimResult, type SuiteResult, totals } from './results.js';

/** Results as JUnit XML, which CI servers read: a testsuite a file, a testcase a claim and context. */
export function toJunit(suites: readonly SuiteResult[]): string {
  const { passed, failed } = totals(suites);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${passed + failed}" failures="${failed}">`,
  ];
  for (const suite of suites) {
    const own = totals([suite]);
    lines.push(
      `  <testsuite name="${xml(suite.file)}" tests="${own.passed + own.failed}" failures="${own.failed}">`,
    );
    for (const result of suite.results) lines.push(...testcase(result));
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>');
  return `${lines.join('\n')}\n`;
}

function testcase({
  test,
  contextName,
  claim,
  ok,
  at,
  expected,
  got,
  reasons,
}: ClaimResult): readonly string[] {
  const open = `    <testcase classname="${xml(test)}" name="${xml(`${claim} [${contextName}]`)}" file="${xml(at.file)}" line="${at.line}"`;
  if (ok) return [`${open}/>`];
  const message = xml(`expected ${expected}, got ${got}`);
  const text = xml([`${at.file}:${at.line}:${at.column}`, ...reasons].join('\n'));
  return [`${open}>`, `      <failure message="${message}">${text}</failure>`, '    </testcase>'];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 has no way to write other control characters; lone surrogates do not outlive UTF-8. */
function xml(text: string): string {
  return text
    .replace(/[<>&"\n]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '\ufffd');
}
