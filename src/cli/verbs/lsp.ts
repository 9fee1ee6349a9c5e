import type { Verb } from '../verb.js';

export const lspVerb: Verb = {
  name: 'lsp',
  define: (command, io, exit) => {
    command
      .description('Serve an editor: findings, completion, hover and fixes in profiles and suites.')
      .option('--stdio', 'over standard input and output, which is all there is')
      .addHelpText(
        'after',
        `
The Language Server Protocol. Profiles are told by their content, suites by their name (*.test.yaml); findings are for
the context of callgate.config.json. docs/editors.md shows what editors are to be told.

Example:
  callgate lsp --stdio
`,
      )
      .action(async () => {
        const [{ createConnection, ProposedFeatures, StreamMessageReader, StreamMessageWriter }, { serve }] =
          await Promise.all([import('vscode-languageserver/node'), import('../lsp/server.js')]);
        const connection = createConnection(
          ProposedFeatures.all,
          new StreamMessageReader(process.stdin),
          new StreamMessageWriter(process.stdout),
        );
        serve(connection, io);
        await new Promise<void>((resolve) => process.stdin.once('close', resolve));
        exit(0);
      });
  },
};
