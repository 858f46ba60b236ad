import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  HISTORY,
  newFolder,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';
import { recordAgentSpawn } from './agent-tracker.ts';
import { initialiseWorkspace } from './initialise.ts';
import { recordMemoryRead } from './memory-access.ts';
import { repairWorkspace } from './repair.ts';
import { endSession, startSession } from './session.ts';
import { readStatus } from './status.ts';
import { appendToolLog } from './tool-log.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const READS = ['plan_status', 'task_list', 'history_search', 'context'] as const;

/** Everything that writes. */
const CHANGES: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  plan_start: (workspace) => call(workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' }),
  task_add: (workspace) => call(workspace, 'task_add', { title: 'x', context: 'y' }),
  task_close: (workspace) => call(workspace, 'task_close'),
  artifact_write: (workspace) => call(workspace, 'artifact_write', { filename: 'a.md', content: 'x' }),
  session_start: (workspace) => startSession(workspace),
  session_end: (workspace) => endSession(workspace),
  agent_spawn: (workspace) => recordAgentSpawn(workspace, { agent_id: 'a' }),
  memory_read: (workspace) => recordMemoryRead(workspace, { path: '.nexus/memory/a.md', agent: 'a' }),
  tool_log: async (workspace) =>
    appendToolLog(workspace, { agent_id: 'a', tool: 't', file: null, status: 'ok' }),
  initialise: (workspace) => initialiseWorkspace(workspace),
};

let project: StateProject;
let outside: string;
beforeEach(() => {
  project = newStateProject({ harnessId: 'claude-nexo' });
  outside = newFolder('outside-');
});

describe.each(['.nexus', '.nexus/state', '.nexus/state/nexo'])('%s', (place) => {
  it.each([
    ['leads out of the project', 'PATH_ESCAPES', () => link(outside)],
    [
      'leads out of the project, to where there is a workspace',
      'PATH_ESCAPES',
      () => link(workspaceElsewhere()),
    ],
    ['leads to nothing', 'PATH_ESCAPES', () => link('nowhere')],
    ['leads to itself', 'PATH_ESCAPES', () => link(project.path(place))],
    ['is a file', 'PATH_NOT_A_FILE', () => writeFileSync(make(), 'text')],
    ['is a pipe', 'PATH_NOT_A_FILE', () => execFileSync('mkfifo', [make()])],
  ])('%s: nothing is written there or anywhere, and reading goes on', async (_name, code, arrange) => {
    arrange();
    const before = { project: treeOf(project.root), outside: treeOf(outside) };
    const { workspace } = project;
    for (const name of READS) expect(await call(workspace, name)).toBeTypeOf('object');
    expect((await readStatus(workspace)).warnings.map((warning) => warning.code)).toContain(code);
    for (const [name, change] of Object.entries(CHANGES)) {
      // Where all that it makes seems to be there, initialising has nothing to do.
      if (
        name === 'initialise' &&
        (await initialiseWorkspace(workspace, { dryRun: true })).created.length === 0
      )
        continue;
      const failure = await failureOf(change(workspace));
      expect([name, failure.code]).toEqual([name, code]);
      expect(failure.message).toContain(place);
    }
    expect({ project: treeOf(project.root), outside: treeOf(outside) }).toEqual(before);
  });

  function make(): string {
    mkdirSync(dirname(project.path(place)), { recursive: true });
    return project.path(place);
  }
  function link(target: string): void {
    symlinkSync(target, make());
  }
  /** Somebody else's project, which has all folders that we would make. */
  function workspaceElsewhere(): string {
    const below = { '.nexus': 'state/nexo', '.nexus/state': 'nexo', '.nexus/state/nexo': '.' }[place] ?? '';
    mkdirSync(join(outside, below), { recursive: true });
    return outside;
  }
});

describe('links that stay inside the project', () => {
  it('may stand for the workspace', async () => {
    mkdirSync(project.path('kept/state/nexo'), { recursive: true });
    symlinkSync('kept', project.path('.nexus'));
    await CHANGES.task_add?.(project.workspace);
    expect(project.has('kept/state/tasks.json')).toBe(true);
  });
});

