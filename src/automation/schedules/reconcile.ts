import { tmpdir } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../../base/clock.ts';
import { bootIdentity } from '../../base/process-identity.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { checkShim, type ShimOptions, shimPath, writeShim } from '../../home/shim.ts';
import { inTransaction, statement, text } from '../../home/sql.ts';
import { countClasses, discoverScripts } from '../scripts/discover.ts';
import { type SyncResult, syncScripts } from '../scripts/registry.ts';
import type { Backends } from './backends/choose.ts';
import type { FoundUnit, ScheduleBackend, UnitPlan } from './backends/contract.ts';
import { type Desired, desiredSchedules, type Undesired } from './desired.ts';
import { firstDue } from './ledger.ts';
import { captureSearchPath } from './search-path.ts';
import {
  deleteSchedule,
  isSameSpec,
  listSchedules,
  putSchedule,
  readSetting,
  type Schedule,
  type ScheduleSpec,
  writeSetting,
} from './store.ts';
import { timingLabel } from './timing.ts';
import { systemZoneId, zoneOf } from './zone.ts';

export interface ReconcileOptions {
  readonly home: HomePaths;
  readonly userHome: string;
  readonly env: NodeJS.ProcessEnv;
  readonly database: DatabaseSync;
  readonly backends: Backends;
  readonly clock: Clock;
  readonly program: Omit<ShimOptions, 'paths'>;
  /** Only says what it would do. */
  readonly dryRun: boolean;
  /** Also removes schedules of ours that no script declares any more. */
  readonly pruneOrphans?: boolean;
  /** Captures `PATH` anew, and with it writes every unit anew. */
  readonly refreshPath?: boolean;
}

export interface Planned {
  readonly name: string;
  readonly cron_id: string;
  readonly schedule_label: string;
  readonly reason: string;
  /** What stood in its place: back end and name. */
  readonly removed: readonly string[];
  readonly dry_run: boolean;
}

export interface Orphan {
  readonly cron_id: string;
  readonly backend: string;
  readonly script_path: string | null;
  /** Ours to remove: it carries our mark. */
  readonly managed: boolean;
  readonly reason: string;
}

export interface EnsureReport {
  readonly ok: boolean;
  readonly dry_run: boolean;
  readonly created: readonly Planned[];
  readonly repaired: readonly Planned[];
  readonly already_present: readonly {
    readonly name: string;
    readonly cron_id: string;
    readonly schedule_label: string;
    readonly reloaded?: boolean;
  }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly invalid: readonly Undesired[];
  /** What the back end refused. */
  readonly failed: readonly {
    readonly name: string;
    readonly cron_id: string;
    readonly error: string;
    readonly hint: string | null;
  }[];
}

export interface ReconcileReport {
  readonly ok: boolean;
  readonly dry_run: boolean;
  readonly backend: string;
  /** Why that back end. */
  readonly backend_reason: string;
  /** `PATH` as the jobs see it. */
  readonly path: string;
  readonly shim: { readonly path: string; readonly state: string };
  /** Something is not as the scripts declare it. */
  readonly drift: boolean;
  readonly sync: SyncResult | null;
  readonly ensure_schedules: EnsureReport;
  readonly orphans: readonly Orphan[];
  readonly pruned: readonly string[];
  readonly classification: Readonly<Record<string, number>>;
}

/**
 * Brings the schedules in line with what the scripts declare: creates what is missing, repairs what differs, loads what
 * is not loaded, and reports what nobody declares. Doing it twice does nothing the second time.
 */
export async function reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
  const { home, database, backends, dryRun, clock } = options;
  const discovery = discoverScripts(home);
  const sync = dryRun ? null : syncScripts(database, discovery, home, { clock });
  const personal = discovery.entries.filter(({ classification }) => classification === 'personal');
  const { desired, invalid, skipped } = desiredSchedules(personal, {
    backend: backends.chosen.name,
    held: heldScripts(database),
  });
  const shimOptions: ShimOptions = { paths: home, ...options.program };
  const shimBefore = checkShim(shimOptions).state;
  const path = searchPathOf(options);
  const state = await readState(options);
  const actions = [];
  for (const each of desired) actions.push(await planAction(each, state, options, path));
  const orphans = findOrphans(
    state,
    desired,
    discovery.entries.map((entry) => entry.path),
  );
  const failed: EnsureReport['failed'][number][] = [];
  const done: Action[] = [];
  const pruned: string[] = [];
  if (!dryRun) {
    const isNeeded = desired.length > 0 || state.rows.length > 0;
    if (isNeeded) writeShim(shimOptions);
    if (isNeeded || options.refreshPath) writeSetting(database, 'path', path);
    for (const action of actions) {
      try {
        await apply(action, state, options, path);
        done.push(action);
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        const { name, cronId } = action.spec;
        failed.push({ name, cron_id: cronId, error: error.message, hint: error.hint ?? null });
      }
    }
    for (const orphan of options.pruneOrphans ? orphans.filter(({ managed }) => managed) : []) {
      await removeEverywhere(database, backends.all, orphan.cron_id);
      pruned.push(orphan.cron_id);
    }
  }
  const told = dryRun ? actions : done;
  const ofKind = (kind: Action['kind']) => told.filter((action) => action.kind === kind);
  const ok = failed.length === 0 && invalid.length === 0;
  return {
    ok,
    dry_run: dryRun,
    backend: backends.chosen.name,
    backend_reason: backends.reason,
    path,
    shim: { path: shimPath(home), state: dryRun ? shimBefore : checkShim(shimOptions).state },
    drift:
      actions.some(({ kind }) => kind !== 'keep') ||
      invalid.length > 0 ||
      orphans.some(({ managed }) => managed) ||
      (desired.length > 0 && shimBefore !== 'current'),
    sync,
    ensure_schedules: {
      ok,
      dry_run: dryRun,
      created: ofKind('create').map((action) => toPlanned(action, dryRun)),
      repaired: ofKind('repair').map((action) => toPlanned(action, dryRun)),
      already_present: [...ofKind('keep'), ...ofKind('load')].map(({ spec, kind }) => ({
        name: spec.name,
        cron_id: spec.cronId,
        schedule_label: timingLabel(spec.timing),
        ...(kind === 'load' && !dryRun && { reloaded: true }),
      })),
      skipped,
      invalid,
      failed,
    },
    orphans: orphans.filter(({ cron_id }) => !pruned.includes(cron_id)),
    pruned,
    classification: countClasses(discovery.entries),
  };
}

