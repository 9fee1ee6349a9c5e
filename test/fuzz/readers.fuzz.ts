import { writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { campaign } from './campaign.js';
import { targets } from './targets.js';

/** For each target. */
const SECONDS = Number(process.env['CALLGATE_FUZZ_SECONDS'] ?? 30);
const SEED = Number(process.env['CALLGATE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const ONLY = process.env['CALLGATE_FUZZ_ONLY'];

const rows: string[] = [];
afterAll(() => {
  const head = `seed ${SEED}, ${SECONDS} s each\n| reader | inputs | refused | outcomes | slowest |\n| --- | --- | --- | --- | --- |`;
  const text = `${head}\n${rows.join('\n')}\n`;
  console.info(text);
  const file = process.env['CALLGATE_FUZZ_REPORT'];
  if (file !== undefined) writeFileSync(file, text);
});

test.each(
  targets
    .filter(({ name }) => ONLY === undefined || name === ONLY)
    .map((target) => [target.name, target] as const),
)('%s', (name, target) => {
  const { inputs, refused, outcomes, slowest } = campaign(target, SEED, 1000 * SECONDS);
  rows.push(`| ${name} | ${inputs} | ${refused} | ${outcomes} | ${Math.round(slowest)} ms |`);
  expect(inputs).toBeGreaterThan(0);
});
