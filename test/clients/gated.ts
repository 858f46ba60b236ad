import { expect } from 'vitest';

import type { Turn } from '../../src/harness/probe/script.ts';
import type { Edit } from './cycle.ts';
import { type ClientProject, resultHas, runScripted, type ScriptedResult } from './scripted-run.ts';

/** The shell call of one client. */
export type Shell = (command: string) => Turn;

/** Architect may edit nothing, neither with the client's own tool nor through the shell, nor add a task; it may read. */
export async function runGated(project: ClientProject, edit: Edit, shell: Shell): Promise<ScriptedResult> {
  project.write('kept.txt', 'as it was\n');
  const refused = resultHas('Refused by no_file_edit');
  const result = await runScripted(project, {
    prompt: 'GATED change the file',
    env: { NEXO_AGENT: 'architect' },
    conversations: [
      {
        marker: 'GATED',
        turns: [
          edit('kept.txt', 'as it was', 'changed'),
          { expect: refused, ...shell('echo changed > kept.txt') },
          { expect: refused, ...shell('sed -i s/as/is/ kept.txt; printf x | tee -a kept.txt') },
          { expect: refused, call: 'nx_task_add', input: { title: 'Not mine to add' } },
          { expect: resultHas('Refused by no_task_create'), ...shell('cat kept.txt') },
          { expect: resultHas('as it was'), say: 'Refused.' },
        ],
      },
    ],
  });
  expect(project.text('kept.txt')).toBe('as it was\n');
  expect(project.has('.nexus/state/tasks.json')).toBe(false);
  return result;
}
