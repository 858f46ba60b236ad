import { join } from 'node:path';

import { ensureFolder } from '../../base/folder.ts';
import { holdLock } from '../../base/lock.ts';
import { endMarkedProcesses } from '../../base/marked-processes.ts';
import { ownIdentity } from '../../base/process-identity.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { NexoError } from '../../errors.ts';
import { updateTask } from '../../workspace/tasks.ts';
import { type Workspace, workspacePaths } from '../../workspace/workspace.ts';
import type { BackendName } from '../backends/contract.ts';
import { BACKENDS } from '../backends/registry.ts';
import { RUN_ID_VARIABLE } from '../environment.ts';
import { loadRunSettings } from '../prepare.ts';
import { openRunRecords } from '../records/best-effort.ts';
import type { RunRow } from '../records/run-row.ts';
import type { RunOutcome, RunWorld } from '../request.ts';
import { CALLERS, type CallerRegistry, registerSystemCaller } from '../tiers/callers.ts';
import { keptAnswer } from './answer-of.ts';
import type { ExecutionEvent, ExecutionResult, TaskNews, TaskState } from './events.ts';
import { isUnfinished, type Journal, type JournalRun, openJournal, pastOf, runsOf } from './journal.ts';
import type { EndedStep, Role, Step, TaskEnd } from './plan-task.ts';
import { type FullTask, type Plan, readPlan, rolesOf } from './read-plan.ts';
import { decide, type Standing } from './schedule.ts';
import { callerOf, isCheckStep, runStep, type StepWorld } from './step-run.ts';
import type { Targets } from './targets.ts';
import { resultOf } from './verdict.ts';

export interface ExecutionOptions {
  readonly run: RunWorld;
  readonly workspace: Workspace;
  readonly catalog: Catalog;
  readonly backend: BackendName;
  readonly parallel: number;
  /** Only these tasks; all unless said. */
  readonly only: readonly number[] | undefined;
  /** Also goes on with tasks that somebody else has begun. */
  readonly takeOver: boolean;
  readonly script: string | undefined;
  /** The longest that one step may take. */
  readonly timeoutMs: number;
  /** Stops it, so that it can be gone on with. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
}

/** How long a process of an execution that was killed may take to end, in milliseconds. */
const GRACE_MS = 2_000;

/**
 * Carries out the tasks of the active plan: every one by its owner, in the order of what depends on what, several at
 * once where they share no file, each checked, repaired once, or left to a person. What has happened is on the disk
 * before anything follows from it, so an execution that was stopped or killed is gone on with by starting it again.
 * Throws EXECUTION_BUSY when another one is at it, TASKS_MISSING, and what a run throws before it is begun.
 */
export async function executePlan(options: ExecutionOptions): Promise<ExecutionResult> {
  const { workspace } = options;
  const folder = workspacePaths.own(workspace.root);
  const roles = rolesOf(options.catalog);
  // Before the lock makes a folder: without tasks there is nothing to leave behind.
  await readPlan(workspace, roles);
  ensureFolder(workspace.fs, folder);
  const lease = holdLock(join(folder, LEASE_FILE));
  if ('holders' in lease) {
    const who = lease.holders.length === 0 ? 'Another process' : `Process ${lease.holders.join(', ')}`;
    throw new NexoError('EXECUTION_BUSY', `${who} is executing the plan of this project already.`, {
      hint: 'Wait for it or stop it with Ctrl-C; nothing was started here.',
      data: { holders: lease.holders },
    });
  }
  try {
    return await new Execution(options, roles, await commandWordsOf(options)).run();
  } finally {
    lease.release();
  }
}

async function commandWordsOf({ backend, run }: ExecutionOptions): Promise<readonly string[] | undefined> {
  if (backend !== 'command') return undefined;
  const { program = [], args = [] } = (await loadRunSettings(run)).backends.command ?? {};
  return [...program, ...args];
}

/** Held, by the kernel's word, as long as the process of an execution lives. */
export const LEASE_FILE = 'execution.db';

interface Running {
  readonly targets: Targets;
  /** Files of the steps that were under way at the same time. */
  readonly met: Targets[];
  readonly done: Promise<void>;
}

class Execution {
  readonly #options: ExecutionOptions;
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #journal: Journal;
  readonly #world: StepWorld;
  readonly #ended = new Map<number, TaskEnd>();
  readonly #past = new Map<number, EndedStep[]>();
  readonly #running = new Map<number, Running>();
  readonly #abort = new AbortController();
  #keys: ReadonlyMap<number, string> = new Map();
  #fault: unknown;
  #usage = { runs: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 as number | null };

