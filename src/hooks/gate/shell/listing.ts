import type { Command, ParsedScript } from 'unbash';

const FILTERS: ReadonlySet<string> = new Set([
  'sort',
  'uniq',
  'head',
  'tail',
  'grep',
  'egrep',
  'wc',
  'tac',
  'shuf',
]);
const PRODUCERS: ReadonlySet<string> = new Set([
  'ls',
  'fd',
  'fdfind',
  'wc',
  'pwd',
  'nproc',
  'date',
  'uname',
  'hostname',
  'whoami',
  'id',
  'which',
  'tty',
  'arch',
  'du',
  'stat',
  'md5sum',
  'sha256sum',
  'seq',
  'nproc',
]);

/**
 * Whether a script does nothing but list names or figures: of files, revisions, machines. What it prints is then no
 * option and no path outside, whoever reads it.
 */
export function isListingScript(script: ParsedScript): boolean {
  const [statement] = script.commands;
  if (script.commands.length !== 1 || statement === undefined) return false;
  const { command } = statement;
  if (command.type === 'Command') return isProducer(command);
  if (command.type !== 'Pipeline') return false;
  const [first, ...rest] = command.commands;
  return (
    first?.type === 'Command' &&
    isProducer(first) &&
    rest.every((each) => each.type === 'Command' && isFilter(each))
  );
}

export function isProducer(command: Command): boolean {
  const name = plainName(command);
  if (name === undefined) return false;
  const args = plainArgs(command);
  if (args === undefined) return false;
  const isInside = args.every(
    (arg) => arg.startsWith('-') || !(/^[/~]/.test(arg) || arg.split('/').includes('..')),
  );
  switch (name) {
    case 'find':
      return isInside && !args.some((arg) => /^-(?:f?printf|print0?$.+|exec|ok|fls|fprint)/.test(arg));
    case 'grep':
    case 'egrep':
    case 'rg':
      return isInside && args.some((arg) => /^-[A-Za-z]*[lLc]|^--files/.test(arg));
    case 'date':
      return !args.some((arg) => arg.startsWith('+-') || arg.includes('/'));
    case 'stat':
    case 'ls':
    case 'fd':
    case 'fdfind':
    case 'du':
      return isInside && !args.some((arg) => /^(?:-c|--printf|--format|-f|-x|-X|--exec)/.test(arg));
    case 'git':
      return isGitListing(args);
    default:
      return PRODUCERS.has(name) && isInside && !(name === 'seq' && args.some((arg) => arg.startsWith('-')));
  }
}

function isFilter(command: Command): boolean {
  const name = plainName(command);
  const args = plainArgs(command);
  return (
    name !== undefined &&
    args !== undefined &&
    FILTERS.has(name) &&
    !args.some((arg) => /^-[A-Za-z]*o|^--o/.test(arg) && name === 'sort')
  );
}

function isGitListing(args: readonly string[]): boolean {
  const [verb, ...rest] = args;
  if (rest.some((arg) => arg.startsWith('--output') || arg.startsWith('--sq-quote'))) return false;
  switch (verb) {
    case 'rev-parse':
      return rest.every(
        (arg) =>
          !arg.startsWith('-') ||
          /^--(?:show-toplevel|git-dir|abbrev-ref|short(?:=\d+)?|verify|show-prefix|show-cdup|quiet|is-inside-work-tree)$/.test(
            arg,
          ),
      );
    case 'merge-base':
    case 'rev-list':
    case 'describe':
    case 'ls-files':
    case 'ls-tree':
    case 'symbolic-ref':
      return !rest.some((arg) => arg.startsWith('--format'));
    case 'branch':
      return rest.every((arg) => arg === '--show-current');
    case 'diff':
    case 'show':
      return rest.some((arg) => arg === '--name-only');
    case 'log':
      return rest.some((arg) => /^--(?:pretty=)?format=%[Hh]$/.test(arg));
    default:
      return false;
  }
}

function plainName(command: Command): string | undefined {
  const { name } = command;
  return name === undefined || name.parts !== undefined || command.prefix.length > 0 ? undefined : name.value;
}

/** The arguments as text, when none of them holds an expansion of its own. */
function plainArgs(command: Command): string[] | undefined {
  const args: string[] = [];
  for (const arg of command.args) {
    if (arg.type !== 'Word') return undefined;
    const isPlain = (arg.parts ?? []).every((part) => {
      if (part.type === 'DoubleQuoted') return part.parts.every((inner) => inner.type === 'Literal');
      return (
        part.type === 'Literal' ||
        part.type === 'SingleQuoted' ||
        part.type === 'Glob' ||
        part.type === 'BraceExpansion'
      );
    });
    if (!isPlain) return undefined;
    args.push(arg.value);
  }
  return args;
}
