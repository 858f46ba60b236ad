import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { readGitBranch } from '../../base/git-branch.ts';
import { NexoError } from '../../errors.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import type { CommandContext } from '../command.ts';
import { count } from '../render/words.ts';
import { type Agent, connectAgent } from './agent.ts';
import type { ProjectCopy } from './copy-project.ts';
import type { Narrator } from './narrator.ts';
import { checkOutcome } from './outcome.ts';
import { renderNote, type Survey, surveyProject } from './survey.ts';

/** Name of the note that the cycle produces. */
const NOTE = 'orientation.md';

export interface CycleOptions {
  readonly source: string;
  /** The copy to work in. */
  readonly root: string;
  readonly copy: ProjectCopy;
  readonly narrator: Narrator;
  readonly context: CommandContext;
}

export interface CycleResult {
  readonly kind: ProjectCopy['kind'];
  readonly remarks: readonly string[];
  readonly history: string;
  /** Id of the plan that was made, decided, worked on and archived. */
  readonly planId: number;
  readonly taskIds: readonly number[];
  readonly artifact: string;
}

/** One cycle of real work on the copy, told as it happens. Throws TOUR_FAILED when anything is not as told. */
export async function runCycle({
  source,
  root,
  copy,
  narrator,
  context,
}: CycleOptions): Promise<CycleResult> {
  const { io } = context;
  const name = basename(source) || 'project';
  const survey = surveyProject(root, name);
  const how =
    copy.kind === 'clone' ? `git clone of ${source}, branch ${readGitBranch(root)}` : `Files of ${source}`;
  narrator.say(`${how}, in ${root}. The project itself is only read.`);
  for (const remark of copy.remarks) narrator.say(remark);

  const agents: Agent[] = [];
  const connect = async (agentName: string): Promise<Agent> => {
    const nexoHome = resolveHomePaths(io.env, io.userHome()).home;
    const agent = await connectAgent({
      name: agentName,
      program: io.program,
      root,
      nexoHome,
      signal: io.signal,
    });
    agents.push(agent);
    return agent;
  };
  try {
    narrator.step('An agent connects');
    const ada = await connect('ada');
    narrator.say(
      `It starts "nexo mcp" as a process of its own (${ada.pid}), as Claude Code, Codex or OpenCode would: ` +
        `${ada.server.name} ${ada.server.version} offers ${count(ada.tools.length, 'tool')} to it.`,
    );
    await narrator.call(ada, 'nx_context', {});

    const planId = await planStep(ada, survey, narrator);
    const first = await taskStep(ada, narrator);

    narrator.step('Two agents at once');
    const ben = await connect('ben');
    narrator.say(
      `A second agent joins, in another process (${ben.pid}). Both add a task in the same moment.`,
    );
    const second = await addAtOnce(ada, ben, first, narrator);

    await workStep(ada, survey, narrator);
    const taskIds = [...first, ...second];
    for (const id of taskIds.slice(1)) await ben.call('nx_task_update', { id, status: 'completed' });
    narrator.say(`Tasks ${taskIds.slice(1).join(', ')} are completed the same way, by the other agent.`);
    narrator.changes();

    narrator.step('Close the cycle');
    narrator.say(
      'Plan and tasks become one entry of the history, first written, then cleared. Git keeps it.',
    );
    await narrator.call(ada, 'nx_task_close', {}, 5);

    narrator.step('Remembered');
    narrator.say('Months later any agent, in any harness, can ask what was decided and why.');
    await narrator.call(ben, 'nx_history_search', { query: 'newcomer', last_n: 1 });

    const result = { planId, taskIds, artifact: join(root, '.nexus/state/artifacts', NOTE) };
    checkOutcome(root, { ...result, note: renderNote(survey) });

    const nexo = commandName(io);
    narrator.step('What stays');
    narrator.file('.nexus/history.json', readLastCycle(root), 80);
    narrator.say('The copy is yours to look at. Try:');
    for (const line of ['status', 'history search --query tests'])
      narrator.command(`${nexo} ${line} --root ${root}`);
    return { kind: copy.kind, remarks: copy.remarks, history: join(root, '.nexus/history.json'), ...result };
  } finally {
    await Promise.allSettled(agents.map((agent) => agent.close()));
  }
}

