import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { temporaryName } from './folder.ts';
import { assertInside, toCleanSegments } from './safe-path.ts';

const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });

describe('toCleanSegments', () => {
  it.each([
    ['notes.md', ['notes.md']],
    ['reports/2026/notes.md', ['reports', '2026', 'notes.md']],
    ['/etc/passwd', ['etc', 'passwd']],
    ['../../../etc/passwd', ['etc', 'passwd']],
    ['a/../b', ['a', 'b']],
    ['./a//b/./c', ['a', 'b', 'c']],
    ['\\\\server\\share\\x', ['server', 'share', 'x']],
    ['..\\..\\x', ['x']],
    ['…/日本語 ñ 🌲.md', ['…', '日本語 ñ 🌲.md']],
    ['.hidden', ['.hidden']],
    ['a..b', ['a..b']],
  ])('reduces %j', (name, segments) => expect(toCleanSegments(name)).toEqual(segments));

  it.each([
    ['leaves no name', ''],
    ['leaves no name', '/'],
    ['leaves no name', '../..'],
    ['leaves no name', '.\\.\\'],
    ['holds a control character', 'a\0b'],
    ['holds a control character', 'a\nb'],
    ['holds a control character', 'a\u007f'],
    ['holds a control character', 'a\u0085b'],
    ['is not valid Unicode', 'a\ud800b'],
    ['begins with a drive letter', 'C:x'],
    ['begins with a drive letter', 'a/c:/x'],
    ['is a reserved device name', 'nul'],
    ['is a reserved device name', 'a/COM1.txt'],
    ['ends in a dot or a space', 'a.'],
    ['ends in a dot or a space', 'a /b'],
    ['ends in a dot or a space', '...'],
    ['longer than 255 bytes', 'ä'.repeat(128)],
    ['longer than 1024 bytes', `${'a/'.repeat(600)}b`],
    ['gives to unfinished files', temporaryName()],
    ['gives to unfinished files', `a/${temporaryName()}`],
  ])('says that a name %s: %j', (why, name) => {
    expect(() => toCleanSegments(name)).toThrow(
      expect.objectContaining({ code: 'ARTIFACT_NAME_INVALID', message: expect.stringContaining(why) }),
    );
  });

  it('shows only the beginning of an endless name, and its control characters escaped', () => {
    expect(() => toCleanSegments('\u001b[2J'.repeat(1000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^[\x20-\x7e…]{0,700}$/) }),
    );
  });

  it('takes names of just the longest lengths', () => {
    expect(toCleanSegments('a'.repeat(255))).toHaveLength(1);
    expect(toCleanSegments(`${'a'.repeat(255)}/`.repeat(4).slice(0, -1))).toHaveLength(4);
  });
});

describe('assertInside', () => {
  let root: string;
  let outside: string;
  beforeEach(() => {
    root = newFolder('inside-');
    outside = newFolder('outside-');
    mkdirSync(join(root, 'real'));
  });
  const check = (...parts: string[]): void => assertInside(root, join(root, ...parts));

  it('passes what lies below, there or not', () => {
    for (const parts of [[], ['real'], ['new'], ['real', 'new', 'deeper']])
      expect(() => check(...parts)).not.toThrow();
  });

  it('passes a link that stays inside and a root that is reached through one', () => {
    symlinkSync('real', join(root, 'link'));
    expect(() => check('link', 'new')).not.toThrow();
    const alias = join(outside, 'alias');
    symlinkSync(root, alias);
    expect(() => assertInside(alias, join(alias, 'real'))).not.toThrow();
    expect(() => assertInside(root, join(alias, 'real'))).not.toThrow();
    expect(() => assertInside('/', root)).not.toThrow();
  });

  it('refuses a link out, on the way or at the end, relative or absolute', () => {
    symlinkSync(outside, join(root, 'absolute'));
    symlinkSync('..', join(root, 'relative'));
    symlinkSync('absolute', join(root, 'chain'));
    for (const name of ['absolute', 'relative', 'chain']) {
      expect(() => check(name)).toThrow(code('PATH_ESCAPES'));
      expect(() => check(name, 'new', 'deeper')).toThrow(code('PATH_ESCAPES'));
    }
  });

  it('does not take a folder with a longer name for the one inside', () => {
    const neighbour = `${root}-neighbour`;
    mkdirSync(neighbour);
    try {
      expect(() => assertInside(root, neighbour)).toThrow(code('PATH_ESCAPES'));
    } finally {
      rmSync(neighbour, { recursive: true });
    }
  });

  it('refuses dangling links and loops, on the way too', () => {
    symlinkSync('nowhere', join(root, 'dangling'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('b', join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    for (const name of ['dangling', 'loop', 'a']) {
      expect(() => check(name)).toThrow(code('PATH_ESCAPES'));
      expect(() => check(name, 'x', 'y')).toThrow(code('PATH_ESCAPES'));
    }
  });

  it('leaves a file in the place of a folder to those who look for it', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => check('file', 'below', 'deeper')).not.toThrow();
    expect(realpathSync(root)).not.toBe('');
  });
});
