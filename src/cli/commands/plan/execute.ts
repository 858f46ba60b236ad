import { resolve } from 'node:path';

import type { Catalog } from '../../../catalog/catalog.ts';
import { NexoError } from '../../../errors.ts';
import type { BackendName } from '../../../runner/backends/contract.ts';
import type { RunWorld } from '../../../runner/request.ts';
import type { ExecutionResult } from '../../../runner/subagents/events.ts';
import type { Rehearsal } from '../../../runner/subagents/rehearse.ts';
import { packageRoot } from '../../../version.ts';
import { openCatalog } from '../../catalog-door.ts';
import { type CommandContext, defineCommand } from '../../command.ts';
import { nonEmpty, text, toggle, wholeNumber, wholeNumbers } from '../../flags.ts';
import { createDisplay, createJsonLines, renderExecution } from '../../render/execution.ts';
import type { View } from '../../render/view.ts';
import { count } from '../../render/words.ts';
import { runWorld } from '../../run-door.ts';

const DEFAULT_PARALLEL = 3;
const MAX_PARALLEL = 16;
/** The longest that one step may take, in seconds. */
const DEFAULT_TIMEOUT_S = 1_800;

type Outcome = ExecutionResult | DryRun;

interface DryRun {
  readonly dryRun: true;
  readonly backend: string;
  readonly rounds: readonly (readonly {
    readonly task: number;
    readonly title: string;
    readonly step: string;
    readonly role: string;
    readonly files: readonly string[] | null;
  }[])[];
  readonly left: readonly { readonly task: number; readonly title: string; readonly why: string }[];
}

export default defineCommand({
  description:
    'Carries out the tasks of the plan: each by an agent in the role of its owner, in the order of what depends on ' +
    'what, several at once where they share no file. Work is checked by somebody else, repaired once, and then left to ' +
    'you. Ctrl-C stops it so that the same command goes on where it was; a second Ctrl-C ends it at once. With --json ' +
    'each event is a line of JSON, and the last line is the result.',
  example: 'nexo plan execute --backend scripted',
  stdout: 'lines',
  stopsItself: 'as-done',
  flags: {
    backend: nonEmpty(text('what runs the agents, instead of your own choice', { placeholder: 'name' })),
    parallel: wholeNumber(`how many at once; ${DEFAULT_PARALLEL} unless said`),
    only: wholeNumbers('only this task; may be given several times', 'id'),
    takeOver: toggle('also go on with tasks that somebody else has begun'),
    dryRun: toggle('only show who would do what, and when'),
    script: text('what the scripted backend does', { placeholder: 'path', completes: 'file' }),
    timeout: wholeNumber('the longest that one step may take', 'seconds'),
  },
  run: async ({ flags, context }): Promise<Outcome> => {
    const { parallel = DEFAULT_PARALLEL, only, timeout = DEFAULT_TIMEOUT_S } = flags;
    if (parallel < 1 || parallel > MAX_PARALLEL)
      throw new NexoError('USAGE', `--parallel is a number from 1 to ${MAX_PARALLEL}.`);
    if (timeout < 1) throw new NexoError('USAGE', '--timeout is at least 1 second.');
    const run = runWorld(context);
    const catalog = await openCatalog(context);
    const backend = await chooseBackend(flags.backend, run);
    await assertKnown(only, catalog, context);
    if (flags.dryRun) return dryRun({ backend, catalog, parallel, only, takeOver: flags.takeOver }, context);
    const { executePlan } = await import('../../../runner/subagents/execution.ts');
    const display = context.json ? createJsonLines(context) : createDisplay(context);
    try {
      return await executePlan({
        ...{ run, catalog, backend, parallel, only, takeOver: flags.takeOver, timeoutMs: timeout * 1000 },
        workspace: await context.workspace(),
        script: await chooseScript(flags.script, backend, context),
        signal: context.io.signal,
        onEvent: (event) => display.show(event),
      });
    } finally {
      display.close();
    }
  },
  document: (outcome) => ('dryRun' in outcome ? outcome : { event: 'end', ...outcome }),
  render: (outcome, view) =>
    'dryRun' in outcome ? renderDryRun(outcome, view) : renderExecution(outcome, view),
  exitCode: (outcome) =>
    'dryRun' in outcome || outcome.outcome === 'done' ? 0 : outcome.outcome === 'stopped' ? 130 : 1,
});

