import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';

import { BREAKAGES, type Breakage, DEVICE, TOO_LARGE } from '../../test/support/state-broken.ts';
import { quickFileSystem as fs } from '../../test/support/state-fault-fs.ts';
import {
  call,
  failureOf,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
  treeOf,
} from '../../test/support/state-project.ts';
import { readAllAgents, recordAgentComplete, recordAgentResume, recordAgentSpawn } from './agent-tracker.ts';
import { repairWorkspace } from './repair.ts';
import { readStatus } from './status.ts';
import type { Workspace } from './workspace.ts';

const TRACKER = '.nexus/state/claude-nexo/agent-tracker.json';

type Action = (workspace: Workspace) => Promise<unknown>;

const tool =
  (name: string, input: Record<string, unknown> = {}): Action =>
  (workspace) =>
    call(workspace, name, input);

const CHANGES = {
  plan_start: tool('plan_start', { topic: 'Next', issues: ['x'], research_summary: '' }),
  plan_update: tool('plan_update', { action: 'add', title: 'More' }),
  plan_decide: tool('plan_decide', { issue_id: 1, decision: 'Yes' }),
  task_add: tool('task_add', { title: 'More', context: 'c' }),
  task_update: tool('task_update', { id: 1, status: 'completed' }),
  task_close: tool('task_close'),
  artifact_write: tool('artifact_write', { filename: 'a.md', content: 'x' }),
  agent_spawn: (workspace) => recordAgentSpawn(workspace, { harness_id: 'claude-nexo', agent_id: 'a-1' }),
  agent_complete: (workspace) =>
    recordAgentComplete(workspace, { harness_id: 'claude-nexo', agent_id: 'a-1' }),
  agent_resume: (workspace) => recordAgentResume(workspace, { harness_id: 'claude-nexo', agent_id: 'a-1' }),
} satisfies Record<string, Action>;

const READS = ['plan_status', 'task_list', 'history_search', 'context'] as const;

/** Which changes need which file; the others must not care. */
const NEEDED: Readonly<Record<string, readonly (keyof typeof CHANGES)[]>> = {
  [PLAN]: ['plan_start', 'plan_update', 'plan_decide', 'task_close'],
  [TASKS]: ['task_add', 'task_update', 'task_close'],
  [HISTORY]: ['plan_start', 'task_close'],
  [TRACKER]: ['agent_spawn', 'agent_complete', 'agent_resume'],
};

/** Damage that depends on what the file is for. */
const OWN_BREAKAGES: Readonly<Record<string, readonly Breakage[]>> = {
  [PLAN]: breakagesOf({
    'an empty object': '{}',
    'a list as root': '[]',
    'no topic': '{"id":1,"issues":[]}',
    'an id as text': '{"id":"1","topic":"t","issues":[]}',
    'an endless id': '{"id":1e999,"topic":"t","issues":[]}',
    'issues as an object': '{"id":1,"topic":"t","issues":{}}',
    'issues of numbers': '{"id":1,"topic":"t","issues":[1]}',
    'an unknown issue status': '{"id":1,"topic":"t","issues":[{"id":1,"title":"x","status":"open"}]}',
    'a decision that is no text':
      '{"id":1,"topic":"t","issues":[{"id":1,"title":"x","status":"decided","decision":{}}]}',
    'a key twice': '{"id":1,"topic":"t","issues":[],"issues":[]}',
    'a version that is no text': '{"schema_version":1,"id":1,"topic":"t","issues":[]}',
  }),
  [TASKS]: breakagesOf({
    'a list as root': '[]',
    'tasks as text': '{"tasks":"[]"}',
    'a task that is null': '{"tasks":[null]}',
    'a task without a title': '{"tasks":[{"id":1,"status":"pending"}]}',
    'an unknown status': '{"tasks":[{"id":1,"title":"x","status":"done"}]}',
    'an id that is null': '{"tasks":[{"id":null,"title":"x","status":"pending"}]}',
    'dependencies that are text': '{"tasks":[{"id":1,"title":"x","status":"pending","deps":["1"]}]}',
    'decisions that are no texts': '{"decisions":[1],"tasks":[]}',
    'a key twice': '{"goal":"a","goal":"b","tasks":[]}',
  }),
  [HISTORY]: breakagesOf({
    'a list as root': '[]',
    'cycles as an object': '{"cycles":{}}',
    'a cycle that is a number': '{"cycles":[1]}',
    'a plan id that is text': '{"cycles":[{"plan":{"id":"1"}}]}',
    'tasks that are no list': '{"cycles":[{"tasks":{}}]}',
    'a key twice': '{"cycles":[],"cycles":[]}',
  }),
  [TRACKER]: breakagesOf({
    'an object as root': '{}',
    'an entry without a harness': '[{"started_at":"2026-05-01T09:00:00.000Z"}]',
    'an entry that is text': '["a-1"]',
  }),
};

