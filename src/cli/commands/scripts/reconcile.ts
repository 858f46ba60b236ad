import { BACKEND_CHOICES } from '../../../automation/schedules/backends/choose.ts';
import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { choice, toggle } from '../../flags.ts';
import { renderReconcile } from '../../render/schedules.ts';
import { withSchedules } from '../../schedules-door.ts';

export default defineCommand({
  description:
    'Brings the schedules in line with what your scripts declare: creates what is missing, repairs what differs, and ' +
    'names what no script declares. --dry-run says what would be done and writes nothing; --check does the same and ' +
    'ends with 1 when anything is not as declared.',
  example: 'nexo scripts reconcile --dry-run',
  flags: {
    dryRun: toggle('say what would be done and write nothing'),
    check: toggle('as --dry-run, and exit code 1 when there is anything to do'),
    pruneOrphans: toggle('also remove schedules of ours that no script declares'),
    backend: choice(BACKEND_CHOICES, 'who wakes the scripts'),
    refreshPath: toggle('give the jobs the PATH of this shell'),
  },
  run: async ({ flags, context }) => {
    if (flags.pruneOrphans && (flags.dryRun || flags.check)) {
      throw new NexoError('USAGE', '--prune-orphans changes things; --dry-run and --check do not.', {
        hint: 'A dry run lists the orphans by itself.',
      });
    }
    const { reconcile } = await import('../../../automation/schedules/reconcile.ts');
    const readOnly = flags.dryRun || flags.check;
    const report = await withSchedules(context, { backend: flags.backend, readOnly }, (options) =>
      reconcile({ ...options, pruneOrphans: flags.pruneOrphans, refreshPath: flags.refreshPath }),
    );
    return { ...report, check: flags.check };
  },
  render: (report, view) => renderReconcile(report, view),
  failed: ({ ok, drift, check }) => !ok || (check && drift),
});
