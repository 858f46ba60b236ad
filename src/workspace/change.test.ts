import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';

import { quickFileSystem } from '../../test/support/state-fault-fs.ts';
import { call, newStateProject } from '../../test/support/state-project.ts';

/** Longer than a test may take. */
const AN_HOUR_MS = 3_600_000;

it('a reader does not wait out a writer that was paused in the middle of an archive', async () => {
  const project = newStateProject({ fs: quickFileSystem, lockTimeoutMs: AN_HOUR_MS });
  await call(project.workspace, 'task_add', { title: 't', context: 'c' });
  project.write('.nexus/state/nexo/archive.json', { version: 1 });
  const paused = new DatabaseSync(project.path('.nexus/state/nexo/lock.db'));
  paused.exec('BEGIN IMMEDIATE');
  try {
    expect(await call(project.reopen(), 'task_list')).toMatchObject({ summary: { total: 1 } });
  } finally {
    paused.close();
  }
});
