import { describe, expect, it } from 'vitest';

import { scanMacros } from './scan.ts';

const only = (text: string) => {
  const { macros, faults } = scanMacros(text);
  expect(faults).toEqual([]);
  expect(macros).toHaveLength(1);
  const [macro] = macros;
  if (macro === undefined) throw new Error('no macro');
  return { ...macro, params: Object.fromEntries(macro.params), source: text.slice(macro.start, macro.end) };
};

describe('scanMacros', () => {
  it.each([
    ['a bare value', '{{p a=b-c_d/e.f}}', { a: 'b-c_d/e.f' }],
    ['a bare value with braces in it', '{{p a=x}y{z b=1}}', { a: 'x}y{z', b: '1' }],
    ['a placeholder', '{{p a=<role>}}', { a: '<role>' }],
    ['a quoted value', '{{p a="two words"}}', { a: 'two words' }],
    ['quotes and braces in a quoted value', String.raw`{{p a="say \"{{hi}}\" ]"}}`, { a: 'say "{{hi}}" ]' }],
    ['a list', '{{p a=["x", "]", {"b": "}}"}]}}', { a: ['x', ']', { b: '}}' }] }],
    ['an object', '{{p a={"b": {"c": "{"}} d=e}}', { a: { b: { c: '{' } }, d: 'e' }],
    ['an empty list and an empty text', '{{p a=[] b=""}}', { a: [], b: '' }],
    ['no parameters', '{{p}}', {}],
    ['parameters on several lines', '{{p\n  a=1\n  b=2\n}}', { a: '1', b: '2' }],
    ['blanks at the ends', '{{ p a=1 }}', { a: '1' }],
  ])('reads %s', (_name, text, params) => {
    expect(only(text)).toMatchObject({ primitive: 'p', params, source: text });
  });

  it('takes a here-document as it is, macros and labels inside a line included', () => {
    const text = 'before\n{{p a=1 b=>>END}}\n  {{not a macro}}\n\n\t<<END x\n"quoted"\n<<END\nafter';
    expect(only(text)).toMatchObject({
      params: { a: '1', b: '  {{not a macro}}\n\n\t<<END x\n"quoted"' },
      line: 2,
      source: '{{p a=1 b=>>END}}\n  {{not a macro}}\n\n\t<<END x\n"quoted"\n<<END',
    });
  });

  it('reads two here-documents of one macro in their order', () => {
    expect(only('{{p a=>>A b=>>B}}\none\n<<A\ntwo\n<<B').params).toEqual({ a: 'one', b: 'two' });
  });

  it('takes the indentation of the macro off its here-document', () => {
    expect(only('- x\n  {{p a=>>A}}\n  one\n    two\n\n  <<A\n').params).toEqual({ a: 'one\n  two\n' });
  });

  it('tells a macro alone on its line from one inside a sentence', () => {
    expect(only('x\n   {{p}}').indent).toBe('   ');
    expect(only('say {{p}} now').indent).toBeUndefined();
  });

  it.each([
    ['a macro that does not end', 'a\n{{p a=1\n', 2, 'does not end'],
    ['a string that does not end', '{{p a="x}}', 1, 'does not end'],
    ['a list that does not end', '{{p a=["x", [1]', 1, 'does not end'],
    ['brackets that do not match', '{{p a=["x"}}', 1, 'is not JSON'],
    ['braces without a name', 'x {{ }}', 1, 'does not begin a macro'],
    ['a name in capitals', '{{Bad a=1}}', 1, 'does not begin a macro'],
    ['a word without a value', '{{p a=1 loose}}', 1, 'expects key=value'],
    ['a value without a blank behind it', '{{p a="x"b=1}}', 1, 'expects key=value'],
    ['an empty value', '{{p a= b=1}}', 1, 'has no value'],
    ['a key twice', '{{p a=1 a=2}}', 1, 'gives a twice'],
    ['a key twice, once as a here-document', '{{p a=1 a=>>X}}\n<<X', 1, 'gives a twice'],
    ['bad JSON', "{{p a=['x']}}", 1, 'is not JSON'],
    ['a nested macro', '{{p a={{q}} }}', 1, 'is not JSON'],
    ['a nested macro behind text', '{{p a=x{{q}} }}', 1, 'inside a macro'],
    ['a here-document that does not end', 'x\n{{p a=>>X}}\ny\n', 2, 'does not end'],
    ['a here-document without a label', '{{p a=>>}}\n', 1, 'needs a label'],
    ['a label used twice', '{{p a=>>X}}\n<<X\n{{p a=>>X}}\n<<X', 3, 'used twice'],
    ['text behind the start of a here-document', '{{p a=>>X}} y\n<<X', 1, 'text follows'],
  ])('refuses %s, with line and fix', (_name, text, line, message) => {
    const { faults } = scanMacros(text);
    expect(faults[0]).toMatchObject({ kind: 'syntax', line });
    expect(faults[0]?.message).toContain(message);
    expect(faults[0]?.fix.length).toBeGreaterThan(5);
  });

  it('finds the good macros around a bad one', () => {
    const { macros, faults } = scanMacros('{{a}}\n{{b x}}\n{{c y=1}}\n');
    expect(macros.map(({ primitive }) => primitive)).toEqual(['a', 'c']);
    expect(faults.map(({ line }) => line)).toEqual([2]);
  });
});
