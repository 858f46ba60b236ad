import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { nodeFileSystem } from '../base/durable-file.ts';
import { ensureFolder, syncFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import { inTransaction } from '../home/sql.ts';
import { type CreatedSkill, createSkill } from './create.ts';
import { type SkillLevel, skillSlug } from './definition.ts';
import type { SkillLibrary } from './library.ts';
import { readStored, setLevel } from './store.ts';
import { judgeIdleness } from './trust.ts';

/** Levels in the order in which a skill rises. */
const RISING: readonly SkillLevel[] = ['trace', 'draft', 'published', 'stable'];

/** Raises a skill by hand. Throws SKILL_INVALID when the target is not above where it is. */
export function promoteSkill(
  library: SkillLibrary,
  name: string,
  level: 'draft' | 'published' | 'stable',
  reason: string,
): void {
  const { skill, stored } = library.get(name);
  if (stored.level !== 'archived' && RISING.indexOf(level) <= RISING.indexOf(stored.level)) {
    throw new NexoError(
      'SKILL_INVALID',
      `${skill.id} is ${stored.level} already, which is not below ${level}.`,
      {
        hint: 'Choose a higher level, or nexo skills archive it.',
      },
    );
  }
  setLevel(library.database, { id: skill.id, level, note: reason }, library.clock);
  library.refresh();
}

/** Takes a skill out of matching; its folder and its record stay. */
export function archiveSkill(
  library: SkillLibrary,
  name: string,
  { replacement, reason = '' }: { replacement?: string; reason?: string } = {},
): { readonly id: string; readonly replacement: string | undefined } {
  const { skill } = library.get(name);
  const other = replacement === undefined ? undefined : library.get(replacement).skill.id;
  if (other === skill.id) {
    throw new NexoError('SKILL_INVALID', `${skill.id} cannot replace itself.`, {
      hint: 'Name another skill.',
    });
  }
  const note = [reason, other === undefined ? '' : `Use ${other} instead.`]
    .filter((part) => part !== '')
    .join(' ');
  setLevel(library.database, { id: skill.id, level: 'archived', note }, library.clock);
  library.refresh();
  return { id: skill.id, replacement: other };
}

export interface Composition {
  readonly id: string;
  readonly name: string;
  readonly components: readonly string[];
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly triggers?: readonly string[];
}

/** Writes a new personal guide out of several skills. Throws SKILL_UNKNOWN, SKILL_EXISTS, SKILL_INVALID. */
export function composeSkill(library: SkillLibrary, wanted: Composition): CreatedSkill {
  if (wanted.components.length < 2) {
    throw new NexoError('SKILL_INVALID', 'A composition needs at least two skills.', {
      hint: 'Name them with --component-ids SK-A,SK-B.',
    });
  }
  const parts = wanted.components.map((id) => library.get(id).skill);
  const all = <T>(pick: (skill: (typeof parts)[number]) => readonly T[]): T[] => [
    ...new Set(parts.flatMap(pick)),
  ];
  return createSkill(library, {
    id: wanted.id,
    name: wanted.name,
    description: wanted.description ?? `${parts.map(({ name }) => name).join(', then ')}.`,
    mode: 'guide',
    tags: wanted.tags ?? all(({ tags }) => tags),
    triggers: wanted.triggers ?? [wanted.name],
    steps: all(({ steps }) => steps),
    gotchas: all(({ gotchas }) => gotchas),
    content: [
      `# ${wanted.name}`,
      ...parts.map(({ id, name, content }) => `## ${name} (${id})\n\n${demoted(content)}`),
    ].join('\n\n'),
  });
}

/** Headings one level down, so that they stay below the part's own. */
function demoted(markdown: string): string {
  return markdown.trim().replace(/^(#{1,5}) /gm, '#$1 ');
}

export interface Decayed {
  readonly id: string;
  readonly change: string;
}

/**
 * Lets idle skills lose trust and level. A skill that was archived long ago and is the operator's own goes to a backup
 * folder with its bytes; nothing is deleted. Runs at most once a day for each skill, however often it is called.
 */
export function decaySkills(library: SkillLibrary): readonly Decayed[] {
  library.sync();
  const now = library.clock.now();
  const decayed: Decayed[] = [];
  for (const stored of readStored(library.database)) {
    if (stored.lastDecayedAt !== null && now - Date.parse(stored.lastDecayedAt) < 86_400_000) continue;
    const since = Date.parse(stored.lastDecayedAt ?? stored.lastUsedAt ?? stored.createdAt);
    const judged = judgeIdleness(
      stored,
      now - Math.max(since, Date.parse(stored.lastUsedAt ?? stored.createdAt)),
    );
    if (judged.kind === 'none') continue;
    if (judged.kind === 'purge') {
      const place = moveAway(library, stored.id);
      if (place !== undefined)
        decayed.push({ id: stored.id, change: `archived and idle: moved to ${place}` });
      continue;
    }
    inTransaction(library.database, () => {
      library.database
        .prepare(
          'UPDATE skills SET level = ?, trust_score = ?, last_decayed_at = ?, updated_at = ? WHERE id = ?',
        )
        .run(judged.level, judged.trustScore, isoTime(library.clock), isoTime(library.clock), stored.id);
    });
    decayed.push({
      id: stored.id,
      change: `${stored.level}, trust ${stored.trustScore} → ${judged.level}, trust ${judged.trustScore}`,
    });
  }
  library.sync();
  return decayed;
}

function moveAway(library: SkillLibrary, id: string): string | undefined {
  const known = library.known().get(id);
  if (known === undefined || known.skill.sourceKind !== 'personal') return undefined;
  const backups = join(library.paths.backups, 'skills');
  const place = join(backups, `${skillSlug(id)}-${isoTime(library.clock).replace(/[-:.]/g, '')}`);
  if (existsSync(place)) return undefined;
  ensureFolder(nodeFileSystem, backups);
  renameSync(known.skill.folder, place);
  syncFolder(nodeFileSystem, backups);
  return place;
}
