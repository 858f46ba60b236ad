import { type Assignment, forEachChild, type ParsedScript, type SyntaxNode, type Word } from 'unbash';

/** Where and as what a variable is set; several times in one script is common. */
export interface Setting {
  readonly pos: number;
  /** Undefined: some value that is not written down here (`read`, arithmetic). */
  readonly word?: Word;
  /** A loop over file names of the workspace, or the like. */
  readonly listed?: boolean;
  /** By an assignment, whose value is judged where it stands. */
  readonly isAssigned?: boolean;
}

/** What one script text says about its own variables and functions, gathered before any of it is judged. */
export interface Scope {
  readonly settings: ReadonlyMap<string, readonly Setting[]>;
  /** Functions of the main line with their positions: bodies of others may call them before they are reached. */
  readonly functions: ReadonlyMap<string, number>;
  /** Variables may have been set in ways that nobody can follow. */
  readonly isWild: boolean;
  readonly setsSeparator: boolean;
}

const DECLARING: ReadonlySet<string> = new Set([
  'declare',
  'typeset',
  'local',
  'export',
  'readonly',
  'integer',
  'float',
]);

export function readScope(script: ParsedScript): Scope {
  const settings = new Map<string, Setting[]>();
  const functions = new Map<string, number>();
  for (const { command, background } of script.commands) {
    if (command.type === 'Function' && background !== true && !functions.has(command.name.value))
      functions.set(command.name.value, command.end);
  }
  let isWild = false;
  let unsetsFunctions = false;
  const set = (name: string, setting: Setting): void => {
    const list = settings.get(name);
    if (list === undefined) settings.set(name, [setting]);
    else list.push(setting);
  };
  const assign = (node: Assignment): void => {
    const { name, value, append, index } = node;
    const plain = value.type === 'Word' && append !== true && index === undefined;
    set(name, plain ? { pos: node.pos, word: value, isAssigned: true } : { pos: node.pos, isAssigned: true });
  };
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Assignment') assign(node);
    else if (node.type === 'For' || node.type === 'Select') {
      for (const word of node.wordlist ?? []) set(node.name.value, { pos: node.pos, word });
      if (node.wordlist === undefined) set(node.name.value, { pos: node.pos });
    } else if (node.type === 'ParameterExpansion') {
      const { operation } = node;
      if (operation?.type === 'Default' && operation.operator.endsWith('='))
        set(node.parameter, { pos: node.pos });
    } else if (node.type === 'ArithmeticWord') {
      if (/^[A-Za-z_]\w*$/.test(node.value)) set(node.value, { pos: node.pos });
    } else if (node.type === 'Redirect' && node.descriptor?.type === 'FileDescriptorVariable') {
      set(node.descriptor.name, { pos: node.pos });
    } else if (node.type === 'Command') {
      if (
        node.name?.value === 'unset' &&
        node.args.some((arg) => arg.type === 'Word' && /^-\w*f/.test(arg.value))
      )
        unsetsFunctions = true;
      isWild = readCommand(node.name?.value ?? '', node, set) || isWild;
    }
    forEachChild(node, visit);
  };
  visit(script);
  if (unsetsFunctions) functions.clear();
  return { settings, functions, isWild, setsSeparator: settings.has('IFS') };
}

/** Commands that set variables named in their arguments. True when it cannot be told which. */
function readCommand(
  name: string,
  node: Extract<SyntaxNode, { type: 'Command' }>,
  set: (name: string, setting: Setting) => void,
): boolean {
  const words = node.args.flatMap((arg) => (arg.type === 'Word' ? [arg] : []));
  const plain = (word: Word): boolean => word.parts === undefined && /^[A-Za-z_]\w*$/.test(word.value);
  if (DECLARING.has(name)) {
    if (words.some((word) => /^-\w*n/.test(word.value))) return true;
    return words.some((word) => word.parts !== undefined && !/^[A-Za-z_]\w*$/.test(word.text));
  }
  if (name === 'read' || name === 'mapfile' || name === 'readarray' || name === 'getopts') {
    for (const word of words) if (plain(word)) set(word.value, { pos: node.pos });
    if (name === 'read') set('REPLY', { pos: node.pos });
    if (name === 'mapfile' || name === 'readarray') set('MAPFILE', { pos: node.pos });
    if (name === 'getopts') set('OPTARG', { pos: node.pos });
    return words.some(
      (word) => !plain(word) && word.parts !== undefined && !/^['"]?[-\w:,\s./%]*['"]?$/.test(word.text),
    );
  }
  if (name === 'printf' && words[0]?.value.startsWith('-v')) {
    const target = words[0].value === '-v' ? words[1]?.value : words[0].value.slice(2);
    if (target === undefined || !/^[A-Za-z_]\w*$/.test(target)) return true;
    set(target, { pos: node.pos });
  }
  if (name === 'let')
    for (const word of words) set(/^[A-Za-z_]\w*/.exec(word.value)?.[0] ?? '', { pos: node.pos });
  return name === 'eval' || name === 'source' || name === '.';
}
