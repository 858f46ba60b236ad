/**
 * The format of systemd's unit files, as far as we write and read it: systemd.syntax(7), and the quoting of
 * systemd.service(5).
 */

export type UnitSections = ReadonlyMap<string, readonly (readonly [key: string, value: string])[]>;

/** The file for these sections, in this order; its first line says what would write it anew. */
export function renderUnit(
  sections: readonly (readonly [name: string, lines: readonly (readonly [string, string])[]])[],
  command = 'nexo scripts reconcile',
): string {
  const blocks = sections.map(([name, lines]) =>
    [`[${name}]`, ...lines.map(([key, value]) => `${key}=${value}`), ''].join('\n'),
  );
  return [`# Made by nexo, and overwritten by: ${command}`, ...blocks].join('\n');
}

/** Reads a unit file; what is no section, key or comment is passed over, as systemd does. */
export function parseUnit(text: string): UnitSections {
  const sections = new Map<string, [string, string][]>();
  let current: [string, string][] | undefined;
  for (const raw of text.replace(/\\\r?\n/g, ' ').split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const name = /^\[(.+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      current = sections.get(name) ?? [];
      sections.set(name, current);
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0) current?.push([line.slice(0, at).trim(), line.slice(at + 1).trim()]);
  }
  return sections;
}

export function unitValue(sections: UnitSections, section: string, key: string): string | undefined {
  return sections.get(section)?.findLast(([name]) => name === key)?.[1];
}

/** One word in a list of words, quoted, with `%` and whatever ends a quote escaped. */
export function quoteWord(word: string): string {
  return `"${escapeSpecifiers(escapeC(word))}"`;
}

/** One word of a command line, where `$` would name a variable. */
export function quoteArgument(word: string): string {
  return quoteWord(word).replaceAll('$', '$$$$');
}

/** Text in a place that takes a line as it is, such as a description. */
export function plainText(text: string): string {
  // A backslash at its end would swallow the next line.
  return escapeSpecifiers(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()).replaceAll('\\', '/');
}

/** The words of a command line or a list, with quotes and escapes taken away. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/g)) {
    const word = match[1] ?? match[2] ?? match[3] ?? '';
    words.push(unescapeC(word).replaceAll('%%', '%').replaceAll('$$', '$'));
  }
  return words;
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

function escapeC(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

function unescapeC(text: string): string {
  return text.replace(
    /\\(.)/g,
    (_whole, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? letter,
  );
}
