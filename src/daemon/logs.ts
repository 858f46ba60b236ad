import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

import { systemErrorCode } from '../errors.ts';

const LineSchema = z.looseObject({ level: z.string(), time: z.string(), message: z.string() });

/** A line of the log, taken apart; one that is no line of ours has the whole text as its message. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The last lines of a log, oldest first; none when there is no log. */
export function readLastLines(path: string, count: number): LogLine[] {
  if (count === 0) return [];
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count).map(parseLine);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** How often to look whether the log has grown, in milliseconds: works on every file system. */
const POLL_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** Lines as they are written from now on, through every change of the file, until the signal. */
export async function* followLines(path: string, signal: AbortSignal): AsyncGenerator<LogLine> {
  let file = openFile(path);
  let at = file?.size ?? 0;
  let rest = '';
  try {
    while (!signal.aborted) {
      // Looked at before reading: what was written before the file was set aside is read to its end.
      const moved = file === undefined || identityAt(path) !== file.identity;
      if (file !== undefined) {
        const [lines, end] = readFrom(file.fd, at, rest);
        at += end.bytes;
        rest = end.rest;
        yield* lines.map(parseLine);
      }
      const next = moved ? openFile(path) : undefined;
      if (next !== undefined) {
        if (file !== undefined) closeSync(file.fd);
        file = next;
        at = 0;
        rest = '';
        continue;
      }
      await delay(POLL_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    if (file !== undefined) closeSync(file.fd);
  }
}

function readFrom(
  fd: number,
  position: number,
  before: string,
): [string[], { readonly bytes: number; readonly rest: string }] {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let bytes = 0;
  for (let read = -1; read !== 0; bytes += read) {
    read = readSync(fd, chunk, 0, CHUNK_BYTES, position + bytes);
    chunks.push(Buffer.from(chunk.subarray(0, read)));
  }
  const lines = (before + Buffer.concat(chunks).toString('utf8')).split('\n');
  const rest = lines.pop() ?? '';
  return [lines, { bytes, rest }];
}

function openFile(
  path: string,
): { readonly fd: number; readonly size: number; readonly identity: string } | undefined {
  try {
    const fd = openSync(path, 'r');
    const { size, dev, ino } = fstatSync(fd);
    return { fd, size, identity: `${dev}:${ino}` };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function identityAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

function parseLine(text: string): LogLine {
  try {
    const parsed = LineSchema.safeParse(JSON.parse(text));
    if (parsed.success) {
      const { time, level, message, ...fields } = parsed.data;
      return { time, level, message, fields };
    }
  } catch {
    // Cut off by a crash, or written by something else: shown as it is.
  }
  return { time: '', level: '', message: text, fields: {} };
}
