import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';
import { readAllAgents, recordAgentComplete, recordAgentResume, recordAgentSpawn } from './agent-tracker.ts';
import { repairWorkspace } from './repair.ts';
import { endSession, startSession } from './session.ts';

const TRACKER = '.nexus/state/claude-nexo/agent-tracker.json';
const ACCESS_LOG = '.nexus/state/claude-nexo/memory-access.jsonl';

let project: StateProject;
beforeEach(() => {
  project = newStateProject({ harnessId: 'claude-nexo' });
});

const spawn = (agent_id: string, more: object = {}): Promise<void> =>
  recordAgentSpawn(project.workspace, { agent_id, agent_name: 'architect', ...more });

describe('a session', () => {
  it('begins with an empty tracker, and without the one of older releases', async () => {
    project.write('.nexus/state/agent-tracker.json', '[{"old":1}]');
    await startSession(project.workspace);
    expect(project.text(TRACKER)).toBe('[]\n');
    expect(project.has('.nexus/state/agent-tracker.json')).toBe(false);
    await spawn('a-1');
    await startSession(project.workspace);
    expect(project.json(TRACKER)).toEqual([]);
    await spawn('a-2');
    expect(project.json(TRACKER)).toMatchObject([{ agent_id: 'a-2' }]);
  });

  it.each(['{', '[1]', '{"agents":[]}', '[{"agent_name":"x"}]', '<<<<<<< ours'])(
    'sets a tracker aside that reads %s, and says where',
    async (text) => {
      project.write(TRACKER, text);
      const { setAside = '' } = await startSession(project.workspace);
      expect(setAside).toMatch(/^\.nexus\/state\/nexo\/damaged\/.*-agent-tracker\.json$/);
      expect(project.text(setAside)).toBe(text);
      expect(project.json(TRACKER)).toEqual([]);
    },
  );

  it('says of a tracker that is empty, or sound, that nothing was set aside', async () => {
    for (const text of ['', '[]', '[{"agent_id":"a","future":1}]']) {
      project.write(TRACKER, text);
      expect(await startSession(project.workspace)).toEqual({ setAside: undefined });
    }
    expect(project.has('.nexus/state/nexo/damaged')).toBe(false);
  });

  it('ends without the tracker, with an access log, and with everything else as it was', async () => {
    await call(project.workspace, 'plan_start', { topic: 't', issues: [], research_summary: '' });
    await startSession(project.workspace);
    await spawn('a-1');
    project.write('.nexus/history.json', '{}');
    for (const name of ['memory/a.md', 'context/b.md', 'rules/c.md']) project.write(`.nexus/${name}`, 'x');
    const before = treeOf(project.root);
    await endSession(project.workspace);
    const {
      [TRACKER]: _tracker,
      '.nexus/state/nexo/last-good/.nexus__state__claude-nexo__agent-tracker.json': _copy,
      ...rest
    } = before;
    const { [ACCESS_LOG]: log, ...after } = treeOf(project.root);
    expect(after).toEqual(rest);
    expect(log).toBeDefined();
    expect(project.text(ACCESS_LOG)).toBe('');
    await endSession(project.workspace);
    expect(project.has(TRACKER)).toBe(false);
  });

  it('is not repaired with the agents of an earlier one', async () => {
    await spawn('a-1');
    await startSession(project.workspace);
    project.write(TRACKER, '');
    await repairWorkspace(project.workspace);
    expect(readAllAgents(project.reopen())).toEqual([]);
    expect(project.has(TRACKER)).toBe(false);
  });

  it('may be another harness’s, by id', async () => {
    await startSession(project.workspace, { harness_id: 'codex-nexo' });
    expect(project.has('.nexus/state/codex-nexo/agent-tracker.json')).toBe(true);
    expect(existsSync(project.path(TRACKER))).toBe(false);
    for (const harness_id of ['', '../x', 'Codex', 'artifacts']) {
      expect((await failureOf(startSession(project.workspace, { harness_id }))).code).toBe(
        'HARNESS_ID_INVALID',
      );
      expect((await failureOf(endSession(project.workspace, { harness_id }))).code).toBe(
        'HARNESS_ID_INVALID',
      );
    }
  });
});

