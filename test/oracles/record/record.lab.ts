import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOracle, isRoot } from '../../oracle.js';
import { build } from '../../scenarios/callgate.js';
import { recordAndReplay } from '../../scenarios/recordAndReplay.js';
import { LARGE, lacksFor, recordables, scratch } from '../../scenarios/recordable.js';
import { postgres } from './postgres.js';

let directory: string;
const rows: string[] = [];

beforeAll(async () => {
  await build();
  directory = scratch();
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
  process.stdout.write(`${rows.join('\n')}\n`);
});

const NOBODY = 65534;
const seconds = Number(process.env['CALLGATE_PGBENCH_SECONDS'] ?? 60);

for (const one of [...recordables(LARGE), postgres(seconds)]) {
  const users = isRoot ? (one.asUser === true ? [NOBODY] : [undefined, NOBODY]) : [undefined];
  describeWithOracle(lacksFor(one), one.name, () => {
    for (const uid of users)
      it(`runs five times under its own profile, ${uid === undefined ? 'as this user' : `as user ${uid}`}`, async () => {
        const { runs, coverage, comparison, profile, replays } = await recordAndReplay(one, directory, {
          uid,
          times: 5,
        });
        const { allows, defaultAllows, percentFewer, beyond } = comparison;
        rows.push(
          `${one.name}, ${runs[0]?.recorder}: ${coverage.calls} calls of ${profile.recorded.length} kinds, ${coverage.lost} lost; allows ${allows} of ${defaultAllows} (-${percentFewer} %), beyond: ${beyond.map(({ syscall }) => syscall).join(' ') || 'none'}; denied in 5 replays: ${replays.flatMap(({ denials }) => denials).join(' ') || 'none'}`,
        );
        for (const { denials, status } of replays)
          expect({ denials, status }).toEqual({ denials: [], status: 0 });
        expect(coverage.lost).toBe(0);
        expect(percentFewer).toBeGreaterThanOrEqual(60);
      });
  });
}
