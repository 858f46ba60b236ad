/** Reading of tool inputs, which are whatever a model wrote. */

export type InputRecord = Readonly<Record<string, unknown>>;

export function asInputRecord(value: unknown): InputRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as InputRecord)
    : undefined;
}

export function textOf(record: InputRecord, ...keys: string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** Every text in the input under a key that `accepts` it, at any depth; bounded. */
export function collectTexts(input: unknown, accepts: (key: string) => boolean): string[] {
  const found: string[] = [];
  let steps = 0;
  const visit = (value: unknown, key: string, depth: number): void => {
    steps += 1;
    if (steps > 5_000 || depth > 20 || found.length > 500) return;
    if (typeof value === 'string') {
      if (accepts(key)) found.push(value);
    } else if (Array.isArray(value)) {
      for (const each of value) visit(each, key, depth + 1);
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) visit(each, name, depth + 1);
    }
  };
  visit(input, '', 0);
  return found;
}

/** `fileName`, `file-name` and `FILE_NAME` are one key: lower-case words joined by `_`. */
export function toWords(name: string): string[] {
  return name
    .normalize('NFKC')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

const PATH_WORDS: ReadonlySet<string> = new Set([
  'path',
  'paths',
  'file',
  'files',
  'filename',
  'filenames',
  'filepath',
  'pathname',
  'dir',
  'directory',
  'folder',
  'destination',
  'dest',
  'target',
  'output',
  'outfile',
  'outdir',
  'location',
  'notebook',
  'workspace',
  'uri',
  'saveto',
  'cwd',
  'source',
]);

export function isPathKey(key: string): boolean {
  return toWords(key).some((word) => PATH_WORDS.has(word));
}
