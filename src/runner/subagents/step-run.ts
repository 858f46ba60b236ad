import { join } from 'node:path';

import { isoTime } from '../../base/clock.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { HarnessName } from '../../harness/contract.ts';
import { gateFiles } from '../../harness/handle-tool-use.ts';
import { bodyFor } from '../../harness/rendering.ts';
import { knowledgeText } from '../../hooks/notices.ts';
import {
  readAllAgents,
  recordAgentComplete,
  recordAgentResume,
  recordAgentSpawn,
} from '../../workspace/agent-tracker.ts';
import { listKnowledge, readNote } from '../../workspace/knowledge.ts';
import { type Workspace, workspacePaths } from '../../workspace/workspace.ts';
import type { BackendName } from '../backends/contract.ts';
import type { RunOutcome, RunWorld } from '../request.ts';
import { newRunId, runAutomationPrompt } from '../run.ts';
import { keptAnswer } from './answer-of.ts';
import { changedBetween, lookAtFiles } from './changed-files.ts';
import { type Journal, type JournalRun, runsOf } from './journal.ts';
import type { EndedStep, Role, Step, StepResult } from './plan-task.ts';
import { composePrompt } from './prompt.ts';
import type { FullTask, Plan } from './read-plan.ts';
import { assertCommandAllowed, restrictionsOf } from './restrict.ts';
import { evaluateResume, type ResumeAnswer } from './resume.ts';
import { isWithin, type Targets, UNKNOWN_TARGETS } from './targets.ts';
import { resultOf } from './verdict.ts';

/** What every step of an execution is run with. */
export interface StepWorld {
  readonly run: RunWorld;
  readonly workspace: Workspace;
  readonly catalog: Catalog;
  readonly roles: ReadonlyMap<string, Role>;
  readonly journal: Journal;
  readonly backend: BackendName;
  readonly canResume: boolean;
  /** The program of the backend `command` with its arguments; undefined for every other backend. */
  readonly commandWords: readonly string[] | undefined;
  readonly script: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onNote: (task: number, text: string) => void;
  readonly onStarted: (task: number, step: Step, run: string, resumed: boolean) => void;
}

export interface StepAsked {
  readonly plan: Plan;
  readonly task: FullTask;
  readonly step: Step;
  readonly past: readonly EndedStep[];
  /** Files of the other steps that were under way meanwhile, to tell whose a change is; grows while it goes on. */
  readonly others: readonly Targets[];
}

/** How a step went; without a result it was stopped, and is to be gone on with. */
export interface StepDone {
  readonly run: string;
  readonly resumed: boolean;
  readonly outcome: RunOutcome;
  readonly ended: EndedStep | undefined;
}

/** Who asks for the runs of a role, for tiers and costs. */
export function callerOf(role: string): string {
  return `subagent/${role}`;
}

/** One step from its prompt to its line in the journal. Throws what `runAutomationPrompt` throws: nothing was run. */
export async function runStep(asked: StepAsked, world: StepWorld): Promise<StepDone> {
  const { step } = asked;
  const { workspace, journal } = world;
  const role = world.roles.get(step.role);
  const runs = runsOf(journal.read());
  const answer: ResumeAnswer =
    role === undefined ? { fresh: true, why: '' } : askResume(asked, role, runs, world);
  const resumed = 'resume' in answer;
  const targets = targetsOfStep(asked);
  const before = role?.writes === false ? undefined : await lookAtFiles(workspace.root, targets);
  let done = await runOnce(asked, world, resumed ? answer.resume.sessionId : undefined, runs);
  if (resumed && isLostSession(done.outcome) && !world.signal.aborted) {
    // The conversation is gone, on this machine or at the provider's: begun anew, without a word.
    done = await runOnce(asked, world, undefined, runs);
  }
  const files =
    before === undefined
      ? []
      : changedBetween(before, await lookAtFiles(workspace.root, targets)).filter((path) =>
          isOurs(path, targets, asked.others),
        );
  const { outcome, run, agentId } = done;
  await trackEnd(world, agentId, outcome, files);
  if (outcome.reason === 'interrupted' || outcome.reason === 'lost')
    return { run, resumed: done.resumed, outcome, ended: undefined };
  const result: StepResult =
    outcome.status === 'ok' ? resultOf(outcome.answer, step.kind, isCheckStep(asked)) : 'failed';
  const cancelled = outcome.reason === 'cancelled';
  journal.write({ t: 'ended', run, result, cancelled, files });
  return { run, resumed: done.resumed, outcome, ended: { ...step, result, cancelled, files } };
}

export function isCheckStep({ task, step }: Pick<StepAsked, 'task' | 'step'>): boolean {
  return step.kind === 'check' || (step.kind === 'work' && task.role?.category === 'check');
}

interface Once {
  readonly run: string;
  readonly agentId: string;
  readonly resumed: boolean;
  readonly outcome: RunOutcome;
}

