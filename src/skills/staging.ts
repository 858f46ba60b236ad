import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import type { HomePaths } from '../home/paths.ts';
import { type SkillDefinition, type SkillIssue, skillSlug } from './definition.ts';
import type { SyncedSkill } from './store.ts';

/** Largest program that is staged, in bytes. */
const MAX_PROGRAM_BYTES = 16 * 1024 * 1024;

export interface Staged {
  readonly synced: readonly SyncedSkill[];
  readonly issues: readonly SkillIssue[];
}

/**
 * Puts a copy of each program below `skills-runtime/`, from where it is run: what somebody saves in the middle of a run
 * does not change it. A copy that is the same is left alone; those of skills that are gone are removed.
 */
export function stageSkills(
  skills: readonly SkillDefinition[],
  paths: Pick<HomePaths, 'skillsRuntime'>,
): Staged {
  const issues: SkillIssue[] = [];
  const synced = skills.map((skill): SyncedSkill => {
    const base = createHash('sha256').update(JSON.stringify({ ...skill, trustScore: 0 }));
    if (skill.executable === undefined) return { skill, filePath: '', digest: base.digest('hex') };
    try {
      const program = readRegularFile(nodeFileSystem, skill.executable, MAX_PROGRAM_BYTES);
      const bytes = program?.bytes ?? Buffer.alloc(0);
      const filePath = stage(skill, bytes, paths.skillsRuntime);
      return { skill, filePath, digest: base.update(bytes).digest('hex') };
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      const fix = error.hint ?? 'Put a regular file there.';
      issues.push({ level: 'error', file: skill.executable, message: error.message, fix });
      return { skill, filePath: '', digest: base.digest('hex') };
    }
  });
  pruneStaged(new Set(skills.map(({ id }) => skillSlug(id))), paths.skillsRuntime);
  return { synced, issues };
}

function stage(skill: SkillDefinition, bytes: Buffer, runtime: string): string {
  const folder = join(runtime, skillSlug(skill.id));
  const path = join(folder, basename(skill.executable ?? ''));
  const there = existsSync(path) ? readRegularFile(nodeFileSystem, path, MAX_PROGRAM_BYTES) : undefined;
  if (there?.bytes.equals(bytes) === true) return path;
  ensureFolder(nodeFileSystem, folder);
  writeFileDurable(nodeFileSystem, path, bytes, { mode: 0o755, durable: false });
  chmodSync(path, 0o755);
  for (const name of readdirSync(folder)) {
    if (name !== basename(path)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return path;
}

/** Only folders that look like ours: the runtime folder belongs to us alone, and still. */
function pruneStaged(present: ReadonlySet<string>, runtime: string): void {
  if (!existsSync(runtime)) return;
  for (const name of readdirSync(runtime)) {
    if (name.startsWith('sk-') && !present.has(name))
      rmSync(join(runtime, name), { recursive: true, force: true });
  }
}
