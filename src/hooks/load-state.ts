import { join } from 'node:path';

import { readAgents, readAllAgents } from '../workspace/agent-tracker.ts';
import { glanceAtPlan, glanceAtTasks } from '../workspace/glance.ts';
import { listKnowledge, readNote } from '../workspace/knowledge.ts';
import { type Workspace, workspacePaths } from '../workspace/workspace.ts';
import type { HookEvent } from './events.ts';
import type { GateVerdict, HookState, RunningAgent } from './state.ts';

/** What a hook has to be told by the door it came through. */
export interface HookWorld {
  readonly agentIds: readonly string[];
  readonly skillIds: readonly string[];
  readonly unplannedEdits: HookState['unplannedEdits'];
  /** The capability gate's verdict; asked once, and only for a tool about to be used. */
  judge(event: HookEvent): Promise<GateVerdict>;
}

/** Most of a role's rules that an agent is given, in bytes. */
const MAX_RULES_BYTES = 16 * 1024;

/** Reads from disk what this event's decision may depend on, and nothing more. */
export async function loadHookState(
  workspace: Workspace,
  event: HookEvent,
  world: HookWorld,
): Promise<HookState> {
  const hasWorkspace =
    workspace.fs.lstatSync(workspacePaths.nexus(workspace.root), { throwIfNoEntry: false }) !== undefined;
  const wants = (...names: HookEvent['name'][]): boolean => hasWorkspace && names.includes(event.name);
  const compacts =
    event.name === 'context-compact' || (event.name === 'session-start' && event.source === 'compact');
  const isSubagentEdit =
    event.name === 'pre-tool-use' && event.agent !== undefined && event.use.kind === 'edit';
  const wantsTasks =
    wants('session-start', 'user-message', 'subagent-complete', 'session-end', 'context-compact') ||
    isSubagentEdit;
  return {
    hasWorkspace,
    plan: wants('session-start', 'user-message', 'context-compact') ? glanceAtPlan(workspace) : undefined,
    tasks: wantsTasks ? glanceAtTasks(workspace) : undefined,
    knowledge: wants('subagent-spawn') || (compacts && hasWorkspace) ? listKnowledge(workspace) : [],
    roleRules: event.name === 'subagent-spawn' ? readRoleRules(workspace, event.spawned.name) : undefined,
    isResumed:
      event.name === 'subagent-spawn' &&
      event.spawned.id !== undefined &&
      hasWorkspace &&
      readAgents(workspace).some(({ agent_id }) => agent_id === event.spawned.id),
    running: compacts && hasWorkspace ? loadRunning(workspace) : [],
    agentIds: world.agentIds,
    skillIds: world.skillIds,
    gate: event.name === 'pre-tool-use' ? await world.judge(event) : { decision: 'allow' },
    unplannedEdits: world.unplannedEdits,
  };
}

/** Agents that run in any harness: they all work on this project. */
function loadRunning(workspace: Workspace): RunningAgent[] {
  return readAllAgents(workspace)
    .flatMap(({ agents }) => agents)
    .filter(({ status }) => status === 'running')
    .map(({ agent_name, agent_id }) => ({ name: agent_name ?? 'agent', id: agent_id }));
}

function readRoleRules(workspace: Workspace, role: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(role)) return undefined;
  const note = readNote(join(workspacePaths.nexus(workspace.root), 'rules', `${role}.md`), MAX_RULES_BYTES);
  const text = note?.text.trim();
  return text === '' ? undefined : text;
}
