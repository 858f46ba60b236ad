import { describe, expect, it } from 'vitest';

import { quickFileSystem } from '../../test/support/state-fault-fs.ts';
import { HISTORY, newStateProject, PLAN, TASKS } from '../../test/support/state-project.ts';
import { readStatus } from './status.ts';
import { findWorkspaceTool } from './tools.ts';

describe('an answer that shows less than is there', () => {
  it.each([
    ['plan_status', PLAN],
    ['task_list', TASKS],
    ['context', TASKS],
    ['history_search', HISTORY],
  ])('%s says that %s cannot be understood', async (name, file) => {
    const project = newStateProject({ fs: quickFileSystem });
    const tool = findWorkspaceTool(name);
    await tool?.run(project.workspace, {});
    expect(tool?.problem(project.workspace)).toBeUndefined();
    project.write(file, '{bad');
    await tool?.run(project.workspace, {});
    expect(tool?.problem(project.workspace)).toMatchObject({ code: 'STATE_DAMAGED', data: { path: file } });
  });

  it('is named by status when two tasks have one id', async () => {
    const project = newStateProject({ fs: quickFileSystem });
    const task = { id: 1, title: 't', context: 'c', status: 'pending', deps: [] };
    project.write(TASKS, { goal: '', decisions: [], tasks: [task, task] });
    const { warnings } = await readStatus(project.workspace);
    expect(warnings.map(({ code }) => code)).toEqual(['STATE_DUPLICATE_ID']);
  });
});
