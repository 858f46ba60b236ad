/** One token of a small, careful reading of program text. */
export interface CodeToken {
  readonly kind: 'name' | 'string' | 'number' | 'sign' | 'newline';
  readonly text: string;
}

export interface CodeRules {
  readonly comment: RegExp;
  readonly string: RegExp;
  readonly name: RegExp;
}

/** Longest inline program that is read; longer ones are unknown. */
const MAX_CODE = 64 * 1024;
const MAX_TOKENS = 8_000;

/** Splits code into names, strings, numbers and single signs. Undefined when something does not fit the rules. */
export function readCode(code: string, rules: CodeRules): CodeToken[] | undefined {
  if (code.length > MAX_CODE) return undefined;
  const tokens: CodeToken[] = [];
  let at = 0;
  const match = (rule: RegExp): string | undefined => {
    rule.lastIndex = at;
    return rule.exec(code)?.[0];
  };
  while (at < code.length) {
    const space = match(/[ \t\r]+|\\\r?\n/y) ?? match(rules.comment);
    if (space !== undefined && space !== '') {
      at += space.length;
      continue;
    }
    // An open comment would be looked for again at every start of one.
    if (code.startsWith('/*', at) || tokens.length > MAX_TOKENS) return undefined;
    const string = match(rules.string);
    const name = string === undefined ? match(rules.name) : undefined;
    const number = string === undefined && name === undefined ? match(/\d[\w.]*/y) : undefined;
    const text = string ?? name ?? number ?? code[at] ?? '';
    if (string === undefined && name === undefined && /["'`]/.test(text)) return undefined;
    if (text === '\n') tokens.push({ kind: 'newline', text });
    else if (string !== undefined) tokens.push({ kind: 'string', text });
    else if (name !== undefined) tokens.push({ kind: 'name', text });
    else if (number !== undefined) tokens.push({ kind: 'number', text });
    else tokens.push({ kind: 'sign', text });
    at += text.length;
  }
  return tokens;
}

export type CodeVerdict = 'reads' | 'unknown';
