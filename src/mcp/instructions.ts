import type { NexoError } from '../errors.ts';
import type { Toolset } from './toolsets.ts';

/** What the server knows about its project when it introduces itself. */
export type KnownProject =
  | { readonly kind: 'chosen'; readonly root: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly error: NexoError };

/**
 * What a model reads before its first call. Codex keeps 512 characters and Claude Code 2 KB, so that the parts come in
 * the order of their weight: where the state is, when to use which tool, then manners.
 */
export function serverInstructions(project: KnownProject, toolsets: readonly Toolset[]): string {
  const workspace = toolsets.includes('workspace') ? [workspaceLine(project), USE, MANNERS] : [];
  return [...workspace, ...(toolsets.includes('home') ? [HOME] : [])].join('\n');
}

function workspaceLine(project: KnownProject): string {
  switch (project.kind) {
    case 'chosen':
      return `Nexo: durable plan, tasks and history of the project ${project.root}, shared with other agents.`;
    case 'open':
      return 'Nexo: durable plan, tasks and history of the folder you have open, shared with other agents.';
    case 'refused':
      return `Nexo has no project: ${project.error.message} Every tool refuses. ${project.error.hint ?? ''}`.trim();
  }
}

const USE =
  'Begin with nx_context; nx_plan_status and nx_task_list show more. ' +
  'Several questions to settle: nx_plan_start, then nx_plan_decide for each. ' +
  'Work to do: nx_task_add with its deps; nx_task_update as you start and finish it. ' +
  'All done: nx_task_close once; it archives the plan and the tasks. ' +
  'Decided before? nx_history_search.';

const HOME =
  "The nexo_ tools run and look after the operator's own scripts, schedules, skills and plugins. " +
  'nexo_advise says which kind a need calls for; nexo_doctor says what is broken.';

const MANNERS =
  'State lives in .nexus/: change it with these tools, not by editing files. ' +
  'Save reports with nx_artifact_write. A result with "error" changed nothing: do what it says and call again.';
