import { judgeJavaScript } from '../inline/javascript.ts';

export interface NestedCall {
  readonly tool: string;
  readonly input: unknown;
}

/**
 * The tool calls in JavaScript of a code mode (`await tools.NAME(args)`). Undefined when they cannot be listed: a tool
 * reached through an expression, arguments of a shell call that are not plain literals, or other code that could act.
 */
export function describeCodeMode(code: string): NestedCall[] | undefined {
  if (code.length > 64 * 1024) return undefined;
  const calls: NestedCall[] = [];
  let rest = '';
  let at = 0;
  for (const match of code.matchAll(/\btools\s*\.\s*([A-Za-z_$][\w$]*)\s*\(/g)) {
    const tool = match[1] ?? '';
    const open = match.index + match[0].length;
    const args = literalArgument(code.slice(open, open + 20_000));
    calls.push({ tool, input: args ?? {} });
    if (args === undefined && /shell|exec|bash|command|patch|edit|write|stdin/i.test(tool)) return undefined;
    rest += `${code.slice(at, match.index)} JSON.parse(`;
    at = open;
  }
  rest += code.slice(at);
  if (/\btools\b/.test(rest)) return undefined;
  return judgeJavaScript(rest, 'sandbox') === 'reads' ? calls : undefined;
}

/** The argument as JSON-like literal: keys may be bare, strings single-quoted. */
function literalArgument(text: string): unknown {
  const end = /^\s*(\{[^{}]*\}|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)/.exec(text);
  if (end?.[1] === undefined) return undefined;
  const json = end[1]
    .replaceAll(/'((?:[^'\\"]|\\.)*)'/g, '"$1"')
    .replaceAll(/([{,]\s*)([A-Za-z_$][\w$]*)\s*:/g, '$1"$2":')
    .replaceAll(/,\s*\}/g, '}');
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
