import { describe, expect, it } from 'vitest';

import { readinessOf } from './readiness.ts';

describe('readiness', () => {
  const tasks = [
    { id: 1, status: 'completed' },
    { id: 2, status: 'pending', deps: [1] },
    { id: 3, status: 'pending', deps: [2, 1] },
    { id: 4, status: 'pending', deps: [4] },
    { id: 5, status: 'pending', deps: [99] },
    { id: 6, status: 'in_progress', deps: [1] },
    { id: 7, status: 'pending' },
  ];

  it('is given to a pending task whose dependencies are all completed, and to no other', () => {
    const { ready, completed } = readinessOf(tasks);
    expect({ ready, completed }).toEqual({ ready: [2, 7], completed: 1 });
  });

  it('names what a task waits for, a missing task and itself included', () => {
    const { waitsFor } = readinessOf(tasks);
    expect(tasks.map(waitsFor)).toEqual([[], [], [2], [4], [99], [], []]);
  });
});
