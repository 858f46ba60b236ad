import { CONNECT_SECTION } from './table/connect.ts';
import { type CommandEntry, type CommandGroup, type CommandSection, isGroup } from './table/entry.ts';
import { HOME_SECTION } from './table/home.ts';
import { PERSONAS_SECTION } from './table/personas.ts';
import { RUNS_SECTION } from './table/runs.ts';
import { START_SECTION } from './table/start.ts';
import { TEAM_SECTION } from './table/team.ts';
import { WORK_SECTION } from './table/work.ts';

/** Every command there is, one section a file. Only the chosen one's module is ever loaded. */
export const COMMAND_TABLE: readonly CommandSection[] = [
  START_SECTION,
  WORK_SECTION,
  TEAM_SECTION,
  HOME_SECTION,
  RUNS_SECTION,
  PERSONAS_SECTION,
  CONNECT_SECTION,
];

/** Every command with its full name, `plan start`, in the order of the table. */
export function allCommands(): { readonly path: string; readonly entry: CommandEntry }[] {
  return COMMAND_TABLE.flatMap((section) => section.entries).flatMap((entry) =>
    isGroup(entry) ? groupCommands(entry) : [{ path: entry.name, entry }],
  );
}

/** The longer names first: whoever looks for the command at the beginning of a command line takes the first. */
function groupCommands({ name, summary, verbs, alone }: CommandGroup): ReturnType<typeof allCommands> {
  const whole = verbs.map((verb) => ({ path: `${name} ${verb.name}`, entry: verb }));
  return alone === undefined ? whole : [...whole, { path: name, entry: { name, summary, load: alone } }];
}

/** How the group that a command line names tells a failure with `--json`, where it has a way of its own. */
export function failureOf(argv: readonly string[]): CommandGroup['failure'] {
  const groups = COMMAND_TABLE.flatMap((section) => section.entries).filter(isGroup);
  const [first] = argv.filter((word) => !word.startsWith('-'));
  return groups.find(({ name }) => name === first)?.failure;
}
