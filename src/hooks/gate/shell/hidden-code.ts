import { type Command, forEachChild, type ParsedScript, type SyntaxNode } from 'unbash';

/**
 * Bash evaluates subscripts in places that look like plain data (`[[ $x -eq 1 ]]`, `test -v`, `let`, `read`, `unset`):
 * a quoted text with a substitution inside brackets becomes code there. Returns why the script is suspect.
 */
export function findHiddenCode(script: ParsedScript, source: string): string | undefined {
  if (!source.includes('[')) return undefined;
  let isQuotedCode = false;
  let evaluates = false;
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'SingleQuoted' || node.type === 'AnsiCQuoted' || node.type === 'Literal') {
      if (hasSubscriptCode(node.value)) isQuotedCode = true;
    } else if (node.type === 'Word' && node.parts === undefined) {
      if (hasSubscriptCode(node.value)) isQuotedCode = true;
    } else if (
      node.type === 'ArithmeticExpansion' ||
      node.type === 'ArithmeticCommand' ||
      node.type === 'ArithmeticFor'
    ) {
      evaluates = true;
    } else if (node.type === 'TestBinary') {
      if (/^-(?:eq|ne|lt|le|gt|ge)$/.test(node.operator)) evaluates = true;
    } else if (node.type === 'TestUnary') {
      if (node.operator === '-v' || node.operator === '-R') evaluates = true;
    } else if (node.type === 'ParameterExpansion') {
      if (node.index !== undefined || node.prefix === '!' || node.operation?.type === 'Slice')
        evaluates = true;
    } else if (node.type === 'Assignment') {
      if (node.index !== undefined) evaluates = true;
    } else if (node.type === 'Command') {
      if (evaluatesWords(node)) evaluates = true;
    }
    forEachChild(node, visit);
  };
  visit(script);
  return isQuotedCode && evaluates ? 'quoted text may be evaluated as code' : undefined;
}

/** Builtins that evaluate a word as arithmetic or as the name of an array element. */
function evaluatesWords(command: Command): boolean {
  const name = command.name?.value ?? '';
  const words = command.args.flatMap((arg) => (arg.type === 'Word' ? [arg.value] : []));
  if (/^(?:let|read|mapfile|readarray|unset|wait|getopts|integer)$/.test(name)) return true;
  if (/^(?:test|\[|printf)$/.test(name)) return words.some((word) => word.startsWith('-v') || word === '-R');
  return (
    /^(?:declare|typeset|local|readonly|export)$/.test(name) &&
    words.some((word) => /^-\w*[ia]/i.test(word) || word.includes('['))
  );
}

/** Whether a subscript holds a substitution. `[ ` and `[[ ` are commands. By hand: a pattern would be quadratic. */
function hasSubscriptCode(text: string): boolean {
  let isOpen = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '[') isOpen ||= /\w/.test(text[at - 1] ?? '') || !/[[\s]/.test(text[at + 1] ?? ' ');
    else if (sign === ']') isOpen = false;
    else if (isOpen && (sign === '`' || ((sign === '$' || sign === '<') && text[at + 1] === '(')))
      return true;
  }
  return false;
}
