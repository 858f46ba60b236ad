import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isRecord, listAt } from './json.ts';
import { STATE_FILES } from './scratch.ts';

/** What became of the tasks that a server said it had stored. */
export interface Verdict {
  /** Acknowledged and in no file. */
  readonly lost: number;
  /** Stored more than once: in two cycles, or in a cycle and still open. */
  readonly doubled: number;
  /** Ids that two tasks of one list share. */
  readonly duplicateIds: number;
}

/** Compares the acknowledged titles, each used once, with the open tasks and the closed cycles on disk. */
export function judge(project: string, acknowledged: readonly string[]): Verdict {
  const lists = [
    listAt(readState(join(project, STATE_FILES.tasks)), 'tasks'),
    ...listAt(readState(join(project, STATE_FILES.history)), 'cycles').map((cycle) => listAt(cycle, 'tasks')),
  ];
  const found = new Map<unknown, number>();
  let duplicateIds = 0;
  for (const list of lists) {
    const tasks = list.filter(isRecord);
    for (const { title } of tasks) found.set(title, (found.get(title) ?? 0) + 1);
    duplicateIds += tasks.length - new Set(tasks.map(({ id }) => id)).size;
  }
  return {
    lost: acknowledged.filter((title) => !found.has(title)).length,
    doubled: [...found.values()].filter((times) => times > 1).length,
    duplicateIds,
  };
}

/** Throws when the file is there and cannot be read: that is a result too, and no good one. */
function readState(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text);
}
