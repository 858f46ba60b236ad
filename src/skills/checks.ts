import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { type Check, type CheckIssue, degraded, fromIssues } from '../base/check.ts';
import { checkHomeDatabase, openHomeDatabaseReadOnly } from '../home/database.ts';
import type { HomePaths } from '../home/paths.ts';
import { packageRoot } from '../version.ts';
import type { SkillDefinition, SkillIssue } from './definition.ts';
import { discoverSkills, skillSources } from './discover.ts';
import { SkillLibrary } from './library.ts';
import { DEFINITION_FILES } from './read-skill.ts';
import { programIssue } from './staging.ts';
import { goneSkills, readStored } from './store.ts';

export interface SkillCheckContext {
  readonly paths: HomePaths;
}

const assets = (): string => join(packageRoot(), 'assets');

/** What a sync would complain of, and what it would put right. Only looks: nothing is staged or recorded. */
const skills: Check<SkillCheckContext> = {
  id: 'runtime.skills',
  tier: 'runtime',
  run: ({ paths }) => {
    const found = discoverSkills(skillSources({ home: paths, assets: assets() }));
    const gone = forgotten(paths, found.skills);
    if (gone === undefined) {
      return degraded('Not looked at: the database cannot be read.', { repairPlan: ['nexo doctor --fix'] });
    }
    const issues = [
      ...found.issues.map(toCheckIssue),
      ...found.skills.flatMap((skill) => {
        const fault = programIssue(skill);
        return fault === undefined ? [] : [toCheckIssue(fault)];
      }),
      ...withoutDefinition(paths.skills),
      ...gone,
    ];
    const own = found.skills.filter(({ sourceKind }) => sourceKind === 'personal').length;
    return fromIssues(issues, {
      healthy: `${found.skills.length} ${found.skills.length === 1 ? 'skill' : 'skills'}, ${own} of your own, in order.`,
      repairPlan: [
        'nexo skills sync reads the folders again and forgets what is gone.',
        'nexo skills get NAME shows one of them; what is written above says what to change.',
      ],
    });
  },
  fix: async ({ paths }) => {
    if (!existsSync(paths.database) || isUnreadable(paths)) return [];
    const library = await SkillLibrary.open({ paths, assets: assets() });
    try {
      return library.sync().pruned.map((id) => `forgot ${id}, whose folder is gone`);
    } finally {
      library.close();
    }
  },
};

/** Remembered and gone from disk; undefined when the database cannot be asked. */
function forgotten(paths: HomePaths, present: readonly SkillDefinition[]): readonly CheckIssue[] | undefined {
  if (isUnreadable(paths)) return undefined;
  const database = openHomeDatabaseReadOnly(paths.database, { leaveNoTrace: true });
  if (database === undefined) return [];
  try {
    return goneSkills(readStored(database), present).map((id) => ({
      subject: id,
      severity: 'warn',
      message: 'is remembered, and its folder is gone',
    }));
  } finally {
    database.close();
  }
}

function isUnreadable({ database }: HomePaths): boolean {
  return ['damaged', 'too-new'].includes(checkHomeDatabase(database).state);
}

/** A folder without a definition is no skill, and its owner wonders why it is not found. */
function withoutDefinition(folder: string): readonly CheckIssue[] {
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .filter(({ name }) => DEFINITION_FILES.every((file) => !existsSync(join(folder, name, file))))
    .map(({ name }) => ({
      subject: name,
      severity: 'error',
      message: `has neither ${DEFINITION_FILES.join(' nor ')}, so it is no skill`,
    }));
}

function entriesOf(folder: string): Dirent[] {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
}

function toCheckIssue({ level, file, message, fix }: SkillIssue): CheckIssue {
  return {
    subject: basename(dirname(file)),
    severity: level === 'error' ? 'error' : 'warn',
    message: `${basename(file)} ${message}. ${fix}`,
  };
}

/** The checks of the operator's skills. */
export const SKILL_CHECKS: readonly Check<SkillCheckContext>[] = [skills];
