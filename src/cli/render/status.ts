import type { TaskState, WorkspaceStatus } from '../../workspace/status.ts';
import type { ChosenRoot } from '../command.ts';
import { renderCycle } from './cycles.ts';
import { renderIssues } from './plan.ts';
import { renderTasksHead } from './task-list.ts';
import { renderTaskTree, type ShownTask } from './task-tree.ts';
import type { View } from './view.ts';
import { displayWidth, truncate } from './width.ts';
import { count, dotted, roughly } from './words.ts';

/** A run of an agent backend that goes on. */
export interface LiveRun {
  readonly id: string;
  readonly caller: string;
  readonly backend: string;
  readonly startedAt: string | null;
}

export interface ShownStatus extends WorkspaceStatus {
  /** In this project, of every backend. */
  readonly runs: readonly LiveRun[];
  readonly rootSource: ChosenRoot['source'];
  /** Epoch milliseconds at which the status was read. */
  readonly now: number;
}

/** Most tasks shown; the rest is a number and the command that lists them. */
const MAX_TASKS = 30;

const FOUND_BY: Readonly<Record<ChosenRoot['source'], string>> = {
  flag: 'named by --root',
  environment: 'named by the environment',
  'nexus-folder': 'holds .nexus/',
  git: 'top of the git repository',
  'working-directory': 'the working directory',
};

/** The whole workspace at one glance: where, plan, tasks, agents, recent cycles, and last what is wrong. */
export function renderStatus(status: ShownStatus, view: View): string {
  const sections = [
    renderPlace(status, view),
    renderPlan(status, view),
    renderTasks(status, view),
    renderAgents(status, view),
    renderRuns(status, view),
    renderHistory(status, view),
    renderWarnings(status, view),
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n');
}

function renderPlace({ root, rootSource, branch, initialised }: ShownStatus, view: View): string[] {
  const lines = [
    ...view.paragraph(root, '').map(view.ink.bold),
    view.ink.dim(view.line(dotted([FOUND_BY[rootSource], `branch ${branch}`], view.marks.bullet))),
  ];
  if (!initialised) lines.push('No workspace here yet. nexo init makes one; so does the first plan or task.');
  return lines;
}

function renderPlan({ plan, initialised }: ShownStatus, view: View): string[] {
  if (plan === null) return initialised ? [`${view.ink.bold('Plan')}  ${view.ink.dim('none open')}`] : [];
  const decided = plan.issues.filter(({ status }) => status === 'decided').length;
  const name = `Plan ${plan.id}`;
  return [
    `${view.ink.bold(name)}  ${view.line(plan.topic, name.length + 2)}`,
    view.ink.dim(plan.issues.length === 0 ? 'no issues' : `${decided} of ${plan.issues.length} decided`),
    ...renderIssues(plan.issues, view, { brief: true }),
  ];
}

function renderTasks({ tasks, summary, goal, initialised }: ShownStatus, view: View): string[] {
  if (summary === null) return initialised ? [`${view.ink.bold('Tasks')}  ${view.ink.dim('none')}`] : [];
  const shown = chooseTasks(tasks.map(({ state, ...task }) => ({ ...task, status: toStatus(state) })));
  const lines = [...renderTasksHead(goal, summary, view), ...renderTaskTree(shown, view)];
  const hidden = tasks.length - shown.length;
  if (hidden > 0) lines.push(view.ink.dim(`  and ${hidden} more: nexo task list`));
  return lines;
}

function toStatus(state: TaskState): ShownTask['status'] {
  return state === 'ready' || state === 'blocked' ? 'pending' : state;
}

/** When there are too many, what is going on and what can start comes first, what is done last. */
function chooseTasks(tasks: readonly ShownTask[]): ShownTask[] {
  if (tasks.length <= MAX_TASKS) return [...tasks];
  const completed = new Set(tasks.filter(({ status }) => status === 'completed').map(({ id }) => id));
  const rank = ({ status, deps = [] }: ShownTask): number => {
    if (status === 'in_progress') return 0;
    if (status === 'completed') return 3;
    return deps.every((dep) => completed.has(dep)) ? 1 : 2;
  };
  const chosen = new Set([...tasks].sort((a, b) => rank(a) - rank(b)).slice(0, MAX_TASKS));
  return tasks.filter((task) => chosen.has(task));
}

function renderAgents({ agents, now }: ShownStatus, view: View): string[] {
  const running = agents.flatMap(({ harnessId, agents: entries }) =>
    entries.filter(({ status }) => status === 'running').map((agent) => ({ harnessId, agent })),
  );
  if (running.length === 0) return [];
  return [
    `${view.ink.bold('Agents')}  ${view.ink.dim(`${running.length} running`)}`,
    ...running.map(({ harnessId, agent }) => {
      const since = Date.parse(agent.started_at);
      const about = dotted(
        [harnessId, Number.isNaN(since) ? undefined : `for ${roughly(now - since)}`, agent.agent_id],
        view.marks.bullet,
      );
      const name = truncate(agent.agent_name ?? 'agent', 20);
      return `  ${view.ink.accent(view.marks.active)} ${name}  ${view.ink.dim(view.line(about, displayWidth(name) + 6))}`;
    }),
  ];
}

function renderRuns({ runs, now }: ShownStatus, view: View): string[] {
  if (runs.length === 0) return [];
  return [
    `${view.ink.bold('Runs')}  ${view.ink.dim(`${runs.length} running`)}`,
    ...runs.map(({ id, caller, backend, startedAt }) => {
      const since = Date.parse(startedAt ?? '');
      const about = dotted(
        [backend, Number.isNaN(since) ? undefined : `for ${roughly(now - since)}`, id],
        view.marks.bullet,
      );
      const name = truncate(caller, 30);
      return `  ${view.ink.accent(view.marks.active)} ${name}  ${view.ink.dim(view.line(about, displayWidth(name) + 6))}`;
    }),
  ];
}

function renderHistory({ history }: ShownStatus, view: View): string[] {
  if (history.total === 0) return [];
  return [
    `${view.ink.bold('History')}  ${view.ink.dim(`${count(history.total, 'cycle')} closed`)}`,
    ...history.recent.flatMap((cycle) => renderCycle(cycle, view)),
  ];
}

function renderWarnings({ warnings }: ShownStatus, view: View): string[] {
  return warnings.flatMap(({ message, hint }) => [
    ...view.paragraph(message, '  ').map((line, at) => {
      const text = at === 0 ? `${view.marks.warning} ${line.trimStart()}` : line;
      return view.ink.warn(text);
    }),
    ...(hint === undefined ? [] : view.paragraph(hint, '  ').map(view.ink.dim)),
  ]);
}
