import { createScript } from '../../../automation/scripts/create-script.ts';
import { LANGUAGES } from '../../../automation/scripts/templates.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, toggle, wholeNumber } from '../../flags.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Writes a new personal script from its template, ready to run. With --schedule, --interval, --daemon or ' +
    '--monthly its header says when it runs by itself; nexo scripts reconcile then installs that.',
  example: 'nexo scripts create morning-report --schedule 09:00',
  flags: {
    description: text('what it does, in one line'),
    runtime: choice(LANGUAGES, 'what it is written in; python unless said', 'language'),
    schedule: text('a time of day, or with :0 to :6 behind it of a weekday, 0 is Sunday', {
      placeholder: 'HH:MM',
    }),
    interval: wholeNumber('again and again, so many seconds apart', 'seconds'),
    daemon: toggle('started once and kept running'),
    monthly: wholeNumber('daily, and the script goes on only on that day of the month', 'day'),
    force: toggle('replace a script of that name; the old one goes to the trash'),
  },
  positionals: [{ name: 'name', description: 'what to call it', required: true }],
  run: ({ flags, words, context }) =>
    withHome(context, ({ paths, database }) => {
      const { schedule, interval, daemon, monthly, description } = flags;
      return createScript(database, paths, {
        name: firstWord(words),
        language: flags.runtime ?? 'python',
        force: flags.force,
        ...(description !== undefined && { description }),
        wanted: {
          daemon,
          ...(schedule !== undefined && { schedule }),
          ...(interval !== undefined && { intervalSeconds: interval }),
          ...(monthly !== undefined && { monthlyDay: monthly }),
        },
      });
    }),
  render: ({ name, path, schedule_label, replaced }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${path}`,
      ...(replaced === null ? [] : [`  The old one is in the trash: ${replaced.restore}`]),
      schedule_label === null
        ? `${ink.accent(marks.arrow)} nexo scripts run ${name}`
        : `${ink.accent(marks.arrow)} ${schedule_label}, once nexo scripts reconcile has installed it`,
    ].join('\n'),
});
