import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpEndpoint, startHttp } from '../support/mcp-http.ts';
import { newProject } from '../support/mcp-project.ts';
import { type Json, RawServer } from '../support/mcp-raw.ts';

// The server on standard output speaks the protocol by itself, the one over HTTP through the SDK. The same requests
// on the same project have to come to the same answers, in each revision.

let stdio: RawServer;
let http: HttpEndpoint;
let project: string;

beforeAll(async () => {
  project = newProject();
  stdio = new RawServer(project);
  http = await startHttp(project);
  await stdio.initialize();
  await stdio.call('a', 'nx_plan_start', { topic: 'T', issues: ['one'], research_summary: 's' });
  await stdio.call('b', 'nx_task_add', { title: 't', context: 'c' });
});

afterAll(async () => {
  stdio.process.stdin.end();
  await stdio.ended;
  await http.stop();
});

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'both', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

const call = (name: string, input?: Json): [string, Json] => [
  'tools/call',
  { name, ...(input === undefined ? {} : { arguments: input }) },
];

const REQUESTS: readonly (readonly [string, Json])[] = [
  ['tools/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'nexus://plan' }],
  ['resources/read', { uri: 'nexus://nothing' }],
  ['resources/list', { cursor: 'x' }],
  call('nx_context'),
  call('nx_plan_status', {}),
  call('nx_task_list', {}),
  call('nx_history_search', { query: 'x' }),
  call('nx_plan_decide', { issue_id: 7, decision: 'd' }),
  call('nx_task_add', { title: 5 }),
  call('nx_task_add', { title: 't', context: 'c', bogus: 1 }),
  call('nx_task_add', { title: 't', context: 'c', constructor: 1 }),
  call('nx_nothing', {}),
  ['prompts/list', {}],
  ['prompts/get', { name: 'nx-run', arguments: { request: 'go on' } }],
  ['prompts/get', { name: 'nx-nothing' }],
  ['no/such/method', {}],
];

async function overHttp(message: Json, isModern: boolean): Promise<Json> {
  const params = message.params as { name?: string; uri?: string };
  const modern: Record<string, string> = isModern
    ? { 'mcp-protocol-version': '2026-07-28', 'mcp-method': String(message.method) }
    : {};
  const name = params.name ?? params.uri;
  if (isModern && name !== undefined) modern['mcp-name'] = name;
  const response = await fetch(http.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${http.token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...modern,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  const text = await response.text();
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text);
}

/** What is left to the implementation: the texts of the SDK's own errors, and their data. */
function comparable({ error, ...message }: Json): Json {
  return error === undefined ? message : { ...message, error: (error as { code: number }).code };
}

describe.each([
  ['2025-11-25', false],
  ['2026-07-28', true],
] as const)('both doors in %s', (_revision, isModern) => {
  it.each(REQUESTS)('give one answer to %s %j', async (method, params) => {
    const id = `${method} ${JSON.stringify(params)} ${isModern}`;
    const message = { id, method, params: isModern ? { ...params, _meta: ENVELOPE } : params };
    stdio.send(message);
    expect(comparable(await stdio.answer(id))).toEqual(comparable(await overHttp(message, isModern)));
  });

  it.each([
    ['null', 'arguments must be an object'],
    ['[]', 'arguments must be an object'],
    ['"x"', 'arguments must be an object'],
    ['{"__proto__":{"title":"x"},"title":"t","context":"c"}', 'arguments may not hold the key __proto__'],
  ])('refuse the arguments %s in the same words, and do nothing', async (json, reason) => {
    const before = readFileSync(join(project, '.nexus/state/tasks.json'), 'utf8');
    const id = `${json} ${isModern}`;
    const params: Json = {
      name: 'nx_task_add',
      arguments: JSON.parse(json),
      ...(isModern ? { _meta: ENVELOPE } : {}),
    };
    const message = { id, method: 'tools/call', params };
    stdio.send(message);
    const error = { code: -32602, message: `Invalid params: ${reason}` };
    expect(await stdio.answer(id)).toMatchObject({ id, error });
    expect(await overHttp(message, isModern)).toMatchObject({ id, error });
    expect(readFileSync(join(project, '.nexus/state/tasks.json'), 'utf8')).toBe(before);
  });

  it('say beside an empty answer that its file cannot be understood', async () => {
    writeFileSync(join(project, '.nexus', 'history.json'), '{bad');
    const id = `damaged ${isModern}`;
    const params: Json = { name: 'nx_history_search', ...(isModern ? { _meta: ENVELOPE } : {}) };
    stdio.send({ id, method: 'tools/call', params });
    const answers = [await stdio.answer(id), await overHttp({ id, method: 'tools/call', params }, isModern)];
    for (const { result } of answers) {
      expect(result).toMatchObject({
        structuredContent: { total: 0, showing: 0, cycles: [] },
        _meta: { 'nexo/warning': expect.stringContaining('.nexus/history.json is not valid JSON.') },
      });
    }
  });
});
