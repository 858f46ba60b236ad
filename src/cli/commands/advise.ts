import { adviceExitCode, adviseOn, NEED_FLAGS, renderAdvice } from '../advice.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description:
    'Says which kind of artifact a need calls for (a script, a skill, a plugin, a schedule, or a change of the ' +
    'product), why, where it goes, and what to run next. No model is asked: the same words give the same answer. ' +
    'Exit code 3 means that the words do not settle it; the questions say what is missing.',
  example: 'nexo advise "send me a sales report each morning at 8"',
  positionals: [{ name: 'need', description: 'what is needed, in words', variadic: true }],
  flags: NEED_FLAGS,
  run: async ({ words, flags, context }) => adviseOn(words.join(' '), flags, context),
  render: renderAdvice,
  exitCode: adviceExitCode,
});
