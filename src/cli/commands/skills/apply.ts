import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { APPLY_FLAGS, applyFromCommandLine, renderApplied } from '../../skills-apply.ts';

export default defineCommand({
  description:
    'Applies a skill: shows its guide, runs its program, or both, as its mode says. Values go to the program as ' +
    'arguments and never through a shell. A program whose level is remote, or that somebody else wrote, waits for ' +
    'nexo skills approve. --dry-run shows exactly what would run, and changes nothing.',
  example: 'nexo skills apply SK-RUN-RUNTIME-DOCTOR --dry-run',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: { ...APPLY_FLAGS, dryRun: toggle('show what would run, and run nothing') },
  run: async ({ words: [id = ''], flags, context }) => applyFromCommandLine(id, flags, context, flags),
  render: renderApplied,
  failed: ({ ok }) => !ok,
});
