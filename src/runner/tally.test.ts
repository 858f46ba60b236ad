import { describe, expect, it } from 'vitest';

import { LineSplitter } from './line-splitter.ts';
import { createRunRedactor } from './private-text.ts';
import { Tally } from './tally.ts';

const usage = (inputTokens: number, costUsd?: number) =>
  ({
    kind: 'usage',
    inputTokens,
    cachedInputTokens: 0,
    outputTokens: 1,
    ...(costUsd !== undefined && { costUsd }),
  }) as const;

describe('Tally', () => {
  it('takes the texts since the last tool for the answer, unless one is given', () => {
    const tally = new Tally('m', {});
    tally.add({ kind: 'text', text: 'I will look. ' });
    tally.add({ kind: 'tool', name: 'read', status: 'started' });
    tally.add({ kind: 'tool', name: 'read', status: 'done' });
    tally.add({ kind: 'text', text: 'It is ' });
    tally.add({ kind: 'text', text: 'there.' });
    expect([tally.answer, tally.toolCalls]).toEqual(['It is there.', 1]);
    tally.add({ kind: 'answer', text: 'There.' });
    expect(tally.answer).toBe('There.');
  });

  it('adds up usage over attempts, and lets a total replace the sum of one', () => {
    const tally = new Tally('m', {});
    tally.add(usage(10, 0.1));
    tally.beginAttempt();
    tally.add(usage(5, 0.1));
    tally.add({ kind: 'total', inputTokens: 7, cachedInputTokens: 0, outputTokens: 2, costUsd: 0.3 });
    const { costUsd, ...tokens } = tally.spent;
    expect(tokens).toEqual({ inputTokens: 17, cachedInputTokens: 0, outputTokens: 3, costSource: 'backend' });
    expect(costUsd).toBeCloseTo(0.4);
  });

  it('says where a cost comes from, and when there is none', () => {
    expect(new Tally('m', {}).spent.costSource).toBe('missing');
    const unknown = new Tally('m', {});
    unknown.add(usage(10));
    expect(unknown.spent).toMatchObject({ costUsd: undefined, costSource: 'pricing_unavailable' });
    const priced = new Tally('m', { m: { input: 1, output: 2 } });
    priced.add(usage(1_000_000));
    expect(priced.spent.costSource).toBe('pricing_snapshot');
    expect(priced.spent.costUsd).toBeCloseTo(1.000002);
  });
});

describe('LineSplitter', () => {
  it('cuts a stream into lines wherever its pieces end', () => {
    const bytes = Buffer.from('eins\r\nzwei ä€😀\n\nlast');
    for (let size = 1; size <= bytes.length; size += 1) {
      const lines: string[] = [];
      const splitter = new LineSplitter(
        (line) => lines.push(line),
        () => {},
      );
      for (let at = 0; at < bytes.length; at += size) splitter.add(bytes.subarray(at, at + size));
      splitter.end();
      expect(lines).toEqual(['eins', 'zwei ä€😀', '', 'last']);
    }
  });

  it('leaves out a line that is too long, and goes on with the next', () => {
    const lines: string[] = [];
    let tooLong = 0;
    const splitter = new LineSplitter(
      (line) => lines.push(line),
      () => {
        tooLong += 1;
      },
    );
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let at = 0; at < 20; at += 1) splitter.add(piece);
    splitter.add(Buffer.from('\nnext\n'));
    splitter.end();
    expect([lines, tooLong]).toEqual([['next'], 1]);
  });
});

describe('createRunRedactor', () => {
  it('takes out a prompt, its longer lines and secrets, and leaves the rest', () => {
    const redact = createRunRedactor(['squirrel-4711'], ['First line of it.\nyes\n  Second line of it.']);
    expect(redact('He said "Second line of it." and yes, squirrel-4711.')).toBe(
      'He said "[prompt]" and yes, [redacted].',
    );
    expect(redact('First line of it.\nyes\n  Second line of it.')).toBe('[prompt]');
  });
});
