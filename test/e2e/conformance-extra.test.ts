import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { applyEvent } from '../../src/conformance/apply-event.ts';
import { NexoError } from '../../src/errors.ts';
import { recordMemoryRead } from '../../src/workspace/memory-access.ts';
import { readMemoryAccess } from '../../src/workspace/memory-report.ts';
import { findWorkspaceTool, WORKSPACE_TOOLS } from '../../src/workspace/tools.ts';
import { openWorkspace } from '../../src/workspace/workspace.ts';

// Demands of the contract that a fixture cannot express: bytes that are no JSON, links, git, many calls at once.

const PLAN = '.nexus/state/plan.json';
const TASKS = '.nexus/state/tasks.json';
const HISTORY = '.nexus/history.json';

const newProject = (): string => mkdtempSync(join(tmpdir(), 'extra-'));

function put(root: string, path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(
    join(root, path),
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
}

const bytes = (root: string, path: string): Buffer | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path)) : undefined;

async function call(root: string, name: string, params: object = {}): Promise<Record<string, unknown>> {
  const tool = findWorkspaceTool(name);
  if (tool === undefined) throw new Error(name);
  return { ...(await tool.run(openWorkspace(root), params)) };
}

/** The code that the call is refused with; undefined when it is not. */
async function refusal(root: string, name: string, params: object = {}): Promise<string | undefined> {
  try {
    await call(root, name, params);
    return undefined;
  } catch (error) {
    if (error instanceof NexoError) return error.code;
    throw error;
  }
}

const issue = { id: 1, title: 'Q', status: 'pending' };
const plan = {
  id: 4,
  topic: 'T',
  issues: [issue],
  research_summary: 'r',
  created_at: '2026-01-01T00:00:00.000Z',
};
const task = {
  id: 1,
  title: 'A',
  context: 'c',
  status: 'pending',
  deps: [],
  created_at: '2026-01-01T00:00:00.000Z',
};
const tasks = { goal: 'g', decisions: [], tasks: [task] };
const cycle = {
  schema_version: '0.5',
  completed_at: '2026-01-01T00:00:00.000Z',
  branch: 'main',
  plan: null,
  tasks: [],
};

const CALLS: Readonly<Record<string, object>> = {
  plan_start: { topic: 'N', issues: [], research_summary: 'r' },
  plan_update: { action: 'add', title: 'x' },
  plan_decide: { issue_id: 1, decision: 'd' },
  task_add: { title: 'x', context: 'c' },
  task_update: { id: 1, status: 'completed' },
};

