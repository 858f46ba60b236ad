import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { checkNoteName, MEMORY_CATEGORIES, parseNoteName } from './memory-names.ts';

describe('the name of a note', () => {
  it.each([
    ['flaky-login-tests.md', []],
    ['empirical-flaky-login-tests-again.md', []],
    ['http2-push.md', []],
    ['node-24-quirks.md', []],
    ['handling-404-pages.md', []],
    ['Flaky-tests.md', ['pattern']],
    ['flaky_tests.md', ['pattern']],
    ['-flaky-tests.md', ['pattern']],
    ['flaky-tests.txt', ['pattern']],
    ['../flaky-tests.md', ['pattern']],
    ['node-24.1.md', ['pattern']],
    ['flaky.md', ['words']],
    ['pattern-retry.md', ['words']],
    ['one-two-three-four-five.md', ['words']],
    ['outage-2026.md', ['date']],
    ['outage-20261121.md', ['date']],
    ['outage-202611.md', ['date']],
    ['outage-2026-11.md', ['date']],
    ['sdk-v2-changes.md', ['version']],
    ['sdk-1-4-changes.md', ['version']],
    ['sdk-release-9.md', ['version']],
  ])('%s breaks %j', (name, rules) => {
    expect(checkNoteName(name).map(({ rule }) => rule)).toEqual(rules);
  });

  it('begins with its category, if it has one', () => {
    expect(parseNoteName('external-api-limits.md')).toEqual({
      category: 'external',
      words: ['api', 'limits'],
    });
    expect(parseNoteName('externals-api-limits.md').category).toBeUndefined();
  });

  it('follows the memory policy that ships', () => {
    const assets = join(import.meta.dirname, '..', '..', 'assets');
    const policy = readFileSync(join(assets, 'vocabulary', 'memory-policy.yml'), 'utf8');
    expect([...policy.matchAll(/^ +prefix: (\S+)-$/gm)].map(([, prefix]) => prefix)).toEqual([
      ...MEMORY_CATEGORIES,
    ]);
    expect(policy).toContain(String.raw`pattern: "^[a-z0-9][a-z0-9-]*\\.md$"`);
  });
});
