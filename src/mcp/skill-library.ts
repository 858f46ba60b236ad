import { join } from 'node:path';

import type { SkillDefinition } from '../skills/definition.ts';
import { SkillLibrary } from '../skills/library.ts';
import { packageRoot } from '../version.ts';
import type { ToolWorld } from './server-tool.ts';

/** One for each home and for the life of the server: what was read and indexed stays. */
const libraries = new Map<string, Promise<SkillLibrary>>();

export function openLibrary({ home }: Pick<ToolWorld, 'home'>): Promise<SkillLibrary> {
  const known = libraries.get(home.database);
  if (known !== undefined) return known;
  const opening = SkillLibrary.open({ paths: home, assets: join(packageRoot(), 'assets') });
  libraries.set(home.database, opening);
  // A home that could not be opened now may be whole later.
  opening.catch(() => libraries.delete(home.database));
  return opening;
}

/** The skills of the operator that are in use, by id; those that were archived are not. */
export async function skillsInUse(world: Pick<ToolWorld, 'home'>): Promise<readonly SkillDefinition[]> {
  const library = await openLibrary(world);
  library.sync();
  return [...library.known().values()]
    .filter(({ stored }) => stored.level !== 'archived' && stored.level !== 'trace')
    .map(({ skill }) => skill);
}
