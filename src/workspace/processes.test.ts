import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { type LineProcess, startWorker } from '../../test/support/state-process.ts';
import {
  call,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  temporaryFilesIn,
} from '../../test/support/state-project.ts';

interface Answer {
  readonly result?: Record<string, unknown>;
  readonly error?: string;
  readonly data?: Record<string, unknown>;
  readonly calls?: number;
  readonly stopped?: number;
}

const worker = (): LineProcess => startWorker('./state-worker.ts', []);
const send = (process: LineProcess, root: string, command: object): void =>
  process.send(JSON.stringify({ root, ...command }));
const answer = async (process: LineProcess): Promise<Answer> => JSON.parse(await process.line()) as Answer;
const ask = (process: LineProcess, root: string, command: object): Promise<Answer> => {
  send(process, root, command);
  return answer(process);
};
const add = (title: string): object => ({ tool: 'task_add', input: { title, context: 'c' } });

interface Cycle {
  readonly plan: { readonly id: number; readonly topic: string } | null;
  readonly tasks: readonly { readonly id: number; readonly title: string }[];
}

function cyclesOf(project: StateProject): Cycle[] {
  return project.has(HISTORY) ? (project.json(HISTORY) as { cycles: Cycle[] }).cycles : [];
}

function openTasksOf(project: StateProject): Cycle['tasks'] {
  return project.has(TASKS) ? (project.json(TASKS) as { tasks: Cycle['tasks'] }).tasks : [];
}

/** The titles of all tasks, closed and open; ids must be apart within each cycle. */
function allTitles(project: StateProject): string[] {
  const groups = [...cyclesOf(project).map(({ tasks }) => tasks), openTasksOf(project)];
  for (const tasks of groups) {
    const ids = tasks.map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
  }
  return groups.flatMap((tasks) => tasks.map(({ title }) => title));
}

