import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isRecord } from '../protocol.ts';
import { DEFAULT_TOOLSETS } from '../toolsets.ts';
import { Session } from './session.ts';

let base: string;
let session: Session;
let sent: Record<string, unknown>[];
let waiting: (() => void)[];
let canNotify: boolean;
let onAsked: () => void;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'session-'));
  for (const name of ['a/.git', 'b/.git', 'home']) mkdirSync(join(base, name), { recursive: true });
  sent = [];
  canNotify = true;
  waiting = [];
  onAsked = () => undefined;
});

afterEach(() => session.close());

function open(cwd = 'a', rootsTimeoutMs?: number): void {
  session = new Session({
    toolsets: DEFAULT_TOOLSETS,
    log: () => undefined,
    launch: { root: undefined, env: {}, cwd: join(base, cwd), userHome: join(base, 'home') },
    send: (json) => {
      const message: unknown = JSON.parse(json.toString());
      if (isRecord(message)) sent.push(message);
      for (const check of [...waiting]) check();
    },
    canNotify: () => {
      onAsked();
      return canNotify;
    },
    loadService: () => import('../service.ts'),
    onBug: (error) => {
      throw error;
    },
    ...(rootsTimeoutMs === undefined ? {} : { rootsTimeoutMs }),
  });
}

const say = (message: object) =>
  session.accept({ kind: 'line', bytes: Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })) });

/** The first message sent, already or later, that the test is looking for. */
async function heard(isIt: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    const check = () => {
      const found = sent.find(isIt);
      if (found !== undefined) resolve(found);
    };
    waiting.push(check);
    check();
  });
}

const answer = (id: number | string) => heard((message) => message.id === id && !('method' in message));

function hello(capabilities: object = {}): void {
  say({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities, clientInfo: {} },
  });
}

const call = (id: number, name: string, input: object = {}) =>
  say({ id, method: 'tools/call', params: { name, arguments: input } });

const META_MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const roots = (...folders: string[]) => ({
  roots: folders.map((f) => ({ uri: pathToFileURL(join(base, f)).href })),
});