async function runOnce(
  asked: StepAsked,
  world: StepWorld,
  session: string | undefined,
  runs: readonly JournalRun[],
): Promise<Once> {
  const { task, step } = asked;
  const { workspace, journal, backend, catalog, run: runWorld } = world;
  const { role, about, kind } = step;
  const agent = catalog.agents.find(({ meta }) => meta.id === role);
  const capabilities = agent?.capabilities.map(({ id }) => id) ?? [];
  if (world.commandWords !== undefined) {
    const { env, userHome: home } = runWorld;
    const root = workspace.root;
    await assertCommandAllowed(world.commandWords, {
      ...{ role, capabilities, root, home },
      gateFiles: gateFiles({ env, home }, root),
    });
  }
  const run = newRunId(isoTime(runWorld.clock));
  journal.write({ t: 'step', task: task.id, key: task.key, run, kind, role, about });
  world.onStarted(task.id, step, run, session !== undefined);
  const restriction = restrictionsOf(backend, capabilities, runWorld.env);
  let agentId: string | undefined;
  let tracking: Promise<void> = Promise.resolve();
  const track = (id: string): void => {
    if (agentId !== undefined) return;
    agentId = id;
    const isKnown = session === id;
    const recorded = isKnown
      ? recordAgentResume(workspace, { agent_id: id })
      : recordAgentSpawn(workspace, { agent_id: id, agent_name: role });
    tracking = recorded.catch((error: unknown) => world.onNote(task.id, untracked(error)));
  };
  ACTIVE.add(run);
  const outcome = await runAutomationPrompt(
    {
      ...{
        id: run,
        caller: callerOf(role),
        backend,
        cwd: workspace.root,
        script: world.script,
        timeoutMs: world.timeoutMs,
      },
      prompt: promptOf(asked, world, session !== undefined, runs),
      // A conversation that goes on has been told who it is.
      appendSystemPrompt:
        session === undefined && agent !== undefined ? bodyOf(agent, catalog, HARNESS[backend]) : undefined,
      resume: session,
      keepAnswer: true,
      extraArgs: restriction.extraArgs,
      env: {
        ...restriction.env,
        NEXO_PROJECT_ROOT: workspace.root,
        NEXO_AGENT: role,
        NEXO_TASK_ID: String(task.id),
      },
    },
    runWorld,
    {
      signal: world.signal,
      onNote: (text) => world.onNote(task.id, text),
      onEvent: (event) => {
        if (event.kind !== 'session' || agentId !== undefined) return;
        const isKnown = session === event.sessionId;
        journal.write({ t: 'session', run, session: event.sessionId, backend, resumed: isKnown });
        track(event.sessionId);
      },
    },
  ).finally(() => ACTIVE.delete(run));
  // A backend that names no conversation has an agent all the same, which nobody can go on with.
  track(run);
  await tracking;
  return { run, agentId: agentId ?? run, resumed: session !== undefined, outcome };
}

/** Whose words the role's prompt is in; a backend without tools of its own gets those of the first. */
const HARNESS: Readonly<Record<BackendName, HarnessName>> = {
  claude_code: 'claude',
  codex: 'codex',
  opencode: 'opencode',
  command: 'claude',
  scripted: 'claude',
};

function bodyOf(agent: Catalog['agents'][number], catalog: Catalog, harness: HarnessName): string {
  return bodyFor(agent, harness, { catalog, lang: 'en', command: [], version: '', models: {} });
}

function askResume(
  { plan, task, step, past }: StepAsked,
  role: Role,
  runs: readonly JournalRun[],
  world: StepWorld,
): ResumeAnswer {
  const isOwners = step.kind === 'work' || step.kind === 'rework';
  // Numbers of an earlier cycle say nothing about the files of this one.
  const targetsThen = ({ about, task: id, key }: JournalRun): Targets =>
    (plan.tasks.get(id)?.key === key ? plan.tasks.get(about)?.targets : undefined) ?? UNKNOWN_TARGETS;
  const last = new Map(
    runs.filter(({ session }) => session !== undefined).map((each) => [each.session, each]),
  );
  return evaluateResume({
    ...{
      task: step.about,
      role,
      targets: targetsOfStep({ plan, task, step }),
      backend: world.backend,
      canResume: world.canResume,
    },
    policy: isOwners ? task.policy : undefined,
    ownerAgentId: isOwners ? task.ownerAgentId : undefined,
    isRevision:
      isOwners &&
      past.some(
        ({ kind, role: by, result }) => kind === 'check' && by === 'reviewer' && result === 'rejected',
      ),
    instances: [...last.values()].map((each) => ({
      ...{
        agentId: each.session ?? '',
        sessionId: each.session,
        task: plan.tasks.get(each.task)?.key === each.key ? each.about : -1,
        role: each.role,
        backend: each.backend,
      },
      ...{ targets: targetsThen(each), stoppedAt: each.order, resumes: each.resumes },
      isRunning: ACTIVE.has(each.run),
    })),
    edits: [
      ...runs.map(({ session, run, order, end }) => ({
        agentId: session ?? run,
        files: end?.files ?? [],
        at: order,
      })),
      ...editsOfOthers(world, runs),
    ],
  });
}

