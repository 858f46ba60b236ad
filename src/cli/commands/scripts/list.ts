import { listScripts } from '../../../automation/scripts/overview.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { renderScriptList } from '../../render/scripts.ts';
import { withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Your personal scripts: what each is for, when it runs, and how its last run ended. With --all also those that ' +
    'are hidden, taken out of use, or part of Nexo.',
  example: 'nexo scripts list --json',
  flags: { all: toggle('hidden scripts and those of Nexo too') },
  run: ({ flags, context }) =>
    withHome(context, ({ paths, database }) => listScripts(database, paths, { all: flags.all })),
  render: renderScriptList,
});