/** The backend of the whole execution, checked before the first task is touched. Throws BACKEND_UNAVAILABLE. */
async function chooseBackend(asked: string | undefined, run: RunWorld): Promise<BackendName> {
  const { locateBackend } = await import('../../../runner/prepare.ts');
  return (await locateBackend(asked, run)).name;
}

/** Without a script of the operator's, the scripted agent does as if, and passes what it is asked to check. */
async function chooseScript(
  asked: string | undefined,
  backend: BackendName,
  context: CommandContext,
): Promise<string | undefined> {
  if (asked !== undefined) return resolve(context.io.cwd(), asked);
  if (backend !== 'scripted') return undefined;
  const { loadRunSettings } = await import('../../../runner/prepare.ts');
  const { backends } = await loadRunSettings(runWorld(context));
  return backends.scripted?.script ?? resolve(packageRoot(), 'assets', 'scripted', 'plan.json');
}

async function assertKnown(
  only: readonly number[] | undefined,
  catalog: Catalog,
  context: CommandContext,
): Promise<void> {
  if (only === undefined) return;
  const { readPlan, rolesOf } = await import('../../../runner/subagents/read-plan.ts');
  const { tasks } = await readPlan(await context.workspace(), rolesOf(catalog));
  const unknown = only.filter((id) => !tasks.has(id));
  if (unknown.length === 0) return;
  throw new NexoError('TASK_NOT_FOUND', `There is no task ${unknown.join(', ')}.`, {
    hint: 'nexo task list shows them.',
  });
}

async function dryRun(
  {
    backend,
    catalog,
    parallel,
    only,
    takeOver,
  }: {
    backend: string;
    catalog: Catalog;
    parallel: number;
    only: readonly number[] | undefined;
    takeOver: boolean;
  },
  context: CommandContext,
): Promise<DryRun> {
  const { readPlan, rolesOf } = await import('../../../runner/subagents/read-plan.ts');
  const { rehearse } = await import('../../../runner/subagents/rehearse.ts');
  const { tasks } = await readPlan(await context.workspace(), rolesOf(catalog));
  const isChosen = ({ id, status }: { id: number; status: string }): boolean =>
    (only?.includes(id) ?? true) && (takeOver || status !== 'in_progress');
  const { rounds, ended }: Rehearsal = rehearse({
    ...{ tasks, parallel, past: new Map(), ended: new Map(), running: new Set(), stopping: false },
    chosen: new Set([...tasks.values()].filter(isChosen).map(({ id }) => id)),
  });
  const title = (id: number): string => tasks.get(id)?.title ?? '';
  return {
    ...{ dryRun: true, backend },
    rounds: rounds.map((round) =>
      round.map(({ task, step: { kind, role } }) => {
        const targets = tasks.get(task)?.targets;
        return {
          task,
          title: title(task),
          step: kind,
          role,
          files: targets?.kind === 'named' ? targets.paths : null,
        };
      }),
    ),
    left: [...ended].flatMap(([task, end]) =>
      'why' in end ? [{ task, title: title(task), why: end.why }] : [],
    ),
  };
}

function renderDryRun({ backend, rounds, left }: DryRun, view: View): string {
  const { ink, marks } = view;
  const lines = rounds.flatMap((round, at) => [
    ink.bold(`${at + 1}.`),
    ...round.flatMap(({ task, title, step, role, files }) => [
      `  ${ink.accent(marks.arrow)} ${task} ${view.line(title, 8)}`,
      `    ${ink.dim(view.line(`${step} by ${role}; ${files === null ? 'names no files' : files.length === 0 ? 'no files' : files.join(', ')}`, 4))}`,
    ]),
  ]);
  const rest = left.map(
    ({ task, title, why }) => `${ink.warn(marks.warning)} ${task} ${view.line(`${title}: ${why}`, 6)}`,
  );
  const steps = rounds.flat().length;
  const head =
    steps === 0 ? 'Nothing is to be done' : `${count(steps, 'step')} on ${backend}, if all goes well`;
  return [head, ...lines, ...rest].join('\n');
}
