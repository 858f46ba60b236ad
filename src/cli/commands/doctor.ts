import { TIER_REQUESTS } from '../../doctor/choices.ts';
import { type DoctorReport, exitCodeOf } from '../../doctor/report.ts';
import { NexoError } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { choice, text, toggle } from '../flags.ts';
import { renderDoctor } from '../render/doctor.ts';

export default defineCommand({
  description:
    'Looks at everything that Nexo depends on and says what is wrong, how it knows, and what to do. With --fix it ' +
    'puts right what needs no decision and says what it changed. Exit code 0: all healthy; 1: something degraded; ' +
    '2: something critical.',
  example: 'nexo home init && nexo doctor',
  flags: {
    // A word that is no tier is one of the things that the report can say.
    tier: { ...choice(TIER_REQUESTS, 'how deep to look'), read: text('').read },
    fix: toggle('put right what can be'),
    script: text('only this personal script', { placeholder: 'name' }),
    plane: text('what is asked about; the default is the right one here', { placeholder: 'name' }),
  },
  stopsItself: true,
  run: async ({ flags, context }): Promise<DoctorReport> => {
    const { io } = context;
    const { createDoctorContext } = await import('../../doctor/world.ts');
    const { runDoctor } = await import('../../doctor/run.ts');
    const { tier = 'boot', fix, script, plane } = flags;
    context.note(`nexo doctor: looking at ${tier === 'all' ? 'everything' : `the ${tier} tier`}…`);
    return runDoctor({
      tier,
      fix,
      plane,
      context: {
        ...createDoctorContext({
          env: io.env,
          userHome: io.userHome(),
          projectRoot: await projectRoot(context),
          script,
          program: io.program,
        }),
        signal: io.signal,
      },
    });
  },
  render: (report, view) => renderDoctor(report, view),
  exitCode: exitCodeOf,
});

/** Outside a project the rest is still worth looking at; a root that was named has to be one. */
async function projectRoot(context: CommandContext): Promise<string | undefined> {
  try {
    return (await context.root()).path;
  } catch (error) {
    if (error instanceof NexoError && context.rootFlag === undefined) return undefined;
    throw error;
  }
}