describe('the agent tracker', () => {
  it('records that an agent starts, ends and goes on', async () => {
    await spawn('a-1');
    const started = {
      harness_id: 'claude-nexo',
      agent_name: 'architect',
      agent_id: 'a-1',
      started_at: '2026-05-01T09:00:00.000Z',
    };
    expect(project.json(TRACKER)).toEqual([{ ...started, resume_count: 0, status: 'running' }]);
    await recordAgentComplete(project.workspace, {
      agent_id: 'a-1',
      last_message: 'Done',
      files_touched: ['a', 'b', 'a'],
    });
    const ended = {
      ...started,
      stopped_at: '2026-05-01T09:00:01.000Z',
      last_message: 'Done',
      files_touched: ['a', 'b'],
    };
    expect(project.json(TRACKER)).toEqual([{ ...ended, resume_count: 0, status: 'completed' }]);
    await recordAgentResume(project.workspace, { agent_id: 'a-1' });
    await recordAgentResume(project.workspace, { agent_id: 'a-1' });
    expect(project.json(TRACKER)).toEqual([
      { ...ended, resume_count: 2, status: 'running', last_resumed_at: '2026-05-01T09:00:03.000Z' },
    ]);
  });

  it('passes over agents that it does not know, and makes no tracker for them', async () => {
    await recordAgentComplete(project.workspace, { agent_id: 'unknown' });
    await recordAgentResume(project.workspace, { agent_id: 'unknown' });
    expect(project.has(TRACKER)).toBe(false);
    await spawn('a-1');
    const before = project.text(TRACKER);
    await recordAgentComplete(project.workspace, { agent_id: 'unknown' });
    expect(project.text(TRACKER)).toBe(before);
  });

  it('changes the newest of entries with one id', async () => {
    await spawn('a-1');
    await spawn('a-1');
    await recordAgentComplete(project.workspace, { agent_id: 'a-1' });
    expect(project.json(TRACKER)).toMatchObject([{ status: 'running' }, { status: 'completed' }]);
  });

  it('keeps 500 characters of the last message, whole ones', async () => {
    await spawn('a-1');
    await recordAgentComplete(project.workspace, {
      agent_id: 'a-1',
      last_message: `${'x'.repeat(499)}🌲 and more`,
    });
    const [entry] = project.json(TRACKER) as { last_message: string }[];
    expect(entry?.last_message).toHaveLength(500);
    expect(entry?.last_message.isWellFormed()).toBe(true);
  });

  it('keeps what others added to an entry', async () => {
    project.write(
      TRACKER,
      '[{"harness_id":"claude-nexo","started_at":"t","agent_id":"a-1","big":12345678901234567890}, {"harness_id":"x","started_at":"t","z":1.0}]',
    );
    await recordAgentResume(project.workspace, { agent_id: 'a-1' });
    await spawn('a-2');
    expect(project.text(TRACKER)).toContain('12345678901234567890');
    expect(project.text(TRACKER)).toContain('{"harness_id":"x","started_at":"t","z":1.0}');
    expect(project.json(TRACKER)).toMatchObject([{ resume_count: 1 }, {}, { agent_id: 'a-2' }]);
  });

  it.each([
    { agent_id: '' },
    { agent_id: 5 },
    {},
    { agent_id: 'a', agent_name: 'Architect' },
    { agent_id: 'a', priority: 1 },
  ])('refuses %j', async (input) => {
    expect((await failureOf(recordAgentSpawn(project.workspace, input as never))).code).toBe('INPUT_INVALID');
    expect(project.has(TRACKER)).toBe(false);
  });

  it('loses no entry when agents of several harnesses end at once', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => `a-${n}`);
    const harnesses = ['claude-nexo', 'codex-nexo', 'opencode-nexo'];
    const workspaces = harnesses.map((harnessId) => project.reopen({ harnessId }));
    await Promise.all(
      workspaces.flatMap((workspace) => ids.map((agent_id) => recordAgentSpawn(workspace, { agent_id }))),
    );
    await Promise.all(
      workspaces.flatMap((workspace) => ids.map((agent_id) => recordAgentComplete(workspace, { agent_id }))),
    );
    const all = readAllAgents(project.reopen());
    expect(all.map(({ harnessId }) => harnessId)).toEqual(harnesses);
    for (const { agents } of all) {
      expect(agents.map(({ agent_id }) => agent_id).sort()).toEqual([...ids].sort());
      expect(agents.every(({ status }) => status === 'completed')).toBe(true);
    }
  });
});

describe('readAllAgents', () => {
  it('reads every harness and says which tracker is damaged', async () => {
    await spawn('a-1');
    project.write(
      '.nexus/state/codex-nexo/agent-tracker.json',
      '[{"harness_id":"codex-nexo","started_at":"t","agent_id":"c"},',
    );
    project.write('.nexus/state/artifacts/agent-tracker.json', '[]');
    project.write('.nexus/state/Not-a-harness/agent-tracker.json', '[]');
    project.write('.nexus/state/empty/other.json', '[]');
    expect(readAllAgents(project.reopen())).toEqual([
      { harnessId: 'claude-nexo', agents: [expect.objectContaining({ agent_id: 'a-1' })] },
      {
        harnessId: 'codex-nexo',
        agents: [expect.objectContaining({ agent_id: 'c' })],
        problem: expect.stringContaining('codex-nexo/agent-tracker.json'),
      },
    ]);
  });

  it('finds none without a workspace', () => {
    expect(readAllAgents(project.workspace)).toEqual([]);
  });
});
