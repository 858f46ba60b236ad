import { describe, expect, it } from 'vitest';

import { type InputLine, LineReader } from './line-reader.ts';

function read(chunks: readonly (string | Buffer)[], maxBytes = 1000): (string | InputLine)[] {
  const lines: (string | InputLine)[] = [];
  const reader = new LineReader(maxBytes, (line) =>
    lines.push(line.kind === 'line' ? line.bytes.toString() : line),
  );
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

describe('LineReader', () => {
  it('joins a line that arrives in pieces, even inside a character', () => {
    const bytes = Buffer.from('{"a":"ü"}\n{"b":1}\n');
    const chunks = [...bytes].map((byte) => Buffer.of(byte));
    expect(read(chunks)).toEqual(['{"a":"ü"}', '{"b":1}']);
  });

  it('cuts only at newlines, not at the separators that JSON strings may hold', () => {
    expect(read(['"a\u2028b\u2029c\u0085"\n'])).toEqual(['"a\u2028b\u2029c\u0085"']);
  });

  it('takes what follows the last newline as a line when the input ends', () => {
    expect(read(['{"a":1}\n{"b":2}'])).toEqual(['{"a":1}', '{"b":2}']);
    expect(read(['{"a":1}\n'])).toEqual(['{"a":1}']);
    expect(read([])).toEqual([]);
  });

  it('drops a line over the limit, keeps its request id and goes on with the next', () => {
    const long = JSON.stringify({ jsonrpc: '2.0', params: { id: 1, text: 'x'.repeat(5000) }, id: 'late' });
    const chunks = [`${long.slice(0, 900)}`, long.slice(900, 3000), `${long.slice(3000)}\n{"b":2}\n`];
    expect(read(chunks)).toEqual([{ kind: 'too-long', id: 'late' }, '{"b":2}']);
  });

  it('takes a line of exactly the limit', () => {
    expect(read([`${'x'.repeat(10)}\n${'y'.repeat(11)}\n`], 10)).toEqual([
      'x'.repeat(10),
      { kind: 'too-long', id: undefined },
    ]);
  });
});
