import { judgeApproval } from './approval.ts';
import type { SkillLevel, SourceKind } from './definition.ts';
import type { SkillLibrary } from './library.ts';
import type { KnownSkill, SkillMatch } from './match.ts';

/** A skill in a list, with the names that programs read. */
export interface SkillRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly level: SkillLevel;
  readonly mode: string;
  readonly execution_level: string;
  readonly source_kind: SourceKind;
  readonly source: string;
  readonly trust_score: number;
  readonly use_count: number;
  readonly success_count: number;
  readonly fail_count: number;
  readonly last_used_at: string | null;
  readonly tags: readonly string[];
  readonly trigger_patterns: readonly string[];
  readonly note: string;
  readonly folder: string;
}

export function toSkillRow({ skill, stored }: KnownSkill): SkillRow {
  return {
    id: skill.id,
    name: skill.name,
    description: skill.description,
    level: stored.level,
    mode: skill.mode,
    execution_level: skill.executionLevel,
    source_kind: skill.sourceKind,
    source: skill.sourceName,
    trust_score: stored.trustScore,
    use_count: stored.useCount,
    success_count: stored.successCount,
    fail_count: stored.failCount,
    last_used_at: stored.lastUsedAt,
    tags: skill.tags,
    trigger_patterns: skill.triggers,
    note: stored.note,
    folder: skill.folder,
  };
}

/** Everything that there is to know about one skill. */
export function toSkillDetail(known: KnownSkill): SkillRow & Readonly<Record<string, unknown>> {
  const { skill, stored } = known;
  const approval = judgeApproval(known);
  return {
    ...toSkillRow(known),
    format: skill.format,
    steps: skill.steps,
    gotchas: skill.gotchas,
    params_schema: skill.paramsSchema,
    command_template: skill.argv === undefined ? {} : { argv: skill.argv },
    executable_entry: skill.executable ?? null,
    file_path: stored.filePath === '' ? null : stored.filePath,
    stable_after_uses: skill.stableAfterUses,
    approval: { state: approval.kind, reason: 'reason' in approval ? approval.reason : '' },
    approved_at: stored.approvedAt,
    approved_by: stored.approvedBy,
    definition_file: skill.definitionFile,
    content: skill.content,
  };
}

export interface SkillFilter {
  readonly level?: string | undefined;
  readonly tag?: string | undefined;
  readonly sourceKind?: string | undefined;
}

const LEVEL_ORDER = { stable: 0, published: 1, draft: 2, trace: 3, archived: 4 } as const;

/** The skills, the most trusted of the highest level first. */
export function listSkills(
  library: SkillLibrary,
  { level, tag, sourceKind }: SkillFilter = {},
): readonly SkillRow[] {
  return [...library.known().values()]
    .map(toSkillRow)
    .filter((row) => level === undefined || row.level === level)
    .filter((row) => tag === undefined || row.tags.includes(tag))
    .filter((row) => sourceKind === undefined || row.source_kind === sourceKind)
    .sort(
      (a, b) =>
        LEVEL_ORDER[a.level] - LEVEL_ORDER[b.level] ||
        b.trust_score - a.trust_score ||
        (a.id < b.id ? -1 : 1),
    );
}

const SOURCE_ORDER = { personal: 0, persona: 1, core: 2, community: 3 } as const;

/** A handful of skills worth knowing: published or stable, the operator's own first. */
export function featuredSkills(library: SkillLibrary, limit: number): readonly SkillRow[] {
  return listSkills(library)
    .filter(({ level }) => level === 'stable' || level === 'published')
    .sort((a, b) => SOURCE_ORDER[a.source_kind] - SOURCE_ORDER[b.source_kind])
    .slice(0, limit)
    .map((row) => ({ ...row, trigger_patterns: row.trigger_patterns.slice(0, 3) }));
}

/** A match as programs read it. */
export function toMatchRow({ skill, stored, how, score }: SkillMatch): Readonly<Record<string, unknown>> {
  return {
    id: skill.id,
    name: skill.name,
    description: skill.description,
    score,
    match: how,
    mode: skill.mode,
    execution_level: skill.executionLevel,
    level: stored.level,
    source: skill.sourceName,
    trust_score: stored.trustScore,
  };
}
