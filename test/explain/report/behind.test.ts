import { beforeAll, describe, expect, it } from 'vitest';
import { resolveContext } from '../../../src/engine/resolveContext.js';
import type { LayerFacts } from '../../../src/explain/layers/facts.js';
import { type FilterPrediction, predict } from '../../../src/explain/predict.js';
import { reportOf, type WeighedCause } from '../../../src/explain/report/report.js';
import { behindWords } from '../../../src/explain/report/words.js';
import { denied } from './observations.js';

let prediction: FilterPrediction;
beforeAll(async () => {
  const { context } = await resolveContext({ engine: 'docker@28.5.2', arch: 'amd64', kernel: '6.12' });
  const found = await predict(context);
  if (found.kind !== 'filter') throw new Error(found.kind);
  prediction = found;
});

async function causeOf(syscalls: readonly string[], facts: LayerFacts): Promise<WeighedCause> {
  const denials = syscalls.map((name, firstPlace) => denied(name, [], { firstPlace }));
  const about = { command: ['program'], context: [], notes: [] };
  const ending = { exitCode: 1, signal: undefined };
  const { causes } = await reportOf(
    { denials, unlisted: 0, ending },
    about,
    prediction.policy,
    prediction,
    facts,
  );
  const [cause] = causes;
  if (cause === undefined || causes.length > 1) throw new RangeError(`${causes.length} causes`);
  return cause;
}

const without = ({ remedy: _, ...cause }: WeighedCause): WeighedCause => cause;
const LACKS = 'EPERM, needs CAP_SYS_ADMIN, which the container does not have';

describe('who denies a call next, if the filter lets it through', () => {
  it('is known for each cause', async () => {
    const cause = await causeOf(['setns'], {});
    expect(cause.behind.map(({ syscall, denier }) => [syscall, denier?.layer, denier?.errno])).toEqual([
      ['setns', 'capability', 'EPERM'],
    ]);
    expect(behindWords(without(cause))).toBe(`capability: ${LACKS}`);
  });

  it('is told by call where there are several', async () => {
    const cause = await causeOf(['setns', 'mount'], { apparmor: true });
    expect(behindWords(without(cause))).toBe(
      `setns: capability: ${LACKS}; mount: apparmor: EACCES, docker-default denies it`,
    );
  });

  it('is not told twice where the remedy says it', async () => {
    const cause = await causeOf(['setns'], {});
    expect(cause.remedy?.note).toContain(LACKS);
    expect(behindWords(cause)).toBeUndefined();
  });

  it('is nobody where nothing else is asked', async () => {
    const cause = await causeOf(['get_mempolicy'], {});
    expect(cause.behind).toEqual([]);
    expect(behindWords(cause)).toBeUndefined();
  });
});
