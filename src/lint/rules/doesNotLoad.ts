import type { LintRule } from '../rule.js';

/** The engine or runtime of this context refuses the profile. */
export const doesNotLoad: LintRule = {
  id: 'does-not-load',
  level: 'error',
  title: 'No container starts with this profile here',
  check: ({ prediction }) => {
    if (prediction.kind !== 'loadError') return [];
    const { context, stage, message, reason, at } = prediction;
    const { name, version } = context[stage];
    const words = message === '' ? (reason ?? '') : message;
    return [
      {
        text: `${name} ${version} refuses it: ${words}${reason === undefined || message === '' ? '' : ` (${reason})`}`,
        ...(at === undefined ? {} : { at }),
      },
    ];
  },
};
