import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { bodyHash, selectBody } from './body.ts';

describe('bodyHash', () => {
  it('is the digest of the text with LF line ends and one line end at the end', () => {
    const digest = createHash('sha256').update('# A\n\nb\n', 'utf8').digest('hex');
    expect(bodyHash('# A\n\nb\n')).toBe(`sha256:${digest}`);
  });

  it.each([
    ['CRLF line ends', '# A\r\n\r\nb\r\n'],
    ['blanks and line ends at the end', '# A\n\nb \t\n\n\n'],
    ['no line end at the end', '# A\n\nb'],
    ['a byte order mark', '\ufeff# A\n\nb\n'],
  ])('does not depend on %s', (_name, text) => {
    expect(bodyHash(text)).toBe(bodyHash('# A\n\nb\n'));
  });

  it.each([
    ['blanks at the end of a line', '# A \n\nb\n'],
    ['blanks in front', ' # A\n\nb\n'],
    ['a lone carriage return', '# A\r\n\rb\n'],
    ['letter case', '# a\n\nb\n'],
  ])('depends on %s', (_name, text) => {
    expect(bodyHash(text)).not.toBe(bodyHash('# A\n\nb\n'));
  });
});

describe('selectBody', () => {
  const en = { lang: 'en', file: 'body.md', text: 'a\n' } as const;
  const ko = { lang: 'ko', file: 'body.ko.md', text: '가\n' } as const;

  it('takes the language that is asked for', () => {
    expect(selectBody({ en, ko }, 'ko')).toBe(ko);
    expect(selectBody({ en, ko }, 'en')).toBe(en);
  });

  it('falls back to English', () => {
    expect(selectBody({ en }, 'ko')).toBe(en);
  });
});
