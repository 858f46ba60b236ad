import type { Role } from './plan-task.ts';
import { coversTargets, isWithin, sharesTargets, type Targets } from './targets.ts';

/** An agent that has worked before and could be gone on with. */
export interface PriorInstance {
  readonly agentId: string;
  /** The task that it worked on last. */
  readonly task: number;
  readonly role: string;
  /** The backend's own id of the conversation; undefined when it named none. */
  readonly sessionId: string | undefined;
  readonly backend: string;
  readonly targets: Targets;
  /** Orders instances and edits; any clock that only goes forward. */
  readonly stoppedAt: number;
  readonly isRunning: boolean;
  readonly resumes: number;
}

/** Somebody's completed work, for the question whether it came in between. */
export interface Edit {
  readonly agentId: string;
  readonly files: readonly string[];
  readonly at: number;
}

export interface ResumeQuestion {
  readonly task: number;
  readonly role: Role;
  readonly policy: 'fresh' | 'resume' | 'resume_if_same_artifact' | undefined;
  /** The instance that the task names. */
  readonly ownerAgentId: string | undefined;
  readonly targets: Targets;
  readonly backend: string;
  /** Whether the backend can go on with a conversation at all. */
  readonly canResume: boolean;
  /** A reviewer has sent the work back: bounded roles begin anew then. */
  readonly isRevision: boolean;
  readonly instances: readonly PriorInstance[];
  readonly edits: readonly Edit[];
}

export type ResumeAnswer =
  | { readonly resume: PriorInstance; readonly reread: boolean }
  | { readonly fresh: true; readonly why: string };

/** After so many rounds a bounded instance begins anew. */
const MAX_ROUNDS = 3;

/**
 * Whether an owner goes on with an earlier conversation. The task's policy counts first, then the tier of the role; a
 * bounded role never goes on where somebody else has edited its files since. Whatever is missing means fresh.
 */
export function evaluateResume(question: ResumeQuestion): ResumeAnswer {
  const { role, policy, targets, backend, canResume, isRevision, edits } = question;
  const fresh = (why: string): ResumeAnswer => ({ fresh: true, why });
  if (policy === 'fresh') return fresh('the task says so');
  const tier = role.resumeTier ?? 'ephemeral';
  if (policy === undefined && tier === 'ephemeral') return fresh(`${role.id} always begins anew`);
  const prior = priorOf(question);
  if (prior === undefined) return fresh('nobody has worked on it before');
  if (!canResume || prior.sessionId === undefined || prior.backend !== backend)
    return fresh('there is nothing to go on with');
  const isBounded = policy === 'resume_if_same_artifact' || tier === 'bounded';
  if (!isBounded) return { resume: prior, reread: false };
  // On the same task they are the same, named or not.
  const isSame = prior.task === question.task || coversTargets(prior.targets, targets);
  if (policy !== 'resume' && !isSame) return fresh('its files are others');
  const since = edits.filter(({ agentId, at }) => agentId !== prior.agentId && at > prior.stoppedAt);
  if (since.some(({ files }) => touches(files, targets, prior.targets)))
    return fresh('somebody else has edited its files since');
  if (prior.resumes >= MAX_ROUNDS) return fresh(`it has gone on ${prior.resumes} times`);
  if (isRevision && tier === 'bounded') return fresh('a review has sent it back');
  return { resume: prior, reread: true };
}

/**
 * The one that the task names, else the last that was on this very task, else on its files, else of this role; never
 * one that is at work.
 */
function priorOf({
  role,
  task,
  targets,
  ownerAgentId,
  instances,
}: ResumeQuestion): PriorInstance | undefined {
  const free = instances
    .filter(({ isRunning, role: its }) => !isRunning && its === role.id)
    .toSorted((a, b) => a.stoppedAt - b.stoppedAt);
  return (
    free.findLast(({ agentId }) => agentId === ownerAgentId) ??
    free.findLast((each) => each.task === task) ??
    free.findLast((each) => coversTargets(each.targets, targets)) ??
    free.at(-1)
  );
}

function touches(files: readonly string[], ...targets: readonly Targets[]): boolean {
  return targets.some((each) =>
    each.kind === 'unknown'
      ? files.length > 0
      : files.some((file) => each.paths.some((path) => isWithin(file, path) || isWithin(path, file))) ||
        sharesTargets({ kind: 'named', paths: files }, each),
  );
}
