import { describe, expect, it } from 'vitest';

import { parseYaml } from './yaml-source.ts';

const TEXT = `id: a
name: >-
  two
  lines
list:
  - one
  - id: two
    values: [x, y]
`;

describe('parseYaml', () => {
  it('reads the plain values of one document', () => {
    const result = parseYaml(TEXT);
    expect(result.ok && result.source.value).toEqual({
      id: 'a',
      name: 'two lines',
      list: ['one', { id: 'two', values: ['x', 'y'] }],
    });
  });

  it.each([
    [['id'], 1],
    [['name'], 2],
    [['list', 0], 6],
    [['list', 1, 'values', 1], 8],
    [['list', 1, 'absent', 3], 7],
    [['absent'], 1],
    [[], 1],
  ])('finds the line of %j', (path, line) => {
    const result = parseYaml(TEXT);
    expect(result.ok && result.source.lineOf(path)).toBe(line);
  });

  it.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', 3],
    ['a value that runs into a key', 'a: b: c\n', 1],
    ['an open bracket', 'a: 1\nb: [1\n', 3],
    ['an anchor', 'a: 1\nb: &x 2\n', 2],
    ['an alias', 'a: &x 1\nb: *x\n', 1],
    ['a tag', 'a: 1\nb: !!js/function 2\n', 2],
    ['a second document', 'a: 1\n---\nb: 2\n', 2],
    ['nothing', '', 1],
    ['comments only', '# a\n# b\n', 1],
  ])('refuses %s and says where', (_name, text, line) => {
    const result = parseYaml(text);
    expect(result).toMatchObject({ ok: false, line });
    if (!result.ok) expect(result.fix.length).toBeGreaterThan(5);
  });

  it('never touches a prototype', () => {
    const result = parseYaml('__proto__:\n  polluted: yes\nid: a\n');
    expect(result.ok && Object.getPrototypeOf(result.source.value)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('does not grow with nested references', () => {
    const bomb = `a: &a [x,x,x]\n${['b', 'c', 'd'].map((key) => `${key}: &${key} [*a,*a,*a]\n`).join('')}`;
    expect(parseYaml(bomb).ok).toBe(false);
  });
});
