import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { oracleBetween } from '../../../test/support/schedule-oracle.ts';
import { countDue, dueBetween, lastDue, nextDue } from './calendar.ts';
import { zoneOf } from './zone.ts';

const ZONES = [
  'UTC',
  'Europe/Madrid',
  'Europe/London',
  'Europe/Dublin',
  'America/New_York',
  'America/Los_Angeles',
  'America/St_Johns',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Santiago',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Antarctica/Troll',
];

const calendar = fc.record({
  kind: fc.constant('calendar' as const),
  hour: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 23 })),
  minute: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 59 })),
  weekday: fc.option(fc.integer({ min: 0, max: 6 })),
});
const moment = fc.integer({ min: Date.UTC(2011, 0, 1), max: Date.UTC(2037, 0, 1) });

describe('calendar times', () => {
  it('are those of an independent implementation, over ten years in many zones', () => {
    const from = Date.UTC(2018, 5, 1);
    for (const [index, zone] of ZONES.entries()) {
      for (const timing of [
        { kind: 'calendar' as const, hour: index % 4, minute: 30, weekday: null },
        { kind: 'calendar' as const, hour: 0, minute: 0, weekday: 0 },
      ]) {
        const to = Date.UTC(2028, 5, 1);
        const ours = dueBetween({ timing, anchorMs: 0 }, from, to, zoneOf(zone));
        expect(ours, zone).toEqual(oracleBetween(timing, from, to, zone));
      }
    }
  }, 60_000);

  it('are those of an independent implementation, around any moment', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), calendar, moment, (zone, timing, from) => {
        const to = from + 20 * 86_400_000;
        const rule = { timing, anchorMs: 0 };
        const expected = oracleBetween(timing, from, to, zone);
        expect(dueBetween(rule, from, to, zoneOf(zone))).toEqual(expected);
        expect(nextDue(rule, from, zoneOf(zone))).toBe(expected[0] ?? nextDue(rule, to, zoneOf(zone)));
        expect(countDue(rule, from, to, zoneOf(zone))).toBe(expected.length);
      }),
      { numRuns: 300 },
    );
  });

  it('have a last one that is the one before the next', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), calendar, moment, (zone, timing, at) => {
        const rule = { timing, anchorMs: 0 };
        const last = lastDue(rule, at, zoneOf(zone));
        expect(last).toBeLessThanOrEqual(at);
        expect(nextDue(rule, (last ?? 0) - 1, zoneOf(zone))).toBe(last);
        expect(nextDue(rule, last ?? 0, zoneOf(zone))).toBeGreaterThan(at);
      }),
      { numRuns: 300 },
    );
  });
});

describe('intervals', () => {
  it('lie on a grid from their anchor, whatever the zone', () => {
    const seconds = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), seconds, moment, moment, (zone, every, anchorMs, at) => {
        const rule = { timing: { kind: 'interval' as const, seconds: every }, anchorMs };
        const next = nextDue(rule, at, zoneOf(zone)) ?? 0;
        expect((next - anchorMs) % (every * 1000)).toBe(0);
        expect(next).toBeGreaterThan(Math.max(at, anchorMs));
        expect(next - Math.max(at, anchorMs)).toBeLessThanOrEqual(every * 1000);
        const last = lastDue(rule, at, zoneOf(zone));
        if (last === undefined) expect(at).toBeLessThan(anchorMs + every * 1000);
        else expect(nextDue(rule, last, zoneOf(zone))).toBe(next);
      }),
    );
  });

  it('are counted without being listed', () => {
    const rule = { timing: { kind: 'interval' as const, seconds: 7 }, anchorMs: 1_000 };
    for (const [after, until] of [
      [0, 100_000],
      [8_000, 8_000],
      [8_000, 15_000],
      [7_999, 8_000],
      [50_000, 20_000],
    ] as const) {
      const listed = dueBetween(rule, after, until, zoneOf('UTC')).length;
      expect(countDue(rule, after, until, zoneOf('UTC'))).toBe(listed);
    }
    expect(countDue(rule, 0, 8e15, zoneOf('UTC'))).toBeGreaterThan(1e12);
  });
});
