import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import Ajv from 'ajv';
import draft4 from 'ajv/lib/refs/json-schema-draft-04.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { toGithub } from '../../src/lint/github.js';
import { lint } from '../../src/lint/lint.js';
import { toSarif } from '../../src/lint/sarif.js';
import { readProfile } from '../../src/profile/read.js';

const BAD = `{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    { "names": ["chmod", "opennat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 }
  ]
}`;

async function findings(text: string) {
  const profile = readProfile(text, 'a b/100%.json');
  const { context } = await resolveContext({ arch: 'amd64', profile });
  return lint({ profile, text, context });
}

const ajv = new Ajv({ schemaId: 'id', meta: false, unknownFormats: 'ignore' });
ajv.addMetaSchema(draft4);
const validate = ajv.compile(schema);

describe('SARIF', () => {
  it.each([
    ['of a bad profile', BAD],
    ['of a good one', '{"defaultAction": "SCMP_ACT_KILL", "syscalls": []}'],
  ])('%s is valid by the schema of 2.1.0', async (_, text) => {
    const log: unknown = JSON.parse(
      JSON.stringify(toSarif([{ findings: await findings(text), file: 'a b/100%.json' }], '0.1.0')),
    );
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('the schema refuses what is none', () => {
    expect(validate({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });

  it('has one result a finding, each with its rule, place and level', async () => {
    const found = await findings(BAD);
    const log = JSON.parse(JSON.stringify(toSarif([{ findings: found, file: 'a b/100%.json' }], '0.1.0')));
    const [run] = log.runs;
    expect(run.results).toHaveLength(found.length);
    for (const [index, result] of run.results.entries()) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(result.ruleId).toBe(found[index]?.rule);
    }
    const typo = run.results.find(({ ruleId }: { ruleId: string }) => ruleId === 'unknown-name');
    expect(typo.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'a%20b/100%25.json' },
      region: { startLine: 4, startColumn: 26 },
    });
    expect(typo.message.text).toMatch(/did you mean openat\?$/);
  });
});

describe('GitHub workflow commands', () => {
  it('one a line, with file, line and column', async () => {
    const text = toGithub(await findings(BAD), 'a,b.json');
    expect(text).toContain(
      '::warning file=a%2Cb.json,line=4,col=26,title=callgate unknown-name::"opennat" is no',
    );
    expect(
      text
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('::')),
    ).toBe(true);
  });

  it('escapes what would end a command', () => {
    const finding = { rule: 'x', level: 'note', text: '100%\r\n::error::no' } as const;
    expect(toGithub([finding], 'f')).toBe('::notice file=f,title=callgate x::100%25%0D%0A::error::no\n');
  });
});
