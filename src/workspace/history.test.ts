import { appendFileSync, linkSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import {
  call,
  failureOf,
  HISTORY,
  newStateProject,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { findListTail } from '../base/json-document.ts';
import { loadHistoryIndex } from './history.ts';
import type { Workspace } from './workspace.ts';

const LAST_GOOD = '.nexus/state/nexo/last-good/history.json';
const INDEX = '.nexus/state/nexo/history-index.json';

const close = (workspace: Workspace): Promise<Record<string, unknown>> => call(workspace, 'task_close');
const cyclesOf = (project: StateProject): Record<string, unknown>[] =>
  (project.json(HISTORY) as { cycles: Record<string, unknown>[] }).cycles;

/** Layouts of a history that other programs, people and merges leave behind; every one is valid JSON. */
const LAYOUTS: Readonly<Record<string, string>> = {
  'an empty object': '{}',
  'an empty list': '{"cycles":[]}',
  'an empty list, spread out': '{\n  "cycles": [\n  ]\n}\n',
  'no line end at the end': '{"cycles":[{"branch":"a"}]}',
  minified: '{"schema_version":"0.5","cycles":[{"branch":"a"},{"branch":"b"}]}',
  'white space everywhere': ' \n{ \t"cycles" : [ {"branch":"a"} , {"branch":"b"} ] } \n\n',
  'Windows line ends': '{\r\n  "cycles": [\r\n    {\r\n      "branch": "a"\r\n    }\r\n  ]\r\n}\r\n',
  'members behind the list': '{"cycles":[{"branch":"ä"}],"after":{"ö":["]}"]},"last":"🌲"}',
  'an empty list with members behind it': '{"cycles":[],"after":"]}, äöü"}',
  'letters of several bytes before, in and behind the list':
    '{"über":"日本語","cycles":[{"branch":"ñ","plan":{"topic":"🌲🌲"}}],"nach":"ß"}',
  'members but no list': '{"schema_version":"0.5","note":"ä"}',
  'cycles of earlier releases':
    '{"cycles":[{},{"completed_at":"2020","plan":null},{"tasks":[]},{"plan":{"issues":[]}}]}',
  'the same text twice': '{"cycles":[{},{}],"x":[{},{}]}',
  'an escaped key': '{"cy\\u0063les":[{"branch":"a"}]}',
  'numbers that JavaScript cannot hold':
    '{"cycles":[{"n":1e400,"big":12345678901234567890,"f":1.0}],"v":1.00}',
};

describe('appending a cycle', () => {
  it.each(Object.entries(LAYOUTS))('keeps every byte before the new one: %s', async (_name, text) => {
    const project = newStateProject();
    project.write(HISTORY, text);
    const before = JSON.parse(text) as { cycles?: unknown[] };
    // In one process, then in another that knows only what the first left, then in one that knows nothing.
    await close(project.workspace);
    await close(project.workspace);
    await close(project.reopen());
    project.write(INDEX, '');
    expect(await close(project.reopen())).toMatchObject({ total_cycles: (before.cycles?.length ?? 0) + 4 });
    const after = project.json(HISTORY) as { cycles: object[] };
    expect({ ...after, cycles: after.cycles.slice(0, -4) }).toEqual({
      ...before,
      cycles: before.cycles ?? [],
    });
    expect(after.cycles.slice(-4)).toMatchObject(
      Array(4).fill({ schema_version: '0.5', branch: 'unknown', plan: null, tasks: [] }),
    );
    const tail = findListTail(text, 'cycles');
    if (tail === undefined) return;
    expect(project.text(HISTORY).startsWith(text.slice(0, text.length - tail.text.length))).toBe(true);
    if (!tail.isEmpty) expect(project.text(HISTORY).endsWith(tail.text)).toBe(true);
  });

  it('does not read a long history again for each cycle, in any process', async () => {
    const project = newStateProject();
    const cycle = { completed_at: 't', branch: 'b', plan: null, tasks: [], pad: 'ä'.repeat(1000) };
    project.write(HISTORY, { cycles: Array.from({ length: 500 }, () => cycle) });
    await close(project.workspace);
    for (const open of [() => project.workspace, () => project.reopen()]) {
      const { fs, calls } = faultyFileSystem();
      const workspace = open();
      await close({ ...workspace, fs });
      const reads = calls.filter(
        ({ name, target }) => name === 'openSync' && target.endsWith('/history.json'),
      );
      expect(reads).toEqual([]);
    }
    expect(cyclesOf(project)).toHaveLength(503);
  });

  it('appends behind a tail that is longer than any that is remembered', async () => {
    const project = newStateProject();
    project.write(HISTORY, `{"cycles":[{"branch":"a"}],"notes":"${'ü'.repeat(60_000)}"}`);
    for (let n = 0; n < 3; n += 1) await close(n === 1 ? project.reopen() : project.workspace);
    expect(cyclesOf(project)).toHaveLength(4);
    expect(project.json(HISTORY)).toMatchObject({ notes: 'ü'.repeat(60_000) });
  });

  it('sees what others did to the file since: new cycles, fewer, none', async () => {
    const project = newStateProject();
    const { workspace } = project;
    await close(workspace);
    await close(project.reopen());
    expect(await close(workspace)).toMatchObject({ total_cycles: 3 });
    project.write(HISTORY, '{"cycles":[{"plan":{"id":20}}]}');
    expect(
      await call(workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' }),
    ).toMatchObject({ plan_id: 21 });
    expect(await close(workspace)).toMatchObject({ total_cycles: 2 });
    // In place and of the same length.
    writeFileSync(project.path(HISTORY), project.text(HISTORY).replace('"id":20', '"id":99'));
    expect(
      await call(workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' }),
    ).toMatchObject({ plan_id: 100 });
  });

  it.each([
    ['emptied', (path: string) => truncateSync(path, 0)],
    ['cut off', (path: string) => truncateSync(path, 30)],
    ['continued', (path: string) => appendFileSync(path, ' ,')],
    ['rewritten', (path: string) => writeFileSync(path, '{"cycles":[{"branch":"theirs"}]}')],
  ])(
    'refuses when the file is %s right after our own look at it, and keeps the work',
    async (_name, meddle) => {
      const project = newStateProject();
      await close(project.workspace);
      await call(project.workspace, 'task_add', { title: 'x', context: 'y' });
      const { fs } = project.workspace;
      const workspace: Workspace = {
        ...project.workspace,
        fs: {
          ...fs,
          copyFileSync: (from, to, mode) => {
            meddle(project.path(HISTORY));
            fs.copyFileSync(from, to, mode);
          },
        },
      };
      expect((await failureOf(close(workspace))).code).toBe('FILE_CHANGED');
      expect(await call(project.workspace, 'task_list')).toMatchObject({ summary: { total: 1 } });
      expect(project.has(TASKS)).toBe(true);
    },
  );

  it('gives the order of closing, and leaves the mode and other names of the file alone', async () => {
    const project = newStateProject();
    await close(project.workspace);
    linkSync(project.path(HISTORY), project.path('snapshot.json'));
    const before = readFileSync(project.path('snapshot.json'), 'utf8');
    for (let n = 0; n < 3; n += 1) await close(project.workspace);
    expect(readFileSync(project.path('snapshot.json'), 'utf8')).toBe(before);
    const times = cyclesOf(project).map(({ completed_at }) => completed_at);
    expect(times).toEqual([...times].sort());
    expect(statSync(project.path(HISTORY)).mode & 0o777).toBe(
      statSync(project.path('snapshot.json')).mode & 0o777,
    );
  });
});

describe('the remembered index', () => {
  it.each([
    [
      'a file of another project',
      (index: Record<string, unknown>) => ({
        ...index,
        identity: { ...(index.identity as object), ino: '1' },
      }),
    ],
    ['another version', (index: Record<string, unknown>) => ({ ...index, version: 2 })],
    [
      'a tail that would not close the file',
      (index: Record<string, unknown>) => ({ ...index, tail: { text: ']', isEmpty: false } }),
    ],
    ['a number of cycles that is none', (index: Record<string, unknown>) => ({ ...index, cycles: -1 })],
  ])('is not believed when it is that of %s', async (_name, change) => {
    const project = newStateProject();
    await call(project.workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' });
    await close(project.workspace);
    project.write(INDEX, change(project.json(INDEX) as Record<string, unknown>));
    expect(loadHistoryIndex(project.reopen())).toMatchObject({ cycles: 1, highestPlanId: 1 });
    expect(await close(project.reopen())).toMatchObject({ total_cycles: 2 });
    expect(cyclesOf(project)).toHaveLength(2);
  });
});

describe('the last good copy of the history', () => {
  it('never shares its file with the history itself', async () => {
    const project = newStateProject();
    for (let n = 0; n < 3; n += 1) {
      await close(project.workspace);
      if (!project.has(LAST_GOOD)) continue;
      expect(statSync(project.path(LAST_GOOD)).ino).not.toBe(statSync(project.path(HISTORY)).ino);
      expect(statSync(project.path(HISTORY)).nlink).toBe(1);
    }
    expect(project.has(LAST_GOOD)).toBe(true);
  });

  it('stays as it was when an append fails, and never holds a cycle that was not added', async () => {
    const project = newStateProject();
    for (let n = 0; n < 3; n += 1) await close(project.workspace);
    await call(project.workspace, 'task_add', { title: 'still open', context: 'y' });
    const copy = project.text(LAST_GOOD);
    const { fs } = project.workspace;
    const renameSync: typeof fs.renameSync = (from, to) => {
      if (to === project.path(HISTORY)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      fs.renameSync(from, to);
    };
    expect((await failureOf(close(project.reopen({ fs: { ...fs, renameSync } })))).code).toBe('IO_FAILED');
    expect(project.text(LAST_GOOD)).toBe(copy);
    expect(project.text('.nexus/state/nexo/last-good/history-last-cycle.json')).not.toContain('still open');
    expect(statSync(project.path(HISTORY)).nlink).toBe(1);
    expect(await call(project.reopen(), 'task_list')).toMatchObject({ summary: { total: 1 } });
  });
});
