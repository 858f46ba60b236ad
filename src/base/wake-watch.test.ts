import { afterEach, describe, expect, it } from 'vitest';

import { type WakeEvent, type WakeWatch, watchWake } from './wake-watch.ts';

describe('the wake watch', () => {
  let watch: WakeWatch | undefined;
  afterEach(() => watch?.stop());

  function start() {
    const time = { wall: 1_000_000, steady: 50 };
    const seen: WakeEvent[] = [];
    watch = watchWake({
      clock: { now: () => time.wall },
      monotonic: () => time.steady,
      intervalMs: 2_000,
      thresholdMs: 5_000,
    });
    watch.on((event) => seen.push(event));
    /** Both clocks go on, the wall clock by `wall`, the steady one by `steady`; then the watch looks. */
    const pass = (wall: number, steady: number) => {
      time.wall += wall;
      time.steady += steady;
      watch?.check();
      return seen.splice(0);
    };
    return pass;
  }

  it('says nothing while both clocks go on, however late it looks within reason', () => {
    const pass = start();
    expect(pass(2_000, 2_000)).toEqual([]);
    expect(pass(6_500, 6_500)).toEqual([]);
    expect(pass(2_400, 2_000)).toEqual([]);
    expect(pass(1_000, 2_000)).toEqual([]);
  });

  it('notices a sleep that the steady clock did not count', () => {
    const pass = start();
    expect(pass(3_602_000, 2_000)).toEqual([{ kind: 'wake', jumpMs: 3_600_000, at: 4_602_000 }]);
    expect(pass(2_000, 2_000)).toEqual([]);
  });

  it('notices a pause that both clocks counted', () => {
    const pass = start();
    expect(pass(62_000, 62_000)).toEqual([{ kind: 'wake', jumpMs: 60_000, at: 1_062_000 }]);
  });

  it('notices a clock that was set back, and counts from there', () => {
    const pass = start();
    expect(pass(-58_000, 2_000)).toEqual([{ kind: 'clock-back', jumpMs: -60_000, at: 942_000 }]);
    expect(pass(2_000, 2_000)).toEqual([]);
  });

  it('tells everybody who listens, and nobody who stopped', () => {
    const pass = start();
    const others: number[] = [];
    const off = watch?.on(({ jumpMs }) => others.push(jumpMs));
    pass(12_000, 2_000);
    off?.();
    pass(12_000, 2_000);
    expect(others).toEqual([10_000]);
  });
});
