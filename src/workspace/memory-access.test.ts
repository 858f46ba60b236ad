import { mkdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import { failureOf, newStateProject, type StateProject } from '../../test/support/state-project.ts';
import { recordMemoryRead } from './memory-access.ts';
import { readMemoryAccess } from './memory-report.ts';
import { appendToolLog } from './tool-log.ts';
import { filesTouchedBy, readToolLog } from './tool-report.ts';

const log = (harness: string): string => `.nexus/state/${harness}/memory-access.jsonl`;

let project: StateProject;
beforeEach(() => {
  project = newStateProject({ harnessId: 'claude-nexo' });
});

const read = (path: string, agent = 'a-1'): Promise<unknown> =>
  recordMemoryRead(project.workspace, { path, agent });

describe('recordMemoryRead', () => {
  it('counts the reads of a file, however its path is spelled', async () => {
    const path = '.nexus/memory/note.md';
    expect(await read(path)).toEqual({
      path,
      last_accessed_ts: '2026-05-01T09:00:00.000Z',
      access_count: 1,
      last_agent: 'a-1',
    });
    await read(project.path(path), 'a-2');
    await read('./.nexus/context/../memory/note.md', '');
    await read('.nexus\\memory\\note.md', 'a-3');
    await read('.nexus/memory/other.md');
    expect(
      project
        .text(log('claude-nexo'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { path, last_accessed_ts: '2026-05-01T09:00:03.000Z', access_count: 4, last_agent: 'a-3' },
      {
        path: '.nexus/memory/other.md',
        last_accessed_ts: '2026-05-01T09:00:04.000Z',
        access_count: 1,
        last_agent: 'a-1',
      },
    ]);
  });

  it.each([
    '.nexus/context/a.md',
    'memory/a.md',
    '/etc/passwd',
    '.nexus/memory/../state/plan.json',
    '..',
    '',
    '.nexus/memory',
  ])('refuses %j', async (path) => {
    expect((await failureOf(read(path))).code).toBe('INPUT_INVALID');
    expect(project.has('.nexus')).toBe(false);
  });

  it('begins at 1 again when the count is no count', async () => {
    for (const count of ['-4', '1.5', '"7"', '1e999', 'null']) {
      project.write(log('claude-nexo'), `{"path":".nexus/memory/a.md","access_count":${count}}\n`);
      expect(await read('.nexus/memory/a.md')).toMatchObject({ access_count: 1 });
    }
  });

  it('counts every one of many reads at once', async () => {
    const workspaces = [project.workspace, project.reopen(), project.reopen()];
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        recordMemoryRead(workspaces[n % 3] ?? project.workspace, {
          path: `.nexus/memory/${n % 2}.md`,
          agent: 'a',
        }),
      ),
    );
    expect(readMemoryAccess(project.workspace).map(({ access_count }) => access_count)).toEqual([30, 30]);
  });
});

describe('readMemoryAccess', () => {
  const line = (path: string, count: number, ts: string, agent: string): string =>
    JSON.stringify({ path, access_count: count, last_accessed_ts: ts, last_agent: agent });

  it('adds up what harnesses counted and keeps the newest reader', () => {
    project.write(
      log('claude-nexo'),
      `${line('.nexus/memory/a.md', 2, '2026-01-02T00:00:00Z', 'new')}\n{torn\n`,
    );
    project.write(
      log('codex-nexo'),
      [
        line(project.path('.nexus/memory/a.md'), 3, '2026-01-01T00:00:00Z', 'old'),
        line('.nexus/memory/b.md', 1, '2026-01-01T00:00:00Z', 'b'),
        line('.nexus/memory/a.md', 4, '2026-01-01T00:00:00Z', 'older line'),
        '{"path":"x"}',
      ].join('\n'),
    );
    expect(readMemoryAccess(project.workspace)).toEqual([
      {
        path: '.nexus/memory/a.md',
        access_count: 9,
        last_accessed_ts: '2026-01-02T00:00:00Z',
        last_agent: 'new',
      },
      {
        path: '.nexus/memory/b.md',
        access_count: 1,
        last_accessed_ts: '2026-01-01T00:00:00Z',
        last_agent: 'b',
      },
    ]);
  });

  it('compares moments, not their spelling', () => {
    project.write(log('a'), `${line('.nexus/memory/a.md', 1, '2026-01-01T10:00:00+02:00', 'earlier')}\n`);
    project.write(log('b'), `${line('.nexus/memory/a.md', 1, '2026-01-01T09:00:00Z', 'later')}\n`);
    expect(readMemoryAccess(project.workspace)).toMatchObject([{ last_agent: 'later', access_count: 2 }]);
  });

  it('fails rather than counting too little when a log cannot be read', () => {
    mkdirSync(project.path(log('claude-nexo')), { recursive: true });
    expect(() => readMemoryAccess(project.workspace)).toThrow(
      expect.objectContaining({ code: 'PATH_NOT_A_FILE' }),
    );
  });
});

describe('the tool log', () => {
  const entry = { agent_id: 'a-1', tool: 'Edit', file: 'src/a.ts', status: 'ok' } as const;

  it('has a line for each call, with paths of the project', () => {
    appendToolLog(project.workspace, { ...entry, file: project.path('src/a.ts') });
    appendToolLog(project.workspace, { ...entry, agent_id: null, file: null, status: 'error' });
    appendToolLog(project.workspace, { ...entry, file: '/elsewhere/b.ts' });
    expect(readToolLog(project.workspace)).toEqual([
      { ...entry, ts: '2026-05-01T09:00:00.000Z' },
      { ...entry, agent_id: null, file: null, status: 'error', ts: '2026-05-01T09:00:01.000Z' },
      { ...entry, file: '/elsewhere/b.ts', ts: '2026-05-01T09:00:02.000Z' },
    ]);
  });

  it('is read from every harness and from where older releases kept it, in their shape or not', () => {
    const older = JSON.stringify({ ...entry, ts: 't', file: 'old.ts' });
    project.write(
      '.nexus/state/tool-log.jsonl',
      `${older}\n{"tool":"x","args":{},"response":{},"duration_ms":1,"timestamp":"t"}\n{torn`,
    );
    project.write(
      '.nexus/state/codex-nexo/tool-log.jsonl',
      JSON.stringify({ ...entry, ts: 't', file: 'codex.ts', extra: 1 }),
    );
    appendToolLog(project.workspace, entry);
    expect(readToolLog(project.workspace).map(({ file }) => file)).toEqual([
      'old.ts',
      'src/a.ts',
      'codex.ts',
    ]);
  });

  it('gives the files that an agent touched with success, once each', () => {
    for (const file of ['b.ts', 'a.ts', 'b.ts', null]) appendToolLog(project.workspace, { ...entry, file });
    appendToolLog(project.workspace, { ...entry, file: 'failed.ts', status: 'error' });
    appendToolLog(project.workspace, { ...entry, file: 'other.ts', agent_id: 'a-2' });
    expect(filesTouchedBy(project.workspace, 'a-1')).toEqual(['b.ts', 'a.ts']);
  });

  it('of one harness that cannot be read hides no other', () => {
    mkdirSync(project.path('.nexus/state/codex-nexo/tool-log.jsonl'), { recursive: true });
    appendToolLog(project.workspace, entry);
    expect(filesTouchedBy(project.workspace, 'a-1')).toEqual(['src/a.ts']);
  });
});
