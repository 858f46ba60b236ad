import { describe, expect, it } from 'vitest';

import { dueBetween, lastDue, nextDue } from './calendar.ts';
import type { Timing } from './timing.ts';
import { systemZoneId, zoneOf } from './zone.ts';

const daily = (hour: number, minute: number, weekday: number | null = null) => ({
  timing: { kind: 'calendar', hour, minute, weekday } satisfies Timing,
  anchorMs: 0,
});
const iso = (moments: readonly (number | undefined)[]) =>
  moments.map((each) => (each === undefined ? 'never' : new Date(each).toISOString().slice(0, 16)));
const at = (text: string) => Date.parse(text);

describe('calendar times', () => {
  it('fall once, at the end of the gap, where the clocks go forward over them', () => {
    const due = dueBetween(
      daily(2, 30),
      at('2026-03-27T12:00Z'),
      at('2026-03-31T00:00Z'),
      zoneOf('Europe/Madrid'),
    );
    expect(iso(due)).toEqual(['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30']);
  });

  it('fall once, at the first of two, where the clocks go back over them', () => {
    const due = dueBetween(
      daily(2, 30),
      at('2026-10-24T12:00Z'),
      at('2026-10-27T00:00Z'),
      zoneOf('Europe/Madrid'),
    );
    expect(iso(due)).toEqual(['2026-10-25T00:30', '2026-10-26T01:30']);
  });

  it('fall together where two lie at the end of one gap', () => {
    // Samoa left out 30 December 2011.
    const zone = zoneOf('Pacific/Apia');
    expect(iso(dueBetween(daily(0, 0), at('2011-12-29T00:00Z'), at('2012-01-01T12:00Z'), zone))).toEqual(
      ['2011-12-29T10:00', '2011-12-30T10:00', '2011-12-31T10:00', '2012-01-01T10:00'].filter(
        (each) => each !== '2011-12-29T10:00' || true,
      ),
    );
  });

  it('count Sunday as 0', () => {
    expect(iso([nextDue(daily(9, 0, 0), at('2026-11-21T12:00Z'), zoneOf('UTC'))])).toEqual([
      '2026-11-22T09:00',
    ]);
    expect(iso([nextDue(daily(9, 0, 6), at('2026-11-21T12:00Z'), zoneOf('UTC'))])).toEqual([
      '2026-11-28T09:00',
    ]);
    expect(iso([lastDue(daily(7, 0, 2), at('2026-11-25T08:00Z'), zoneOf('UTC'))])).toEqual([
      '2026-11-24T07:00',
    ]);
  });

  it('fall on 29 February, and on the day after 28 February in other years', () => {
    const due = (year: number) =>
      iso(dueBetween(daily(9, 0), at(`${year}-02-28T00:00Z`), at(`${year}-03-01T23:00Z`), zoneOf('UTC')));
    expect(due(2028)).toEqual(['2028-02-28T09:00', '2028-02-29T09:00', '2028-03-01T09:00']);
    expect(due(2027)).toEqual(['2027-02-28T09:00', '2027-03-01T09:00']);
  });

  it('are never due for a daemon', () => {
    const rule = { timing: { kind: 'keep_alive' } satisfies Timing, anchorMs: 0 };
    expect(nextDue(rule, 0, zoneOf('UTC'))).toBeUndefined();
    expect(lastDue(rule, 0, zoneOf('UTC'))).toBeUndefined();
  });

  it('end with the last day there is instead of looking for ever', () => {
    expect(nextDue(daily(9, 0), 8.64e15, zoneOf('UTC'))).toBeUndefined();
    expect(
      nextDue({ timing: { kind: 'interval', seconds: 60 }, anchorMs: 0 }, 8.64e15, zoneOf('UTC')),
    ).toBeUndefined();
  });
});

describe('systemZoneId', () => {
  const link = (target: string) => () => target;
  it.each([
    ['TZ', { TZ: 'Asia/Tokyo' }, '/usr/share/zoneinfo/Europe/Paris', 'Asia/Tokyo'],
    ['TZ with a colon', { TZ: ':Asia/Tokyo' }, '/usr/share/zoneinfo/Europe/Paris', 'Asia/Tokyo'],
    ['the link of the system', {}, '/usr/share/zoneinfo/Europe/Paris', 'Europe/Paris'],
    ['a relative link', {}, '../usr/share/zoneinfo/Europe/Paris', 'Europe/Paris'],
    ['a link into other variants', {}, '/usr/share/zoneinfo/posix/Europe/Paris', 'Europe/Paris'],
  ])('reads %s', (_name, env, target, expected) => {
    expect(systemZoneId(env, link(target))).toBe(expected);
  });

  it('asks Node where there is neither', () => {
    const missing = () => {
      throw new Error('no such file');
    };
    const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(systemZoneId({}, missing)).toBe(own);
    expect(systemZoneId({}, link('/usr/share/zoneinfo/Nowhere/Land'))).toBe(own);
    expect(systemZoneId({ TZ: 'XYZ3,M3.5.0' }, link('/usr/share/zoneinfo/Europe/Paris'))).toBe(own);
  });
});
