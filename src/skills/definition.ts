import type { ParamsSchema } from './parameters.ts';

export const SKILL_LEVELS = ['trace', 'draft', 'published', 'stable', 'archived'] as const;
export type SkillLevel = (typeof SKILL_LEVELS)[number];

export const SKILL_MODES = ['guide', 'execute', 'hybrid'] as const;
export type SkillMode = (typeof SKILL_MODES)[number];

export const EXECUTION_LEVELS = ['none', 'read-only', 'local', 'remote'] as const;
export type ExecutionLevel = (typeof EXECUTION_LEVELS)[number];

/** Where a skill comes from; a later one in this list beats an earlier one of the same id. */
export const SOURCE_KINDS = ['community', 'core', 'persona', 'personal'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** One skill as its folder says it. */
export interface SkillDefinition {
  /** `SK-RELEASE-REVIEW`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly level: SkillLevel;
  readonly mode: SkillMode;
  readonly sourceKind: SourceKind;
  /** `persona:cody`, else the source's kind. */
  readonly sourceName: string;
  readonly executionLevel: ExecutionLevel;
  /** Its program waits for the operator's word, whatever its level: somebody else wrote it. */
  readonly approvalRequired: boolean;
  readonly tags: readonly string[];
  readonly triggers: readonly string[];
  readonly steps: readonly string[];
  readonly gotchas: readonly string[];
  readonly paramsSchema: ParamsSchema;
  /** Tokens of the command; undefined means the program alone. */
  readonly argv: readonly string[] | undefined;
  /** Absolute path of the program in the skill's folder. */
  readonly executable: string | undefined;
  /** The guide, Markdown. */
  readonly content: string;
  readonly trustScore: number;
  readonly stableAfterUses: number;
  readonly sourceSessions: readonly string[];
  readonly linkedLearnings: readonly string[];
  readonly folder: string;
  /** `skill.json`, or `SKILL.md` of the open format. */
  readonly definitionFile: string;
  readonly format: 'nexo' | 'agent-skill';
  /** Fields of the open format that Nexo itself has no use for; they go out as they came in. */
  readonly license?: string;
  readonly compatibility?: string;
  readonly allowedTools?: string;
  /** Other metadata of the open format. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Something that is wrong with a skill's folder. With an `error` the skill is left out; a `warning` is only told. */
export interface SkillIssue {
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly message: string;
  readonly fix: string;
}

/** `Release review!` → `release-review`; empty when nothing remains. */
export function skillSlug(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** `release review` or `SK-release-review` → `SK-RELEASE-REVIEW`; undefined when no letter or digit is in it. */
export function skillId(text: string): string | undefined {
  const slug = skillSlug(text.replace(/^sk-/i, ''));
  return slug === '' ? undefined : `SK-${slug.toUpperCase()}`;
}
