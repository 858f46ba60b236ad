import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

import { newProject } from '../support/mcp-project.ts';
import { RawServer } from '../support/mcp-raw.ts';

// The openings that each harness sends, as recorded from the releases named; see docs/mcp.md for the configuration.

let server: RawServer;

afterEach(async () => {
  server.process.stdin.end();
  expect(await server.ended).toEqual({ code: 0, signal: null });
  expect(server.stderr).toBe('');
});

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'claude-code', version: '2.1.329' },
  'io.modelcontextprotocol/clientCapabilities': {
    roots: { listChanged: true },
    elicitation: { form: {}, url: {} },
  },
};

describe('Claude Code 2.1', () => {
  it('probes for 2026-07-28, opens with 2025-11-25 and works in its project folder', async () => {
    const [project, elsewhere] = [newProject(), newProject()];
    server = new RawServer(elsewhere, { env: { CLAUDE_PROJECT_DIR: project } });
    server.send({ id: 0, method: 'server/discover', params: { _meta: ENVELOPE } });
    expect(await server.answer(0)).toMatchObject({
      result: { supportedVersions: ['2026-07-28'], resultType: 'complete' },
    });
    server.send({
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: { roots: { listChanged: true }, elicitation: { form: {}, url: {} } },
        clientInfo: { name: 'claude-code', title: 'Claude Code', version: '2.1.329' },
      },
    });
    expect(await server.answer(1)).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
    server.send({ method: 'notifications/initialized' }, { id: 2, method: 'tools/list' });
    const question = await server.heard(({ method }) => method === 'roots/list');
    server.send({
      id: question.id,
      result: { roots: [{ uri: pathToFileURL(project).href, name: 'project' }] },
    });
    server.send({ id: 3, method: 'resources/list' });
    expect(await server.answer(2)).toMatchObject({ result: { tools: { length: 11 } } });
    expect(await server.answer(3)).toMatchObject({ result: { _meta: { 'nexo/workspace': project } } });
    expect(await server.call(4, 'nx_task_add', { title: 't', context: 'c' })).toMatchObject({
      task: { id: 1 },
    });
  });

  it('may go on with 2026-07-28 after its probe', async () => {
    const project = newProject();
    server = new RawServer(newProject(), { env: { CLAUDE_PROJECT_DIR: project } });
    server.send({ id: 0, method: 'server/discover', params: { _meta: ENVELOPE } });
    await server.answer(0);
    server.send({ id: 1, method: 'tools/list', params: { _meta: ENVELOPE } });
    expect(await server.answer(1)).toMatchObject({
      result: { tools: { length: 11 }, resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'private' },
    });
    const params = { name: 'nx_context', arguments: {}, _meta: { ...ENVELOPE, progressToken: 7 } };
    server.send({ id: 2, method: 'tools/call', params });
    expect(await server.answer(2)).toMatchObject({
      result: { resultType: 'complete', _meta: { 'nexo/workspace': project } },
    });
  });
});

describe('Codex 0.169', () => {
  it('opens with 2025-06-18 and asks for the tools with a progress token', async () => {
    const project = newProject('mit Umläut und Leerzeichen');
    server = new RawServer(project);
    server.send(
      {
        id: 0,
        method: 'initialize',
        params: {
          protocolVersion: '2025-06-18',
          capabilities: { elicitation: { form: {}, url: {} }, experimental: { 'codex/sandbox-state': {} } },
          clientInfo: { name: 'codex-mcp-client', title: 'Codex', version: '0.169.0' },
        },
      },
      { method: 'notifications/initialized' },
      { id: 1, method: 'tools/list', params: { _meta: { progressToken: 0 } } },
    );
    expect(await server.answer(0)).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
    expect(await server.answer(1)).toMatchObject({ result: { tools: { length: 11 } } });
    server.send({ id: 2, method: 'tools/call', params: { _meta: { progressToken: 1 }, name: 'nx_context' } });
    expect(await server.answer(2)).toMatchObject({ result: { _meta: { 'nexo/workspace': project } } });
    server.send(
      { id: 3, method: 'resources/list', params: { _meta: { progressToken: 2 } } },
      { id: 4, method: 'resources/templates/list', params: { _meta: { progressToken: 3 } } },
    );
    expect(await server.answer(3)).toMatchObject({ result: { resources: { length: 3 } } });
    expect(await server.answer(4)).toMatchObject({ result: { resourceTemplates: { length: 3 } } });
  });
});

describe('OpenCode 1.18', () => {
  it('opens with 2025-11-25 and names its folder when asked', async () => {
    const [project, elsewhere] = [newProject(), newProject()];
    server = new RawServer(elsewhere);
    server.send(
      {
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: { roots: {} },
          clientInfo: { name: 'opencode', version: '1.18.33' },
        },
        id: 0,
      },
      { method: 'notifications/initialized' },
      { method: 'tools/list', id: 1 },
    );
    const question = await server.heard(({ method }) => method === 'roots/list');
    server.send({ result: { roots: [{ uri: pathToFileURL(project).href }] }, id: question.id });
    expect(await server.answer(1)).toMatchObject({ result: { tools: { length: 11 } } });
    await server.call(2, 'nx_context');
    expect(await server.answer(2)).toMatchObject({ result: { _meta: { 'nexo/workspace': project } } });
  });
});
