import { forEachChild, type ParsedScript, parse, type SyntaxNode } from 'unbash';

/** Work that one decision may take, so that no text makes it slow. */
const MAX_SIGNS = 3_000;
const MAX_WORDS = 12_000;
const MAX_HEREDOCS = 60;
const MAX_NODES = 20_000;

export type ParseOutcome =
  | { readonly kind: 'script'; readonly script: ParsedScript }
  /** `why` continues "the command …". */
  | { readonly kind: 'refused'; readonly why: string };

/** Parses bash text. Anything that the parser had to guess at is refused, as is text too involved to judge in time. */
export function parseShell(text: string): ParseOutcome {
  const fault = complexityFault(text);
  if (fault !== undefined) return { kind: 'refused', why: fault };
  const script = parse(text);
  const damage = findDamage(script, text);
  return damage === undefined ? { kind: 'script', script } : { kind: 'refused', why: damage };
}

function complexityFault(text: string): string | undefined {
  let signs = 0;
  let words = 0;
  let heredocs = 0;
  let gap = true;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    // Non-characters stand for unknown values further on.
    if (code >= 0xfdd0 && code <= 0xfddf) return 'holds characters that are none';
    if (code === 0) return 'holds a zero byte';
    if (code <= 32) gap = true;
    else if (gap) {
      gap = false;
      words += 1;
    }
    // $ & ( ; < > [ ` { |
    if (
      code === 36 ||
      code === 38 ||
      code === 40 ||
      (code >= 59 && code <= 62 && code !== 61) ||
      code === 91 ||
      code === 96 ||
      code === 123 ||
      code === 124
    ) {
      signs += 1;
      if (code === 60 && text.charCodeAt(index + 1) === 60) heredocs += 1;
    }
  }
  if (signs > MAX_SIGNS || words > MAX_WORDS || heredocs > MAX_HEREDOCS * 2)
    return 'is too involved to judge in time';
  return undefined;
}

/** Parser errors at any depth, and text between nodes that is not what may stand between them. */
function findDamage(root: ParsedScript, text: string): string | undefined {
  let nodes = 0;
  const waiting: { node: SyntaxNode; source: string }[] = [{ node: root, source: text }];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === undefined) break;
    const { node } = next;
    nodes += 1;
    if (nodes > MAX_NODES) return 'is too involved to judge in time';
    const source = node.type === 'Script' ? (node.source ?? next.source) : next.source;
    if (node.type === 'Script' && node.errors !== undefined && node.errors.length > 0)
      return 'is not well-formed shell text';
    const children: SyntaxNode[] = [];
    forEachChild(node, (child) => {
      children.push(child);
      waiting.push({ node: child, source });
    });
    if ((node.type === 'Script' && node === root) || node.type === 'Command') {
      if (!gapsAreClean(node, children, source)) return 'has a part that the parser passed over';
    }
  }
  return undefined;
}

function gapsAreClean(node: SyntaxNode, children: readonly SyntaxNode[], source: string): boolean {
  const heredocs: string[] = [];
  let at = node.type === 'Script' ? 0 : node.pos;
  const end = node.type === 'Script' ? source.length : node.end;
  const sorted = [...children].sort((a, b) => a.pos - b.pos);
  if (sorted.some((child) => child.type === 'HereDoc') || heredocs.length > 0) return true;
  for (const child of sorted) {
    if (child.pos > at && !isSeparator(source.slice(at, child.pos))) return containsHeredoc(source);
    at = Math.max(at, child.end);
  }
  if (at < end && !isSeparator(source.slice(at, end))) return containsHeredoc(source);
  return true;
}

/** A here-document's body lies between later nodes. */
function containsHeredoc(source: string): boolean {
  return source.includes('<<');
}

/** Blanks, continued lines, `;`, `&` and comments. */
function isSeparator(gap: string): boolean {
  const bare = gap.replaceAll(/\\\r?\n/g, '').replaceAll(/(^|[\s;&])#[^\n]*/g, '$1');
  return /^[\s;&]*$/.test(bare);
}
