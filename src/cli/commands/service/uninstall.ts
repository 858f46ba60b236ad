import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { serviceOptionsOf } from '../../service-door.ts';

export default defineCommand({
  description: 'Stops the service of your home’s daemon and removes it. None there is no failure.',
  example: 'nexo service uninstall --dry-run',
  flags: { dryRun: toggle('say what would be done, and change nothing') },
  stopsItself: true,
  run: async ({ flags: { dryRun }, context: { io } }) => {
    const { uninstallService } = await import('../../../daemon/service/service.ts');
    return uninstallService(await serviceOptionsOf(io), { dryRun });
  },
  render: ({ removed, commands, dry_run }, { ink, marks }) => {
    if (removed === null) return 'No service was installed.';
    if (!dry_run) return `${ink.good(marks.done)} The service is gone: ${removed}`;
    return [
      ink.bold('Would run'),
      ...commands.map((line) => `  ${line}`),
      ink.bold('and remove'),
      `  ${removed}`,
    ].join('\n');
  },
});
