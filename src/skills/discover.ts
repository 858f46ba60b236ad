import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { ioError } from '../base/file-errors.ts';
import { systemErrorCode } from '../errors.ts';
import type { HomePaths } from '../home/paths.ts';
import { type SkillDefinition, type SkillIssue, SOURCE_KINDS } from './definition.ts';
import { DEFINITION_FILES, type ReadSkill, readSkillFolder, type SkillSource } from './read-skill.ts';

export interface SkillPlaces {
  readonly home: Pick<HomePaths, 'home' | 'skills'>;
  /** The `assets/` folder of the installed package. */
  readonly assets: string;
  /** Skills that installed packs bring. */
  readonly packs?: readonly { readonly id: string; readonly folder: string }[];
}

/** Every place that skills come from, the weakest first. */
export function skillSources({ home, assets, packs = [] }: SkillPlaces): readonly SkillSource[] {
  return [
    { kind: 'community', name: 'community', folder: join(home.home, 'community', 'skills') },
    { kind: 'core', name: 'core', folder: join(assets, 'operator-skills') },
    ...packs.map(({ id, folder }): SkillSource => ({ kind: 'persona', name: `persona:${id}`, folder })),
    { kind: 'personal', name: 'personal', folder: home.skills },
  ];
}

export interface Shadowed {
  readonly id: string;
  readonly folder: string;
  /** Source of the definition that counts instead. */
  readonly by: string;
}

export interface DiscoveredSkills {
  /** The one that counts of each id, sorted by id. */
  readonly skills: readonly SkillDefinition[];
  readonly issues: readonly SkillIssue[];
  readonly shadowed: readonly Shadowed[];
}

/** What was read of a folder before, and by which times and sizes that is known to be still true. */
export type SkillCache = Map<string, { readonly print: string; readonly read: ReadSkill }>;

/** Reads the skills of all sources. One bad folder never hides the good ones; a folder in `cache` is read when it changed. */
export function discoverSkills(
  sources: readonly SkillSource[],
  cache: SkillCache = new Map(),
): DiscoveredSkills {
  const issues: SkillIssue[] = [];
  const shadowed: Shadowed[] = [];
  const chosen = new Map<string, SkillDefinition>();
  for (const source of sources) {
    for (const folder of skillFolders(source.folder)) {
      const read = readCached(folder, source, cache);
      issues.push(...read.issues);
      const { skill } = read;
      if (skill === undefined) continue;
      const rival = chosen.get(skill.id);
      if (rival !== undefined && rank(rival) > rank(skill)) {
        shadowed.push({ id: skill.id, folder: skill.folder, by: rival.sourceName });
        continue;
      }
      if (rival !== undefined) shadowed.push({ id: rival.id, folder: rival.folder, by: skill.sourceName });
      chosen.set(skill.id, skill);
    }
  }
  const skills = [...chosen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { skills, issues, shadowed };
}

function rank({ sourceKind }: SkillDefinition): number {
  return SOURCE_KINDS.indexOf(sourceKind);
}

/** The folders of one source that are skills, by name. A link to a folder is followed, as harnesses do. */
function skillFolders(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw ioError(folder, 'read', error);
  }
  return entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .map((entry) => entry.name)
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => DEFINITION_FILES.some((file) => existsSync(join(path, file))));
}

function readCached(folder: string, source: SkillSource, cache: SkillCache): ReadSkill {
  const known = cache.get(folder);
  if (known !== undefined && known.print === printOf(folder, known.read.skill)) return known.read;
  const read = readSkillFolder(folder, source);
  cache.set(folder, { print: printOf(folder, read.skill), read });
  return read;
}

/** Changes whenever a file that makes up the skill is written, replaced, added or removed. */
function printOf(folder: string, skill: SkillDefinition | undefined): string {
  const files = [...DEFINITION_FILES, 'guide.md'].map((file) => join(folder, file));
  return [folder, ...files, ...(skill?.executable === undefined ? [] : [skill.executable])]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino}.${stat.size}.${stat.mtimeMs}.${stat.ctimeMs}`;
    })
    .join(' ');
}
