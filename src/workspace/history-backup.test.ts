import { describe, expect, it } from 'vitest';

import { quickFileSystem } from '../../test/support/state-fault-fs.ts';
import { call, HISTORY, newStateProject } from '../../test/support/state-project.ts';
import type { FileSystem } from '../base/durable-file.ts';
import { repairWorkspace } from './repair.ts';

describe('a file system without hard links', () => {
  const fail = (): never => {
    throw Object.assign(new Error('not supported'), { code: 'EPERM' });
  };

  it('keeps every closed cycle for repair', async () => {
    const fs: FileSystem = { ...quickFileSystem, linkSync: fail };
    const project = newStateProject({ fs });
    for (let cycle = 0; cycle < 3; cycle += 1) await call(project.workspace, 'task_close');
    const whole = project.json(HISTORY);
    project.write(HISTORY, '');
    const { findings } = await repairWorkspace(project.reopen());
    expect(findings).toMatchObject([{ restoredFrom: 'last good copy', records: 3 }]);
    expect(project.json(HISTORY)).toEqual(whole);
  });

  it('never offers the last cycle alone as the whole history', async () => {
    const project = newStateProject({ fs: quickFileSystem });
    for (let cycle = 0; cycle < 3; cycle += 1) await call(project.workspace, 'task_close');
    // Between two appends nothing can be linked or copied aside any more.
    const copyFileSync: FileSystem['copyFileSync'] = (from, to, mode) => {
      if (String(to).includes('last-good')) fail();
      quickFileSystem.copyFileSync(from, to, mode);
    };
    const fs: FileSystem = { ...quickFileSystem, linkSync: fail, copyFileSync };
    await call(project.reopen({ fs }), 'task_close');
    project.write(HISTORY, '');
    const { findings } = await repairWorkspace(project.reopen());
    expect(findings).toMatchObject([{ restoredFrom: 'last good copy', records: 3 }]);
  });
});
