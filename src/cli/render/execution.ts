import type { ExecutionEvent, ExecutionResult, TaskNews } from '../../runner/subagents/events.ts';
import type { CommandContext } from '../command.ts';
import type { Output } from '../io.ts';
import { printable, printableJsonLine } from './printable.ts';
import { renderTaskTree, type ShownTask } from './task-tree.ts';
import { createView, type View } from './view.ts';
import { count, dotted } from './words.ts';

/** Shows an execution while it goes on. */
export interface ExecutionDisplay {
  show(event: ExecutionEvent): void;
  /** Takes what moves off the screen. */
  close(): void;
}

/** How often the times of what runs are shown anew, in milliseconds. */
const TICK_MS = 1_000;
/** Lines of a terminal whose height is not known. */
const DEFAULT_ROWS = 24;

/** The tasks as a tree that is drawn over itself, where a person looks on. */
function createLiveTree(output: Output, view: View): ExecutionDisplay {
  const tasks = new Map<number, TaskNews>();
  const steps = new Map<number, { readonly text: string; readonly since: number }>();
  let drawn = 0;
  const erase = (): void => {
    if (drawn > 0) output.write(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (tasks.size === 0) return;
    const room = Math.max((output.rows ?? DEFAULT_ROWS) - 3, 5);
    const shown = [...tasks.values()].map((task): ShownTask => {
      const step = steps.get(task.id);
      if (step === undefined) return toShown(task);
      const seconds = Math.floor((performance.now() - step.since) / 1000);
      return {
        ...toShown(task),
        told: { trouble: false, text: dotted([step.text, `${seconds} s`], view.marks.bullet) },
      };
    });
    const lines = [head([...tasks.values()], view), ...crop(shown, room, view)];
    erase();
    output.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const tick = setInterval(draw, TICK_MS);
  tick.unref();
  return {
    show(raw) {
      const event = printable(raw);
      if (event.event === 'begin') for (const task of event.tasks) tasks.set(task.id, task);
      else if (event.event === 'task') tasks.set(event.id, event);
      else if (event.event === 'step' && event.state === 'started') {
        const again = event.resumed ? 'goes on' : event.kind;
        steps.set(event.task, { text: `${event.role}: ${again}`, since: performance.now() });
      } else if (event.event === 'step') steps.delete(event.task);
      else if (event.event === 'note') {
        erase();
        output.write(`${view.ink.warn(view.marks.warning)} ${view.line(noteText(event), 2)}\n`);
      }
      draw();
    },
    close() {
      clearInterval(tick);
      erase();
    },
  };
}

/** The tree on standard error where a person looks on, plain lines there elsewhere. */
export function createDisplay({ io, note }: CommandContext): ExecutionDisplay {
  if (io.stderr.isTerminal && io.env.TERM !== 'dumb')
    return createLiveTree(io.stderr, createView(io.stderr, io.env));
  return createPlainLines(note);
}

/** Each event as a line of JSON on standard output. */
export function createJsonLines({ io }: CommandContext): ExecutionDisplay {
  return { show: (event) => io.stdout.write(`${printableJsonLine(event)}\n`), close: () => {} };
}

/** One line for each thing that happens, where nobody looks on. */
function createPlainLines(write: (line: string) => void): ExecutionDisplay {
  return {
    show(raw) {
      const line = plainLine(printable(raw));
      if (line !== undefined) write(line);
    },
    close: () => {},
  };
}

function plainLine(event: ExecutionEvent): string | undefined {
  switch (event.event) {
    case 'begin': {
      const open = event.tasks.filter(({ state }) => state !== 'completed').length;
      return `${event.continues ? 'Going on with' : 'Executing'} ${count(open, 'task')} on ${event.backend}, ${event.parallel} at once.`;
    }
    case 'task':
      return `task ${event.id} ${event.state}: ${event.title}${event.why === '' ? '' : ` (${event.why})`}`;
    case 'step': {
      const what = `task ${event.task}: ${event.kind} by ${event.role}`;
      if (event.state === 'started')
        return `${what} ${event.resumed ? 'goes on' : 'begins'}, run ${event.run}`;
      const seconds = ((event.durationMs ?? 0) / 1000).toFixed(1);
      return `${what} ${event.result ?? ''} after ${seconds} s${event.reason === 'completed' ? '' : `: ${event.reason ?? ''}`}`;
    }
    case 'note':
      return noteText(event);
    case 'end':
      return undefined;
  }
}

function noteText({ task, text }: Extract<ExecutionEvent, { event: 'note' }>): string {
  return task === null ? text : `task ${task}: ${text}`;
}

/** How it went, as the result of the command. */
export function renderExecution(result: ExecutionResult, view: View): string {
  const { outcome, tasks, runs, inputTokens, outputTokens, costUsd } = result;
  const used = dotted(
    [
      count(runs, 'run'),
      `${inputTokens + outputTokens} tokens`,
      costUsd === null || costUsd === 0 ? undefined : `$${costUsd.toFixed(2)}`,
    ],
    view.marks.bullet,
  );
  return [
    head(tasks, view),
    ...renderTaskTree(tasks.map(toShown), view),
    view.ink.dim(`  ${used}`),
    NEXT[outcome],
  ].join('\n');
}

const NEXT: Readonly<Record<ExecutionResult['outcome'], string>> = {
  done: 'Every task is completed. Look at the changes, then: nexo task close',
  open: 'What is blocked is for you to decide. Change the task or its files, and start again: nexo plan execute',
  stopped: 'Stopped; nothing is lost. It goes on where it was with: nexo plan execute',
};

function head(tasks: readonly TaskNews[], { ink, marks }: View): string {
  const of = (...states: TaskNews['state'][]): number =>
    tasks.filter(({ state }) => states.includes(state)).length;
  const some = (n: number, word: string): string | undefined => (n === 0 ? undefined : `${n} ${word}`);
  const told = dotted(
    [
      `${of('completed')} of ${tasks.length} completed`,
      some(of('running'), 'running'),
      some(of('blocked'), 'blocked'),
      some(of('skipped'), 'skipped'),
      some(of('elsewhere'), 'elsewhere'),
    ],
    marks.bullet,
  );
  return `${ink.bold('Tasks')}  ${ink.dim(told)}`;
}

function toShown({ id, title, owner, deps, state, why }: TaskNews): ShownTask {
  const base = { id, title, owner, deps };
  switch (state) {
    case 'completed':
      return { ...base, status: 'completed' };
    case 'running':
      return { ...base, status: 'in_progress' };
    case 'blocked':
      return { ...base, status: 'pending', told: { trouble: true, text: `blocked: ${why}` } };
    case 'skipped':
      return { ...base, status: 'pending', told: { trouble: false, text: `skipped: ${why}` } };
    case 'elsewhere':
      return { ...base, status: 'in_progress', told: { trouble: false, text: why } };
    case 'waiting':
      return { ...base, status: 'pending' };
  }
}

/** As much of the tree as there is room for: what runs and what is wrong before what waits, that before what is done. */
function crop(tasks: readonly ShownTask[], room: number, view: View): string[] {
  const whole = renderTaskTree(tasks, view);
  if (whole.length <= room) return whole;
  const weight = ({ status, told }: ShownTask): number =>
    status === 'in_progress' ? 0 : told?.trouble === true ? 1 : status === 'completed' ? 3 : 2;
  const order = tasks.toSorted((a, b) => weight(a) - weight(b));
  // A task may take two lines.
  const chosen = new Set(order.slice(0, Math.max(Math.floor((room - 1) / 2), 1)).map(({ id }) => id));
  const left = tasks.length - chosen.size;
  const some = tasks.filter(({ id }) => chosen.has(id));
  return [
    ...some.flatMap((task) => renderTaskTree([{ ...task, deps: [] }], view)),
    view.ink.dim(`  … and ${left} more`),
  ];
}