/** Takes a schedule out of every back end and out of the register; the names of what was deleted. */
export async function removeEverywhere(
  database: DatabaseSync,
  backends: readonly ScheduleBackend[],
  cronId: string,
): Promise<string[]> {
  const deleted: string[] = [];
  for (const backend of backends) {
    const units = await backend.discover();
    if (!units.some((unit) => unit.cronId === cronId && unit.managed)) continue;
    deleted.push(...(await backend.remove(cronId)).deleted);
  }
  inTransaction(database, () => deleteSchedule(database, cronId));
  return deleted;
}

/** Installs one schedule as it stands, replacing what is ours. Throws as `ScheduleBackend.install` does. */
export async function installSchedule(spec: ScheduleSpec, options: ReconcileOptions): Promise<void> {
  const path = searchPathOf(options);
  const state = await readState(options);
  writeShim({ paths: options.home, ...options.program });
  writeSetting(options.database, 'path', path);
  await apply({ kind: 'repair', spec, reason: '', replaces: attachedTo(spec, state) }, state, options, path);
}

interface State {
  readonly rows: readonly Schedule[];
  readonly units: readonly { readonly backend: ScheduleBackend; readonly unit: FoundUnit }[];
}

interface Action {
  readonly kind: 'create' | 'repair' | 'load' | 'keep';
  readonly spec: ScheduleSpec;
  readonly reason: string;
  readonly replaces: readonly {
    readonly backend: ScheduleBackend;
    readonly cronId: string;
    readonly label: string;
  }[];
}

async function readState({ database, backends }: ReconcileOptions): Promise<State> {
  const units: State['units'][number][] = [];
  for (const backend of backends.all) {
    for (const unit of await backend.discover()) units.push({ backend, unit });
  }
  return { rows: listSchedules(database), units };
}

async function planAction(
  { spec }: Desired,
  state: State,
  options: ReconcileOptions,
  path: string,
): Promise<Action> {
  const backend = options.backends.chosen;
  const row = state.rows.find(({ cronId }) => cronId === spec.cronId);
  const attached = attachedTo(spec, state);
  const own = state.units.find((each) => each.backend === backend && each.unit.cronId === spec.cronId)?.unit;
  const others = attached.filter((each) => each.backend !== backend || each.cronId !== spec.cronId);
  const foreign = own !== undefined && !own.managed;
  if (row === undefined && attached.length === 0)
    return { kind: 'create', spec, reason: 'nothing is installed', replaces: [] };
  const reasons = [
    foreign ? 'a unit that is not ours has its name' : '',
    row === undefined ? 'it is not registered' : '',
    row !== undefined && !isSameSpec(row, spec) ? `it was ${describe(row, spec)}` : '',
    own === undefined ? `${backend.name} does not have it` : '',
    own !== undefined && !foreign && differs(own, backend.plan(unitPlan(spec, options, path)))
      ? 'its unit was changed'
      : '',
    ...others.map(({ label }) => `${label} is attached to the same script`),
  ].filter((reason) => reason !== '');
  if (reasons.length > 0) return { kind: 'repair', spec, reason: reasons.join('; '), replaces: others };
  const { loaded } = await backend.state(spec.cronId);
  if (loaded) return { kind: 'keep', spec, reason: '', replaces: [] };
  return { kind: 'load', spec, reason: 'it is on disk and not loaded', replaces: [] };
}

