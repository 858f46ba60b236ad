import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { dueBetween } from '../../src/automation/schedules/calendar.ts';
import { listSchedules, putSchedule } from '../../src/automation/schedules/store.ts';
import { zoneOf } from '../../src/automation/schedules/zone.ts';
import { bootIdentity, isRunning, pidOf } from '../../src/base/process-identity.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import { initialiseHome } from '../../src/home/layout.ts';
import { type HomePaths, resolveHomePaths } from '../../src/home/paths.ts';

export interface SoakOptions {
  readonly kills: number;
  /** Schedulers at once. */
  readonly schedulers: number;
  /** Also kills the processes that look after a run, which leaves their scripts behind. */
  readonly runKills?: boolean;
  /** Pauses between kills, in milliseconds: at least, and at most. */
  readonly pauseMs: readonly [number, number];
  readonly seed: number;
}

export interface SoakReport {
  readonly kills: number;
  readonly seconds: number;
  readonly due: number;
  readonly runs: number;
  readonly skipped: number;
  readonly gaps: number;
  readonly interrupted: number;
  readonly retried: number;
  /** What must not be: each a sentence. */
  readonly faults: readonly string[];
}

const PROCESS = fileURLToPath(new URL('./scheduler-process.ts', import.meta.url));

/**
 * Schedulers on one home, killed and started again while scripts of a second or so are due every second or two. Then the
 * ledger, and what the scripts themselves have written, are held against the times that were due.
 */
export async function soak({
  kills,
  schedulers,
  pauseMs,
  seed,
  runKills = false,
}: SoakOptions): Promise<SoakReport> {
  const home = resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'soak-')) });
  initialiseHome(home);
  const database = await openHomeDatabase(home);
  const startedAt = Date.now();
  addSchedules(home, database, startedAt);
  const random = mulberry(seed);
  const running: ChildProcess[] = [];
  for (let index = 0; index < schedulers; index += 1) running.push(start(home));
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(pauseMs[0] + random() * (pauseMs[1] - pauseMs[0]));
    if (runKills && random() < 0.5 && killRun(database)) continue;
    const index = Math.floor(random() * schedulers);
    const victim = running[index];
    if (victim === undefined) continue;
    victim.kill('SIGKILL');
    await ended(victim);
    running[index] = start(home);
  }
  // All that was claimed comes to its end.
  await delay(3_000);
  for (const each of running) {
    each.kill('SIGTERM');
    await ended(each);
  }
  const stoppedAt = Date.now();
  const report = judge(home, database, startedAt, stoppedAt);
  database.close();
  return { kills, seconds: Math.round((stoppedAt - startedAt) / 1000), ...report };
}

function addSchedules(home: HomePaths, database: DatabaseSync, now: number): void {
  const add = (cronId: string, seconds: number, sleep: string, idempotent: boolean): void => {
    const scriptPath = join(home.scripts, `${cronId}.sh`);
    // Each line is one fact, and one write of a line is whole.
    const body = `echo "start $NEXO_SCHEDULE_DUE_AT $$" >> "$NEXO_HOME/${cronId}.txt"\nsleep ${sleep}\necho "end $NEXO_SCHEDULE_DUE_AT $$" >> "$NEXO_HOME/${cronId}.txt"\n`;
    writeFileSync(scriptPath, `#!/bin/sh\n${body}`, { mode: 0o755 });
    appendFileSync(join(home.home, `${cronId}.txt`), '');
    putSchedule(
      database,
      {
        cronId,
        name: cronId,
        scriptPath,
        description: '',
        source: 'added',
        backend: 'builtin',
        timing: { kind: 'interval', seconds },
        recoveryPolicy: idempotent ? 'run_once_on_wake' : 'none',
        runOnBoot: false,
        runOnWake: true,
        idempotent,
        maxCatchupAge: 900,
        timeoutSeconds: null,
      },
      { now, boot: bootIdentity(), nextDueAt: now + seconds * 1000 },
    );
  };
  add('quick', 1, '0.1', true);
  add('slow', 2, '2.5', true);
  add('once', 3, '0.5', false);
}