describe('processes that work on one project at once', () => {
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.constant('add') },
    { weight: 1, arbitrary: fc.constant('close') },
    { weight: 1, arbitrary: fc.constant('plan') },
    { weight: 1, arbitrary: fc.constant('decide') },
    { weight: 1, arbitrary: fc.constant('update') },
    { weight: 1, arbitrary: fc.constant('list') },
  );

  it('lose, double and tear nothing, whatever they do', async () => {
    const workers = [worker(), worker(), worker()];
    const schedule = fc.tuple(...workers.map(() => fc.array(operation, { minLength: 4, maxLength: 14 })));
    await fc.assert(
      fc.asyncProperty(schedule, async (lists) => {
        const project = newStateProject();
        const titles: string[] = [];
        const topics: string[] = [];
        let closes = 0;
        const work = async (process: LineProcess, index: number): Promise<void> => {
          for (const [step, name] of (lists[index] ?? []).entries()) {
            const mark = `${index}.${step}`;
            const commands: Record<string, object> = {
              add: add(mark),
              close: { tool: 'task_close' },
              plan: { tool: 'plan_start', input: { topic: mark, issues: ['i'], research_summary: '' } },
              decide: { tool: 'plan_decide', input: { issue_id: 1, decision: mark } },
              update: { tool: 'task_update', input: { id: 1, status: 'completed' } },
              list: { tool: 'task_list' },
            };
            const { result, error } = await ask(process, project.root, commands[name] ?? {});
            if (name === 'add') titles.push(mark);
            if (name === 'plan') topics.push(mark);
            if (name === 'close') closes += 1;
            if (error !== undefined)
              expect(['PLAN_NOT_ACTIVE', 'TASKS_MISSING', 'TASK_NOT_FOUND']).toContain(error);
            else expect(result).toBeDefined();
          }
        };
        await Promise.all(workers.map(work));
        expect(allTitles(project).sort()).toEqual(titles.sort());
        const cycles = cyclesOf(project);
        const active = project.has(PLAN) ? [project.json(PLAN) as NonNullable<Cycle['plan']>] : [];
        const plans = [...cycles.flatMap(({ plan }) => (plan === null ? [] : [plan])), ...active];
        expect(plans.map(({ topic }) => topic).sort()).toEqual(topics.sort());
        expect(plans.map(({ id }) => id)).toEqual(plans.map((_plan, index) => index + 1));
        // Every close is a cycle; so is every plan that another one replaced.
        expect(cycles.length).toBeGreaterThanOrEqual(closes);
        expect(temporaryFilesIn(project.root)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it('may all be the first', async () => {
    const workers = [worker(), worker(), worker(), worker()];
    for (let round = 0; round < 15; round += 1) {
      const project = newStateProject();
      const answers = await Promise.all(
        workers.map((each, index) => ask(each, project.root, add(String(index)))),
      );
      expect(answers.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
      expect(allTitles(project).sort()).toEqual(['0', '1', '2', '3']);
    }
  });

  it('give 8 × 50 tasks the numbers 1 to 400', async () => {
    const project = newStateProject();
    const run = async (process: LineProcess, index: number): Promise<void> => {
      for (let n = 0; n < 50; n += 1)
        expect((await ask(process, project.root, add(`${index}.${n}`))).error).toBeUndefined();
    };
    await Promise.all(Array.from({ length: 8 }, worker).map(run));
    expect(openTasksOf(project).map(({ id }) => id)).toEqual(Array.from({ length: 400 }, (_, n) => n + 1));
    expect(new Set(allTitles(project)).size).toBe(400);
  });
});

describe.each([
  ['task_add', add('by the holder')],
  ['task_close', { tool: 'task_close' }],
  ['plan_start', { tool: 'plan_start', input: { topic: 'by the holder', issues: [], research_summary: '' } }],
])('a process that stands still at each step of %s', (tool, command) => {
  let template: StateProject;
  beforeAll(async () => {
    template = newStateProject();
    const plan = { topic: 'before', issues: [], research_summary: '' };
    await call(template.workspace, 'task_close');
    await call(template.workspace, 'plan_start', plan);
    await call(template.workspace, 'task_add', { title: 'before', context: 'c' });
  });

  /** How many calls the change makes in a process that has not seen the project yet. */
  async function countCalls(process: LineProcess): Promise<number> {
    return (await ask(process, newStateProject({}, template).root, command)).calls ?? 0;
  }

  it('keeps its lock: two others wait for it, say for whom, and nothing is lost when it goes on', async () => {
    const [holder, ...others] = [worker(), worker(), worker()];
    const total = await countCalls(holder);
    let waited = 0;
    for (let stopAt = 0; stopAt < total; stopAt += 3) {
      const project = newStateProject({}, template);
      send(holder, project.root, { ...command, stopAt });
      expect(await answer(holder)).toEqual({ stopped: holder.pid });
      const answers: Answer[] = [];
      // One after the other: they would wait for each other too.
      for (const [index, other] of others.entries()) {
        answers.push(await ask(other, project.root, { ...add(`other ${index}`), lockTimeoutMs: 40 }));
      }
      const added: string[] = [];
      for (const [index, { result, error, data }] of answers.entries()) {
        if (result !== undefined) added.push(`other ${index}`);
        else expect([error, data?.holders]).toEqual(['LOCK_TIMEOUT', [holder.pid]]);
      }
      waited += answers.length - added.length;
      holder.signal('SIGCONT');
      expect((await answer(holder)).error).toBeUndefined();
      const expected = ['before', ...(tool === 'task_add' ? ['by the holder'] : []), ...added];
      expect(allTitles(project).sort()).toEqual(expected.sort());
    }
    expect(waited).toBeGreaterThan(4);
  });

  it('gives way when it is killed there: two others who wait go on, and all that was there is there once', async () => {
    const others = [worker(), worker()];
    const counter = worker();
    const total = await countCalls(counter);
    // Each needs a process of its own to be killed; the next one starts while this one works.
    let next = worker();
    const stride = Math.ceil(total / 8);
    for (let stopAt = total % stride; stopAt < total; stopAt += stride) {
      const holder = next;
      if (stopAt + stride < total) next = worker();
      const project = newStateProject({}, template);
      send(holder, project.root, { ...command, stopAt });
      await answer(holder);
      const waiting = others.map((other, index) => ask(other, project.root, add(`other ${index}`)));
      holder.signal('SIGKILL');
      expect(await holder.ended).toBe('SIGKILL');
      for (const { error } of await Promise.all(waiting)) expect(error).toBeUndefined();
      const titles = allTitles(project);
      expect(titles.filter((title) => title !== 'by the holder').sort()).toEqual([
        'before',
        'other 0',
        'other 1',
      ]);
      expect(titles.length).toBeLessThanOrEqual(4);
      const plans =
        cyclesOf(project).filter(({ plan }) => plan !== null).length + (project.has(PLAN) ? 1 : 0);
      expect(plans).toBeGreaterThanOrEqual(1);
      await call(project.reopen(), 'task_add', { title: 'last', context: 'c' });
      expect(temporaryFilesIn(project.root)).toEqual([]);
    }
  });
});
