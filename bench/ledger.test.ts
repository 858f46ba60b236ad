import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { judge } from './ledger.ts';
import { seed } from './scratch.ts';

let project = '';

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'nexo-ledger-'));
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

const tasks = (...list: readonly [id: number, title: string][]) => list.map(([id, title]) => ({ id, title }));

it('finds acknowledged tasks that are still open and those in a closed cycle', () => {
  seed(project, 'tasks', JSON.stringify({ tasks: tasks([1, 'open']) }));
  seed(project, 'history', JSON.stringify({ cycles: [{ tasks: tasks([1, 'closed']) }] }));
  expect(judge(project, ['open', 'closed'])).toEqual({ lost: 0, doubled: 0, duplicateIds: 0 });
});

it('counts what was acknowledged and is in no file as lost', () => {
  seed(project, 'tasks', JSON.stringify({ tasks: tasks([1, 'there']) }));
  expect(judge(project, ['there', 'gone', 'gone too'])).toEqual({ lost: 2, doubled: 0, duplicateIds: 0 });
});

it('counts a task that is in a cycle and still open as doubled', () => {
  seed(project, 'tasks', JSON.stringify({ tasks: tasks([1, 'twice']) }));
  seed(project, 'history', JSON.stringify({ cycles: [{ tasks: tasks([1, 'twice']) }] }));
  expect(judge(project, ['twice'])).toEqual({ lost: 0, doubled: 1, duplicateIds: 0 });
});

it('counts ids that two tasks of one list share', () => {
  seed(project, 'tasks', JSON.stringify({ tasks: tasks([1, 'a'], [1, 'b'], [2, 'c']) }));
  expect(judge(project, ['a', 'b', 'c'])).toEqual({ lost: 0, doubled: 0, duplicateIds: 1 });
});

it('throws when a state file cannot be read, so that a torn file is no clean result', () => {
  seed(project, 'tasks', '{"tasks":[');
  expect(() => judge(project, ['a'])).toThrow(SyntaxError);
});
