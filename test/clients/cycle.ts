import { expect } from 'vitest';

import type { Turn } from '../../src/harness/probe/script.ts';
import {
  all,
  type ClientProject,
  isTold,
  resultHas,
  runScripted,
  type ScriptedResult,
} from './scripted-run.ts';

/** The native edit of one client, as a turn without an expectation. */
export type Edit = (file: string, before: string, after: string) => Turn;

const TASKS = '.nexus/state/tasks.json';

/** A whole cycle in two sessions of the same client: plan and tasks in the first, work and close in the second. */
export async function runCycle(
  project: ClientProject,
  edit: Edit,
  scope: 'user' | 'project' = 'user',
): Promise<ScriptedResult[]> {
  project.write('greeting.txt', 'hello\n');
  const planning = await runScripted(project, {
    prompt: 'CYCLE-ONE [plan] greet the world',
    scope,
    conversations: [
      {
        marker: 'CYCLE-ONE',
        turns: [
          {
            expect: isTold('Activate the skill nx-plan and follow it.'),
            call: 'nx_plan_start',
            input: {
              topic: 'Greet the world',
              issues: ['Which greeting?'],
              research_summary: 'It says hello.',
            },
          },
          {
            expect: resultHas('"plan_id":1'),
            call: 'nx_plan_decide',
            input: { issue_id: 1, decision: 'Greet everybody.' },
          },
          {
            expect: resultHas('"decided":true'),
            call: 'nx_task_add',
            input: {
              title: 'Greet everybody',
              context: 'The greeting names nobody.',
              approach: 'Edit greeting.txt.',
              acceptance: 'It greets the world.',
              plan_issue: 1,
              owner: 'lead',
            },
          },
          { expect: resultHas('"id":1'), say: 'Planned.' },
        ],
      },
    ],
  });
  expect(project.json(TASKS)).toMatchObject({ tasks: [{ id: 1, status: 'pending', owner: 'lead' }] });

  const working = await runScripted(project, {
    prompt: 'CYCLE-TWO go on',
    scope,
    conversations: [
      {
        marker: 'CYCLE-TWO',
        turns: [
          {
            expect: isTold(
              'Active plan: "Greet the world"',
              'Tasks: 1 of 1 not completed; ready to start: 1.',
            ),
            call: 'nx_task_update',
            input: { id: 1, status: 'in_progress' },
          },
          { expect: resultHas('in_progress'), ...edit('greeting.txt', 'hello', 'hello world') },
          {
            expect: () => toolLogFault(project),
            call: 'nx_task_update',
            input: { id: 1, status: 'completed' },
          },
          { expect: resultHas('completed'), call: 'nx_task_close', input: {} },
          { expect: all(resultHas('"closed":true'), () => openStateFault(project)), say: 'Closed.' },
        ],
      },
    ],
  });
  expect(project.text('greeting.txt')).toBe('hello world\n');
  expect(project.json('.nexus/history.json')).toMatchObject({
    cycles: [
      {
        plan: { topic: 'Greet the world', issues: [{ status: 'decided', decision: 'Greet everybody.' }] },
        tasks: [{ id: 1, title: 'Greet everybody', status: 'completed' }],
      },
    ],
  });
  return [planning, working];
}

function toolLogFault(project: ClientProject): string | undefined {
  const log = project.text(`.nexus/state/${project.installed.client.harness}-nexo/tool-log.jsonl`);
  const lines = log.trim().split('\n');
  const found = lines.filter((line) => line.includes('greeting.txt') && line.includes('"status":"ok"'));
  return found.length === 1 ? undefined : `the edit stands ${found.length} times in the tool log: ${log}`;
}

function openStateFault(project: ClientProject): string | undefined {
  const left = ['.nexus/state/plan.json', TASKS].filter((name) => project.has(name));
  return left.length === 0 ? undefined : `still there after the close: ${left.join(', ')}`;
}