/** Everything of ours that runs the same script or has the same id, besides what belongs to another declaration. */
function attachedTo(spec: ScheduleSpec, { rows, units }: State): Action['replaces'] {
  const added = new Set(rows.filter(({ source }) => source === 'added').map(({ cronId }) => cronId));
  return units
    .filter(({ unit }) => unit.managed)
    .filter(
      ({ unit }) =>
        unit.cronId === spec.cronId || (unit.scriptPath === spec.scriptPath && !added.has(unit.cronId)),
    )
    .map(({ backend, unit }) => ({ backend, cronId: unit.cronId, label: `${unit.label} (${backend.name})` }));
}

async function apply(action: Action, state: State, options: ReconcileOptions, path: string): Promise<void> {
  const { database, backends, clock } = options;
  const { spec } = action;
  if (action.kind === 'keep') return;
  for (const { backend, cronId } of action.replaces) {
    if (backend === backends.chosen && cronId === spec.cronId) continue;
    if (backend.name !== 'builtin') await backend.remove(cronId);
    if (cronId !== spec.cronId) inTransaction(database, () => deleteSchedule(database, cronId));
  }
  const now = clock.now();
  const rule = { timing: spec.timing, anchorMs: now };
  // Registered before its unit exists: a timer that fires at once has to find it.
  inTransaction(database, () =>
    putSchedule(database, spec, {
      now,
      boot: bootIdentity(),
      nextDueAt: firstDue({ rule }, now, zoneOf(systemZoneId(options.env))),
    }),
  );
  try {
    await backends.chosen.install(unitPlan(spec, options, path));
  } catch (error) {
    // What nothing will start must not look as if it would.
    const known = state.rows.some(({ cronId }) => cronId === spec.cronId);
    if (!known) inTransaction(database, () => deleteSchedule(database, spec.cronId));
    throw error;
  }
}

function findOrphans(state: State, desired: readonly Desired[], scripts: readonly string[]): Orphan[] {
  const wanted = new Set(desired.map(({ spec }) => spec.cronId));
  const present = new Set(scripts);
  const added = new Map(
    state.rows.filter(({ source }) => source === 'added').map((row) => [row.cronId, row]),
  );
  const orphans: Orphan[] = [];
  for (const { backend, unit } of state.units) {
    const row = added.get(unit.cronId);
    if (wanted.has(unit.cronId) && unit.managed) continue;
    if (row !== undefined && present.has(row.scriptPath)) continue;
    orphans.push({
      cron_id: unit.cronId,
      backend: backend.name,
      script_path: unit.scriptPath,
      managed: unit.managed,
      reason: orphanReason(unit, present),
    });
  }
  // Registered with a back end that has lost it.
  for (const row of state.rows) {
    const known = state.units.some(({ unit }) => unit.cronId === row.cronId);
    if (known || wanted.has(row.cronId) || (row.source === 'added' && present.has(row.scriptPath))) continue;
    orphans.push({
      cron_id: row.cronId,
      backend: row.backend,
      script_path: row.scriptPath,
      managed: true,
      reason: `it is registered, and ${row.backend} does not have it`,
    });
  }
  return orphans;
}

function orphanReason({ managed, home, scriptPath }: FoundUnit, present: ReadonlySet<string>): string {
  if (!managed) return home === null ? 'made by hand' : `made by the Nexo folder ${home}`;
  if (scriptPath === null) return 'its unit names no script';
  return present.has(scriptPath) ? 'its script declares no such schedule' : 'its script is gone';
}

function unitPlan(spec: ScheduleSpec, { home, userHome }: ReconcileOptions, path: string): UnitPlan {
  return { spec, home, userHome, shim: shimPath(home), searchPath: path };
}

function searchPathOf({ database, env, home, refreshPath }: ReconcileOptions): string {
  const captured = refreshPath ? undefined : readSetting(database, 'path');
  return captured ?? captureSearchPath(env.PATH, home.bin, tmpdir());
}

function differs(unit: FoundUnit, planned: FoundUnit['files']): boolean {
  return (
    unit.files.length !== planned.length ||
    planned.some((file) => unit.files.find(({ path }) => path === file.path)?.content !== file.content)
  );
}

function describe(row: Schedule, spec: ScheduleSpec): string {
  if (row.backend !== spec.backend) return `in ${row.backend}`;
  if (row.label !== timingLabel(spec.timing)) return row.label;
  return row.scriptPath === spec.scriptPath ? 'declared differently' : `for ${row.scriptPath}`;
}

/** Scripts whose schedule was taken away on purpose, or that were taken out of use with their file kept. */
function heldScripts(database: DatabaseSync): ReadonlySet<string> {
  const rows = statement(
    database,
    `SELECT script_path AS path FROM schedule_holds
     UNION SELECT path FROM personal_scripts WHERE removed_at IS NOT NULL`,
  ).all();
  return new Set(rows.map((row) => text(row, 'path')));
}

function toPlanned({ spec, reason, replaces }: Action, dryRun: boolean): Planned {
  return {
    name: spec.name,
    cron_id: spec.cronId,
    schedule_label: timingLabel(spec.timing),
    reason,
    removed: replaces.map(({ label }) => label),
    dry_run: dryRun,
  };
}
