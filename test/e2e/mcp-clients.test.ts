import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DOORS, REVISIONS } from '../support/mcp-clients.ts';
import { newProject } from '../support/mcp-project.ts';

// The official client through both doors in every revision in use. It checks structured results against the output
// schemas by itself, so each call here is also a test of the schema.

const cases = Object.entries(DOORS).flatMap(([door, { connect }]) =>
  Object.entries(REVISIONS).map(([revision, options]) => ({ door, revision, connect, options })),
);

describe.each(cases)('$revision over $door', ({ door, revision, connect, options }) => {
  let project: string;
  let client: Client;
  let close: () => Promise<void>;

  beforeEach(async () => {
    project = newProject();
    ({ client, close } = await connect(project, options));
  });
  afterEach(() => close());

  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: input });
    const [content] = Array.isArray(result.content) ? result.content : [];
    expect(JSON.parse(content?.type === 'text' ? content.text : '')).toEqual(result.structuredContent);
    return result;
  };

  it('introduces itself with the project in use', () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect(client.getServerVersion()).toMatchObject({ name: 'nexo', title: 'Nexo' });
    expect(client.getInstructions()).toContain(project);
  });

  it('runs a whole cycle, each result in text and structure, and names the workspace', async () => {
    expect((await call('nx_task_list')).structuredContent).toEqual({ exists: false });
    await call('nx_plan_start', {
      topic: 'Cache',
      issues: ['Eviction'],
      research_summary: 'Read the store.',
    });
    const decided = await call('nx_plan_decide', { issue_id: 1, decision: 'LRU' });
    expect(decided.structuredContent).toMatchObject({ decided: true, allComplete: true });
    expect(decided._meta).toMatchObject({ 'nexo/workspace': project });
    const added = await call('nx_task_add', {
      title: 'Build it',
      context: 'c',
      deps: [],
      decisions: ['LRU'],
    });
    expect(added.structuredContent).toMatchObject({ task: { id: 1, status: 'pending' } });
    await call('nx_task_update', { id: 1, status: 'completed' });
    await call('nx_context');
    await call('nx_artifact_write', { filename: 'notes.md', content: 'n' });
    expect((await call('nx_task_close')).structuredContent).toMatchObject({ closed: true, total_cycles: 1 });
    expect((await call('nx_history_search', { query: 'cache' })).structuredContent).toMatchObject({
      total: 1,
    });
    expect(JSON.parse(readFileSync(join(project, '.nexus', 'history.json'), 'utf8')).cycles).toHaveLength(1);
  });

  it('answers what a model did wrong with a result that it can act on', async () => {
    const notActive = await call('nx_plan_decide', { issue_id: 1, decision: 'x' });
    expect(notActive).toMatchObject({
      isError: true,
      structuredContent: { error: 'No active plan session' },
    });
    const badArguments = await call('nx_task_add', { title: 'no context' });
    expect(badArguments).toMatchObject({
      isError: true,
      structuredContent: { error: expect.stringContaining('context') },
    });
    expect(existsSync(join(project, '.nexus', 'state', 'tasks.json'))).toBe(false);
    await expect(client.callTool({ name: 'nx_nothing' })).rejects.toThrow(/Unknown tool: nx_nothing/);
  });

  it('lists and reads resources, and refuses what is none', async () => {
    mkdirSync(join(project, '.nexus', 'memory'), { recursive: true });
    writeFileSync(join(project, '.nexus', 'memory', 'lesson.md'), 'Measure first.');
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'nexus://plan',
      'nexus://tasks',
      'nexus://history',
      'nexus://memory/lesson.md',
    ]);
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'nexus://memory/{file}',
      'nexus://context/{file}',
      'nexus://rules/{file}',
    ]);
    expect((await client.readResource({ uri: 'nexus://memory/lesson.md' })).contents).toEqual([
      { uri: 'nexus://memory/lesson.md', mimeType: 'text/markdown', text: 'Measure first.' },
    ]);
    await expect(client.readResource({ uri: 'nexus://memory/..%2Fhistory.json' })).rejects.toThrow(
      /no resource/,
    );
  });

  it('tells of changes where the revision has a channel for it, and promises none where not', async () => {
    const heard = Promise.withResolvers<string>();
    client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
      heard.resolve(params.uri),
    );
    if (revision === '2026-07-28') {
      const subscription = await client.listen({ resourceSubscriptions: ['nexus://tasks'] });
      expect(subscription.honoredFilter).toEqual({ resourceSubscriptions: ['nexus://tasks'] });
    } else if (door === 'http') {
      expect(client.getServerCapabilities()?.resources).toEqual({});
      return;
    } else {
      await client.subscribeResource({ uri: 'nexus://tasks' });
    }
    await call('nx_task_add', { title: 't', context: 'c' });
    expect(await heard.promise).toBe('nexus://tasks');
  });
});

describe('a client that finds out by itself', () => {
  it.each(Object.entries(DOORS))('gets the newest revision over %s', async (_door, { connect }) => {
    const { client, close } = await connect(newProject(), { versionNegotiation: { mode: 'auto' } });
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await close();
  });
});
