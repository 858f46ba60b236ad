import type { DatabaseSync } from 'node:sqlite';

import type { ExecutionLevel, SkillDefinition } from './definition.ts';
import type { SkillLibrary } from './library.ts';

/** Successes from which on a guide is worth a program. */
const SCRIPTABLE_SUCCESSES = 3;
/** Pairs that were used in one session so often, with that share of successes, belong together. */
const PAIR_USES = 3;
const PAIR_SUCCESS = 0.6;

export interface Scriptable {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly steps: readonly string[];
  readonly success_count: number;
  readonly trust_score: number;
  readonly suggested_mode: 'hybrid';
  readonly suggested_execution_level: ExecutionLevel;
}

export interface Improvement {
  readonly id: string;
  readonly name: string;
  readonly failures: number;
  /** What was written down at the failures, newest first. */
  readonly notes: readonly string[];
  readonly trust_score: number;
}

export interface ComposeCandidate {
  readonly ids: readonly [string, string];
  readonly uses: number;
  readonly success_rate: number;
  readonly suggested_id: string;
}

export interface Evolution {
  readonly scriptable: readonly Scriptable[];
  readonly improvements: readonly Improvement[];
  readonly compose: readonly ComposeCandidate[];
}

/** What the record suggests: guides that deserve a program, skills that fail, and skills that belong together. */
export function readEvolution(library: SkillLibrary): Evolution {
  const known = [...library.known().values()];
  return {
    scriptable: known
      .filter(
        ({ skill, stored }) =>
          skill.executable === undefined &&
          (stored.level === 'draft' || stored.level === 'published') &&
          stored.successCount >= SCRIPTABLE_SUCCESSES,
      )
      .map(({ skill, stored }) => ({
        id: skill.id,
        name: skill.name,
        description: skill.description,
        steps: skill.steps,
        success_count: stored.successCount,
        trust_score: stored.trustScore,
        suggested_mode: 'hybrid',
        suggested_execution_level: suggestLevel(skill),
      })),
    improvements: known
      .filter(({ stored }) => stored.failCount > 0 && stored.level !== 'archived')
      .map(({ skill, stored }) => ({
        id: skill.id,
        name: skill.name,
        failures: stored.failCount,
        notes: failureNotes(library.database, skill.id),
        trust_score: stored.trustScore,
      }))
      .sort((a, b) => b.failures - a.failures),
    compose: composeCandidates(library),
  };
}

function suggestLevel({ content, steps, description }: SkillDefinition): ExecutionLevel {
  const text = [content, description, ...steps].join(' ').toLowerCase();
  if (/\b(deploy|ssh|servers?|remote|api calls?|publish|upload)\b/.test(text)) return 'remote';
  if (/\b(edit|commit|patch|write|refactor|fix|delete|rename)\b/.test(text)) return 'local';
  return 'read-only';
}

function failureNotes(database: DatabaseSync, id: string): readonly string[] {
  return database
    .prepare(
      "SELECT notes FROM skill_usage WHERE skill_id = ? AND success = 0 AND notes <> '' ORDER BY id DESC LIMIT 5",
    )
    .all(id)
    .map(({ notes }) => String(notes));
}

function composeCandidates(library: SkillLibrary): readonly ComposeCandidate[] {
  return library.database
    .prepare(
      `SELECT a.skill_id AS one, b.skill_id AS other, count(*) AS uses, avg(min(a.success, b.success)) AS rate
       FROM (SELECT session_id, skill_id, min(success) AS success FROM skill_usage WHERE session_id <> ''
             GROUP BY session_id, skill_id) AS a
       JOIN (SELECT session_id, skill_id, min(success) AS success FROM skill_usage WHERE session_id <> ''
             GROUP BY session_id, skill_id) AS b
         ON a.session_id = b.session_id AND a.skill_id < b.skill_id
       GROUP BY one, other HAVING uses >= ? AND rate >= ? ORDER BY uses DESC, one, other LIMIT 50`,
    )
    .all(PAIR_USES, PAIR_SUCCESS)
    .map(({ one, other, uses, rate }) => ({
      ids: [String(one), String(other)],
      uses: Number(uses),
      success_rate: Math.round(Number(rate) * 100) / 100,
      suggested_id: `SK-COMPOSE-${String(one).slice(3)}-${String(other).slice(3)}`,
    }));
}
