import {
  cpSync,
  type Dirent,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ioError } from '../base/file-errors.ts';
import { ensureFolder, syncFolder } from '../base/folder.ts';
import { decodeUtf8 } from '../base/json-document.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { inTransaction } from '../home/sql.ts';
import { type SkillDefinition, type SkillIssue, skillSlug } from './definition.ts';
import type { SkillLibrary } from './library.ts';
import { type PortableSkill, toPortable } from './portable.ts';
import { DEFINITION_FILES, readSkillFolder } from './read-skill.ts';

/** What one folder may bring. */
const MAX_FILES = 500;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_DEPTH = 8;
/** How deep skills are looked for below the folder that is named. */
const SEARCH_DEPTH = 3;

export interface Imported {
  readonly id: string;
  readonly from: string;
  readonly folder: string;
  readonly warnings: readonly string[];
}

export interface Refused {
  readonly from: string;
  readonly reason: string;
  readonly fix: string;
}

export interface ImportReport {
  readonly imported: readonly Imported[];
  readonly refused: readonly Refused[];
}

/**
 * Takes skills of the open format, or of ours, into the personal folder: the folder itself when it is one, else those
 * below it. Each arrives whole or not at all, and what is there is only replaced with `force`. What runs in them runs
 * only after an approval. Throws SKILL_INVALID when nothing there is a skill.
 */
export function importSkills(library: SkillLibrary, from: string, { force = false } = {}): ImportReport {
  const folders = findSkills(from, SEARCH_DEPTH);
  if (folders.length === 0) {
    throw new NexoError('SKILL_INVALID', `There is no skill in ${from}.`, {
      hint: 'Name a folder with a SKILL.md or a skill.json, or one above such folders.',
    });
  }
  const imported: Imported[] = [];
  const refused: Refused[] = [];
  for (const folder of folders) {
    const outcome = importOne(library, folder, force);
    if ('reason' in outcome) refused.push(outcome);
    else imported.push(outcome);
  }
  library.sync();
  return { imported, refused };
}

function findSkills(folder: string, depth: number): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new NexoError('SKILL_INVALID', `${folder} is no folder.`, { hint: 'Name the folder of a skill.' });
  }
  if (DEFINITION_FILES.some((file) => existsSync(join(folder, file)))) return [folder];
  if (depth === 0) return [];
  return foldersIn(folder).flatMap((name) => findSkills(join(folder, name), depth - 1));
}

function foldersIn(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw ioError(folder, 'read', error);
  }
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== '.git')
    .map(({ name }) => name)
    .sort();
}

function importOne(library: SkillLibrary, folder: string, force: boolean): Imported | Refused {
  const refuse = (reason: string, fix: string): Refused => ({ from: folder, reason, fix });
  const { skill, issues } = readSkillFolder(folder, {
    kind: 'personal',
    name: 'personal',
    folder: library.paths.skills,
  });
  const error = issues.find(({ level }) => level === 'error');
  if (skill === undefined || error !== undefined) {
    return refuse(
      error === undefined ? 'It cannot be read.' : describeIssue(error),
      error?.fix ?? 'Correct it.',
    );
  }
  const problem = problemOfContents(folder);
  if (problem !== undefined) return refuse(problem, 'Remove it from the folder.');
  const rival = library.known().get(skill.id)?.skill;
  const target =
    rival?.sourceKind === 'personal' ? rival.folder : join(library.paths.skills, skillSlug(skill.id));
  if (!force && (existsSync(target) || rival !== undefined)) {
    return rival === undefined || rival.sourceKind === 'personal'
      ? refuse(`${skill.id} is there already.`, 'Pass --force to replace it.')
      : refuse(
          `${skill.id} is the id of a ${rival.sourceName} skill, which it would take the place of.`,
          'Give it another id, or pass --force.',
        );
  }
  place(library, folder, target);
  const warnings = issues.map(describeIssue);
  return { id: skill.id, from: folder, folder: target, warnings };
}

function describeIssue({ file, message }: SkillIssue): string {
  return `${basename(file)} ${message}.`.replace(/\.\.$/, '.');
}

