import { DatabaseSync } from 'node:sqlite';

import { nextDue } from '../../src/automation/schedules/calendar.ts';
import { adopt, finish } from '../../src/automation/schedules/ledger.ts';
import { nextDueOf, runPass } from '../../src/automation/schedules/pass.ts';
import { putSchedule, type ScheduleSpec } from '../../src/automation/schedules/store.ts';
import type { Timing } from '../../src/automation/schedules/timing.ts';
import { zoneOf } from '../../src/automation/schedules/zone.ts';
import { scriptsMigration } from '../../src/home/migrations/001-scripts.ts';
import { schedulesMigration } from '../../src/home/migrations/002-schedules.ts';
import { oracleBetween } from './schedule-oracle.ts';

export interface SimulationOptions {
  readonly schedules: number;
  readonly years: number;
  readonly zone: string;
  readonly seed: number;
}

export interface SimulationReport {
  readonly schedules: number;
  readonly firings: number;
  readonly passes: number;
  /** Schedules that passes have looked at. */
  readonly settled: number;
  readonly faults: readonly string[];
}

const OWNER = '1@simulation';
/** Passes from one clearing to the next. */
const FORGET_EVERY = 100_000;
const START = Date.UTC(2026, 0, 5, 3, 17, 42);

/** A database in memory with the layouts that schedules need. */
export function memoryDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  scriptsMigration.apply(database);
  schedulesMigration.apply(database);
  return database;
}

export function scheduleSpec(cronId: string, timing: Timing, more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    cronId,
    name: cronId,
    scriptPath: `/scripts/${cronId}.sh`,
    description: '',
    source: 'declared',
    backend: 'builtin',
    timing,
    recoveryPolicy: timing.kind === 'calendar' ? 'catchup' : 'run_once_on_wake',
    runOnBoot: false,
    runOnWake: true,
    idempotent: true,
    maxCatchupAge: 1_209_600,
    timeoutSeconds: null,
    ...more,
  };
}

/** Years of schedules on a clock that jumps from one due time to the next; every firing is held against an oracle. */
export function simulate({ schedules, years, zone: zoneId, seed }: SimulationOptions): SimulationReport {
  const database = memoryDatabase();
  const zone = zoneOf(zoneId);
  const end = Date.UTC(2026 + years, 0, 5);
  const timings = Array.from({ length: schedules }, (_, index) => timingOf(index, seed));
  for (const [index, timing] of timings.entries()) {
    const due = nextDue({ timing, anchorMs: START }, START, zone) ?? null;
    putSchedule(database, scheduleSpec(`s${index}`, timing), { now: START, boot: 'boot', nextDueAt: due });
  }
  const fired = timings.map((): number[] => []);
  let passes = 0;
  let settled = 0;
  for (let now = nextDueOf(database) ?? end; now <= end; now = nextDueOf(database) ?? end + 1) {
    const pass = runPass(database, {
      now,
      zone,
      cause: 'tick',
      boot: 'boot',
      owner: OWNER,
      isAlive: () => true,
    });
    passes += 1;
    if (passes % FORGET_EVERY === 0) forget(database, now);
    settled += pass.settled;
    for (const run of pass.runs) {
      fired[Number(run.cronId.slice(1))]?.push(run.dueAt);
      adopt(database, run, { owner: OWNER, now });
      finish(database, run.id, {
        endedAt: now + 1,
        exitCode: 0,
        signal: null,
        timedOut: false,
        stopped: false,
        summary: '',
        error: '',
        durationMs: 1,
      });
    }
  }
  database.close();
  const faults = timings.flatMap((timing, index) =>
    compare(`s${index}`, expected(timing, end, zoneId), fired[index] ?? []),
  );
  return { schedules, firings: fired.reduce((sum, each) => sum + each.length, 0), passes, settled, faults };
}

/** What is long past, so that years fit into memory. */
function forget(database: DatabaseSync, now: number): void {
  const before = now - 60 * 86_400_000;
  database.prepare('DELETE FROM schedule_slots WHERE due_at < ?').run(before);
  database.prepare('DELETE FROM cron_runs WHERE due_at < ?').run(before);
}

function expected(timing: Timing, end: number, zone: string): number[] {
  if (timing.kind === 'calendar') return oracleBetween(timing, START, end, zone);
  if (timing.kind === 'keep_alive') return [];
  const found: number[] = [];
  for (let due = START + timing.seconds * 1000; due <= end; due += timing.seconds * 1000) found.push(due);
  return found;
}

function compare(id: string, wanted: readonly number[], got: readonly number[]): string[] {
  const at = wanted.findIndex((due, index) => got[index] !== due);
  if (at === -1 && wanted.length === got.length) return [];
  const first = at === -1 ? wanted.length : at;
  const told = (due: number | undefined): string =>
    due === undefined ? 'nothing' : new Date(due).toISOString();
  return [
    `${id}: ${got.length} firings for ${wanted.length}; the first to differ is ${told(got[first])} for ${told(wanted[first])}`,
  ];
}

/** Half weekly, four in ten daily, the rest intervals from seven hours to ten days. */
function timingOf(index: number, seed: number): Timing {
  const draw = (salt: number, below: number): number => {
    const mixed = Math.imul((index + 1) * 2_654_435_761 + seed * 40_503 + salt * 97, 2_246_822_519) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) % below;
  };
  const share = draw(1, 10);
  if (share === 0) return { kind: 'interval', seconds: 25_000 + draw(2, 840_000) };
  return { kind: 'calendar', hour: draw(3, 24), minute: draw(4, 60), weekday: share < 5 ? null : draw(5, 7) };
}
