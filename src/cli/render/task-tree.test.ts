import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { renderTaskTree, type ShownTask } from './task-tree.ts';
import { createView } from './view.ts';

const file = createView({ isTerminal: false, columns: undefined, write: () => {} }, {});
const terminal = (columns: number) =>
  createView({ isTerminal: true, columns, write: () => {} }, { NO_COLOR: '1' });

function task(id: number, status: ShownTask['status'], deps: number[] = [], title = `Task ${id}`): ShownTask {
  return { id, title, status, deps };
}

describe('renderTaskTree', () => {
  it('puts a task below the one that it waits for', () => {
    const tasks = [
      task(1, 'completed'),
      { ...task(2, 'in_progress', [1]), owner: 'engineer' },
      task(3, 'pending', [2]),
      task(4, 'pending', [1]),
      task(5, 'pending', [3, 4]),
    ];
    expect(renderTaskTree(tasks, file)).toEqual([
      '  ✓ 1 Task 1',
      '  ├─ ▸ 2 Task 2  in progress · engineer',
      '  │  └─ ◌ 3 Task 3  waits for 2',
      '  └─ ○ 4 Task 4  ready',
      '     └─ ◌ 5 Task 5  waits for 3, 4',
    ]);
  });

  it('says what keeps a task from ever being ready', () => {
    expect(
      renderTaskTree([task(1, 'pending', [2]), task(2, 'pending', [1, 2]), task(3, 'pending', [8, 9])], file),
    ).toEqual([
      '  ◌ 1 Task 1  waits for 2',
      '  └─ ◌ 2 Task 2  waits for 1, 2',
      '  ◌ 3 Task 3  needs 8, 9, which are not there',
    ]);
  });

  it('moves the note below the title where the line is too short', () => {
    const tasks = [task(1, 'pending'), task(2, 'pending', [1], 'A title that takes nearly all of it')];
    expect(renderTaskTree(tasks, terminal(40))).toEqual([
      '  ○ 1 Task 1  ready',
      '  └─ ◌ 2 A title that takes nearly all…',
      '         waits for 1',
    ]);
  });

  it('draws with plain characters where the terminal has no others', () => {
    const dumb = createView({ isTerminal: false, columns: undefined, write: () => {} }, { TERM: 'dumb' });
    expect(renderTaskTree([task(1, 'completed'), task(2, 'pending', [1])], dumb)).toEqual([
      '  x 1 Task 1',
      '  `- o 2 Task 2  ready',
    ]);
  });

  it('shows every task once, whatever depends on what, doubled numbers included', () => {
    const anyTask = fc.record({
      id: fc.integer({ min: 1, max: 12 }),
      title: fc.constant('t'),
      status: fc.constantFrom('pending', 'in_progress', 'completed'),
      deps: fc.array(fc.integer({ min: 1, max: 14 }), { maxLength: 4 }),
    }) as fc.Arbitrary<ShownTask>;
    fc.assert(
      fc.property(fc.array(anyTask, { maxLength: 20 }), (tasks) => {
        const lines = renderTaskTree(tasks, file);
        const ids = lines.map((line) => Number(/(\d+) t/.exec(line)?.[1]));
        expect(ids.sort()).toEqual(tasks.map(({ id }) => id).sort());
      }),
    );
  });

  it('is done with a chain of ten thousand tasks, and does not march off the screen', () => {
    const chain = Array.from({ length: 10_000 }, (_, at) => task(at + 1, 'pending', at === 0 ? [] : [at]));
    const lines = renderTaskTree(chain, terminal(80));
    expect(lines.length).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
