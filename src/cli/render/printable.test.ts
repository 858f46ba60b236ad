import { describe, expect, it } from 'vitest';

import { printable, printableText } from './printable.ts';

describe('printableText', () => {
  it.each([
    ['a colour', '\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a window title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['a single-character escape of the C1 range', '\u009b2J', '\\x9b2J'],
    ['a carriage return that would overwrite the line', 'safe\rgone', 'safe\\x0dgone'],
    ['a line that would look like one of ours', 'x\n✓ 2 done', 'x␤✓ 2 done'],
    ['the line ends of another system', 'a\r\nb', 'a␤b'],
    ['a tab', 'a\tb', 'a  b'],
    ['a mark that turns text around', 'user\u202etxt.exe', 'user\\u{202e}txt.exe'],
    ['an invisible tag', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['half a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
    ['nothing unusual', 'Größe 漢字 👩‍🚀', 'Größe 漢字 👩‍🚀'],
  ])('shows %s', (_name, text, shown) => {
    expect(printableText(text)).toBe(shown);
  });
});

describe('printable', () => {
  it('reaches every string, keys too, and keeps the shape', () => {
    expect(printable({ 'a\u0007': ['\u001b', 1, null, { deep: true, text: '\n' }] })).toEqual({
      'a\\x07': ['\\x1b', 1, null, { deep: true, text: '␤' }],
    });
  });
});