  constructor(
    options: ExecutionOptions,
    roles: ReadonlyMap<string, Role>,
    commandWords: readonly string[] | undefined,
  ) {
    const { run, workspace, catalog, backend, script, timeoutMs, onEvent } = options;
    this.#options = options;
    this.#roles = roles;
    this.#journal = openJournal(workspace);
    this.#world = {
      ...{ workspace, catalog, roles, backend, script, timeoutMs, commandWords },
      run: { ...run, registry: registryFor(catalog, run.registry) },
      journal: this.#journal,
      canResume: BACKENDS[backend].resumes,
      signal: this.#abort.signal,
      onNote: (task, text) => onEvent({ event: 'note', task: task === 0 ? null : task, text }),
      onStarted: (task, { kind, role }, id, resumed) =>
        onEvent({ event: 'step', state: 'started', task, kind, role, run: id, resumed }),
    };
  }

  async run(): Promise<ExecutionResult> {
    const { signal, onEvent, workspace, backend, parallel } = this.#options;
    const stop = (): void => this.#abort.abort();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    try {
      const entries = this.#journal.read();
      const continues = isUnfinished(entries);
      let plan = await this.#read();
      if (continues) await this.#recover(plan, runsOf(entries));
      this.#journal.write({ t: 'begin', by: ownIdentity(), fresh: !continues });
      if (continues)
        for (const [id, steps] of pastOf(runsOf(this.#journal.read()), this.#keys)) this.#past.set(id, steps);
      onEvent({
        event: 'begin',
        root: workspace.root,
        backend,
        parallel,
        continues,
        tasks: this.#news(plan),
      });
      await this.#loop(plan);
      plan = await this.#read();
      const isStopped = this.#abort.signal.aborted;
      if (!isStopped) this.#journal.write({ t: 'end' });
      if (this.#fault !== undefined) throw this.#fault;
      return this.#result(plan, isStopped);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #loop(first: Plan): Promise<void> {
    let plan = first;
    for (;;) {
      const standing = this.#standing(plan);
      const { start, ended } = decide(standing);
      for (const { task, end } of ended) await this.#end(plan, task, end);
      for (const { task, step } of start) {
        const found = plan.tasks.get(task);
        if (found !== undefined) await this.#start(plan, found, step);
      }
      if (this.#running.size === 0) {
        if (start.length === 0) return;
        continue;
      }
      await Promise.race([...this.#running.values()].map(({ done }) => done));
      plan = await this.#read();
    }
  }

  #standing(plan: Plan): Standing {
    const { parallel } = this.#options;
    const tasks = new Map(
      [...plan.tasks].map(([id, task]) => {
        // An agent may set its own task to completed; that is for the one who checks it to say.
        const isOurs = this.#isBegun(id) && !this.#ended.has(id);
        return [id, isOurs ? { ...task, status: 'pending' as const } : task];
      }),
    );
    return {
      ...{ tasks, parallel, past: this.#past, ended: this.#ended },
      running: new Set(this.#running.keys()),
      chosen: new Set([...plan.tasks.values()].filter((task) => this.#isChosen(task)).map(({ id }) => id)),
      stopping: this.#abort.signal.aborted,
    };
  }

  #isBegun(id: number): boolean {
    return this.#running.has(id) || (this.#past.get(id)?.length ?? 0) > 0 || this.#begun.has(id);
  }

  /** Tasks that this execution, or the one that it goes on with, has set to in progress. */
  readonly #begun = new Set<number>();

  #isChosen({ id, status }: FullTask): boolean {
    const { only, takeOver } = this.#options;
    if (only !== undefined && !only.includes(id)) return false;
    return status !== 'in_progress' || takeOver || this.#isBegun(id) || this.#ended.has(id);
  }

  async #start(plan: Plan, task: FullTask, step: Step): Promise<void> {
    if (!this.#begun.has(task.id)) {
      this.#begun.add(task.id);
      // In the journal before in the list: a task in progress that no journal knows is somebody else's.
      this.#journal.write({ t: 'begun', task: task.id, key: task.key });
      await updateTask(this.#options.workspace, { id: task.id, status: 'in_progress' });
      this.#tell(task, 'running', '');
    }
    const past = this.#past.get(task.id) ?? [];
    // Whoever was under way at any moment of this step may have made a change that is seen at its end.
    const targets = plan.tasks.get(step.about)?.targets ?? task.targets;
    const met = [...this.#running.values()].map((other) => other.targets);
    for (const other of this.#running.values()) other.met.push(targets);
    const done = runStep({ plan, task, step, past, others: met }, this.#world).then(
      ({ run, resumed, outcome, ended }) => {
        this.#count(outcome);
        if (ended !== undefined) this.#past.set(task.id, [...past, ended]);
        const { kind, role } = step;
        this.#options.onEvent({
          ...{ event: 'step', state: 'ended', task: task.id, kind, role, run, resumed },
          ...{ result: ended?.result ?? 'stopped', reason: outcome.reason, durationMs: outcome.durationMs },
          files: ended?.files ?? [],
        });
        this.#running.delete(task.id);
      },
      (error: unknown) => {
        // Nothing was run, and the next one would fare no better: the rest is left for when the cause is gone.
        if (!this.#abort.signal.aborted) this.#fault ??= error;
        this.#running.delete(task.id);
        this.#abort.abort();
      },
    );
    this.#running.set(task.id, { targets, met, done });
  }

  async #end(plan: Plan, id: number, end: TaskEnd): Promise<void> {
    const task = plan.tasks.get(id);
    const isNews =
      task !== undefined && !(end.state === 'completed' && task.status === 'completed' && !this.#isBegun(id));
    if (isNews) {
      if (end.state === 'completed') await updateTask(this.#options.workspace, { id, status: 'completed' });
      // Back among those that wait: nobody is at it any more.
      else if (task.status !== 'pending')
        await updateTask(this.#options.workspace, { id, status: 'pending' });
    }
    this.#ended.set(id, end);
    if (isNews) this.#tell(task, end.state, 'why' in end ? end.why : '');
  }

  async #read(): Promise<Plan> {
    const plan = await readPlan(this.#options.workspace, this.#roles);
    this.#keys = new Map([...plan.tasks].map(([id, { key }]) => [id, key]));
    return plan;
  }

  /**
   * After an execution that was killed: ends what it has left running, before anybody else touches the same files, and
   * takes over what its last runs came to.
   */
  async #recover(plan: Plan, runs: readonly JournalRun[]): Promise<void> {
    for (const { task, key } of begunIn(this.#journal))
      if (this.#keys.get(task) === key) this.#begun.add(task);
    const open = runs.filter(
      ({ isCurrent, end, key, task }) => isCurrent && end === undefined && this.#keys.get(task) === key,
    );
    for (const { run } of open) await endMarkedProcesses(RUN_ID_VARIABLE, run, GRACE_MS);
    if (open.length === 0) return;
    const records = await openRunRecords(this.#options.run);
    try {
      // Marks as lost what the killed program had under way.
      records.reconcile();
      for (const each of open) {
        if (runs.some(({ task, key, order }) => task === each.task && key === each.key && order > each.order))
          continue;
        const row = records.list({ limit: 1_000 }).find(({ id }) => id === each.run);
        const task = plan.tasks.get(each.task);
        if (row === undefined || task === undefined) continue;
        const result = endedMeanwhile(row, each, task, keptAnswer(this.#options.run.paths, each.run));
        if (result === undefined) continue;
        this.#journal.write({
          t: 'ended',
          run: each.run,
          result,
          cancelled: row.reason === 'cancelled',
          files: [],
        });
      }
    } finally {
      records.close();
    }
  }

  #count({ usage }: RunOutcome): void {
    const { runs, inputTokens, outputTokens, costUsd } = this.#usage;
    this.#usage = {
      runs: runs + 1,
      inputTokens: inputTokens + usage.inputTokens,
      outputTokens: outputTokens + usage.outputTokens,
      costUsd: costUsd === null || usage.costUsd === null ? null : costUsd + usage.costUsd,
    };
  }

  #tell(task: FullTask, state: TaskState, why: string): void {
    const { id, title, owner, deps } = task;
    this.#options.onEvent({ event: 'task', id, title, owner, deps, state, why });
  }

  #news(plan: Plan): TaskNews[] {
    return [...plan.tasks.values()].map((task) => {
      const { id, title, owner, deps, status } = task;
      const end = this.#ended.get(id);
      const state =
        end?.state ??
        (status === 'completed'
          ? status
          : this.#isChosen(task) || status === 'pending'
            ? 'waiting'
            : 'elsewhere');
      const why =
        end !== undefined && 'why' in end
          ? end.why
          : state === 'elsewhere'
            ? 'somebody else has begun it; --take-over goes on with it'
            : '';
      return { id, title, owner, deps, state, why };
    });
  }

  #result(plan: Plan, isStopped: boolean): ExecutionResult {
    const tasks = this.#news(plan);
    const count = (...states: TaskState[]): number =>
      tasks.filter(({ state }) => states.includes(state)).length;
    const chosen = tasks.filter(({ id }) => this.#options.only?.includes(id) !== false);
    return {
      outcome: isStopped ? 'stopped' : chosen.every(({ state }) => state === 'completed') ? 'done' : 'open',
      ...{ completed: count('completed'), blocked: count('blocked'), skipped: count('skipped') },
      left: count('waiting', 'running', 'elsewhere'),
      ...this.#usage,
      tasks,
    };
  }
}

/** What a run came to whose end was recorded when its executor was gone already; undefined to do it again. */
function endedMeanwhile(
  row: RunRow,
  run: JournalRun,
  task: FullTask,
  answer: string | undefined,
): EndedStep['result'] | undefined {
  if (row.status === 'running' || row.reason === 'lost' || row.reason === 'interrupted') return undefined;
  if (row.status !== 'ok') return 'failed';
  const step: Step = { kind: run.kind, role: run.role, about: run.about };
  return answer === undefined ? undefined : resultOf(answer, run.kind, isCheckStep({ task, step }));
}

function begunIn(journal: Journal): { readonly task: number; readonly key: string }[] {
  const entries = journal.read();
  const first = entries.findLastIndex((entry) => entry.t === 'begin' && entry.fresh);
  return entries.slice(Math.max(first, 0)).flatMap((entry) => (entry.t === 'begun' ? [entry] : []));
}

/** Which tier a role thinks in; the catalog says how hard its work is. */
const TIERS = { high: 'maximo', standard: 'alto', low: 'medio' } as const;

/** The registry with a caller for each role, so that its tier is its own and its cost is told apart. */
export function registryFor({ agents }: Catalog, registry: CallerRegistry = CALLERS): CallerRegistry {
  return agents.reduce(
    (known, { meta }) =>
      Object.hasOwn(known.systemOwned, callerOf(meta.id))
        ? known
        : registerSystemCaller(known, callerOf(meta.id), TIERS[meta.model_tier]),
    registry,
  );
}
