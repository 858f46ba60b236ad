import { constants } from 'node:fs';

import { type FileSystem, readRegularFile, type WriteOptions, writeFileDurable } from './durable-file.ts';

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
 * Takes no lock: one small append is atomic on a local disk. Not flushed: for logs.
 */
export function appendJsonl(fs: FileSystem, path: string, value: unknown): void {
  const { O_RDWR, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = fs.openSync(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const line = `${JSON.stringify(value)}\n`;
    fs.writeSync(descriptor, endsTorn(fs, descriptor) ? `\n${line}` : line);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Replaces the line whose `key` equals that of `update(existing)`, or adds one. `update` gets the existing record, or
 * undefined. Lines that do not parse and records of other keys stay as they are. Call it under a lock.
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
  const lines = (readRegularFile(fs, path)?.bytes.toString('utf8') ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const matches: Record<string, unknown>[] = [];
  let place = lines.length;
  const kept = lines.filter((line, index) => {
    const record = parseRecord(line);
    if (record?.[key] !== id) return true;
    if (matches.length === 0) place = index;
    matches.push(record);
    return false;
  });
  kept.splice(Math.min(place, kept.length), 0, JSON.stringify(update(matches.at(-1))));
  writeFileDurable(fs, path, `${kept.join('\n')}\n`, options);
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

function endsTorn(fs: FileSystem, descriptor: number): boolean {
  const size = Number(fs.fstatSync(descriptor).size);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  fs.readSync(descriptor, last, 0, 1, size - 1);
  return last[0] !== 10;
}
