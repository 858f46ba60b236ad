import type { Targets } from './targets.ts';

/** What the scheduler has to know of a role. */
export interface Role {
  readonly id: string;
  readonly category: 'lead' | 'how' | 'do' | 'check';
  /** Undefined counts as ephemeral. */
  readonly resumeTier: 'persistent' | 'bounded' | 'ephemeral' | undefined;
  /** False for a role that its capabilities keep from editing files. */
  readonly writes: boolean;
}

/** A task of the plan, as the scheduler sees it. */
export interface PlanTask {
  readonly id: number;
  readonly deps: readonly number[];
  /** Undefined when no agent bears the owner's name. */
  readonly role: Role | undefined;
  readonly hasAcceptance: boolean;
  readonly targets: Targets;
  /** As the task list has it when the execution begins. */
  readonly status: 'pending' | 'in_progress' | 'completed';
}

/**
 * `work`: the owner delivers. `check`: somebody else verifies it. `diagnose`: a role that knows how finds out why it
 * failed. `rework`: after a check that is a task of its own, the owner of what was checked delivers anew.
 */
export type StepKind = 'work' | 'check' | 'diagnose' | 'rework';

/** One run of one agent for one task. */
export interface Step {
  readonly kind: StepKind;
  /** Id of the role that takes it. */
  readonly role: string;
  /** The task whose work this step does or looks at; the task itself, but for a `rework`. */
  readonly about: number;
}

/** `passed`; `failed`: the run did not end well; `rejected`: it did, and says that the work is not good. */
export type StepResult = 'passed' | 'failed' | 'rejected';

export interface EndedStep extends Step {
  readonly result: StepResult;
  /** A person has cancelled the run: nobody tries again. */
  readonly cancelled?: boolean;
  /** What the step changed, as far as that can be told; paths from the project's root. */
  readonly files?: readonly string[];
}

/** How a task has ended for this execution. */
export type TaskEnd =
  | { readonly state: 'completed' }
  /** It failed, and so did what was tried then; a person decides. */
  | { readonly state: 'blocked'; readonly why: string }
  /** It was never begun. */
  | { readonly state: 'skipped'; readonly why: string };
