import type { Catalog, CatalogAgent } from '../../catalog/catalog.ts';
import { NexoError } from '../../errors.ts';
import { settleBeforeReading } from '../../workspace/change.ts';
import { loadReadable, stateProblem } from '../../workspace/state-files.ts';
import { PLAN_FILE, TASKS_FILE } from '../../workspace/state-kinds.ts';
import type { TaskRead } from '../../workspace/state-schemas.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { PlanTask, Role } from './plan-task.ts';
import { targetsOf } from './targets.ts';

/** A task with everything that its owner is told. */
export interface FullTask extends PlanTask {
  readonly title: string;
  readonly context: string;
  readonly approach: string;
  readonly acceptance: string;
  readonly risk: string;
  readonly owner: string;
  readonly ownerAgentId: string | undefined;
  readonly policy: 'fresh' | 'resume' | 'resume_if_same_artifact' | undefined;
  readonly planIssue: number | undefined;
  /** Tells it from a task of another cycle with the same number. */
  readonly key: string;
}

export interface Plan {
  readonly tasks: ReadonlyMap<number, FullTask>;
  readonly goal: string;
  readonly decisions: readonly string[];
  /** What was decided on an issue, by its number. */
  readonly issues: ReadonlyMap<number, string>;
}

/** Whose a task is that names nobody. */
const DEFAULT_OWNER = 'lead';

/** The tasks of the cycle, as they are on the disk now. Throws TASKS_MISSING, STATE_DAMAGED and the like. */
export async function readPlan(workspace: Workspace, roles: ReadonlyMap<string, Role>): Promise<Plan> {
  await settleBeforeReading(workspace);
  const loaded = loadReadable(workspace, TASKS_FILE);
  if (loaded === undefined) {
    throw new NexoError('TASKS_MISSING', 'There are no tasks to execute.', {
      hint: 'Plan first: nexo plan start, then nexo task add.',
    });
  }
  // A list that is not whole says nothing of what has to come first.
  const problem = loaded.damaged ? stateProblem(workspace, TASKS_FILE) : undefined;
  if (problem !== undefined) throw problem;
  const tasks = new Map<number, FullTask>();
  for (const task of loaded.items) {
    if (tasks.has(task.id)) {
      throw new NexoError(
        'INPUT_INVALID',
        `Two tasks have the number ${task.id}, so nobody can say which comes first.`,
        {
          hint: 'nexo repair gives them numbers of their own.',
        },
      );
    }
    tasks.set(task.id, toTask(task, roles));
  }
  const issues = loadReadable(workspace, PLAN_FILE)?.items ?? [];
  return {
    tasks,
    goal: loaded.root.goal ?? '',
    decisions: loaded.root.decisions ?? [],
    issues: new Map(
      issues.flatMap(({ id, decision }) => (typeof decision === 'string' ? [[id, decision]] : [])),
    ),
  };
}

function toTask(record: TaskRead, roles: ReadonlyMap<string, Role>): FullTask {
  const text = (name: string): string => (typeof record[name] === 'string' ? record[name] : '');
  const owner = text('owner') || DEFAULT_OWNER;
  const texts = {
    title: record.title,
    context: text('context'),
    approach: text('approach'),
    acceptance: text('acceptance'),
  };
  const policy = POLICIES.find((each) => each === record.owner_reuse_policy);
  return {
    ...texts,
    ...{ id: record.id, deps: record.deps ?? [], status: record.status, owner, policy, risk: text('risk') },
    role: roles.get(owner),
    hasAcceptance: texts.acceptance.trim() !== '',
    targets: targetsOf(texts),
    ownerAgentId: text('owner_agent_id') || undefined,
    planIssue: record.plan_issue,
    key: `${text('created_at')}#${record.id}`,
  };
}

const POLICIES = ['fresh', 'resume', 'resume_if_same_artifact'] as const;

export function rolesOf({ agents }: Catalog): Map<string, Role> {
  return new Map(agents.map((agent) => [agent.meta.id, toRole(agent)]));
}

function toRole({ meta, capabilities }: CatalogAgent): Role {
  return {
    id: meta.id,
    // Words that the vocabulary of a later layer has added count as the most careful of ours.
    category: CATEGORIES.find((each) => each === meta.category) ?? 'do',
    resumeTier: RESUME_TIERS.find((each) => each === meta.resume_tier),
    writes: !capabilities.some(({ id }) => id === 'no_file_edit'),
  };
}

const CATEGORIES = ['lead', 'how', 'do', 'check'] as const;
const RESUME_TIERS = ['persistent', 'bounded', 'ephemeral'] as const;
