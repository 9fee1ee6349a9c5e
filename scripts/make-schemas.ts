// What the readers take and the words that they know → schemas/*.schema.json, for editors: node scripts/run.mjs scripts/make-schemas.ts
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { profileSchema } from './schemas/profile.js';
import type { Schema } from './schemas/schema.js';
import { configSchema, suiteSchema } from './schemas/suite.js';

const schemas: Readonly<Record<string, () => Schema>> = {
  'seccomp-profile': profileSchema,
  'callgate-test': suiteSchema,
  'callgate-config': configSchema,
};

/** Texts by file name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(schemas).map(([name, make]) => [
      `${name}.schema.json`,
      `${JSON.stringify(make(), undefined, 1)}\n`,
    ]),
  );
}

if (process.argv[1]?.endsWith('make-schemas.ts') === true) {
  for (const [name, text] of schemaFiles()) await writeFile(join('schemas', name), text);
}
