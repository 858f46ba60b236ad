import { NexoError } from '../../errors.ts';
import { statement } from '../../home/sql.ts';
import { discoverScripts, type ScriptEntry } from '../scripts/discover.ts';
import { resolvePersonal } from '../scripts/resolve-script.ts';
import { cronIdProblem, type Declaration, readDeclaration } from './declaration.ts';
import { desiredSchedules, toSpec } from './desired.ts';
import type { DeclarationProblem } from './problem.ts';
import { installSchedule, type ReconcileOptions, removeEverywhere } from './reconcile.ts';
import { listSchedules, readSchedule, type Schedule, type ScheduleSpec } from './store.ts';

export interface AddRequest {
  /** Name of a personal script. */
  readonly script: string;
  readonly cronId?: string | undefined;
  /** `HH:MM` or `HH:MM:weekday`. */
  readonly schedule?: string | undefined;
  readonly intervalSeconds?: string | undefined;
  readonly keepAlive?: boolean | undefined;
  readonly description?: string | undefined;
}

export interface RemovedSchedule {
  readonly cron_id: string;
  readonly backend: string;
  /** Files that were deleted; none in our own scheduler. */
  readonly deleted: readonly string[];
}

export interface Unscheduled {
  readonly ok: true;
  readonly script: string;
  readonly removed_schedules: readonly RemovedSchedule[];
  /** The metadata still declares it: reconcile leaves it away until it is added again. */
  readonly held: boolean;
}

/**
 * Gives a script a schedule at once: the one that it declares, or, for a script that declares none, one for which a time
 * is given here. Throws SCRIPT_NOT_FOUND, SCRIPT_PROTECTED, SCHEDULE_INVALID, SCHEDULE_EXISTS, SCHEDULE_INSTALL_FAILED.
 */
export async function addSchedule(options: ReconcileOptions, request: AddRequest): Promise<Schedule> {
  const { entry } = resolvePersonal(options.home, request.script);
  const backend = options.backends.chosen.name;
  const givesTime =
    request.schedule !== undefined || request.intervalSeconds !== undefined || request.keepAlive === true;
  const spec = givesTime ? givenSpec(entry, request, options) : declaredSpec(entry, request, options);
  const before = readSchedule(options.database, spec.cronId);
  if (before !== undefined && (before.scriptPath !== spec.scriptPath || givesTime)) {
    throw new NexoError(
      'SCHEDULE_EXISTS',
      `There is a schedule ${spec.cronId} already, for ${before.scriptPath}.`,
      {
        hint: `Choose another id with --cron-id, or remove it: nexo schedules remove ${spec.cronId}`,
        data: { cron_id: spec.cronId },
      },
    );
  }
  await installSchedule({ ...spec, backend }, options);
  statement(options.database, 'DELETE FROM schedule_holds WHERE script_path = ?').run(entry.path);
  const added = readSchedule(options.database, spec.cronId);
  if (added === undefined) throw new Error(`the schedule ${spec.cronId} was not registered`);
  return added;
}

/**
 * Takes every schedule of a script away, from every back end. Its metadata stays as it is, so the script is put on hold:
 * reconcile does not bring the schedule back, `addSchedule` does. `holds: false` is for a script that goes itself.
 */
export async function unscheduleScript(
  options: Pick<ReconcileOptions, 'database' | 'backends' | 'clock'>,
  entry: Pick<ScriptEntry, 'name' | 'path' | 'declaration'>,
  { holds = true } = {},
): Promise<Unscheduled> {
  const attached = listSchedules(options.database).filter(({ scriptPath }) => scriptPath === entry.path);
  const removed: RemovedSchedule[] = [];
  for (const { cronId, backend } of attached) {
    const deleted = await removeEverywhere(options.database, options.backends.all, cronId);
    removed.push({ cron_id: cronId, backend, deleted });
  }
  const held = holds && entry.declaration.required;
  if (held) hold(options, entry.path, entry.declaration.cronId);
  return { ok: true, script: entry.name, removed_schedules: removed, held };
}

