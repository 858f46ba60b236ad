import { afterEach, describe, expect, it } from 'vitest';

import { systemClock } from '../base/clock.ts';
import { type Log, openLog } from '../base/log.ts';
import type { DaemonPart, PartContext } from './part.ts';
import { type SupervisedPart, supervise } from './supervise.ts';

const lines: string[] = [];
const log: Log = await openLog({ to: { write: (line) => lines.push(line) } });
// The parts in here use nothing else of it.
const context = { clock: systemClock, log } as PartContext;

let supervised: SupervisedPart | undefined;
afterEach(async () => {
  await supervised?.stop(0);
  lines.length = 0;
});

function start(part: DaemonPart): SupervisedPart {
  supervised = supervise({ part, context, log, pausesMs: [1] });
  return supervised;
}

/** A part whose lives are given one by one. */
function partOf(lives: readonly (() => ReturnType<DaemonPart['start']>)[]): DaemonPart {
  let at = 0;
  return { name: 'test', start: () => (lives[at++] ?? lives.at(-1) ?? (() => new Promise(() => {})))() };
}

const good = { ready: Promise.resolve(), stop: async () => {} };

describe('a supervised part', () => {
  it('is ready once it says so, and not any more when it is stopped', async () => {
    const ready = Promise.withResolvers<void>();
    const graces: number[] = [];
    const part = start(
      partOf([async () => ({ ready: ready.promise, stop: async (ms) => void graces.push(ms) })]),
    );
    expect(part.status()).toMatchObject({ name: 'test', ready: false, restarts: 0 });
    ready.resolve();
    await expect.poll(() => part.status().ready).toBe(true);
    await part.stop(1234);
    expect(part.status().ready).toBe(false);
    expect(graces).toEqual([1234]);
  });

  it.each([
    ['cannot start', () => Promise.reject(new Error('no port'))],
    ['is never ready', async () => ({ ...good, ready: Promise.reject(new Error('no port')) })],
    ['ends by itself', async () => ({ ...good, ended: Promise.resolve() })],
    ['fails later', async () => ({ ...good, ended: Promise.reject(new Error('no port')) })],
  ])('is started again when it %s', async (_name, first) => {
    const part = start(partOf([first, async () => good]));
    await expect.poll(() => part.status()).toMatchObject({ ready: true, restarts: 1 });
    expect(lines.join('')).toContain('started again');
  });

  it('says why it is not ready', async () => {
    const part = start(partOf([() => Promise.reject(new Error('no port'))]));
    await expect.poll(() => part.status().detail).toBe('failed: no port');
  });

  it('cleans up behind a life that failed', async () => {
    const stops: number[] = [];
    const failing = async () => ({
      ready: Promise.reject(new Error('no')),
      stop: async (ms: number) => void stops.push(ms),
    });
    const part = start(partOf([failing, async () => good]));
    await expect.poll(() => part.status().ready).toBe(true);
    expect(stops).toEqual([0]);
  });

  it('can be stopped while it starts, and is stopped then', async () => {
    const started = Promise.withResolvers<void>();
    const stops: number[] = [];
    const part = start(
      partOf([
        async () => {
          await started.promise;
          return { ready: new Promise(() => {}), stop: async (ms) => void stops.push(ms) };
        },
      ]),
    );
    const stopped = part.stop(5);
    started.resolve();
    await stopped;
    expect(stops).toEqual([5]);
  });

  it('is over even when stopping it fails', async () => {
    const part = start(partOf([async () => ({ ...good, stop: () => Promise.reject(new Error('stuck')) })]));
    await expect.poll(() => part.status().ready).toBe(true);
    await part.stop(0);
    expect(lines.join('')).toContain('did not stop cleanly');
  });
});
