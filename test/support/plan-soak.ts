import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { systemClock } from '../../src/base/clock.ts';
import { resolveHomePaths } from '../../src/home/paths.ts';
import { openRunRecords } from '../../src/runner/records/best-effort.ts';
import type { ExecutionEvent, ExecutionResult } from '../../src/runner/subagents/events.ts';
import { initialiseWorkspace } from '../../src/workspace/initialise.ts';
import { addTask } from '../../src/workspace/tasks.ts';
import { openWorkspace } from '../../src/workspace/workspace.ts';
import { git, NEXO, startProgram } from './run-nexo.ts';

export interface PlanSoak {
  readonly folder: string;
  readonly tasks: number;
  readonly seed: number;
  /** How often the program is killed, and how often it is stopped as by Ctrl-C. */
  readonly kills: number;
  readonly stops: number;
  readonly parallel: number;
  /** The longest that a step may take; those that hang take it twice. */
  readonly timeoutS: number;
}

/** What is laid into a task's path. */
type Fate =
  | 'well'
  | 'fails-once'
  | 'fails'
  | 'rejected-once'
  | 'rejected'
  | 'hangs'
  | 'cancelled'
  | 'crosses-its-limits';

interface Soaked {
  readonly id: number;
  readonly deps: readonly number[];
  readonly owner: string;
  readonly fate: Fate;
  readonly file: string;
}

export interface SoakReport {
  readonly tasks: number;
  readonly completed: number;
  readonly blocked: number;
  readonly skipped: number;
  readonly steps: number;
  readonly kills: number;
  readonly stops: number;
  readonly seconds: number;
  /** Everything that is not as it has to be. */
  readonly faults: readonly string[];
}

/** Executes a random plan through the built program, while it is killed and stopped, and looks at what it left. */
export async function soakPlan(soak: PlanSoak): Promise<SoakReport> {
  const startedAt = performance.now();
  const random = generator(soak.seed);
  const project = join(soak.folder, 'project');
  const home = join(soak.folder, 'home');
  mkdirSync(project, { recursive: true });
  const env = {
    HOME: home,
    NEXO_HOME: join(home, '.nexo'),
    NEXO_RUN_ID: undefined,
    NEXO_RUN_DEPTH: undefined,
  };
  await git(project, 'init', '--quiet');
  const tasks = await makePlan(project, soak.tasks, random);
  const script = join(soak.folder, 'script.json');
  writeFileSync(script, JSON.stringify({ replies: tasks.flatMap(repliesFor) }));

  const faults: string[] = [];
  let kills = 0;
  let stops = 0;
  let result: ExecutionResult | undefined;
  for (let round = 0; result === undefined && round < soak.kills + soak.stops + 3; round += 1) {
    const isLast = kills >= soak.kills && stops >= soak.stops;
    const signal = kills < soak.kills && (stops >= soak.stops || random() < 0.6) ? 'SIGKILL' : 'SIGINT';
    const after = isLast
      ? Number.POSITIVE_INFINITY
      : 4 + Math.floor(random() * ((soak.tasks * 6) / (soak.kills + soak.stops)));
    const ended = await execute({
      project,
      env,
      script,
      parallel: soak.parallel,
      timeoutS: soak.timeoutS,
      tasks,
      signal,
      after,
    });
    if (ended.signalled && signal === 'SIGKILL') kills += 1;
    if (ended.signalled && signal === 'SIGINT') stops += 1;
    if (ended.result !== undefined && ended.result.outcome !== 'stopped') result = ended.result;
    if (!ended.signalled && ended.result === undefined)
      faults.push(`it ended with ${ended.code}: ${ended.stderr.slice(-600)}`);
    if (faults.length > 0) break;
  }
  const expected = expectedEnds(tasks);
  for (const { id, state, why } of result?.tasks ?? [])
    if (expected.get(id) !== state)
      faults.push(`task ${id} (${tasks[id - 1]?.fate}) is ${state} (${why}), not ${expected.get(id)}`);
  if (result === undefined) faults.push('it never came to an end');
  const entries = readLines(join(project, '.nexus/state/nexo/execution.jsonl'));
  faults.push(...orderFaults(tasks, entries), ...fileFaults(project, tasks));
  return {
    ...{ tasks: soak.tasks, kills, stops, faults },
    ...{ completed: result?.completed ?? 0, blocked: result?.blocked ?? 0, skipped: result?.skipped ?? 0 },
    steps: entries.filter(({ t }) => t === 'step').length,
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
  };
}

