import { Temporal } from 'temporal-polyfill';

import type { Timing } from '../../src/automation/schedules/timing.ts';

type Calendar = Extract<Timing, { kind: 'calendar' }>;

/** When a wall-clock time is due on a date, by an implementation of the calendar that is not ours. */
function dueOn(date: Temporal.PlainDate, { hour, minute }: Calendar, zone: string): number {
  const wanted = date.toPlainDateTime({ hour, minute });
  const exact = wanted.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (exact.toPlainDateTime().equals(wanted)) return exact.epochMilliseconds;
  // In a gap: "earlier" is the same distance before it, so the change lies ahead of it.
  return exact.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.NaN;
}

/** The due times in (from, to], oldest first. */
export function oracleBetween(timing: Calendar, from: number, to: number, zone: string): number[] {
  const start = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).toPlainDate();
  const end = Temporal.Instant.fromEpochMilliseconds(to).toZonedDateTimeISO(zone).toPlainDate();
  const last = end.add({ days: 2 });
  const found = new Set<number>();
  let date = start.subtract({ days: 2 });
  const step = timing.weekday === null ? 1 : 7;
  if (timing.weekday !== null) date = date.add({ days: (timing.weekday - (date.dayOfWeek % 7) + 7) % 7 });
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: step })) {
    const due = dueOn(date, timing, zone);
    if (due > from && due <= to) found.add(due);
  }
  return [...found].sort((a, b) => a - b);
}
