import {
  appendToFile,
  type FileSystem,
  readRegularFile,
  type WriteOptions,
  writeFileDurable,
} from './durable-file.ts';

export interface JsonlContent {
  readonly values: readonly unknown[];
  /** Lines that are not JSON; a crash may leave one torn line. */
  readonly skippedLines: number;
}

/** Reads one JSON value a line, skipping lines that do not parse. No file reads as no values. */
export function readJsonl(fs: FileSystem, path: string): JsonlContent {
  const file = readRegularFile(fs, path);
  const values: unknown[] = [];
  let skippedLines = 0;
  for (const line of file?.bytes.toString('utf8').split('\n') ?? []) {
    if (line.trim() === '') continue;
    try {
      values.push(JSON.parse(line));
    } catch {
      skippedLines += 1;
    }
  }
  return { values, skippedLines };
}

/**
 * Appends one line. A torn last line, left by a crash, is closed first, so that the new record stands on its own.
 * Takes no lock: one small append is atomic on a local disk. Not flushed: for logs. Throws PATH_NOT_A_FILE, IO_FAILED.
 */
export function appendJsonl(fs: FileSystem, path: string, value: unknown): void {
  const line = `${JSON.stringify(value)}\n`;
  appendToFile(fs, path, (endsInNewline) => (endsInNewline ? line : `\n${line}`));
}

/**
 * Replaces the last line whose `key` equals that of `update(existing)`, or adds one. `update` gets the existing record,
 * or undefined. All other lines stay as they are, to the byte. Call it under a lock.
 */
export function upsertJsonl(
  fs: FileSystem,
  path: string,
  {
    key,
    id,
    update,
  }: { key: string; id: string; update: (existing: Record<string, unknown> | undefined) => object },
  options: WriteOptions = {},
): void {
  // One character a byte: what is not UTF-8 comes through unharmed, and a line break is one in both.
  const text = readRegularFile(fs, path)?.bytes.toString('latin1') ?? '';
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records = lines.map((line) => parseRecord(Buffer.from(line, 'latin1').toString('utf8')));
  const place = records.findLastIndex((record) => record?.[key] === id);
  const line = Buffer.from(JSON.stringify(update(records[place]))).toString('latin1');
  if (place === -1) lines.push(line);
  else lines[place] = line;
  writeFileDurable(fs, path, Buffer.from(`${lines.join('\n')}\n`, 'latin1'), options);
}

/** Removes the records that `isGone` names; a file without any is not written. Call it under a lock. */
export function removeFromJsonl(
  fs: FileSystem,
  path: string,
  isGone: (record: Record<string, unknown>) => boolean,
  options: WriteOptions = {},
): void {
  const lines = (readRegularFile(fs, path)?.bytes.toString('latin1') ?? '').split('\n');
  const kept = lines.filter((line) => {
    const record = parseRecord(Buffer.from(line, 'latin1').toString('utf8'));
    return record === undefined || !isGone(record);
  });
  if (kept.length < lines.length) writeFileDurable(fs, path, Buffer.from(kept.join('\n'), 'latin1'), options);
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