async function makePlan(project: string, size: number, random: () => number): Promise<Soaked[]> {
  const workspace = openWorkspace(project);
  await initialiseWorkspace(workspace);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const files = Math.max(4, Math.floor(size / 5));
  const tasks: Soaked[] = [];
  // The rare ones once for certain, then by chance.
  const rare: readonly Fate[] = [
    'fails',
    'rejected',
    'hangs',
    'cancelled',
    'fails-once',
    'rejected-once',
    'crosses-its-limits',
  ];
  for (let id = 1; id <= size; id += 1) {
    const chance = random();
    const late = id > size / 2 ? rare[id - Math.ceil(size / 2) - 1] : undefined;
    const fate: Fate =
      late ??
      (chance < 0.08
        ? 'fails-once'
        : chance < 0.14
          ? 'rejected-once'
          : chance < 0.16
            ? 'fails'
            : chance < 0.18
              ? 'cancelled'
              : 'well');
    const owner =
      fate === 'crosses-its-limits'
        ? 'researcher'
        : fate === 'well'
          ? pick(['engineer', 'engineer', 'engineer', 'writer', 'lead'])
          : 'engineer';
    const deps = [
      ...new Set(Array.from({ length: Math.floor(random() * 3) }, () => 1 + Math.floor(random() * (id - 1)))),
    ].filter((dep) => dep < id);
    const file = `files/f${Math.floor(random() * files)}.txt`;
    const task: Soaked = { id, deps, owner, fate, file };
    tasks.push(task);
    await addTask(workspace, {
      ...{ title: `Item ${id}`, owner, deps },
      // Some name no file, and are to be the only ones that write.
      context: random() < 0.05 && fate === 'well' ? 'Somewhere.' : `Files: ${file}`,
      ...(fate.startsWith('rejected') ? { acceptance: 'It is right' } : {}),
    });
  }
  return tasks;
}

/** Begins and ends in its file, so that two at once would show there. */
function repliesFor({ id, fate, file }: Soaked): object[] {
  const line = (word: string): object => ({ append: { path: file, content: `${word} ${id}\n` } });
  const work = [line('begin'), { wait_ms: (id * 37) % 60 }, line('end'), { answer: 'Done.' }];
  const item = `Work item: task ${id}.`;
  const verify = `Verify task ${id}:`;
  const replies: object[] = [
    { when: { contains: `Find out why task ${id} failed` }, steps: [{ answer: 'Because.' }] },
  ];
  if (fate === 'rejected')
    replies.push({ when: { contains: verify }, steps: [{ answer: 'No.\n\nVerdict: FAIL' }] });
  // After the second delivery there is a line that says so, which two appends in the file tell.
  if (fate === 'rejected-once')
    replies.push(
      { when: { contains: verify }, steps: [{ answer: 'Verdict: PASS' }] },
      { when: { contains: item, turn: 1 }, steps: [{ answer: 'I cannot.\n\nVerdict: BLOCKED' }] },
    );
  replies.push({ when: { contains: verify }, steps: [{ answer: 'Verdict: PASS' }] });
  if (fate === 'fails')
    replies.push({ when: { contains: item }, steps: [{ fail: { message: 'It fails.' } }] });
  if (fate === 'fails-once')
    replies.push({ when: { contains: item, turn: 1 }, steps: [{ fail: { message: 'It fails.' } }] });
  if (fate === 'hangs' || fate === 'cancelled')
    replies.push({ when: { contains: item }, steps: [{ hang: 'plainly' }] });
  if (fate === 'crosses-its-limits')
    replies.push({
      when: { contains: item },
      steps: [{ write: { path: `forbidden-${id}.txt`, content: 'x' } }, { answer: 'Done.' }],
    });
  replies.push({ when: { contains: item }, steps: work });
  return replies;
}

interface Round {
  readonly project: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly script: string;
  readonly parallel: number;
  readonly timeoutS: number;
  readonly tasks: readonly Soaked[];
  readonly signal: NodeJS.Signals;
  /** After so many events. */
  readonly after: number;
}

