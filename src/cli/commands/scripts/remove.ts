import { unscheduleScript } from '../../../automation/schedules/manage.ts';
import { removeScript } from '../../../automation/scripts/remove-script.ts';
import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { withSchedules } from '../../schedules-door.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Takes a script out of use, its schedules first. The file goes to the trash, and the answer says how it comes ' +
    'back; with --keep-file it stays where it is and is neither listed nor scheduled until nexo scripts enable.',
  example: 'nexo scripts remove morning-report',
  flags: {
    keepFile: toggle('leave the file where it is'),
    delete: toggle('delete the file for good'),
  },
  positionals: [{ name: 'name', description: 'the script', required: true, completes: 'script' }],
  run: ({ flags, words, context }) => {
    if (flags.keepFile && flags.delete)
      throw new NexoError('USAGE', '--keep-file and --delete do not go together.');
    return withSchedules(context, {}, (options) =>
      removeScript(options.database, options.home, {
        name: firstWord(words),
        file: flags.keepFile ? 'keep' : flags.delete ? 'delete' : 'trash',
        unschedule: async (entry) =>
          (await unscheduleScript(options, entry, { holds: false })).removed_schedules,
      }),
    );
  },
  render: ({ script, path, trash, keep_file, unschedule }, { ink, marks }) => {
    const what = keep_file ? 'out of use, its file stays' : trash === null ? 'deleted' : 'in the trash';
    const schedules = unschedule.removed_schedules.map(({ cron_id }) => cron_id);
    return [
      `${ink.good(marks.done)} ${script} is ${what}`,
      ...(schedules.length === 0 ? [] : [`  no longer scheduled: ${schedules.join(', ')}`]),
      ...(trash === null ? [`  ${path}`] : [`${ink.accent(marks.arrow)} ${trash.restore}`]),
    ].join('\n');
  },
});
