import { NexoError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { completionScript, SHELLS } from '../completion/scripts.ts';

export default defineCommand({
  description: `Prints the completion script for a shell. To load it:

  bash   in ~/.bashrc:  eval "$(nexo completions bash)"
  zsh    in ~/.zshrc:   eval "$(nexo completions zsh)"     (after compinit)
  fish   once:          nexo completions fish \\
                          > ~/.config/fish/completions/nexo.fish
  pwsh   in $PROFILE:   nexo completions pwsh | Out-String | Invoke-Expression`,
  example: 'nexo completions bash',
  flags: {},
  positionals: [{ name: 'shell', description: 'the shell', required: true, choices: SHELLS }],
  run: async ({ words }) => {
    const shell = SHELLS.find((known) => known === words[0]);
    if (shell === undefined)
      throw new NexoError('USAGE', `There is no completion for ${words[0] ?? 'that shell'}.`);
    return { shell, script: completionScript(shell) };
  },
  verbatim: ({ script }) => script,
});
