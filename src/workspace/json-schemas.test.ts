import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  call,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { recordAgentComplete, recordAgentResume, recordAgentSpawn } from './agent-tracker.ts';
import { stateJsonSchemas } from './json-schemas.ts';
import { recordMemoryRead } from './memory-access.ts';
import { startSession } from './session.ts';

const FOLDER = fileURLToPath(new URL('../../assets/schemas/', import.meta.url));
const NAMES = ['plan', 'tasks', 'history', 'agent-tracker', 'memory-access'].map(
  (name) => `${name}.schema.json`,
);

const published = (name: string): Record<string, unknown> => JSON.parse(readFileSync(FOLDER + name, 'utf8'));

describe('assets/schemas', () => {
  it('holds the schemas of the state files and no other', () => {
    expect(
      readdirSync(FOLDER)
        .filter((name) => NAMES.includes(name))
        .sort(),
    ).toEqual([...NAMES].sort());
    expect(Object.keys(stateJsonSchemas()).sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('%s is what the source generates: run scripts/schemas.ts after a change', (name) => {
    expect(readFileSync(FOLDER + name, 'utf8')).toBe(
      `${JSON.stringify(stateJsonSchemas()[name], null, 2)}\n`,
    );
    expect(published(name).$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });
});

describe('what the tools write', () => {
  let project: StateProject;
  const validators = new Map<string, ValidateFunction>();
  beforeAll(() => {
    const ajv = new Ajv2020({ strict: true, allErrors: true });
    // The package is CommonJS: its function is the module's default as Node gives it.
    (addFormats as unknown as (target: Ajv2020) => void)(ajv);
    for (const name of NAMES) validators.set(name, ajv.compile(published(name)));
  });

  const faultsOf = (name: string, value: unknown): unknown => {
    const validate = validators.get(`${name}.schema.json`);
    return validate?.(value) ? [] : (validate?.errors ?? 'no such schema');
  };

  it('satisfies the published schemas, at every step', async () => {
    project = newStateProject({ harnessId: 'claude-nexo' });
    const { workspace } = project;
    const check = (): void => {
      if (project.has(PLAN)) expect(faultsOf('plan', project.json(PLAN))).toEqual([]);
      if (project.has(TASKS)) expect(faultsOf('tasks', project.json(TASKS))).toEqual([]);
      if (project.has(HISTORY)) expect(faultsOf('history', project.json(HISTORY))).toEqual([]);
    };
    const steps: [string, Record<string, unknown>][] = [
      ['plan_start', { topic: 'T', issues: ['a', 'b'], research_summary: '' }],
      [
        'plan_decide',
        { issue_id: 1, decision: '', how_agents: ['x'], how_summary: { x: 'y' }, how_agent_ids: { x: '1' } },
      ],
      ['plan_update', { action: 'add', title: 'c' }],
      ['plan_update', { action: 'reopen', issue_id: 1 }],
      ['plan_update', { action: 'edit', issue_id: 1, title: 'A' }],
      ['plan_update', { action: 'remove', issue_id: 2 }],
      ['task_add', { title: 'x', context: 'y' }],
      [
        'task_add',
        {
          title: 'x',
          context: 'y',
          deps: [1],
          approach: '',
          acceptance: 'a',
          risk: 'r',
          plan_issue: 1,
          goal: 'G',
          decisions: ['d'],
          owner: 'lead',
          owner_agent_id: 'a',
          owner_reuse_policy: 'resume',
        },
      ],
      ['task_update', { id: 1, status: 'in_progress' }],
      ['plan_start', { topic: 'Next', issues: [], research_summary: 'r' }],
      ['task_close', {}],
      ['task_close', {}],
    ];
    for (const [name, input] of steps) {
      await call(workspace, name, input);
      check();
    }
    expect(project.json(HISTORY)).toMatchObject({ cycles: [{}, {}, {}] });
  });

  it('satisfies them in the namespace of a harness', async () => {
    const tracker = '.nexus/state/claude-nexo/agent-tracker.json';
    const { workspace } = project;
    const steps = [
      () => startSession(workspace),
      () => recordAgentSpawn(workspace, { agent_id: 'a', agent_name: 'architect' }),
      () => recordAgentSpawn(workspace, { agent_id: 'b' }),
      () => recordAgentComplete(workspace, { agent_id: 'a', last_message: '', files_touched: [] }),
      () => recordAgentResume(workspace, { agent_id: 'a' }),
    ];
    for (const step of steps) {
      await step();
      expect(faultsOf('agent-tracker', project.json(tracker))).toEqual([]);
    }
    await recordMemoryRead(workspace, { path: '.nexus/memory/a.md', agent: 'a' });
    expect(faultsOf('memory-access', project.json('.nexus/state/claude-nexo/memory-access.jsonl'))).toEqual(
      [],
    );
  });

  it.each([
    ['plan', { id: 1, topic: 't', issues: [], created_at: 'yesterday' }],
    ['plan', { id: 0, topic: 't', issues: [], created_at: '2026-01-01T00:00:00Z' }],
    ['plan', { id: 1, topic: 't', issues: [], created_at: '2026-01-01T00:00:00Z', priority: 1 }],
    ['tasks', { goal: 'g', decisions: [], tasks: [{ id: 1 }] }],
    ['history', { cycles: [{ completed_at: '2026-01-01T00:00:00Z', branch: 'b', plan: null, tasks: [] }] }],
    [
      'history',
      {
        cycles: [
          { schema_version: '0.5', completed_at: '2026-01-01T00:00:00Z', branch: '', plan: null, tasks: [] },
        ],
      },
    ],
    [
      'history',
      {
        cycles: [
          {
            schema_version: '0.5',
            completed_at: '2026-01-01T00:00:00Z',
            branch: 'b',
            plan: {
              schema_version: '0.5',
              id: 1,
              topic: 't',
              issues: [],
              created_at: '2026-01-01T00:00:00Z',
            },
            tasks: [],
          },
        ],
      },
    ],
    ['agent-tracker', [{ harness_id: 'Claude', started_at: '2026-01-01T00:00:00Z' }]],
    [
      'memory-access',
      { path: '', last_accessed_ts: '2026-01-01T00:00:00Z', access_count: 1.5, last_agent: 'a' },
    ],
  ])('%s refuses %j', (name, value) => {
    expect(faultsOf(name, value)).not.toEqual([]);
  });
});
