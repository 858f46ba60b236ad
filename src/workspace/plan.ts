import * as z from 'zod';

import { isoTime } from '../base/clock.ts';
import { readGitBranch } from '../base/git-branch.ts';
import { createRecord, type JsonDocument } from '../base/json-document.ts';
import { withoutUndefined } from '../base/without-undefined.ts';
import { NexoError } from '../errors.ts';
import { archive } from './archive.ts';
import { changeWorkspace, settleBeforeReading } from './change.ts';
import { loadHistoryIndex } from './history.ts';
import { findById, nextFreeId } from './record-ids.ts';
import { createCycleRecord } from './snapshot.ts';
import { changeRecordAt, type LoadedFile, loadForChange, loadReadable, writeState } from './state-files.ts';
import { PLAN_FILE } from './state-kinds.ts';
import type { Issue, IssueRead } from './state-schemas.ts';
import type { Workspace } from './workspace.ts';

export const PlanStartInput = z.strictObject({
  topic: z.string().min(1),
  issues: z.array(z.string().min(1)),
  research_summary: z.string().describe('What was read and learnt before planning'),
});

export const PlanUpdateInput = z.strictObject({
  // Any text passes: an unknown action has an error of its own in the contract.
  action: z.string().describe('add, remove, edit or reopen'),
  issue_id: z.number().optional(),
  title: z.string().optional(),
});

export const PlanDecideInput = z.strictObject({
  issue_id: z.number(),
  decision: z.string(),
  how_agents: z.array(z.string()).optional().describe('Roles consulted'),
  how_summary: z.record(z.string(), z.string()).optional().describe('Role to position'),
  how_agent_ids: z.record(z.string(), z.string()).optional().describe('Role to agent id'),
});

type Plan = LoadedFile<{ id: number; topic: string; research_summary?: string | undefined }, IssueRead>;

/** Starts a plan; one that is active is archived first, and stays if archiving fails. */
export async function startPlan(
  workspace: Workspace,
  input: z.infer<typeof PlanStartInput>,
): Promise<{ created: true; plan_id: number; topic: string; issueCount: number; previousArchived: boolean }> {
  return changeWorkspace(workspace, (lock) => {
    const previous = loadForChange(workspace, PLAN_FILE);
    const highestPlanId = loadHistoryIndex(workspace)?.highestPlanId ?? 0;
    const plan_id = nextFreeId(PLAN_FILE, [highestPlanId, previous?.root.id ?? 0]);
    const document = createPlanDocument(plan_id, input, isoTime(workspace.clock));
    const write = (): void => writeState(workspace, lock, PLAN_FILE, document);
    if (previous === undefined) write();
    else {
      const cycle = createCycleRecord({
        completedAt: isoTime(workspace.clock),
        branch: readGitBranch(workspace.root),
        plan: previous,
        tasks: undefined,
      });
      // The new plan takes the old one's place in one rename, so there is no moment without either.
      archive(workspace, lock, { cycle, sources: [{ name: 'plan.json', loaded: previous }], settle: write });
    }
    return {
      created: true,
      plan_id,
      topic: input.topic,
      issueCount: input.issues.length,
      previousArchived: previous !== undefined,
    };
  });
}

/** The active plan with all its issues, or `{active: false}`. */
export async function planStatus(workspace: Workspace): Promise<Record<string, unknown>> {
  await settleBeforeReading(workspace);
  const plan = loadReadable(workspace, PLAN_FILE);
  if (plan === undefined || plan.root.id === undefined) return { active: false };
  const { id: plan_id, topic = '', research_summary } = plan.root;
  const decided = plan.items.filter((issue) => issue.status === 'decided').length;
  return {
    active: true,
    plan_id,
    topic,
    issues: plan.items,
    ...(research_summary === undefined ? {} : { research_summary }),
    summary: { total: plan.items.length, pending: plan.items.length - decided, decided },
  };
}

