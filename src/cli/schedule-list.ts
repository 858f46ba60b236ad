import type { ScheduleRow } from '../automation/schedules/audit.ts';
import type { CommandContext } from './command.ts';
import { withSchedules } from './schedules-door.ts';

/** Every schedule, for the two commands that show them. */
export async function listAllSchedules(context: Pick<CommandContext, 'io'>): Promise<ScheduleRow[]> {
  const { auditSchedules } = await import('../automation/schedules/audit.ts');
  const { discoverScripts } = await import('../automation/scripts/discover.ts');
  return withSchedules(context, { readOnly: true }, ({ home, database, backends, clock }) =>
    auditSchedules({
      database,
      entries: discoverScripts(home).entries,
      backends: backends.all,
      now: clock.now(),
    }),
  );
}
