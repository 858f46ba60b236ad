import { createHash, type Hash } from 'node:crypto';
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
 * does not change it. A copy that is the same is left alone.
 */
export function stageSkills(
  skills: readonly SkillDefinition[],
  paths: Pick<HomePaths, 'skillsRuntime'>,
): Staged {
  const issues: SkillIssue[] = [];
  const synced = skills.map((skill): SyncedSkill => {
    try {
      return stageSkill(skill, paths);
    } catch (error) {
      issues.push(toIssue(skill, error));
      return { skill, filePath: '', digest: digestOf(skill).digest('hex') };
    }
  });
  return { synced, issues };
}

/** Stages one; a copy that somebody has changed or removed is made anew. Throws what reading the program throws. */
export function stageSkill(skill: SkillDefinition, paths: Pick<HomePaths, 'skillsRuntime'>): SyncedSkill {
  const digest = digestOf(skill);
  if (skill.executable === undefined) return { skill, filePath: '', digest: digest.digest('hex') };
  const bytes = readProgram(skill.executable);
  const filePath = stage(skill, bytes, paths.skillsRuntime);
  return { skill, filePath, digest: digest.update(bytes).digest('hex') };
}

/** What would keep the program of this skill from being staged; undefined for a good one, and where it has none. */
export function programIssue(skill: SkillDefinition): SkillIssue | undefined {
  if (skill.executable === undefined) return undefined;
  try {
    readProgram(skill.executable);
    return undefined;
  } catch (error) {
    return toIssue(skill, error);
  }
}

function readProgram(path: string): Buffer {
  return readRegularFile(nodeFileSystem, path, MAX_PROGRAM_BYTES)?.bytes ?? Buffer.alloc(0);
}

function toIssue({ executable }: SkillDefinition, error: unknown): SkillIssue {
  if (!(error instanceof NexoError) || executable === undefined) throw error;
  const fix = error.hint ?? 'Put a regular file there.';
  return { level: 'error', file: executable, message: error.message, fix };
}

function digestOf(skill: SkillDefinition): Hash {
  return createHash('sha256').update(JSON.stringify({ ...skill, trustScore: 0 }));
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

/**
 * Removes the copies of skills that have no record any more. Only folders that look like ours: the runtime folder
 * belongs to us alone, and still.
 */
export function pruneStaged(ids: Iterable<string>, runtime: string): void {
  if (!existsSync(runtime)) return;
  const present = new Set([...ids].map(skillSlug));
  for (const name of readdirSync(runtime)) {
    if (name.startsWith('sk-') && !present.has(name))
      rmSync(join(runtime, name), { recursive: true, force: true });
  }
}
