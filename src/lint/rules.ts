import type { LintRule } from './rule.js';
import { actionIsDefault } from './rules/actionIsDefault.js';
import { archMapUnmatched } from './rules/archMapUnmatched.js';
import { dangerousAllow } from './rules/dangerousAllow.js';
import { deniesEverything } from './rules/deniesEverything.js';
import { denyList } from './rules/denyList.js';
import { doesNotLoad } from './rules/doesNotLoad.js';
import { duplicateName } from './rules/duplicateName.js';
import { epermBlocksFallback } from './rules/epermBlocksFallback.js';
import { ignoredField } from './rules/ignoredField.js';
import { missingSibling } from './rules/missingSibling.js';
import { nameNewerThanLibseccomp } from './rules/nameNewerThanLibseccomp.js';
import { nameNotOnArchitecture } from './rules/nameNotOnArchitecture.js';
import { narrowComparison } from './rules/narrowComparison.js';
import { reader } from './rules/reader.js';
import { repeatedArgument } from './rules/repeatedArgument.js';
import { runtimeCannotStart } from './rules/runtimeCannotStart.js';
import { shadowedRule } from './rules/shadowedRule.js';
import { unknownName } from './rules/unknownName.js';
import { validation } from './rules/validation.js';

/** Every rule; each has a page docs/lint/ID.md. */
export const lintRules: readonly LintRule[] = [
  ...reader,
  ...validation,
  unknownName,
  nameNewerThanLibseccomp,
  nameNotOnArchitecture,
  duplicateName,
  missingSibling,
  repeatedArgument,
  narrowComparison,
  actionIsDefault,
  shadowedRule,
  epermBlocksFallback,
  doesNotLoad,
  deniesEverything,
  runtimeCannotStart,
  denyList,
  dangerousAllow,
  ignoredField,
  archMapUnmatched,
];
