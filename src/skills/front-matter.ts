import { parseDocument } from 'yaml';

/** The head of a `SKILL.md` and what follows it. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** What had to be put right to read it. */
  readonly repaired: readonly string[];
}

export type FrontMatterResult =
  | { readonly ok: true; readonly value: FrontMatter }
  | { readonly ok: false; readonly message: string; readonly fix: string };

const FENCE = /^---[ \t]*$/;

/**
 * Reads the head of a document in the open format. Public skills often break YAML in one way, a colon in an unquoted
 * description, and clients read them all the same; so they are read line by line then, and the caller is told.
 */
export function readFrontMatter(text: string): FrontMatterResult {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) return fault('is empty', 'Write a head between two lines of --- and the guide below it.');
  if (!FENCE.test(lines[first] ?? '')) {
    return fault('has no head', 'Begin it with ---, name:, description: and ---.');
  }
  const length = lines.slice(first + 1).findIndex((line) => FENCE.test(line));
  if (length === -1) return fault('has a head without an end', 'Close the head with a line of ---.');
  const head = lines.slice(first + 1, first + 1 + length);
  const body = lines
    .slice(first + 2 + length)
    .join('\n')
    .trim();
  const strict = readYaml(head.join('\n'));
  if (strict !== undefined) return { ok: true, value: { fields: strict, body, repaired: [] } };
  const lenient = readLines(head);
  if (lenient === undefined) {
    return fault('has a head that is no YAML', 'Quote values that hold ": " or begin with a sign.');
  }
  return {
    ok: true,
    value: { fields: lenient, body, repaired: ['Its head is no valid YAML; it was read line by line.'] },
  };
}

function fault(message: string, fix: string): FrontMatterResult {
  return { ok: false, message, fix };
}

function readYaml(text: string): Record<string, unknown> | undefined {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  try {
    // Aliases that multiply would make a small file a large value.
    const value: unknown = document.toJS({ maxAliasCount: 20 });
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `key: value` lines; a line that is indented goes on with the value before it. Undefined when a line is neither. */
function readLines(lines: readonly string[]): Record<string, unknown> | undefined {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue;
    const pair = /^([A-Za-z][\w-]*)\s*:\s*(.*)$/.exec(line);
    if (pair?.[1] !== undefined) {
      last = pair[1];
      fields.set(last, unquoted((pair[2] ?? '').trim().replace(/^[>|][+-]?\d*$/, '')));
    } else if (last !== undefined && /^\s/.test(line)) {
      fields.set(last, `${fields.get(last) ?? ''} ${line.trim()}`.trim());
    } else return undefined;
  }
  return fields.size === 0 ? undefined : Object.fromEntries(fields);
}

function unquoted(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted?.[2] ?? value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
