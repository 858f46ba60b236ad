import type { HookEffect } from './effects.ts';
import type { ActingAgent, EventOf } from './events.ts';
import type { HookState } from './state.ts';

/** Before a tool: the capability gate, then the gate against edits that nobody planned. */
export function decidePreToolUse({ use, agent }: EventOf<'pre-tool-use'>, state: HookState): HookEffect[] {
  if (state.gate.decision === 'deny') {
    const { capability, rule, reason } = state.gate;
    return refuse({ reason, rule, capability, tool: use.tool, agent });
  }
  const isUnplanned =
    agent !== undefined &&
    use.kind === 'edit' &&
    state.hasWorkspace &&
    state.tasks === undefined &&
    !isKnowledge(use.files);
  if (!isUnplanned || state.unplannedEdits === 'allow') return [];
  const reason =
    'There is no task list, so this edit belongs to no task. Stop and report to Lead, who adds the task with task_add first.';
  return refuse({ reason, rule: 'unplanned-edit', capability: 'unplanned-edit', tool: use.tool, agent });
}

/** After a tool: what happened is logged, and the reading of a memory note is counted. */
export function decidePostToolUse(
  { use, agent, failed }: EventOf<'post-tool-use'>,
  state: HookState,
): HookEffect[] {
  if (!state.hasWorkspace) return [];
  const effects: HookEffect[] = [];
  if (use.kind === 'edit') {
    effects.push({ kind: 'log-tool', tool: use.tool, agentId: agent?.id, files: use.files, failed });
  }
  if (use.kind === 'read' && !failed) {
    const reader = agent?.id ?? agent?.name ?? 'lead';
    for (const path of use.files)
      if (isMemoryNote(path)) effects.push({ kind: 'count-memory-read', path, reader });
  }
  if (/(^|_)(plan_start|task_close)$/.test(use.tool)) effects.push({ kind: 'settle-extensions' });
  return effects;
}

interface Refusal {
  readonly reason: string;
  readonly rule: string;
  readonly capability: string;
  readonly tool: string;
  readonly agent: ActingAgent | undefined;
}

function refuse({ reason, rule, capability, tool, agent }: Refusal): HookEffect[] {
  return [
    { kind: 'refuse', reason, rule },
    { kind: 'record-denial', tool, agent: agent?.name ?? 'lead', capability, rule },
  ];
}

function isMemoryNote(path: string): boolean {
  return /(^|[\\/])\.nexus[\\/]memory[\\/][^\\/]+\.md$/.test(path);
}

/** Notes, context and rules are written outside of tasks. */
function isKnowledge(files: readonly string[]): boolean {
  return (
    files.length > 0 && files.every((path) => /(^|[\\/])\.nexus[\\/](memory|context|rules)[\\/]/.test(path))
  );
}
