import { readStatus, type StatusWarning } from '../../workspace/status.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { lacksMergeDriver } from '../git-merge-driver.ts';
import { type LiveRun, renderStatus } from '../render/status.ts';

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
    const runs = await liveRuns(workspace.root, context);
    return { ...status, warnings, runs, rootSource: source, now: workspace.clock.now() };
  },
  render: renderStatus,
});

/** Runs in this project that go on now, whoever has started them. A glance makes no database, and fails over none. */
async function liveRuns(root: string, context: CommandContext): Promise<LiveRun[]> {
  const [{ runWorld }, { existsSync }] = await Promise.all([import('../run-door.ts'), import('node:fs')]);
  const world = runWorld(context);
  if (!existsSync(world.paths.database)) return [];
  try {
    const { openRunRecords } = await import('../../runner/records/best-effort.ts');
    const records = await openRunRecords(world);
    try {
      return records
        .list({ limit: MAX_RUNS, status: 'running' })
        .filter(({ cwd }) => cwd === root || cwd.startsWith(`${root}/`))
        .map(({ id, caller, backend, startedAt }) => ({ id, caller, backend, startedAt }));
    } finally {
      records.close();
    }
  } catch {
    return []; // nexo doctor says what is wrong with it
  }
}

const MAX_RUNS = 100;
