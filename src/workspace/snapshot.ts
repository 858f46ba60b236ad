import type { LoadedFile } from './state-files.ts';
import type { Cycle, IssueRead, TaskRead } from './state-schemas.ts';

/** A plan as a cycle holds it: everything but `schema_version`, unknown keys included. */
export function snapshotPlan(plan: LoadedFile<object, IssueRead>): NonNullable<Cycle['plan']> {
  const { schema_version: _version, ...members } = { ...plan.root } as Record<string, unknown>;
  const { created_at, ...rest } = members;
  // Checked by the read schema; what an older release left out stays out.
  return {
    ...rest,
    issues: plan.items,
    ...(created_at === undefined ? {} : { created_at }),
  } as unknown as NonNullable<Cycle['plan']>;
}

/** The tasks as a cycle holds them: as they are. */
export function snapshotTasks(tasks: LoadedFile<object, TaskRead> | undefined): Cycle['tasks'] {
  return (tasks?.items ?? []) as unknown as Cycle['tasks'];
}