function breakagesOf(texts: Readonly<Record<string, string>>): Breakage[] {
  return Object.entries(texts).map(([name, text]) => ({ name, apply: (path) => writeFileSync(path, text) }));
}

let template: StateProject;
beforeAll(async () => {
  template = await makeTemplate();
});

/** A project with a history, a plan, tasks and an agent. */
async function workingProject(): Promise<StateProject> {
  const project = newStateProject({ fs }, template);
  await CHANGES.agent_spawn(project.workspace);
  return project;
}

async function makeTemplate(): Promise<StateProject> {
  const project = newStateProject({ fs });
  const { workspace } = project;
  for (const topic of ['Earlier', 'Last', 'Topic']) {
    await CHANGES.plan_start(workspace);
    await call(workspace, 'plan_update', { action: 'edit', issue_id: 1, title: `${topic} ä` });
    await call(workspace, 'task_add', { title: topic, context: 'ö', goal: topic, decisions: ['d'] });
    await CHANGES.task_add(workspace);
    if (topic !== 'Topic') await CHANGES.task_close(workspace);
  }
  return project;
}

describe.each([PLAN, TASKS, HISTORY, TRACKER])('%s', (file) => {
  const isAdministrator = process.getuid?.() === 0;
  const breakages = [...BREAKAGES, ...(OWN_BREAKAGES[file] ?? []), ...(isAdministrator ? [DEVICE] : [])];

  it.each(breakages)(
    '$name: refused by what needs it, untouched, and of no matter to the rest',
    async ({ apply }) => {
      const project = await workingProject();
      const path = project.path(file);
      const valid = project.text(file);
      apply(path, valid);
      // A process that knew the file before, and one that did not.
      for (const workspace of [project.workspace, project.reopen({ fs })]) {
        const broken = treeOf(project.root);
        for (const name of READS) expect(await call(workspace, name)).toBeTypeOf('object');
        expect(readAllAgents(workspace).map(({ harnessId }) => harnessId)).toContain('claude-nexo');
        const { warnings } = await readStatus(workspace);
        expect(warnings.map(({ code, message }) => [code, message.includes(file)])).toContainEqual([
          'STATE_DAMAGED',
          true,
        ]);
        for (const name of NEEDED[file] ?? []) {
          const failure = await failureOf(CHANGES[name](workspace));
          expect([name, failure.code, failure.message.includes(file), failure.data?.path]).toEqual([
            name,
            'STATE_DAMAGED',
            true,
            file,
          ]);
          expect(failure.hint).toContain('nexo repair');
        }
        expect(treeOf(project.root)).toEqual(broken);
      }
      const identity = lstatSync(path, { bigint: true });
      for (const name of Object.keys(CHANGES) as (keyof typeof CHANGES)[]) {
        if (!NEEDED[file]?.includes(name)) await CHANGES[name](project.workspace);
      }
      const after = lstatSync(path, { bigint: true });
      expect([after.ino, after.size, after.mtimeNs]).toEqual([identity.ino, identity.size, identity.mtimeNs]);
    },
  );

  it.each(breakages)(
    '$name: repair shows what it would do, sets the thing aside as it is, and restores',
    async ({ apply }) => {
      const project = await workingProject();
      const path = project.path(file);
      const valid: unknown = project.json(file);
      apply(path, project.text(file));
      const broken = treeOf(project.root);
      const damage = broken[file];
      const dry = await repairWorkspace(project.reopen({ fs }), { dryRun: true });
      expect(treeOf(project.root)).toEqual(broken);
      const { findings } = await repairWorkspace(project.reopen({ fs }));
      expect(findings).toMatchObject(dry.findings.map(({ movedTo: _random, ...finding }) => finding));
      expect(findings).toHaveLength(1);
      const [finding] = findings;
      expect(finding).toMatchObject({ file, restoredFrom: 'last good copy' });
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(valid);
      // Byte for byte; a folder with all that is in it.
      const aside = treeOf(project.path('.nexus/state/nexo/damaged'));
      if (damage !== undefined) expect(Object.values(aside)).toEqual([damage]);
      expect((await repairWorkspace(project.reopen({ fs }))).findings).toEqual([]);
      for (const change of Object.values(CHANGES)) await change(project.workspace);
    },
  );
});

