import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { renderEnsured } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description: 'The part of reconcile that installs schedules, and its report alone.',
  example: 'nexo scripts ensure-schedules --dry-run',
  flags: { dryRun: toggle('say what would be done and write nothing') },
  run: async ({ flags, context }) => {
    const { reconcile } = await import('../../../automation/schedules/reconcile.ts');
    const { ensure_schedules, sync, classification } = await withSchedules(
      context,
      { readOnly: flags.dryRun },
      reconcile,
    );
    return { ...ensure_schedules, sync, classification };
  },
  render: (report, view) => {
    const lines = renderEnsured(report, view);
    return lines.length === 0 ? 'No script declares a schedule.' : lines.join('\n');
  },
  failed: ({ ok }) => !ok,
});
