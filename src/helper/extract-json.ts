/** How far behind a brace the first name is looked for, in characters. */
const MAX_BLANKS = 200;

/**
 * The JSON object in a model's answer: alone, in a code fence, or with words around it. Throws an Error that says which
 * of the ways to be none it is: empty, no object, cut off, or nothing that can be read.
 */
export function extractJson(text: string): Record<string, unknown> {
  const body = withoutFence(text.trim());
  if (body === '') throw new Error('The answer is empty.');
  const whole = parse(body);
  if (whole === undefined) return firstObject(body);
  if (!isObject(whole.value)) throw new Error('The answer is JSON, but no object.');
  return whole.value;
}

function firstObject(text: string): Record<string, unknown> {
  let at = text.indexOf('{');
  if (at === -1) throw new Error(`The answer holds no JSON object: ${short(text)}`);
  while (at !== -1) {
    // A brace in a sentence opens nothing; an object begins with a name or ends at once.
    if (!/^\{\s*["}]/.test(text.slice(at, at + MAX_BLANKS))) {
      at = text.indexOf('{', at + 1);
      continue;
    }
    const end = endOfObject(text, at);
    if (end === undefined) throw new Error(`The answer's JSON object has no end: ${short(text.slice(at))}`);
    const found = parse(text.slice(at, end));
    if (found !== undefined && isObject(found.value)) return found.value;
    at = text.indexOf('{', end);
  }
  throw new Error(`The answer holds nothing that can be read as a JSON object: ${short(text)}`);
}

/** Where the object that begins at `start` ends, with strings and escapes in mind. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (inString) {
      if (sign === '\\') at += 1;
      else if (sign === '"') inString = false;
    } else if (sign === '"') inString = true;
    else if (sign === '{') depth += 1;
    else if (sign === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

function withoutFence(text: string): string {
  if (!text.startsWith('```')) return text;
  const lines = text.split('\n');
  return lines.length > 1 && lines.at(-1)?.trim() === '```' ? lines.slice(1, -1).join('\n').trim() : text;
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // not JSON as it stands
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function short(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
