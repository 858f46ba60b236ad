import { describe, expect, it } from 'vitest';

import { type GuardPolicy, refuseRequest } from './guard.ts';

const policy: GuardPolicy = {
  hosts: new Set(['127.0.0.1:7331', 'localhost:7331']),
  origins: new Set(['http://localhost:7331', 'https://tools.example']),
  token: 'T'.repeat(43),
  openPaths: new Set(['/health']),
};
const HOST = ['Host', '127.0.0.1:7331'];
const TOKEN = ['Authorization', `Bearer ${policy.token}`];

/** The status of a request with these headers in turn; 200 when it is let through. */
const status = (...headers: readonly string[][]) =>
  refuseRequest('/mcp', headers.flat(), policy)?.status ?? 200;

describe('refuseRequest', () => {
  it('lets a request through that names this server and has the token', () => {
    expect(status(HOST, TOKEN)).toBe(200);
    expect(status(['host', 'LOCALHOST:7331'], ['authorization', `bearer  ${policy.token}`])).toBe(200);
    expect(refuseRequest('/health', HOST, policy)).toBeUndefined();
  });

  it.each([
    ['no Host', []],
    ['another host', ['Host', 'evil.example:7331']],
    ['another port', ['Host', '127.0.0.1:80']],
    ['no port', ['Host', '127.0.0.1']],
    ['a host that begins like ours', ['Host', '127.0.0.1:7331.evil.example']],
    ['two hosts', [...HOST, ...HOST]],
    ['an empty Host', ['Host', '']],
  ])('refuses %s before it looks at the token', (_name, host) => {
    expect(status(host, TOKEN)).toBe(403);
    expect(refuseRequest('/health', host, policy)?.status).toBe(403);
  });

  it('is not helped by forwarding headers', () => {
    expect(status(['Host', 'evil.example'], ['X-Forwarded-Host', '127.0.0.1:7331'], TOKEN)).toBe(403);
    expect(status(['Host', 'evil.example'], ['Forwarded', 'host=127.0.0.1:7331'], TOKEN)).toBe(403);
  });

  it.each([
    'http://localhost:7331',
    'https://tools.example',
    'https://tools.example:443',
    'HTTPS://TOOLS.EXAMPLE',
  ])('lets the origin %j through', (origin) => {
    expect(status(HOST, ['Origin', origin], TOKEN)).toBe(200);
  });

  it.each([
    'null',
    '',
    'https://evil.example',
    'http://tools.example',
    'https://tools.example.evil.example',
    'https://tools.example@evil.example',
    'https://user@tools.example',
    'https://tools.example/',
    'https://tools.example/path',
    'https://tools.example?x',
    'file://',
    'not an origin',
    'http://localhost:7332',
  ])('refuses the origin %j', (origin) => {
    expect(status(HOST, ['Origin', origin], TOKEN)).toBe(403);
  });

  it('refuses two origins, even when both are on the list', () => {
    const origin = ['Origin', 'https://tools.example'];
    expect(status(HOST, origin, origin, TOKEN)).toBe(403);
  });

  it.each([
    ['no token', []],
    ['another token', ['Authorization', `Bearer ${'U'.repeat(43)}`]],
    ['a shorter token', ['Authorization', 'Bearer T']],
    ['another scheme', ['Authorization', `Basic ${policy.token}`]],
    ['the token alone', ['Authorization', policy.token]],
    ['something after the token', ['Authorization', `Bearer ${policy.token} x`]],
    ['the header twice', [...TOKEN, ...TOKEN]],
    ['the token elsewhere', ['X-Authorization', `Bearer ${policy.token}`, 'Cookie', `token=${policy.token}`]],
  ])('refuses %s', (_name, headers) => {
    expect(status(HOST, headers)).toBe(401);
  });

  it('refuses a target that names a host', () => {
    for (const target of ['http://evil.example/health', 'evil.example:443', '*', '']) {
      expect(refuseRequest(target, [...HOST, ...TOKEN], policy)?.status).toBe(400);
    }
  });

  it('refuses to upgrade', () => {
    expect(status(HOST, ['Upgrade', 'websocket'], ['Connection', 'Upgrade'], TOKEN)).toBe(400);
  });
});
