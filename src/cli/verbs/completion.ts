import { Argument } from 'commander';
import { CallgateError } from '../../error.js';
import { SHELLS, scripts } from '../complete/scripts.js';
import type { Verb } from '../verb.js';

export const completionVerb: Verb = {
  name: 'completion',
  define: (command, io, exit) => {
    command
      .description('Print what makes a shell complete the words of callgate.')
      .addArgument(new Argument('<shell>', 'that completes').choices(SHELLS))
      .addHelpText(
        'after',
        `
Verbs, flags, releases (newest first), targets, calls, capabilities and files are completed.

Examples:
  echo 'source <(callgate completion bash)' >> ~/.bashrc
  callgate completion zsh > ~/.zfunc/_callgate    # with fpath+=(~/.zfunc) before compinit in ~/.zshrc
  callgate completion fish > ~/.config/fish/completions/callgate.fish
`,
      )
      .action((shell: string) => {
        const script = scripts.get(shell);
        if (script === undefined) throw new CallgateError('USAGE', `no completion for ${shell}`);
        io.out(script);
        exit(0);
      });
  },
};
