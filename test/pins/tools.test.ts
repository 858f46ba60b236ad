import { describe, expect, it } from 'vitest';

import { Toolbox } from '../../src/mcp/toolbox.ts';
import { DEFAULT_TOOLSETS, TOOLSETS } from '../../src/mcp/toolsets.ts';
import { CORE_TOOL_NAMES } from '../../src/plugins/core-tools.ts';
import { temporaryHomePaths } from '../support/home.ts';

const place = { home: temporaryHomePaths(), env: {}, log: () => {} };
const tools = await new Toolbox(DEFAULT_TOOLSETS, place).list();

/** `read` changes nothing; `add` only adds; `change` may take away; `replace` may, and twice is as good as once. */
const HINTS = {
  read: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  add: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  change: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  replace: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
} as const;

/** The tools in the order in which clients get them; descriptions are free to change. */
const PINNED = [
  {
    name: 'nx_plan_start',
    hints: 'add',
    required: ['topic', 'issues', 'research_summary'],
    properties: {
      topic: { type: 'string', minLength: 1 },
      issues: { type: 'array', items: { type: 'string', minLength: 1 } },
      research_summary: { type: 'string' },
    },
  },
  {
    name: 'nx_plan_status',
    hints: 'read',
    required: [],
    properties: {},
  },
  {
    name: 'nx_plan_update',
    hints: 'change',
    required: ['action'],
    properties: { action: { type: 'string' }, issue_id: { type: 'number' }, title: { type: 'string' } },
  },
  {
    name: 'nx_plan_decide',
    hints: 'replace',
    required: ['issue_id', 'decision'],
    properties: {
      issue_id: { type: 'number' },
      decision: { type: 'string' },
      how_agents: { type: 'array', items: { type: 'string' } },
      how_summary: { type: 'object', additionalProperties: { type: 'string' } },
      how_agent_ids: { type: 'object', additionalProperties: { type: 'string' } },
    },
  },
  {
    name: 'nx_task_add',
    hints: 'add',
    required: ['title', 'context'],
    properties: {
      title: { type: 'string', minLength: 1 },
      context: { type: 'string', minLength: 1 },
      deps: { type: 'array', items: { type: 'number' } },
      approach: { type: 'string' },
      acceptance: { type: 'string' },
      risk: { type: 'string' },
      plan_issue: { type: 'number' },
      goal: { type: 'string' },
      decisions: { type: 'array', items: { type: 'string' } },
      owner: { type: 'string' },
      owner_agent_id: { type: 'string' },
      owner_reuse_policy: { type: 'string', enum: ['fresh', 'resume_if_same_artifact', 'resume'] },
    },
  },
  {
    name: 'nx_task_list',
    hints: 'read',
    required: [],
    properties: {},
  },
  {
    name: 'nx_task_update',
    hints: 'replace',
    required: ['id', 'status'],
    properties: {
      id: { type: 'number' },
      status: { type: 'string', enum: ['pending', 'in_progress', 'completed'] },
    },
  },
  {
    name: 'nx_task_close',
    hints: 'change',
    required: [],
    properties: {},
  },
  {
    name: 'nx_history_search',
    hints: 'read',
    required: [],
    properties: { query: { type: 'string' }, last_n: { type: 'number' } },
  },
  {
    name: 'nx_context',
    hints: 'read',
    required: [],
    properties: {},
  },
  {
    name: 'nx_artifact_write',
    hints: 'replace',
    required: ['filename', 'content'],
    properties: { filename: { type: 'string' }, content: { type: 'string' } },
  },
] as const;

/** A model pays for the list in every session: characters / 4 is the usual estimate. */
const MAX_TOKENS = 2500;

describe('the tool list', () => {
  it('has these tools with these arguments, in this order', () => {
    const expected = PINNED.map(({ name, hints, required, properties }) => ({
      name,
      annotations: HINTS[hints],
      inputSchema: {
        type: 'object',
        properties,
        ...(required.length > 0 ? { required } : {}),
        additionalProperties: false,
      },
    }));
    const actual = tools.map(({ name, annotations, inputSchema }) => ({
      name,
      annotations,
      inputSchema: withoutDescriptions(inputSchema),
    }));
    expect(actual).toEqual(expected);
  });

  it('costs a model at most 2,500 tokens, annotations and output schemas included', () => {
    expect(JSON.stringify(tools).length / 4).toBeLessThanOrEqual(MAX_TOKENS);
  });

  it('has names that no harness rewrites and a title and a description for each', () => {
    for (const { name, title, description } of tools) {
      expect(name).toMatch(/^[a-z0-9_]{1,40}$/);
      expect([title, description]).toEqual([
        expect.stringMatching(/^.{3,40}$/),
        expect.stringMatching(/^.{10,300}$/),
      ]);
    }
  });

  it('gives every value one type, which is all that some clients can map', () => {
    expect(JSON.stringify(tools)).not.toMatch(/"type":\[/);
  });

  it('has an output schema that an answer with nothing but an error satisfies', () => {
    for (const { outputSchema } of tools) {
      expect(outputSchema).toMatchObject({ type: 'object', properties: { error: { type: 'string' } } });
      expect(outputSchema).not.toHaveProperty('required');
      expect(outputSchema).not.toHaveProperty('additionalProperties');
    }
  });
});

/** The schema without the texts; a property that is itself called `description` stays. */
function withoutDescriptions(node: unknown, isPropertyMap = false): unknown {
  if (Array.isArray(node)) return node.map((item) => withoutDescriptions(item));
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.entries(node).filter(([key]) => isPropertyMap || key !== 'description');
  return Object.fromEntries(
    members.map(([key, value]) => [key, withoutDescriptions(value, key === 'properties')]),
  );
}

describe('the names that plugins cannot have', () => {
  it('are those of all tools of our own', async () => {
    const names = (await new Toolbox(TOOLSETS, place).list()).map(({ name }) => name);
    expect([...CORE_TOOL_NAMES]).toEqual(names.filter((name) => !name.startsWith('nx_')).sort());
  });
});
