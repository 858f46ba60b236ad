import type { DatabaseSync } from 'node:sqlite';

import type { HomePaths } from '../home/paths.ts';
import type { CommandContext } from './command.ts';

export interface OpenHome {
  readonly paths: HomePaths;
  readonly database: DatabaseSync;
}

/** The operator's folder, as this command line means it. */
export async function homePaths({ io }: CommandContext): Promise<HomePaths> {
  const { resolveHomePaths } = await import('../home/paths.ts');
  return resolveHomePaths(io.env, io.userHome());
}

/** Opens the operator's folder with its database for as long as `use` takes. */
export async function withHome<T>(
  context: CommandContext,
  use: (home: OpenHome) => T | Promise<T>,
): Promise<T> {
  const { openHomeDatabase } = await import('../home/database.ts');
  const paths = await homePaths(context);
  const database = await openHomeDatabase(paths);
  try {
    return await use({ paths, database });
  } finally {
    database.close();
  }
}

/** A positional that the parser has made sure of. */
export function firstWord(words: readonly string[]): string {
  return words[0] ?? '';
}
