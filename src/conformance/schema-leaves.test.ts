import { describe, expect, it } from 'vitest';

import { stateJsonSchemas } from '../workspace/json-schemas.ts';
import { extractLeaves } from './schema-leaves.ts';

const text = { type: 'string' };

describe('the leaves of a schema', () => {
  it('are its members, with those of lists marked', () => {
    const schema = {
      type: 'object',
      properties: {
        name: text,
        tags: { type: 'array', items: text },
        people: {
          type: 'array',
          items: {
            type: 'object',
            properties: { id: text, deep: { type: 'object', properties: { x: text } } },
          },
        },
      },
    };
    expect(extractLeaves(schema)).toEqual(['name', 'tags[]', 'people[].id', 'people[].deep.x']);
  });

  it('have no prefix below a list at the root', () => {
    expect(
      extractLeaves({ type: 'array', items: { type: 'object', properties: { a: text, b: text } } }),
    ).toEqual(['a', 'b']);
  });

  it('end at objects without declared members, and at nodes without a type', () => {
    const schema = {
      type: 'object',
      properties: {
        map: { type: 'object', additionalProperties: text },
        choice: { oneOf: [{ type: 'object', properties: { inside: text } }, { type: 'null' }] },
        maybe: { type: ['string', 'null'] },
      },
    };
    expect(extractLeaves(schema)).toEqual(['map', 'choice', 'maybe']);
  });

  it('are found behind references, also inside themselves', () => {
    const schema = {
      type: 'object',
      properties: {
        root: { $ref: '#/$defs/node' },
        list: { type: 'array', items: { $ref: '#/$defs/a~1b' } },
      },
      $defs: {
        node: { type: 'object', properties: { value: text, next: { $ref: '#/$defs/node' } } },
        'a/b': { type: 'object', properties: { c: text } },
      },
    };
    expect(extractLeaves(schema)).toEqual(['root.value', 'root.next', 'list[].c']);
  });
});

it('our state schemas have the sixty-one leaves of the contract', () => {
  const task = [
    'id',
    'title',
    'context',
    'approach',
    'acceptance',
    'risk',
    'status',
    'deps[]',
    'plan_issue',
    'owner',
    'owner_agent_id',
    'owner_reuse_policy',
    'created_at',
  ];
  const issue = ['id', 'title', 'status', 'decision', 'how_agents[]', 'how_summary', 'how_agent_ids'];
  const expected: Record<string, string[]> = {
    'plan.schema.json': [
      'schema_version',
      'id',
      'topic',
      ...issue.map((leaf) => `issues[].${leaf}`),
      'research_summary',
      'created_at',
    ],
    'tasks.schema.json': ['schema_version', 'goal', 'decisions[]', ...task.map((leaf) => `tasks[].${leaf}`)],
    'history.schema.json': [
      'schema_version',
      ...['schema_version', 'completed_at', 'branch', 'plan'].map((leaf) => `cycles[].${leaf}`),
      ...task.map((leaf) => `cycles[].tasks[].${leaf}`),
    ],
    'agent-tracker.schema.json': [
      'harness_id',
      'agent_name',
      'agent_id',
      'started_at',
      'last_resumed_at',
      'resume_count',
      'status',
      'stopped_at',
      'last_message',
      'files_touched[]',
    ],
    'memory-access.schema.json': ['path', 'last_accessed_ts', 'access_count', 'last_agent', 'schema_version'],
  };
  const found = Object.fromEntries(
    Object.entries(stateJsonSchemas()).map(([name, schema]) => [name, extractLeaves(schema).sort()]),
  );
  expect(found).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, leaves]) => [name, leaves.sort()])),
  );
  expect(Object.values(found).flat()).toHaveLength(61);
});
