import type { Glance, PlanGlance, TasksGlance } from '../workspace/glance.ts';
import type { KnowledgeEntry } from '../workspace/knowledge.ts';

/** What the capability gate said of a tool call. */
export type GateVerdict =
  | { readonly decision: 'allow' }
  | {
      readonly decision: 'deny';
      readonly capability: string;
      readonly rule: string;
      readonly reason: string;
    };

/** An agent that a tracker has as running. */
export interface RunningAgent {
  readonly name: string;
  readonly id: string | undefined;
}

/** All that a decision may depend on. Parts that an event does not ask for are empty. */
export interface HookState {
  /** Whether the project has a `.nexus/` at all; without one hooks keep out of the way. */
  readonly hasWorkspace: boolean;
  readonly plan: Glance<PlanGlance>;
  readonly tasks: Glance<TasksGlance>;
  readonly knowledge: readonly KnowledgeEntry[];
  /** Text of `.nexus/rules/<role>.md` for the agent that starts. */
  readonly roleRules: string | undefined;
  /** Whether the agent that starts has an entry already: it is being continued. */
  readonly isResumed: boolean;
  readonly running: readonly RunningAgent[];
  /** Ids of agents and skills in the catalog: names that rules can be for. */
  readonly agentIds: readonly string[];
  readonly skillIds: readonly string[];
  readonly gate: GateVerdict;
  /** What happens to a subagent's file edit while there is no task list. */
  readonly unplannedEdits: 'refuse' | 'allow';
}
