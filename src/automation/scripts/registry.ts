import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { type Clock, isoTime, systemClock } from '../../base/clock.ts';
import type { HomePaths } from '../../home/paths.ts';
import { inTransaction } from '../../home/sql.ts';
import { countClasses, type Discovery, type ScriptEntry } from './discover.ts';
import { logicalName } from './names.ts';

/** One personal script as the database knows it. */
export interface ScriptRow {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly runtime: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_by: string;
  readonly source: string;
  readonly origin: string;
  readonly enabled: boolean;
  readonly has_inline_metadata: boolean;
  /** When it was taken out of use while its file stayed; null for a script in use. */
  readonly removed_at: string | null;
  readonly last_synced_at: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface SyncResult {
  readonly ok: true;
  readonly paths_repaired: readonly { readonly from: string; readonly to: string }[];
  readonly scripts_upserted: number;
  readonly scripts_pruned: number;
  readonly registered_scripts: number;
  readonly classification: Readonly<Record<string, number>>;
}

export interface SyncOptions {
  readonly clock?: Clock;
  /** Who made scripts that are new here; of one that is known the first word stands. */
  readonly createdBy?: string;
}

/**
 * Brings the index in line with what discovery found: new and changed scripts are written, those whose file is gone are
 * removed. The operator's own marks (disabled, taken out of use) stay. Writes nothing when nothing has changed.
 */
export function syncScripts(
  database: DatabaseSync,
  discovery: Discovery,
  paths: Pick<HomePaths, 'home' | 'scripts'>,
  { clock = systemClock, createdBy = 'manual' }: SyncOptions = {},
): SyncResult {
  const entries = discovery.entries.filter(({ classification }) => classification === 'personal');
  const plan = planSync(listRows(database), entries, paths);
  if (plan.changed.length + plan.gone.length + plan.moved.length > 0) {
    const now = isoTime(clock);
    inTransaction(database, () => {
      // Read again under the lock: another process may have been faster.
      const fresh = planSync(listRows(database), entries, paths);
      const move = database.prepare('UPDATE personal_scripts SET path = ?, updated_at = ? WHERE path = ?');
      for (const { from, to } of fresh.moved) move.run(to, now, from);
      const prune = database.prepare('DELETE FROM personal_scripts WHERE path = ?');
      for (const path of fresh.gone) prune.run(path);
      const ids = new Set(listRows(database).map(({ id }) => id));
      for (const entry of fresh.changed) upsert(database, entry, ids, now, createdBy);
    });
  }
  return {
    ok: true,
    paths_repaired: plan.moved,
    scripts_upserted: plan.changed.length,
    scripts_pruned: plan.gone.length,
    registered_scripts: entries.length,
    classification: countClasses(discovery.entries),
  };
}

/** Every script in the index, by name and then by path. */
export function listRows(database: DatabaseSync): ScriptRow[] {
  return database.prepare('SELECT * FROM personal_scripts ORDER BY name, path').all().map(toRow);
}

export function findRow(database: DatabaseSync, path: string): ScriptRow | undefined {
  const row = database.prepare('SELECT * FROM personal_scripts WHERE path = ?').get(path);
  return row === undefined ? undefined : toRow(row);
}

/** Whether scheduled runs of the script may start: a script that the index does not know may. */
export function mayRunByItself(database: DatabaseSync, path: string): boolean {
  const row = findRow(database, path);
  return row === undefined || (row.enabled && row.removed_at === null);
}

/** Switches a script on or off for its schedule; switching on also takes it back into use. True when that changed it. */
export function setEnabled(
  database: DatabaseSync,
  path: string,
  enabled: boolean,
  clock: Clock = systemClock,
): boolean {
  const { changes } = database
    .prepare(
      enabled
        ? `UPDATE personal_scripts SET enabled = 1, removed_at = NULL, updated_at = ?
           WHERE path = ? AND (enabled = 0 OR removed_at IS NOT NULL)`
        : 'UPDATE personal_scripts SET enabled = 0, updated_at = ? WHERE path = ? AND enabled = 1',
    )
    .run(isoTime(clock), path);
  return changes > 0;
}

/** Takes a script out of use while its file stays: it is neither listed nor scheduled until it is switched on again. */
export function takeOutOfUse(database: DatabaseSync, path: string, clock: Clock = systemClock): void {
  const now = isoTime(clock);
  database
    .prepare('UPDATE personal_scripts SET removed_at = ?, updated_at = ? WHERE path = ?')
    .run(now, now, path);
}

interface SyncPlan {
  readonly changed: readonly ScriptEntry[];
  readonly gone: readonly string[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
}

function planSync(
  rows: readonly ScriptRow[],
  entries: readonly ScriptEntry[],
  { home, scripts }: Pick<HomePaths, 'home' | 'scripts'>,
): SyncPlan {
  const byPath = new Map(rows.map((row) => [row.path, row]));
  const present = new Set(entries.map(({ path }) => path));
  const moved = rows.flatMap(({ path }) => {
    // From the flat folder of older homes to the present one.
    if (present.has(path) || dirname(path) !== join(home, 'scripts')) return [];
    const to = join(scripts, path.slice(dirname(path).length + 1));
    return present.has(to) && !byPath.has(to) ? [{ from: path, to }] : [];
  });
  const target = new Map(moved.map(({ from, to }) => [to, byPath.get(from)]));
  const left = new Set(moved.map(({ from }) => from));
  return {
    moved,
    changed: entries.filter((entry) => !isCurrent(byPath.get(entry.path) ?? target.get(entry.path), entry)),
    // A row whose file is there and is no personal script any more goes too.
    gone: rows.map(({ path }) => path).filter((path) => !present.has(path) && !left.has(path)),
  };
}

function isCurrent(row: ScriptRow | undefined, entry: ScriptEntry): boolean {
  return (
    row !== undefined &&
    row.name === entry.name &&
    row.description === entry.description &&
    row.runtime === entry.runtime &&
    JSON.stringify(row.metadata) === JSON.stringify(entry.metadata)
  );
}

function upsert(
  database: DatabaseSync,
  entry: ScriptEntry,
  ids: Set<string>,
  now: string,
  createdBy: string,
): void {
  const values = {
    $name: entry.name,
    $path: entry.path,
    $description: entry.description,
    $runtime: entry.runtime,
    $metadata: JSON.stringify(entry.metadata),
    $has: Object.keys(entry.metadata).length > 0 ? 1 : 0,
    $now: now,
  };
  const { changes } = database
    .prepare(
      `UPDATE personal_scripts SET name = $name, description = $description, runtime = $runtime,
         metadata_json = $metadata, has_inline_metadata = $has, last_synced_at = $now, updated_at = $now
       WHERE path = $path`,
    )
    .run(values);
  if (changes > 0) return;
  const id = freeId(ids, entry.name);
  ids.add(id);
  database
    .prepare(
      `INSERT INTO personal_scripts (id, name, path, description, runtime, metadata_json, created_by, source, origin,
         has_inline_metadata, last_synced_at, created_at, updated_at)
       VALUES ($id, $name, $path, $description, $runtime, $metadata, $by, 'filesystem', 'user', $has, $now, $now, $now)`,
    )
    .run({ ...values, $id: id, $by: createdBy });
}

function freeId(taken: ReadonlySet<string>, name: string): string {
  const base = `ps-${logicalName(name)}`;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}

function toRow(row: Record<string, unknown>): ScriptRow {
  const text = (key: string): string => String(row[key] ?? '');
  const metadata: unknown = JSON.parse(text('metadata_json'));
  return {
    id: text('id'),
    name: text('name'),
    path: text('path'),
    description: text('description'),
    runtime: text('runtime'),
    // Written by `upsert` alone, from values that are all text.
    metadata: metadata as Record<string, string>,
    created_by: text('created_by'),
    source: text('source'),
    origin: text('origin'),
    enabled: row.enabled === 1,
    has_inline_metadata: row.has_inline_metadata === 1,
    removed_at: row.removed_at === null ? null : text('removed_at'),
    last_synced_at: text('last_synced_at'),
    created_at: text('created_at'),
    updated_at: text('updated_at'),
  };
}
