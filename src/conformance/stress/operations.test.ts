import type { Tool } from '@modelcontextprotocol/client';
import { expect, it } from 'vitest';

import { fitParams, planCalls } from './operations.ts';
import { createRandom } from './random.ts';
import { planDisturbances } from './writer.ts';

const names = ['nx_task_add', 'nx_task_close', 'nx_plan_start', 'nx_lsp_hover'];
const tools = new Map(names.map((name) => [name, { name, inputSchema: { type: 'object' } } satisfies Tool]));
const plan = (seed: number, stream = 0): unknown =>
  planCalls(createRandom(seed, stream), { count: 200, name: 'n', tools, toolPrefix: 'nx_' });

it('the same seed gives the same calls, another seed or writer others', () => {
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
  expect(plan(1, 0)).not.toEqual(plan(1, 1));
});

it('only tools that the server has are called, and every text is used once', () => {
  const calls = planCalls(createRandom(7, 0), { count: 300, name: 'n', tools, toolPrefix: 'nx_' });
  expect(new Set(calls.map(({ tool }) => tool))).toEqual(new Set(['task_add', 'task_close', 'plan_start']));
  const texts = calls.flatMap(({ params }) => params.title ?? params.topic ?? []);
  expect(new Set(texts).size).toBe(texts.length);
});

it('what another release requires is made up by its schema', () => {
  const schema = {
    type: 'object',
    properties: {
      title: { type: 'string' },
      acceptance: { type: 'string' },
      owner: {
        type: 'object',
        properties: { role: { enum: ['lead', 'x'] }, id: { type: 'string' } },
        required: ['role'],
      },
      count: { type: 'integer' },
      optional: { type: 'string' },
      force: { type: 'boolean' },
    },
    required: ['title', 'acceptance', 'owner', 'count'],
  };
  expect(fitParams({ title: 't' }, schema)).toEqual({
    title: 't',
    acceptance: 'stress',
    owner: { role: 'lead' },
    count: 1,
    force: true,
  });
  expect(fitParams({ title: 't' }, undefined)).toEqual({ title: 't' });
});

it('kills are as many as asked for, at different calls', () => {
  const disturbances = [...planDisturbances(createRandom(3, 1), { calls: 50, kills: 20 })];
  expect(disturbances.filter(([, { kind }]) => kind === 'kill')).toHaveLength(20);
  expect(disturbances.every(([index]) => index >= 0 && index < 50)).toBe(true);
  expect(disturbances.some(([, { kind }]) => kind === 'pause')).toBe(true);
});
