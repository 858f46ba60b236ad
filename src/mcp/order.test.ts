import { describe, expect, it } from 'vitest';

import { CallOrder } from './order.ts';

/** A call that notes when it starts and ends by hand. */
function step(order: CallOrder, kind: 'read' | 'change', name: string, log: string[]) {
  const gate = Promise.withResolvers<void>();
  const done = order.run(kind, async () => {
    log.push(`${name} starts`);
    await gate.promise;
    log.push(`${name} ends`);
  });
  return { done, finish: gate.resolve, fail: gate.reject };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('CallOrder', () => {
  it('lets reads run side by side and a change wait for them', async () => {
    const log: string[] = [];
    const order = new CallOrder();
    const [one, two] = [step(order, 'read', 'one', log), step(order, 'read', 'two', log)];
    const change = step(order, 'change', 'change', log);
    await turn();
    expect(log).toEqual(['one starts', 'two starts']);
    two.finish();
    one.finish();
    await turn();
    expect(log.at(-1)).toBe('change starts');
    change.finish();
    await change.done;
  });

  it('lets a read see the change that was sent before it', async () => {
    const log: string[] = [];
    const order = new CallOrder();
    const change = step(order, 'change', 'change', log);
    const read = step(order, 'read', 'read', log);
    await turn();
    expect(log).toEqual(['change starts']);
    change.finish();
    await turn();
    expect(log).toEqual(['change starts', 'change ends', 'read starts']);
    read.finish();
    await read.done;
  });

  it('goes on after a call that failed, and hands the failure to its caller alone', async () => {
    const log: string[] = [];
    const order = new CallOrder();
    const broken = step(order, 'change', 'broken', log);
    const next = step(order, 'change', 'next', log);
    broken.fail(new Error('no'));
    await expect(broken.done).rejects.toThrow('no');
    next.finish();
    await next.done;
    expect(log).toEqual(['broken starts', 'next starts', 'next ends']);
  });
});