/** Which tools must refuse when a file cannot be understood, because they would change it or build on it. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  [PLAN]: ['plan_start', 'plan_update', 'plan_decide', 'task_close'],
  [TASKS]: ['task_add', 'task_update', 'task_close'],
  [HISTORY]: ['plan_start', 'task_close'],
};

const BROKEN: readonly (readonly [string, string | Buffer])[] = [
  ['zero bytes', ''],
  ['bad JSON', '{bad\n'],
  ['half a file', '{"goal":"g","decisions":[],"tasks":[{"id":1,"ti'],
  ['conflict markers', '<<<<<<< ours\n{"cycles":[]}\n=======\n{"cycles":[]}\n>>>>>>> theirs\n'],
  ['another root', '[]'],
  ['null', 'null'],
  ['wrong types', '{"id":"x","topic":1,"issues":{},"goal":2,"decisions":3,"tasks":{},"cycles":{}}'],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['ten thousand brackets', '['.repeat(10_000)],
];

describe.each(BROKEN)('a state file with %s', (_name, content) => {
  it.each(Object.keys(NEEDS))(
    '%s makes what needs it refuse, and nothing else, and keeps its bytes',
    async (broken) => {
      const seeds = Object.entries({ [PLAN]: plan, [TASKS]: tasks, [HISTORY]: { cycles: [cycle] } });
      for (const { name, annotations } of WORKSPACE_TOOLS) {
        const root = newProject();
        for (const [path, seed] of seeds) put(root, path, path === broken ? content : seed);
        const before = bytes(root, broken);
        const params = name === 'artifact_write' ? { filename: 'a', content: 'b' } : (CALLS[name] ?? {});
        const code = await refusal(root, name, params);
        const mustRefuse = !annotations.readOnlyHint && NEEDS[broken]?.includes(name);
        expect(code, name).toBe(mustRefuse ? 'STATE_DAMAGED' : undefined);
        // A refused change touches none of the three; a call that does not need the file leaves it alone.
        expect(bytes(root, broken), name).toEqual(before);
        if (mustRefuse) {
          for (const [path, seed] of seeds)
            if (path !== broken)
              expect(bytes(root, path)?.toString(), `${name} ${path}`).toBe(JSON.stringify(seed));
        }
      }
    },
  );
});

describe('something else in the place of a state file', () => {
  it.each(['a folder', 'a link to a file outside', 'a dangling link', 'a pipe'])(
    '%s is refused at once and left alone',
    async (what) => {
      const root = newProject();
      const outside = join(newProject(), 'tasks.json');
      writeFileSync(outside, JSON.stringify(tasks));
      mkdirSync(join(root, '.nexus/state'), { recursive: true });
      const path = join(root, TASKS);
      if (what === 'a folder') mkdirSync(path);
      if (what === 'a link to a file outside') symlinkSync(outside, path);
      if (what === 'a dangling link') symlinkSync(join(root, 'nowhere'), path);
      if (what === 'a pipe') execFileSync('mkfifo', [path]);
      expect(await refusal(root, 'task_add', CALLS.task_add)).toBe('STATE_DAMAGED');
      expect(await call(root, 'context')).toMatchObject({ decisions: [] });
      expect(readFileSync(outside, 'utf8')).toBe(JSON.stringify(tasks));
      expect(existsSync(join(root, 'nowhere'))).toBe(false);
    },
  );
});

describe('artifacts', () => {
  it.each(['.nexus', '.nexus/state', '.nexus/state/artifacts', '.nexus/state/artifacts/sub'])(
    'are not written through a link in place of %s',
    async (link) => {
      const root = newProject();
      const outside = newProject();
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync(outside, join(root, link));
      expect(await refusal(root, 'artifact_write', { filename: 'sub/a.md', content: 'x' })).toBe(
        'PATH_ESCAPES',
      );
      expect(readdirSync(outside)).toEqual([]);
    },
  );

  it('are not written through a link in place of the file', async () => {
    const root = newProject();
    const outside = join(newProject(), 'a.md');
    writeFileSync(outside, 'theirs');
    mkdirSync(join(root, '.nexus/state/artifacts'), { recursive: true });
    symlinkSync(outside, join(root, '.nexus/state/artifacts/a.md'));
    expect(await refusal(root, 'artifact_write', { filename: 'a.md', content: 'x' })).toBeDefined();
    expect(readFileSync(outside, 'utf8')).toBe('theirs');
  });

  it.each(['a\u0000b', 'a\nb', 'x'.repeat(300), 'CON', 'a.', 'a/b /c', 'C:x', '\ud800'])(
    'named %j are refused',
    async (filename) => {
      const root = newProject();
      expect(await refusal(root, 'artifact_write', { filename, content: 'x' })).toBe('ARTIFACT_NAME_INVALID');
      expect(
        existsSync(join(root, '.nexus/state/artifacts'))
          ? readdirSync(join(root, '.nexus/state/artifacts'))
          : [],
      ).toEqual([]);
    },
  );
});

describe('the branch', () => {
  const git = (root: string, ...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], {
      cwd: root,
      encoding: 'utf8',
    });

  it('is that of the working tree, HEAD when detached, and never empty without git', async () => {
    const root = newProject();
    expect(await call(root, 'context')).toMatchObject({ branch: 'unknown' });
    git(root, 'init', '-q', '-b', 'feature/tides');
    expect(await call(root, 'context')).toMatchObject({ branch: 'feature/tides' });
    git(root, 'commit', '-q', '--allow-empty', '-m', 'one');
    git(root, 'checkout', '-q', '--detach');
    expect(await call(root, 'task_close')).toMatchObject({ branch: 'HEAD' });
    const worktree = join(newProject(), 'tree');
    git(root, 'worktree', 'add', '-q', '-b', 'other', worktree);
    expect(await call(worktree, 'task_close')).toMatchObject({ branch: 'other' });
  });
});

describe('extension files of the harness that acts', () => {
  const extension = (base: string, harness = 'nexo'): string =>
    `.nexus/state/${harness}/${base}.extension.json`;
  const seed = (): string => {
    const root = newProject();
    put(root, PLAN, plan);
    put(root, TASKS, tasks);
    for (const harness of ['nexo', 'another']) {
      put(root, extension('plan', harness), {
        extends: 'plan.schema.json',
        extension_for_plan_id: 4,
        issue_extensions: {},
      });
      put(root, extension('tasks', harness), {
        extends: 'tasks.schema.json',
        task_extensions: { 1: { priority: 2 } },
      });
    }
    return root;
  };

  it('of the plan go with it when a new one starts, those of the tasks stay', async () => {
    const root = seed();
    await call(root, 'plan_start', CALLS.plan_start);
    expect([existsSync(join(root, extension('plan'))), existsSync(join(root, extension('tasks')))]).toEqual([
      false,
      true,
    ]);
  });

  it('all go when the cycle closes, and none of them gets into the history', async () => {
    const root = seed();
    await call(root, 'task_close');
    expect([existsSync(join(root, extension('plan'))), existsSync(join(root, extension('tasks')))]).toEqual([
      false,
      false,
    ]);
    expect(readFileSync(join(root, HISTORY), 'utf8')).not.toContain('priority');
  });

  it('are not those of another harness, which no one else may touch', async () => {
    const root = seed();
    await call(root, 'task_close');
    expect(existsSync(join(root, extension('plan', 'another')))).toBe(true);
  });
});

describe('the history', () => {
  it('is searched newest first', async () => {
    const root = newProject();
    put(root, HISTORY, {
      cycles: ['01', '02', '03'].map((day) => ({ ...cycle, completed_at: `2026-01-${day}T00:00:00.000Z` })),
    });
    const { cycles } = await call(root, 'history_search', { last_n: 2 });
    expect(cycles).toMatchObject([
      { completed_at: '2026-01-03T00:00:00.000Z' },
      { completed_at: '2026-01-02T00:00:00.000Z' },
    ]);
  });

  it('in whose place something else stands keeps plan and tasks from being archived', async () => {
    for (const name of ['plan_start', 'task_close']) {
      const root = newProject();
      put(root, PLAN, plan);
      put(root, TASKS, tasks);
      mkdirSync(join(root, HISTORY));
      expect(await refusal(root, name, CALLS[name])).toBe('STATE_DAMAGED');
      expect([bytes(root, PLAN)?.toString(), bytes(root, TASKS)?.toString()]).toEqual([
        JSON.stringify(plan),
        JSON.stringify(tasks),
      ]);
    }
  });

  it('keeps numbers, text and order of members of old cycles to the letter', async () => {
    const root = newProject();
    const old =
      '{"cycles":[{"zeta":1,"completed_at":"2025-01-01T00:00:00.000Z","branch":"m\\u00e4in","plan":null,"tasks":[],"big":123456789012345678901234567890,"tiny":1.0}]}';
    put(root, HISTORY, old);
    await call(root, 'task_close');
    expect(readFileSync(join(root, HISTORY), 'utf8')).toContain(
      old.slice('{"cycles":['.length, -']}'.length),
    );
  });
});

it('a hundred tasks added at the same time by one process are all there', async () => {
  const root = newProject();
  const workspace = openWorkspace(root);
  const added = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      findWorkspaceTool('task_add')?.run(workspace, { title: `t${n}`, context: 'c' }),
    ),
  );
  expect(new Set(added.map((value) => JSON.stringify(value))).size).toBe(100);
  expect(await call(root, 'task_list')).toMatchObject({ summary: { total: 100, pending: 100 } });
});

describe('the access log', () => {
  it('has one line a file, counted up, and those of several harnesses add up', async () => {
    const root = newProject();
    const read = (harnessId: string, path: string, agent: string): Promise<unknown> =>
      recordMemoryRead(openWorkspace(root, { harnessId }), { path, agent });
    await read('tugboat', '.nexus/memory/a.md', 'r1');
    await read('tugboat', join(root, '.nexus/memory/a.md'), 'r2');
    await read('tugboat', '.nexus/memory/b.md', 'r1');
    await read('pilot', '.nexus/memory/a.md', 'p1');
    const lines = readFileSync(join(root, '.nexus/state/tugboat/memory-access.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { path: '.nexus/memory/a.md', access_count: 2, last_agent: 'r2' },
      { path: '.nexus/memory/b.md', access_count: 1, last_agent: 'r1' },
    ]);
    expect(readMemoryAccess(openWorkspace(root))).toMatchObject([
      { path: '.nexus/memory/a.md', access_count: 3, last_agent: 'p1' },
      { path: '.nexus/memory/b.md', access_count: 1 },
    ]);
  });

  it('refuses what is no memory file', async () => {
    const root = newProject();
    const read = recordMemoryRead(openWorkspace(root), { path: '.nexus/memory/../rules/x.md', agent: 'a' });
    await expect(read).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

describe('an event from outside', () => {
  it.each<[string, object, string]>([
    ['an unknown type', { type: 'lunch', root: '/' }, 'INPUT_INVALID'],
    ['no root', { type: 'session_end' }, 'INPUT_INVALID'],
    ['an unknown key', { type: 'session_end', root: '.', more: 1 }, 'INPUT_INVALID'],
    [
      'a harness that leads out',
      { type: 'session_end', harness_id: '../x', root: '.' },
      'HARNESS_ID_INVALID',
    ],
    [
      'a harness in its parameters that is none',
      { type: 'session_end', params: { harness_id: 7 }, root: '.' },
      'INPUT_INVALID',
    ],
    [
      'an agent without an id',
      { type: 'agent_spawn', params: { agent_name: 'x' }, root: '.' },
      'INPUT_INVALID',
    ],
  ])('with %s is refused and writes nothing', async (_name, event, code) => {
    const root = newProject();
    const given = 'root' in event ? { ...event, root } : event;
    await expect(applyEvent(given)).rejects.toMatchObject({ code });
    expect(readdirSync(root)).toEqual([]);
  });

  it('for a project that is not there is refused', async () => {
    const missing = join(newProject(), 'gone');
    await expect(applyEvent({ type: 'session_end', root: missing })).rejects.toMatchObject({
      code: 'PROJECT_ROOT_MISSING',
    });
    expect(existsSync(missing)).toBe(false);
  });
});