/** Kills what looks after the newest run, if one goes on. */
function killRun(database: DatabaseSync): boolean {
  const row = database
    .prepare(`SELECT owner FROM cron_runs WHERE state = 'running' ORDER BY id DESC LIMIT 1`)
    .get();
  const owner = row === undefined ? undefined : String(row.owner);
  if (owner === undefined || !isRunning(owner)) return false;
  process.kill(pidOf(owner) ?? 0, 'SIGKILL');
  return true;
}

function start(home: HomePaths): ChildProcess {
  return spawn(process.execPath, [PROCESS], {
    env: { ...process.env, NEXO_HOME: home.home },
    stdio: 'ignore',
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

type Judgement = Omit<SoakReport, 'kills' | 'seconds'>;

function judge(home: HomePaths, database: DatabaseSync, from: number, until: number): Judgement {
  const faults: string[] = [];
  let due = 0;
  for (const { cronId, rule, cursorAt, idempotent } of listSchedules(database)) {
    const slots = new Map(
      database
        .prepare('SELECT due_at, outcome, run_id FROM schedule_slots WHERE cron_id = ?')
        .all(cronId)
        .map((row) => [Number(row.due_at), row]),
    );
    const gaps = database.prepare('SELECT * FROM schedule_gaps WHERE cron_id = ?').all(cronId);
    const times = dueBetween(rule, from, cursorAt, zoneOf('UTC'));
    due += times.length;
    if (cursorAt < until - 5_000)
      faults.push(`${cronId} was left alone from ${new Date(cursorAt).toISOString()} on`);
    for (const time of times) {
      const own = slots.has(time) ? 1 : 0;
      const inGaps = gaps.filter(
        (gap) => Number(gap.from_due_at) <= time && time <= Number(gap.to_due_at),
      ).length;
      const outcomes = own + (own === 0 ? inGaps : 0);
      if (outcomes !== 1) faults.push(`${cronId} ${time} has ${outcomes} outcomes`);
    }
    for (const time of slots.keys())
      if (!times.includes(time)) faults.push(`${cronId} ${time} was never due`);
    const runs = database
      .prepare('SELECT due_at, attempt, state FROM cron_runs WHERE cron_id = ?')
      .all(cronId);
    for (const run of runs) {
      if (run.state !== 'ended') faults.push(`${cronId} ${run.due_at} is ${run.state} for ever`);
      if (Number(run.attempt) > 1 && !idempotent) faults.push(`${cronId} ${run.due_at} was repeated`);
    }
    faults.push(...judgeScript(readFileSync(join(home.home, `${cronId}.txt`), 'utf8'), cronId, runs));
  }
  const count = (sql: string): number => Number(database.prepare(sql).get()?.n ?? 0);
  return {
    due,
    runs: count('SELECT count(*) AS n FROM cron_runs'),
    skipped: count(`SELECT count(*) AS n FROM schedule_slots WHERE outcome = 'skipped'`),
    gaps: count('SELECT coalesce(sum(count), 0) AS n FROM schedule_gaps'),
    interrupted: count(`SELECT count(*) AS n FROM schedule_slots WHERE outcome = 'interrupted'`),
    retried: count('SELECT count(*) AS n FROM cron_runs WHERE attempt > 1'),
    faults,
  };
}

/** What the script says of itself: which due times it was started for, and whether two of it ran at once. */
function judgeScript(text: string, cronId: string, runs: readonly Record<string, unknown>[]): string[] {
  const faults: string[] = [];
  const starts = new Map<string, number>();
  let open: string | undefined;
  for (const line of text.trim().split('\n').filter(Boolean)) {
    const [what = '', due = '', pid = ''] = line.split(' ');
    if (what === 'start') {
      starts.set(due, (starts.get(due) ?? 0) + 1);
      // A script that was killed writes no end; whether it still ran, its process id would say.
      if (open !== undefined && isAlive(Number(open))) faults.push(`${cronId} overlapped at ${due}`);
      open = pid;
    } else if (open !== pid) faults.push(`${cronId} ${due}: ${pid} ended while ${open} ran`);
    else open = undefined;
  }
  for (const [due, times] of starts) {
    const run = runs.find(({ due_at }) => Number(due_at) === Date.parse(due));
    if (run === undefined) faults.push(`${cronId} ran for ${due} without a record`);
    else if (times > Number(run.attempt)) faults.push(`${cronId} ran ${times} times for ${due}`);
  }
  return faults;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Numbers that are the same for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
