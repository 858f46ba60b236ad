import type { Command } from './command.ts';
import { flagName, type RawFlag } from './flags.ts';
import { allCommands } from './table.ts';

/** What a command line asks for. */
export type Request =
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly raw: Readonly<Record<string, RawFlag>>;
      readonly words: readonly string[];
      /** The value of `--root`. */
      readonly root: string | undefined;
    }
  | { readonly kind: 'text'; readonly text: string };

/**
 * Reads a command line that holds a command's name and plain flags of it; undefined for any other (words, help,
 * mistakes), which the parser reads. Loading the parser takes a fifth of the time in which an MCP server has to be up,
 * and `nexo mcp` is started by every session of every harness.
 */
export async function readPlainCommandLine(argv: readonly string[]): Promise<Request | undefined> {
  const found = allCommands().find(({ path }) => path === argv.slice(0, path.split(' ').length).join(' '));
  if (found === undefined) return undefined;
  const rest = argv.slice(found.path.split(' ').length);
  const command = (await found.entry.load()).default;
  const flags = new Map(Object.entries(command.flags).map(([key, flag]) => [flagName(key), { key, flag }]));
  const raw: Record<string, RawFlag> = {};
  let root: string | undefined;
  while (rest.length > 0) {
    const [, name = '', value] = /^(--[a-z-]+)(?:=(.+))?$/s.exec(rest.shift() ?? '') ?? [];
    if (name === '--json' && value === undefined) continue;
    const { key, flag } = flags.get(name) ?? {};
    const takesValue = name === '--root' || flag?.placeholder !== undefined;
    if (!takesValue) {
      if (key === undefined || value !== undefined) return undefined;
      raw[key] = true;
      continue;
    }
    // Whether an optional value follows is the parser's to say, as is what is wrong with one that is missing.
    const word = value ?? rest.shift();
    if (word === undefined || flag?.valueIsOptional === true || (name === '--root' && root !== undefined))
      return undefined;
    if (key === undefined) root = word;
    else raw[key] = [...(Array.isArray(raw[key]) ? raw[key] : []), word];
  }
  const isComplete =
    !Object.entries(command.flags).some(([key, { required }]) => required && raw[key] === undefined) &&
    !command.positionals.some(({ required }) => required);
  return isComplete ? { kind: 'command', command, raw, words: [], root } : undefined;
}
