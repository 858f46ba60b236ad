import { TEXT } from '../marks.ts';
import { isStream } from '../paths.ts';

export type AwkVerdict =
  | { readonly kind: 'unknown' }
  /** Files that output is redirected into and commands that are run, as far as they are written out. */
  | { readonly kind: 'acts'; readonly files: readonly string[]; readonly commands: readonly string[] };

const UNKNOWN: AwkVerdict = { kind: 'unknown' };

/** Reads an awk program token by token: output redirections, pipes, `system` and loading are what is looked for. */
export function judgeAwk(program: string): AwkVerdict {
  const tokens = readTokens(program);
  if (tokens === undefined) return UNKNOWN;
  const files: string[] = [];
  const commands: string[] = [];
  let printing = false;
  let depth = 0;
  let printDepth = 0;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const isWhole = /^(?:;|\}|\)|\n|,)?$/.test(tokens[index + 2]?.text ?? '');
    if (token.kind === 'word' && (token.text === 'print' || token.text === 'printf')) {
      printing = true;
      printDepth = depth;
    } else if (/^[;}\n]$/.test(token.text) && token.kind === 'sign') printing = false;
    else if (token.text === '(' && token.kind === 'sign') depth += 1;
    else if (token.text === ')' && token.kind === 'sign') depth -= 1;
    if (
      token.kind === 'sign' &&
      (token.text === '>' || token.text === '>>') &&
      printing &&
      depth <= printDepth
    ) {
      if (next?.kind !== 'string' || !isWhole) return UNKNOWN;
      if (!isStream(next.text)) files.push(next.text);
    } else if (token.kind === 'sign' && (token.text === '|' || token.text === '|&')) {
      if (next?.kind === 'word' && next.text === 'getline') {
        const before = tokens[index - 1];
        const opens = tokens[index - 2]?.text ?? '{';
        if (before?.kind !== 'string' || !/^[;{(\n!]$/.test(opens)) return UNKNOWN;
        commands.push(before.text);
      } else if (next?.kind === 'string' && isWhole && token.text === '|') commands.push(next.text);
      else return UNKNOWN;
    } else if (token.kind === 'word' && token.text === 'system') {
      const command = tokens[index + 2];
      if (next?.text !== '(' || command?.kind !== 'string' || tokens[index + 3]?.text !== ')') return UNKNOWN;
      commands.push(command.text);
    } else if (token.text === '@') return UNKNOWN;
  }
  return { kind: 'acts', files, commands };
}

interface Token {
  readonly kind: 'word' | 'string' | 'regex' | 'number' | 'sign';
  readonly text: string;
}

function readTokens(program: string): Token[] | undefined {
  if (program.length > 64 * 1024) return undefined;
  const tokens: Token[] = [];
  const pattern =
    /[ \t\r]+|\\\r?\n|#[^\n]*|(?<word>[A-Za-z_]\w*)|(?<number>\d[\w.]*|\.\d+)|(?<string>"(?:[^"\\\n]|\\[\s\S])*")|(?<sign>>>|\|\||\|&|&&|[<>!=~]=|\n|[^\w\s"])/y;
  while (pattern.lastIndex < program.length) {
    const at = pattern.lastIndex;
    if (program[at] === '/' && startsRegex(tokens.at(-1))) {
      const regex = /\/(?:[^/\\\n[]|\\.|\[\^?\]?(?:[^\]\\\n]|\\.)*\])*\//y;
      regex.lastIndex = at;
      const match = regex.exec(program);
      if (match === null) return undefined;
      tokens.push({ kind: 'regex', text: match[0] });
      pattern.lastIndex = regex.lastIndex;
      continue;
    }
    const match = pattern.exec(program);
    if (match === null) return undefined;
    const { word, number, string, sign } = match.groups ?? {};
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (string !== undefined) {
      const text = string.slice(1, -1).replaceAll('\\"', '"').replaceAll('\\n', '\n');
      // An escape may spell anything: as the name of a file or a command it is not known.
      tokens.push({ kind: 'string', text: /\\[^t\\/rs.]/.test(text) ? TEXT + text : text });
    } else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

/** A slash divides after a value and opens a pattern elsewhere. */
function startsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true;
  if (previous.kind === 'sign') return !/^[)\]$]$/.test(previous.text);
  return previous.kind === 'word' && /^(?:print|printf|return|in|getline|case)$/.test(previous.text);
}
