import { describe, expect, it } from 'vitest';

import { findMatches } from './matches.ts';

const THERE = [
  { kind: 'script', name: 'sales-report', text: 'mails the sales report' },
  { kind: 'skill', name: 'release-review', text: 'review a release, check the release' },
  { kind: 'plugin', name: 'crm-bridge', text: 'nexo_crm_bridge looks up contacts' },
] as const;

describe('findMatches', () => {
  it('names what is about the same, best first', () => {
    expect(findMatches('send me a sales report each morning at 8', THERE)).toEqual([
      { kind: 'script', name: 'sales-report', score: 1 },
    ]);
    expect(findMatches('reviewing releases', THERE)[0]?.name).toBe('release-review');
  });

  it('names nothing for words that say nothing', () => {
    expect(findMatches('run it every day', THERE)).toEqual([]);
    expect(findMatches('', THERE)).toEqual([]);
  });
});