describe('a session', () => {
  it('answers with the revision that was asked for, or with the newest that it knows', async () => {
    open();
    for (const [id, version] of ['2025-06-18', '2025-11-25', '2024-11-05', '1999-01-01'].entries()) {
      say({ id, method: 'initialize', params: { protocolVersion: version, capabilities: {} } });
    }
    const versions = await Promise.all(
      [0, 1, 2, 3].map(
        async (id) => ((await answer(id)).result as { protocolVersion: string }).protocolVersion,
      ),
    );
    expect(versions).toEqual(['2025-06-18', '2025-11-25', '2024-11-05', '2025-11-25']);
  });

  it('serves each request by its own revision: a probe for 2026-07-28, then a handshake', async () => {
    open();
    say({ id: 'p', method: 'server/discover', params: { _meta: META_MODERN } });
    expect(await answer('p')).toMatchObject({
      result: { supportedVersions: ['2026-07-28'], resultType: 'complete', cacheScope: 'private' },
    });
    hello();
    expect(await answer(0)).not.toHaveProperty('result.resultType');
    say({ id: 1, method: 'server/discover' });
    say({ id: 2, method: 'ping', params: { _meta: META_MODERN } });
    say({ id: 3, method: 'no/such/method' });
    for (const id of [1, 2, 3]) expect(await answer(id)).toMatchObject({ error: { code: -32601 } });
  });

  it('works in the folder that the client has open, and waits for it to say so', async () => {
    open('a');
    hello({ roots: {} });
    say({ method: 'notifications/initialized' });
    call(1, 'nx_task_add', { title: 't', context: 'c' });
    const question = await heard((message) => message.method === 'roots/list');
    expect(sent.some((message) => message.id === 1 && 'result' in message)).toBe(false);
    say({ id: question.id, result: roots('b') });
    expect(await answer(1)).toMatchObject({ result: { _meta: { 'nexo/workspace': join(base, 'b') } } });
  });

  it('refuses every call while two folders are open and none is meant, and says what to do', async () => {
    open('home');
    hello({ roots: {} });
    call(1, 'nx_context');
    const question = await heard((message) => message.method === 'roots/list');
    say({ id: question.id, result: roots('a', 'b') });
    const { result } = (await answer(1)) as { result: Record<string, unknown> };
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toEqual({
      error: expect.stringMatching(/^PROJECT_ROOT_AMBIGUOUS: .*--root/),
    });
    expect(result).not.toHaveProperty('_meta');
    say({ id: 2, method: 'resources/read', params: { uri: 'nexus://plan' } });
    expect(await answer(2)).toMatchObject({
      error: { code: -32603, data: { code: 'PROJECT_ROOT_AMBIGUOUS' } },
    });
  });

  it('follows the client to another folder, and tells those who listen', async () => {
    open('a');
    hello({ roots: { listChanged: true } });
    say({ id: 1, method: 'resources/subscribe', params: { uri: 'nexus://tasks' } });
    const first = await heard((message) => message.method === 'roots/list');
    say({ id: first.id, result: roots('a') });
    await answer(1);
    say({ method: 'notifications/roots/list_changed' });
    const second = await heard((message) => message.method === 'roots/list' && message.id !== first.id);
    say({ id: second.id, result: roots('b') });
    await heard((message) => message.method === 'notifications/resources/updated');
    call(2, 'nx_context');
    expect(await answer(2)).toMatchObject({ result: { _meta: { 'nexo/workspace': join(base, 'b') } } });
  });

  it('does not wait for ever for a client that never names its folders, and believes it when it does', async () => {
    open('home', 1);
    hello({ roots: {} });
    call(1, 'nx_context');
    expect(await answer(1)).toMatchObject({ result: { isError: true } });
    const late = await heard((message) => message.method === 'roots/list');
    say({ id: late.id, result: roots('a') });
    call(2, 'nx_context');
    const again = await heard((message) => message.method === 'roots/list' && message.id !== late.id);
    say({ id: again.id, result: roots('a') });
    expect(await answer(2)).toMatchObject({ result: { _meta: { 'nexo/workspace': join(base, 'a') } } });
  });

  it('answers everything that was asked before the input ended', async () => {
    open('a');
    hello({ roots: {} });
    call(1, 'nx_task_add', { title: 't', context: 'c' });
    call(2, 'nx_task_list');
    await session.finish();
    expect(await answer(2)).toMatchObject({
      result: { structuredContent: { tasks: [{ id: 1, title: 't' }] } },
    });
  });

  it('does not begin a call that is cancelled before its turn, and does not answer it', async () => {
    open('a');
    hello({ roots: {} });
    call(1, 'nx_task_add', { title: 'cancelled', context: 'c' });
    const question = await heard((message) => message.method === 'roots/list');
    say({ method: 'notifications/cancelled', params: { requestId: 1 } });
    say({ id: question.id, result: roots('a') });
    call(2, 'nx_task_list');
    expect(await answer(2)).toMatchObject({ result: { structuredContent: { exists: false } } });
    expect(sent.some((message) => message.id === 1 && !('method' in message))).toBe(false);
  });

  it('answers bad arguments with a result and an unknown tool with an error', async () => {
    open();
    hello();
    call(1, 'nx_task_add', { title: 5 });
    call(2, 'nx_nothing');
    const { result } = (await answer(1)) as {
      result: { content: { text: string }[]; structuredContent: unknown };
    };
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { error: expect.stringContaining('title') },
    });
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual(result.structuredContent);
    expect(await answer(2)).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('nx_task_add') },
    });
    say({ id: 3, method: 'tools/call', params: {} });
    expect(await answer(3)).toMatchObject({ error: { code: -32602 } });
    session.accept({ kind: 'too-long', id: 4 });
    expect(await answer(4)).toMatchObject({ error: { code: -32600 } });
  });

  it('tells a subscriber of the older revisions of changes until it unsubscribes', async () => {
    open();
    hello();
    say({ id: 1, method: 'resources/subscribe', params: { uri: 'nexus://tasks' } });
    await answer(1);
    call(2, 'nx_task_add', { title: 't', context: 'c' });
    expect(await heard((message) => message.method === 'notifications/resources/updated')).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: 'nexus://tasks' },
    });
    say({ id: 3, method: 'resources/unsubscribe', params: { uri: 'nexus://tasks' } });
    say({ id: 4, method: 'resources/list' });
    await answer(4);
    sent = [];
    mkdirSync(join(base, 'a', '.nexus', 'memory'), { recursive: true });
    writeFileSync(join(base, 'a', '.nexus', 'memory', 'new.md'), '');
    call(5, 'nx_task_add', { title: 't', context: 'c' });
    await heard((message) => message.method === 'notifications/resources/list_changed');
    expect(sent.some((message) => message.method === 'notifications/resources/updated')).toBe(false);
  });

  it('tells a listener of 2026-07-28 only what it asked for, stamped, and ends it with a result', async () => {
    open();
    const listen = (id: string, notifications: object) =>
      say({ id, method: 'subscriptions/listen', params: { notifications, _meta: META_MODERN } });
    listen('tasks', { resourceSubscriptions: ['nexus://tasks', 'nexus://plan'], toolsListChanged: true });
    listen('nothing', { toolsListChanged: true });
    const acknowledged = (message: Record<string, unknown>) =>
      message.method === 'notifications/subscriptions/acknowledged';
    expect(
      await heard((message) => acknowledged(message) && JSON.stringify(message).includes('plan')),
    ).toMatchObject({
      params: {
        notifications: { resourceSubscriptions: ['nexus://tasks', 'nexus://plan'] },
        _meta: { 'io.modelcontextprotocol/subscriptionId': 'tasks' },
      },
    });
    expect(await answer('nothing')).toMatchObject({ result: { resultType: 'complete' } });
    say({
      id: 1,
      method: 'tools/call',
      params: { name: 'nx_task_add', arguments: { title: 't', context: 'c' }, _meta: META_MODERN },
    });
    expect(await heard((message) => message.method === 'notifications/resources/updated')).toMatchObject({
      params: { uri: 'nexus://tasks', _meta: { 'io.modelcontextprotocol/subscriptionId': 'tasks' } },
    });
    await session.finish();
    expect(await answer('tasks')).toMatchObject({
      result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 'tasks' } },
    });
  });

  it('keeps no listener whom it could not promise anything', async () => {
    open('home');
    const notifications = { resourcesListChanged: true };
    say({ id: 'l', method: 'subscriptions/listen', params: { notifications, _meta: META_MODERN } });
    expect(await answer('l')).toMatchObject({ error: { data: { code: 'PROJECT_ROOT_AMBIGUOUS' } } });
    await session.finish();
    expect(sent).toHaveLength(1);
  });

  it('merges what a client that does not read would be told, and tells it when it reads again', async () => {
    open();
    hello();
    say({ id: 1, method: 'resources/subscribe', params: { uri: 'nexus://tasks' } });
    await answer(1);
    canNotify = false;
    const updates = () => sent.filter(({ method }) => method === 'notifications/resources/updated');
    for (const id of [2, 3, 4]) {
      const reported = new Promise<void>((resolve) => {
        onAsked = resolve;
      });
      call(id, 'nx_task_add', { title: 't', context: 'c' });
      await Promise.all([answer(id), reported]);
    }
    expect(updates()).toEqual([]);
    canNotify = true;
    session.sendWaiting();
    session.sendWaiting();
    expect(updates()).toHaveLength(1);
  });
});
