import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithOracle, isRoot } from '../oracle.js';
import { build } from './callgate.js';
import { recordAndReplay } from './recordAndReplay.js';
import { lacksFor, recordables, SMALL, scratch } from './recordable.js';

let directory: string;

beforeAll(async () => {
  await build();
  directory = scratch();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As root by the recorder that callgate chooses itself, and as a user who has no privilege. */
const users = isRoot ? [undefined, 65534] : [undefined];

for (const one of recordables(SMALL))
  describeWithOracle(process.platform === 'linux' ? lacksFor(one) : 'Linux', `record: ${one.name}`, () => {
    for (const uid of users)
      it(`runs under its own profile, ${uid === undefined ? 'as this user' : `as user ${uid}`}`, async () => {
        const { replays, comparison } = await recordAndReplay(one, directory, { uid, times: 2 });
        for (const { denials, status } of replays)
          expect({ denials, status }).toEqual({ denials: [], status: 0 });
        expect(comparison.percentFewer).toBeGreaterThanOrEqual(60);
      });
  });