async function planStep(
  ada: Agent,
  { name, readFirst, testCommand }: Survey,
  narrator: Narrator,
): Promise<number> {
  narrator.step('First a plan: what has to be decided?');
  const { plan_id } = await narrator.call(ada, 'nx_plan_start', {
    topic: `Help a newcomer find their way in ${name}`,
    issues: ['What does a newcomer read first?', 'How are the tests run?'],
    research_summary: 'Looked at the names of all files and at the manifest.',
  });

  narrator.step('Decide, one issue after the other');
  await narrator.call(ada, 'nx_plan_decide', {
    issue_id: 1,
    decision:
      readFirst === undefined
        ? 'Nothing yet; somebody should write a README.md.'
        : `${readFirst}, then the note of this cycle.`,
  });
  await narrator.call(ada, 'nx_plan_decide', {
    issue_id: 2,
    decision: testCommand === undefined ? 'Nobody has written it down.' : `With ${testCommand}.`,
  });
  return numberOf(plan_id, 'nx_plan_start returned no plan id');
}

async function taskStep(ada: Agent, narrator: Narrator): Promise<number[]> {
  narrator.step('Decisions become tasks, with what depends on what');
  const count = await narrator.call(ada, 'nx_task_add', {
    title: 'Count what is there',
    context: 'The note should say how large the project is.',
    goal: 'A note that shows a newcomer around',
    plan_issue: 1,
  });
  const countId = taskIdOf(count);
  const write = await narrator.call(ada, 'nx_task_add', {
    title: 'Write the note',
    context: 'From the decisions and the count.',
    acceptance: `${NOTE} says what to read first and how to run the tests`,
    deps: [countId],
  });
  return [countId, taskIdOf(write)];
}

async function addAtOnce(
  ada: Agent,
  ben: Agent,
  deps: readonly number[],
  narrator: Narrator,
): Promise<number[]> {
  const inputs = [
    { title: 'Read the note aloud', context: 'What sounds wrong is wrong.', deps },
    { title: 'Show the note to somebody new', context: 'They know what is missing.', deps },
  ] as const;
  const answers = await Promise.all([ada.call('nx_task_add', inputs[0]), ben.call('nx_task_add', inputs[1])]);
  answers.forEach((answer, at) => {
    narrator.exchange(at === 0 ? 'ada' : 'ben', 'nx_task_add', answer);
  });
  const ids = answers.map(taskIdOf);
  narrator.say(`Two tasks, numbers ${ids.join(' and ')}: the two took turns, and neither is lost.`);
  narrator.changes();
  return ids;
}

async function workStep(ada: Agent, survey: Survey, narrator: Narrator): Promise<void> {
  narrator.step('Work');
  const list = await narrator.call(ada, 'nx_task_list', {});
  const summary = list.summary as { ready?: unknown } | undefined;
  narrator.say(
    `summary.ready has what can start now: ${JSON.stringify(summary?.ready)}. The others wait for it.`,
  );
  await narrator.call(ada, 'nx_task_update', { id: 1, status: 'in_progress' });
  const note = renderNote(survey);
  await narrator.call(ada, 'nx_artifact_write', { filename: NOTE, content: note });
  narrator.file(`.nexus/state/artifacts/${NOTE}`, note);
  await narrator.call(ada, 'nx_task_update', { id: 1, status: 'completed' });
}

/** The history as it is, or of a long one, which the project already had, the end. */
function readLastCycle(root: string): string {
  const text = readFileSync(join(root, '.nexus', 'history.json'), 'utf8');
  const start = text.lastIndexOf('\n    {\n');
  return text.length < 4000 || start === -1 ? text : text.slice(start + 1);
}

/**
 * How the reader starts Nexo: as they just did. The Node of this process is named whole where it must be: the one on
 * the reader's PATH may be too old.
 */
function commandName({ program, env }: CommandContext['io']): string {
  if (env.NEXO_STARTED_AS !== undefined && env.NEXO_STARTED_AS !== '') return env.NEXO_STARTED_AS;
  return basename(program) === 'nexo' ? 'nexo' : `${process.execPath} ${program}`;
}

function taskIdOf(answer: Record<string, unknown>): number {
  const task = answer.task;
  const id = typeof task === 'object' && task !== null && 'id' in task ? task.id : undefined;
  return numberOf(id, 'nx_task_add returned no task');
}

function numberOf(value: unknown, otherwise: string): number {
  if (typeof value === 'number') return value;
  throw new NexoError('TOUR_FAILED', `${otherwise}.`);
}
