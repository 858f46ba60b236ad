import { readStatus, type StatusWarning } from '../../workspace/status.ts';
import { defineCommand } from '../command.ts';
import { lacksMergeDriver } from '../git-merge-driver.ts';
import { renderStatus } from '../render/status.ts';

const MERGE_DRIVER_MISSING: StatusWarning = {
  code: 'MERGE_DRIVER_MISSING',
  message: 'The project merges .nexus/history.json with Nexo, but this clone is not set up for it.',
  hint: 'Run `nexo init --merge-driver` once in this clone.',
};

export default defineCommand({
  description:
    'Shows the workspace at one glance: which one it is, the plan and its issues, the tasks with what is ready and ' +
    'what waits, agents at work in every harness, recent cycles, and anything that needs attention.',
  example: 'nexo status',
  flags: {},
  run: async ({ context }) => {
    const { source } = await context.root();
    const workspace = await context.workspace();
    const status = await readStatus(workspace);
    const warnings = (await lacksMergeDriver(workspace.root))
      ? [...status.warnings, MERGE_DRIVER_MISSING]
      : status.warnings;
    return { ...status, warnings, rootSource: source, now: workspace.clock.now() };
  },
  render: renderStatus,
});
