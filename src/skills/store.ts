import { existsSync } from 'node:fs';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';

import { type Clock, isoTime } from '../base/clock.ts';
import { inTransaction } from '../home/sql.ts';
import type { ExecutionLevel, SkillDefinition, SkillLevel } from './definition.ts';
import { type Judged, judgeUse, levelAfterSync } from './trust.ts';

/** What the database remembers of one skill. */
export interface StoredSkill {
  readonly id: string;
  readonly level: SkillLevel;
  /** Empty until it was approved; what was approved holds for the program as it was then. */
  readonly approvedExecutionLevel: ExecutionLevel | '';
  readonly approvedAt: string;
  readonly approvedBy: string;
  readonly approvedDigest: string;
  readonly trustScore: number;
  readonly useCount: number;
  readonly successCount: number;
  readonly failCount: number;
  readonly lastUsedAt: string | null;
  readonly lastDecayedAt: string | null;
  /** Staged copy of the program; empty without one. */
  readonly filePath: string;
  /** Digest of everything that makes up the skill. */
  readonly digest: string;
  readonly note: string;
  readonly createdAt: string;
  readonly definitionFile: string;
}

export interface SyncedSkill {
  readonly skill: SkillDefinition;
  readonly filePath: string;
  readonly digest: string;
}

/**
 * Brings the record in line with the folders: what they say is written, what was earned is kept, what is gone goes. The
 * record of a skill that cannot be read just now stays: its trust must not depend on a missing comma.
 */
export function recordSkills(
  database: DatabaseSync,
  synced: readonly SyncedSkill[],
  clock: Clock,
): { readonly pruned: readonly string[] } {
  const first = compareToRecord(database, synced);
  if (first.gone.length === 0 && first.changed.length === 0) return { pruned: [] };
  // Once more with the write lock held: another process may have done it, or have made a skill that we do not know of.
  return inTransaction(database, () => {
    const { known, gone, changed } = compareToRecord(database, synced);
    write(database, { known, gone, changed, now: isoTime(clock) });
    return { pruned: gone };
  });
}

/** Ids that are remembered and whose definition is there no longer, sorted. One that cannot be read now is not gone. */
export function goneSkills(
  known: readonly StoredSkill[],
  present: readonly SkillDefinition[],
): readonly string[] {
  const ids = new Set(present.map(({ id }) => id));
  const renamed = new Set(present.map(({ definitionFile }) => definitionFile));
  return known
    .filter(
      ({ id, definitionFile }) =>
        !ids.has(id) && (renamed.has(definitionFile) || !existsSync(definitionFile)),
    )
    .map(({ id }) => id)
    .sort();
}

interface Compared {
  readonly known: ReadonlyMap<string, StoredSkill>;
  /** Ids whose definition is there no longer, sorted. */
  readonly gone: readonly string[];
  readonly changed: readonly SyncedSkill[];
}

function compareToRecord(database: DatabaseSync, synced: readonly SyncedSkill[]): Compared {
  const known = new Map(readStored(database).map((stored) => [stored.id, stored]));
  const gone = goneSkills(
    [...known.values()],
    synced.map(({ skill }) => skill),
  );
  const changed = synced.filter(({ skill, digest, filePath }) => {
    const stored = known.get(skill.id);
    return stored === undefined || stored.digest !== digest || stored.filePath !== filePath;
  });
  return { known, gone, changed };
}

function write(
  database: DatabaseSync,
  { known, gone, changed, now }: Compared & { readonly now: string },
): void {
  const upsert = database.prepare(UPSERT);
  const dropText = database.prepare(
    'DELETE FROM skills_text WHERE rowid = (SELECT rowid FROM skills WHERE id = ?)',
  );
  const addText = database.prepare(
    `INSERT INTO skills_text (rowid, id, name, description, tags, triggers, content)
     SELECT rowid, id, ?, ?, ?, ?, ? FROM skills WHERE id = ?`,
  );
  const drop = database.prepare('DELETE FROM skills WHERE id = ?');
  for (const id of gone) {
    dropText.run(id);
    drop.run(id);
  }
  for (const { skill, filePath, digest } of changed) {
    const stored = known.get(skill.id);
    const level = stored === undefined ? skill.level : levelAfterSync(stored.level, skill.level);
    upsert.run(
      skill.id,
      skill.name,
      skill.sourceKind,
      skill.sourceName,
      level,
      skill.executionLevel,
      skill.trustScore,
      skill.folder,
      skill.definitionFile,
      filePath,
      digest,
      now,
      now,
    );
    dropText.run(skill.id);
    addText.run(
      skill.name,
      skill.description,
      skill.tags.join(' '),
      skill.triggers.join(' \n '),
      skill.content,
      skill.id,
    );
  }
}