/** Why the folder must not be copied: a link, a device, or more than a skill has any use for. */
function problemOfContents(root: string): string | undefined {
  let files = 0;
  let bytes = 0;
  const visit = (folder: string, depth: number): string | undefined => {
    if (depth > MAX_DEPTH) return `Its folders are more than ${MAX_DEPTH} deep.`;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return `${name} is a link.`;
      if (stat.isDirectory()) {
        const problem = visit(path, depth + 1);
        if (problem !== undefined) return problem;
      } else if (!stat.isFile()) return `${name} is no regular file.`;
      files += 1;
      bytes += stat.isFile() ? stat.size : 0;
      if (files > MAX_FILES) return `It has more than ${MAX_FILES} files.`;
      if (bytes > MAX_BYTES) return `It has more than ${MAX_BYTES / 1024 / 1024} MiB.`;
    }
    return undefined;
  };
  return visit(root, 0);
}

/** Copies beside the target and renames: what is seen is whole. */
function place({ database }: SkillLibrary, from: string, target: string): void {
  const parent = join(target, '..');
  ensureFolder(nodeFileSystem, parent);
  const staging = mkdtempSync(join(parent, '.import-'));
  const copy = join(staging, 'new');
  try {
    cpSync(from, copy, { recursive: true, dereference: false, errorOnExist: true, force: false });
    requireApproval(join(copy, 'skill.json'));
    // Nobody may take the moment between the two for the end of the skill, and forget what it has earned.
    inTransaction(database, () => {
      if (existsSync(target)) renameSync(target, join(staging, 'old'));
      renameSync(copy, target);
    });
    syncFolder(nodeFileSystem, parent);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Somebody else wrote it: whatever its level says, its program waits for the operator. */
function requireApproval(file: string): void {
  if (!existsSync(file)) return;
  const read = readRegularFile(nodeFileSystem, file);
  const definition: unknown = JSON.parse(decodeUtf8(read?.bytes ?? Buffer.from('{}')));
  writeFileDurable(
    nodeFileSystem,
    file,
    `${JSON.stringify({ ...Object(definition), approval_required: true }, null, 2)}\n`,
  );
}

export interface Exported {
  readonly id: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Writes skills in the open format, a folder each below `to`. What else lies in an imported skill's folder goes with it.
 * Throws SKILL_EXISTS when a folder is there and `force` is not given; then nothing of that skill is written.
 */
export function exportSkills(
  library: SkillLibrary,
  ids: readonly string[],
  to: string,
  { force = false } = {},
): readonly Exported[] {
  const known = ids.map((id) => library.get(id));
  return known.map(({ skill }) => {
    const portable = toPortable(skill);
    const folder = join(to, portable.name);
    if (existsSync(folder) && !force) {
      throw new NexoError('SKILL_EXISTS', `${folder} is there already.`, {
        hint: 'Pass --force to write over it.',
      });
    }
    const files = filesBeside(skill);
    ensureFolder(nodeFileSystem, folder);
    assertInside(to, folder);
    for (const { path, from } of files) {
      const read = readRegularFile(nodeFileSystem, from, MAX_BYTES);
      if (read === undefined) continue;
      ensureFolder(nodeFileSystem, join(folder, path, '..'));
      writeFileDurable(nodeFileSystem, join(folder, path), read.bytes, { mode: statSync(from).mode & 0o755 });
    }
    writeFileDurable(nodeFileSystem, join(folder, 'SKILL.md'), portable.text);
    return { id: skill.id, folder, files: ['SKILL.md', ...files.map(({ path }) => path)] };
  });
}

/** What goes with the `SKILL.md` of a skill: its program, or everything else in the folder of one of the open format. */
export function filesBeside(skill: SkillDefinition): PortableSkill['files'] {
  if (skill.format !== 'agent-skill') return toPortable(skill).files;
  return resourcesOf(skill.folder).map((path) => ({ path, from: join(skill.folder, path) }));
}

/** Everything in the folder of a skill of the open format but its `SKILL.md`, as paths from it. */
function resourcesOf(root: string): string[] {
  if (problemOfContents(root) !== undefined) return [];
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => path !== 'SKILL.md')
    .sort();
}
