import { chmodSync, existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { git } from '../../test/support/run-nexo.ts';
import {
  failureOf,
  HISTORY,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';
import { type CollectOptions, collectMemory } from './memory-gc.ts';
import { DEFAULT_THRESHOLDS } from './memory-signals.ts';
import { openWorkspace } from './workspace.ts';

const NOW = Date.parse('2026-11-21T09:00:00.000Z');
const DAY = 86_400_000;
const LOG = '.nexus/state/claude-nexo/memory-access.jsonl';

const old = '.nexus/memory/empirical-old-proxy.md';
const fresh = '.nexus/memory/pattern-retry-backoff.md';

/** A committed project with one note that nobody has needed for long and one that is in use. */
async function newMemory({ commit = true } = {}): Promise<StateProject> {
  const project = newStateProject({ clock: { now: () => NOW } });
  project.write('.nexus/.gitignore', 'state/\n');
  project.write(old, '# The old proxy\n\nIt drops idle connections.\n');
  project.write(fresh, '# Retry with backoff\n');
  project.write('src/a.ts', 'one\n');
  for (const path of [old, fresh])
    utimesSync(project.path(path), (NOW - 300 * DAY) / 1000, (NOW - 300 * DAY) / 1000);
  project.write(
    LOG,
    [
      {
        path: old,
        last_accessed_ts: new Date(NOW - 200 * DAY).toISOString(),
        access_count: 1,
        last_agent: 'lead',
      },
      {
        path: fresh,
        last_accessed_ts: new Date(NOW - DAY).toISOString(),
        access_count: 9,
        last_agent: 'tester',
      },
    ]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );
  await git(project.root, 'init', '--quiet');
  await git(project.root, 'config', 'user.name', 'Ada');
  await git(project.root, 'config', 'user.email', 'ada@example.org');
  if (commit) {
    await git(project.root, 'add', '.');
    await git(project.root, 'commit', '--quiet', '--message', 'first');
  }
  return project;
}

/** A project in a folder of another one, in the same repository. */
function newStateProjectAt(
  whole: StateProject,
  folder: string,
): Pick<StateProject, 'root' | 'workspace' | 'write' | 'text'> {
  const root = whole.path(folder);
  return {
    root,
    workspace: openWorkspace(root, { clock: { now: () => NOW } }),
    write: (path, content) => whole.write(`${folder}/${path}`, content),
    text: (path) => whole.text(`${folder}/${path}`),
  };
}

function collect(project: Pick<StateProject, 'workspace'>, options: Partial<CollectOptions> = {}) {
  return collectMemory(project.workspace, {
    mode: 'list',
    words: [],
    dryRun: false,
    thresholds: DEFAULT_THRESHOLDS,
    ...options,
  });
}

describe('collecting memory', () => {
  it('lists a note that three signals speak against, and changes nothing', async () => {
    const project = await newMemory();
    const before = treeOf(project.root);
    const { notes, forgotten } = await collect(project);
    expect(notes.map(({ note, signals }) => [note.name, signals.map(({ name }) => name)])).toEqual([
      ['empirical-old-proxy.md', ['unreferenced', 'idle-days', 'few-reads']],
    ]);
    expect(forgotten).toEqual([]);
    expect(treeOf(project.root)).toEqual(before);
  });

  it('deletes a named note in one commit, and the command in its message brings it back to the byte', async () => {
    const project = await newMemory();
    const text = project.text(old);
    const before = await git(project.root, 'rev-parse', 'HEAD');
    const { forgotten, refused } = await collect(project, { mode: 'apply', words: ['empirical-old-proxy'] });
    expect(refused).toEqual([]);
    expect(forgotten).toEqual([
      {
        name: 'empirical-old-proxy.md',
        commit: await git(project.root, 'rev-parse', 'HEAD'),
        restore: `git checkout ${before} -- ':/${old}'`,
      },
    ]);
    expect(await git(project.root, 'rev-parse', 'HEAD^')).toBe(before);
    expect(await git(project.root, 'show', '--format=', '--name-status', 'HEAD')).toBe(`D\t${old}`);
    expect(await git(project.root, 'status', '--porcelain')).toBe('');
    expect(project.has(old)).toBe(false);
    expect(project.text(LOG)).not.toContain('old-proxy');
    expect(project.text(LOG)).toContain('retry-backoff');
    const message = await git(project.root, 'log', '-1', '--format=%B');
    const restore = /^ {4}git checkout ([0-9a-f]{40}) -- '(.+)'$/m.exec(message);
    await git(project.root, 'checkout', restore?.[1] ?? '', '--', restore?.[2] ?? '');
    expect(project.text(old)).toBe(text);
  });

  it('leaves what else is staged, changed or untracked exactly as it is', async () => {
    const project = await newMemory();
    writeFileSync(project.path('src/a.ts'), 'staged\n');
    await git(project.root, 'add', 'src/a.ts');
    writeFileSync(project.path('src/a.ts'), 'staged and changed\n');
    writeFileSync(project.path(fresh), '# changed\n');
    writeFileSync(project.path('new.txt'), 'new\n');
    const status = await git(project.root, 'status', '--porcelain');
    const staged = await git(project.root, 'diff', '--cached');
    await collect(project, { mode: 'apply', words: [old] });
    expect(await git(project.root, 'show', '--format=', '--name-status', 'HEAD')).toBe(`D\t${old}`);
    expect(await git(project.root, 'status', '--porcelain')).toBe(status);
    expect(await git(project.root, 'diff', '--cached')).toBe(staged);
  });

  it.each<[string, (project: StateProject) => Promise<unknown>, RegExp]>([
    [
      'has changes',
      async (project) => writeFileSync(project.path(old), 'other\n'),
      /changes that are not committed/,
    ],
    [
      'has staged changes',
      async (project) => {
        const text = project.text(old);
        writeFileSync(project.path(old), 'other\n');
        await git(project.root, 'add', old);
        writeFileSync(project.path(old), text);
      },
      /changes that are not committed/,
    ],
    [
      'has changes that git was told to overlook',
      async (project) => {
        await git(project.root, 'update-index', '--assume-unchanged', old);
        writeFileSync(project.path(old), 'other\n');
      },
      /changes that are not committed/,
    ],
    [
      'is in no commit',
      async (project) => {
        await git(project.root, 'rm', '--quiet', '--cached', old);
        await git(project.root, 'commit', '--quiet', '--message', 'second');
      },
      /in no commit yet/,
    ],
    [
      'lies in a repository in the middle of a merge',
      async (project) =>
        writeFileSync(project.path('.git/MERGE_HEAD'), `${await git(project.root, 'rev-parse', 'HEAD')}\n`),
      /middle of a merge/,
    ],
  ])('refuses a note that %s', async (_what, prepare, why) => {
    const project = await newMemory();
    await prepare(project);
    const before = project.text(old);
    const head = await git(project.root, 'rev-parse', 'HEAD');
    const { forgotten, refused } = await collect(project, { mode: 'apply', words: [old] });
    expect(forgotten).toEqual([]);
    expect(refused).toMatchObject([{ code: 'MEMORY_UNRECOVERABLE', message: expect.stringMatching(why) }]);
    expect(project.text(old)).toBe(before);
    expect(await git(project.root, 'rev-parse', 'HEAD')).toBe(head);
  });

  it('refuses outside git, and before the first commit', async () => {
    const outside = newStateProject();
    outside.write(old, '# Old\n');
    expect((await collect(outside, { mode: 'apply', words: [old] })).refused).toMatchObject([
      { code: 'MEMORY_UNRECOVERABLE', message: expect.stringContaining('not in a git repository') },
    ]);
    const unborn = await newMemory({ commit: false });
    expect((await collect(unborn, { mode: 'apply', words: [old] })).refused).toMatchObject([
      { code: 'MEMORY_UNRECOVERABLE', message: expect.stringContaining('in no commit yet') },
    ]);
    expect([outside.has(old), unborn.has(old)]).toEqual([true, true]);
  });

  it('puts the note back when a commit hook refuses', async () => {
    const project = await newMemory();
    project.write('.git/hooks/pre-commit', '#!/bin/sh\necho no deletions here >&2\nexit 1\n');
    await git(project.root, 'config', 'core.hooksPath', '.git/hooks');
    chmodSync(project.path('.git/hooks/pre-commit'), 0o755);
    const before = treeOf(project.root, { without: ['.git', '.nexus/state'] });
    const { refused } = await collect(project, { mode: 'apply', words: [old] });
    expect(refused).toMatchObject([
      { code: 'PROCESS_FAILED', message: expect.stringContaining('no deletions here') },
    ]);
    expect(treeOf(project.root, { without: ['.git', '.nexus/state'] })).toEqual(before);
    expect(await git(project.root, 'status', '--porcelain')).toBe('');
  });

  it('stops at an unknown name before it deletes anything', async () => {
    const project = await newMemory();
    const error = await failureOf(collect(project, { mode: 'apply', words: [old, 'no-such'] }));
    expect(error).toMatchObject({ code: 'INPUT_INVALID' });
    expect(existsSync(project.path(old))).toBe(true);
  });

  it('deletes candidates and nothing else automatically', async () => {
    const project = await newMemory();
    const { forgotten } = await collect(project, { mode: 'auto' });
    expect(forgotten.map(({ name }) => name)).toEqual(['empirical-old-proxy.md']);
    expect(project.has(fresh)).toBe(true);
  });

  it('deletes nothing automatically while a harness does not report reads', async () => {
    const project = await newMemory();
    project.write('.nexus/state/opencode-nexo/agent-tracker.json', []);
    const { forgotten, refused } = await collect(project, { mode: 'auto' });
    expect(forgotten).toEqual([]);
    expect(refused).toMatchObject([{ message: expect.stringContaining('opencode-nexo') }]);
    expect(project.has(old)).toBe(true);
  });

  it('keeps a note with the tag keep, even by name', async () => {
    const project = await newMemory();
    project.write(old, `<!-- tags: keep -->\n${project.text(old)}`);
    await git(project.root, 'commit', '--quiet', '--all', '--message', 'keep');
    const { forgotten, refused } = await collect(project, { mode: 'apply', words: [old] });
    expect(forgotten).toEqual([]);
    expect(refused).toMatchObject([{ message: expect.stringContaining('"keep"') }]);
  });

  it('counts cycles since the last read, and goes on without them when the history is damaged', async () => {
    const project = await newMemory();
    const cycle = (day: number) => ({
      completed_at: new Date(NOW - day * DAY).toISOString(),
      branch: 'main',
    });
    project.write(HISTORY, { cycles: [250, 150, 120, 90, 60, 30].map(cycle) });
    const [judged] = (await collect(project)).notes;
    expect(judged?.signals.map(({ says }) => says)).toEqual([
      'no other note, context page or rule mentions it',
      'neither read nor changed for 200 days',
      '5 cycles closed since then',
      'read once in all',
    ]);
    project.write(HISTORY, '{');
    const [again] = (await collect({ workspace: project.reopen() })).notes;
    expect(again?.signals.map(({ name }) => name)).toEqual(['unreferenced', 'idle-days', 'few-reads']);
  });

  it('deletes nothing while somebody else holds the index, and leaves no copy behind', async () => {
    const project = await newMemory();
    project.write('.git/index.lock', '');
    const { refused } = await collect(project, { mode: 'apply', words: [old] });
    expect(refused).toMatchObject([
      { code: 'PROCESS_FAILED', message: expect.stringContaining('empirical-old-proxy.md') },
    ]);
    expect(project.has(old)).toBe(true);
    expect(
      readdirSync(project.path('.nexus/state/nexo')).filter((name) => name.includes('forgotten')),
    ).toEqual([]);
  });

  it('names the note from the top of the working tree when the project lies below it', async () => {
    const whole = await newMemory();
    const below = newStateProjectAt(whole, 'packages/shop');
    below.write(old, '# The old proxy of the shop\n');
    await git(whole.root, 'add', '.');
    await git(whole.root, 'commit', '--quiet', '--message', 'second');
    const { forgotten } = await collect(below, { mode: 'apply', words: [old] });
    expect(await git(whole.root, 'show', '--format=', '--name-status', 'HEAD')).toBe(
      `D\tpackages/shop/${old}`,
    );
    expect(whole.has(old)).toBe(true);
    const [, commit = '', path = ''] =
      /^git checkout (\S+) -- '(.+)'$/.exec(forgotten[0]?.restore ?? '') ?? [];
    await git(below.root, 'checkout', commit, '--', path);
    expect(below.text(old)).toBe('# The old proxy of the shop\n');
  });

  it('stops between two notes when it is interrupted', async () => {
    const project = await newMemory();
    const error = await failureOf(
      collect(project, { mode: 'apply', words: [old], signal: AbortSignal.abort() }),
    );
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
    expect(project.has(old)).toBe(true);
  });

  it('makes nothing a candidate where no harness reports reads', async () => {
    const project = await newMemory();
    rmSync(project.path(LOG));
    const { notes, tracking } = await collect(project);
    expect(notes).toEqual([]);
    expect(tracking).toMatchObject({ since: null, problem: expect.stringContaining('No harness') });
  });

  it('never makes a note a candidate on two signals, whatever the thresholds', async () => {
    const project = await newMemory();
    project.write('.nexus/context/network.md', 'See empirical-old-proxy.\n');
    const thresholds = { idleDays: 0, idleCycles: 999, maxReads: 999 };
    const { notes } = await collect(project, { words: [old], thresholds });
    expect(notes).toMatchObject([
      { candidate: false, signals: [{ name: 'idle-days' }, { name: 'few-reads' }] },
    ]);
  });
});