const UPSERT = `
  INSERT INTO skills (id, name, source_kind, source_name, level, declared_execution_level, trust_score, folder,
    definition_file, file_path, digest, created_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, source_kind = excluded.source_kind,
    source_name = excluded.source_name, level = excluded.level,
    declared_execution_level = excluded.declared_execution_level, folder = excluded.folder,
    definition_file = excluded.definition_file, file_path = excluded.file_path, digest = excluded.digest,
    updated_at = excluded.updated_at`;

const COLUMNS = `id, level, approved_execution_level, approved_at, approved_by, approved_digest, trust_score, use_count,
  success_count, fail_count, last_used_at, last_decayed_at, file_path, digest, note, created_at,
  definition_file`;

export function readStored(database: DatabaseSync): readonly StoredSkill[] {
  return database.prepare(`SELECT ${COLUMNS} FROM skills ORDER BY id`).all().map(toStored);
}

export function readStoredSkill(database: DatabaseSync, id: string): StoredSkill | undefined {
  const row = database.prepare(`SELECT ${COLUMNS} FROM skills WHERE id = ?`).get(id);
  return row === undefined ? undefined : toStored(row);
}

function toStored(row: Record<string, SQLOutputValue>): StoredSkill {
  const text = (key: string): string => String(row[key] ?? '');
  return {
    id: text('id'),
    // Both columns are written from these unions alone.
    level: text('level') as SkillLevel,
    approvedExecutionLevel: text('approved_execution_level') as ExecutionLevel | '',
    approvedAt: text('approved_at'),
    approvedBy: text('approved_by'),
    approvedDigest: text('approved_digest'),
    trustScore: Number(row.trust_score),
    useCount: Number(row.use_count),
    successCount: Number(row.success_count),
    failCount: Number(row.fail_count),
    lastUsedAt: row.last_used_at === null ? null : text('last_used_at'),
    lastDecayedAt: row.last_decayed_at === null ? null : text('last_decayed_at'),
    filePath: text('file_path'),
    digest: text('digest'),
    note: text('note'),
    createdAt: text('created_at'),
    definitionFile: text('definition_file'),
  };
}

export interface Use {
  readonly success: boolean;
  readonly context: string;
  readonly notes: string;
  readonly sessionId?: string;
}

/** Records one use and what it makes of the skill, in one transaction; undefined for an unknown skill. */
export function recordUse(
  database: DatabaseSync,
  { id, stableAfterUses }: Pick<SkillDefinition, 'id' | 'stableAfterUses'>,
  { success, context, notes, sessionId = '' }: Use,
  clock: Clock,
): Judged | undefined {
  const now = isoTime(clock);
  return inTransaction(database, () => {
    const stored = readStoredSkill(database, id);
    if (stored === undefined) return undefined;
    database
      .prepare(
        `INSERT INTO skill_usage (skill_id, session_id, success, context, notes, created_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(id, sessionId, success ? 1 : 0, context, notes.slice(0, 500), now);
    const worked = database
      .prepare(
        `SELECT count(DISTINCT context) AS contexts FROM skill_usage
         WHERE skill_id = ? AND success = 1 AND context <> ''`,
      )
      .get(id);
    const judged = judgeUse({ ...stored, stableAfterUses }, success, Number(worked?.contexts ?? 0));
    database
      .prepare(
        `UPDATE skills SET trust_score = ?, level = ?, use_count = use_count + 1, success_count = success_count + ?,
         fail_count = fail_count + ?, last_used_at = ?, updated_at = ? WHERE id = ?`,
      )
      .run(judged.trustScore, judged.level, success ? 1 : 0, success ? 0 : 1, now, now, id);
    return judged;
  });
}

/** Says that the program as it is now may run up to this level. */
export function approve(
  database: DatabaseSync,
  { id, level, by, digest }: { id: string; level: ExecutionLevel; by: string; digest: string },
  clock: Clock,
): void {
  database
    .prepare(
      `UPDATE skills SET approved_execution_level = ?, approved_at = ?, approved_by = ?, approved_digest = ?,
       updated_at = ? WHERE id = ?`,
    )
    .run(level, isoTime(clock), by, digest, isoTime(clock), id);
}

/** Sets a level by hand, with the reason. */
export function setLevel(
  database: DatabaseSync,
  { id, level, note }: { id: string; level: SkillLevel; note: string },
  clock: Clock,
): void {
  database
    .prepare('UPDATE skills SET level = ?, note = ?, updated_at = ? WHERE id = ?')
    .run(level, note, isoTime(clock), id);
}
