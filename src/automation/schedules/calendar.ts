import type { Timing } from './timing.ts';
import type { Zone } from './zone.ts';

/**
 * When a schedule is due. All functions are pure: the zone and every moment come from outside, moments are
 * milliseconds since the epoch.
 *
 * A calendar time means the clock on the wall. Where the clocks go forward over it, it is due once, at the first moment
 * after the gap; where they go back over it, once, the first time. An interval counts real time from its anchor, so it
 * knows no summer time.
 */
export interface DueRule {
  readonly timing: Timing;
  /** Where an interval counts from: it is first due one interval later. */
  readonly anchorMs: number;
}

type Calendar = Extract<Timing, { kind: 'calendar' }>;

const DAY_MS = 86_400_000;
/** The latest moment that a date can hold, in milliseconds. */
const MAX_MS = 8.64e15;

/** The first due time after `after`; undefined for daemons, which have none, and at the end of all dates. */
export function nextDue(rule: DueRule, after: number, zone: Zone): number | undefined {
  const { timing } = rule;
  if (timing.kind === 'keep_alive') return undefined;
  if (timing.kind === 'interval') {
    const every = timing.seconds * 1000;
    const steps = Math.max(1, Math.floor((after - rule.anchorMs) / every) + 1);
    return within(rule.anchorMs + steps * every);
  }
  const step = timing.weekday === null ? 1 : 7;
  // One day early: a due time may have been moved into the next day by a gap at midnight.
  for (let day = firstDay(timing.weekday, localDay(after, zone) - 1 - (step - 1)); ; day += step) {
    if (Math.abs(day) * DAY_MS > MAX_MS - 2 * DAY_MS) return undefined;
    const due = instantOf(day, timing, zone);
    if (due > after) return due;
  }
}

/** The last due time at or before `at`, not before the anchor for an interval; undefined when there was none. */
export function lastDue(rule: DueRule, at: number, zone: Zone): number | undefined {
  const { timing } = rule;
  if (timing.kind === 'keep_alive') return undefined;
  if (timing.kind === 'interval') {
    const every = timing.seconds * 1000;
    const steps = Math.floor((at - rule.anchorMs) / every);
    return steps < 1 ? undefined : rule.anchorMs + steps * every;
  }
  const step = timing.weekday === null ? 1 : 7;
  for (let day = lastDay(timing.weekday, localDay(at, zone) + 1); ; day -= step) {
    if (Math.abs(day) * DAY_MS > MAX_MS - 2 * DAY_MS) return undefined;
    const due = instantOf(day, timing, zone);
    if (due <= at) return due;
  }
}

/** The due times in (after, until], oldest first; stops after `limit`. */
export function dueBetween(
  rule: DueRule,
  after: number,
  until: number,
  zone: Zone,
  limit = Number.POSITIVE_INFINITY,
): number[] {
  const found: number[] = [];
  let at = after;
  while (found.length < limit) {
    const due = nextDue(rule, at, zone);
    if (due === undefined || due > until) break;
    found.push(due);
    at = due;
  }
  return found;
}

/** How many due times lie in (after, until], without listing them. */
export function countDue(rule: DueRule, after: number, until: number, zone: Zone): number {
  const { timing } = rule;
  if (timing.kind === 'interval') {
    const every = timing.seconds * 1000;
    const upTo = (moment: number): number => Math.max(0, Math.floor((moment - rule.anchorMs) / every));
    return Math.max(0, upTo(until) - upTo(after));
  }
  const first = nextDue(rule, after, zone);
  const last = lastDue(rule, until, zone);
  if (timing.kind === 'keep_alive' || first === undefined || last === undefined || last < first) return 0;
  const [from, to] = [nominalDay(timing, first, zone), nominalDay(timing, last, zone)];
  // Where a zone leaves out a day, two due times fall together.
  if (from === undefined || to === undefined || leavesOutDay(first - 1, last, zone))
    return dueBetween(rule, after, until, zone).length;
  return (to - from) / (timing.weekday === null ? 1 : 7) + 1;
}

/**
 * What the clock on the wall was meant to show at a due time: `2026-03-29T02:30`. Undefined for an interval, and for a
 * moment that is none of its due times. After a journey west a date comes again with the same name.
 */
export function wallName({ timing }: DueRule, due: number, zone: Zone): string | undefined {
  if (timing.kind !== 'calendar') return undefined;
  const day = nominalDay(timing, due, zone);
  if (day === undefined) return undefined;
  return new Date(day * DAY_MS + (timing.hour * 60 + timing.minute) * 60_000).toISOString().slice(0, 16);
}

/** The day that a due time is for. Through a gap at midnight it falls into the next, through a missing day two later. */
function nominalDay(timing: Calendar, due: number, zone: Zone): number | undefined {
  const today = localDay(due, zone);
  return [today - 2, today - 1, today]
    .filter((day) => timing.weekday === null || weekdayOf(day) === timing.weekday)
    .find((day) => instantOf(day, timing, zone) === due);
}

function leavesOutDay(from: number, to: number, zone: Zone): boolean {
  for (let change = zone.nextChange(from, to); change !== undefined; change = zone.nextChange(change, to)) {
    if (Math.abs(zone.offsetAt(change) - zone.offsetAt(change - 1)) >= DAY_MS / 2) return true;
  }
  return false;
}

/** When the wall clock of day `day` first shows the time, or has just jumped over it. */
function instantOf(day: number, { hour, minute }: { hour: number; minute: number }, zone: Zone): number {
  const local = day * DAY_MS + (hour * 60 + minute) * 60_000;
  // No zone is further than a day from UTC, so all that can matter changes around here.
  const early = zone.offsetAt(local - DAY_MS);
  const late = zone.offsetAt(local + DAY_MS);
  const candidates = [...new Set([local - early, local - late])].sort((a, b) => a - b);
  for (const moment of candidates) if (moment + zone.offsetAt(moment) === local) return moment;
  return afterGap(local, zone);
}

/** The moment from which on the wall clock shows a later time than `local`, which it never shows. */
function afterGap(local: number, zone: Zone): number {
  let from = local - 2 * DAY_MS;
  const to = local + 2 * DAY_MS;
  for (;;) {
    const change = zone.nextChange(from, to);
    // Not in a gap after all: two changes within two days, between which the time is shown.
    if (change === undefined) return local - zone.offsetAt(local);
    const offsetBefore = zone.offsetAt(change - 1);
    if (local - offsetBefore < change && local - offsetBefore > from) return local - offsetBefore;
    if (change + offsetBefore <= local && change + zone.offsetAt(change) > local) return change;
    from = change;
  }
}

/** The number of the day that the wall clock shows, from 1970-01-01. */
function localDay(epochMs: number, zone: Zone): number {
  return Math.floor((epochMs + zone.offsetAt(epochMs)) / DAY_MS);
}

/** 1970-01-01 was a Thursday, which is 4. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function firstDay(weekday: number | null, from: number): number {
  return weekday === null ? from : from + ((weekday - weekdayOf(from) + 7) % 7);
}

function lastDay(weekday: number | null, from: number): number {
  return weekday === null ? from : from - ((weekdayOf(from) - weekday + 7) % 7);
}

function within(moment: number): number | undefined {
  return moment <= MAX_MS ? moment : undefined;
}
