import { createProgram } from '../program.js';
import type { Verb } from '../verb.js';
import { verbs } from '../verbs.js';
import { manPage } from './man/page.js';

export const manVerb: Verb = {
  name: 'man',
  define: (command, io, exit) => {
    command
      .description('Print the manual page, made from the same definitions as --help.')
      .addHelpText('after', '\nExamples:\n  callgate man | man -l -\n')
      .action(async () => {
        io.out(
          manPage(
            await createProgram(
              verbs.filter(({ hidden }) => hidden !== true),
              io,
              exit,
            ),
          ),
        );
        exit(0);
      });
  },
};
