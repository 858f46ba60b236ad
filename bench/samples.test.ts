import { expect, it } from 'vitest';

import { type Contender, contendersOf } from './contenders.ts';
import { interleave, summarise } from './samples.ts';

const contenders = contendersOf({ nexo: '', reference: '', floor: '' });

it('takes the middle, or the mean of the two in the middle', () => {
  expect(summarise([9, 1, 5])).toEqual({ kind: 'samples', median: 5, min: 1, max: 9, count: 3 });
  expect(summarise([4, 1, 2, 9])).toMatchObject({ median: 3, count: 4 });
});

it('measured nothing is a failure, not a zero', () => {
  expect(summarise([])).toEqual({ kind: 'failed', reason: 'nothing was measured' });
});

it('lets each contender begin in turn and leaves the warm-ups out', async () => {
  const order: string[] = [];
  const readings = await interleave(
    contenders,
    { warmups: 1, rounds: 2 },
    async ({ name }: Contender, round) => {
      order.push(`${round} ${name}`);
      return round < 0 ? 1_000 : round;
    },
  );
  expect(order).toEqual([
    '-1 nexo',
    '-1 reference',
    '-1 floor',
    '0 reference',
    '0 floor',
    '0 nexo',
    '1 floor',
    '1 nexo',
    '1 reference',
  ]);
  expect(readings.nexo).toMatchObject({ count: 2, max: 1 });
});

it('goes on with the others when one fails', async () => {
  const readings = await interleave(contenders, { warmups: 0, rounds: 3 }, async ({ name }, round) => {
    if (name === 'reference' && round === 1) throw new Error('it ended with SIGKILL');
    return 1;
  });
  expect(readings.reference).toEqual({ kind: 'failed', reason: 'it ended with SIGKILL' });
  expect(readings.floor).toMatchObject({ count: 3 });
});

it('does with three rounds when the time is up', async () => {
  const readings = await interleave(contenders, { warmups: 2, rounds: 100, longestMs: 0 }, async () => 1);
  expect(readings.nexo).toMatchObject({ count: 3 });
});
