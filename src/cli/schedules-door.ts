import type { OpenSchedules } from '../automation/schedules/open.ts';
import type { ReconcileOptions } from '../automation/schedules/reconcile.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { CommandContext } from './command.ts';

/** Opens what the commands about schedules work on, for as long as `use` takes. */
export async function withSchedules<T>(
  { io }: Pick<CommandContext, 'io'>,
  open: OpenSchedules,
  use: (options: ReconcileOptions) => Promise<T>,
): Promise<T> {
  const schedules = await import('../automation/schedules/open.ts');
  const { tellScheduler } = await import('../daemon/reload.ts');
  const userHome = io.userHome();
  const home = resolveHomePaths(io.env, userHome);
  return schedules.withSchedules(
    { home, userHome, env: io.env, tellScheduler: () => tellScheduler(home) },
    open,
    use,
  );
}