async function execute({ project, env, script, parallel, timeoutS, tasks, signal, after }: Round) {
  const args = [
    'plan',
    'execute',
    '--backend',
    'scripted',
    '--script',
    script,
    '--parallel',
    String(parallel),
    '--timeout',
    String(timeoutS),
    '--json',
  ];
  const child = startProgram(process.execPath, [NEXO, ...args], { cwd: project, env });
  let signalled = false;
  let result: ExecutionResult | undefined;
  let stderr = '';
  let seen = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const done = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (child.stdout === null) throw new Error('it has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as ExecutionEvent;
    seen += 1;
    if (event.event === 'end') result = event;
    if (
      event.event === 'step' &&
      event.state === 'started' &&
      event.kind === 'work' &&
      tasks[event.task - 1]?.fate === 'cancelled'
    )
      await cancel(env, event.run);
    if (seen < after || signalled || result !== undefined) continue;
    signalled = true;
    child.kill(signal);
  }
  return { code: await done, signalled, result, stderr };
}

/** As `nexo runs cancel` asks for it, once the run is recorded. */
async function cancel({ HOME = '', ...env }: Round['env'], run: string): Promise<void> {
  const records = await openRunRecords({
    paths: resolveHomePaths({ ...env, HOME }, HOME),
    clock: systemClock,
  });
  try {
    for (let tries = 0; tries < 500; tries += 1) {
      if (records.list({ limit: 50 }).some(({ id, status }) => id === run && status === 'running')) {
        records.requestCancel(run);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    records.close();
  }
}

const LOST: ReadonlySet<Fate> = new Set(['fails', 'rejected', 'hangs', 'cancelled']);

function expectedEnds(tasks: readonly Soaked[]): Map<number, string> {
  const ends = new Map<number, string>();
  for (const { id, deps, fate } of tasks) {
    const isReached = deps.every((dep) => ends.get(dep) === 'completed');
    ends.set(id, !isReached ? 'skipped' : LOST.has(fate) ? 'blocked' : 'completed');
  }
  return ends;
}

type Line = {
  readonly t?: string;
  readonly task?: number;
  readonly run?: string;
  readonly kind?: string;
  readonly result?: string;
};

/** Nothing of a task comes before the end of what it depends on, and nothing after its own. */
function orderFaults(tasks: readonly Soaked[], entries: readonly Line[]): string[] {
  const places = new Map<number, { first: number; last: number }>();
  const taskOf = new Map(
    entries.flatMap(({ t, run, task }) =>
      t === 'step' && run !== undefined && task !== undefined ? [[run, task]] : [],
    ),
  );
  const passes = new Map<number, number>();
  entries.forEach(({ t, run = '', kind, result }, at) => {
    const task = taskOf.get(run);
    if (task === undefined) return;
    const place = places.get(task) ?? { first: at, last: at };
    places.set(task, { ...place, last: at });
    const step = entries.find((entry) => entry.t === 'step' && entry.run === run);
    if (t === 'ended' && step?.kind === 'work' && result === 'passed')
      passes.set(task, (passes.get(task) ?? 0) + 1);
    if (kind === undefined && t === 'step') places.delete(-1);
  });
  const faults = tasks.flatMap(({ id, deps }) => {
    const place = places.get(id);
    if (place === undefined) return [];
    return deps.flatMap((dep) =>
      (places.get(dep)?.last ?? Number.POSITIVE_INFINITY) < place.first
        ? []
        : [`task ${id} began before ${dep} had ended`],
    );
  });
  // Only what a check sends back is delivered twice.
  for (const { id, fate } of tasks)
    if (fate === 'well' && (passes.get(id) ?? 0) > 1)
      faults.push(`task ${id} was done ${passes.get(id)} times`);
  return faults;
}

/** In no file does anybody end whose place somebody else has taken, and what a role may not write is not there. */
function fileFaults(project: string, tasks: readonly Soaked[]): string[] {
  const faults: string[] = [];
  for (const file of new Set(tasks.map((task) => task.file))) {
    let open: string | undefined;
    for (const line of readText(join(project, file))
      .split('\n')
      .filter((each) => each !== '')) {
      const [word, id] = line.split(' ');
      if (word === 'begin') open = id;
      else if (open !== id) faults.push(`${file}: ${id} ends inside ${open}`);
      else open = undefined;
    }
  }
  for (const { id } of tasks)
    if (readText(join(project, `forbidden-${id}.txt`)) !== '')
      faults.push(`task ${id} wrote what it may not`);
  return faults;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readLines(path: string): Line[] {
  return readText(path)
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Line];
      } catch {
        return []; // torn by a kill
      }
    });
}

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
