import { describe, expect, it } from 'vitest';

import { authority, hostHeaders, isLoopback, parseListenAddress } from './listen-address.ts';

describe('parseListenAddress', () => {
  it('takes a host, a port or both', () => {
    expect(parseListenAddress('127.0.0.1:7331')).toEqual({ host: '127.0.0.1', port: 7331 });
    expect(parseListenAddress('localhost')).toEqual({ host: 'localhost', port: 0 });
    expect(parseListenAddress(':7331')).toEqual({ host: '127.0.0.1', port: 7331 });
    expect(parseListenAddress('7331')).toEqual({ host: '127.0.0.1', port: 7331 });
    expect(parseListenAddress('[::1]:7331')).toEqual({ host: '::1', port: 7331 });
    expect(parseListenAddress('::1')).toEqual({ host: '::1', port: 0 });
    expect(parseListenAddress('0.0.0.0:80')).toEqual({ host: '0.0.0.0', port: 80 });
  });

  it.each([
    '',
    ':',
    'a b',
    '127.0.0.1:65536',
    '127.0.0.1:x',
    '[localhost]:1',
    'http://x:1',
    '1:2:3',
    '-1:',
    'x:',
  ])('refuses %j', (text) => {
    expect(() => parseListenAddress(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('what reaches the server', () => {
  it('knows which addresses stay on this machine', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', 'example.test', '127.0.0.1.example.test'].some(isLoopback)).toBe(
      false,
    );
  });

  it('accepts the names and the port that it listens on', () => {
    expect([...hostHeaders({ host: '127.0.0.1', port: 7331 }, '127.0.0.1')]).toEqual([
      '127.0.0.1:7331',
      'localhost:7331',
    ]);
    expect([...hostHeaders({ host: '::1', port: 80 }, '::1')]).toEqual([
      '[::1]:80',
      'localhost:80',
      '[::1]',
      'localhost',
    ]);
    expect([...hostHeaders({ host: 'localhost', port: 1 }, '::1')]).toEqual(['localhost:1', '[::1]:1']);
    expect(hostHeaders({ host: '0.0.0.0', port: 5 }, '0.0.0.0', ['Nexo.Example.test'])).toContain(
      'nexo.example.test:5',
    );
  });

  it('prints an authority that works on this machine', () => {
    expect(authority({ host: '0.0.0.0', port: 5 })).toBe('127.0.0.1:5');
    expect(authority({ host: '::', port: 5 })).toBe('[::1]:5');
    expect(authority({ host: '127.0.0.1', port: 5 })).toBe('127.0.0.1:5');
  });
});