/** Takes one schedule away by its id. Throws SCHEDULE_NOT_FOUND. */
export async function removeSchedule(
  options: Pick<ReconcileOptions, 'database' | 'backends' | 'clock'>,
  cronId: string,
): Promise<Unscheduled> {
  const schedule = readSchedule(options.database, cronId);
  if (schedule === undefined) {
    throw new NexoError('SCHEDULE_NOT_FOUND', `There is no schedule ${cronId}.`, {
      hint: 'nexo schedules list shows what there is.',
      data: { cron_id: cronId },
    });
  }
  const deleted = await removeEverywhere(options.database, options.backends.all, cronId);
  const held = schedule.source === 'declared';
  if (held) hold(options, schedule.scriptPath, cronId);
  return {
    ok: true,
    script: schedule.name,
    removed_schedules: [{ cron_id: cronId, backend: schedule.backend, deleted }],
    held,
  };
}

function hold(
  { database, clock }: Pick<ReconcileOptions, 'database' | 'clock'>,
  path: string,
  cronId: string,
): void {
  statement(
    database,
    `INSERT INTO schedule_holds (script_path, cron_id, held_at) VALUES (?, ?, ?)
     ON CONFLICT (script_path) DO UPDATE SET held_at = excluded.held_at`,
  ).run(path, cronId, clock.now());
}

function declaredSpec(entry: ScriptEntry, { cronId }: AddRequest, options: ReconcileOptions): ScheduleSpec {
  const { entries } = discoverScripts(options.home);
  const personal = entries.filter(({ classification }) => classification === 'personal');
  const { desired, invalid } = desiredSchedules(personal, {
    backend: options.backends.chosen.name,
    held: new Set(),
  });
  const found = desired.find((each) => each.entry.path === entry.path);
  if (found !== undefined && (cronId === undefined || cronId === found.spec.cronId)) return found.spec;
  if (found !== undefined) {
    throw new NexoError(
      'SCHEDULE_INVALID',
      `${entry.name} declares the id ${found.spec.cronId}, not ${cronId}.`,
      {
        hint: 'Leave the id out, or change it in the script.',
      },
    );
  }
  const problems = invalid.find(({ path }) => path === entry.path)?.problems ?? [];
  if (problems.length > 0) throw invalidSchedule(entry.name, problems);
  throw new NexoError('SCHEDULE_INVALID', `${entry.name} declares no schedule, and none is given.`, {
    hint: `Say when: nexo schedules add ${entry.name} --schedule 09:00, or declare it in the script.`,
  });
}

function givenSpec(entry: ScriptEntry, request: AddRequest, options: ReconcileOptions): ScheduleSpec {
  if (entry.declaration.required) {
    throw new NexoError('SCHEDULE_EXISTS', `${entry.name} declares a schedule of its own.`, {
      hint: `Change it in ${entry.path}, then: nexo scripts reconcile`,
      data: { path: entry.path },
    });
  }
  const declaration: Declaration = readDeclaration({
    ...entry.metadata,
    name: entry.name,
    runtime: entry.runtime === 'unknown' ? '' : entry.runtime,
    cron_id: request.cronId ?? readDeclaration({ name: entry.name }).cronId,
    schedule_required: 'true',
    ...(request.schedule !== undefined && { schedule: request.schedule }),
    ...(request.intervalSeconds !== undefined && { interval_seconds: request.intervalSeconds }),
    ...(request.keepAlive === true && { recovery_policy: 'restart_daemon' }),
  });
  const problem = cronIdProblem(declaration.cronId);
  const problems = [...declaration.problems, ...(problem && declaration.valid ? [problem] : [])];
  const spec = toSpec(entry, declaration, options.backends.chosen.name);
  if (problems.length > 0 || spec === undefined) throw invalidSchedule(entry.name, problems);
  return { ...spec, source: 'added', description: request.description ?? spec.description };
}

function invalidSchedule(name: string, problems: readonly DeclarationProblem[]): NexoError {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new NexoError('SCHEDULE_INVALID', `${name}: ${first?.message ?? 'no schedule'}${more}`, {
    ...(first?.hint !== undefined && { hint: first.hint }),
    data: { problems },
  });
}
