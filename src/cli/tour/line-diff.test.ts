import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diffLines } from './line-diff.ts';

describe('diffLines', () => {
  it('shows a new file as added', () => {
    expect(diffLines('', 'a\nb\n')).toEqual([
      { mark: '+', text: 'a' },
      { mark: '+', text: 'b' },
    ]);
  });

  it('leaves out what two changes have between them', () => {
    expect(diffLines('1\nx\n2\nsame\n3\nx\n4\n', '1\ny\n2\nsame\n3\ny\n4\n')).toEqual([
      { mark: '-', text: 'x' },
      { mark: '+', text: 'y' },
      { mark: '-', text: 'x' },
      { mark: '+', text: 'y' },
    ]);
  });

  it('says nothing of equal texts', () => {
    expect(diffLines('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  it('accounts for every line: what was, less what went, plus what came, is what is', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = diffLines(
          before.map((line) => `${line}\n`).join(''),
          after.map((line) => `${line}\n`).join(''),
        );
        const went = changes.filter(({ mark }) => mark === '-').map((change) => change.text);
        const came = changes.filter(({ mark }) => mark === '+').map((change) => change.text);
        expect([...before, ...came].sort()).toEqual([...after, ...went].sort());
      }),
    );
  });
});
