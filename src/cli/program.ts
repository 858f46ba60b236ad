import { Argument, CommanderError, type HelpConfiguration, Option, Command as Parser } from 'commander';

import { NexoError } from '../errors.ts';
import type { Command, Positional } from './command.ts';
import { type Flag, flagName, type RawFlag } from './flags.ts';
import type { View } from './render/view.ts';
import { oneOf } from './render/words.ts';
import type { Request } from './request.ts';
import { type CommandEntry, type CommandGroup, isGroup } from './table/entry.ts';
import { allCommands, COMMAND_TABLE } from './table.ts';

/**
 * Reads a command line. Loads the module of the chosen command and no other. Throws USAGE, with the nearest
 * existing name in the hint, for anything unknown.
 */
export async function parseCommandLine(argv: readonly string[], view: View): Promise<Request> {
  let request: Request | undefined;
  let printed = '';
  const root = createParser('nexo', view, (text) => {
    printed += text;
  });
  root
    .usage('<command> [options]')
    .description('The home that coding agents and their operator share.')
    .configureHelp({ ...helpStyle(view), visibleOptions: () => [] })
    .addHelpText('after', rootHelpEnd(view));
  addGlobalFlags(root);
  for (const section of COMMAND_TABLE) {
    root.commandsGroup(section.heading);
    addEntries(root, section.entries, view, (chosen) => {
      request = chosen;
    });
  }
  try {
    await root.parseAsync(withoutAliases(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.help') return bareName(root, argv, () => printed);
    if (error.exitCode !== 0) throw toUsageError(error, argv);
  }
  return request ?? { kind: 'text', text: printed };
}

/** Heading of the flags that every command takes. */
const EVERYWHERE = 'Everywhere:';

function isGroupName(name: string | undefined): name is string {
  return COMMAND_TABLE.flatMap((section) => section.entries).some(
    (entry) => isGroup(entry) && entry.name === name && !entry.verbs.some((verb) => verb.name === 'help'),
  );
}

type Choose = (request: Request) => void;

/** `help plan start`, `plan help start` and `--version` are other spellings of what the parser knows. */
function withoutAliases(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return [...rest, '--help'];
  if (rest[0] === 'help' && isGroupName(first)) return [first, ...rest.slice(1), '--help'];
  if (first === '--version') return ['version', ...rest];
  return [...argv];
}

function addEntries(
  parent: Parser,
  entries: readonly (CommandEntry | CommandGroup)[],
  view: View,
  choose: Choose,
): void {
  const loaders = new Map<unknown, Pick<CommandEntry, 'load'>>();
  for (const entry of entries) {
    const hidden = !isGroup(entry) && entry.hidden === true;
    const child = parent
      .command(entry.name, { hidden })
      .summary(entry.summary)
      .configureHelp(helpStyle(view));
    if (isGroup(entry)) {
      child
        .description(`${capitalised(entry.summary)}.`)
        .usage('<verb> [options]')
        .helpCommand(false)
        .commandsGroup('Verbs:');
      addEntries(child, entry.verbs, view, choose);
      if (entry.alone === undefined) addGlobalFlags(child);
      else loaders.set(child.usage('[verb] [options]'), { load: entry.alone });
    } else {
      loaders.set(child, entry);
    }
  }
  parent.hook('preSubcommand', async (_parent, child) => {
    const entry = loaders.get(child);
    if (entry !== undefined) addCommand(child, (await entry.load()).default, view, choose);
  });
}

/** `nexo` alone shows the help; `nexo plan` alone has forgotten the verb. */
function bareName(root: Parser, argv: readonly string[], printed: () => string): Request {
  const group = findGroup(argv);
  if (group !== undefined) {
    const verbs = group.verbs.map(({ name }) => name).join(', ');
    throw new NexoError('USAGE', `nexo ${group.name} needs a verb: ${verbs}.`, {
      hint: `nexo ${group.name} --help`,
    });
  }
  root.outputHelp();
  return { kind: 'text', text: printed() };
}

function addCommand(parser: Parser, command: Command, view: View, choose: Choose): void {
  parser.description(command.description);
  for (const positional of command.positionals) parser.addArgument(toArgument(positional));
  for (const [key, flag] of Object.entries(command.flags)) addFlag(parser, key, flag);
  addGlobalFlags(parser);
  parser.addHelpText('after', `\n${view.ink.bold('Example:')}\n  ${command.example}`);
  const verbs = parser.commands.map((verb) => verb.name());
  if (verbs.length > 0) parser.allowExcessArguments();
  parser.action(() => {
    const [word] = parser.args;
    if (verbs.length > 0 && word !== undefined) throw unknownVerb(parser.name(), word, verbs);
    const raw = parser.opts<Record<string, RawFlag>>();
    assertRequired(parser, command, raw);
    const { root } = parser.optsWithGlobals<{ root?: string }>();
    choose({ kind: 'command', command, raw, words: parser.args, root });
  });
}

/** For a group that does something without a verb: there the parser takes a mistyped verb for an argument. */
function unknownVerb(group: string, word: string, verbs: readonly string[]): NexoError {
  const [near] = verbs
    .map((verb) => ({ verb, difference: lettersThatDiffer(verb, word) }))
    .filter(({ difference }) => difference <= 2)
    .sort((a, b) => a.difference - b.difference)
    .map(({ verb }) => verb);
  return new NexoError('USAGE', `nexo ${group} has no verb "${word}"; it has ${oneOf(verbs)}, or none.`, {
    hint: near === undefined ? `nexo ${group} --help` : `Did you mean nexo ${group} ${near}?`,
  });
}

/** How many letters one word has and the other has not, wherever they stand: a slip of the fingers changes few. */
function lettersThatDiffer(a: string, b: string): number {
  const rest = [...b];
  let missing = 0;
  for (const letter of a) {
    const at = rest.indexOf(letter);
    if (at === -1) missing += 1;
    else rest.splice(at, 1);
  }
  return missing + rest.length;
}

function addFlag(parser: Parser, key: string, flag: Flag<unknown>): void {
  const name = flagName(key);
  if (flag.placeholder === undefined) {
    parser.addOption(new Option(name, flag.description));
    if (flag.negated !== undefined) parser.addOption(new Option(`--no-${name.slice(2)}`, flag.negated));
    return;
  }
  const traits = [flag.required ? 'required' : '', flag.repeatable ? 'repeatable' : ''].filter(
    (trait) => trait !== '',
  );
  const description = traits.length === 0 ? flag.description : `${flag.description} (${traits.join(', ')})`;
  // Every occurrence is collected, so that the flag itself can refuse a second value instead of losing the first.
  const collect = (word: string, before: unknown): string[] => [
    ...(Array.isArray(before) ? before : []),
    word,
  ];
  const value = flag.valueIsOptional === true ? `[${flag.placeholder}]` : `<${flag.placeholder}>`;
  parser.addOption(new Option(`${name} ${value}`, description).argParser(collect));
}

function addGlobalFlags(parser: Parser): void {
  parser
    .addOption(
      new Option('--root <dir>', 'the project to work in, instead of looking for it').helpGroup(EVERYWHERE),
    )
    .addOption(new Option('--json', 'print exactly one JSON document').helpGroup(EVERYWHERE));
  parser.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(EVERYWHERE));
}

function toArgument({ name, description, required, variadic, choices }: Positional): Argument {
  const shown = variadic === true ? `${name}...` : name;
  const told = choices === undefined ? description : `${description}: ${oneOf(choices)}`;
  return new Argument(required === true ? `<${shown}>` : `[${shown}]`, told).argParser((word: string) => {
    if (choices === undefined || choices.includes(word)) return word;
    throw new NexoError('USAGE', `The ${name} is ${oneOf(choices)}, not "${word}".`);
  });
}

function assertRequired(parser: Parser, command: Command, raw: Readonly<Record<string, RawFlag>>): void {
  const missing = Object.entries(command.flags)
    .filter(([key, flag]) => flag.required && raw[key] === undefined)
    .map(([key, flag]) => `${flagName(key)} <${flag.placeholder ?? ''}>`);
  if (missing.length === 0) return;
  const path = commandPath(parser);
  throw new NexoError('USAGE', `${path} needs ${missing.join(' and ')}.`, {
    hint: `For example: ${command.example.replace(/ \\\n\s*/g, ' ')}`,
  });
}

function createParser(name: string, view: View, print: (text: string) => void): Parser {
  return new Parser(name)
    .exitOverride()
    .enablePositionalOptions()
    .helpCommand(false)
    .configureOutput({
      writeOut: print,
      writeErr: () => {},
      getOutHelpWidth: () => (Number.isFinite(view.columns) ? Math.min(view.columns, 100) : 80),
      getOutHasColors: () => true, // the ink decides, not the parser
    });
}

function helpStyle({ ink }: View): HelpConfiguration {
  return {
    minWidthToWrap: 20,
    styleTitle: ink.bold,
    styleCommandText: ink.bold,
    styleSubcommandTerm: ink.accent,
    styleOptionTerm: ink.accent,
    styleArgumentTerm: ink.accent,
    subcommandTerm: (command) => command.name(),
  };
}

function rootHelpEnd({ ink }: View): string {
  return [
    '',
    ink.bold('Everywhere:'),
    `  ${ink.accent('--root <dir>')}  the project to work in, instead of looking for it`,
    `  ${ink.accent('--json')}        print exactly one JSON document`,
    `  ${ink.accent('--help')}        what a command does, with an example`,
    `  ${ink.accent('--version')}     print the version`,
    '',
    'Start with: nexo tour',
  ].join('\n');
}

/** The parser's complaint as one of ours: its first line is the message, its suggestion the hint. */
function toUsageError(error: CommanderError, argv: readonly string[]): NexoError {
  const [first = '', suggestion = ''] = error.message.split('\n');
  const message = first.replace(/^error: /, '').replace(/\.$/, '');
  const nearest = /^\(Did you mean (.*)\?\)$/.exec(suggestion)?.[1];
  return new NexoError('USAGE', `${capitalised(message)}.`, {
    hint:
      nearest === undefined ? `nexo ${knownPart(argv)}--help` : `Did you mean ${wholeName(nearest, argv)}?`,
  });
}

/** A suggested verb with its group before it; a flag, or a list of suggestions, stays as it is. */
function wholeName(nearest: string, argv: readonly string[]): string {
  return /^[a-z-]+$/.test(nearest) && !nearest.startsWith('-')
    ? `nexo ${knownPart(argv)}${nearest}`
    : nearest;
}

/** As much of a mistyped command line as names a real command, with a blank behind it. */
function knownPart(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'));
  const known = allCommands().find(({ path }) => path === words.slice(0, path.split(' ').length).join(' '));
  const name = known?.path ?? findGroup(argv)?.name;
  return name === undefined ? '' : `${name} `;
}

function findGroup(argv: readonly string[]): CommandGroup | undefined {
  const name = argv.find((word) => !word.startsWith('-'));
  return COMMAND_TABLE.flatMap((section) => section.entries)
    .filter(isGroup)
    .find((group) => group.name === name);
}

function capitalised(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

function commandPath(parser: Parser): string {
  return parser.parent === null ? parser.name() : `${commandPath(parser.parent)} ${parser.name()}`;
}
