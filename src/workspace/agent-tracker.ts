import { isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/folder.ts';
import { createRecord, type JsonDocument } from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { type AgentRead, checkAgentInput, trackerFile } from './agent-record.ts';
import { changeWorkspace } from './change.ts';
import { listNamespaces } from './namespaces.ts';
import { type HarnessChoice, harnessOf } from './session.ts';
import { changeRecordAt, loadForChange, loadReadable, stateProblem, writeState } from './state-files.ts';
import type { AgentEntry } from './state-schemas.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export interface AgentSpawn extends HarnessChoice {
  readonly agent_name?: string | undefined;
  readonly agent_id: string;
}
export interface AgentComplete extends HarnessChoice {
  readonly agent_id: string;
  readonly last_message?: string | undefined;
  readonly files_touched?: readonly string[] | undefined;
}
export interface AgentResume extends HarnessChoice {
  readonly agent_id: string;
}

/** Longest `last_message` that is kept, in characters. */
const MAX_MESSAGE = 500;

/** Records that an agent was started. Throws INPUT_INVALID. */
export async function recordAgentSpawn(workspace: Workspace, input: AgentSpawn): Promise<void> {
  const known = ['harness_id', 'agent_name', 'agent_id'];
  const { agent_name, agent_id } = checkAgentInput('agent spawn', known, input);
  const harness_id = harnessOf(workspace, input);
  const entry: AgentEntry = {
    harness_id,
    ...(agent_name === undefined ? {} : { agent_name }),
    agent_id,
    started_at: isoTime(workspace.clock),
    resume_count: 0,
    status: 'running',
  };
  await changeWorkspace(workspace, (lock) => {
    const records = loadForChange(workspace, trackerFile(harness_id))?.document.records ?? [];
    const document = {
      members: new Map(),
      listKey: undefined,
      records: [...records, createRecord(entry, undefined)],
    };
    writeTracker(workspace, lock, harness_id, document);
  });
}

/** Records that an agent ended. An id that the tracker does not know is passed over. Throws INPUT_INVALID. */
export async function recordAgentComplete(workspace: Workspace, input: AgentComplete): Promise<void> {
  const known = ['harness_id', 'agent_id', 'last_message', 'files_touched'];
  const { agent_id, last_message, files_touched } = checkAgentInput('agent complete', known, input);
  await changeEntry(workspace, harnessOf(workspace, input), agent_id, (_entry, now) => ({
    status: 'completed',
    stopped_at: now,
    ...(last_message === undefined
      ? {}
      : { last_message: last_message.slice(0, MAX_MESSAGE).toWellFormed() }),
    ...(files_touched === undefined ? {} : { files_touched: [...new Set(files_touched)] }),
  }));
}

/** Records that an ended agent was continued. Throws INPUT_INVALID. */
export async function recordAgentResume(workspace: Workspace, input: AgentResume): Promise<void> {
  const { agent_id } = checkAgentInput('agent resume', ['harness_id', 'agent_id'], input);
  await changeEntry(workspace, harnessOf(workspace, input), agent_id, (entry, now) => ({
    status: 'running',
    resume_count: (entry.resume_count ?? 0) + 1,
    last_resumed_at: now,
  }));
}

export interface HarnessAgents {
  readonly harnessId: string;
  readonly agents: readonly AgentRead[];
  /** Why the tracker could not be read whole. */
  readonly problem?: string;
}

/** The agents of every harness, from all trackers below `.nexus/state/`. */
export function readAllAgents(workspace: Workspace): HarnessAgents[] {
  return listNamespaces(workspace).flatMap((harnessId) => {
    const file = trackerFile(harnessId);
    const loaded = loadReadable(workspace, file);
    if (loaded === undefined) return [];
    const problem = loaded.damaged ? stateProblem(workspace, file)?.message : undefined;
    // Items have passed the tracker's check, or were salvaged by it.
    return [
      { harnessId, agents: loaded.items as AgentRead[], ...(problem === undefined ? {} : { problem }) },
    ];
  });
}

/** The agents of this workspace's own harness, as far as they can be read. */
export function readAgents(workspace: Workspace): readonly AgentRead[] {
  // Items have passed the tracker's check, or were salvaged by it.
  return (loadReadable(workspace, trackerFile(workspace.harnessId))?.items ?? []) as readonly AgentRead[];
}

async function changeEntry(
  workspace: Workspace,
  harnessId: string,
  agentId: string,
  change: (entry: AgentRead, now: string) => Partial<AgentEntry>,
): Promise<void> {
  await changeWorkspace(workspace, (lock) => {
    const file = trackerFile(harnessId);
    const loaded = loadForChange(workspace, file);
    const entries = (loaded?.items ?? []) as readonly AgentRead[];
    // The newest entry: an id may come back after a session that was not ended.
    const index = entries.findLastIndex((entry) => entry.agent_id === agentId);
    const entry = entries[index];
    if (loaded === undefined || entry === undefined) return;
    const { document } = changeRecordAt(
      file,
      { document: loaded.document, items: entries },
      index,
      change(entry, isoTime(workspace.clock)),
    );
    writeTracker(workspace, lock, harnessId, document);
  });
}

function writeTracker(workspace: Workspace, lock: HeldLock, harnessId: string, document: JsonDocument): void {
  ensureFolder(workspace.fs, workspacePaths.harness(workspace.root, harnessId));
  writeState(workspace, lock, trackerFile(harnessId), document);
}