describe('a project', () => {
  it('may be reached through a link, and have a space and an umlaut in its name', async () => {
    const odd = join(outside, 'Mein Projekt – größer');
    mkdirSync(odd);
    const alias = join(outside, 'alias');
    symlinkSync(odd, alias);
    for (const root of [odd, alias])
      await call(openWorkspace(root), 'task_add', { title: 'x', context: 'y' });
    expect(await call(openWorkspace(odd), 'task_list')).toMatchObject({ summary: { total: 2 } });
  });

  it('that is gone is said to be gone', async () => {
    rmSync(project.root, { recursive: true });
    for (const change of Object.values(CHANGES)) {
      if (change === CHANGES.initialise) continue;
      expect((await failureOf(change(project.workspace))).code).toBe('PROJECT_ROOT_MISSING');
    }
    for (const name of READS) expect(await call(project.workspace, name)).toBeTypeOf('object');
    expect(existsSync(project.root)).toBe(false);
  });

  it('that is moved while it is open is not written at its old place', async () => {
    await CHANGES.task_add?.(project.workspace);
    const moved = `${project.root}-moved`;
    renameSync(project.root, moved);
    expect((await failureOf(CHANGES.task_add?.(project.workspace) ?? Promise.resolve())).code).toBe(
      'PROJECT_ROOT_MISSING',
    );
    expect(await call(openWorkspace(moved), 'task_list')).toMatchObject({ summary: { total: 1 } });
    rmSync(moved, { recursive: true });
  });

  it('whose state was deleted while it is open starts anew', async () => {
    const { workspace } = project;
    await CHANGES.plan_start?.(workspace);
    await CHANGES.task_add?.(workspace);
    await CHANGES.task_close?.(workspace);
    await CHANGES.task_add?.(workspace);
    rmSync(project.path('.nexus'), { recursive: true });
    expect(await call(workspace, 'task_list')).toEqual({ exists: false });
    expect(await call(workspace, 'history_search')).toEqual({ total: 0, showing: 0, cycles: [] });
    expect(await call(workspace, 'task_add', { title: 'x', context: 'y' })).toMatchObject({
      task: { id: 1 },
    });
    expect(
      await call(workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' }),
    ).toMatchObject({ plan_id: 1 });
  });

  // The administrator may write everywhere.
  it.skipIf(process.getuid?.() === 0)('with read-only state says so and changes nothing', async () => {
    await CHANGES.task_add?.(project.workspace);
    const before = treeOf(project.root);
    chmodSync(project.path('.nexus/state'), 0o500);
    try {
      const failure = await failureOf(CHANGES.task_add?.(project.workspace) ?? Promise.resolve());
      expect(failure.code).toBe('IO_FAILED');
    } finally {
      chmodSync(project.path('.nexus/state'), 0o700);
    }
    expect(treeOf(project.root)).toEqual(before);
  });
});

describe('a foreign thing in the place of the lock', () => {
  it.each([
    ['text', () => project.write('.nexus/state/nexo/lock.db', 'mine '.repeat(500))],
    ['a folder', () => mkdirSync(project.path('.nexus/state/nexo/lock.db'), { recursive: true })],
  ])('(%s) keeps changes from happening unlocked, and nothing else', async (_name, arrange) => {
    arrange();
    const before = treeOf(project.root);
    for (const name of READS) await call(project.workspace, name);
    for (const name of ['plan_start', 'task_add', 'task_close', 'artifact_write', 'session_start']) {
      expect((await failureOf(CHANGES[name]?.(project.workspace) ?? Promise.resolve())).code).toBe(
        'LOCK_UNUSABLE',
      );
    }
    expect((await failureOf(repairWorkspace(project.workspace))).code).toBe('LOCK_UNUSABLE');
    const { '.nexus/.gitignore': _made, ...after } = treeOf(project.root);
    expect(after).toEqual(before);
  });
});

describe('a foreign thing in the place of what Nexo only remembers', () => {
  const MEMORY = [
    'history-index.json',
    'last-good',
    'damaged',
    'last-good/history.json',
    'last-good/tasks.json',
  ];

  it.each(MEMORY)('%s is worked around', async (name) => {
    project.write(
      `.nexus/state/nexo/${name}${name.includes('.') ? '' : '.keep'}`,
      '{"version": 1, "tasks": "nonsense"}',
    );
    if (!name.includes('.')) symlinkSync(outside, project.path(`.nexus/state/nexo/${name}`));
    for (let round = 0; round < 2; round += 1) {
      for (const change of Object.values(CHANGES)) await change(project.workspace);
      for (const read of READS) await call(project.reopen(), read);
    }
    expect(await call(project.reopen(), 'history_search')).toMatchObject({ total: 2 });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('a note of an archive that is none is swept aside', async () => {
    for (const text of [
      '',
      'x',
      '{}',
      '{"version":1,"completed_at":"x","cycle_sha256":"y","sources":[{"file":"../x","sha256":"z"}]}',
    ]) {
      await CHANGES.task_add?.(project.workspace);
      project.write('.nexus/state/nexo/archive.json', text);
      await call(project.workspace, 'task_list');
      expect(project.has('.nexus/state/nexo/archive.json')).toBe(false);
    }
    expect(await call(project.workspace, 'task_list')).toMatchObject({ summary: { total: 4 } });
  });
});

describe('.gitignore', () => {
  it.each(Object.entries(CHANGES))('is there after the first %s', async (_name, change) => {
    await change(project.workspace);
    expect(project.text('.nexus/.gitignore')).toBe('state/\n');
  });

  it('is left as somebody wrote it, and is not made again when it was taken away', async () => {
    project.write('.nexus/.gitignore', '*\n');
    await CHANGES.task_add?.(project.workspace);
    expect(project.text('.nexus/.gitignore')).toBe('*\n');
    rmSync(project.path('.nexus/.gitignore'));
    await CHANGES.task_add?.(project.workspace);
    expect(project.has('.nexus/.gitignore')).toBe(false);
  });

  it('may be made by another process at the same moment, which sweeps what is on its way', async () => {
    const { fs } = project.workspace;
    const renameSync: typeof fs.renameSync = (from, to) => {
      if (String(to).endsWith('.gitignore')) {
        rmSync(from);
        project.write('.nexus/.gitignore', 'state/\n');
      }
      fs.renameSync(from, to);
    };
    const workspace = project.reopen({ fs: { ...fs, renameSync } });
    expect(await CHANGES.task_add?.(workspace)).toMatchObject({ task: { id: 1 } });
  });

  it('keeps state out of git and lets everything else in', async () => {
    execFileSync('git', ['init', '-q', project.root]);
    for (const change of Object.values(CHANGES)) await change(project.workspace);
    project.write('.nexus/memory/note.md', '# Note');
    const status = execFileSync('git', ['-C', project.root, 'status', '--porcelain', '-uall'], {
      encoding: 'utf8',
    });
    expect(status.trim().split('\n').sort()).toEqual(
      ['?? .nexus/.gitignore', `?? ${HISTORY}`, '?? .nexus/memory/note.md'].sort(),
    );
    expect(Object.keys(treeOf(project.path('.nexus/state'))).length).toBeGreaterThan(5);
  });
});
