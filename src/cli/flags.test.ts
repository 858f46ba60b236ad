import { describe, expect, it } from 'vitest';

import {
  choice,
  flagName,
  nonEmpty,
  optionalText,
  pairs,
  required,
  text,
  texts,
  toggle,
  wholeNumber,
  wholeNumbers,
  yesOrNo,
} from './flags.ts';

const usage = expect.objectContaining({ code: 'USAGE' });

describe('flags', () => {
  it('are typed in kebab case', () => {
    expect(flagName('ownerAgentId')).toBe('--owner-agent-id');
    expect(flagName('dep')).toBe('--dep');
  });

  it('refuse a second value instead of losing the first', () => {
    expect(() => text('t').read(['a', 'b'], '--title')).toThrow(usage);
    expect(texts('t').read(['a', 'b'], '--issue')).toEqual(['a', 'b']);
  });

  it.each(['', '1.5', '-1', '1e3', '0x10', '9007199254740993', 'one'])(
    'refuse %j as a whole number',
    (word) => {
      expect(() => wholeNumber('n').read([word], '--id')).toThrow(usage);
      expect(() => wholeNumbers('n').read(['1', word], '--dep')).toThrow(usage);
    },
  );

  it('read whole numbers, zero too', () => {
    expect(wholeNumber('n').read(['0'], '--last-n')).toBe(0);
    expect(wholeNumbers('n').read(['3', '12'], '--dep')).toEqual([3, 12]);
  });

  it('split a pair at its first equals sign', () => {
    expect(pairs('p', 'role=text').read(['architect=a=b', 'tester='], '--how-summary')).toEqual({
      architect: 'a=b',
      tester: '',
    });
    expect(() => pairs('p', 'role=text').read(['=x'], '--how-summary')).toThrow(usage);
  });

  it('name the choices when none of them was given', () => {
    const flag = choice(['pending', 'in_progress', 'completed'], 'status');
    expect(flag.read(['completed'], '--status')).toBe('completed');
    expect(() => flag.read(['done'], '--status')).toThrow(
      '--status takes pending, in_progress or completed, not "done".',
    );
  });

  it('tell a flag that stands alone from one that is absent', () => {
    const flag = optionalText('serve', 'host:port');
    expect([flag.read(true, '--http'), flag.read(['x:1'], '--http'), flag.read(undefined, '--http')]).toEqual(
      [true, 'x:1', undefined],
    );
  });

  it('tell yes, no and nothing apart', () => {
    const flag = yesOrNo('set up', 'do not');
    expect([flag.read(true, '--x'), flag.read(false, '--x'), flag.read(undefined, '--x')]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect([toggle('t').read(true, '--x'), toggle('t').read(undefined, '--x')]).toEqual([true, false]);
  });

  it('refuse empty text only where text is needed', () => {
    expect(required(text('t')).read([''], '--research-summary')).toBe('');
    expect(() => nonEmpty(required(text('t'))).read([''], '--title')).toThrow('--title is empty.');
    expect(() => nonEmpty(texts('t')).read(['a', ''], '--issue')).toThrow('--issue is empty.');
    expect(() => required(text('t')).read(undefined, '--title')).toThrow('--title is missing.');
  });
});
