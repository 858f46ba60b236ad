import { join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../../base/durable-file.ts';
import { toCleanSegments } from '../../base/safe-path.ts';
import { NexoError } from '../../errors.ts';
import type { HarnessName } from '../contract.ts';

/** In the repository, beside what it is about, so that everybody who works on it sees the same. */
export const RECORD_FILE = '.nexo-rendered.json';

/** What was rendered into a plugin repository: path below it to the SHA-256 of what was written. */
const RecordSchema = z.strictObject({
  version: z.literal(1),
  harnesses: z.partialRecord(
    z.enum(['claude', 'codex', 'opencode']),
    z.record(z.string().refine(isPlainPath, 'leads out of the repository'), z.string()),
  ),
});
type RenderRecord = z.infer<typeof RecordSchema>;

/** Throws CONFIG_INVALID when the record is there and cannot be read: whose the files are is then unknown. */
export function readRecord(target: string, harness: HarnessName): Readonly<Record<string, string>> {
  return readWhole(target).harnesses[harness] ?? {};
}

export function writeRecord(
  target: string,
  harness: HarnessName,
  files: Readonly<Record<string, string>>,
): void {
  const { harnesses } = readWhole(target);
  const record: RenderRecord = { version: 1, harnesses: { ...harnesses, [harness]: files } };
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const file = join(target, RECORD_FILE);
  if (readRegularFile(nodeFileSystem, file)?.bytes.toString('utf8') !== text)
    writeFileDurable(nodeFileSystem, file, text);
}

function readWhole(target: string): RenderRecord {
  const file = join(target, RECORD_FILE);
  const bytes = readRegularFile(nodeFileSystem, file)?.bytes;
  if (bytes === undefined) return { version: 1, harnesses: {} };
  try {
    return RecordSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new NexoError(
      'CONFIG_INVALID',
      `${file} cannot be read, so that nobody knows which files are rendered.`,
      {
        hint: 'Take it back from git; or delete it, and what is rendered differently counts as yours.',
        data: { file },
        cause,
      },
    );
  }
}

/** The record comes with a repository, and what it names is removed when it is no longer rendered. */
function isPlainPath(path: string): boolean {
  try {
    return toCleanSegments(path).join('/') === path;
  } catch {
    return false;
  }
}