/** Runs of this process that are under way. */
const ACTIVE = new Set<string>();

/** What agents of the harnesses have edited since; their trackers know days, the journal knows places in a row. */
function editsOfOthers(
  { workspace }: StepWorld,
  runs: readonly JournalRun[],
): { agentId: string; files: readonly string[]; at: number }[] {
  const ours = new Set(runs.map(({ session, run }) => session ?? run));
  return readAllAgents(workspace).flatMap(({ agents }) =>
    agents.flatMap((agent) => {
      const { agent_id: agentId = '', stopped_at: stoppedAt, files_touched: files } = agent;
      if (ours.has(agentId) || typeof stoppedAt !== 'string' || !Array.isArray(files)) return [];
      const before = runs.filter(({ end, at }) => (end?.at ?? at) <= stoppedAt).map(({ order }) => order);
      return [{ agentId, files: files.map(String), at: Math.max(-1, ...before) + 0.5 }];
    }),
  );
}

function promptOf(asked: StepAsked, world: StepWorld, resumed: boolean, runs: readonly JournalRun[]): string {
  const { plan, task, step, past } = asked;
  const about = plan.tasks.get(step.about) ?? task;
  const current = runs.filter(
    ({ isCurrent, key, end }) => isCurrent && end !== undefined && key === task.key,
  );
  const latest = current.at(-1);
  const wanted =
    step.kind === 'check' ? [] : step.kind === 'diagnose' ? current.slice(-1) : findingsFor(current);
  const findings = wanted.flatMap(({ role, kind, run }) => {
    const text = keptAnswer(world.run.paths, run)?.trim() ?? '';
    return text === '' ? [] : [{ from: `${role} (${kind})`, text }];
  });
  const issue = task.planIssue === undefined ? undefined : plan.issues.get(task.planIssue);
  const touched = (id: number): string[] => [
    ...new Set(
      runs
        .filter((each) => each.about === id && each.key === plan.tasks.get(each.task)?.key)
        .flatMap(({ end }) => end?.files ?? []),
    ),
  ];
  return composePrompt({
    ...{ task: about, step, goal: plan.goal, resumed, findings },
    decisions: [...new Set([...(issue === undefined ? [] : [issue]), ...plan.decisions])],
    before: task.deps.flatMap((id) => {
      const found = plan.tasks.get(id);
      return found === undefined ? [] : [{ id, title: found.title, files: touched(id) }];
    }),
    targets: about.targets,
    changed: touched(about.id),
    failure:
      past.at(-1)?.result === 'failed' && latest !== undefined
        ? `its ${latest.kind} by ${latest.role} did not end well`
        : '',
    isCheck: isCheckStep(asked),
    knowledge: knowledgeText(listKnowledge(world.workspace)),
    rules: rulesFor(world.workspace, step.role),
  });
}

/** What was found wrong, and the diagnosis of it. */
function findingsFor(runs: readonly JournalRun[]): JournalRun[] {
  return [
    runs.findLast(({ end }) => end?.result === 'rejected'),
    runs.findLast(({ kind }) => kind === 'diagnose'),
  ].filter((each) => each !== undefined);
}

/** Most of a role's rules that an agent is given, in bytes. */
const MAX_RULES_BYTES = 16 * 1024;

function rulesFor(workspace: Workspace, role: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(role)) return undefined;
  const text = readNote(
    join(workspacePaths.nexus(workspace.root), 'rules', `${role}.md`),
    MAX_RULES_BYTES,
  )?.text.trim();
  return text === '' ? undefined : text;
}

function targetsOfStep({ plan, task, step }: Pick<StepAsked, 'plan' | 'task' | 'step'>): Targets {
  return plan.tasks.get(step.about)?.targets ?? task.targets;
}

/** A change that another step under way has named as its own is that step's. */
function isOurs(path: string, targets: Targets, others: readonly Targets[]): boolean {
  const names = (each: Targets): boolean =>
    each.kind === 'named' && each.paths.some((outer) => isWithin(path, outer));
  return names(targets) || !others.some(names);
}

/** A resumed run that failed before it has said or done anything. */
function isLostSession({ status, reason, turns, toolCalls, answer }: RunOutcome): boolean {
  return status === 'failed' && reason === 'failed' && turns === 0 && toolCalls === 0 && answer === '';
}

async function trackEnd(
  { workspace, onNote }: StepWorld,
  agentId: string,
  outcome: RunOutcome,
  files: readonly string[],
): Promise<void> {
  try {
    await recordAgentComplete(workspace, {
      agent_id: agentId,
      last_message: outcome.answer,
      files_touched: files,
    });
  } catch (error) {
    onNote(0, untracked(error));
  }
}

function untracked(error: unknown): string {
  return `The tracker of agents cannot be kept: ${error instanceof Error ? error.message : String(error)}`;
}
