import { BACKEND_CHOICES } from '../../../automation/schedules/backends/choose.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, toggle } from '../../flags.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description:
    'Gives a script its schedule at once: the one that it declares, also after it was taken away, or, for a script ' +
    'that declares none, the one that is given here. What is to last belongs into the script’s header.',
  example: 'nexo schedules add morning-report --schedule 09:00',
  flags: {
    schedule: text('time of day, HH:MM, or HH:MM:weekday with 0 for Sunday', { placeholder: 'time' }),
    intervalSeconds: text('seconds from one run to the next', { placeholder: 'seconds' }),
    keepAlive: toggle('a daemon: started again whenever it ends'),
    cronId: text('id of the schedule; default: the name of the script', { placeholder: 'id' }),
    description: text('what it is for'),
    backend: choice(BACKEND_CHOICES, 'who wakes the script'),
  },
  positionals: [{ name: 'script', description: 'name of the script', required: true }],
  run: async ({ flags, words: [script = ''], context }) => {
    const { addSchedule } = await import('../../../automation/schedules/manage.ts');
    return withSchedules(context, { backend: flags.backend }, async (options) => {
      const added = await addSchedule(options, { script, ...flags });
      return {
        ok: true,
        cron_id: added.cronId,
        script: added.name,
        schedule_label: added.label,
        backend: added.backend,
        backend_reason: options.backends.reason,
        next_run_at: added.nextDueAt === null ? null : new Date(added.nextDueAt).toISOString(),
      };
    });
  },
  render: ({ cron_id, schedule_label, backend, backend_reason }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${ink.bold(cron_id)} runs: ${schedule_label}  ${ink.dim(`${backend}: ${backend_reason}`)}`,
      ...(backend === 'builtin' ? [ink.dim('  While the daemon does: nexo daemon start')] : []),
    ].join('\n'),
});
