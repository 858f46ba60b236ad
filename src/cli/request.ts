import type { Command } from './command.ts';
import type { RawFlag } from './flags.ts';
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
 * Reads a command line that holds a command's name and at most `--json` and `--root DIR`; undefined for any other,
 * which the parser reads. Loading the parser takes a fifth of the time in which an MCP server has to be up, and
 * `nexo mcp` is started by every session of every harness.
 */
export async function readPlainCommandLine(argv: readonly string[]): Promise<Request | undefined> {
  const found = allCommands().find(({ path }) => path === argv.slice(0, path.split(' ').length).join(' '));
  if (found === undefined) return undefined;
  const rest = argv.slice(found.path.split(' ').length);
  let root: string | undefined;
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === '--root' && root === undefined) root = rest.shift();
    else if (word !== '--json') return undefined;
    if (word === '--root' && root === undefined) return undefined;
  }
  const command = (await found.entry.load()).default;
  const isComplete =
    !Object.values(command.flags).some(({ required }) => required) &&
    !command.positionals.some(({ required }) => required);
  return isComplete ? { kind: 'command', command, raw: {}, words: [], root } : undefined;
}
