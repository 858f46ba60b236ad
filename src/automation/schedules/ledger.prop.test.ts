import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { memoryDatabase, scheduleSpec } from '../../../test/support/schedule-simulation.ts';
import { dueBetween } from './calendar.ts';
import { adopt, finish, giveBack, type Moment, recordChild } from './ledger.ts';
import { runPass } from './pass.ts';
import type { Run } from './runs.ts';
import { putSchedule, readSchedule } from './store.ts';
import type { Timing } from './timing.ts';
import { zoneOf } from './zone.ts';

const NOW = Date.parse('2026-03-28T20:00:00Z');
const MINUTE = 60_000;

/** What may happen to two daemons on one machine, one after the other. */
type Event =
  | {
      readonly kind: 'passes';
      readonly minutes: number;
      readonly daemon: 0 | 1;
      readonly cause: 'tick' | 'wake';
    }
  | { readonly kind: 'ends'; readonly exitCode: number }
  | { readonly kind: 'crash'; readonly daemon: 0 | 1; readonly child: boolean }
  | { readonly kind: 'child dies' }
  | { readonly kind: 'back'; readonly minutes: number };

const daemon = fc.constantFrom(0 as const, 1 as const);
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('passes' as const),
      minutes: fc.oneof(
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 600, max: 6000 }),
      ),
      daemon,
      cause: fc.constantFrom('tick' as const, 'wake' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('ends' as const), exitCode: fc.constantFrom(0, 0, 1) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), daemon, child: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('child dies' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('back' as const), minutes: fc.integer({ min: 1, max: 300 }) }),
  },
);
const timing: fc.Arbitrary<Timing> = fc.oneof(
  fc.record({ kind: fc.constant('interval' as const), seconds: fc.integer({ min: 30, max: 7200 }) }),
  fc.record({
    kind: fc.constant('calendar' as const),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    weekday: fc.constant(null),
  }),
);

/** Plays a history and answers with how often each due time was started, and what the ledger says. */
function play(events: readonly Event[], rule: Timing, idempotent: boolean) {
  const database = memoryDatabase();
  const zone = zoneOf('Europe/Madrid');
  const spec = scheduleSpec('job', rule, { idempotent, recoveryPolicy: idempotent ? 'catchup' : 'none' });
  putSchedule(database, spec, { now: NOW, boot: 'boot', nextDueAt: null });
  const lives = [0, 0];
  const alive = new Set<string>();
  const owner = (index: 0 | 1): string => `${index + 1}@${lives[index]}`;
  alive.add(owner(0)).add(owner(1));
  const started = new Map<number, number>();
  let open: (Run & { readonly by: string; readonly child: string }) | undefined;
  let overlaps = 0;
  let now = NOW;
  let wentBack = false;
  for (const each of events) {
    if (each.kind === 'back') {
      now -= each.minutes * MINUTE;
      wentBack = true;
    } else if (each.kind === 'ends' && open !== undefined && alive.has(open.by)) {
      alive.delete(open.child);
      const end = { signal: null, timedOut: false, stopped: false, summary: '', error: '', durationMs: 1 };
      finish(database, open.id, { ...end, endedAt: now, exitCode: each.exitCode });
      open = undefined;
    } else if (each.kind === 'child dies' && open !== undefined && !alive.has(open.by)) {
      alive.delete(open.child);
      open = undefined;
    } else if (each.kind === 'crash') {
      alive.delete(owner(each.daemon));
      if (open !== undefined && !alive.has(open.by) && !each.child) {
        alive.delete(open.child);
        open = undefined;
      }
      lives[each.daemon] = (lives[each.daemon] ?? 0) + 1;
      alive.add(owner(each.daemon));
    } else if (each.kind === 'passes') {
      now += each.minutes * MINUTE;
      const by = owner(each.daemon);
      const moment: Moment = {
        now,
        zone,
        cause: each.cause,
        boot: 'boot',
        owner: by,
        isAlive: (id) => alive.has(id),
      };
      for (const run of runPass(database, moment, { sweep: true }).runs) {
        if (open !== undefined) overlaps += 1;
        // Now and then a daemon dies, or is stopped, before it has started what it claimed.
        if ((run.id + each.minutes) % 7 === 0) {
          giveBack(database, run);
          continue;
        }
        if (!adopt(database, run, { owner: by, now })) continue;
        const child = `100@${run.id}-${run.attempt}`;
        alive.add(child);
        recordChild(database, run.id, child);
        started.set(run.dueAt, (started.get(run.dueAt) ?? 0) + 1);
        open = { ...run, by, child };
      }
    }
  }
  const schedule = readSchedule(database, 'job');
  const slots = database.prepare('SELECT * FROM schedule_slots ORDER BY due_at').all();
  const gaps = database.prepare('SELECT * FROM schedule_gaps ORDER BY from_due_at').all();
  database.close();
  const cursor = schedule?.cursorAt ?? NOW;
  const due = schedule === undefined ? [] : dueBetween(schedule.rule, NOW, cursor, zone);
  return { started, slots, gaps, due, overlaps, wentBack };
}

describe('whatever happens', () => {
  it('each due time has one outcome, starts at most once, or twice when it was cut and may be repeated', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), timing, fc.boolean(), (events, rule, idempotent) => {
        const { started, slots, gaps, due, overlaps, wentBack } = play(events, rule, idempotent);
        expect(overlaps).toBe(0);
        for (const times of started.values()) expect(times).toBeLessThanOrEqual(idempotent ? 2 : 1);
        const own = new Set(slots.map((row) => Number(row.due_at)));
        const inGap = (time: number): number =>
          gaps.filter((gap) => Number(gap.from_due_at) <= time && time <= Number(gap.to_due_at)).length;
        // A clock that went back leaves times between where it was and where it came to; those are nobody's.
        const outcomes = due.map((time) => (own.has(time) ? 1 : inGap(time)));
        expect(outcomes.every((count) => count === 1 || (wentBack && count === 0))).toBe(true);
        const inGaps = gaps.reduce((sum, gap) => sum + Number(gap.count), 0);
        if (!wentBack) expect(own.size + inGaps).toBe(due.length);
        for (const time of own) expect(due.includes(time) || wentBack).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
