import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { NexoError } from '../../errors.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import type { ExecutionResult } from '../../runner/subagents/events.ts';
import { executePlan } from '../../runner/subagents/execution.ts';
import { openWorkspace } from '../../workspace/workspace.ts';
import { openCatalog } from '../catalog-door.ts';
import { createDisplay } from '../render/execution.ts';
import { renderTaskTree } from '../render/task-tree.ts';
import { runWorld } from '../run-door.ts';
import { type Agent, connectAgent } from './agent.ts';
import type { CycleOptions } from './cycle.ts';
import { renderNote, surveyProject } from './survey.ts';

export interface ExecutedCycle {
  readonly result: ExecutionResult;
  readonly history: string;
}

const NOTE = 'ORIENTATION.md';
const COUNTS = 'orientation.json';
/** The longest that a step of the tour may take. */
const TIMEOUT_MS = 60_000;

/** A cycle whose tasks are carried out by agents, told as it happens. Throws TOUR_FAILED when it is not as told. */
export async function runExecutedCycle({ root, narrator, context }: CycleOptions): Promise<ExecutedCycle> {
  const { io } = context;
  const survey = surveyProject(root, basename(root));
  const scratch = mkdtempSync(join(tmpdir(), 'nexo-tour-script-'));
  let lead: Agent | undefined;
  try {
    const script = join(scratch, 'script.json');
    writeFileSync(script, JSON.stringify(scriptFor(renderNote(survey), survey.files)));
    const nexoHome = resolveHomePaths(io.env, io.userHome()).home;
    lead = await connectAgent({ name: 'lead', program: io.program, root, nexoHome, signal: io.signal });

    narrator.step('Plan, decide, and turn the decisions into tasks');
    await narrator.call(lead, 'nx_plan_start', {
      topic: 'Help a newcomer find their way',
      issues: ['What does a newcomer read first?'],
      research_summary: 'Looked at the names of all files.',
    });
    await narrator.call(lead, 'nx_plan_decide', {
      issue_id: 1,
      decision: `${NOTE}, with numbers from ${COUNTS}.`,
    });
    for (const task of TASKS) await lead.call('nx_task_add', task);
    narrator.changes();

    narrator.step('Agents carry them out');
    narrator.say(
      'As nexo plan execute does, on the scripted backend: every owner is a process of its own, held to what its role ' +
        'may do. One of them tries what it may not, another one fails at first.',
    );
    const display = createDisplay(context);
    let result: ExecutionResult;
    try {
      result = await executePlan({
        ...{
          run: { ...runWorld(context), cwd: root },
          workspace: openWorkspace(root),
          script,
          signal: io.signal,
        },
        ...{
          catalog: await openCatalog(context),
          backend: 'scripted',
          parallel: 3,
          only: undefined,
          takeOver: false,
        },
        timeoutMs: TIMEOUT_MS,
        onEvent: (event) => display.show(event),
      });
    } finally {
      display.close();
    }
    if (result.outcome === 'stopped') throw new NexoError('INTERRUPTED', 'The tour was stopped.');
    const tasks = result.tasks.map(({ state, ...task }) => ({
      ...task,
      status: state === 'completed' ? state : ('pending' as const),
    }));
    for (const line of renderTaskTree(tasks, context.view)) context.stream(`${line}\n`);
    narrator.say(
      `${result.runs} runs; the engineer was helped by an architect and went on with its conversation.`,
    );
    narrator.file(NOTE, readFileSync(join(root, NOTE), 'utf8'));

    narrator.step('Close the cycle');
    await narrator.call(lead, 'nx_task_close', {}, 5);
    assertTold(root, result);
    narrator.say('What ran, and what it would have cost:');
    narrator.command('nexo runs list');
    return { result, history: join(root, '.nexus/history.json') };
  } finally {
    await lead?.close().catch(() => {});
    rmSync(scratch, { recursive: true, force: true });
  }
}

const TASKS = [
  {
    title: 'Look around',
    context: 'How large is the project? Files: none',
    owner: 'researcher',
    goal: 'A newcomer finds their way',
    plan_issue: 1,
  },
  {
    title: 'Count the files',
    context: `Target files: ${COUNTS}`,
    acceptance: 'It holds the number of files',
    owner: 'engineer',
    plan_issue: 1,
  },
  { title: 'Write the note', context: `Target files: ${NOTE}`, owner: 'writer', deps: [1, 2], plan_issue: 1 },
] as const;

function scriptFor(note: string, files: number): object {
  const item = (id: number): string => `Work item: task ${id}.`;
  const answer = (text: string): object => ({ answer: text });
  const counts = { write: { path: COUNTS, content: `${JSON.stringify({ files })}\n` } };
  const wait = { wait_ms: 300 };
  return {
    replies: [
      {
        when: { contains: 'Find out why' },
        steps: [wait, answer('It did not look at what is there. Count first.')],
      },
      {
        when: { contains: '- Verify, and change nothing.' },
        steps: [wait, answer('It is as it has to be.\n\nVerdict: PASS')],
      },
      {
        when: { contains: item(1) },
        // A researcher may edit no file: the gate refuses, and the file never comes to be.
        steps: [wait, { write: { path: 'not-mine.txt', content: 'x' } }, answer(`${files} files.`)],
      },
      {
        when: { contains: item(2), turn: 1 },
        steps: [wait, answer('I do not know what to count.\n\nVerdict: BLOCKED')],
      },
      { when: { contains: item(2) }, steps: [wait, counts, answer('Counted.')] },
      {
        when: { contains: item(3) },
        steps: [wait, { write: { path: NOTE, content: note } }, answer('Written.')],
      },
    ],
  };
}

/** Looks at the files, not at what was said. */
function assertTold(root: string, { outcome, tasks }: ExecutionResult): void {
  const isSo =
    outcome === 'done' &&
    tasks.length === TASKS.length &&
    existsSync(join(root, COUNTS)) &&
    !existsSync(join(root, 'not-mine.txt')) &&
    !existsSync(join(root, '.nexus/state/tasks.json'));
  if (isSo) return;
  throw new NexoError('TOUR_FAILED', 'The tour did not come out as told: the tasks were not carried out.', {
    hint: 'This is a fault in Nexo. The copy is still there to look at.',
  });
}
