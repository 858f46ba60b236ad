import { describe, expect, it } from 'vitest';

import { newStateProject } from '../../test/support/state-project.ts';
import { listMemoryNotes } from './memory.ts';
import { checkMemory } from './memory-check.ts';
import { findSimilarNotes, parseTopic } from './memory-similar.ts';

function newNotes(files: Readonly<Record<string, string>>) {
  const project = newStateProject();
  for (const [name, text] of Object.entries(files)) project.write(`.nexus/memory/${name}`, text);
  return project;
}

const FILES = {
  'empirical-flaky-tests.md': '<!-- tags: ci, Login -->\n# Tests that fail now and then\n',
  'external-login-limits.md': '# The login service answers 429 from the tenth try on\n',
  'pattern-retry-backoff.md': '# Try again, ever later\n',
  '로그인-시험.md': '# 로그인 시험이 가끔 실패한다\n',
};

function similar(text: string) {
  return findSimilarNotes(listMemoryNotes(newNotes(FILES).workspace), parseTopic(text)).map(
    ({ name, advice }) => [name, advice],
  );
}

describe('looking for a note on a topic', () => {
  it('says which words it shares, and where', () => {
    const notes = listMemoryNotes(newNotes(FILES).workspace);
    expect(findSimilarNotes(notes, parseTopic('flaky login test', 'empirical'))).toMatchObject([
      {
        name: 'empirical-flaky-tests.md',
        advice: 'extend',
        score: 0.97,
        matches: [
          { word: 'flaky', found: 'flaky', in: 'name' },
          { word: 'login', found: 'login', in: 'tags' },
          { word: 'test', found: 'tests', in: 'name' },
        ],
      },
      { name: 'external-login-limits.md', advice: 'look', matches: [{ word: 'login', in: 'name' }] },
    ]);
  });

  it.each([
    ['retry with a backoff', [['pattern-retry-backoff.md', 'extend']]],
    ['pattern-retry-backoff.md', [['pattern-retry-backoff.md', 'extend']]],
    ['external-retry-backoff', [['pattern-retry-backoff.md', 'look']]],
    ['로그인의 시험', [['로그인-시험.md', 'extend']]],
    ['colour of the bicycle shed', []],
    ['logic of a patten', []],
    ['the and of', []],
    ['', []],
  ])('answers %j with %j', (topic, expected) => {
    expect(similar(topic)).toEqual(expected);
  });

  it('answers the same every time', () => {
    expect(similar('login tests')).toEqual(similar('login tests'));
  });
});

describe('checking memory', () => {
  it('finds two notes of one category on one topic, and a note that is too long', () => {
    const { workspace } = newNotes({
      'pattern-retry-backoff.md': '# Retry\n',
      'pattern-backoff-retries.md': '# Retry\n',
      'external-retry-backoff.md': 'x'.repeat(20_000),
    });
    expect(checkMemory(workspace).map(({ rule, file, level }) => [rule, file, level])).toEqual([
      ['size', 'external-retry-backoff.md', 'warning'],
      ['similar', 'pattern-backoff-retries.md', 'warning'],
    ]);
    expect(checkMemory(workspace, 'external-retry-backoff.md').map(({ rule }) => rule)).toEqual(['size']);
  });

  it('holds nothing against a project without memory', () => {
    expect(checkMemory(newStateProject().workspace)).toEqual([]);
  });
});
