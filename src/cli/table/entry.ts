import type { Command } from '../command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands; the command's own help says more. */
  readonly summary: string;
  /** Left out of help and completion: called by programs. */
  readonly hidden?: true;
  load(): Promise<{ readonly default: Command }>;
}

export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly verbs: readonly CommandEntry[];
  /** What the group's name does without a verb; a group that has none asks for a verb. */
  alone?(): Promise<{ readonly default: Command }>;
  /** The error document of `--json`, where a published format asks for another one than ours. */
  failure?(): Promise<(error: unknown) => unknown>;
}

export interface CommandSection {
  readonly heading: string;
  readonly entries: readonly (CommandEntry | CommandGroup)[];
}

export function isGroup(entry: CommandEntry | CommandGroup): entry is CommandGroup {
  return 'verbs' in entry;
}