/** Adds, removes, renames or reopens an issue. */
export async function updatePlan(
  workspace: Workspace,
  { action, issue_id, title }: z.infer<typeof PlanUpdateInput>,
): Promise<Record<string, unknown>> {
  return changePlan(workspace, (plan) => {
    switch (action) {
      case 'add': {
        if (!title) throw new NexoError('PLAN_FIELD_MISSING', 'title is required for add');
        const id = nextFreeId(
          PLAN_FILE,
          plan.items.map((issue) => issue.id),
        );
        const issue: Issue = { id, title, status: 'pending' };
        const records = [...plan.document.records, createRecord(issue, PLAN_FILE.listKey)];
        return { document: { ...plan.document, records }, result: { added: true, issue } };
      }
      case 'remove': {
        const { index, issue } = findIssue(plan, required(issue_id, action));
        return {
          document: { ...plan.document, records: plan.document.records.toSpliced(index, 1) },
          result: { removed: true, issue },
        };
      }
      case 'edit': {
        if (issue_id === undefined || !title) {
          throw new NexoError('PLAN_FIELD_MISSING', 'issue_id and title are required for edit');
        }
        const { index } = findIssue(plan, issue_id);
        return replaceIssue(plan, index, { title }, 'edited');
      }
      case 'reopen': {
        const { index } = findIssue(plan, required(issue_id, action));
        return replaceIssue(plan, index, { status: 'pending', decision: undefined }, 'reopened');
      }
      default:
        throw new NexoError('PLAN_ACTION_UNKNOWN', 'Unknown action');
    }
  });
}

/** Records the decision on an issue; deciding again replaces it. */
export async function decidePlan(
  workspace: Workspace,
  { issue_id, decision, ...how }: z.infer<typeof PlanDecideInput>,
): Promise<Record<string, unknown>> {
  return changePlan(workspace, (plan) => {
    const { index, issue } = findIssue(plan, issue_id);
    const changes = { status: 'decided', decision, ...withoutUndefined(how) };
    const { document } = replaceIssue(plan, index, changes, 'decided');
    const remaining = document.records
      .map((record) => record.value as IssueRead)
      .filter(({ status }) => status !== 'decided')
      .map(({ id, title, status }) => ({ id, title, status }));
    const allComplete = remaining.length === 0;
    const rest = allComplete
      ? { message: 'Every issue is decided. Add the tasks that carry the decisions out with task_add.' }
      : { remaining };
    return { document, result: { decided: true, issue: issue.title, allComplete, ...rest } };
  });
}

function createPlanDocument(id: number, input: z.infer<typeof PlanStartInput>, now: string): JsonDocument {
  const members = new Map([
    ['id', JSON.stringify(id)],
    ['topic', JSON.stringify(input.topic)],
    ['issues', ''],
    ['research_summary', JSON.stringify(input.research_summary)],
    ['created_at', JSON.stringify(now)],
  ]);
  const records = input.issues.map((title, index) =>
    createRecord({ id: index + 1, title, status: 'pending' } satisfies Issue, PLAN_FILE.listKey),
  );
  return { members, listKey: PLAN_FILE.listKey, records };
}

function changePlan(
  workspace: Workspace,
  change: (plan: Plan) => { document: JsonDocument; result: Record<string, unknown> },
): Promise<Record<string, unknown>> {
  return changeWorkspace(workspace, (lock) => {
    const plan = loadForChange(workspace, PLAN_FILE);
    if (plan === undefined) throw new NexoError('PLAN_NOT_ACTIVE', 'No active plan session');
    const { document, result } = change(plan);
    writeState(workspace, lock, PLAN_FILE, document);
    return result;
  });
}

function replaceIssue(
  plan: Plan,
  index: number,
  changes: Readonly<Record<string, unknown>>,
  verb: 'edited' | 'reopened' | 'decided',
): { document: JsonDocument; result: Record<string, unknown> } {
  const { document, value } = changeRecordAt(PLAN_FILE, plan, index, changes);
  return { document, result: { [verb]: true, issue: value } };
}

function required(issueId: number | undefined, action: string): number {
  if (issueId !== undefined) return issueId;
  throw new NexoError('PLAN_FIELD_MISSING', `issue_id is required for ${action}`);
}

function findIssue(plan: Plan, id: number): { index: number; issue: IssueRead } {
  const found = findById(PLAN_FILE, plan.items, id);
  if (found === undefined) throw new NexoError('PLAN_ISSUE_NOT_FOUND', `Issue ${id} not found`);
  return { index: found.index, issue: found.item };
}
