import { defineCommand } from '../../command.ts';
import { APPLY_FLAGS, applyFromCommandLine, renderApplied } from '../../skills-apply.ts';

export default defineCommand({
  description: 'Tries a skill without running it: its parameters and its command are put together and shown.',
  example: 'nexo skills test SK-RUN-RUNTIME-DOCTOR',
  positionals: [{ name: 'id', description: 'id of the skill', required: true }],
  flags: APPLY_FLAGS,
  run: async ({ words: [id = ''], flags, context }) => ({
    ...(await applyFromCommandLine(id, flags, context, { dryRun: true })),
    tested: true,
    test_kind: 'dry_run',
  }),
  render: renderApplied,
  failed: ({ ok }) => !ok,
});
