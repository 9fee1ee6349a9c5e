import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveContext } from '../../src/engine/resolveContext.js';
import { lint } from '../../src/lint/lint.js';
import { mend } from '../../src/lint/mend.js';
import { readProfile } from '../../src/profile/read.js';

async function mended(text: string, file = 'profile.json'): Promise<string> {
  const profile = readProfile(text, file);
  const { context } = await resolveContext({ arch: 'amd64', profile });
  const input = { profile, text, context };
  return (await mend(input, await lint(input))).text;
}

const around = (rule: string): string => `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [${rule}]
}`;

const ALLOW = '"action": "SCMP_ACT_ALLOW"';

/** What is written, and what is left; all else stays. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ['a mistyped name', `{"names": ["opennat"], ${ALLOW}}`, `{"names": ["openat"], ${ALLOW}}`],
  ['a mistyped action', '{"names": ["read"], "action": "SCMP_ACT_ALOW"}', `{"names": ["read"], ${ALLOW}}`],
  ['a name in the old form', `{"name": "opennat", ${ALLOW}}`, `{"name": "openat", ${ALLOW}}`],
  ['no dangerous call', `{"names": ["mounnt"], ${ALLOW}}`, `{"names": ["mounnt"], ${ALLOW}}`],
  [
    'a dangerous call that is denied',
    '{"names": ["mounnt"], "action": "SCMP_ACT_KILL"}',
    '{"names": ["mount"], "action": "SCMP_ACT_KILL"}',
  ],
  [
    'a name twice',
    `{"names": ["read", "write", "read"], ${ALLOW}}`,
    `{"names": ["read", "write"], ${ALLOW}}`,
  ],
  [
    'a name twice, the second in the middle',
    `{"names": ["read", "read", "write"], ${ALLOW}}`,
    `{"names": ["read", "write"], ${ALLOW}}`,
  ],
  ['a name three times', `{"names": ["read", "read", "read"], ${ALLOW}}`, `{"names": ["read"], ${ALLOW}}`],
  [
    'a name of another architecture, on a line of its own',
    `{"names": [\n    "read", // stays\n    "s390_pci_mmio_read",\n    "write"\n  ], ${ALLOW}}`,
    `{"names": [\n    "read", // stays\n    "write"\n  ], ${ALLOW}}`,
  ],
  [
    'with comments about it, which stay',
    `{"names": ["read", "s390_pci_mmio_read" /* why? */, "write"], ${ALLOW}}`,
    `{"names": ["read",  /* why? */ "write"], ${ALLOW}}`,
  ],
  [
    'the last one, with a comment before it',
    `{"names": ["read", /* why? */ "s390_pci_mmio_read"], ${ALLOW}}`,
    `{"names": ["read", /* why? */ "s390_pci_mmio_read"], ${ALLOW}}`,
  ],
  [
    'trailing commas',
    `{"names": ["read", "a,]", /* ,] */ "write", // c\n ], ${ALLOW},}`,
    `{"names": ["read", "a,]", /* ,] */ "write" // c\n ], ${ALLOW}}`,
  ],
  [
    'a capability without its prefix',
    `{"names": ["mount"], ${ALLOW}, "includes": {"caps": ["SYS_ADMIN"]}}`,
    `{"names": ["mount"], ${ALLOW}, "includes": {"caps": ["CAP_SYS_ADMIN"]}}`,
  ],
  [
    'no other capability',
    `{"names": ["mount"], ${ALLOW}, "includes": {"caps": ["CAP_SYS_ADMINN"]}}`,
    `{"names": ["mount"], ${ALLOW}, "includes": {"caps": ["CAP_SYS_ADMINN"]}}`,
  ],
];

const MEANT = new Map([
  ['raed', 'read'],
  ['opennat', 'openat'],
]);

describe('--fix', () => {
  it.each(ROWS)('%s', async (_, before, after) => {
    expect(await mended(around(before))).toBe(around(after));
  });

  it('keeps CR LF and a name’s escapes', async () => {
    const text = `{\r\n "defaultAction": "SCMP_ACT_ERRNO",\r\n "syscalls": [{"names": ["\\u006fpennat", "raed"], ${ALLOW}}]\r\n}\r\n`;
    expect(await mended(text)).toBe(text.replace('"raed"', '"read"'));
  });

  it('edits YAML too', async () => {
    const text = `apiVersion: security-profiles-operator.x-k8s.io/v1beta1
kind: SeccompProfile
metadata: {name: x}
spec:
  defaultAction: SCMP_ACT_ERRNO # deny
  syscalls:
    - action: SCMP_ACT_ALOW
      names: [read, 'wriet'] # two
`;
    expect(await mended(text, 'profile.yaml')).toBe(
      text.replace('SCMP_ACT_ALOW', 'SCMP_ACT_ALLOW').replace("'wriet'", "'write'"),
    );
  });

  it('whatever the names, leaves a text that reads as a profile with nothing left to mend', async () => {
    const name = fc.constantFrom('read', 'write', 'raed', 's390_runtime_instr', 'close', 'opennat');
    const gap = fc.constantFrom('', ' ', '\n  ', ' /* c */ ', '\n// c\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(gap, name, gap), { minLength: 1, maxLength: 8 }), async (names) => {
        const list = names.map(([before, word, after]) => `${before}"${word}"${after}`).join(',');
        const text = around(`{"names": [${list}], ${ALLOW}}`);
        const result = await mended(text);
        const words = readProfile(result, 'x.json').rules[0]?.names ?? [];
        const kept = names.map(([, word]) => MEANT.get(word) ?? word);
        // The same names, once each, those of other architectures aside.
        const real = (all: readonly string[]) => [...new Set(all.filter((word) => !word.startsWith('s390')))];
        expect(real(words).sort()).toEqual(real(kept).sort());
        expect((result.match(/\/\* c \*\/|\/\/ c/g) ?? []).length).toBe(
          (text.match(/\/\* c \*\/|\/\/ c/g) ?? []).length,
        );
        expect(await mended(result)).toBe(result);
      }),
      { numRuns: 60 },
    );
  });
});
