import { adviceExitCode, adviseOn, NEED_FLAGS, renderAdvice } from '../../advice.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';

export default defineCommand({
  description: 'The same as nexo advise, with the need in a flag.',
  example: 'nexo artifacts advise --need "back up my notes every night"',
  flags: { need: text('what is needed, in words', { placeholder: 'words' }), ...NEED_FLAGS },
  run: async ({ flags: { need = '', ...said }, context }) => adviseOn(need, said, context),
  render: renderAdvice,
  exitCode: adviceExitCode,
});
