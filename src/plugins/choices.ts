import { join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { withLock } from '../base/lock.ts';
import type { HomePaths } from '../home/paths.ts';
import { pluginState } from './cache.ts';

const ChoicesSchema = z.looseObject({
  /** Files that the operator has taken out of use; the files themselves stay. */
  removed: z.array(z.string()).default([]),
  /** File → digest of the content that the operator has agreed to. */
  approved: z.record(z.string(), z.string()).default({}),
});

/** What the operator has decided about plugins, apart from what the files say. */
export type PluginChoices = z.infer<typeof ChoicesSchema>;

export function choicesFile(paths: Pick<HomePaths, 'state'>): string {
  return join(pluginState(paths), 'choices.json');
}

export function readChoices(paths: Pick<HomePaths, 'state'>): PluginChoices {
  const read = readRegularFile(nodeFileSystem, choicesFile(paths), 1024 * 1024);
  if (read === undefined) return { removed: [], approved: {} };
  try {
    const parsed = ChoicesSchema.safeParse(JSON.parse(read.bytes.toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // No JSON. Without a record nothing is approved, and nothing is removed.
  }
  return { removed: [], approved: {} };
}

export async function changeChoices(
  paths: Pick<HomePaths, 'state'>,
  change: (choices: PluginChoices) => PluginChoices,
): Promise<void> {
  ensureFolder(nodeFileSystem, pluginState(paths), 0o700);
  await withLock(`${choicesFile(paths)}.lock`, () => {
    const text = `${JSON.stringify(change(readChoices(paths)), undefined, 2)}\n`;
    writeFileDurable(nodeFileSystem, choicesFile(paths), text, { mode: 0o600 });
  });
}
