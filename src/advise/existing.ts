import { discoverScripts } from '../automation/scripts/discover.ts';
import type { HomePaths } from '../home/paths.ts';
import type { Existing } from './matches.ts';

/** What the operator has already, of every kind. Reads, never writes. */
export function existingThings(paths: HomePaths): readonly Existing[] {
  return discoverScripts(paths)
    .entries.filter(({ classification }) => classification === 'personal')
    .map(({ name, description }) => ({ kind: 'script', name, text: description }));
}
