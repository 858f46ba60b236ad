import type { Step } from './plan-task.ts';
import type { Targets } from './targets.ts';

/** What an owner is told. Empty parts are left out. */
export interface PromptParts {
  readonly task: {
    readonly id: number;
    readonly title: string;
    readonly context: string;
    readonly approach: string;
    readonly acceptance: string;
    readonly risk: string;
  };
  readonly step: Step;
  readonly goal: string;
  readonly decisions: readonly string[];
  /** Tasks that come before it, and what they left behind. */
  readonly before: readonly {
    readonly id: number;
    readonly title: string;
    readonly files: readonly string[];
  }[];
  readonly targets: Targets;
  /** What the task has changed so far. */
  readonly changed: readonly string[];
  /** What came before in the life of this task and is to be heeded: findings, a diagnosis. */
  readonly findings: readonly { readonly from: string; readonly text: string }[];
  /** What the backend said when the last run failed. */
  readonly failure: string;
  readonly isCheck: boolean;
  /** It goes on with an earlier conversation. */
  readonly resumed: boolean;
  readonly knowledge: string | undefined;
  readonly rules: string | undefined;
}

const MAX_FINDING = 8_000;
const MAX_LISTED = 50;

/** The prompt of one step, in the form that the run skill has for subagents. */
export function composePrompt(parts: PromptParts): string {
  const { task, step, goal, decisions, before, targets, changed, findings, failure, isCheck, resumed } =
    parts;
  const context = [
    ...list('Goal of the cycle', goal === '' ? [] : [goal]),
    ...list('Current state', task.context === '' ? [] : [task.context]),
    ...list(
      'Dependencies, completed',
      before.map(
        ({ id, title, files }) =>
          `task ${id}, ${title}${files.length === 0 ? '' : ` (changed: ${few(files)})`}`,
      ),
    ),
    ...list('Prior decisions', decisions),
    ...list('Target files', targets.kind === 'named' && targets.paths.length > 0 ? [few(targets.paths)] : []),
    ...list('Changed for this task so far', changed.length === 0 ? [] : [few(changed)]),
    ...(failure === '' ? [] : [`- The run before this one failed: ${failure}`]),
    ...findings.flatMap(({ from, text }) => [`- Report of ${from}:`, ...quote(text)]),
    ...(resumed
      ? [
          '- You have worked on this before. Read the target files again before anything else; they may have changed.',
        ]
      : []),
  ];
  const constraints = [
    ...(task.approach === '' ? [] : [task.approach]),
    ...(task.risk === '' ? [] : [`Risk to mind: ${task.risk}`]),
    ...RULES[isCheck ? 'check' : step.kind],
    `Report to Lead only: your last message is the report. Work item: task ${task.id}. The status of tasks is kept for you.`,
  ];
  return [
    `TASK: ${titleOf(parts)}`,
    ...section('CONTEXT', context),
    ...section(
      'CONSTRAINTS',
      constraints.map((each) => `- ${each}`),
    ),
    ...section(
      'ACCEPTANCE',
      task.acceptance === '' ? [] : lines(task.acceptance).map((each) => `- ${each.replace(/^[-*]\s+/, '')}`),
    ),
    ...(parts.rules === undefined ? [] : ['', 'RULES OF THIS PROJECT FOR YOU:', parts.rules]),
    ...(parts.knowledge === undefined ? [] : ['', parts.knowledge]),
  ].join('\n');
}

const VERDICT = 'in the last line, alone, the word Verdict, a colon and';
const BLOCKED = `If it cannot be done, say why, and write ${VERDICT} BLOCKED.`;
const RULES: Readonly<Record<Step['kind'], readonly string[]>> = {
  work: ['Do what the task asks for and nothing beside it.', BLOCKED],
  rework: ['Mend what the report below names; leave the rest as it is.', BLOCKED],
  diagnose: [
    'Find the cause of the failure. Change nothing: say what is to be done differently, in a few points.',
  ],
  check: [
    `Verify, and change nothing. Each criterion is a PASS or a FAIL, with evidence. Write ${VERDICT} PASS or FAIL (a reviewer: APPROVED, REVISION_REQUIRED or BLOCKED).`,
  ],
};

function titleOf({ task, step, isCheck }: PromptParts): string {
  if (step.kind === 'diagnose') return `Find out why task ${task.id} failed: ${task.title}`;
  if (step.kind === 'rework') return `Mend what the check of it has found in task ${task.id}: ${task.title}`;
  return isCheck && step.kind === 'check' ? `Verify task ${task.id}: ${task.title}` : task.title;
}

function section(name: string, content: readonly string[]): string[] {
  return content.length === 0 ? [] : [`${name}:`, ...content];
}

function list(name: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const [only] = items;
  if (items.length === 1 && only !== undefined && !only.includes('\n')) return [`- ${name}: ${only}`];
  return [`- ${name}:`, ...items.flatMap(quote)];
}

function quote(text: string): string[] {
  const cut = text.length > MAX_FINDING ? `${text.slice(0, MAX_FINDING).toWellFormed()}…` : text;
  return lines(cut).map((line) => `  ${line}`);
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function few(paths: readonly string[]): string {
  const shown = paths.slice(0, MAX_LISTED).join(', ');
  return paths.length > MAX_LISTED ? `${shown} and ${paths.length - MAX_LISTED} more` : shown;
}
