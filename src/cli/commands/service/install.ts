import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { serviceOptionsOf } from '../../service-door.ts';

export default defineCommand({
  description:
    'Installs the daemon of your home as a service of your session, under systemd or launchd, and starts it: from ' +
    'then on it is there after every login, and comes back when it fails. A daemon in the background makes room for ' +
    'it. A temporary home touches nothing of the system.',
  example: 'nexo service install --dry-run',
  flags: { dryRun: toggle('show the file and the commands, and change nothing') },
  stopsItself: true,
  run: async ({ flags: { dryRun }, context: { io } }) => {
    const { installService } = await import('../../../daemon/service/service.ts');
    const options = await serviceOptionsOf(io);
    const report = await installService(options, { dryRun });
    return { ...report, scratch: options.scratch ?? null };
  },
  render: ({ file, commands, dry_run, changed, stopped_background, scratch }, { ink, marks, paragraph }) => {
    if (dry_run) {
      return [
        ink.bold(file.path),
        ...paragraph(file.content, '  '),
        ink.bold('Then'),
        ...commands.map((line) => `  ${line}`),
        ...(scratch === null
          ? []
          : ['', `${ink.warn(marks.warning)} Without --dry-run it would refuse: ${scratch}.`]),
      ].join('\n');
    }
    return [
      `${ink.good(marks.done)} The daemon is a service now${changed ? '' : ' (it was already)'}: ${file.path}`,
      ...(stopped_background ? ['  The daemon in the background was stopped in its favour.'] : []),
      ink.dim('  To have it without a login as well: loginctl enable-linger'),
    ]
      .filter((line) => process.platform === 'linux' || !line.includes('loginctl'))
      .join('\n');
  },
});