describe('a file that is too large', () => {
  it.each([PLAN, TASKS, HISTORY, TRACKER])(
    'in the place of %s is refused and left where it is, also by repair',
    async (file) => {
      const project = await workingProject();
      TOO_LARGE.apply(project.path(file), '');
      const before = treeOf(project.root);
      for (const name of READS) expect(await call(project.workspace, name)).toBeTypeOf('object');
      for (const name of NEEDED[file] ?? []) {
        const failure = await failureOf(CHANGES[name](project.workspace));
        expect([name, failure.code, failure.message.includes(file)]).toEqual([name, 'FILE_TOO_LARGE', true]);
      }
      const { warnings } = await readStatus(project.workspace);
      expect(warnings.map(({ code }) => code)).toEqual(['FILE_TOO_LARGE']);
      const { findings } = await repairWorkspace(project.workspace);
      expect(findings).toEqual([{ file, problem: expect.stringContaining(file), left: expect.any(String) }]);
      expect(treeOf(project.root)).toEqual(before);
    },
  );
});

describe('a file that is as deep as it may be', () => {
  it.each([PLAN, TASKS])('%s goes into the history, which stays readable', async (file) => {
    const project = await workingProject();
    const deep = `${'{"a":'.repeat(251)}1${'}'.repeat(251)}`;
    const text = project.text(file);
    project.write(file, text.replace(/"id": 1,\n\s+"title"/, `"deep": ${deep}, $&`));
    const before = await call(project.workspace, 'history_search');
    expect(await CHANGES.task_close(project.workspace)).toMatchObject({
      total_cycles: Number(before.total) + 1,
    });
    expect(await CHANGES.task_close(project.reopen({ fs }))).toMatchObject({
      total_cycles: Number(before.total) + 2,
    });
    expect(await call(project.workspace, 'history_search', { query: '"deep"' })).toMatchObject({ total: 1 });
    expect((await repairWorkspace(project.reopen({ fs }))).findings).toEqual([]);
  });
});

describe('a newer major version', () => {
  it.each([PLAN, TASKS, HISTORY])('of %s is read and not written, not even by repair', async (file) => {
    const project = await workingProject();
    project.write(file, { schema_version: '99.0', ...(project.json(file) as object) });
    const broken = treeOf(project.root);
    const { workspace } = project;
    for (const name of READS) await call(workspace, name);
    expect(await call(workspace, 'plan_status')).toMatchObject({ active: true });
    expect(await call(workspace, 'task_list')).toMatchObject({ summary: { total: 2 } });
    expect(await call(workspace, 'history_search')).toMatchObject({ total: 2 });
    for (const name of NEEDED[file] ?? []) {
      const failure = await failureOf(CHANGES[name](workspace));
      expect([name, failure.code, failure.data?.path]).toEqual([name, 'STATE_TOO_NEW', file]);
    }
    const { warnings } = await readStatus(workspace);
    expect(warnings.map(({ code }) => code)).toContain('STATE_TOO_NEW');
    const { findings } = await repairWorkspace(workspace);
    expect(findings).toEqual([{ file, problem: expect.stringContaining('99.0'), left: expect.any(String) }]);
    expect(treeOf(project.root)).toEqual(broken);
  });

  it.each([PLAN, TASKS, HISTORY])(
    'a newer minor version of %s is read and written, and stays',
    async (file) => {
      const project = await workingProject();
      project.write(file, {
        schema_version: '1.9',
        newer: { field: [1] },
        ...(project.json(file) as object),
      });
      for (const name of NEEDED[file] ?? []) {
        if (name !== 'task_close' && name !== 'plan_start') await CHANGES[name](project.workspace);
      }
      if (file === HISTORY) await CHANGES.task_close(project.workspace);
      expect(project.json(file)).toMatchObject({ schema_version: '1.9', newer: { field: [1] } });
    },
  );
});
