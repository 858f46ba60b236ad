import { readStatus } from '../../workspace/status.ts';
import { defineCommand } from '../command.ts';
import { renderStatus } from '../render/status.ts';

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
    return { ...status, rootSource: source, now: workspace.clock.now() };
  },
  render: renderStatus,
});
