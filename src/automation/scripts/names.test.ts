import { describe, expect, it } from 'vitest';

import { fileNameOf, identityTokens, isPlainName, logicalName, slugOf } from './names.ts';

describe('names', () => {
  it.each([
    ['My Script', 'my-script'],
    ['nexo-mail-poller', 'mail-poller'],
    ['ps-release-validate', 'release-validate'],
    ['ps-nexo-x', 'x'],
    ['  --A_b c!! ', 'a-b-c'],
    ['Übersicht', 'übersicht'],
    ['ps-', 'ps'],
    ['nexo-', 'nexo'],
    ['!?', 'script'],
  ])('makes %j the logical name %j', (text, name) => expect(logicalName(text)).toBe(name));

  it('make a slug and a file name', () => {
    expect(slugOf('../../etc/passwd')).toBe('etcpasswd');
    expect(fileNameOf(logicalName('My Script'), '.py')).toBe('ps-my-script.py');
  });

  it('are plain, or can stand in no command', () => {
    expect(['a', 'a.b-c_d', 'A1'].map(isPlainName)).toEqual([true, true, true]);
    expect(['', '-a', '.a', 'a b', 'a/b', 'ä', 'x'.repeat(129)].map(isPlainName)).toEqual(
      Array.from({ length: 7 }, () => false),
    );
  });

  it('have every identity under which they could be taken for another', () => {
    expect([...identityTokens('/x/ps-nexo-Mail.py', 'Poller')].sort()).toEqual(
      ['mail', 'mail.py', 'nexo-mail', 'nexo-mail.py', 'poller', 'ps-nexo-mail', 'ps-nexo-mail.py'].sort(),
    );
  });
});
