import { describe, expect, it } from 'vitest';

import { ProtocolFault } from '../protocol.ts';
import { isModernRequest, parseMessage } from './messages.ts';

const read = (text: string) => parseMessage(Buffer.from(text));
const fault = (message: ReturnType<typeof read>) =>
  message?.kind === 'invalid' ? [message.id, message.fault.code] : message?.kind;

describe('parseMessage', () => {
  it('tells requests, notifications and responses apart', () => {
    expect(read('{"jsonrpc":"2.0","id":0,"method":"ping"}')).toEqual({
      kind: 'request',
      id: 0,
      method: 'ping',
      params: {},
    });
    expect(read('{"jsonrpc":"2.0","method":"a/b","params":{"x":1}}')).toEqual({
      kind: 'notification',
      method: 'a/b',
      params: { x: 1 },
    });
    expect(read('{"jsonrpc":"2.0","id":"r","result":{"roots":[]}}')).toEqual({
      kind: 'response',
      id: 'r',
      result: { roots: [] },
    });
  });

  it('passes over blank lines and a byte order mark', () => {
    expect(read('  \r')).toBeUndefined();
    expect(read('\uFEFF{"jsonrpc":"2.0","id":1,"method":"ping"}\r')).toMatchObject({
      kind: 'request',
      id: 1,
    });
  });

  it('answers what is no message with the number that says why, and the id where there is one', () => {
    expect(fault(read('{bad'))).toEqual([null, -32700]);
    expect(fault(parseMessage(Buffer.from([0x22, 0xff, 0x22])))).toEqual([null, -32700]);
    expect(fault(read('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'))).toEqual([null, -32600]);
    expect(fault(read('{"id":1,"method":"ping"}'))).toEqual([1, -32600]);
    expect(fault(read('{"jsonrpc":"2.0","id":null,"method":"ping"}'))).toEqual([null, -32600]);
    expect(fault(read('{"jsonrpc":"2.0","id":{},"method":"ping"}'))).toEqual([null, -32600]);
    expect(fault(read('{"jsonrpc":"2.0","id":1,"method":5}'))).toEqual([1, -32600]);
    expect(fault(read('{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}'))).toEqual([1, -32602]);
    expect(fault(read('null'))).toEqual([null, -32600]);
  });

  it('refuses deep nesting without recursing into it', () => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${'['.repeat(100_000)}`;
    expect(fault(read(deep))).toEqual([null, -32600]);
  });

  it('does not take brackets inside strings for nesting', () => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x', params: { a: '[{"\\'.repeat(500) } });
    expect(read(text)).toMatchObject({ kind: 'request' });
  });
});

describe('isModernRequest', () => {
  const version = 'io.modelcontextprotocol/protocolVersion';
  const capabilities = 'io.modelcontextprotocol/clientCapabilities';
  const judge = (meta: unknown) => {
    try {
      return isModernRequest({ _meta: meta });
    } catch (error) {
      return error instanceof ProtocolFault ? error.code : error;
    }
  };

  it('goes by the revision that the request names', () => {
    expect(isModernRequest({})).toBe(false);
    expect(judge({ progressToken: 1 })).toBe(false);
    expect(judge({ [version]: '2026-07-28', [capabilities]: {} })).toBe(true);
  });

  it('refuses a revision that it does not know and a request that leaves out what its revision asks for', () => {
    expect(judge({ [version]: '2099-01-01', [capabilities]: {} })).toBe(-32022);
    expect(judge({ [version]: 5 })).toBe(-32602);
    expect(judge({ [version]: '2026-07-28' })).toBe(-32602);
    expect(
      judge({ [version]: '2026-07-28', [capabilities]: {}, 'io.modelcontextprotocol/clientInfo': {} }),
    ).toBe(-32602);
  });
});
