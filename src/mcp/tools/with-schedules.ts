import { type OpenSchedules, withSchedules as open } from '../../automation/schedules/open.ts';
import type { ReconcileOptions } from '../../automation/schedules/reconcile.ts';
import type { ToolWorld } from '../server-tool.ts';

/** What the tools about schedules work on; a daemon that runs is told of what they change. */
export function withSchedules<T>(
  { home, userHome, env }: ToolWorld,
  options: OpenSchedules,
  use: (options: ReconcileOptions) => Promise<T>,
): Promise<T> {
  const tellScheduler = async (): Promise<void> => {
    const reload = await import('../../daemon/reload.ts');
    await reload.tellScheduler(home);
  };
  return open({ home, userHome, env, tellScheduler }, options, use);
}
